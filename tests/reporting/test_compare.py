"""What changed between two runs; what differs by nature (identifiers, dates, ports) does not count."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.language import Text
from conformance.core.recorder import Recorder
from conformance.core.verdicts import Verdict
from conformance.reporting.compare import compare, normalised
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from tests.reporting.sample_run import facts, header, write_sample_run


def run(folder: Path, **verdicts: Verdict | tuple[Verdict, str]) -> RunReport:
    recorder = Recorder(folder)
    recorder.start_run(header())
    for name, said in verdicts.items():
        verdict, message = said if isinstance(said, tuple) else (said, "")
        recorder.start_test(facts(f"test_{name}", name, name, f"REQ.{name}"))
        recorder.finish_test(verdict, message=Text(message, message))
    recorder.finish_run()
    recorder.close()
    return merge_run(folder)


def ids(changes: object) -> list[str]:
    return [one.id.rpartition("::test_")[2] for one in changes]  # type: ignore[attr-defined]


def test_fixed_broken_new_gone(tmp_path: Path) -> None:
    before = run(tmp_path / "a", one=Verdict.PASS, two=Verdict.FAIL, three=Verdict.PASS, four=Verdict.FAIL)
    after = run(tmp_path / "b", one=Verdict.FAIL, two=Verdict.PASS, four=Verdict.NOT_CHECKED, five=Verdict.PASS)
    tests = compare(before, after).tests
    assert (ids(tests.broken), ids(tests.fixed), ids(tests.otherwise)) == (["one"], ["two"], ["four"])
    assert (ids(tests.new), ids(tests.gone), tests.same) == (["five"], ["three"], 0)


def test_requirements_are_compared_too(tmp_path: Path) -> None:
    found = compare(run(tmp_path / "a", one=Verdict.PASS), run(tmp_path / "b", one=Verdict.FAIL))
    assert [one.id for one in found.requirements.broken] == ["REQ.one"]
    assert found.worse


@pytest.mark.parametrize("after", [Verdict.FAIL, Verdict.NOT_CHECKED, Verdict.BENCH_ERROR, Verdict.TO_REVIEW])
def test_what_no_longer_passes_is_worse(tmp_path: Path, after: Verdict) -> None:
    assert compare(run(tmp_path / "a", one=Verdict.PASS), run(tmp_path / "b", one=after)).worse


def test_new_failure_is_worse_and_a_repair_is_not(tmp_path: Path) -> None:
    nothing, failed = run(tmp_path / "a"), run(tmp_path / "b", one=Verdict.FAIL)
    passed = run(tmp_path / "c", one=Verdict.PASS)
    assert compare(nothing, failed).worse
    assert not compare(failed, passed).worse


def test_run_against_itself_changes_nothing(tmp_path: Path) -> None:
    first = merge_run(write_sample_run(tmp_path / "a"))
    second = merge_run(write_sample_run(tmp_path / "b"))
    found = compare(first, second)
    assert not any((found.tests.fixed, found.tests.broken, found.tests.otherwise, found.tests.new, found.tests.gone))
    assert (found.new_findings, found.gone_findings, found.versions) == ([], [], [])
    assert found.tests.same == len(first.tests)


def test_repaired_finding_is_gone(tmp_path: Path) -> None:
    first = merge_run(write_sample_run(tmp_path / "a"))
    second = merge_run(write_sample_run(tmp_path / "b", with_fault=False))
    assert [one.rule for one in compare(first, second).gone_findings] == ["vsm.allergies.missing"]
    assert [one.rule for one in compare(second, first).new_findings] == ["vsm.allergies.missing"]


def test_changed_rules_are_said(tmp_path: Path) -> None:
    first = merge_run(write_sample_run(tmp_path / "a"))
    second = merge_run(write_sample_run(tmp_path / "b", versions={"rules": "2026.10", "pack": "x"}))
    assert ("rules", "2026.09", "2026.10") in compare(first, second).versions
    assert ("pack", "", "x") in compare(first, second).versions


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("document 6f1c0c0e-9d1a-4a57-b7a3-000000000001", "document 0a1c0c0e-9d1a-4a57-b7a3-00000000ffff"),
        ("http://127.0.0.1:54321/x", "http://127.0.0.1:40000/x"),
        ("le 2026-09-15T07:30:00+00:00", "le 2027-01-01T00:00:00Z"),
        ("effectiveTime 20260915093000+0200", "effectiveTime 20270101000000+0100"),
        ("<object at 0x7f364665ea00>", "<object at 0x7fffffffff00>"),
        (f"SHA {'a1' * 32}", f"SHA {'b2' * 32}"),
        ("id 2.25.123456789012345678901", "id 2.25.999999999999999999999"),
    ],
)
def test_what_differs_by_nature_is_put_aside(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"), [("2 allergies", "3 allergies"), ("line 12", "line 13"), ("1.2.250", "1.2.251")]
)
def test_what_differs_for_real_counts(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text())
def test_normalising_twice_changes_nothing(words: str) -> None:
    assert normalised(normalised(words)) == normalised(words)


def test_message_that_says_something_else_is_seen(tmp_path: Path) -> None:
    first = run(tmp_path / "a", one=(Verdict.FAIL, "port 54321: 2 missing"))
    same = run(tmp_path / "b", one=(Verdict.FAIL, "port 54322: 2 missing"))
    other = run(tmp_path / "c", one=(Verdict.FAIL, "port 54321: 3 missing"))
    assert compare(first, same).tests.same == 1
    assert ids(compare(first, other).tests.otherwise) == ["one"]
