"""Every view is derived from the report: the same counts stand in each, and the interrupted run says so in each."""

from __future__ import annotations

import pytest

from conformance.core.errors import UsageError
from conformance.reporting.model import RunReport
from conformance.reporting.views import VIEWS, write_views
from tests.reporting.counting import READERS


def test_every_view_has_a_reader() -> None:
    assert set(READERS) == set(VIEWS)


@pytest.mark.parametrize("view", sorted(READERS))
def test_counts_agree(report: RunReport, view: str) -> None:
    assert report.folder is not None
    path = write_views(report, report.folder, [view])[view]
    shown = READERS[view](path)
    counts = report.counts()
    expected = {
        **counts,
        "interrupted": report.interrupted,
        "passed": (counts["requirements"]["pass"], sum(counts["requirements"].values())),
    }
    assert shown == {key: expected[key] for key in shown}
    assert "interrupted" in shown
    assert sum(counts["tests"].values()) == len(report.tests) > 0
    assert sum(counts["requirements"].values()) == len(report.requirements) > 0


def test_unknown_format_is_said(finished: RunReport) -> None:
    assert finished.folder is not None
    with pytest.raises(UsageError, match="docx"):
        write_views(finished, finished.folder, ["docx"])
