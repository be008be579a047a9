"""The bench: what a test of a profile has in hand — the product, the story, the options, the pipeline."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conformance.core.errors import UsageError
from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.core.verdicts import Verdict
from conformance.harness.judgement import Unmet, judge
from conformance.harness.story import Story
from conformance.harness.watched import Watched
from conformance.sut.codec import NotInContract
from conformance.sut.contract import Product, from_json, to_json
from conformance.validation.outcome import DocumentOutcome
from conformance.validation.pipeline import Options, validate

Drawn = TypeVar("Drawn")


class _EndOfSearch(BaseException):
    """Carries an error through hypothesis, which would otherwise take it for a counterexample and shrink it."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


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

    def for_any(self, strategy: st.SearchStrategy[Drawn], shape: type[Drawn], holds: Callable[[Drawn], None]) -> None:
        """A property test: ``holds`` must end for anything drawn, or for what the file of ``--record`` holds.

        Only a failure of the product is worth shrinking: whatever else goes wrong ends the search at once.
        """
        if self.record is not None:
            with self.example(recorded := self._recorded(self.record, shape)):
                holds(recorded)
            return

        @self._property_settings()
        @given(drawn=strategy)
        def search(drawn: Drawn) -> None:
            try:
                with self.example(drawn):
                    holds(drawn)
            except Exception as error:
                if judge(error, work=1).verdict is not Verdict.FAIL:
                    raise _EndOfSearch(error) from error
                raise

        try:
            search()
        except _EndOfSearch as end:
            raise end.error from None

    def _recorded(self, path: Path, shape: type[Drawn]) -> Drawn:
        try:
            return from_json(path.read_bytes(), shape)
        except (OSError, NotInContract) as error:
            raise UsageError(
                "run.record",
                Text(f"{path} ne se lit pas ({error}).", f"{path} cannot be read ({error})."),
                Text("Donnez un fichier enregistré par un test de propriété.", "Give a file saved by a property test."),
            ) from error

    def _property_settings(self) -> settings:
        """How many examples are drawn, and whether a failure is shrunk (options of the profile)."""
        phases = [phase for phase in Phase if phase is not Phase.shrink or self.options.get("shrink", True)]
        return settings(max_examples=int(self.options["examples"]), phases=phases, report_multiple_bugs=False)

    @contextmanager
    def example(self, drawn: object) -> Iterator[None]:
        """One example of a property test. One that fails is saved; the last to fail is the smallest."""
        with self.story.example():
            try:
                yield
            except BaseException:
                text = json.dumps(json.loads(to_json(drawn)), ensure_ascii=False, indent=2)
                self.story.counterexample = self._save(text)
                self.story.attach("counterexample.json", text, "application/json", role="sent")
                raise

    def _save(self, text: str) -> Path:
        name = re.sub(r"[^A-Za-z0-9_]+", "_", self.test.rpartition("::")[2]).strip("_")
        path = self.folder / "counterexamples" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def judge_document(self, data: bytes, name: str, vsm_version: str = "2022.01") -> DocumentOutcome:
        """Run the pipeline on a document of the product, and keep both in the story."""
        outcome = validate(data, name, Options(vsm_version=vsm_version))
        kind = outcome.document_type.key if outcome.document_type else None
        self.story.document(name, data, outcome.findings, kind)
        return outcome

    def demand(self, holds: bool, fr: str, en: str) -> None:
        """Fail the test with this sentence unless ``holds``."""
        if not holds:
            raise Unmet(Text(fr, en))

    def demand_no_error(self, outcome: DocumentOutcome, layers: tuple[str, ...]) -> None:
        """Fail unless these layers ran on the document and found no error.

        A layer that broke is a fault of the kit, and raises as such.
        """
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
    product: Watched, story: Story, folder: Path, options: Mapping[str, Any], seed: int, record: Path | None, test: str
) -> Bench:
    """A bench around a watched product; the tests see it as the ``Product`` that it stands for."""
    return Bench(cast("Product", product), story, folder, options, seed, record, test)
