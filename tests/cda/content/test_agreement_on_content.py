"""Agreement with the official verdicts on altered documents, for the layers that the content rules answer for."""

from __future__ import annotations

import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from conformance.cda.content import CONTENT
from conformance.cda.volets.vsm import VSM_2022
from conformance.core.findings import Severity
from tests.conftest import SHARED

LAYERS = ("ihe", "content", "ans", "volet")
RULES = CONTENT + VSM_2022
PARSER = etree.XMLParser(huge_tree=True)


@cache
def verdicts() -> tuple[dict[str, Any], ...]:
    """Every fifth verdict on an altered VSM: enough to see a drift, quick enough for every run."""
    lines = (SHARED / "corpus" / "verdicts" / "vsm.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines[::5])


def altered(verdict: dict[str, Any]) -> etree._Element:
    spec = importlib.util.spec_from_file_location("mutate", SHARED / "corpus" / "mutate.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.get("corpus_mutate") or importlib.util.module_from_spec(spec)
    if "corpus_mutate" not in sys.modules:
        spec.loader.exec_module(module)
        sys.modules["corpus_mutate"] = module
    root = etree.parse(SHARED / "corpus" / "documents" / verdict["doc"], PARSER).getroot()
    module.mutate(root, verdict["seed"])
    return root


def officially_wrong(verdict: dict[str, Any]) -> bool:
    """An error of these layers in the body, or on the document as a whole (the header's rules answer for the rest)."""
    return any(
        layer in LAYERS and severity == "error" and ("structuredBody" in place or layer == "volet")
        for layer, severity, _, place in verdict["where"]
    )


@pytest.fixture(autouse=True)
def _needs_the_corpus(shared: Path) -> None:
    del shared


def test_what_the_official_layers_refuse_is_refused() -> None:
    wrong = [verdict for verdict in verdicts() if officially_wrong(verdict)]
    assert len(wrong) > 50
    missed = [v["seed"] for v in wrong if not any(b.constraint.severity is Severity.ERROR for b in breaches(v))]
    assert missed == []


def test_what_the_official_layers_accept_is_refused_only_beyond_them() -> None:
    for verdict in verdicts():
        if not officially_wrong(verdict):
            severe = [b for b in breaches(verdict) if b.constraint.severity is Severity.ERROR]
            assert [b.rule for b in severe if b.constraint.beyond is None] == [], verdict["seed"]


def breaches(verdict: dict[str, Any]) -> list[Any]:
    return list(RULES.breaches(altered(verdict)))
