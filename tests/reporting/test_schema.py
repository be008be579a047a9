"""The published schema says what the report is, and every report keeps to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.core.errors import UsageError
from conformance.reporting.model import RunReport
from conformance.reporting.reading import read_report


@pytest.fixture(scope="module")
def schema(root: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((root / "reports/run-report.schema.json").read_text(encoding="utf-8"))
    return value


def test_schema_is_a_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_report_keeps_to_the_schema(report: RunReport, schema: dict[str, Any]) -> None:
    value = json.loads(json.dumps(report.to_json()))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)


@pytest.mark.parametrize("missing", ["header", "footer", "tests", "counts", "requirements"])
def test_schema_refuses_a_report_without(report: RunReport, schema: dict[str, Any], missing: str) -> None:
    value = json.loads(json.dumps(report.to_json()))
    del value[missing]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, schema)


def test_written_report_reads_back(report: RunReport, tmp_path: Path) -> None:
    report.write(tmp_path / "report.json")
    again = read_report(tmp_path)
    assert again.to_json() == report.to_json()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "segur-run-report/1"}', "<xml/>"])
def test_other_file_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as error:
        read_report(tmp_path)
    assert error.value.code == "report.unreadable"


def test_absent_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        read_report(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("tests", 0, "verdict"), "ok"),
        (("tests", 0, "title"), []),
        (("tests", 0, "evidence", 0, "path"), "../../../etc/passwd"),
        (("tests", 0, "steps", 0, "at"), "yesterday"),
        (("header", "language"), "de"),
        (("header", "run"), "\ud800"),
        (("requirements", 0, "tests"), None),
        (("counts",), 1),
    ],
)
def test_report_of_another_shape_is_refused_in_a_sentence(
    report: RunReport, tmp_path: Path, place: tuple[str | int, ...], value: Any
) -> None:
    written = json.loads(json.dumps(report.to_json()))
    inner = written
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    (tmp_path / "report.json").write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(UsageError) as error:
        read_report(tmp_path)
    assert error.value.code == "report.unreadable"
