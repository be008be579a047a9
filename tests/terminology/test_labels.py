"""When two labels are the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.terminology.labels import label_key, same_label
from conformance.terminology.value_sets import all_value_sets


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Médecin traitant", "Médecin Traitant"),
        ("Médecin traitant", "Medecin  traitant "),
        ("CR d'examens", "CR d’examens"),
        ("Compte-rendu", "Compte rendu"),
        ("Compte‑rendu", "compte-rendu"),
        ("A – B", "A-B"),
        ("sœur", "soeur"),
        ("élève\u00a0: 1", "eleve : 1"),
    ],
)
def test_labels_that_only_look_different_are_the_same(one: str, other: str) -> None:
    assert same_label(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Rhésus -", "Rhésus"), ("1-2", "12"), ("Père", "Mère"), ("O+", "O-"), ("sans", "sans objet"), ("Frère", "")],
)
def test_labels_that_mean_different_things_stay_different(one: str, other: str) -> None:
    assert not same_label(one, other)


@given(st.sampled_from([c.label for one in all_value_sets() for c in one.concepts.values() if c.label]))
def test_case_accents_and_spaces_never_count(label: str) -> None:
    decomposed = unicodedata.normalize("NFD", label.upper())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    assert same_label(label, f"  {bare.replace(' ', '   ')}  ")


@given(st.text(max_size=30))
def test_the_key_of_a_key_is_itself(label: str) -> None:
    assert label_key(label_key(label)) == label_key(label)
