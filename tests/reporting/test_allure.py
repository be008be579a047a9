"""Allure results: labels, steps, attachments; and the page that the real tool builds from them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformance.reporting import allure
from conformance.reporting.model import RunReport
from tests.conftest import need

TOOL = Path(__file__).parent / "browser" / "node_modules" / ".bin" / "allure"


@pytest.fixture
def results(finished: RunReport, tmp_path: Path) -> dict[str, Any]:
    allure.write(finished, tmp_path / "allure-results")
    read = [json.loads(file.read_text("utf-8")) for file in (tmp_path / "allure-results").glob("*-result.json")]
    return {one["fullName"].rpartition("::")[2]: one for one in read}


def labels(result: dict[str, Any], name: str) -> set[str]:
    return {one["value"] for one in result["labels"] if one["name"] == name}


def test_labels_name_requirements_scenarios_and_proofs(results: dict[str, Any]) -> None:
    result = results["test_says_what_the_record_says"]
    assert labels(result, "requirement") == {"DOC.01", "DOC.03"}
    assert labels(result, "scenario") == {"DOC.01-SC1"}
    assert labels(result, "proof") == {"DOC.01-P1"}


def test_steps_are_nested_with_their_attachments(results: dict[str, Any], tmp_path: Path) -> None:
    steps = results["test_says_what_the_record_says"]["steps"]
    assert [step["name"] for step in steps] == ["Créer la patiente et son dossier", "Demander le VSM"]
    assert [step["name"] for step in steps[1]["steps"]] == ["Comparer les allergies au dossier"]
    (attached,) = steps[1]["attachments"]
    assert (tmp_path / "allure-results" / attached["source"]).exists()


def test_nothing_unchecked_is_green(results: dict[str, Any]) -> None:
    for result in results.values():
        assert (result["status"] == "passed") == (labels(result, "verdict") == {"pass"})


def test_results_of_an_earlier_run_are_removed(finished: RunReport, tmp_path: Path) -> None:
    folder = tmp_path / "allure-results"
    folder.mkdir()
    (folder / "old-result.json").write_text("{}")
    allure.write(finished, folder)
    assert not (folder / "old-result.json").exists()


def test_the_real_tool_builds_its_page(finished: RunReport, tmp_path: Path) -> None:
    need("report-tools", TOOL.exists(), "needs allure (npm install --no-package-lock in tests/reporting/browser)")
    allure.write(finished, tmp_path / "allure-results")
    command = [str(TOOL), "awesome", "allure-results", "--single-file", "--output", "page"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=280, env={**os.environ, "CI": "true"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "page" / "index.html").stat().st_size > 100_000
    counted = json.loads((tmp_path / "page" / "summary.json").read_text("utf-8"))["stats"]
    verdicts = finished.counts()["tests"]
    assert counted["total"] == len(finished.tests)
    assert counted["passed"] == verdicts["pass"]
    assert counted["failed"] == verdicts["fail"]
    assert counted["broken"] == verdicts["bench_error"]
    assert counted["skipped"] == verdicts["not_applicable"]
    assert counted["unknown"] == verdicts["not_checked"] + verdicts["to_review"]
