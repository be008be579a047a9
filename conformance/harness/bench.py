"""The bench: what a test of a profile has in hand — the product, the story, the options, the pipeline."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar, cast

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from conformance.core.errors import DocumentError, UsageError
from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.core.verdicts import NotApplicableReason, Verdict
from conformance.harness.judgement import NotApplicable, Unmet, judge
from conformance.harness.official import tell_sides
from conformance.harness.simulators import Simulators
from conformance.harness.story import Story
from conformance.harness.watched import Watched
from conformance.sut.codec import NotInContract
from conformance.sut.contract import Product, from_json, to_json
from conformance.validation.outcome import DocumentOutcome
from conformance.validation.pipeline import Options, validate

Drawn = TypeVar("Drawn")


class _EndOfSearch(BaseException):
    """Ends a search of hypothesis; carries an error, which it would otherwise take for a counterexample and shrink."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(str(error or ""))
        self.error = error


@dataclass(frozen=True, slots=True)
class Keeping(Generic[Drawn]):
    """How an example that failed is kept and read again: the ending of its file, its media type, to bytes and back."""

    ending: str
    media_type: str
    write: Callable[[Drawn], bytes]
    read: Callable[[bytes], Drawn]


def as_json(shape: type[Drawn]) -> Keeping[Drawn]:
    """Examples that are models of the contract are kept as JSON."""

    def write(drawn: Drawn) -> bytes:
        return json.dumps(json.loads(to_json(drawn)), ensure_ascii=False, indent=2).encode()

    return Keeping("json", "application/json", write, lambda kept: from_json(kept, shape))


@dataclass
class Bench:
    """Given to every test of a profile by the fixture ``bench``.

    ``folder`` is the folder of the run, ``record`` the file of ``--record`` (a counterexample to replay).
    """

    product: Product
    story: Story
    folder: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    record: Path | None = None
    test: str = ""
    simulators: Simulators = field(default_factory=Simulators)
    pack: str = ""
    """Name or folder of the official rules that ``segur.toml`` names; empty for none."""
    ending: ExitStack = field(default_factory=ExitStack)
    """What is to be done when the test ends."""

    def for_any(
        self,
        strategy: st.SearchStrategy[Drawn],
        shape: type[Drawn] | Keeping[Drawn],
        holds: Callable[[Drawn], None],
        *,
        smaller: Callable[[Drawn], Iterable[Drawn]] | None = None,
        examples: int | None = None,
        enough: Callable[[], bool] = lambda: False,
    ) -> None:
        """A property test: ``holds`` must end for anything drawn, or for what the file of ``--record`` holds.

        Only a failure of the product is worth shrinking: whatever else goes wrong ends the search at once.
        ``smaller`` gives parts of an example; with it the first part that fails as well takes its place, part by
        part, instead of the search of hypothesis. ``examples``: how many at most, when not as the profile says;
        ``enough`` is asked after each and may end the search before.
        """
        keeping = shape if isinstance(shape, Keeping) else as_json(shape)
        if self.record is not None:
            with self.example(recorded := self._recorded(self.record, keeping), keeping):
                holds(recorded)
            return

        @self._property_settings(examples, by_hypothesis=smaller is None)
        @given(drawn=strategy)
        def search(drawn: Drawn) -> None:
            failure = self._failure(drawn, keeping, holds)
            if failure is not None and smaller is not None:
                raise _EndOfSearch(self._smallest(drawn, failure, keeping, holds, smaller)) from failure
            if failure is not None:
                raise failure
            if enough():
                raise _EndOfSearch

        try:
            search()
        except _EndOfSearch as end:
            if end.error is not None:
                raise end.error from None
        self.story.forget()

    def for_any_course(
        self,
        course: Callable[[Callable[[Drawn, Exception], NoReturn]], RuleBasedStateMachine],
        shape: type[Drawn],
        holds: Callable[[Drawn], None],
        *,
        smaller: Callable[[Drawn], Iterable[Drawn]],
        steps: int,
    ) -> None:
        """A stateful property test: ``course`` makes a machine of hypothesis whose rules act on the product at once.

        The machine calls what it is given with what happened so far and the error of the last step. That failure is
        played again by ``holds``, shortened by ``smaller``, kept for ``--record`` and raised. ``steps``: how long a
        course is.
        """
        keeping = as_json(shape)
        if self.record is not None:
            with self.example(recorded := self._recorded(self.record, keeping), keeping):
                holds(recorded)
            return

        def failed(happened: Drawn, error: Exception) -> NoReturn:
            if judge(error, work=1).verdict is not Verdict.FAIL:
                raise _EndOfSearch(error) from error
            with suppress(type(error)), self.example(happened, keeping):
                raise error
            raise _EndOfSearch(self._smallest(happened, error, keeping, holds, smaller)) from error

        limits = settings(self._property_settings(None, by_hypothesis=False), stateful_step_count=steps)
        try:
            run_state_machine_as_test(lambda: course(failed), settings=limits)  # type: ignore[arg-type]  # what makes one
        except _EndOfSearch as end:
            if end.error is not None:
                raise end.error from None
        self.story.forget()

    def _failure(self, drawn: Drawn, keeping: Keeping[Drawn], holds: Callable[[Drawn], None]) -> Exception | None:
        """How the product fails on an example; ``None`` when it does not. Anything else ends the search."""
        try:
            with self.example(drawn, keeping):
                holds(drawn)
        except Exception as error:
            if judge(error, work=1).verdict is not Verdict.FAIL:
                raise _EndOfSearch(error) from error
            return error
        return None

    def _smallest(
        self,
        drawn: Drawn,
        failure: Exception,
        keeping: Keeping[Drawn],
        holds: Callable[[Drawn], None],
        smaller: Callable[[Drawn], Iterable[Drawn]],
    ) -> Exception:
        """The failure of the smallest part that fails, which is played last, so that its story is the one told."""
        candidates = iter(smaller(drawn)) if self.options.get("shrink", True) else iter(())
        while (candidate := next(candidates, None)) is not None:
            failed = self._failure(candidate, keeping, holds)
            if failed is not None:
                drawn, failure, candidates = candidate, failed, iter(smaller(candidate))
        return self._failure(drawn, keeping, holds) or failure

    def _recorded(self, path: Path, keeping: Keeping[Drawn]) -> Drawn:
        try:
            return keeping.read(path.read_bytes())
        except (OSError, NotInContract, DocumentError) as error:
            raise UsageError(
                "run.record",
                Text(f"{path} ne se lit pas ({error}).", f"{path} cannot be read ({error})."),
                Text("Donnez un fichier enregistré par un test de propriété.", "Give a file saved by a property test."),
            ) from error

    def _property_settings(self, examples: int | None, *, by_hypothesis: bool) -> settings:
        """How many examples are drawn, and whether a failure is shrunk (options of the profile)."""
        shrinks = by_hypothesis and self.options.get("shrink", True)
        phases = [phase for phase in Phase if phase is not Phase.shrink or shrinks]
        most = int(self.options["examples"]) if examples is None else examples
        return settings(max_examples=most, phases=phases, report_multiple_bugs=False)

    @contextmanager
    def example(self, drawn: Drawn, keeping: Keeping[Drawn]) -> Iterator[None]:
        """One example of a property test. One that fails is saved; the last to fail is the smallest."""
        with self.story.example():
            try:
                yield
            except BaseException:
                kept = keeping.write(drawn)
                self.story.counterexample = self._save(kept, keeping.ending)
                name = f"counterexample.{keeping.ending}"
                self.story.attach(name, kept, keeping.media_type, role="sent")
                raise

    def _save(self, kept: bytes, ending: str) -> Path:
        name = re.sub(r"[^A-Za-z0-9_]+", "_", self.test.rpartition("::")[2]).strip("_")
        path = self.folder / "counterexamples" / f"{name}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(kept)
        return path

    def judge_document(self, data: bytes, name: str, vsm_version: str = "2022.01") -> DocumentOutcome:
        """Run the pipeline on a document of the product, and keep the document in the story.

        What it finds is told by the tests that ask about it (``demand_no_error``), and by no other.
        """
        outcome = validate(data, name, Options(vsm_version=vsm_version))
        kind = outcome.document_type.key if outcome.document_type else None
        self.story.document(name, data, kind)
        return outcome

    def require_pack(self) -> None:
        """Raise ``NotApplicable`` when ``segur.toml`` names no pack of official rules: asked before the product is."""
        if not self.pack:
            raise NotApplicable(
                NotApplicableReason.CONDITION_NOT_MET,
                Text(
                    "segur.toml ne nomme pas de paquet de règles officielles.",
                    "segur.toml names no pack of official rules.",
                ),
            )

    def judge_officially(self, data: bytes, name: str) -> DocumentOutcome:
        """Run the publisher's rules on a document of the product, with the pack that ``segur.toml`` names.

        Keeps the document, and says the verdict of each side and where they differ. Raises ``NotApplicable`` when no
        pack is named.
        """
        self.require_pack()
        outcome = validate(data, name, Options(rules="both", pack=self.pack))
        self.story.document(name, data, outcome.document_type.key if outcome.document_type else None)
        tell_sides(self.story, outcome)
        return outcome

    def demand(self, holds: bool, fr: str, en: str) -> None:
        """Fail the test with this sentence unless ``holds``."""
        if not holds:
            raise Unmet(Text(fr, en))

    def demand_no_error(self, outcome: DocumentOutcome, layers: tuple[str, ...]) -> None:
        """Fail unless these layers ran on the document and found no error.

        A layer that broke is a fault of the kit, and raises as such.
        """
        self.story.findings([finding for finding in outcome.findings if finding.layer in layers])
        for layer in outcome.layers:
            if layer.name in layers and layer.status == "failed":
                raise RuntimeError(f"{layer.name}: {layer.reason}")
        ran = {layer.name for layer in outcome.layers if layer.status == "ran"}
        for missing in [layer for layer in layers if layer not in ran]:
            reason = next((layer.reason for layer in outcome.layers if layer.name == missing), None)
            raise Unmet(
                Text(
                    f"La couche {missing} n'a pas pu être vérifiée : {reason.fr if reason else ''}.",
                    f"The layer {missing} could not be checked: {reason.en if reason else ''}.",
                )
            )
        errors = [f for f in outcome.findings if f.severity is Severity.ERROR and f.layer in layers]
        if errors:
            first = errors[0]
            place = f"{first.place.line}:{first.place.column}"
            more = len(errors) - 1
            raise Unmet(
                Text(
                    f"{first.message.fr} (ligne {place}, règle {first.rule})"
                    + (f" — et {more} autre(s)" if more else ""),
                    f"{first.message.en} (line {place}, rule {first.rule})" + (f" — and {more} more" if more else ""),
                )
            )


def bench_for(
    product: Watched,
    story: Story,
    folder: Path,
    options: Mapping[str, Any],
    seed: int,
    record: Path | None,
    test: str,
    simulators: Simulators | None = None,
    pack: str = "",
) -> Bench:
    """A bench around a watched product; the tests see it as the ``Product`` that it stands for."""
    return Bench(cast("Product", product), story, folder, options, seed, record, test, simulators or Simulators(), pack)
