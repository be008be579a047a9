"""What the official rules say of one document: per schematron, whether it ran, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.core.findings import Finding, Severity
from conformance.core.language import Language, Text, current_language
from conformance.core.verdicts import Verdict


class LayerState(StrEnum):
    """What became of one schematron (or of the XML schema) on one document."""

    RAN = "ran"
    NOT_CHECKED = "not_checked"
    """It does not load, is missing, or nothing of it could be evaluated: never a pass."""
    NOT_CONCERNED = "not_concerned"
    """Nothing of it is meant for this document (a level 1 document has no volet)."""
    FAILED = "failed"
    """It was stopped by a limit, or the engine broke: the bench's fault."""


@dataclass(frozen=True, slots=True)
class OfficialFinding:
    """A finding with all that the pack says of its rule.

    ``evaluated`` is false when the rule's expression failed on it.
    """

    finding: Finding
    schematron: str
    pattern: str
    file: str
    line: int
    role: str
    context: str
    test: str
    evaluated: bool = True

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The finding as the machine formats hold it, with the rule's own place."""
        return {**self.finding.to_json(language), "official": {**self.rule_to_json(), "evaluated": self.evaluated}}

    def rule_to_json(self) -> dict[str, Any]:
        """What the pack says of the rule."""
        return {
            "schematron": self.schematron,
            "pattern": self.pattern,
            "file": self.file,
            "rule_line": self.line,
            "role": self.role,
            "context": self.context,
            "test": self.test,
        }


@dataclass(frozen=True, slots=True)
class OfficialLayer:
    """One schematron, or the XML schema, on one document. ``fired`` counts the rules that looked at a node."""

    name: str
    schematron: str
    state: LayerState
    findings: tuple[OfficialFinding, ...] = ()
    reason: Text | None = None
    fired: int = 0
    seconds: float = 0.0

    @property
    def errors(self) -> int:
        """How many findings make the document non-conforming."""
        return sum(1 for found in self.findings if found.finding.severity is Severity.ERROR)

    @property
    def verdict(self) -> Verdict:
        """``fail`` with one error, ``pass`` only when it ran."""
        if self.errors:
            return Verdict.FAIL
        return {
            LayerState.RAN: Verdict.PASS,
            LayerState.NOT_CHECKED: Verdict.NOT_CHECKED,
            LayerState.NOT_CONCERNED: Verdict.NOT_APPLICABLE,
            LayerState.FAILED: Verdict.BENCH_ERROR,
        }[self.state]

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The layer as the machine formats hold it."""
        language = language or current_language()
        return {
            "name": self.name,
            "schematron": self.schematron,
            "state": str(self.state),
            "verdict": str(self.verdict),
            "reason": self.reason.in_(language) if self.reason else None,
            "fired_rules": self.fired,
            "errors": self.errors,
            "findings": len(self.findings),
            "seconds": round(self.seconds, 6),
        }


@dataclass(frozen=True, slots=True)
class Mend:
    """Something of the pack that was set right in memory so that its rules could run."""

    file: str
    line: int
    sentence: Text

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The mend as the machine formats hold it."""
        return {"file": self.file, "line": self.line, "message": self.sentence.in_(language or current_language())}


@dataclass(frozen=True, slots=True)
class OfficialResult:
    """Everything that a pack says of one document."""

    pack: str
    pack_hash: str
    layers: tuple[OfficialLayer, ...]
    mends: tuple[Mend, ...] = ()
    volet: str = ""
    recognised: Text | None = None

    @property
    def findings(self) -> tuple[OfficialFinding, ...]:
        """The findings of all layers, in the order of the document."""
        found = [finding for layer in self.layers for finding in layer.findings]
        return tuple(
            sorted(found, key=lambda f: (f.finding.place.line or 0, f.finding.place.column or 0, f.finding.rule))
        )

    @property
    def verdict(self) -> Verdict:
        """``fail`` with one error; never ``pass`` when a layer that concerns the document did not run."""
        verdicts = [layer.verdict for layer in self.layers]
        for grave in (Verdict.FAIL, Verdict.BENCH_ERROR, Verdict.NOT_CHECKED):
            if grave in verdicts:
                return grave
        return Verdict.PASS if Verdict.PASS in verdicts else Verdict.NOT_CHECKED

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The result as ``--format json`` gives it."""
        language = language or current_language()
        return {
            "pack": self.pack,
            "pack_hash": self.pack_hash,
            "verdict": str(self.verdict),
            "volet": self.volet,
            "recognised": self.recognised.in_(language) if self.recognised else None,
            "layers": [layer.to_json(language) for layer in self.layers],
            "mends": [mend.to_json(language) for mend in self.mends],
            "findings": [finding.to_json(language) for finding in self.findings],
        }
