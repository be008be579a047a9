"""A rule is data: what each kind of constraint accepts, refuses, says, and how it proves itself."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.cda.constraints import (
    at_least,
    at_most_one,
    declares,
    exactly_one,
    fixed,
    forbidden,
    holds,
    one_of,
    required,
    typed,
)
from conformance.cda.proof import Proof, demonstrate_all
from conformance.cda.rules import RuleSet, Template
from conformance.core.language import Text

OID = "1.2.3"
EXAMPLE = """
<act classCode="ACT"><templateId root="1.2.3"/><templateId root="1.2.4"/><id root="1.9"/><text><reference value="#a"/></text>
<statusCode code="active"/><value xsi:type="CD" code="x"/><entryRelationship><act><templateId root="1.5"/></act></entryRelationship></act>
"""
EVERY_KIND = (
    exactly_one("id"),
    required("text/reference/@value"),
    at_most_one("priorityCode"),
    forbidden("copyTime"),
    at_least(2, "templateId"),
    fixed("@classCode", "ACT"),
    one_of("statusCode/@code", "active", "completed"),
    typed("value", "CD", "CE"),
    holds(".//act", ("1.5",), Text("un acte", "an act")),
)


def rules(*constraints: object, example: str = EXAMPLE) -> RuleSet:
    template = Template(
        key="t", name=Text("Modèle", "Template"), oid=OID, constraints=constraints, source="test", example=example
    )
    return RuleSet((template,))


def fired(rule_set: RuleSet, xml: str) -> list[str]:
    root = etree.fromstring(
        f'<x xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{xml}</x>'
    )
    return [breach.rule for breach in rule_set.breaches(root)]


@pytest.mark.parametrize("constraint", EVERY_KIND, ids=lambda c: c.name)
def test_each_kind_of_constraint_proves_itself_alone(constraint: object) -> None:
    (demonstration,) = demonstrate_all(rules(constraint))
    assert demonstration.proof is Proof.PROVEN, demonstration.fired


def test_all_the_kinds_together_are_proven_one_by_one() -> None:
    together = rules(*(c for c in EVERY_KIND if c.name != "templateId.required"))
    assert {d.rule: d.proof for d in demonstrate_all(together) if d.proof is not Proof.PROVEN} == {}


def test_a_declared_template_is_required_by_its_id() -> None:
    assert fired(rules(declares("1.2.4")), f'<act><templateId root="{OID}"/></act>') == ["t.templates.1.2.4"]


def test_a_template_is_checked_wherever_its_id_stands() -> None:
    nested = f'<section><entry><act><templateId root="{OID}"/></act></entry></section>'
    assert fired(rules(exactly_one("id")), nested) == ["t.id.count"]


def test_a_node_that_declares_a_template_twice_is_checked_once() -> None:
    twice = f'<act><templateId root="{OID}"/><templateId root="{OID}" extension="2"/></act>'
    assert fired(rules(exactly_one("id")), twice) == ["t.id.count"]


def test_an_example_that_breaks_a_rule_proves_nothing() -> None:
    (demonstration,) = demonstrate_all(rules(exactly_one("code")))
    assert demonstration.proof is Proof.BAD_EXAMPLE


def test_two_rules_of_a_template_cannot_share_a_key() -> None:
    with pytest.raises(ValueError, match="same key"):
        rules(exactly_one("id"), at_most_one("id"))
