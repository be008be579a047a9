"""GitLab code quality: what failed and each finding, as the merge request shows them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from conformance.core.deviations import WRONG
from conformance.core.verdicts import Verdict
from conformance.reporting import words
from conformance.reporting.model import ReportOfTest, RunReport, in_language

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}
_TEST_SEVERITIES = {
    Verdict.FAIL: "critical",
    Verdict.BENCH_ERROR: "blocker",
    Verdict.NOT_CHECKED: "minor",
    Verdict.TO_REVIEW: "info",
}


def render(report: RunReport) -> str:
    """The file, as JSON."""
    language = report.header["language"]
    issues: list[dict[str, Any]] = []
    if report.interrupted:
        said = words.INTERRUPTED.in_("en" if language == "en" else "fr")
        issues.append(_issue(said, "run.interrupted", "run.interrupted", "blocker", "report.json", 1))
    for one in report.deviations:
        if one["state"] in WRONG:
            said = f"{words.DEVIATION_STATES[one['state']].in_('en' if language == 'en' else 'fr')} – {one['test']}"
            issues.append(_issue(said, f"run.deviation.{one['state']}", one["test"], "major", "deviations.toml", 1))
    for test in report.tests:
        if (severity := _TEST_SEVERITIES.get(Verdict(test["verdict"]))) is not None:
            said = f"{in_language(test['title'], language)} – {_said(test, language)}"
            issues.append(_issue(said, f"test.{test['verdict']}", test["id"], severity, test["id"].split("::")[0], 1))
        paths = {proof["sha256"]: proof["path"] for proof in test["evidence"]}
        for finding in test["findings"]:
            path = paths.get(finding["document"] or "", test["id"].split("::")[0])
            key = f"{finding['fingerprint']}{test['id']}{finding['document']}"
            issues.append(
                _issue(
                    in_language(finding["message"], language),
                    finding["rule"],
                    key,
                    _SEVERITIES[finding["severity"]],
                    path,
                    finding["line"] or 1,
                )
            )
    return json.dumps(issues, ensure_ascii=False, indent=1) + "\n"


def _said(test: ReportOfTest, language: str) -> str:
    verdict = words.VERDICTS[test["verdict"]].in_("en" if language == "en" else "fr")
    said = in_language(test["message"], language)
    deviation = test.get("deviation")
    return " – ".join(part for part in (verdict, said, deviation) if part)


def _issue(description: str, check: str, key: str, severity: str, path: str, line: int) -> dict[str, Any]:
    return {
        "description": description,
        "check_name": check,
        "fingerprint": hashlib.sha256(f"{check}\n{key}".encode()).hexdigest()[:32],
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }
