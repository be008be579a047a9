"""What the pipeline says of one document: its kind, each layer, the findings, the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from conformance.cda.kinds import DocumentType
from conformance.core.errors import SegurError
from conformance.core.findings import Finding, Severity
from conformance.core.language import Language, Text, current_language
from conformance.core.verdicts import Verdict


class LayerStatus(StrEnum):
    """What became of a layer: it ran; it was skipped (with a reason); it failed (our fault)."""

    RAN = "ran"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LayerOutcome:
    """One layer on one document. ``reason`` says why it was skipped or how it failed; ``seconds`` it took.

    ``expected`` tells a layer without which nothing may pass from one that does not concern this document.
    """

    name: str
    status: LayerStatus
    findings: tuple[Finding, ...] = ()
    reason: Text | None = None
    seconds: float = 0.0
    expected: bool = True

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The layer as the machine formats hold it."""
        return {
            "name": self.name,
            "status": str(self.status),
            "reason": self.reason.in_(language or current_language()) if self.reason else None,
            "findings": len(self.findings),
            "seconds": round(self.seconds, 6),
        }


@dataclass(frozen=True, slots=True)
class DocumentOutcome:
    """Everything said of one document."""

    path: str
    document_type: DocumentType | None
    layers: tuple[LayerOutcome, ...]
    error: SegurError | None = None
    """Why the document could not be read at all, if so."""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all layers, in the order of the document."""
        found = [finding for layer in self.layers for finding in layer.findings]
        return tuple(sorted(found, key=lambda f: (f.place.line or 0, f.place.column or 0, f.rule)))

    @property
    def verdict(self) -> Verdict:
        """``fail`` with one error; ``bench_error`` when a layer of ours broke; ``pass`` only when every expected layer ran."""
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            return Verdict.FAIL
        if any(layer.status is LayerStatus.FAILED for layer in self.layers):
            return Verdict.BENCH_ERROR
        expected = [layer for layer in self.layers if layer.expected]
        if not expected or any(layer.status is not LayerStatus.RAN for layer in expected):
            return Verdict.NOT_CHECKED
        return Verdict.PASS

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The outcome as ``--format json`` and ``ndjson`` give it."""
        language = language or current_language()
        kind = self.document_type
        return {
            "path": self.path,
            "document_type": kind.key if kind else None,
            "document_title": kind.title.in_(language) if kind else None,
            "verdict": str(self.verdict),
            "layers": [layer.to_json(language) for layer in self.layers],
            "findings": [finding.to_json(language) for finding in self.findings],
            **self.extra,
        }
