"""The strict traits: present, in their characters, in agreement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.identity.problems import codes
from conformance.identity.traits import (
    Traits,
    birth_date_problems,
    given_name_problems,
    missing_traits,
    name_problems,
    place_problems,
    strict_name,
)

TRAITS = Traits("PAT-TROIS", "DOMINIQUE MARIE-LOUISE", "DOMINIQUE", "F", "19790328", "51215")
TODAY = date(2025, 1, 31)


def test_complete_traits_miss_nothing() -> None:
    assert missing_traits(TRAITS) == []


@pytest.mark.parametrize("field", ["birth_name", "given_names", "first_given_name", "sex", "birth_date", "birth_place"])
@pytest.mark.parametrize("empty", [None, ""])
def test_a_trait_that_is_missing_is_named(field: str, empty: str | None) -> None:
    (problem,) = missing_traits(replace(TRAITS, **{field: empty}))
    assert problem.code == f"traits.missing.{field.replace('_', '-')}"


@pytest.mark.parametrize(
    "name", ["PAT-TROIS", "D'ESSAI", "DE LA DEMO", "N", "NGOC ANH", "TESTEUR--ESSAYEUR", "O'A-B C"]
)
def test_a_name_in_strict_characters_passes(name: str) -> None:
    assert name_problems(name) == []


@pytest.mark.parametrize(
    ("name", "strict"),
    [
        ("Pat-Trois", "PAT-TROIS"),
        ("ÉLISE", "ELISE"),
        ("D’ESSAI", "D'ESSAI"),
        ("PAT–TROIS", "PAT-TROIS"),
        ("DE  LA DEMO", "DE LA DEMO"),
        (" PAT", "PAT"),
        ("LŒUVRE", "LOEUVRE"),
        ("E\u0301LISE", "ELISE"),
        ("Ÿvain Ñuño Çelik", "YVAIN NUNO CELIK"),
    ],
)
def test_a_name_in_other_characters_is_told_its_strict_form(name: str, strict: str) -> None:
    (problem,) = name_problems(name)
    assert problem.code == "traits.characters"
    assert f"« {strict} »" in problem.message.fr
    assert name_problems(strict) == []


@pytest.mark.parametrize("name", ["", "-", "'", "PAT3", "PAT_TROIS", "PAT.", "張"])
def test_a_name_with_no_letters_or_foreign_signs_is_refused(name: str) -> None:
    assert codes(name_problems(name)) == {"traits.characters"}


@given(st.text(max_size=20))
def test_the_strict_form_of_a_strict_form_is_itself(name: str) -> None:
    assert strict_name(strict_name(name)) == strict_name(name)


@pytest.mark.parametrize(
    ("names", "first"), [("DOMINIQUE MARIE", "DOMINIQUE"), ("NGOC ANH LAN", "NGOC ANH"), ("A, B", "A")]
)
def test_the_first_given_name_opens_the_list(names: str, first: str) -> None:
    assert given_name_problems(names, first) == []


@pytest.mark.parametrize(("names", "first"), [("DOMINIQUE MARIE", "MARIE"), ("DOMINIQUE", "DOM"), ("DOMINIQUE", "")])
def test_a_first_given_name_that_does_not_open_the_list_is_found(names: str, first: str) -> None:
    assert codes(given_name_problems(names, first)) == {"traits.first-given-name"}


@pytest.mark.parametrize("value", ["1979", "197903", "19790328", "200002290830+0100", "20000229083000+0100"])
def test_a_real_birth_date_passes(value: str) -> None:
    assert birth_date_problems(value, TODAY) == []


@pytest.mark.parametrize("value", ["", "79", "19790231", "197913", "1979-03-28", "00000101", "²0000101", "19790328x"])
def test_a_date_that_does_not_exist_is_found(value: str) -> None:
    assert codes(birth_date_problems(value, TODAY)) == {"traits.birth-date"}


def test_a_birth_in_the_future_is_found() -> None:
    assert codes(birth_date_problems("20250201", TODAY)) == {"traits.future-birth"}
    assert birth_date_problems("20250131", TODAY) == []


@pytest.mark.parametrize("code", ["51215", "2A004", "2B033", "97105", "99100", "01001"])
def test_a_cog_code_passes(code: str) -> None:
    assert place_problems(code) == []


@pytest.mark.parametrize("code", ["", "5121", "512155", "2C004", "REIMS", "51 215", "2a004"])
def test_what_has_not_the_form_of_a_cog_code_is_found(code: str) -> None:
    assert codes(place_problems(code)) == {"traits.place-form"}
