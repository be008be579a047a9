"""The sample report that the kit ships: it keeps to the schema, and the views draw it without its evidence."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import jsonschema
import pytest

from conformance.reporting.reading import read_report
from conformance.reporting.views import VIEWS, write_views
from tests.reporting.counting import READERS


def test_keeps_to_the_schema(root: Path) -> None:
    schema = json.loads((root / "reports/run-report.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads((root / "reports/sample/report.json").read_text("utf-8")), schema)


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_is_drawn_without_its_evidence(root: Path, tmp_path: Path, view: str) -> None:
    report = read_report(root / "reports/sample")
    shown = READERS[view](write_views(report, tmp_path, [view])[view])
    counts = {**report.counts(), "interrupted": False}
    assert all(shown[key] == counts[key] for key in shown if key in counts)


def test_page_shows_the_same_run(root: Path) -> None:
    shown = READERS["html"](root / "reports/sample/report.html")
    counts = read_report(root / "reports/sample").counts()
    assert shown["tests"] == counts["tests"]
    assert shown["requirements"] == counts["requirements"]


def test_names_nobody_and_no_machine(root: Path) -> None:
    for name in ("report.json", "report.html"):
        text = (root / "reports/sample" / name).read_text("utf-8")
        for word in (tempfile.gettempdir(), str(Path.home()), str(root), "CANARINI"):
            assert word not in text
