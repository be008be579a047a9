"""What changed between two runs: fixed, broken, new, gone, and the rules that the verdicts rest on.

Identifiers, dates and ports differ from run to run and mean nothing: they are put aside before comparing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.core.events import Bilingual
from conformance.core.verdicts import Verdict
from conformance.reporting.model import ReportOfTest, RunReport

_VOLATILE = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I), "‹id›"),
    (re.compile(r"\b[0-9a-f]{32,64}\b", re.I), "‹digest›"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"), "‹date›"),
    (re.compile(r"\b(?:19|20)\d{12}(?:[+-]\d{4})?\b"), "‹date›"),
    (re.compile(r"\b(?:2\.25)\.\d{10,}\b"), "‹id›"),
    (re.compile(r"(?<=[\w\]]):\d{4,5}\b"), ":‹port›"),
    (re.compile(r"\b(port )\d{4,5}\b", re.I), r"\1‹port›"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b", re.I), "‹address›"),
)


def normalised(words: str) -> str:
    """``words`` without what differs from run to run: identifiers, digests, dates, ports, addresses."""
    for pattern, put in _VOLATILE:
        words = pattern.sub(put, words)
    return words


@dataclass(frozen=True, slots=True)
class Change:
    """One test or requirement that is not as it was. ``before`` or ``after`` is ``None`` when it was not there."""

    id: str
    title: Bilingual
    before: str | None
    after: str | None
    message: Bilingual | None = None


@dataclass(slots=True)
class Changes:
    """The tests (or the requirements) of two runs, one against the other."""

    fixed: list[Change] = field(default_factory=list)
    """Did not pass, passes."""
    broken: list[Change] = field(default_factory=list)
    """Passed, does not pass."""
    otherwise: list[Change] = field(default_factory=list)
    """Passes in neither, with another verdict or another reason."""
    new: list[Change] = field(default_factory=list)
    gone: list[Change] = field(default_factory=list)
    same: int = 0


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that is new or gone, by rule and node."""

    rule: str
    xpath: str
    severity: str
    message: Bilingual
    test: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs from run ``a`` to run ``b``."""

    tests: Changes
    requirements: Changes
    new_findings: list[FindingChange]
    gone_findings: list[FindingChange]
    versions: list[tuple[str, str, str]]
    """Name, before, after: what the verdicts rest on and that changed (kit, rules, value sets, seed, product…)."""

    @property
    def worse(self) -> bool:
        """True when something that passed no longer does, or something new failed or broke."""
        bad = {Verdict.FAIL, Verdict.BENCH_ERROR}
        return bool(self.tests.broken or self.requirements.broken or any(one.after in bad for one in self.tests.new))

    def to_json(self) -> dict[str, Any]:
        """The comparison as ``--format json`` gives it."""
        return {
            "tests": _to_json(self.tests),
            "requirements": _to_json(self.requirements),
            "findings": {
                "new": [_finding_json(one) for one in self.new_findings],
                "gone": [_finding_json(one) for one in self.gone_findings],
            },
            "versions": [{"name": name, "before": before, "after": after} for name, before, after in self.versions],
            "worse": self.worse,
        }


def compare(a: RunReport, b: RunReport) -> Comparison:
    """Run ``b`` against run ``a``."""
    nothing: Bilingual = {"fr": "", "en": ""}
    tests = _changes(
        {normalised(one["id"]): (one["verdict"], one["title"], one["message"]) for one in a.tests},
        {normalised(one["id"]): (one["verdict"], one["title"], one["message"]) for one in b.tests},
    )
    requirements = _changes(
        {one["id"]: (one["verdict"], one["title"], nothing) for one in [*a.requirements, *a.attested]},
        {one["id"]: (one["verdict"], one["title"], nothing) for one in [*b.requirements, *b.attested]},
    )
    before, after = _findings(a.tests), _findings(b.tests)
    return Comparison(
        tests,
        requirements,
        [one for key, one in after.items() if key not in before],
        [one for key, one in before.items() if key not in after],
        _versions(a, b),
    )


_Known = dict[str, tuple[str, Bilingual, Bilingual]]


def _changes(before: _Known, after: _Known) -> Changes:
    changes = Changes()
    for identifier, (verdict, title, message) in after.items():
        if identifier not in before:
            changes.new.append(Change(identifier, title, None, verdict, message))
            continue
        was, _, said = before[identifier]
        change = Change(identifier, title, was, verdict, message)
        if was == verdict and normalised(said["fr"]) == normalised(message["fr"]):
            changes.same += 1
        elif was != verdict and verdict == Verdict.PASS:
            changes.fixed.append(change)
        elif was != verdict and was == Verdict.PASS:
            changes.broken.append(change)
        else:
            changes.otherwise.append(change)
    for identifier, (verdict, title, message) in before.items():
        if identifier not in after:
            changes.gone.append(Change(identifier, title, verdict, None, message))
    return changes


def _findings(tests: Iterable[ReportOfTest]) -> dict[tuple[str, str, str], FindingChange]:
    """By test, rule and fingerprint: the same finding said of two documents of a test counts once."""
    found: dict[tuple[str, str, str], FindingChange] = {}
    for test in tests:
        for one in test["findings"]:
            identifier = normalised(test["id"])
            key = (identifier, one["rule"], one["fingerprint"])
            found[key] = FindingChange(one["rule"], one["xpath"], one["severity"], one["message"], identifier)
    return found


def _versions(a: RunReport, b: RunReport) -> list[tuple[str, str, str]]:
    def said(report: RunReport) -> dict[str, str]:
        header = report.header
        return {
            "product": f"{header['product']['name']} {header['product']['version']}",
            "kit": header["kit"],
            "seed": str(header["seed"]),
            "selection": header["selection"],
            "profiles": ", ".join(one["id"] for one in header["profiles"]),
            **header["versions"],
        }

    before, after = said(a), said(b)
    names: Sequence[str] = list(dict.fromkeys([*before, *after]))
    return [(name, before.get(name, ""), after.get(name, "")) for name in names if before.get(name) != after.get(name)]


def _to_json(changes: Changes) -> dict[str, Any]:
    def rows(kind: list[Change]) -> list[dict[str, Any]]:
        return [{"id": one.id, "title": one.title, "before": one.before, "after": one.after} for one in kind]

    return {
        "fixed": rows(changes.fixed),
        "broken": rows(changes.broken),
        "otherwise": rows(changes.otherwise),
        "new": rows(changes.new),
        "gone": rows(changes.gone),
        "same": changes.same,
    }


def _finding_json(one: FindingChange) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "xpath": one.xpath,
        "severity": one.severity,
        "message": one.message,
        "test": one.test,
    }
