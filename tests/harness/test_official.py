"""The publisher's rules in a run: each side's verdict is told, and a pack's fault is never the product's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import Text, verbatim
from conformance.core.verdicts import Verdict
from conformance.harness.judgement import NotCheckable, Unmet, judge
from conformance.harness.official import MOST_DIFFERENCES, demand_no_official_error, tell_sides
from conformance.validation.outcome import DocumentOutcome, LayerOutcome, LayerStatus


class Told:
    """A story that only remembers."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.files: dict[str, Any] = {}
        self.said: list[Finding] = []

    @contextmanager
    def step(self, title: Text) -> Iterator[None]:
        self.steps.append(title.en)
        yield

    def attach(self, name: str, data: str, *_: str, **__: str) -> None:
        self.files[name] = json.loads(data)

    def findings(self, findings: Iterable[Finding]) -> None:
        self.said += findings


def finding(layer: str, number: int, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(f"{layer}.r{number}", severity, layer, verbatim(f"m{number}"), Place(number, 1, f"/a/b[{number}]"))


def outcome(*layers: LayerOutcome, **extra: Any) -> DocumentOutcome:
    return DocumentOutcome("x.xml", None, layers, extra={"official": extra} if extra else {})


def official(status: LayerStatus, *findings: Finding, reason: Text | None = None) -> LayerOutcome:
    return LayerOutcome("official.volet", status, findings=findings, reason=reason)


def sides(only_official: list[Finding], only_native: list[Finding]) -> dict[str, Any]:
    return {
        "pack": "ans", "volet": "VSM", "verdict": "fail", "native_verdict": "pass", "same_verdict": False,
        "only_official": [f.fingerprint for f in only_official], "only_native": [f.fingerprint for f in only_native],
    }  # fmt: skip


def test_the_verdict_of_each_side_and_each_difference_are_told() -> None:
    theirs, ours = [finding("official.volet", n) for n in range(1, 30)], [finding("content", 99)]
    story = Told()
    layers = (official(LayerStatus.RAN, *theirs), LayerOutcome("content", LayerStatus.RAN, findings=tuple(ours)))
    tell_sides(story, outcome(*layers, **sides(theirs, ours)))  # type: ignore[arg-type]  # a story that remembers
    assert "pack ans, volet VSM): fail; rules of the kit: pass; different verdicts" in story.steps[0]
    assert sum(step.startswith("publisher only: line") for step in story.steps) == MOST_DIFFERENCES
    assert "publisher only: 9 more (official.json)" in story.steps
    assert "kit only: line 99, m99 [content.r99]" in story.steps
    assert len(story.files["official.json"]["only_official"]) == len(theirs)


def raised(*layers: LayerOutcome) -> BaseException | None:
    try:
        demand_no_official_error(Told(), outcome(*layers))  # type: ignore[arg-type]  # a story that remembers
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize(
    ("layers", "kind", "verdict"),
    [
        ([official(LayerStatus.RAN)], type(None), Verdict.PASS),
        ([official(LayerStatus.RAN, finding("official.volet", 1))], Unmet, Verdict.FAIL),
        ([official(LayerStatus.RAN, finding("official.volet", 1, Severity.WARNING))], type(None), Verdict.PASS),
        ([official(LayerStatus.SKIPPED, reason=Text("absent", "missing"))], NotCheckable, Verdict.NOT_CHECKED),
        ([official(LayerStatus.FAILED, reason=Text("lent", "slow"))], RuntimeError, Verdict.BENCH_ERROR),
        ([LayerOutcome("decoding", LayerStatus.RAN)], Unmet, Verdict.FAIL),
    ],
)
def test_only_an_error_of_the_document_fails_the_product(
    layers: list[LayerOutcome], kind: type[BaseException], verdict: Verdict
) -> None:
    error = raised(*layers)
    assert isinstance(error, kind)
    assert judge(error, 1).verdict is verdict
