"""The official rules as layers of our pipeline, so that one outcome holds the verdict of each side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import Any, Final

from conformance.cda.reading import Document
from conformance.core.findings import Finding
from conformance.core.verdicts import Verdict
from conformance.validation.outcome import DocumentOutcome, LayerOutcome, LayerStatus
from conformance.validation.packs.comparison import compare
from conformance.validation.packs.official import official_findings
from conformance.validation.packs.pack import Pack
from conformance.validation.packs.registry import open_pack
from conformance.validation.packs.results import LayerState, OfficialResult

_STATUS: Final = {
    LayerState.RAN: LayerStatus.RAN,
    LayerState.NOT_CHECKED: LayerStatus.SKIPPED,
    LayerState.NOT_CONCERNED: LayerStatus.SKIPPED,
    LayerState.FAILED: LayerStatus.FAILED,
}


class Rules(StrEnum):
    """Whose rules judge: ours, the publisher's, or both."""

    NATIVE = "native"
    OFFICIAL = "official"
    BOTH = "both"


def join(
    outcome: DocumentOutcome, document: Document, rules: Rules, pack: str = "", volet: str | None = None
) -> DocumentOutcome:
    """Our ``outcome`` with the official layers added (``both``), or in the place of ours (``official``).

    Decoding stays ours: the official rules begin with a document that could be read. ``pack`` is a name or a
    folder (empty: the default one). Raises ``UsageError`` when there is no such pack or volet.
    """
    if rules is Rules.NATIVE:
        return outcome
    result = official_findings(document, _pack(pack), volet=volet)
    if rules is Rules.OFFICIAL:
        return replace(
            outcome, layers=(*outcome.layers[:1], *as_layers(result)), extra={**outcome.extra, **as_extra(result)}
        )
    extra = as_extra(result, outcome.findings, outcome.verdict)
    return replace(outcome, layers=(*outcome.layers, *as_layers(result)), extra={**outcome.extra, **extra})


@cache
def _pack(name: str) -> Pack:
    return open_pack(name)


def as_layers(result: OfficialResult) -> tuple[LayerOutcome, ...]:
    """One layer ``official.<name>`` for each schematron; one that did not run keeps the document from passing."""
    return tuple(
        LayerOutcome(
            name=f"official.{layer.name}",
            status=_STATUS[layer.state],
            findings=tuple(found.finding for found in layer.findings),
            reason=layer.reason,
            seconds=layer.seconds,
            expected=layer.state is not LayerState.NOT_CONCERNED,
        )
        for layer in result.layers
    )


def as_extra(result: OfficialResult, native: Sequence[Finding] = (), verdict: Verdict | None = None) -> dict[str, Any]:
    """What the outcome's ``extra`` holds: the pack, its mends, the rules that have findings and, beside a native verdict,
    where the sides differ.
    """
    told: dict[str, Any] = {
        "pack": result.pack,
        "pack_hash": result.pack_hash,
        "verdict": str(result.verdict),
        "volet": result.volet,
        "mends": [mend.to_json() for mend in result.mends],
        "rules": {found.finding.rule: found.rule_to_json() for found in result.findings},
    }
    if verdict is not None:
        comparison = compare(native, verdict, result)
        told["native_verdict"] = str(verdict)
        told["same_verdict"] = comparison.same_verdict
        told["only_official"] = [found.finding.fingerprint for found in comparison.only_official]
        told["only_native"] = [finding.fingerprint for finding in comparison.only_native]
    return {"official": told}
