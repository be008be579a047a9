"""The bench: what a test of a profile has in hand — the product, the story, the options, the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.harness.judgement import Unmet
from conformance.harness.story import Story
from conformance.harness.watched import Watched
from conformance.sut.contract import Product
from conformance.validation.outcome import DocumentOutcome
from conformance.validation.pipeline import Options, validate


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
    product: Watched, story: Story, folder: Path, options: Mapping[str, Any], seed: int, record: Path | None
) -> Bench:
    """A bench around a watched product; the tests see it as the ``Product`` that it stands for."""
    return Bench(cast("Product", product), story, folder, options, seed, record)
