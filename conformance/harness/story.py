"""The story of a test, as it is told to the report: at once, or kept back while hypothesis draws examples.

A property test plays hundreds of examples; only the last one (the smallest that fails) is worth telling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from conformance.core.events import EvidenceAttached, Role
from conformance.core.findings import Finding
from conformance.core.language import Text
from conformance.core.recorder import Recorder


class Story:
    """Tells steps, evidence, findings and figures of the test being played to the recorder of the run.

    Without a recorder (a profile played as plain pytest) nothing is kept, but all is counted: ``work`` is
    the number of things done to the product, and a test that did none proves nothing; ``counterexample`` is the
    file of the example that failed, if any.
    """

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder
        self._held: list[Callable[[Recorder], None]] | None = None
        self.work = 0
        self.number = 0
        """How many tests have begun: tells one from the next."""
        self.counterexample: Path | None = None
        self._document: EvidenceAttached | None = None

    def reset(self) -> None:
        """A new test begins."""
        self._held = None
        self.work = 0
        self.number += 1
        self.counterexample = None

    @contextmanager
    def step(self, title: Text) -> Iterator[None]:
        """A step of the story; what happens inside belongs to it."""
        if self._recorder is not None and self._held is None:
            with self._recorder.step(title):
                yield
            return
        told = _HeldStep(title)
        self._tell(told.begin)
        try:
            yield
        except BaseException as error:
            told.error = error
            raise
        finally:
            self._tell(told.end)

    def attach(
        self,
        name: str,
        data: bytes | str | Callable[[], bytes | str],
        media_type: str,
        role: Role = "produced",
        *,
        proof: str | None = None,
        document_type: str | None = None,
    ) -> None:
        """Keep a file as evidence; what takes time to write is written when it is told."""
        self._tell(
            lambda recorder: recorder.attach(
                name,
                data() if callable(data) else data,
                media_type,
                role=role,
                proof=proof,
                document_type=document_type,
            )
        )

    def document(self, name: str, data: bytes, document_type: str | None, media_type: str = "application/xml") -> None:
        """Keep a document of the product; the findings said next are about it."""

        def tell(recorder: Recorder) -> None:
            self._document = recorder.attach(name, data, media_type, role="produced", document_type=document_type)

        self._tell(tell)

    def findings(self, findings: Iterable[Finding]) -> None:
        """Say what the pipeline finds in the document kept last."""

        def tell(recorder: Recorder) -> None:
            for finding in findings:
                recorder.finding(finding, self._document)

        self._tell(tell)

    def figure(self, name: str, value: float, unit: str = "1", **details: Any) -> None:
        """Say a number worth seeing."""
        self._tell(lambda recorder: recorder.figure(name, value, unit, **details))

    def protect(self, *words: str) -> None:
        """Name words that reports must mask; said at once, even while the rest is held back."""
        if self._recorder is not None:
            self._recorder.protect(*words)

    @contextmanager
    def example(self) -> Iterator[None]:
        """One example of a property test: what it tells replaces what the one before told."""
        self._held = []
        yield

    def flush(self) -> None:
        """Tell the example held back: it is the one that made the test fail."""
        held, self._held = self._held, None
        for tell in held or ():
            self._tell(tell)

    def forget(self) -> None:
        """Every example held: none is told, and what comes next is."""
        self._held = None

    def _tell(self, tell: Callable[[Recorder], Any]) -> None:
        if self._held is not None:
            self._held.append(tell)
        elif self._recorder is not None:
            tell(self._recorder)


class _HeldStep:
    """A step of an example held back: begun and ended when the example is told, around what happened inside."""

    def __init__(self, title: Text) -> None:
        self._title = title
        self._open = ExitStack()
        self.error: BaseException | None = None

    def begin(self, recorder: Recorder) -> None:
        """Open the step."""
        self._open.enter_context(recorder.step(self._title))

    def end(self, _recorder: Recorder) -> None:
        """Close it, as failed when an error passed through."""
        self._open.__exit__(type(self.error) if self.error else None, self.error, None)
