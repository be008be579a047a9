"""The property test on generated reports: it finds a fault, cuts the report down to one result, saves it, replays it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cda.lab import LabReport, read_report
from conformance.cda.reading import read_document
from conformance.core.verdicts import ExitCode
from conformance.lgc.process import ReferenceProduct

PROPERTY = "test_the_flagged_results_are_those_of_the_oracle"


def play(folder: Path, faults: tuple[str, ...], *more: str, examples: int = 60) -> tuple[int, dict[str, object]]:
    """Play the property test on a faulty product: exit code, and its test in the report."""
    with ReferenceProduct(faults) as product:
        config = folder / "segur.toml"
        config.write_text(
            f'[adapter]\nkind = "http"\nurl = "{product.url}"\n[profile.biologie]\nexamples = {examples}\n', "utf-8"
        )
        command = [sys.executable, "-m", "conformance.cli.main", "run", "--config", str(config)]
        command += ["--profile", "biologie", "--test", PROPERTY, "--report", str(folder / "report"), "--format", "json"]
        done = subprocess.run(
            [*command, "--lang", "en", *more], capture_output=True, text=True, timeout=200, check=False
        )
    report = json.loads((folder / "report" / "report.json").read_text("utf-8"))
    return done.returncode, report["tests"][0]


def read(path: Path) -> LabReport:
    return read_report(read_document(path.read_bytes()))


@pytest.fixture(scope="module")
def counterexample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is saved when the product never finds a result above its range."""
    folder = tmp_path_factory.mktemp("property")
    code, test = play(folder, ("ignores_upper_bound",))
    assert code == ExitCode.FAIL, test
    assert "above" in str(test["message"])
    return folder / "report" / "counterexamples" / f"{PROPERTY}.xml"


def test_a_failure_is_saved_as_a_report_with_one_result(counterexample: Path) -> None:
    report = read(counterexample)
    assert report.structured
    assert len(report.results) == 1
    assert report.results[0].ranges


@pytest.mark.parametrize(("faults", "expected"), [(("ignores_upper_bound",), ExitCode.FAIL), ((), ExitCode.PASS)])
def test_a_saved_report_is_played_again(
    counterexample: Path, faults: tuple[str, ...], expected: ExitCode, tmp_path: Path
) -> None:
    code, test = play(tmp_path, faults, "--record", str(counterexample))
    assert code == expected, test
