"""The bench: what a test of a profile has in hand — the product, the story, the options, the pipeline."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from hypothesis import Phase, settings
from hypothesis import strategies as st

from conformance.core.errors import UsageError
from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.harness.judgement import Unmet
from conformance.harness.story import Story
from conformance.harness.watched import Watched
from conformance.sut.codec import NotInContract
from conformance.sut.contract import Product, from_json, to_json
from conformance.validation.outcome import DocumentOutcome
from conformance.validation.pipeline import Options, validate

Drawn = TypeVar("Drawn")


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

    def drawn(self, data: st.DataObject, strategy: st.SearchStrategy[Drawn], shape: type[Drawn]) -> Drawn:
        """What a property test plays: drawn by hypothesis, or read from the file of ``--record``."""
        if self.record is None:
            return data.draw(strategy)
        try:
            return from_json(self.record.read_bytes(), shape)
        except (OSError, NotInContract) as error:
            raise UsageError(
                "run.record",
                Text(f"{self.record} ne se lit pas ({error}).", f"{self.record} cannot be read ({error})."),
                Text("Donnez un fichier enregistré par un test de propriété.", "Give a file saved by a property test."),
            ) from error

    def property_settings(self) -> settings:
        """How many examples a property test draws, and whether a failure is shrunk (options of the profile)."""
        phases = [phase for phase in Phase if phase is not Phase.shrink or self.options.get("shrink", True)]
        return settings(
            max_examples=1 if self.record else int(self.options["examples"]), phases=phases, report_multiple_bugs=False
        )

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
