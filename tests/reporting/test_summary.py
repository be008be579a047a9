"""The first screen: what needs someone, from every profile, and how much more there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.recorder import Recorder
from conformance.core.verdicts import Verdict
from conformance.reporting.merge import merge_run
from conformance.reporting.summary import MOST_FIRST, first_to_see
from tests.reporting.sample_run import facts, header


def seen(folder: Path, *tests: tuple[str, Verdict]) -> tuple[list[str], list[str], int]:
    recorder = Recorder(folder)
    recorder.start_run(header())
    for number, (profile, verdict) in enumerate(tests):
        recorder.start_test(facts(f"test_{number}", "x", "x", "DOC.01", profile=profile))
        recorder.finish_test(verdict)
    recorder.finish_run()
    recorder.close()
    first = first_to_see(merge_run(folder))
    return [one["profile"] for one in first["tests"]], first["verdicts"], first["total"]


def test_each_profile_that_fails_is_named(tmp_path: Path) -> None:
    profiles, verdicts, total = seen(tmp_path, *[("vsm", Verdict.FAIL)] * 9, ("mssante", Verdict.FAIL))
    assert len(profiles) == MOST_FIRST
    assert set(profiles) == {"vsm", "mssante"}
    assert (verdicts, total) == (["fail"], 10)


@pytest.mark.parametrize("verdict", [Verdict.BENCH_ERROR, Verdict.NOT_CHECKED])
def test_without_failure_what_was_not_judged_is_named(tmp_path: Path, verdict: Verdict) -> None:
    assert seen(tmp_path, ("vsm", Verdict.PASS), ("vsm", verdict)) == (["vsm"], [str(verdict)], 1)


def test_a_run_that_passed_names_nothing(tmp_path: Path) -> None:
    assert seen(tmp_path, ("vsm", Verdict.PASS), ("vsm", Verdict.NOT_APPLICABLE)) == ([], [], 0)
