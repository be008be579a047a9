"""The header rules agree with the official layer ``minimal``, on published documents and on altered ones."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from lxml import etree

from conformance.cda.header import HEADER
from conformance.cda.locate import xpath_of
from conformance.cda.rules import Breach
from conformance.core.findings import Severity
from tests.conftest import SHARED

PARSER = etree.XMLParser(huge_tree=True)
DOCUMENTS = sorted((SHARED / "corpus" / "documents").glob("*.xml"))


def errors(root: etree._Element) -> list[Breach]:
    return [breach for breach in HEADER.breaches(root) if breach.constraint.severity is Severity.ERROR]


FAULTS_OF_PUBLISHED_DOCUMENTS = {
    # made-up matricule (its key is 83, not 04); born in 2023, matricule of 2021, document of 2021
    "CSE-CS8_2025.01": ["coherence.ins.birth", "coherence.times.birth", "identity.ins.key"],
    # the performer is a patient, with the matricule of somebody else
    "VAC_2023.01": ["coherence.people.patient"],
}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_a_published_document_has_no_error_in_its_header_but_the_known_ones(document: Path) -> None:
    rules = sorted(breach.rule for breach in errors(etree.parse(document, PARSER).getroot()))
    assert rules == FAULTS_OF_PUBLISHED_DOCUMENTS.get(document.stem, [])


@cache
def mutations(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate", shared / "corpus" / "mutate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def altered(shared: Path, one_in: int) -> Iterator[tuple[dict[str, Any], etree._Element]]:
    """The verdicts that the header can answer for (official errors of ``minimal`` or no error at all)."""
    for verdicts in sorted((shared / "corpus" / "verdicts").glob("*.jsonl")):
        for line in verdicts.read_text().splitlines()[::one_in]:
            verdict = json.loads(line)
            if "xsd" in verdict["layers"] or not ("minimal" in verdict["layers"] or verdict["official"] == "valid"):
                continue
            root = etree.parse(shared / "corpus" / "documents" / verdict["doc"], PARSER).getroot()
            mutations(shared).mutate(root, verdict["seed"])
            yield verdict, root


def plain(xpath: str) -> str:
    """The path without namespaces, prefixes and first positions, to compare with the official locations."""
    return re.sub(r"\[1\]", "", re.sub(r"\w+:(?=\w)", "", re.sub(r"\{[^}]*\}", "", xpath)))


def near(one: str, other: str) -> bool:
    return one == other or one.rpartition("/")[0] == other or other.rpartition("/")[0] == one


def test_what_the_official_rules_refuse_in_a_header_is_refused_at_the_same_place(shared: Path) -> None:
    missed, displaced, seen = [], [], 0
    for verdict, root in altered(shared, 3):
        if "minimal" not in verdict["layers"]:
            continue
        seen += 1
        ours = {plain(xpath_of(breach.violation.node)) for breach in errors(root)}
        official = {plain(w[3]) for w in verdict["where"] if w[0] == "minimal" and w[1] == "error"}
        official.add(plain("/ClinicalDocument/" + verdict["path"]))
        if not ours:
            missed.append((verdict["doc"], verdict["seed"]))
        elif not any(near(one, other) for one in ours for other in official):
            displaced.append((verdict["doc"], verdict["seed"]))
    assert seen > 50
    assert (missed, displaced) == ([], [])


def test_what_the_official_rules_accept_is_refused_only_by_rules_that_say_why(shared: Path) -> None:
    unexplained, seen = [], 0
    for verdict, root in altered(shared, 3):
        if verdict["official"] != "valid":
            continue
        seen += 1
        unexplained += [
            (verdict["doc"], verdict["seed"], breach.rule)
            for breach in errors(root)
            if breach.constraint.beyond is None
        ]
    assert seen > 100
    assert unexplained == []
