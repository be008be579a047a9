"""Every rule of every kind of document is proven; the number is printed (``pytest -s``, ``segur rules --proof``)."""

from __future__ import annotations

import pytest

from conformance.cda.kinds import DocumentType
from conformance.cda.proof import Proof
from conformance.validation.layers import rule_sets, rules_for
from conformance.validation.rulebook import KINDS, Entry, closest, rulebook, shares


def test_every_constraint_of_every_template_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    found = shares(list(rulebook().values()))
    proven, total = sum(share.proven for share in found), sum(share.total for share in found)
    with capsys.disabled():
        print(f"\n{proven} rules proven of {total}, in {len(found)} templates")
    assert {rule: str(why) for share in found for rule, why in share.missing} == {}
    assert proven == total >= 1000


def test_a_rule_that_cannot_fire_lowers_the_share() -> None:
    entry = rulebook()["coherence.reference.resolves"]
    another = rulebook()["coherence.media.resolves"].constraint
    silenced = Entry(entry.template, another, entry.rules)
    (share,) = shares([silenced])
    assert share.proven == 0
    assert share.missing[0][1] is not Proof.PROVEN


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_the_book_holds_every_rule_of_a_kind(kind: DocumentType) -> None:
    book = rulebook()
    for template, constraint in rules_for(kind).rules():
        assert kind.key in book[template.rule_id(constraint)].kinds


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_every_kind_is_checked_for_coherence(kind: DocumentType) -> None:
    keys = {template.key for template in rule_sets(kind)[-1].templates}
    assert "coherence.reference" in keys


def test_a_mistyped_rule_finds_its_neighbours() -> None:
    assert "coherence.reference.resolves" in closest("reference.resolves")
    assert "coherence.reference.resolves" in closest("coherence.reference.resolve")
    assert closest("zzzzzzzz") == []
