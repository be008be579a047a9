"""The rules on sections and entries: each proves itself, published documents pass, altered ones are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from conformance.cda.content import CONTENT
from conformance.cda.proof import Proof, demonstrate, demonstrate_all, example_of
from conformance.cda.rules import RuleSet
from conformance.cda.volets.vsm import VSM_2022, VSM_2023
from conformance.core.findings import Severity

ALL = CONTENT + VSM_2022


def errors(rules: RuleSet, root: etree._Element) -> list[str]:
    return [breach.rule for breach in rules.breaches(root) if breach.constraint.severity is Severity.ERROR]


def test_every_rule_fires_alone_on_its_counterexample() -> None:
    unproven = {d.rule: d.fired for d in demonstrate_all(CONTENT) if d.proof is not Proof.PROVEN}
    assert unproven == {}


@pytest.mark.parametrize("document", [VSM_2022, VSM_2023], ids=["2022.01", "2023.01"])
def test_every_rule_of_the_volet_fires_alone_with_the_content_rules_on(document: RuleSet) -> None:
    together = CONTENT + document
    proofs = {constraint.name: demonstrate(t, constraint, together).proof for t, constraint in document.rules()}
    assert set(proofs.values()) == {Proof.PROVEN}, proofs


def test_every_template_has_an_example_a_source_and_the_requirement_of_the_vsm() -> None:
    for template in ALL.templates:
        assert example_of(template) is not None, template.key
        assert template.source, template.key
        assert template.requirements == ("DOC/va1.14",), template.key


def test_a_rule_without_official_rule_behind_it_says_why_it_goes_beyond() -> None:
    silent = [t.rule_id(c) for t, c in ALL.rules() if not c.official and c.beyond is None]
    assert silent == []


def test_the_published_vsm_breaks_no_rule(shared: Path) -> None:
    root = etree.parse(shared / "corpus" / "documents" / "VSM_1.4_2022.01.xml").getroot()
    assert list(ALL.breaches(root)) == []
    assert list((CONTENT + VSM_2023).breaches(root)) == []
