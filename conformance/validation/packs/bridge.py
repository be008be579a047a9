"""The official rules as layers of our pipeline, so that one outcome holds the verdict of each side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from conformance.core.findings import Finding
from conformance.core.verdicts import Verdict
from conformance.validation.outcome import LayerOutcome, LayerStatus
from conformance.validation.packs.comparison import compare
from conformance.validation.packs.results import LayerState, OfficialResult

_STATUS: Final = {
    LayerState.RAN: LayerStatus.RAN,
    LayerState.NOT_CHECKED: LayerStatus.SKIPPED,
    LayerState.NOT_CONCERNED: LayerStatus.SKIPPED,
    LayerState.FAILED: LayerStatus.FAILED,
}


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
    """What the outcome's ``extra`` holds: the pack, its mends and, beside a native verdict, where the sides differ."""
    told: dict[str, Any] = {
        "pack": result.pack,
        "pack_hash": result.pack_hash,
        "verdict": str(result.verdict),
        "volet": result.volet,
        "mends": [mend.to_json() for mend in result.mends],
    }
    if verdict is not None:
        comparison = compare(native, verdict, result)
        told["native_verdict"] = str(verdict)
        told["same_verdict"] = comparison.same_verdict
        told["only_official"] = [found.finding.fingerprint for found in comparison.only_official]
        told["only_native"] = [finding.fingerprint for finding in comparison.only_native]
    return {"official": told}
