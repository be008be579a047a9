"""The official rules beside ours: each side has its verdict, and what was not run never passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.verdicts import Verdict
from conformance.validation.outcome import DocumentOutcome, LayerStatus
from conformance.validation.pipeline import Options, validate
from tests.packs.documents import VALID

pytest.importorskip("saxonche", reason="the official rules need the extra packs")

WRONG = VALID.replace('code="RED"', 'code="GREY"')


def judged(text: str, small: Path, rules: str) -> DocumentOutcome:
    return validate(text.encode(), "test.xml", Options(rules=rules, pack=str(small)))  # type: ignore[arg-type]  # a name of Rules


def test_the_official_rules_alone_judge_what_we_would_refuse(small: Path) -> None:
    outcome = judged(VALID, small, "official")
    assert outcome.verdict is Verdict.PASS
    assert [layer.name for layer in outcome.layers if layer.status is LayerStatus.RAN] == [
        "decoding", "official.xsd", "official.minimal", "official.ihe", "official.volet",
    ]  # fmt: skip


def test_an_official_error_fails_the_document(small: Path) -> None:
    assert judged(WRONG, small, "official").verdict is Verdict.FAIL


def test_both_sides_have_their_verdict_and_their_differences(small: Path) -> None:
    sides = judged(VALID, small, "both").extra["official"]
    assert sides["verdict"] == "pass"
    assert sides["native_verdict"] == "fail"
    assert sides["same_verdict"] is False
    assert sides["only_native"]


def test_ours_alone_ask_for_no_pack() -> None:
    outcome = validate(VALID.encode(), "test.xml")
    assert not outcome.extra
    assert not any(layer.name.startswith("official") for layer in outcome.layers)


def test_the_outcome_in_json_tells_the_official_side(small: Path) -> None:
    told = judged(WRONG, small, "official").to_json("en")
    assert told["official"]["verdict"] == "fail"
    (rule,) = [finding["rule"] for finding in told["findings"] if finding["layer"] == "official.volet"]
    assert told["official"]["rules"][rule]["pattern"] == "colour"
    assert told["official"]["rules"][rule]["file"] == "schematrons/abstract/inValueSet.sch"
