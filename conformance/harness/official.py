"""The publisher's rules in a run: the verdict of each side in the story of the test, and what it means for the product."""

from __future__ import annotations

import json
from typing import Any, Final

from conformance.core.findings import Finding, Severity
from conformance.core.language import Text
from conformance.core.verdicts import Verdict
from conformance.harness.judgement import NotCheckable, Unmet
from conformance.harness.story import Story
from conformance.validation.outcome import DocumentOutcome, LayerOutcome, LayerStatus

MOST_DIFFERENCES: Final = 20
"""Differences that the story of a test tells of each side; ``official.json`` holds all of them."""

_VERDICTS: Final = {
    Verdict.PASS: Text("conforme", "pass"),
    Verdict.FAIL: Text("non conforme", "fail"),
    Verdict.NOT_CHECKED: Text("incomplet", "not checked"),
    Verdict.NOT_APPLICABLE: Text("sans objet", "not applicable"),
    Verdict.BENCH_ERROR: Text("défaut du kit", "bench error"),
}


def official_layers(outcome: DocumentOutcome) -> tuple[LayerOutcome, ...]:
    """The layers of the publisher that concern the document."""
    return tuple(layer for layer in outcome.layers if layer.name.startswith("official.") and layer.expected)


def tell_sides(story: Story, outcome: DocumentOutcome) -> None:
    """Say the verdict of each side, and each finding that only one of them makes."""
    sides: dict[str, Any] = outcome.extra.get("official", {})
    known = {finding.fingerprint: finding for finding in outcome.findings}
    told = {key: [known[one].to_json() for one in sides.get(key, ())] for key in ("only_official", "only_native")}
    kept = json.dumps({**sides, **told}, ensure_ascii=False, indent=2)
    story.attach("official.json", kept, "application/json", role="log")
    if "native_verdict" not in sides:
        return
    same = Text("même verdict", "same verdict") if sides["same_verdict"] else Text("verdicts différents", "different verdicts")  # fmt: skip
    title = Text(
        "Règles de l’éditeur (paquet {p}, volet {v}) : {o} ; règles du kit : {n} ; {s}",
        "Publisher’s rules (pack {p}, volet {v}): {o}; rules of the kit: {n}; {s}",
    ).format(
        p=sides["pack"],
        v=sides["volet"] or "—",
        o=_VERDICTS[Verdict(sides["verdict"])],
        n=_VERDICTS[Verdict(sides["native_verdict"])],
        s=same,
    )
    with story.step(title):
        for side, key in (
            (Text("éditeur seul", "publisher only"), "only_official"),
            (Text("kit seul", "kit only"), "only_native"),
        ):
            for fingerprint in sides[key][:MOST_DIFFERENCES]:
                _tell(story, side, known[fingerprint])
            more = len(sides[key]) - MOST_DIFFERENCES
            if more > 0:
                left = Text("{s} : encore {n} (official.json)", "{s}: {n} more (official.json)")
                with story.step(left.format(s=side, n=more)):
                    pass


def _tell(story: Story, side: Text, finding: Finding) -> None:
    title = Text("{s} : ligne {l}, {m} [{r}]", "{s}: line {l}, {m} [{r}]")
    with story.step(title.format(s=side, l=finding.place.line or "?", m=finding.message, r=finding.rule)):
        pass


def demand_no_official_error(story: Story, outcome: DocumentOutcome) -> None:
    """Fail when the publisher's rules find an error.

    What the pack itself keeps from being run is never the product's fault: then the test is not checked. A layer
    that broke is a fault of the kit, and raises as such.
    """
    layers = official_layers(outcome)
    story.findings([finding for layer in layers for finding in layer.findings])
    errors = [finding for layer in layers for finding in layer.findings if finding.severity is Severity.ERROR]
    if errors:
        first = errors[0]
        more = f" (+ {len(errors) - 1})" if len(errors) > 1 else ""
        place = f"{first.place.line}:{first.place.column}"
        raise Unmet(
            Text(
                f"{first.message.fr} (ligne {place}, règle {first.rule}){more}",
                f"{first.message.en} (line {place}, rule {first.rule}){more}",
            )
        )
    for layer in layers:
        if layer.status is LayerStatus.FAILED:
            raise RuntimeError(f"{layer.name}: {layer.reason}")
    for layer in layers:
        if layer.status is not LayerStatus.RAN:
            why = layer.reason or Text("sans raison", "no reason")
            raise NotCheckable(
                "official.not-run",
                Text(
                    f"Règles de l’éditeur, couche {layer.name} : non vérifiée, {why.fr}.",
                    f"Publisher’s rules, layer {layer.name}: not checked, {why.en}.",
                ),
            )
    if not layers:
        raise Unmet(
            Text(
                "Le document n’a pas pu être lu : les règles de l’éditeur n’en disent rien.",
                "The document could not be read: the publisher’s rules say nothing of it.",
            )
        )
