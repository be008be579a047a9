"""SARIF 2.1.0, for code scanning pages: one result for each finding, and for each test that did not pass."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from conformance.core.verdicts import Verdict
from conformance.reporting import words
from conformance.reporting.model import FindingReport, ReportOfTest, RunReport, in_language

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_TEST_LEVELS = {
    Verdict.FAIL: "error",
    Verdict.BENCH_ERROR: "error",
    Verdict.NOT_CHECKED: "warning",
    Verdict.TO_REVIEW: "note",
}


def render(report: RunReport) -> str:
    """The file, as JSON."""
    language = report.header["language"]
    rules: dict[str, dict[str, Any]] = {}
    results: list[dict[str, Any]] = []
    for test in report.tests:
        for finding in test["findings"]:
            rules.setdefault(finding["rule"], _rule(finding))
            results.append(_of_finding(finding, test, language))
        if (level := _TEST_LEVELS.get(Verdict(test["verdict"]))) is not None:
            rules.setdefault(f"test.{test['verdict']}", _rule_of_verdict(test["verdict"], language))
            results.append(_of_test(test, level, language))
    ended = "" if report.footer is None else report.footer["finished_at"]
    run = {
        "tool": {
            "driver": {
                "name": "segur-conformance",
                "semanticVersion": report.header["kit"],
                "rules": sorted(rules.values(), key=lambda rule: str(rule["id"])),
            }
        },
        "automationDetails": {"id": f"{report.header['product']['name']}/{report.header['run']}"},
        "invocations": [
            {
                "executionSuccessful": not report.interrupted and report.verdict is not Verdict.BENCH_ERROR,
                "startTimeUtc": _utc(report.header["started_at"]),
                **({"endTimeUtc": _utc(ended)} if ended else {}),
            }
        ],
        "results": results,
        "properties": {
            "verdict": str(report.verdict),
            "interrupted": report.interrupted,
            "counts": report.counts(),
            "product": report.header["product"],
            "requirements": {one["id"]: one["verdict"] for one in report.requirements},
            "deviations": report.deviations,
        },
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _rule_of_verdict(verdict: str, language: str) -> dict[str, Any]:
    meaning = words.VERDICT_MEANINGS[verdict].in_("en" if language == "en" else "fr")
    return {"id": f"test.{verdict}", "shortDescription": {"text": meaning}}


def _place_of(test: ReportOfTest) -> dict[str, Any]:
    """The file of the test: pages of code scanning refuse a result that lies in no file."""
    return {"artifactLocation": {"uri": quote(test["id"].partition("::")[0])}, "region": {"startLine": 1}}


def _rule(finding: FindingReport) -> dict[str, Any]:
    return {
        "id": finding["rule"],
        "properties": {
            "tags": list(dict.fromkeys(finding["requirements"])),
            "trust": finding["trust"],
            "source": finding["source"],
        },
    }


def _of_finding(finding: FindingReport, test: ReportOfTest, language: str) -> dict[str, Any]:
    proof = next((one for one in test["evidence"] if one["sha256"] == finding["document"]), None)
    physical = _place_of(test)
    if proof is not None:
        physical = {}
        physical["artifactLocation"] = {"uri": proof["path"], "description": {"text": proof["name"]}}
        if finding["line"]:
            physical["region"] = {"startLine": finding["line"]}
            if finding["column"]:
                physical["region"]["startColumn"] = finding["column"]
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": finding["xpath"] or test["id"]}]}
    location["physicalLocation"] = physical
    return {
        "ruleId": finding["rule"],
        "level": _LEVELS[finding["severity"]],
        "message": {"text": in_language(finding["message"], language)},
        "locations": [location],
        "partialFingerprints": {"segur/v1": finding["fingerprint"]},
        "properties": {"test": test["id"], "layer": finding["layer"], "requirements": finding["requirements"]},
    }


def _of_test(test: ReportOfTest, level: str, language: str) -> dict[str, Any]:
    said = in_language(test["message"], language) or words.VERDICTS[test["verdict"]].in_(
        "en" if language == "en" else "fr"
    )
    properties: dict[str, Any] = {"verdict": test["verdict"], "requirements": test["requirements"]}
    if deviation := test.get("deviation"):
        properties["deviation"] = deviation
    return {
        "ruleId": f"test.{test['verdict']}",
        "level": level,
        "message": {"text": f"{in_language(test['title'], language)} – {said}"},
        "locations": [
            {
                "physicalLocation": _place_of(test),
                "logicalLocations": [{"fullyQualifiedName": test["id"], "kind": "function"}],
            }
        ],
        "properties": properties,
    }


def _utc(iso: str) -> str:
    return iso.replace("+00:00", "Z")
