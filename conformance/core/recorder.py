"""The comfortable way to say what a run does: start a test, take a step, attach a proof, finish.

One recorder per process. Under pytest-xdist each worker writes its own event file in the folder of the
run, and the controller writes the header and the footer; ``conformance.reporting.merge`` sums them.

    recorder = Recorder(folder, worker="gw0")
    recorder.start_test(facts)
    with recorder.step(Text("Le produit crée le VSM", "The product creates the VSM")):
        document = recorder.attach("vsm.xml", octets, "application/xml", role="produced")
        recorder.finding(finding, document)
    recorder.finish_test(Verdict.FAIL, message=..., duration=1.2, replay="segur run …")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from conformance.core.deviations import Scope, any_wrong
from conformance.core.events import (
    EventFile,
    EventStream,
    EvidenceAttached,
    FactsOfTest,
    FigureMeasured,
    Kind,
    Role,
    RunStarted,
    bilingual,
    finding_said,
    read_event_file,
)
from conformance.core.evidence import EVENTS_FOLDER, EvidenceStore
from conformance.core.findings import Finding
from conformance.core.language import Text, verbatim
from conformance.core.verdicts import ExitCode, Verdict, combine, exit_code

_NO_WORDS = verbatim("")

_FAILURE_LIMIT = 8_000
"""Characters of pytest's account that are kept: the end, where the assertion stands."""


class Recorder:
    """Says what happens in one process of a run, and keeps the evidence.

    ``folder`` is the folder of the run, shared by its processes; ``worker`` names this one (``main``
    for the controller). ``stream`` may be given to let others listen (a progress bar).
    """

    def __init__(self, folder: Path, worker: str = "main", stream: EventStream | None = None) -> None:
        self.folder = folder
        self.stream = stream or EventStream()
        self.store = EvidenceStore(folder)
        self._file = EventFile(folder / EVENTS_FOLDER / f"{worker}.ndjson")
        self.stream.listen(self._file)
        self._test: str | None = None
        self._steps: list[int] = []
        self._last_step = 0
        self._started = monotonic()

    @property
    def test(self) -> str | None:
        """The test being played, if any."""
        return self._test

    # The run: called by the controller alone.

    def start_run(self, header: RunStarted) -> None:
        """Write the header. Must come first."""
        self._started = monotonic()
        self.stream.emit(Kind.RUN_STARTED, **header)

    def select(self, tests: Iterable[FactsOfTest]) -> None:
        """Say which tests this run has to play; every worker may say it, the same ones count once."""
        self.stream.emit(Kind.SELECTION, tests=list(tests))

    def selected(self) -> list[FactsOfTest]:
        """The tests that any process of the run has said it has to play."""
        found: dict[str, FactsOfTest] = {}
        for path in sorted((self.folder / EVENTS_FOLDER).glob("*.ndjson")):
            for event in read_event_file(path):
                if event.kind is Kind.SELECTION:
                    found.update({facts["id"]: facts for facts in event.details["tests"]})
        return list(found.values())

    def finish_run(self, *, attested: Iterable[Verdict] = (), strict: bool = False) -> ExitCode:
        """Add up the verdicts of all processes, write the footer and say the exit code.

        Not to be called when the run was interrupted: the missing footer says it. ``attested`` are the
        verdicts of the requirements that only a person can judge, which count with ``strict`` alone. A run
        that would be green exits with ``USAGE`` when a deviation of its header contradicts it.
        """
        attested = tuple(attested)
        header, verdicts = self._sum()
        code = exit_code(verdicts.values(), attested=attested, strict=strict)
        declared = header.get("deviations", [])
        if code is ExitCode.PASS and any_wrong(declared, verdicts, Scope.of(header, datetime.now(UTC).date())):
            code = ExitCode.USAGE
        verdict = combine([*verdicts.values(), *(attested if strict else ())])
        self.stream.emit(
            Kind.RUN_FINISHED, verdict=str(verdict), exit_code=int(code), duration=monotonic() - self._started
        )
        return code

    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of every test selected or started so far, by any process of the run.

        What was selected and not finished is ``not_checked``; what was started and not finished is a
        ``bench_error`` (its worker died).
        """
        return self._sum()[1]

    def _sum(self) -> tuple[dict[str, Any], dict[str, Verdict]]:
        """The header and the verdicts, from the event files of all processes."""
        header: dict[str, Any] = {}
        verdicts: dict[str, Verdict] = {}
        started: set[str] = set()
        finished: dict[str, Verdict] = {}
        for path in sorted((self.folder / EVENTS_FOLDER).glob("*.ndjson")):
            for event in read_event_file(path):
                if event.kind is Kind.RUN_STARTED:
                    header = event.details
                elif event.kind is Kind.SELECTION:
                    verdicts.update({facts["id"]: Verdict.NOT_CHECKED for facts in event.details["tests"]})
                elif event.kind is Kind.TEST_STARTED and event.test:
                    started.add(event.test)
                elif event.kind is Kind.TEST_FINISHED and event.test:
                    said = Verdict(event.details["verdict"])
                    finished[event.test] = combine([said, finished.get(event.test, said)])
        verdicts.update(dict.fromkeys(started, Verdict.BENCH_ERROR))
        verdicts.update(finished)
        return header, verdicts

    # A test.

    def start_test(self, facts: FactsOfTest) -> None:
        """Open the story of a test; steps, evidence, findings and figures are its own from now on."""
        self._test = facts["id"]
        self._steps = []
        self._last_step = 0
        self.stream.emit(Kind.TEST_STARTED, self._test, **facts)

    @contextmanager
    def step(self, title: Text | str) -> Iterator[int]:
        """A step of the story: ``with recorder.step(Text(...)):``. Steps may lie inside steps.

        An exception passes through and marks the step as failed.
        """
        self._last_step += 1
        number = self._last_step
        title = verbatim(title) if isinstance(title, str) else title
        parent = self._steps[-1] if self._steps else None
        self.stream.emit(Kind.STEP, self._test, number=number, parent=parent, title=bilingual(title))
        self._steps.append(number)
        start = monotonic()
        outcome = "failed"
        try:
            yield number
            outcome = "done"
        finally:
            self._steps.remove(number)
            self.stream.emit(
                Kind.STEP_FINISHED, self._test, number=number, outcome=outcome, duration=monotonic() - start
            )

    def attach(
        self,
        name: str,
        data: bytes | str,
        media_type: str,
        *,
        role: Role = "produced",
        proof: str | None = None,
        document_type: str | None = None,
    ) -> EvidenceAttached:
        """Keep a file as evidence of the current step; a ``str`` is kept in UTF-8."""
        octets = data.encode() if isinstance(data, str) else data
        stored = self.store.put(octets, media_type)
        attached: EvidenceAttached = {
            "name": name,
            "role": role,
            "media_type": media_type,
            "sha256": stored.sha256,
            "size": stored.size,
            "path": stored.path,
            "step": self._current_step(),
            "proof": proof,
        }
        if document_type:
            attached["document_type"] = document_type
        self.stream.emit(Kind.EVIDENCE, self._test, **attached)
        return attached

    def finding(self, finding: Finding, document: EvidenceAttached | None = None) -> None:
        """Say a finding of the current step; ``document`` is what ``attach`` gave for the file it is in."""
        said = finding_said(finding, self._current_step(), document["sha256"] if document else None)
        self.stream.emit(Kind.FINDING, self._test, **said)

    def figure(
        self,
        name: str,
        value: float,
        unit: str = "1",
        *,
        title: Text | None = None,
        label: str | None = None,
        total: float | None = None,
        low: float | None = None,
        high: float | None = None,
        at: str | None = None,
        until: str | None = None,
        state: str | None = None,
    ) -> None:
        """Say a number (``unit`` in UCUM). See ``FigureMeasured`` for what draws which chart."""
        measured: FigureMeasured = {
            "name": name,
            "title": bilingual(title or verbatim(name)),
            "value": value,
            "unit": unit,
            "step": self._current_step(),
        }
        optional = {"label": label, "total": total, "low": low, "high": high, "at": at, "until": until, "state": state}
        given = {key: value for key, value in optional.items() if value is not None}
        self.stream.emit(Kind.FIGURE, self._test, **measured, **given)

    def protect(self, *words: str) -> None:
        """Name words that reports must mask: call it with the names of every patient that a test makes."""
        self.stream.emit(Kind.PROTECTED, self._test, words=[word for word in words if word])

    def finish_test(
        self,
        verdict: Verdict,
        *,
        message: Text = _NO_WORDS,
        reason: str = "",
        duration: float = 0.0,
        replay: str = "",
        failure: str = "",
        test: str | None = None,
    ) -> None:
        """Close the story of the test with its verdict (``duration`` in seconds).

        ``test`` lets the controller close a test whose worker died.
        """
        self.stream.emit(
            Kind.TEST_FINISHED,
            test or self._test,
            verdict=str(verdict),
            reason=reason,
            message=bilingual(message),
            duration=duration,
            replay=replay,
            failure=failure[-_FAILURE_LIMIT:],
        )
        if test is None or test == self._test:
            self._test = None
            self._steps = []

    def close(self) -> None:
        """Close the event file."""
        self._file.close()

    def _current_step(self) -> int | None:
        return self._steps[-1] if self._steps else None
