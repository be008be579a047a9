"""The published pack, when ``SEGUR_PACK_DIR`` points to it: what it holds and how it judges its own examples."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.cda.reading import read_document
from conformance.core.verdicts import Verdict
from conformance.validation.packs.pack import Pack, open_folder
from conformance.validation.packs.preflight import Preflight, preflight
from conformance.validation.packs.problems import ProblemKind
from conformance.validation.packs.results import LayerState, OfficialResult
from conformance.validation.packs.runner import OfficialRules

FOLDER = os.environ.get("SEGUR_PACK_DIR", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="SEGUR_PACK_DIR does not point to the published pack")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return open_folder(Path(FOLDER))


@pytest.fixture(scope="module")
def report(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Preflight:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGUR_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        return preflight(pack)


@pytest.fixture(scope="module")
def results(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, OfficialResult]]:
    with pytest.MonkeyPatch.context() as patch, OfficialRules(pack) as rules:
        patch.setenv("SEGUR_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        files = sorted((pack.source.root / "ExemplesCDA").glob("*.xml"))
        yield {file.name: rules.check(read_document(file.read_bytes(), file.name)) for file in files}


def test_every_schematron_loads_or_is_named(report: Preflight) -> None:
    broken = {str(problem.details["schematron"]) for problem in report.of(ProblemKind.DOES_NOT_COMPILE)}
    assert report.schematrons == report.loading + len(broken)
    assert broken == {"schematrons/CI-SIS_BIO-CR-BIO_2023.01.sch"}


def test_the_known_defects_are_found(report: Preflight) -> None:
    assert len(report.of(ProblemKind.INCLUDE_CASE)) >= 12
    missing = [problem.details["href"] for problem in report.of(ProblemKind.VALUE_SET_MISSING)]
    assert "include/voc-1.2.250.1.213.1.1.5.471-DYNAMIC.xml" in missing
    empty = [problem.file for problem in report.of(ProblemKind.EMPTY_FILE)]
    assert sum("BIO-CR-BIO_2023.01" in file for file in empty) == 2
    assert sum("VSM" in problem.file for problem in report.of(ProblemKind.DEAD_RULE)) == 3


def test_no_example_breaks_the_run(results: dict[str, OfficialResult]) -> None:
    assert len(results) == 94
    assert not [name for name, result in results.items() if result.verdict is Verdict.BENCH_ERROR]
    assert not [f for result in results.values() for f in result.findings if not f.evaluated]


def test_the_common_layers_ran_on_every_example(results: dict[str, OfficialResult]) -> None:
    for name, result in results.items():
        states = {layer.name: layer.state for layer in result.layers}
        assert [states[layer] for layer in ("xsd", "minimal", "ihe", "content", "ans")] == [LayerState.RAN] * 5, name


def test_what_has_no_schematron_says_so(results: dict[str, OfficialResult]) -> None:
    volets = {name: next(layer for layer in result.layers if layer.name == "volet") for name, result in results.items()}
    unchecked = {
        name: layer.reason.en
        for name, layer in volets.items()
        if layer.state is LayerState.NOT_CHECKED and layer.reason
    }
    for name, reason in unchecked.items():
        assert re.search(r"SDM-MR_2024\.01|does not load|templateId", reason), name
    assert sum(name.startswith("SDM-MR_2025") for name in unchecked) == 3
    assert all(results[name].verdict in (Verdict.NOT_CHECKED, Verdict.FAIL) for name in unchecked)


def test_the_examples_are_recognised_as_their_names_say(results: dict[str, OfficialResult]) -> None:
    for name, result in results.items():
        if result.volet and re.match(r"[A-Za-z-]+_\d{4}\.\d\d", name):
            kind, version = re.match(r"([A-Za-z0-9-]+)_(\d{4}\.\d\d)", name).groups()  # type: ignore[union-attr]  # matched above
            assert result.volet.lower() == f"{kind}_{version}".lower(), name
