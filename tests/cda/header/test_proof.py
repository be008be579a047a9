"""Every header rule proves itself: silent on a valid header, alone to fire on its counterexample."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.cda.header import HEADER
from conformance.cda.header.example import EXAMPLE, LEVEL_1_EXAMPLE
from conformance.cda.proof import Proof, demonstrate_all


def test_every_rule_fires_alone_on_its_counterexample() -> None:
    not_proven = {d.rule: (d.proof, d.fired) for d in demonstrate_all(HEADER) if d.proof is not Proof.PROVEN}
    assert not_proven == {}


@pytest.mark.parametrize("example", [EXAMPLE, LEVEL_1_EXAMPLE], ids=["structured", "not structured"])
def test_the_examples_break_no_rule(example: str) -> None:
    assert [breach.rule for breach in HEADER.breaches(etree.fromstring(example.encode()))] == []


def test_every_rule_that_is_not_official_says_why() -> None:
    silent = [
        template.rule_id(constraint)
        for template, constraint in HEADER.rules()
        if not constraint.official and constraint.beyond is None
    ]
    assert silent == []
