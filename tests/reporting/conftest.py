"""The sample run, finished and interrupted, and its report."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from tests.reporting.sample_run import write_sample_run


@pytest.fixture(params=["finished", "interrupted"])
def report(request: pytest.FixtureRequest, tmp_path: Path) -> RunReport:
    """The report of the sample run, once finished and once cut short."""
    return merge_run(write_sample_run(tmp_path / "run", finished=request.param == "finished"))


@pytest.fixture
def finished(tmp_path: Path) -> RunReport:
    """The report of the sample run that went to its end."""
    return merge_run(write_sample_run(tmp_path / "run"))
