"""SARIF keeps to its official schema, which an npm package of its authors carries (nothing of it is kept here)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import Text
from conformance.reporting import findings_sarif, sarif
from conformance.reporting.model import RunReport
from tests.conftest import need

SCHEMA = Path(__file__).parent / "browser/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft4Validator:
    need("report-tools", SCHEMA.exists(), "needs the schema (npm install --no-package-lock in tests/reporting/browser)")
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text("utf-8")), format_checker=jsonschema.FormatChecker())


def wrong(schema: jsonschema.Draft4Validator, log: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in schema.iter_errors(log)]


def test_run_report_keeps_to_the_schema(report: RunReport, schema: jsonschema.Draft4Validator) -> None:
    assert wrong(schema, json.loads(sarif.render(report))) == []


@pytest.mark.parametrize("place", [Place(), Place(3, 7, "/a/b[2]")], ids=["nowhere", "placed"])
@pytest.mark.parametrize("path", ["-", "dossier à lire/vsm 1.xml"])
def test_findings_of_documents_keep_to_the_schema(schema: jsonschema.Draft4Validator, path: str, place: Place) -> None:
    findings = [
        Finding(
            f"rule.{severity}", severity, "content", Text("mots", "words"), place, requirements=("DOC.01", "DOC.01")
        )
        for severity in Severity
    ]
    assert wrong(schema, findings_sarif.sarif([(path, findings), ("empty.xml", [])])) == []


def test_schema_refuses_what_is_no_sarif(report: RunReport, schema: jsonschema.Draft4Validator) -> None:
    log = json.loads(sarif.render(report))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert wrong(schema, log)
