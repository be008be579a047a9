"""PS_IdNat."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.core.findings import Severity
from conformance.identity.generate import make_professional_id, make_siret
from conformance.identity.problems import codes
from conformance.identity.professional import (
    ProfessionalIdKind,
    parse_professional_id,
    professional_id_problems,
)

randoms = st.randoms(use_true_random=False)


@given(randoms)
def test_a_computed_key_is_accepted(random: Random) -> None:
    assert professional_id_problems(make_professional_id(random)) == []


@given(randoms, st.integers(0, 11), st.sampled_from("0123456789"))
def test_any_single_digit_changed_is_found(random: Random, place: int, digit: str) -> None:
    text = make_professional_id(random)
    assume(text[place] != digit)
    assert professional_id_problems(text[:place] + digit + text[place + 1 :]) != []


@pytest.mark.parametrize(
    "text", ["801234567897", "810002422979", "899700450101", "578435954900010/1.2.250.1.176.1", "00B1057294"]
)
def test_a_published_identifier_with_a_right_key_passes(text: str) -> None:
    parts = parse_professional_id(text)
    assert parts is not None
    assert parts.text == text
    assert professional_id_problems(text) == []


def test_a_wrong_key_is_a_warning_that_says_the_right_digit() -> None:
    (problem,) = professional_id_problems("801234567898")
    assert (problem.code, problem.severity) == ("professional.wrong-key", Severity.WARNING)
    assert "devrait être 7" in problem.message.fr
    assert "should be 7" in problem.message.en


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "professional.prefix"),
        ("901234567897", "professional.prefix"),
        ("01234567897x", "professional.form"),
        ("80123456789", "professional.form"),
        ("8012345678970", "professional.form"),
        ("801234567897/1", "professional.form"),
        ("8 01234567897", "professional.form"),
        ("578435954900010", "professional.form"),
        ("578435954900010/", "professional.form"),
        ("00B105729", "professional.form"),
    ],
)
def test_a_text_of_another_form_is_told_why(text: str, code: str) -> None:
    assert codes(professional_id_problems(text)) == {code}


@given(randoms, st.text(alphabet="ABCdef0123456789.-", min_size=1, max_size=10))
def test_a_system_of_a_structure_has_an_internal_part(random: Random, internal: str) -> None:
    parts = parse_professional_id(f"5{make_siret(random)}/{internal}")
    assert parts is not None
    assert (parts.kind, parts.internal) == (ProfessionalIdKind.SIRET_MEMBER, internal)


@given(st.text(max_size=16))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    assert (parse_professional_id(text) is None) == bool(
        codes(professional_id_problems(text)) & {"professional.form", "professional.prefix"}
    )
