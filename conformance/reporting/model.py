"""The run report: the sum of the events of a run, as one JSON value with header and footer.

Its published schema is ``reports/run-report.schema.json``; the ``TypedDict`` classes here say the same
to the type checker. A report without footer is that of an interrupted run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from conformance.core.deviations import DeviationState
from conformance.core.events import (
    AttestationFacts,
    Bilingual,
    DeviationFacts,
    EvidenceAttached,
    FigureMeasured,
    FindingSaid,
    OpinionFacts,
    RequirementFacts,
    RunFinished,
    RunStarted,
)
from conformance.core.redaction import Redactor
from conformance.core.verdicts import Verdict

SCHEMA = "segur-run-report/1"


class Header(RunStarted):
    """The header of the report: what the run started with, and when."""

    started_at: str
    redacted: bool
    """True when names, INS and secrets are masked in this report."""


class Footer(RunFinished):
    """The footer of the report; absent from an interrupted run."""

    finished_at: str


class StepReport(TypedDict):
    """A step of the story of a test; ``outcome`` is ``cut`` when its end was never said."""

    number: int
    parent: int | None
    title: Bilingual
    at: str
    outcome: str
    duration: float | None


class EvidenceReport(EvidenceAttached):
    """A proof, and when it was attached."""

    at: str


class ExcerptLine(TypedDict):
    """A line of the document around a finding, cut in three: ``marked`` is what the finding points at."""

    number: int
    before: str
    marked: str
    after: str


class FindingReport(FindingSaid):
    """A finding with the lines of the document around its place."""

    excerpt: list[ExcerptLine]


class ReportOfTest(TypedDict):
    """What a test did and how it ended."""

    id: str
    title: Bilingual
    description: Bilingual
    profile: str
    requirements: list[str]
    scenarios: list[str]
    proofs: list[str]
    started_at: str | None
    """None when the test was selected and never started."""
    verdict: str
    reason: str
    message: Bilingual
    duration: float
    replay: str
    failure: str
    deviation: NotRequired[str]
    """The reason of the declared deviation that covers this failure; the verdict stays."""
    steps: list[StepReport]
    evidence: list[EvidenceReport]
    findings: list[FindingReport]
    figures: list[FigureMeasured]


class RequirementReport(RequirementFacts):
    """The verdict on a requirement and the tests that it rests on."""

    id: str
    verdict: str
    tests: list[str]
    ran: int
    """How many of its tests were executed and judged."""
    attestation: NotRequired[AttestationFacts]
    opinions: NotRequired[list[OpinionFacts]]


class DeviationReport(DeviationFacts):
    """A declared deviation and what the run makes of it."""

    state: str
    """A value of ``DeviationState``."""
    tests: list[str]
    """The tests of the run that it names."""


class Counts(TypedDict):
    """The numbers that every view must agree on."""

    tests: dict[str, int]
    """Verdict → how many tests."""
    requirements: dict[str, int]
    """Verdict → how many requirements that tests can judge."""
    attested: dict[str, int]
    """Verdict → how many requirements that only a person can judge."""
    findings: dict[str, int]
    """Severity → how many findings."""
    evidence: int
    """Different files."""
    deviations: dict[str, int]
    """State → how many declared deviations."""


@dataclass(slots=True)
class RunReport:
    """The report of one run. ``folder`` is the folder of the run, where its evidence lies (not in the JSON)."""

    header: Header
    tests: list[ReportOfTest]
    requirements: list[RequirementReport]
    attested: list[RequirementReport]
    deviations: list[DeviationReport]
    footer: Footer | None
    folder: Path | None = None
    redactor: Redactor = field(default_factory=Redactor)
    """What masks the evidence shown by the views; it masks nothing of names when ``header.redacted`` is false."""
    packed: dict[str, str] = field(default_factory=dict)
    """SHA-256 → masked source of a proof, packed: masking is most of the work, and several views show the same."""

    @property
    def interrupted(self) -> bool:
        """True when the run never said its end."""
        return self.footer is None

    @property
    def verdict(self) -> Verdict:
        """The verdict of the run; an interrupted run is never better than ``not_checked``."""
        if self.footer is not None:
            return Verdict(self.footer["verdict"])
        failed = any(test["verdict"] == Verdict.FAIL for test in self.tests)
        return Verdict.FAIL if failed else Verdict.NOT_CHECKED

    def counts(self) -> Counts:
        """The numbers that every view must agree on."""
        return {
            "tests": _per_verdict(test["verdict"] for test in self.tests),
            "requirements": _per_verdict(one["verdict"] for one in self.requirements),
            "attested": _per_verdict(one["verdict"] for one in self.attested),
            "findings": {
                severity: sum(found["severity"] == severity for test in self.tests for found in test["findings"])
                for severity in ("error", "warning", "info")
            },
            "evidence": len({proof["sha256"] for test in self.tests for proof in test["evidence"]}),
            "deviations": {
                str(state): sum(one["state"] == state for one in self.deviations) for state in DeviationState
            },
        }

    def to_json(self) -> dict[str, Any]:
        """The report as ``report.json`` holds it."""
        return {
            "schema": SCHEMA,
            "header": self.header,
            "counts": self.counts(),
            "requirements": self.requirements,
            "attested": self.attested,
            "deviations": self.deviations,
            "tests": self.tests,
            "footer": self.footer,
        }

    def write(self, path: Path) -> None:
        """Write ``report.json``."""
        path.write_text(json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _per_verdict(verdicts: Iterable[str]) -> dict[str, int]:
    counted = Counter(verdicts)
    return {str(verdict): counted[verdict] for verdict in Verdict}


def in_language(words: Bilingual, language: str) -> str:
    """The sentence in ``language`` (``fr`` or ``en``)."""
    return words["fr"] if language == "fr" else words["en"]
