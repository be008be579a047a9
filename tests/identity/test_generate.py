"""Invented identities: right, and the same for the same seed."""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from conformance.identity import generate
from conformance.identity.ins import INS_NIR_TEST, birth_problems, matricule_problems, parse_matricule
from conformance.identity.oid import is_oid
from conformance.identity.traits import (
    birth_date_problems,
    given_name_problems,
    missing_traits,
    name_problems,
    place_problems,
)


@given(st.randoms(use_true_random=False))
def test_an_invented_identity_has_no_problem(random: Random) -> None:
    identity = generate.make_identity(random)
    traits = identity.traits
    matricule = parse_matricule(identity.matricule)
    assert matricule is not None
    assert traits.birth_name is not None
    assert traits.given_names is not None
    assert traits.first_given_name is not None
    assert traits.birth_date is not None
    assert traits.birth_place is not None
    assert identity.root == INS_NIR_TEST
    assert matricule_problems(identity.matricule, identity.root) == []
    assert birth_problems(matricule, traits.sex, traits.birth_date, traits.birth_place) == []
    assert missing_traits(traits) == []
    assert name_problems(traits.birth_name) == []
    assert name_problems(traits.given_names, "given_names") == []
    assert given_name_problems(traits.given_names, traits.first_given_name) == []
    assert birth_date_problems(traits.birth_date, date(2024, 12, 31)) == []
    assert place_problems(traits.birth_place) == []


@given(st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_identity(seed: int) -> None:
    assert generate.make_identity(Random(seed)) == generate.make_identity(Random(seed))
    assert generate.make_professional_id(Random(seed)) == generate.make_professional_id(Random(seed))
    assert generate.make_structure_id(Random(seed)) == generate.make_structure_id(Random(seed))


def test_different_seeds_give_different_identities() -> None:
    assert len({generate.make_identity(Random(seed)).matricule for seed in range(200)}) > 190


@given(st.randoms(use_true_random=False), st.sampled_from(["2.25", "1.2.250.1.213.1.1.1.13.999"]))
def test_an_invented_oid_is_one(random: Random, root: str) -> None:
    oid = generate.make_oid(random, root)
    assert oid.startswith(root + ".")
    assert is_oid(oid)
