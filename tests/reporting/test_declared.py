"""Attestations, opinions and deviations in the report: shown everywhere, and never turning red into green."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from pypdf import PdfReader

from conformance.core.recorder import Recorder
from conformance.core.verdicts import ExitCode, Verdict
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from conformance.reporting.views import VIEWS, write_views
from tests.reporting.sample_run import facts, header, write_sample_run

FAILING = "profiles/vsm/test_sample.py::test_says_what_the_record_says"
PASSING = "profiles/vsm/test_sample.py::test_is_valid"


def deviation(test: str, expires: str = "2999-01-31") -> dict[str, str]:
    return {
        "test": test,
        "reason": "Défaut connu",
        "owner": "C. Test",
        "link": "https://x.example/1",
        "expires": expires,
    }


def answer(requirement: str, said: str = "yes", reason: str = "") -> dict[str, object]:
    return {
        "requirement": requirement,
        "answer": said,
        "reason": reason,
        "by": "Camille Test",
        "on": "2026-09-15",
        "comment": "Vu.",
        "evidence": [],
    }


OPINION = {"requirement": "DOC.01", "opinion": "disagrees", "by": "A. Audit", "on": "2026-10-01", "comment": "Non."}


@pytest.fixture
def declared(tmp_path: Path) -> RunReport:
    return merge_run(
        write_sample_run(
            tmp_path,
            attestations=[answer("INS/va1.60"), answer("DOC.01")],
            opinions=[OPINION],
            deviations=[deviation(FAILING), deviation(PASSING), deviation("nothing::here"), deviation(FAILING, "2001-01-01")],
        )
    )  # fmt: skip


def test_answer_judges_the_requirement_that_no_test_does(declared: RunReport) -> None:
    verdicts = {one["id"]: one["verdict"] for one in declared.attested}
    assert verdicts == {"INS/va1.60": Verdict.PASS, "SSI/va1.02": Verdict.NOT_CHECKED}


def test_answer_changes_nothing_where_tests_judge(declared: RunReport) -> None:
    (requirement,) = [one for one in declared.requirements if one["id"] == "DOC.01"]
    assert requirement["verdict"] == Verdict.FAIL
    assert requirement["attestation"]["answer"] == "yes"


def test_opinion_stands_beside_the_verdict(declared: RunReport) -> None:
    (requirement,) = [one for one in declared.requirements if one["id"] == "DOC.01"]
    assert requirement["opinions"] == [OPINION]


def test_deviation_explains_the_failure_and_leaves_it_red(declared: RunReport) -> None:
    test = declared.tests[0]
    assert (test["verdict"], test["deviation"]) == (Verdict.FAIL, "Défaut connu")
    assert [one["state"] for one in declared.deviations] == ["holds", "stale", "unknown", "expired"]
    assert declared.counts()["deviations"]["stale"] == 1


def test_schema_knows_them(declared: RunReport, root: Path) -> None:
    schema = json.loads((root / "reports/run-report.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(json.dumps(declared.to_json())), schema)


# The name of a deviated test, or its reason, as each view can show it.
SHOWN = {
    "json": "Défaut connu",
    "html": "Défaut connu",
    "junit": "Défaut connu",
    "allure": "Défaut connu",
    "pdf": "Défaut connu",
    "sarif": "Défaut connu",
    "gitlab": "Défaut connu",
    "markdown": "Défaut connu",
    "csv": "stale",
    "badge": "Écarts déclarés : 4",
}


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_view_shows_the_deviations(declared: RunReport, tmp_path: Path, view: str) -> None:
    path = write_views(declared, tmp_path / "views", [view])[view]
    if view == "pdf":
        text = " ".join(page.extract_text() for page in PdfReader(path).pages)
    else:
        files = [path] if path.is_file() else sorted(path.iterdir())
        text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert SHOWN[view] in text


def end_of(folder: Path, verdict: Verdict, **changes: object) -> ExitCode:
    recorder = Recorder(folder)
    recorder.start_run(header(**changes))
    recorder.start_test(facts("test_one", "un", "one", "DOC.01"))
    recorder.finish_test(verdict)
    code = recorder.finish_run()
    recorder.close()
    return code


ONE = "profiles/vsm/test_sample.py::test_one"


def test_deviation_that_holds_leaves_the_exit_code_red(tmp_path: Path) -> None:
    assert end_of(tmp_path, Verdict.FAIL, deviations=[deviation(ONE)]) is ExitCode.FAIL


@pytest.mark.parametrize("wrong", [deviation(ONE), deviation("nothing"), deviation(ONE, "2001-01-01")])
def test_wrong_deviation_makes_a_green_run_a_configuration_error(tmp_path: Path, wrong: dict[str, str]) -> None:
    assert end_of(tmp_path, Verdict.PASS, deviations=[wrong]) is ExitCode.USAGE


def test_deviation_outside_the_selection_is_left_alone(tmp_path: Path) -> None:
    assert end_of(tmp_path, Verdict.PASS, deviations=[deviation("other")], selection="DOC.01") is ExitCode.PASS
