"""Our rules and the publisher's on the same document: where they say the same, and where not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.core.findings import Finding, Severity
from conformance.core.language import Language
from conformance.core.verdicts import Verdict
from conformance.validation.packs.results import OfficialFinding, OfficialResult


@dataclass(frozen=True, slots=True)
class Comparison:
    """The errors that only one side has. Two errors meet when they sit on the same node, or on it and its parent."""

    native: Verdict
    official: Verdict
    only_native: tuple[Finding, ...]
    only_official: tuple[OfficialFinding, ...]
    met: int
    """How many official errors meet one of ours."""

    @property
    def same_verdict(self) -> bool:
        """Whether both sides say the same of the document."""
        return self.native is self.official

    @property
    def differs(self) -> bool:
        """Whether there is anything to show."""
        return not self.same_verdict or bool(self.only_native or self.only_official)

    @property
    def outcome(self) -> Verdict:
        """What the comparison comes to: ``pass`` without a difference, ``fail`` with one, else what kept it from being made."""
        sides = (self.native, self.official)
        if Verdict.BENCH_ERROR in sides:
            return Verdict.BENCH_ERROR
        if self.only_native or self.only_official:
            return Verdict.FAIL
        if Verdict.NOT_CHECKED in sides:
            return Verdict.NOT_CHECKED
        return Verdict.PASS if self.same_verdict else Verdict.FAIL

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The comparison as ``--format json`` gives it."""
        return {
            "native": str(self.native),
            "official": str(self.official),
            "same_verdict": self.same_verdict,
            "met": self.met,
            "only_native": [finding.to_json(language) for finding in self.only_native],
            "only_official": [finding.to_json(language) for finding in self.only_official],
        }


def compare(findings: Sequence[Finding], verdict: Verdict, official: OfficialResult) -> Comparison:
    """Set our ``findings`` and ``verdict`` beside the official result. Warnings and notes are left aside."""
    ours = [finding for finding in findings if finding.severity is Severity.ERROR]
    theirs = [found for found in official.findings if found.finding.severity is Severity.ERROR]
    our_paths = _with_parents(finding.place.xpath for finding in ours)
    their_paths = _with_parents(found.finding.place.xpath for found in theirs)
    only_official = tuple(f for f in theirs if not _meets(f.finding.place.xpath, our_paths))
    only_native = tuple(f for f in ours if not _meets(f.place.xpath, their_paths))
    met = len(theirs) - len(only_official)
    return Comparison(verdict, official.verdict, only_native, only_official, met)


def _with_parents(paths: Iterable[str]) -> tuple[set[str], set[str]]:
    nodes = {_node(path) for path in paths}
    return nodes, {_parent(path) for path in nodes}


def _meets(path: str, others: tuple[set[str], set[str]]) -> bool:
    nodes, parents = others
    node = _node(path)
    return node in nodes or node in parents or _parent(node) in nodes


def _node(path: str) -> str:
    """The path of the element: without the attribute, and without the positions that say nothing."""
    return re.sub(r"/@[^/]*$", "", path).replace("[1]", "")


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
