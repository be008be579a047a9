"""The rules on sections and entries as a whole: each proves itself, cites its sources, and lets good documents pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.cda.content import CONTENT
from conformance.cda.namespaces import h
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


def _all_examples() -> etree._Element:
    """One tree that holds the example of every template."""
    whole = etree.Element("examples")
    for template in ALL.templates:
        example = example_of(template)
        assert example is not None
        whole.append(example)
    return whole


_NAMES = ("templateId", "id", "code", "value", "effectiveTime", "text", "entryRelationship", "author", "component", "x")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_alteration_of_a_tree_makes_a_rule_throw(data: st.DataObject) -> None:
    root = _all_examples()
    for _ in range(data.draw(st.integers(1, 12))):
        elements = [element for element in root.iter("*") if element.getparent() is not None]
        if not elements:
            break
        element = elements[data.draw(st.integers(0, len(elements) - 1))]
        match data.draw(st.sampled_from(["remove", "empty", "rename", "attribute", "add", "comment", "move"])):
            case "remove":
                element.getparent().remove(element)
            case "empty":
                for child in list(element):
                    element.remove(child)
            case "rename":
                element.tag = h(data.draw(st.sampled_from(_NAMES)))
            case "attribute" if element.attrib:
                name = data.draw(st.sampled_from(sorted(map(str, element.attrib))))
                element.set(name, data.draw(st.sampled_from(["", "x", "UNK", "EVN", "completed", "1.2.3", "é«"])))
            case "attribute":
                element.set("nullFlavor", "UNK")
            case "add":
                etree.SubElement(element, h(data.draw(st.sampled_from(_NAMES))))
            case "comment":
                element.insert(0, etree.Comment("note"))
            case _:
                root.append(element)
    for breach in ALL.breaches(root):
        assert breach.violation.found.fr
        assert breach.constraint.demand().en
