"""The event stream: all that a run says, in order, before any view of it.

A run emits ``run_started``, then events of its tests, then ``run_finished``; a stream without the last
was interrupted. The run report is their sum (``conformance/reporting``), and every view is derived from
it. The ``TypedDict`` classes below say what the details of each kind hold; ``conformance.core.recorder``
is the comfortable way to emit them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal, NotRequired, TextIO, TypedDict

from conformance.core.findings import Finding
from conformance.core.language import Text


class Kind(StrEnum):
    """The kinds of event, each with the class of its details."""

    RUN_STARTED = "run_started"  # RunStarted
    SELECTION = "selection"  # Selection
    TEST_STARTED = "test_started"  # FactsOfTest
    STEP = "step"  # StepStarted
    STEP_FINISHED = "step_finished"  # StepFinished
    EVIDENCE = "evidence"  # EvidenceAttached
    FINDING = "finding"  # FindingSaid
    FIGURE = "figure"  # FigureMeasured
    PROTECTED = "protected"  # Protected
    TEST_FINISHED = "test_finished"  # EndOfTest
    RUN_FINISHED = "run_finished"  # RunFinished


class Bilingual(TypedDict):
    """A sentence in the two languages, as JSON holds it."""

    fr: str
    en: str


class ProductFacts(TypedDict):
    """The product under test, as it names itself (``about`` of the contract)."""

    name: str
    version: str
    vendor: str


class ProfileFacts(TypedDict):
    """A profile that the run played."""

    id: str
    title: Bilingual


class ProofAsked(TypedDict):
    """A proof (preuve) that the register asks the vendor for."""

    kind: str
    """``video``, ``gazelle``, ``execution``, ``smtp``, ``cnda``, ``log``, ``pdf``, ``attestation``, ``passi``,
    ``document``."""
    test_case: str
    """The test of Gazelle or of the MSSanté tool, where the register names it."""


class RequirementFacts(TypedDict):
    """What the report must know of a requirement without reading the catalogue."""

    title: Bilingual
    domain: str
    """Name of the domain, in the words of the catalogue (``documents``, ``mssante``…)."""
    trust: str
    """A value of ``Trust``."""
    obligation: str
    """``mandatory``, ``optional``, ``conditional`` or ``not_stated``."""
    verification: str
    """``machine``, ``person`` (somebody must attest it) or ``third_party`` (a certificate proves it)."""
    scenarios: NotRequired[list[str]]
    """The scenarios in which it is shown; empty when the sources name none."""
    proof_ids: NotRequired[list[str]]
    """The numbers of its proofs, as far as they are known."""
    proofs_asked: NotRequired[list[ProofAsked]]
    """What the vendor must file; empty when the sources do not say."""


class AttestedFile(TypedDict):
    """A file that supports an attestation, kept with the evidence of the run."""

    name: str
    media_type: str
    sha256: str
    size: int
    path: str


class AttestationFacts(TypedDict):
    """What somebody answers for: see ``conformance.core.attestations``."""

    requirement: str
    answer: str
    """``yes``, ``no`` or ``not_applicable``."""
    reason: str
    """A value of ``NotApplicableReason`` with ``not_applicable``, else empty."""
    by: str
    on: str
    """ISO 8601 date."""
    comment: str
    evidence: list[AttestedFile]


class OpinionFacts(TypedDict):
    """What an auditor thinks of a requirement; it stands beside the verdict and never changes it."""

    requirement: str
    opinion: str
    """``agrees``, ``disagrees`` or ``question``."""
    by: str
    on: str
    comment: str


class DeviationFacts(TypedDict):
    """A failure that the vendor knows of: see ``conformance.core.deviations``."""

    test: str
    reason: str
    owner: str
    link: str
    expires: str
    """ISO 8601 date."""


class RunStarted(TypedDict):
    """The header of a run."""

    run: str
    """Identifier of the run, unique."""
    product: ProductFacts
    adapter: str
    """How the product is reached: ``http``, ``python``…"""
    kit: str
    """Version of segur-conformance."""
    python: str
    platform: str
    seed: int
    explore: bool
    strict: bool
    """True when requirements that only a person can attest count in the exit code."""
    language: str
    """``fr`` or ``en``: the language in which the pages open."""
    profiles: list[ProfileFacts]
    versions: dict[str, str]
    """Versions of what the verdicts rest on: ``rules``, ``value_sets``, ``pack``, ``catalogue``…"""
    selection: str
    """The choice made on the command line, in its own words; empty when everything was selected."""
    requirements: dict[str, RequirementFacts]
    domains: dict[str, Bilingual]
    """The titles of the domains that the requirements name."""
    attestations: NotRequired[list[AttestationFacts]]
    opinions: NotRequired[list[OpinionFacts]]
    deviations: NotRequired[list[DeviationFacts]]


class FactsOfTest(TypedDict):
    """What a test is: emitted in ``selection`` for all, and in ``test_started``."""

    id: str
    """pytest's node id."""
    title: Bilingual
    description: Bilingual
    profile: str
    requirements: list[str]
    scenarios: list[str]
    proofs: list[str]


class Selection(TypedDict):
    """The tests that this run has to play; one that never starts is ``not_checked``."""

    tests: list[FactsOfTest]


Outcome = Literal["done", "failed"]


class StepStarted(TypedDict):
    """A step of the story of a test."""

    number: int
    """From 1 within the test."""
    parent: int | None
    title: Bilingual


class StepFinished(TypedDict):
    """The end of a step; a step without it was cut short."""

    number: int
    outcome: Outcome
    duration: float
    """Seconds."""


Role = Literal["sent", "received", "produced", "log"]
"""Who made it: ``sent`` by the kit to the product, ``received`` from the product, ``produced`` by the
product as a document, ``log`` of the kit's own observation."""


class EvidenceAttached(TypedDict):
    """A file that proves something, kept once under its SHA-256."""

    name: str
    role: Role
    media_type: str
    sha256: str
    size: int
    """Octets."""
    path: str
    """Relative to the folder of the run."""
    step: int | None
    proof: str | None
    """The proof (preuve) of the register that this file answers, when one test answers several."""
    document_type: NotRequired[str]
    """Type of the document, when it can be validated again (``VSM_2023.01``…)."""


class FindingSaid(TypedDict):
    """A finding, in both languages."""

    rule: str
    severity: str
    layer: str
    message: Bilingual
    line: int | None
    column: int | None
    xpath: str
    requirements: list[str]
    trust: str
    source: str
    beyond_official: bool
    fingerprint: str
    step: int | None
    document: str | None
    """SHA-256 of the evidence that the place is in."""


class FigureMeasured(TypedDict):
    """A number worth seeing; the charts are drawn from these."""

    name: str
    """Stable identifier; figures of the same name are drawn together."""
    title: Bilingual
    value: float
    unit: str
    step: int | None
    label: NotRequired[str]
    """What this one is about (a laboratory test, a deposit)."""
    total: NotRequired[float]
    """For a rate: the whole of which ``value`` is a part."""
    low: NotRequired[float]
    high: NotRequired[float]
    """For a measure with an expected range."""
    at: NotRequired[str]
    """For a time line: when (ISO 8601, UTC)."""
    until: NotRequired[str]
    """For a time line: the end of something that lasts (an outage)."""
    state: NotRequired[str]
    """For a time line: what became of it (``accepted``, ``refused``, ``outage``)."""


class Protected(TypedDict):
    """Words that reports must mask: names of the patients of the run."""

    words: list[str]


class EndOfTest(TypedDict):
    """The verdict on a test."""

    verdict: str
    reason: str
    """Stable identifier: of ``NotApplicableReason``, an error's code, or empty."""
    message: Bilingual
    duration: float
    replay: str
    """The command line that plays this test again, with its seed."""
    failure: str
    """pytest's account of the failure, kept short."""


class RunFinished(TypedDict):
    """The footer of a run: its absence tells an interrupted one."""

    verdict: str
    exit_code: int
    duration: float


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when (UTC), what, in which test, with which details (JSON values)."""

    kind: Kind
    at: datetime
    test: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The event as one line of the stream."""
        return {"kind": str(self.kind), "at": self.at.isoformat(), "test": self.test, "details": self.details}

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Event:
        """The event of one line of the stream. Raises ``KeyError`` or ``ValueError`` when it is not one."""
        return cls(Kind(line["kind"]), datetime.fromisoformat(line["at"]), line["test"], line["details"])


Listener = Callable[[Event], None]


class EventStream:
    """Emits events to its listeners, in order, from any thread."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` with every event from now on."""
        self._listeners.append(listener)

    def emit(self, kind: Kind, test: str | None = None, **details: Any) -> Event:
        """Say that something happened now."""
        with self._lock:
            # Dated under the lock: the order of the file is the order of the dates.
            event = Event(kind, datetime.now(UTC), test, details)
            for listener in self._listeners:
                listener(event)
        return event


class EventFile:
    """A listener that appends each event to a file, one JSON object a line, written through at once.

    What a crash leaves behind can be read up to the last whole line.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # What a product answers may hold half characters (lone surrogates), which UTF-8 cannot say.
        self._file: TextIO = path.open("a", encoding="utf-8", errors="replace")

    def __call__(self, event: Event) -> None:
        """Append ``event``."""
        self._file.write(json.dumps(event.to_json(), ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_event_file(path: Path) -> Iterator[Event]:
    """The events of one file, in order; a last line cut by a crash is left out.

    Raises ``ValueError`` when a line before the last is not an event.
    """
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = _DECODER.decode(line.decode())
            if b"\\u" in line:
                json.dumps(value, ensure_ascii=False).encode()  # half characters cannot be written again
            yield Event.from_json(value)
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                return
            raise ValueError(f"{path.name}:{number}: {error}") from error


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_no_number)


def bilingual(text: Text) -> Bilingual:
    """A ``Text`` as JSON holds it."""
    return {"fr": text.fr, "en": text.en}


def text_of(words: Bilingual) -> Text:
    """The ``Text`` of its JSON form."""
    return Text(words["fr"], words["en"])


def finding_said(finding: Finding, step: int | None = None, document: str | None = None) -> FindingSaid:
    """The details of a ``finding`` event. ``document`` is the SHA-256 of the evidence it speaks of."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "layer": finding.layer,
        "message": bilingual(finding.message),
        "line": finding.place.line,
        "column": finding.place.column,
        "xpath": finding.place.xpath,
        "requirements": list(finding.requirements),
        "trust": str(finding.trust),
        "source": finding.source,
        "beyond_official": finding.beyond_official,
        "fingerprint": finding.fingerprint,
        "step": step,
        "document": document,
    }
