"""Ranges by sex, by age, by another condition: the one that holds for this patient."""

from __future__ import annotations

import pytest

from conformance.cda.lab import OracleOptions, judge_report
from tests.cda.lab.reports import between, component, document, judged, observation, quantity, report

SEX = '<lab:precondition typeCode="PRCN"><lab:criterion classCode="COND" moodCode="EVN"><lab:value value="{}"/></lab:criterion></lab:precondition>'
AGE = (
    '<sdtc:precondition1 typeCode="PRCN"><sdtc:criterion><sdtc:value xsi:type="IVL_PQ">{}</sdtc:value></sdtc:criterion></sdtc:precondition1>'
).replace("sdtc:value", "value")
OTHER = "<precondition><criterion><text>à jeun</text></criterion></precondition>"

WOMEN = between("3.0", "5.0", criteria=SEX.format("F"))
MEN = between("4.0", "6.0", criteria=SEX.format("M"))


def of_age(low: str, high: str, unit: str = "a", bounds: tuple[str, str] = ("3.0", "5.0")) -> str:
    ends = f'<low value="{low}" unit="{unit}"/><high value="{high}" unit="{unit}" inclusive="false"/>'
    return between(*bounds, criteria=AGE.format(ends))


@pytest.mark.parametrize(
    ("sex", "value", "flagged"), [("F", "5.5", True), ("M", "5.5", False), ("F", "3.5", False), ("M", "3.5", True)]
)
def test_the_range_of_the_patients_sex_is_used(sex: str, value: str, flagged: bool) -> None:
    assert bool(judged(quantity(value), WOMEN, MEN, sex=sex).signals) is flagged


@pytest.mark.parametrize(("value", "flagged"), [("6.5", True), ("2.5", True), ("4.5", False), ("5.5", False)])
def test_without_a_known_sex_only_what_all_ranges_say_counts(value: str, flagged: bool) -> None:
    one = judged(quantity(value), WOMEN, MEN, sex="UN")
    assert bool(one.signals) is flagged
    assert any("sexe" in doubt.fr for doubt in one.doubts)


@pytest.mark.parametrize(
    ("born", "flagged"),
    [("20060105", False), ("20060104", True), ("20060103", True), ("19340105", True), ("19340104", False)],
)
def test_the_range_of_the_patients_age_is_used(born: str, flagged: bool) -> None:
    """On 4 January 2024: 18 years on that day is adult, 90 is no longer under 90."""
    one = judged(quantity("5.5"), of_age("18", "90"), born=born)
    assert bool(one.signals) is flagged


def test_months_and_days_of_a_small_child() -> None:
    newborn = of_age("0", "28", "d")
    assert judged(quantity("5.5"), newborn, born="20231225").signals == ("interval",)
    assert judged(quantity("5.5"), newborn, born="20231201").signals == ()
    infant = of_age("1", "12", "mo")
    assert judged(quantity("5.5"), infant, born="20231203").signals == ("interval",)
    assert judged(quantity("5.5"), infant, born="20231205").signals == ()


def test_a_special_range_goes_before_the_general_one() -> None:
    assert judged(quantity("5.5"), between("1.0", "9.0"), WOMEN, sex="F").signals == ("interval",)
    assert judged(quantity("5.5"), between("1.0", "9.0"), WOMEN, sex="M").signals == ()


def test_a_condition_that_cannot_be_known_leaves_it_open_unless_all_agree() -> None:
    fasting = between("3.0", "5.0", criteria=OTHER)
    assert judged(quantity("5.5"), fasting, between("1.0", "9.0")).signals == ()
    assert judged(quantity("9.5"), fasting, between("1.0", "9.0")).signals == ("interval",)


def test_inside_one_of_several_plain_ranges_is_inside() -> None:
    assert judged(quantity("8.0"), between("1.0", "2.0"), between("7.0", "9.0")).signals == ()
    assert judged(quantity("9.5"), between("1.0", "2.0"), between("7.0", "9.0")).signals == ("interval",)


def test_between_two_plain_ranges_is_outside_both() -> None:
    one = judged(quantity("5.0"), between("1.0", "2.0"), between("7.0", "9.0"))
    assert one.signals == ("interval",)
    assert one.reasons[0].text.fr == "5,0 mmol/L hors de tous les intervalles"


def test_a_lone_range_of_which_nobody_knows_whether_it_holds_decides_nothing() -> None:
    fasting = between("3.0", "5.0", criteria=OTHER)
    one = judged(quantity("5.5"), fasting)
    assert (one.signals, one.position) == ((), None)
    assert "« à jeun »" in one.doubts[0].fr
    told = judged(quantity("5.5"), fasting, options=OracleOptions(unsure_range="compare"))
    assert told.signals == ("interval",)
    assert "« à jeun »" in told.doubts[0].fr


def test_a_range_of_the_patients_sex_and_one_that_may_hold_must_agree() -> None:
    """A woman, who may be pregnant."""
    pregnant = between("2.0", "4.0", criteria=SEX.format("F") + OTHER.replace("à jeun", "grossesse"))
    assert judged(quantity("4.5"), WOMEN, pregnant, sex="F").signals == ()
    assert judged(quantity("5.5"), WOMEN, pregnant, sex="F").signals == ("interval",)


def test_weeks_of_pregnancy_are_not_the_age_of_the_patient() -> None:
    gestation = AGE.format('<low value="12" unit="wk"/><high value="16" unit="wk"/>').replace(
        "<sdtc:criterion>", '<sdtc:criterion><code code="18185-9" displayName="Âge gestationnel"/>'
    )
    one = judged(quantity("5.5"), between("3.0", "5.0", criteria=gestation))
    assert one.position is None
    assert "Âge gestationnel [12 ; 16]" in one.doubts[0].fr


def test_without_the_time_of_the_result_the_age_is_that_on_the_day_of_the_report() -> None:
    child = document(component(observation(quantity("5.5"), of_age("2", "10"), time="")), born="20200101")
    dated = child.replace(b"<recordTarget>", b'<effectiveTime value="20240104"/><recordTarget>')
    assert judge_report(report(child)).results[0].signals == ()
    assert judge_report(report(dated)).results[0].signals == ("interval",)


def test_an_indeterminate_sex_has_a_range_of_its_own() -> None:
    own = between("1.0", "2.0", criteria=SEX.format("I"))
    assert judged(quantity("5.5"), own, between("3.0", "6.0"), sex="UN").signals == ("interval",)
    assert judged(quantity("5.5"), own, between("3.0", "6.0"), sex="F").signals == ()


CAT = (
    '<subject typeCode="SBJ"><relatedSubject classCode="PAT"><code code="1" displayName="Chat"/><subject>'
    '<administrativeGenderCode code="M" codeSystem="2.16.840.1.113883.5.1"/></subject></relatedSubject></subject>'
)


def test_ranges_are_chosen_for_whom_the_result_is_about() -> None:
    read = report(document(CAT + component(observation(quantity("5.5"), WOMEN, MEN)), sex="F"))
    one = judge_report(read).results[0]
    assert one.signals == ()
    assert "de « Chat »" in one.doubts[0].fr
    assert judged(quantity("5.5"), CAT.replace("Chat", "Chien"), WOMEN, MEN, sex="F").signals == ()


@pytest.mark.parametrize(("words", "flagged"), [("Femme", True), ("Sexe : féminin", True), ("Hommes", False)])
def test_a_sex_in_words_is_a_sex(words: str, flagged: bool) -> None:
    told = between("3.0", "5.0", criteria=OTHER.replace("à jeun", words))
    assert bool(judged(quantity("5.5"), told, sex="F").signals) is flagged
