"""The oracle: three signals kept apart, what is critical, and what the sources leave open."""

from __future__ import annotations

import pytest

from conformance.cda.lab import OracleOptions, judge_report
from conformance.cda.lab.codes import ABNORMAL, CRITICAL, FAMILIES, SYSTEM, VALUE_SET
from conformance.terminology.value_sets import value_set
from tests.cda.lab.reports import (
    between,
    comment,
    component,
    document,
    interpretation,
    judged,
    observation,
    quantity,
    report,
    span,
)

NORMAL = between("3.5", "5.1")
ALL_CODES = [code for codes in FAMILIES.values() for code in codes]


def test_the_families_are_the_published_value_set() -> None:
    assert {(code, SYSTEM) for code in ALL_CODES} == set(value_set(VALUE_SET).concepts)
    assert len(ALL_CODES) == len(set(ALL_CODES)) == 39


def test_a_result_in_its_range_is_not_flagged() -> None:
    one = judged(quantity("4.2"), interpretation("N"), NORMAL)
    assert (one.signals, one.critical, one.disagreement, one.doubts) == ((), False, None, ())


def test_a_potassium_too_high_is_flagged_twice_with_readable_reasons() -> None:
    one = judged(quantity("6.8"), interpretation("HH"), NORMAL)
    assert one.signals == ("interpretation", "interval")
    assert one.critical
    assert [reason.text.fr for reason in one.reasons] == [
        "code HH (Très anormalement haut, alerte)",
        "6,8 mmol/L au-dessus de 5,1 (borne incluse)",
    ]
    assert [reason.text.en for reason in one.reasons][1] == "6.8 mmol/L above 5.1 (bound included)"


@pytest.mark.parametrize("code", ALL_CODES)
def test_each_code_alone(code: str) -> None:
    one = judged(quantity("4.2"), interpretation(code))
    assert one.signals == (("interpretation",) if code in ABNORMAL else ())
    assert one.critical is (code in CRITICAL)


def test_a_code_of_another_system_flags_nothing_and_is_said() -> None:
    one = judged(quantity("4.2"), interpretation("HH", "1.2.3"))
    assert one.signals == ()
    assert not one.critical
    assert "hors du jeu de valeurs" in one.doubts[0].fr


@pytest.mark.parametrize(
    ("value", "code"),
    [("4.2", "H"), ("4.2", "L"), ("4.2", "A"), ("6.8", "N"), ("6.8", "L"), ("3.0", "H"), ("3.0", "N")],
)
def test_a_code_and_an_interval_that_disagree_both_stand(value: str, code: str) -> None:
    one = judged(quantity(value), interpretation(code), NORMAL)
    assert one.disagreement is not None
    assert ("interpretation" in one.signals) is (code != "N")
    assert ("interval" in one.signals) is (value != "4.2")


@pytest.mark.parametrize(
    ("value", "code"),
    [("4.2", "N"), ("5.1", "N"), ("6.8", "HH"), ("6.8", "A"), ("3.0", "LU"), ("6.8", "U"), ("4.2", "S")],
)
def test_a_code_and_an_interval_that_agree(value: str, code: str) -> None:
    assert judged(quantity(value), interpretation(code), NORMAL).disagreement is None


def test_a_trend_beside_a_reference_code_does_not_replace_it() -> None:
    one = judged(quantity("6.8"), interpretation("D"), interpretation("H"), NORMAL)
    assert one.signals == ("interpretation", "interval")
    assert one.disagreement is None


def test_a_comment_on_the_result_is_a_signal_of_its_own() -> None:
    one = judged(quantity("4.2"), component(comment("Hémolyse"), "SUBJ"), NORMAL)
    assert one.signals == ("comment",)
    assert one.reasons[0].text.fr == "« Hémolyse »"


def test_comments_of_the_battery_the_chapter_and_the_report_flag_the_report_not_the_result() -> None:
    battery = (
        '<organizer classCode="BATTERY" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.3.1.4"/>'
        f"<component>{observation(quantity('4.2'), NORMAL)}</component><component>{comment('De la batterie')}</component></organizer>"
    )
    section = (
        '<component><section><templateId root="1.3.6.1.4.1.19376.1.4.1.2.16"/><code code="55112-7"/>'
        "<text>Du compte rendu</text></section></component>"
    )
    read = report(document(component(battery) + component(comment("Du chapitre"), "SUBJ"), more=section))
    whole = judge_report(read)
    assert [str(one.level) for one in read.comments] == ["group", "chapter", "report"]
    assert whole.signals == ("comment",)
    assert whole.results[0].signals == ()
    for scope, count in (("group", 1), ("chapter", 2), ("report", 3)):
        (one,) = judge_report(read, OracleOptions(comments=scope)).results  # type: ignore[arg-type]  # the literals
        assert len(one.reasons) == count


def test_a_one_point_range_is_compared_and_doubted() -> None:
    one = judged(quantity("0", "%"), interpretation("N"), between("0.5", "0.5", "%"))
    assert one.signals == ("interval",)
    assert one.disagreement is not None
    assert "réduit à un point" in one.doubts[0].fr
    left = judged(quantity("0", "%"), between("0.5", "0.5", "%"), options=OracleOptions(one_point_range="review"))
    assert left.signals == ()


@pytest.mark.parametrize("status", ["aborted", "obsolete"])
def test_an_examination_that_was_not_done_flags_nothing(status: str) -> None:
    one = judged(quantity("6.8"), interpretation("HH"), NORMAL, status=status)
    assert (one.signals, one.critical) == ((), False)
    assert status in one.notes[0].fr
    assert "codé HH" in one.doubts[0].fr


@pytest.mark.parametrize("altered", ['negationInd="true"', 'moodCode="RQO"'])
def test_what_is_denied_or_only_asked_for_is_no_result(altered: str) -> None:
    name = altered.partition("=")[0]
    asked = observation(quantity("6.8"), NORMAL)
    asked = (
        asked.replace('moodCode="EVN"', altered, 1)
        if name == "moodCode"
        else asked.replace("<observation ", f"<observation {altered} ", 1)
    )
    (one,) = judge_report(report(document(component(asked)))).results
    assert (one.signals, one.position) == ((), None)
    assert name in one.notes[0].fr


def test_the_comment_on_an_examination_that_was_not_done_is_due() -> None:
    one = judged(quantity("6.8"), component(comment("Hémolyse"), "SUBJ"), NORMAL, status="aborted")
    assert one.signals == ("comment",)


def test_a_provisional_result_is_judged_unless_told_otherwise() -> None:
    assert judged(quantity("6.8"), NORMAL, status="active").signals == ("interval",)
    ignored = judged(quantity("6.8"), NORMAL, status="active", options=OracleOptions(provisional="ignore"))
    assert ignored.signals == ()


def test_a_value_that_is_text_is_shown_and_not_compared() -> None:
    one = judged('<value xsi:type="ED">&lt;1.0 mg/L</value>', between(None, "5.0", "mg/L"))
    assert one.position is None
    assert "écrite en texte (« <1.0 mg/L »)" in one.doubts[0].fr


def test_a_titre_is_shown_and_not_compared() -> None:
    titre = '<value xsi:type="RTO_PQ_PQ"><numerator value="1"/><denominator value="80"/></value>'
    one = judged(titre, between("1", "40", None))
    assert one.result.values[0].written == "1/80"
    assert one.position is None


def test_a_value_that_is_null_is_not_compared() -> None:
    one = judged('<value xsi:type="PQ" nullFlavor="NASK"/>', NORMAL)
    assert one.position is None
    assert "nullFlavor NASK" in one.notes[0].fr


def test_a_range_that_is_not_the_normal_one_is_not_compared() -> None:
    one = judged(quantity("6.8"), between("5.2", "10", code="H"))
    assert one.signals == ()
    assert "ce n'est pas l'intervalle normal" in one.notes[0].fr


def test_a_range_without_code_is_taken_for_the_normal_one() -> None:
    assert judged(quantity("6.8"), between("3.5", "5.1", code=None)).signals == ("interval",)
    left = judged(quantity("6.8"), between("3.5", "5.1", code=None), options=OracleOptions(unsaid_range="review"))
    assert left.signals == ()


def test_a_range_in_words_is_to_be_read() -> None:
    words = (
        '<referenceRange typeCode="REFV"><observationRange classCode="OBS" moodCode="EVN.CRT">'
        "<text>inférieur à 5</text></observationRange></referenceRange>"
    )
    one = judged(quantity("6.8"), words)
    assert one.position is None
    assert "inférieur à 5" in one.doubts[0].fr


def test_an_antibiogram_flags_nothing_by_default_and_resistances_on_request() -> None:
    assert judged(quantity("1"), interpretation("R")).signals == ()
    resistant = OracleOptions(codes="resistant")
    assert judged(quantity("1"), interpretation("R"), options=resistant).signals == ("interpretation",)
    assert judged(quantity("1"), interpretation("S"), options=resistant).signals == ()


def test_any_code_but_n_on_request() -> None:
    option = OracleOptions(codes="any")
    assert judged(quantity("1"), interpretation("POS"), options=option).signals == ("interpretation",)
    assert judged(quantity("1"), interpretation("N"), options=option).signals == ()


def test_the_narrative_that_writes_another_value_is_said() -> None:
    line = '<table><tbody><tr><td><content ID="k">Potassium</content></td><td>6,9 mmol/L</td><td>3,5 - 5,1</td></tr></tbody></table>'
    read = report(document(component(observation(quantity("6.8"), NORMAL)), narrative=line))
    (one,) = judge_report(read).results
    assert one.signals == ("interval",)
    assert "le texte n'écrit pas cette valeur" in one.doubts[0].fr
    same = report(document(component(observation(quantity("6.80"), NORMAL)), narrative=line.replace("6,9", "6,8")))
    assert judge_report(same).results[0].doubts == ()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("6.8", "6,8mmol/L"),
        ("6.8", "6,80"),
        ("1500", "1 500 /mL"),
        ("1.5E3", "1500"),
        ("-4.5", "- 4,5"),
        ("12", "B12 : 12pg"),
    ],
)
def test_a_narrative_that_writes_the_same_number_otherwise_is_no_doubt(value: str, written: str) -> None:
    line = f'<paragraph><content ID="k">Dosage</content> {written}</paragraph>'
    read = report(document(component(observation(quantity(value))), narrative=line))
    assert judge_report(read).results[0].doubts == ()


def test_a_result_with_neither_code_nor_range_says_nothing() -> None:
    one = judged(quantity("500", "/mL"))
    assert (one.signals, one.position, one.doubts) == ((), None, ())


def test_an_empty_interval_of_reference_decides_nothing() -> None:
    one = judged(quantity("6.8"), span("", ""))
    assert one.signals == ()
    assert one.doubts


def test_a_code_without_code_system_still_alerts_and_says_so() -> None:
    one = judged(quantity("6.8"), interpretation("HH").replace(f' codeSystem="{SYSTEM}"', ""))
    assert one.critical
    assert one.signals == ("interpretation",)
    assert "sans système de codes" in one.doubts[0].fr


@pytest.mark.parametrize("system", [VALUE_SET, "2.16.840.1.113883.12.78"])
def test_the_value_set_in_the_place_of_the_system_still_alerts_and_says_so(system: str) -> None:
    one = judged(quantity("6.8"), interpretation("HH", system))
    assert one.critical
    assert system in one.doubts[0].fr


def test_a_local_code_is_understood_by_its_translation() -> None:
    local = f'<interpretationCode code="++" codeSystem="1.2.3"><translation code="HH" codeSystem="{SYSTEM}"/></interpretationCode>'
    one = judged(quantity("6.8"), local)
    assert (one.signals, one.critical, one.doubts) == (("interpretation",), True, ())


def test_codes_that_contradict_each_other_are_said() -> None:
    assert "(N, H)" in judged(quantity("4.2"), interpretation("N"), interpretation("H")).doubts[0].fr
    assert "(L, H)" in judged(quantity("4.2"), interpretation("L"), interpretation("H")).doubts[0].fr
    assert judged(quantity("4.2"), interpretation("A"), interpretation("HH")).doubts == ()
    assert judged(quantity("4.2"), interpretation("N"), interpretation("U")).doubts == ()


@pytest.mark.parametrize("code", ["R", "POS", "U"])
def test_a_code_that_flags_nothing_by_choice_is_said(code: str) -> None:
    assert f"le code {code} " in judged(quantity("4.2"), interpretation(code)).notes[0].fr
    assert judged(quantity("4.2"), interpretation(code), options=OracleOptions(codes="any")).notes == ()


@pytest.mark.parametrize("words", ["&gt; 100", "&lt;1,0 mmol/L", "6,8", "≤ 5 mmol/L"])
def test_a_number_in_words_beside_a_range_is_to_be_read_unless_the_laboratory_judged_it(words: str) -> None:
    value = f'<value xsi:type="ST">{words}</value>'
    one = judged(value, NORMAL)
    assert one.position is None
    assert "écrite en texte" in one.doubts[0].fr
    assert judged(value, interpretation("N"), NORMAL).doubts == ()


@pytest.mark.parametrize(
    ("words", "position"),
    [
        ("&gt; 100", "above"), ("&lt; 1,0 mmol/L", "below"), ("6.8", "above"), ("0,0042 mol/L", "inside"),
        ("≤ 5", None), ("1/80", None), ("Positif", None), ("env. 6", None), ("8 g/L", None),
    ],
)  # fmt: skip
def test_a_number_in_words_is_compared_on_request(words: str, position: str | None) -> None:
    one = judged(f'<value xsi:type="ST">{words}</value>', NORMAL, options=OracleOptions(text_value="compare"))
    assert one.position == position


def test_a_comment_that_points_nowhere_is_due_and_an_empty_one_is_not() -> None:
    lost = judged(quantity("4.2"), component(comment('<reference value="#nowhere"/>'), "SUBJ"))
    assert lost.signals == ("comment",)
    assert judged(quantity("4.2"), component(comment(""), "SUBJ")).signals == ()


def test_a_value_inside_a_zone_out_of_limits_is_to_be_read_unless_the_laboratory_judged_it() -> None:
    zone = between("6.0", None, code="HH")
    assert "intervalle de code HH" in judged(quantity("6.8"), zone).doubts[0].fr
    assert judged(quantity("4.2"), zone).doubts == ()
    assert judged(quantity("6.8"), interpretation("HH"), zone).doubts == ()


def test_a_finding_beside_a_range_in_words_is_to_be_read_unless_the_laboratory_judged_it() -> None:
    found = '<value xsi:type="CD" code="10828004" codeSystem="2.16.840.1.113883.6.96" displayName="positif"/>'
    words = "<referenceRange><observationRange><text>négatif</text></observationRange></referenceRange>"
    assert "« négatif »" in judged(found, words).doubts[0].fr
    assert judged(found, interpretation("A"), words).doubts == ()


def test_an_interpretation_without_code_is_said() -> None:
    assert judged(quantity("4.2"), "<interpretationCode/>").doubts[0].fr == "interprétation sans code"
