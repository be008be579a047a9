"""At every bound of every kind of range: at, just under, just over; exact decimals; units made comparable."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cda.lab import OracleOptions
from conformance.cda.lab.codes import Position
from tests.cda.lab.reports import between, bound, interpretation, judged, quantity, span

DECIMALS = st.decimals(min_value=Decimal("0.001"), max_value=Decimal(10000), places=3)
SMALLEST = Decimal("0.001")


def interval(low: str, high: str, low_type: str = "IVL_PQ") -> str:
    return f'<value xsi:type="{low_type}">{low}{high}</value>'


@given(high=DECIMALS, inclusive=st.booleans(), step=st.sampled_from([-SMALLEST, Decimal(0), SMALLEST]))
def test_a_value_at_the_upper_bound(high: Decimal, inclusive: bool, step: Decimal) -> None:
    one = judged(quantity(str(high + step)), span("", bound("high", str(high), inclusive=inclusive)))
    above = step > 0 or (step == 0 and not inclusive)
    assert one.position is (Position.ABOVE if above else Position.INSIDE)
    assert one.signals == (("interval",) if above else ())


@given(low=DECIMALS, inclusive=st.booleans(), step=st.sampled_from([-SMALLEST, Decimal(0), SMALLEST]))
def test_a_value_at_the_lower_bound(low: Decimal, inclusive: bool, step: Decimal) -> None:
    one = judged(quantity(str(low + step)), span(bound("low", str(low), inclusive=inclusive), ""))
    below = step < 0 or (step == 0 and not inclusive)
    assert one.position is (Position.BELOW if below else Position.INSIDE)
    assert one.signals == (("interval",) if below else ())


@given(value=DECIMALS, low=DECIMALS, width=st.decimals(min_value=SMALLEST, max_value=Decimal(100), places=3))
def test_a_closed_range(value: Decimal, low: Decimal, width: Decimal) -> None:
    high = low + width
    one = judged(quantity(str(value)), between(str(low), str(high)))
    expected = Position.BELOW if value < low else Position.ABOVE if value > high else Position.INSIDE
    assert one.position is expected
    assert one.doubts == ()


def test_binary_floats_would_be_wrong_here() -> None:
    assert judged(quantity("0.3"), between("0.1", "0.30000000000000001")).position is Position.INSIDE
    assert judged(quantity("0.30000000000000001"), between("0.1", "0.3")).position is Position.ABOVE


@given(value=DECIMALS, high=DECIMALS)
def test_another_unit_of_the_same_kind_gives_the_same_verdict(value: Decimal, high: Decimal) -> None:
    plain = judged(quantity(str(value), "g/L"), span("", bound("high", str(high), "g/L")))
    moved = judged(quantity(str(value * 1000), "mg/L"), span("", bound("high", str(high), "g/L")))
    assert moved.position is plain.position
    assert [note.en for note in moved.notes] == ["converted from mg/L to g/L"]


def test_moles_and_grams_are_not_converted() -> None:
    one = judged(quantity("5.0", "mmol/L"), between("0.7", "1.1", "g/L"))
    assert one.position is None
    assert "connaître la substance" in one.doubts[0].fr


def test_a_second_unit_of_the_value_decides_when_the_first_does_not_compare() -> None:
    second = '<translation value="1.3" code="g/L" codeSystem="2.16.840.1.113883.6.8"/>'
    one = judged(quantity("7.2", "mmol/L", second), between("0.7", "1.1", "g/L"))
    assert one.position is Position.ABOVE
    assert one.reasons[0].text.fr == "1,3 g/L au-dessus de 1,1 (borne incluse)"


def test_a_second_unit_of_the_range_decides_too() -> None:
    bounds = (
        '<low value="3.9" unit="mmol/L"><translation value="0.7" code="g/L"/></low>',
        '<high value="6.1" unit="mmol/L"><translation value="1.1" code="g/L"/></high>',
    )
    assert judged(quantity("1.0", "g/L"), span(*bounds)).position is Position.INSIDE
    assert judged(quantity("1.2", "g/L"), span(*bounds)).position is Position.ABOVE


def test_two_units_that_contradict_each_other_are_said() -> None:
    bounds = (
        '<low value="3.9" unit="mmol/L"><translation value="0.7" code="g/L"/></low>',
        '<high value="6.1" unit="mmol/L"><translation value="1.1" code="g/L"/></high>',
    )
    one = judged(quantity("7.2", "mmol/L", '<translation value="0.9" code="g/L"/>'), span(*bounds))
    assert one.position is Position.ABOVE
    assert any("g/L" in doubt.fr for doubt in one.doubts)


def test_a_unit_that_is_not_ucum_compares_to_itself_alone() -> None:
    assert judged(quantity("45", "UI/L"), between("10", "40", "UI/L")).position is Position.ABOVE
    other = judged(quantity("45", "UI/L"), between("10", "40", "[IU]/L"))
    assert other.position is None
    assert "« UI/L » n'est pas une unité UCUM (sans doute [IU]/L)" in other.doubts[0].fr


@pytest.mark.parametrize(("value_unit", "range_unit"), [(None, "mmol/L"), ("mmol/L", None)])
def test_a_missing_unit_is_taken_for_the_same_and_said(value_unit: str | None, range_unit: str | None) -> None:
    one = judged(quantity("6.8", value_unit), between("3.5", "5.1", range_unit))
    assert one.position is Position.ABOVE
    assert "l'unité manque" in one.doubts[0].fr


def test_a_ratio_needs_no_unit() -> None:
    one = judged('<value xsi:type="REAL" value="2.0"/>', between("0.8", "1.2", "{ratio}"))
    assert one.position is Position.ABOVE


@pytest.mark.parametrize(
    ("low", "high", "position"),
    [
        ("", bound("high", "1.0", inclusive=False), Position.INSIDE),
        ("", bound("high", "5.0", inclusive=True), Position.INSIDE),
        ("", bound("high", "9.0", inclusive=False), None),
        (bound("low", "5.0", inclusive=True), "", None),
        (bound("low", "5.0", inclusive=False), "", Position.ABOVE),
        (bound("low", "6.0"), "", Position.ABOVE),
        (bound("low", "6.0"), bound("high", "7.0"), Position.ABOVE),
        (bound("low", "1.0"), bound("high", "2.0"), Position.INSIDE),
        (bound("low", "4.0"), bound("high", "6.0"), None),
    ],
)
def test_a_limit_is_placed_only_when_all_of_it_lies_on_one_side(low: str, high: str, position: Position | None) -> None:
    one = judged(interval(low, high), between(None, "5.0"))
    assert one.position is position
    assert bool(one.doubts) is (position is None)


def test_a_limit_below_the_lower_bound() -> None:
    below = judged(interval("", bound("high", "3.5", inclusive=False)), between("3.5", "5.1"))
    assert below.position is Position.BELOW
    assert below.reasons[0].text.fr == "< 3,5 mmol/L au-dessous de 3,5 (borne incluse)"


def test_an_infinite_bound_is_no_bound() -> None:
    one = judged(quantity("6.8"), span('<low nullFlavor="NINF"/>', bound("high", "5.1")))
    assert one.position is Position.ABOVE


def test_an_unknown_bound_leaves_the_other_one_to_decide() -> None:
    unknown = '<low nullFlavor="UNK"/>'
    assert judged(quantity("6.8"), span(unknown, bound("high", "5.1"))).position is Position.ABOVE
    assert judged(quantity("4.0"), span(unknown, bound("high", "5.1"))).position is None


def test_a_comparator_code_makes_a_limit_of_the_number() -> None:
    assert judged(quantity("5.1"), interpretation(">"), between("3.5", "5.1")).position is Position.ABOVE
    assert judged(quantity("5.1"), interpretation("<"), between(None, "5.1")).position is Position.INSIDE


def test_centre_and_width_are_an_interval() -> None:
    centre = '<center value="7" unit="mmol/L"/><width value="1" unit="mmol/L"/>'
    assert judged(interval(centre, ""), between("3.5", "6.4")).position is Position.ABOVE
    assert judged(interval(centre, ""), between("3.5", "6.6")).position is None


@pytest.mark.parametrize("written", ["6,8", "abc", "", "1 000", "NaN", "Infinity"])
def test_what_is_no_number_is_not_compared(written: str) -> None:
    one = judged(quantity(written), between("3.5", "5.1"))
    assert one.position is None
    assert one.signals == ()
    assert "n'est pas un nombre" in one.doubts[0].fr


def test_an_impossible_range_is_said_and_not_used() -> None:
    one = judged(quantity("4.0"), between("5.1", "3.5"))
    assert one.position is None
    assert "impossible" in one.doubts[0].fr


def test_a_forgotten_unit_is_not_read_as_a_pure_number() -> None:
    """45 % is 0.45 of the unit 1, and would be far below 40 to 54."""
    assert judged(quantity("45", "%"), between("40", "54", None)).position is Position.INSIDE
    assert judged(quantity("45", None), between("40", "54", "%")).position is Position.INSIDE
    assert judged(quantity("45", "%"), between("0.40", "0.54", "1")).position is Position.INSIDE
    left = judged(quantity("45", "%"), between("40", "54", None), options=OracleOptions(missing_unit="review"))
    assert left.position is None


def test_a_value_and_a_range_that_forgot_their_type_are_read_by_what_they_hold() -> None:
    value = '<value value="6.8" unit="mmol/L"/>'
    bare = between("3.5", "5.1").replace(' xsi:type="IVL_PQ"', "")
    assert judged(value, bare).position is Position.ABOVE


def test_a_range_of_another_type_is_not_compared() -> None:
    odd = between("3.5", "5.1").replace("IVL_PQ", "SXCM_PQ")
    one = judged(quantity("6.8"), odd)
    assert one.position is None
    assert one.doubts[0].en == "a range of the type SXCM_PQ does not compare"


def test_a_unit_without_code_is_read_from_the_translation() -> None:
    """HL7 data types: a PQ whose unit is not in the code system is an OTH, and its translation gives the number."""
    other = '<value xsi:type="PQ" nullFlavor="OTH"><translation value="45" code="UI/L"/></value>'
    one = judged(other, between("10", "40", "UI/L"))
    assert one.position is Position.ABOVE
    assert (one.result.values[0].written, one.result.values[0].unit) == ("45", "UI/L")


def test_a_translation_may_write_its_unit_in_words() -> None:
    second = '<translation value="1.3" nullFlavor="OTH"><originalText>g/l</originalText></translation>'
    one = judged(quantity("7.2", "mmol/L", second), between("0.7", "1.1", "g/l"))
    assert one.position is Position.ABOVE
