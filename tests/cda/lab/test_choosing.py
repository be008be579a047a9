"""Ranges by sex, by age, by another condition: the one that holds for this patient."""

from __future__ import annotations

import pytest

from tests.cda.lab.reports import between, judged, quantity

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
    assert any("sexe" in note.fr for note in one.notes)


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
    assert judged(quantity("5.0"), between("1.0", "2.0"), between("7.0", "9.0")).signals == ()
    assert judged(quantity("9.5"), between("1.0", "2.0"), between("7.0", "9.0")).signals == ("interval",)
