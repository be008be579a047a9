"""Struct_idNat."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.core.findings import Severity
from conformance.identity.generate import make_structure_id
from conformance.identity.organisation import StructureIdKind, parse_structure_id, structure_id_problems
from conformance.identity.problems import codes

randoms = st.randoms(use_true_random=False)
keyed = st.sampled_from([StructureIdKind.FINESS, StructureIdKind.SIREN, StructureIdKind.SIRET])


@given(randoms, keyed)
def test_a_computed_key_is_accepted(random: Random, kind: StructureIdKind) -> None:
    text = make_structure_id(random, kind)
    parts = parse_structure_id(text)
    assert parts is not None
    assert (parts.kind, parts.text) == (kind, text)
    assert structure_id_problems(text) == []


@given(randoms, keyed, st.data())
def test_any_single_digit_of_the_number_changed_is_found(
    random: Random, kind: StructureIdKind, data: st.DataObject
) -> None:
    text = make_structure_id(random, kind)
    place = data.draw(st.integers(1, len(text) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    assume(text[place] != digit)
    assert structure_id_problems(text[:place] + digit + text[place + 1 :]) != []


@pytest.mark.parametrize(
    "text",
    [
        "1750803447",
        "1920008059",
        "12A0000014",  # Corsica: the letter counts as a digit in the key
        "12B0000020",
        "318003502400041",
        "378435954900010",
        "335600000049837",  # La Poste: a key of its own
        "00B105729400",
        "401234567897001",
    ],
)
def test_a_real_form_with_a_right_key_passes(text: str) -> None:
    assert structure_id_problems(text) == []


@pytest.mark.parametrize(("text", "digit"), [("2801234567", "8"), ("1120456789", "5"), ("12A0000015", "4")])
def test_a_wrong_key_is_a_warning_that_says_the_right_digit(text: str, digit: str) -> None:
    (problem,) = structure_id_problems(text)
    assert (problem.code, problem.severity) == ("structure.wrong-key", Severity.WARNING)
    assert f"devrait être {digit}" in problem.message.fr
    assert structure_id_problems(text[:-1] + digit) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "structure.prefix"),
        ("801234567897", "structure.prefix"),
        ("101235555", "structure.form"),
        ("2801984755893", "structure.form"),
        ("3180035024000410", "structure.form"),
        ("1 50803447", "structure.form"),
        ("17508C3447", "structure.form"),
    ],
)
def test_a_text_of_another_form_is_told_why(text: str, code: str) -> None:
    assert codes(structure_id_problems(text)) == {code}


@given(st.text(max_size=16))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    assert (parse_structure_id(text) is None) == bool(
        codes(structure_id_problems(text)) & {"structure.form", "structure.prefix"}
    )


@pytest.mark.parametrize("kind", [StructureIdKind.ADELI_PRACTICE, StructureIdKind.RPPS_PRACTICE])
def test_a_practice_has_no_maker(kind: StructureIdKind) -> None:
    with pytest.raises(ValueError, match=kind.name):
        make_structure_id(Random(1), kind)
