"""What CI servers, scanners and spreadsheets read: each verdict lands where it must, and hostile words stay words."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from lxml import etree

from conformance.core.language import Text
from conformance.core.recorder import Recorder
from conformance.core.verdicts import Verdict
from conformance.reporting import badge, csv_table, gitlab, junit, markdown, sarif
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from tests.reporting.sample_run import facts, header, write_sample_run


def run_of(folder: Path, verdict: Verdict, message: str = "", *, finished: bool = True, **changes: object) -> RunReport:
    recorder = Recorder(folder)
    recorder.start_run(header(**changes))
    recorder.start_test(facts("test_one", "Un", "One", "DOC.01"))
    recorder.finish_test(verdict, message=Text(message, message), reason="r", failure=message)
    if finished:
        recorder.finish_run()
    recorder.close()
    return merge_run(folder)


def junit_child(report: RunReport) -> str | None:
    case = etree.fromstring(junit.render(report)).find(".//testcase")
    assert case is not None
    children = [child.tag for child in case if child.tag != "properties"]
    return children[0] if children else None


@pytest.mark.parametrize(
    ("verdict", "plain", "strict"),
    [
        (Verdict.PASS, None, None),
        (Verdict.FAIL, "failure", "failure"),
        (Verdict.BENCH_ERROR, "error", "error"),
        (Verdict.NOT_CHECKED, "skipped", "failure"),
        (Verdict.TO_REVIEW, "skipped", "failure"),
        (Verdict.NOT_APPLICABLE, "skipped", "skipped"),
    ],
)
def test_junit_says_each_verdict(tmp_path: Path, verdict: Verdict, plain: str | None, strict: str | None) -> None:
    assert junit_child(run_of(tmp_path / "plain", verdict)) == plain
    assert junit_child(run_of(tmp_path / "strict", verdict, strict=True)) == strict


def test_junit_of_an_interrupted_run_is_not_green(tmp_path: Path) -> None:
    assert junit_child(run_of(tmp_path, Verdict.NOT_CHECKED, finished=False)) == "failure"


def test_junit_totals_are_those_of_its_elements(finished: RunReport) -> None:
    suites = etree.fromstring(junit.render(finished))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suites.get(name)) == len(suites.findall(f".//{tag}"))
    assert int(suites.get("tests")) == len(suites.findall(".//testcase")) == len(finished.tests)


def test_junit_takes_what_xml_cannot_hold(tmp_path: Path) -> None:
    report = run_of(tmp_path, Verdict.FAIL, "a\x00b\x1b[31m<&>\ufffe")
    assert "<&>" in (etree.fromstring(junit.render(report)).find(".//failure").get("message"))  # type: ignore[union-attr]


def test_sarif_points_into_the_document(finished: RunReport) -> None:
    (run,) = json.loads(sarif.render(finished))["runs"]
    (result,) = [one for one in run["results"] if one["ruleId"] == "vsm.allergies.missing"]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 30, "startColumn": 11}
    assert place["artifactLocation"]["uri"].startswith("raw/evidence/")
    assert {one["ruleId"] for one in run["results"]} == {one["id"] for one in run["tool"]["driver"]["rules"]}


def test_sarif_names_the_tests_that_need_someone(finished: RunReport) -> None:
    (run,) = json.loads(sarif.render(finished))["runs"]
    kinds = sorted(one["ruleId"] for one in run["results"] if one["ruleId"].startswith("test."))
    assert kinds == ["test.bench_error", "test.fail", "test.not_checked", "test.to_review"]


@pytest.mark.parametrize(
    ("verdict", "severity"),
    [(Verdict.FAIL, "critical"), (Verdict.BENCH_ERROR, "blocker"), (Verdict.NOT_CHECKED, "minor")],
)
def test_gitlab_ranks_what_did_not_pass(tmp_path: Path, verdict: Verdict, severity: str) -> None:
    (issue,) = json.loads(gitlab.render(run_of(tmp_path, verdict)))
    assert issue["severity"] == severity
    assert issue["location"] == {"path": "profiles/vsm/test_sample.py", "lines": {"begin": 1}}


def test_gitlab_keeps_the_fingerprint_from_run_to_run(tmp_path: Path) -> None:
    first, second = (
        {one["fingerprint"] for one in json.loads(gitlab.render(merge_run(write_sample_run(tmp_path / name))))}
        for name in "ab"
    )
    assert first == second


def test_csv_cells_are_no_formulas(tmp_path: Path) -> None:
    product = {"name": "=cmd()", "version": "+1", "vendor": "@x"}
    report = run_of(tmp_path, Verdict.PASS, product=product)
    rows = list(csv.DictReader(io.StringIO(csv_table.render(report).decode("utf-8-sig"))))
    assert {row["product"] for row in rows} == {"'=cmd()"}
    assert {row["product_version"] for row in rows} == {"'+1"}


def test_csv_says_who_answered(tmp_path: Path) -> None:
    answer = {"requirement": "INS/va1.60", "answer": "no", "reason": "", "by": "C. Test", "on": "2026-09-15",
              "comment": "", "evidence": []}  # fmt: skip
    report = run_of(tmp_path, Verdict.PASS, attestations=[answer])
    rows = {
        row["requirement"]: row for row in csv.DictReader(io.StringIO(csv_table.render(report).decode("utf-8-sig")))
    }
    assert (rows["INS/va1.60"]["verdict"], rows["INS/va1.60"]["answered_by"]) == ("fail", "C. Test")


def test_markdown_words_stay_words(tmp_path: Path) -> None:
    nasty = "a | b\n# title\n[x](javascript:1) <script> `c` *d*"
    lines = markdown.render(run_of(tmp_path, Verdict.FAIL, nasty)).splitlines()
    (line,) = [line for line in lines if "a \\| b" in line]
    for sign in ("<script>", "[x]", "`c`", "*d*"):
        assert sign not in line.replace("\\" + sign[0], "")


def test_markdown_speaks_the_language_of_the_run(tmp_path: Path) -> None:
    text = markdown.render(run_of(tmp_path, Verdict.PASS, language="en"))
    assert "Conforming in what was checked" in text or "Incomplete" in text
    assert "Exigences" not in text


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.FAIL, Verdict.BENCH_ERROR])
def test_badge_names_version_and_report(tmp_path: Path, verdict: Verdict) -> None:
    report = run_of(tmp_path, verdict, product={"name": "<A & B>", "version": '"4.2"', "vendor": "V"})
    title = etree.fromstring(badge.render(report).encode()).findtext("{*}title")
    assert title is not None
    assert '<A & B> "4.2"' in title
    assert report.header["run"] in title


def test_each_result_of_sarif_lies_in_a_file(finished: RunReport) -> None:
    (run,) = json.loads(sarif.render(finished))["runs"]
    assert run["results"]
    for result in run["results"]:
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"]
    assert all(
        rule["shortDescription"]["text"] for rule in run["tool"]["driver"]["rules"] if rule["id"].startswith("test.")
    )
