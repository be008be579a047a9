"""UCUM units: valid or not, comparable or not, and exact."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.terminology import units
from conformance.terminology.units import (
    comparable,
    compare,
    convert,
    convert_exactly,
    is_ucum,
    read_unit,
    unit_problem,
)

amounts = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9)
laboratory = st.sampled_from(["g/L", "mg/dL", "ug/mL", "ng/mL", "pg/mL", "kg/m3", "g%", "mg/(100.mL)", "g/dL{total}"])

MET_IN_REPORTS = [
    "%",
    "g/L",
    "/mL",
    "mmol/L",
    "/uL",
    "[IU]/L",
    "10*9/L",
    "10*12/L",
    "g/dL",
    "fL",
    "m[IU]/L",
    "pg/mL",
    "pg",
    "{ratio}",
    "ug/mL",
    "mg/L",
    "mm[Hg]",
    "/min",
    "kg/m2",
    "Cel",
    "{tablet}",
    "{drink}/d",
    "mGy.cm",
    "[diop]",
    "umol/mol{creatinine}",
    "10*3/uL",
    "ug/(12.h)",
    "/[HPF]",
    "1",
]


@pytest.mark.parametrize("unit", MET_IN_REPORTS)
def test_a_unit_met_in_reports_is_ucum(unit: str) -> None:
    assert is_ucum(unit)
    assert unit_problem(unit) is None


def test_the_published_examples_of_ucum_are_ucum() -> None:
    lines = (files("ucumvert") / "vendor" / "ucum_examples.tsv").read_text(encoding="utf-8").splitlines()
    examples = [line[1] for line in csv.reader(lines[1:], delimiter="\t")]
    refused = [unit for unit in examples if not is_ucum(unit)]
    assert len(examples) == 848
    assert refused == ["Torr"]  # listed there, and defined nowhere in UCUM


@pytest.mark.parametrize(
    "unit", ["", " ", "UI/L", "mmHg", "µmol/L", "comprimé", "mg/", "g//L", "{a b}", "mg/dl ", "m" * 65]
)
def test_what_is_not_ucum_is_refused(unit: str) -> None:
    assert not is_ucum(unit)
    assert unit_problem(unit) is not None


def test_every_atom_of_ucum_reads_as_itself() -> None:
    for code in units._definitions():
        tree = units._parse(code)
        assert tree is not None, code
        assert [str(token) for token in tree.scan_values(lambda _: True)] == [code]


@pytest.mark.parametrize(
    ("value", "start", "end", "expected"),
    [
        ("1", "g/L", "mg/dL", "100"),
        ("1.05", "mmol/L", "umol/L", "1050"),
        ("250", "10*9/L", "/uL", "250000"),
        ("37", "Cel", "[degF]", "98.6"),
        ("98.6", "[degF]", "Cel", "37"),
        ("-40", "Cel", "[degF]", "-40"),
        ("37", "Cel", "K", "310.15"),
        ("120", "mm[Hg]", "kPa", "15.99864"),
        ("0.45", "{ratio}", "%", "45"),
        ("1", "[IU]/mL", "m[IU]/L", "1000000"),
        ("2", "[iU]", "[IU]", "2"),
        ("12.5", "g%", "g/L", "125"),
        ("1", "ug/(12.h)", "mg/d", "0.002"),
        ("1", "umol/mol{creatinine}", "mmol/mol", "0.001"),
        ("7.40", "[pH]", "[pH]", "7.40"),
        ("0.1", "mL", "uL", "100"),
        ("0", "m", "km", "0"),
    ],
)
def test_a_conversion_is_exact(value: str, start: str, end: str, expected: str) -> None:
    assert convert(Decimal(value), start, end) == Decimal(expected)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mmol/L", "g/L"),  # molar mass
        ("meq/L", "mmol/L"),  # valence
        ("mosm/kg", "mmol/kg"),
        ("mmol/L", "10*9/L"),  # a mole is a number for UCUM, and no count of cells
        ("[IU]/L", "U/L"),
        ("[IU]", "[arb'U]"),
        ("[IU]", "mg"),
        ("[IU]", "1"),
        ("/[HPF]", "/[LPF]"),
        ("/[HPF]", "/uL"),
        ("[pH]", "mol/L"),
        ("dB", "1"),
        ("Cel", "m"),
        ("mCel", "K"),
        ("g/L", "g"),
        ("UI/L", "[IU]/L"),
        ("UI/L", "UI/L"),
        ("10*999999999", "1"),
    ],
)
def test_what_needs_to_know_the_substance_is_refused(one: str, other: str) -> None:
    assert not comparable(one, other)
    assert convert(Decimal(1), one, other) is None
    assert compare(Decimal(1), one, Decimal(1), other) is None


def test_no_binary_float_comes_in() -> None:
    assert compare(Decimal("0.3"), "g/L", Decimal("30"), "mg/dL") == 0
    assert compare(Decimal("0.1") * 3, "mmol/L", Decimal("300"), "umol/L") == 0
    assert compare(Decimal("5.0000000000000000000000001"), "g/L", Decimal("500"), "mg/dL") == 1
    assert compare(Decimal("4.9999999999999999999999999"), "g/L", Decimal("500"), "mg/dL") == -1


def test_what_has_no_decimal_writing_is_rounded_in_decimals_and_never_in_comparisons() -> None:
    assert convert(Decimal(1), "d", "wk") == Decimal("0.1428571428571428571428571428571429")
    assert convert_exactly(Decimal(1), "d", "wk") == Fraction(1, 7)
    assert compare(Decimal(7), "d", Decimal(1), "wk") == 0


@given(amounts, laboratory, laboratory)
def test_there_and_back_is_where_it_started(value: Decimal, one: str, other: str) -> None:
    there = convert_exactly(value, one, other)
    assert there is not None
    assert convert_exactly(there, other, one) == Fraction(value)


@given(amounts, amounts, laboratory, laboratory)
def test_comparing_is_the_same_in_both_directions(one: Decimal, two: Decimal, unit: str, other: str) -> None:
    forward, backward = compare(one, unit, two, other), compare(two, other, one, unit)
    assert forward is not None
    assert backward is not None
    assert forward == -backward


@given(st.text(alphabet="mgLUIdk[]{}()/.*^10 9µ'%-", max_size=20))
def test_no_text_makes_the_reader_stumble(unit: str) -> None:
    if is_ucum(unit):
        assert unit_problem(unit) is None
        assert comparable(unit, unit)
    else:
        assert unit_problem(unit) is not None
        assert read_unit(unit) is None


@pytest.mark.parametrize(
    ("habit", "meant"),
    [
        ("UI/L", "[IU]/L"),
        ("mUI/L", "m[IU]/L"),
        ("mmHg", "mm[Hg]"),
        ("µmol/L", "umol/L"),
        ("°C", "Cel"),
        ("kg/m²", "kg/m2"),
        ("10^9 /L", "10^9/L"),
    ],
)
def test_a_french_habit_is_answered_with_the_ucum_form(habit: str, meant: str) -> None:
    problem = unit_problem(habit)
    assert problem is not None
    assert problem.fr == (
        f"« {habit} » n’est pas une unité UCUM (forme sensible à la casse). Unité UCUM correspondante : « {meant} »."
    )
    assert f"“{meant}”" in problem.en


def test_a_unit_without_a_ucum_form_is_sent_to_the_braces() -> None:
    problem = unit_problem("comprimé")
    assert problem is not None
    assert "{score}" in problem.fr
    assert "{score}" in problem.en
