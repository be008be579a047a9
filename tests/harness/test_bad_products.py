"""A product that is off, hangs, answers garbage, offers nothing or dies: no pass, a sentence, the right exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.core.verdicts import ExitCode
from conformance.lgc.process import ReferenceProduct
from tests.sut.hostile import Script, hangs_up, hostile_product, says, says_nothing

PROFILES = ["vsm", "messagerie"]


def run(
    url: str, folder: Path, *more: str, timeout: float = 1.0
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    config = folder / "segur.toml"
    config.write_text(f'[adapter]\nkind = "http"\nurl = "{url}"\ntimeout_seconds = {timeout}\n', encoding="utf-8")
    command = [sys.executable, "-m", "conformance.cli.main", "run", "--config", str(config), "--lang", "en"]
    command += ["--report", str(folder / "report"), "--format", "json", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    report = json.loads((folder / "report" / "report.json").read_text("utf-8"))
    return done, report


def verdicts(report: dict[str, Any]) -> set[str]:
    """Those of the tests that ask the product: the one for which no pack of rules is named does not."""
    return {test["verdict"] for test in asked(report)}


def asked(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [test for test in report["tests"] if test["verdict"] != "not_applicable"]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_product_switched_off_passes_nothing(profile: str, tmp_path: Path) -> None:
    done, report = run("http://127.0.0.1:9", tmp_path, "--profile", profile)
    assert done.returncode == ExitCode.BENCH_ERROR
    assert verdicts(report) == {"bench_error"}
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("script", "code", "found"),
    [
        (
            says("501 Not Implemented", b'{"code": "not_offered", "message": "no"}'),
            ExitCode.INCOMPLETE,
            {"not_checked"},
        ),
        (says("200 OK", b"<html>hello</html>", "text/html"), ExitCode.BENCH_ERROR, {"bench_error"}),
        (says("200 OK", b"{]", "application/json"), ExitCode.BENCH_ERROR, {"bench_error"}),
        (hangs_up, ExitCode.BENCH_ERROR, {"bench_error"}),
        (says_nothing, ExitCode.BENCH_ERROR, {"bench_error"}),
    ],
    ids=["offers nothing", "html", "broken json", "hangs up", "hangs"],
)
def test_a_product_that_answers_badly_passes_nothing(
    script: Script, code: ExitCode, found: set[str], tmp_path: Path
) -> None:
    with hostile_product(script) as url:
        done, report = run(url, tmp_path, "--profile", "vsm")
    assert verdicts(report) == found
    assert done.returncode == code
    assert "Traceback" not in done.stdout + done.stderr


def test_a_product_of_another_contract_is_not_judged(tmp_path: Path) -> None:
    about = {"name": "N", "version": "1", "vendor": "V", "contract_version": "2.0", "operations": []}
    with hostile_product(says("200 OK", json.dumps(about).encode())) as url:
        done, report = run(url, tmp_path, "--profile", "vsm", "--test", "test_production")
    assert verdicts(report) == {"bench_error"}
    assert done.returncode == ExitCode.BENCH_ERROR
    assert all("2.0" in test["message"]["en"] for test in asked(report))


def test_the_report_names_a_product_that_offers_no_reset(tmp_path: Path) -> None:
    config = tmp_path / "segur.toml"
    config.write_text(
        '[adapter]\nkind = "python"\ntarget = "tests.harness.limited_product:WithoutReset"\n', encoding="utf-8"
    )
    command = [sys.executable, "-m", "conformance.cli.main", "run", "--config", str(config), "--profile", "vsm"]
    command += ["--report", str(tmp_path / "report"), "--format", "json", "--test", "test_production"]
    subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert report["header"]["product"]["name"] == "Logiciel témoin"


def test_what_is_not_offered_becomes_a_question_to_a_person(tmp_path: Path) -> None:
    with hostile_product(says("501 Not Implemented", b'{"code": "not_offered", "message": "no"}')) as url:
        _, report = run(url, tmp_path, "--profile", "vsm")
    assert asked(report)
    assert all("question" in test["message"]["en"].lower() for test in asked(report))


def test_a_product_that_dies_in_the_middle_fails_nobody_and_passes_no_more(tmp_path: Path) -> None:
    with ReferenceProduct() as product:
        config = tmp_path / "segur.toml"
        config.write_text(f'[adapter]\nkind = "http"\nurl = "{product.url}"\n', encoding="utf-8")
        command = [sys.executable, "-m", "conformance.cli.main", "run", "--config", str(config), "--profile", "vsm"]
        command += ["--report", str(tmp_path / "report"), "--format", "json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        events = tmp_path / "report" / "raw" / "events" / "main.ndjson"
        while not (events.exists() and events.read_text("utf-8").count("test_finished") >= 5):
            assert process.poll() is None, process.communicate()[0]
        product.kill()
        said, _ = process.communicate(timeout=200)
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert process.returncode == ExitCode.BENCH_ERROR, said
    assert verdicts(report) == {"pass", "bench_error"}


def test_the_run_says_the_same_in_two_processes(tmp_path: Path) -> None:
    """With tests that log another user in to the product (DMP), and tests of his colleague's mailbox."""
    some = ["--test", "test_statuses or prefix_of_subjects or deleted_report or search_by"]
    with ReferenceProduct() as product:
        one, alone = run(product.url, tmp_path, *some, timeout=30)
        (tmp_path / "again").mkdir()
        two, shared_out = run(product.url, tmp_path / "again", *some, "-n", "2", timeout=30)
    assert one.returncode == two.returncode == ExitCode.PASS, one.stdout + two.stdout
    assert {test["profile"] for test in alone["tests"]} >= {"vsm", "messagerie", "biologie", "consultation"}
    assert {t["id"]: t["verdict"] for t in alone["tests"]} == {t["id"]: t["verdict"] for t in shared_out["tests"]}
    assert set(alone["header"]["requirements"]) == set(shared_out["header"]["requirements"])


def test_pytest_on_the_profile_does_the_same_as_segur_run(tmp_path: Path, root: Path) -> None:
    with ReferenceProduct() as product:
        config = tmp_path / "segur.toml"
        config.write_text(f'[adapter]\nkind = "http"\nurl = "{product.url}"\n', encoding="utf-8")
        command = [sys.executable, "-m", "pytest", str(root / "profiles" / "vsm"), "--segur", str(config), "-q"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False, cwd=root)
    assert done.returncode == ExitCode.PASS, done.stdout + done.stderr
    assert (tmp_path / "segur-report" / "raw" / "events" / "main.ndjson").exists()


def test_only_the_tests_of_a_requirement_are_played(tmp_path: Path) -> None:
    with ReferenceProduct() as product:
        done, report = run(product.url, tmp_path, "--profile", "vsm", "--requirement", "INS/va1.53", timeout=30)
    assert done.returncode == ExitCode.PASS, done.stdout
    assert {name for test in report["tests"] for name in test["requirements"]} == {"INS/va1.53"}


def test_a_failing_property_is_saved_and_replayed(tmp_path: Path) -> None:
    with ReferenceProduct(("drops_dosages", "wrong_status")) as product:
        done, report = run(product.url, tmp_path, "--profile", "vsm", "--test", "test_any_record", timeout=30)
        assert done.returncode == ExitCode.FAIL, done.stdout
        (test,) = report["tests"]
        saved = tmp_path / "report" / "counterexamples" / "test_any_record_gives_a_valid_and_faithful_vsm.json"
        assert str(saved) in test["replay"]
        record = json.loads(saved.read_text("utf-8"))["record"]
        assert sum(len(items) for items in record.values() if isinstance(items, list)) == 1, record
        again, replayed = run(
            product.url, tmp_path, "--profile", "vsm", "--test", "test_any_record", "--record", str(saved), timeout=30
        )
    assert again.returncode == ExitCode.FAIL, again.stdout
    assert replayed["tests"][0]["message"] == test["message"]
