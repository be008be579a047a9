"""``segur pack``: what it prints and returns, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cda.reading import read_document
from conformance.cli.main import main
from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import verbatim
from conformance.core.verdicts import ExitCode, Verdict
from conformance.validation.outcome import DocumentOutcome, LayerOutcome, LayerStatus
from conformance.validation.packs.bridge import Rules, as_extra, as_layers, join
from conformance.validation.packs.comparison import compare
from conformance.validation.packs.official import close_engines
from conformance.validation.packs.runner import OfficialRules
from tests.packs.documents import VALID

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def segur(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs ``segur pack …``: the exit code, what was printed, what was complained of."""
    pytest.importorskip("saxonche", reason="the official rules need the extra packs")

    def call(*arguments: str, lang: str = "en") -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(["pack", *arguments, "--lang", lang])
        printed = capsys.readouterr()
        return int(stop.value.code or 0), printed.out, printed.err

    return call


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    file = tmp_path / "valid.xml"
    file.write_text(VALID, "utf-8")
    return file


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    file = tmp_path / "wrong.xml"
    file.write_text(VALID.replace('code="RED"', 'code="GREY"'), "utf-8")
    return file


def test_a_pack_is_added_listed_and_removed(segur: Call, small: Path) -> None:
    code, out, _ = segur("add", str(small), "--name", "mine")
    assert code == ExitCode.PASS
    assert "mine — 6 schematrons of which 4 volets, 3 value sets, with an XML schema" in out
    assert "does not load: schematrons/CI-SIS_LDL-EES_2022.01.sch" in out
    assert "mine" in segur("list")[1]
    assert json.loads(segur("list", "--format", "json")[1])[0]["name"] == "mine"
    assert segur("remove", "mine")[0] == ExitCode.PASS
    assert "No registered pack" in segur("list")[1]


def test_the_pre_flight_gives_file_and_line_and_fails_when_rules_are_lost(segur: Call, small: Path) -> None:
    code, out, _ = segur("check", str(small))
    assert code == ExitCode.FAIL
    assert re.search(
        r"^schematrons/profils/IHE\.sch:6 warning Include of “\.\./include/entrees/E_Leaf\.sch”", out, re.M
    )
    assert "4 of 6 schematrons load." in out


def test_the_pre_flight_passes_a_sound_pack(segur: Call, write_pack: Callable[..., Path]) -> None:
    rule = '<pattern id="p"><rule context="c:a"><assert id="x" test="@x">x</assert></rule></pattern>'
    code, out, _ = segur("check", str(write_pack({"a.sch": rule})))
    assert (code, out) == (ExitCode.PASS, "1 of 1 schematrons load.\n")


def test_the_pre_flight_in_json(segur: Call, small: Path) -> None:
    report = json.loads(segur("check", str(small), "--format", "json")[1])
    assert (report["loading"], report["schematrons"]) == (4, 6)
    assert {"kind", "severity", "mended", "file", "line", "message"} <= set(report["problems"][0])


def test_a_right_document_passes(segur: Call, small: Path, valid: Path) -> None:
    code, out, _ = segur("run", str(valid), "--pack", str(small))
    assert code == ExitCode.PASS
    assert "— pass — VSM_1.4_2022.01" in out
    assert "layer volet: rules applied: 3, errors: 0" in out
    assert "mended in memory: schematrons/profils/IHE.sch:6" in out


def test_a_wrong_document_fails_in_french_too(segur: Call, small: Path, wrong: Path) -> None:
    code, out, _ = segur("run", str(wrong), "--pack", str(small), lang="fr")
    assert code == ExitCode.FAIL
    assert "non conforme" in out
    assert re.search(
        r"14:11 erreur \[inValueSet\] observation/value \[GREY\] .*schematrons/abstract/inValueSet\.sch:7\]", out
    )


def test_a_document_that_cannot_be_fully_judged_is_incomplete(segur: Call, small: Path, valid: Path) -> None:
    code, out, _ = segur("run", str(valid), "--pack", str(small), "--volet", "VSM_2023.01")
    assert code == ExitCode.INCOMPLETE
    assert "JDV_Nowhere_CISIS.xml" in out


def test_a_limit_that_is_reached_is_a_bench_error(segur: Call, write_pack: Callable[..., Path], valid: Path) -> None:
    endless = "count(for $i in 1 to 100000, $j in 1 to 100000 return $i * $j) = 1"
    rule = f'<pattern id="p"><rule context="c:id"><assert test="{endless}">x</assert></rule></pattern>'
    code, out, _ = segur("run", str(valid), "--pack", str(write_pack({"a.sch": rule})), "--time-limit", "1.5")
    assert code == ExitCode.BENCH_ERROR
    assert "time limit" in out


def test_what_is_no_document_is_told_in_a_sentence(segur: Call, small: Path, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("not xml")
    code, _, err = segur("run", str(tmp_path / "a.xml"), "--pack", str(small))
    assert code == ExitCode.FAIL
    assert "Traceback" not in err
    assert segur("run", str(tmp_path / "none.xml"), "--pack", str(small))[0] == ExitCode.USAGE


def test_a_hostile_pack_is_refused_with_a_sentence(segur: Call, write_pack: Callable[..., Path], valid: Path) -> None:
    rule = '<pattern id="p"><rule context="c:id"><assert test="unparsed-text(\'/etc/hostname\')">x</assert></rule></pattern>'
    code, _, err = segur("run", str(valid), "--pack", str(write_pack({"a.sch": rule})))
    assert code == ExitCode.USAGE
    assert "a rule pack may not call" in err


def test_without_the_extra_the_way_to_install_it_is_told(
    segur: Call, small: Path, valid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.validation.packs.engine.importlib.util.find_spec", lambda name: None)
    code, _, err = segur("run", str(valid), "--pack", str(small))
    assert code == ExitCode.USAGE
    assert "pip install 'segur-conformance[packs]'" in err


def test_both_sides_are_compared(segur: Call, small: Path, wrong: Path) -> None:
    code, out, _ = segur("compare", str(wrong), "--pack", str(small))
    assert code == ExitCode.FAIL  # the small document is no CDA for our own rules
    assert "kit only: " in out


# The comparison and the bridge to the pipeline ---------------------------------------------------------------


def ours(xpath: str) -> Finding:
    return Finding("our.rule", Severity.ERROR, "content", verbatim("ours"), Place(1, 1, xpath))


@pytest.mark.parametrize(
    ("xpath", "meets"),
    [
        ("/ClinicalDocument/component/section/entry/observation/value", True),
        ("/ClinicalDocument/component/section/entry/observation/value/@code", True),
        ("/ClinicalDocument/component/section/entry/observation", True),
        ("/ClinicalDocument/component/section/entry/observation/value/translation", True),
        ("/ClinicalDocument/component/section/entry", False),
        ("/ClinicalDocument/code", False),
    ],
)
def test_errors_meet_on_the_same_node_or_next_to_it(
    small_rules: OfficialRules, wrong: Path, xpath: str, meets: bool
) -> None:
    comparison = compare([ours(xpath)], Verdict.FAIL, small_rules.check(read_document(wrong.read_bytes())))
    assert comparison.same_verdict
    assert (not comparison.only_official, not comparison.only_native, comparison.met) == (meets, meets, int(meets))


def test_the_layers_of_the_pipeline_keep_what_did_not_run(small_rules: OfficialRules, valid: Path) -> None:
    layers = as_layers(small_rules.check(read_document(valid.read_bytes()), "VSM_2023.01"))
    assert [(layer.name, layer.status, layer.expected) for layer in layers] == [
        ("official.xsd", LayerStatus.RAN, True),
        ("official.minimal", LayerStatus.RAN, True),
        ("official.ihe", LayerStatus.RAN, True),
        ("official.volet", LayerStatus.SKIPPED, True),
    ]


def test_the_outcome_says_where_the_sides_differ(small_rules: OfficialRules, wrong: Path) -> None:
    result = small_rules.check(read_document(wrong.read_bytes()))
    extra = as_extra(result, [], Verdict.PASS)["official"]
    assert (extra["verdict"], extra["native_verdict"], extra["same_verdict"]) == ("fail", "pass", False)
    assert extra["only_official"] == [result.findings[0].finding.fingerprint]
    assert len(extra["mends"]) == 3


def test_the_official_rules_join_an_outcome_of_ours(small: Path, wrong: Path) -> None:
    pytest.importorskip("saxonche")
    read = read_document(wrong.read_bytes())
    native = DocumentOutcome(
        "wrong.xml", None, (LayerOutcome("decoding", LayerStatus.RAN), LayerOutcome("header", LayerStatus.RAN))
    )
    both = join(native, read, Rules.BOTH, str(small))
    alone = join(native, read, Rules.OFFICIAL, str(small))
    close_engines()
    assert join(native, read, Rules.NATIVE, str(small)) is native
    assert native.verdict is Verdict.PASS
    assert both.verdict is alone.verdict is Verdict.FAIL
    assert [layer.name for layer in both.layers] == [
        "decoding",
        "header",
        "official.xsd",
        "official.minimal",
        "official.ihe",
        "official.volet",
    ]
    assert [layer.name for layer in alone.layers] == [
        "decoding",
        "official.xsd",
        "official.minimal",
        "official.ihe",
        "official.volet",
    ]
    assert both.extra["official"]["same_verdict"] is False
    assert "native_verdict" not in alone.extra["official"]
