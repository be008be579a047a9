"""Real runs: the reference product with every profile, five faulty products, a run cut short. All views of each agree."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from conformance.core.errors import BenchError
from conformance.core.evidence import EVENTS_FOLDER, EVIDENCE_FOLDER
from conformance.core.verdicts import ExitCode, Verdict
from conformance.harness.profile import profile
from conformance.lgc.process import ReferenceProduct
from conformance.reporting.bundle import make_bundle
from conformance.reporting.bundle_check import check_bundle
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from conformance.reporting.views import VIEWS, write_views
from tests.reporting.counting import READERS
from tests.zoo.zoo import Played, play, staged

FAULTS = {
    "vsm": "forgets_allergies",
    "messagerie": "writes_wrong_hashes",
    "biologie": "ignores_upper_bound",
    "alimentation": "asks_an_authorisation",
    "consultation": "hides_the_visibility",
}
"""Profile → a fault that its tests catch, quickly."""

SOME = "test_faithfulness or test_sending or test_bounds or test_systematic or test_search"
"""Tests of every profile, those that catch the five faults among them."""

SHORT = "test_an_empty_record_gives_a_valid_vsm"

WHOLE = bool(os.environ.get("SEGUR_ALL_RUNS"))
"""Play each of the five faulty products alone, and all of its tests: six runs of a minute."""


@dataclass(frozen=True)
class Real:
    """A run of every profile: what the product does wrong, the exit code, the report and its views."""

    faults: tuple[str, ...]
    exit_code: int
    report: RunReport
    views: dict[str, Path]


@pytest.fixture(scope="module", params=["reference", *FAULTS.values()] if WHOLE else ["reference", "five faults"])
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Real:
    """A run of every profile on the good product, and on five faulty ones: in one run of some tests, unless ``WHOLE``."""
    folder = tmp_path_factory.mktemp("runs")
    if request.param == "reference":
        faults: tuple[str, ...] = ()
        played: Played = request.getfixturevalue("reference_run")
    elif request.param == "five faults":
        faults = tuple(FAULTS.values())
        played = play(faults, folder, "--test", SOME)
    else:
        faults = (request.param,)
        played = play(faults, folder)
    assert (played.folder / EVENTS_FOLDER).is_dir(), played.said
    report = merge_run(played.folder)
    return Real(faults, played.exit_code, report, write_views(report, folder / "views", VIEWS))


@pytest.mark.timeout(900)
def test_all_views_agree(real: Real) -> None:
    report = real.report
    assert report.footer is not None
    assert report.footer["exit_code"] == real.exit_code
    assert {"rules", "value_sets", "catalogue"} <= set(report.header["versions"])
    assert {one["id"] for one in report.header["profiles"]} == set(FAULTS)
    assert {test["profile"] for test in report.tests} == set(FAULTS)
    counts = report.counts()
    expected = {**counts, "interrupted": False, "passed": (counts["requirements"]["pass"], len(report.requirements))}
    for name, path in real.views.items():
        shown = READERS[name](path)
        assert shown == {key: expected[key] for key in shown}, name
    assert sum(counts["tests"].values()) == len(report.tests) > 60


def test_fault_is_red_where_it_is_and_the_reference_green(real: Real) -> None:
    assert real.exit_code == (ExitCode.FAIL if real.faults else ExitCode.PASS)
    red = {test["profile"] for test in real.report.tests if test["verdict"] == Verdict.FAIL}
    assert red >= {profile for profile, fault in FAULTS.items() if fault in real.faults}
    assert red == set() or real.faults


def test_report_of_a_real_run_keeps_to_the_schema(real: Real, root: Path) -> None:
    schema = json.loads((root / "reports/run-report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(real.views["json"].read_text("utf-8")))


def test_story_tells_the_wire_and_the_figures(real: Real) -> None:
    tests = {profile: [one for one in real.report.tests if one["profile"] == profile] for profile in FAULTS}
    for name in ("alimentation", "consultation"):
        assert any(file["media_type"] == "message/http" for test in tests[name] for file in test["evidence"])
    assert any(file["media_type"] == "message/rfc822" for test in tests["messagerie"] for file in test["evidence"])
    figures = {figure["name"]: figure for test in real.report.tests for figure in test["figures"]}
    assert "lab-results" in figures
    if "ignores_upper_bound" in real.faults:
        missed = [f for test in tests["biologie"] for f in test["figures"] if f.get("state") == "missed"]
        assert all(figure["value"] >= figure["high"] for figure in missed)
        assert missed
    if not real.faults:
        assert {"dmp-fed", "dmp-times"} <= set(figures)


def test_bundle_of_a_real_run_holds(real: Real) -> None:
    check = check_bundle(make_bundle(real.report, ("json",)))
    assert check.problems == []
    assert check.replayed > 10


@pytest.mark.timeout(300)
def test_run_cut_short_says_so_in_every_view(tmp_path: Path) -> None:
    events = tmp_path / "report" / EVENTS_FOLDER
    with staged([], tmp_path) as command:
        # A group of its own: the signal must reach the run, not the tests.
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                if sum(path.read_text("utf-8").count('"test_finished"') for path in events.glob("*.ndjson")) >= 5:
                    break
                time.sleep(0.1)
            os.killpg(process.pid, signal.SIGINT)
            code = process.wait(timeout=60)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert code == ExitCode.INCOMPLETE
    report = merge_run(tmp_path / "report")
    assert report.interrupted
    assert report.verdict is Verdict.NOT_CHECKED
    counts = report.counts()
    assert counts["tests"]["not_checked"] > 0
    assert {test["profile"] for test in report.tests} == set(FAULTS)
    for name, path in write_views(report, tmp_path / "views", VIEWS).items():
        shown = READERS[name](path)
        assert shown["interrupted"] is True, name
        assert {key: shown[key] for key in ("tests", "requirements") if key in shown} == {
            key: counts[key] for key in ("tests", "requirements") if key in shown
        }, name


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a ``segur.toml`` that reaches a running product."""
    folder = tmp_path_factory.mktemp("vendor")
    with ReferenceProduct(()) as product:
        (folder / "segur.toml").write_text(f'[adapter]\nkind = "http"\nurl = "{product.url}"\n', "utf-8")
        yield folder


def judged(vendor: Path, root: Path, *options: str) -> tuple[int, RunReport | None, str]:
    """The exit code, the report and the errors of a short ``segur run``."""
    folder = vendor / "out"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "conformance.cli.main", "run", "--profile", "vsm", "--test", SHORT]
    done = subprocess.run(
        [*command, "--config", str(vendor / "segur.toml"), "--report", str(folder), *options],
        cwd=root, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    try:
        report: RunReport | None = merge_run(folder)
    except BenchError:  # the run never began
        report = None
    return done.returncode, report, done.stderr


@pytest.fixture
def declare(vendor: Path) -> Iterator[Callable[[str, str], None]]:
    """Writes a declaration beside ``segur.toml``, for one test."""
    written: set[Path] = set()

    def write(name: str, content: str) -> None:
        (vendor / name).write_text(content, "utf-8")
        written.add(vendor / name)

    yield write
    for path in written:
        path.unlink()


def test_answer_of_a_person_counts_when_strict(vendor: Path, root: Path, declare: Callable[[str, str], None]) -> None:
    waiting = profile("vsm").attested
    assert waiting
    for answer, expected in (("yes", ExitCode.PASS), ("no", ExitCode.FAIL)):
        tables = [
            f'[[attestation]]\nrequirement = "{one}"\nanswer = "{answer}"\nby = "C. Test"\non = 2026-09-15\n'
            for one in waiting
        ]
        declare("attestations.toml", "\n".join(tables))
        code, report, _ = judged(vendor, root, "--strict")
        assert code == expected
        assert report is not None
        assert report.footer is not None
        assert report.footer["exit_code"] == expected


def test_deviation_of_a_passing_test_is_a_configuration_error(
    vendor: Path, root: Path, declare: Callable[[str, str], None]
) -> None:
    declare(
        "deviations.toml",
        '[[deviation]]\ntest = "profiles/vsm/test_empty.py::*"\nreason = "x"\nowner = "y"\nexpires = 2999-01-01\n',
    )
    code, report, _ = judged(vendor, root)
    assert code == ExitCode.USAGE
    assert report is not None
    assert [one["state"] for one in report.deviations] == ["stale"]


def test_declaration_of_an_unknown_requirement_stops_the_run(
    vendor: Path, root: Path, declare: Callable[[str, str], None]
) -> None:
    declare("attestations.toml", '[[attestation]]\nrequirement = "NO.1"\nanswer = "yes"\nby = "C"\non = 2026-09-15\n')
    code, _, error = judged(vendor, root)
    assert code == ExitCode.USAGE
    assert "NO.1" in error
    assert "Traceback" not in error


def names_of_patients(folder: Path) -> tuple[set[str], set[str]]:
    """The words of the names, and the matricules, of every patient that the run created."""
    words: set[str] = set()
    matricules: set[str] = set()
    for path in (folder / EVIDENCE_FOLDER).rglob("*.json"):
        value = json.loads(path.read_text("utf-8"))
        identity = value.get("identity") if isinstance(value, dict) else None
        if not isinstance(identity, dict):
            continue
        for key, told in identity.items():
            if "name" in key and "place" not in key and isinstance(told, str):
                words.update(re.findall(r"[^\W\d_]{4,}", told))
        matricules.add((identity.get("ins") or {}).get("matricule", ""))
    return words, matricules - {""}


def test_no_patient_of_a_real_run_shows(real: Real) -> None:
    assert real.report.folder is not None
    words, matricules = names_of_patients(real.report.folder)
    assert len(words) > 5
    assert matricules
    texts = [real.views["json"].read_text("utf-8")]
    for packed in re.findall(r'"([A-Za-z0-9+/=]{60,})"', real.views["html"].read_text("utf-8")):
        try:
            texts.append(zlib.decompress(base64.b64decode(packed)).decode())
        except (ValueError, zlib.error):
            continue  # a digest, not a packed text
    assert len(texts) > 20
    # Both are looked for once in each text: a run holds hundreds of patients and of texts.
    number = re.compile("|".join(map(re.escape, matricules)))
    for text in texts:
        assert not number.search(text)
        assert not words & set(re.findall(r"[^\W\d_]+", text)) - {"TEST", "PATIENT"}
