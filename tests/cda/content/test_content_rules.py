"""The rules on sections and entries as a whole: each proves itself, cites its sources, and lets good documents pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from conformance.cda.content import CONTENT
from conformance.cda.proof import Proof, demonstrate_all, example_of
from conformance.cda.rules import RuleSet
from conformance.cda.volets.vsm import VSM_2022, VSM_2023
from conformance.core.findings import Severity
from tests.conftest import SHARED

ALL = CONTENT + VSM_2022
DOCUMENTS = sorted(path.name for path in (SHARED / "corpus" / "documents").glob("*.xml"))


def errors(rules: RuleSet, root: etree._Element) -> list[str]:
    return [breach.rule for breach in rules.breaches(root) if breach.constraint.severity is Severity.ERROR]


def test_every_rule_fires_alone_on_its_counterexample() -> None:
    unproven = {d.rule: (d.proof, d.fired) for d in demonstrate_all(CONTENT) if d.proof is not Proof.PROVEN}
    assert unproven == {}


def test_every_template_has_an_example_a_source_and_the_requirement_of_the_vsm() -> None:
    for template in ALL.templates:
        assert example_of(template) is not None, template.key
        assert template.source, template.key
        assert template.requirements == ("DOC/va1.14",), template.key


def test_a_rule_without_official_rule_behind_it_says_why_it_goes_beyond() -> None:
    assert [t.rule_id(c) for t, c in ALL.rules() if not c.official and c.beyond is None] == []


def _ranks(listed: str) -> set[int]:
    ranks: set[int] = set()
    for part in listed.replace("–", "-").split(","):
        first, _, last = part.partition("-")
        ranks |= set(range(int(first), int(last or first) + 1))
    return ranks


def test_every_official_rule_of_the_reference_is_cited_by_a_rule(shared: Path) -> None:
    cited: set[tuple[str, int]] = set()
    for _, constraint in (CONTENT + VSM_2022 + VSM_2023).rules():
        for one in filter(None, constraint.official.split(" · ")):
            layer_and_file, _, ranks = one.partition(" #")
            layer, _, file = layer_and_file.partition(":")
            assert layer in ("ihe", "content", "ans", "volet"), one
            cited |= {(file, rank) for rank in _ranks(ranks)}
    text = (shared / "reference" / "cda-vsm.md").read_text(encoding="utf-8")
    tables = text[text.index("## 2. Rule tables") : text.index("## 3. Rules that never")]
    asked: set[tuple[str, int]] = set()
    for line in tables.splitlines():
        columns = line.split("|")
        for one in columns[-3].split("·") if len(columns) >= 8 else ():
            if found := re.fullmatch(r"\s*(\S+) #([\d,–]+)\s*", one):
                asked |= {(found[1], rank) for rank in _ranks(found[2])}
    assert len(asked) == 665
    assert asked - cited == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_content_rules_find_no_error_in_a_published_document(name: str, shared: Path) -> None:
    parser = etree.XMLParser(huge_tree=True)
    assert errors(CONTENT, etree.parse(shared / "corpus" / "documents" / name, parser).getroot()) == []


def test_the_published_vsm_breaks_no_rule_at_all(shared: Path) -> None:
    root = etree.parse(shared / "corpus" / "documents" / "VSM_1.4_2022.01.xml").getroot()
    assert list(ALL.breaches(root)) == []
    assert list((CONTENT + VSM_2023).breaches(root)) == []
