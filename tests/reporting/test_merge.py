"""The sum of the events: workers' files, missing ends, verdicts of requirements."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.errors import BenchError
from conformance.core.evidence import EVENTS_FOLDER
from conformance.core.recorder import Recorder
from conformance.core.verdicts import ExitCode, Verdict
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from tests.reporting.sample_run import TESTS, facts, header, write_sample_run


def verdicts(report: RunReport) -> dict[str, str]:
    return {one["id"]: one["verdict"] for one in [*report.requirements, *report.attested]}


def play(folder: Path, *ends: tuple[str, Verdict], requirement: str = "DOC.01", strict: bool = False) -> RunReport:
    recorder = Recorder(folder)
    recorder.start_run(header(strict=strict))
    for name, verdict in ends:
        recorder.start_test(facts(name, name, name, requirement))
        recorder.finish_test(verdict)
    recorder.finish_run()
    recorder.close()
    return merge_run(folder)


def test_two_workers_make_one_report(finished: RunReport) -> None:
    assert [test["id"].split("::")[1].split("[")[0] for test in finished.tests] == [
        facts["id"].split("::")[1].split("[")[0] for facts in TESTS
    ]
    assert finished.footer is not None
    assert finished.footer["exit_code"] == ExitCode.BENCH_ERROR


def test_requirement_fails_when_one_of_its_tests_fails(finished: RunReport) -> None:
    assert verdicts(finished)["DOC.01"] == Verdict.FAIL


def test_requirement_without_test_is_not_checked(tmp_path: Path) -> None:
    report = play(tmp_path, ("test_one", Verdict.PASS))
    assert verdicts(report)["MSS/va1.20"] == Verdict.NOT_CHECKED
    assert verdicts(report)["DOC.01"] == Verdict.PASS


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (Verdict.PASS, Verdict.PASS),
        (Verdict.NOT_APPLICABLE, Verdict.PASS),
        (Verdict.TO_REVIEW, Verdict.TO_REVIEW),
        (Verdict.NOT_CHECKED, Verdict.NOT_CHECKED),
        (Verdict.BENCH_ERROR, Verdict.BENCH_ERROR),
        (Verdict.FAIL, Verdict.FAIL),
    ],
)
def test_requirement_of_two_tests(tmp_path: Path, second: Verdict, expected: Verdict) -> None:
    report = play(tmp_path, ("test_one", Verdict.PASS), ("test_two", second))
    assert verdicts(report)["DOC.01"] == expected


def test_requirement_that_a_person_attests_stands_apart(finished: RunReport) -> None:
    assert {one["id"] for one in finished.attested} == {"INS/va1.60", "SSI/va1.02"}
    assert not {one["id"] for one in finished.requirements} & {"INS/va1.60", "SSI/va1.02"}


def test_attested_by_test_is_judged_by_test(tmp_path: Path) -> None:
    report = play(tmp_path, ("test_one", Verdict.PASS), requirement="INS/va1.60")
    assert "INS/va1.60" in {one["id"] for one in report.requirements}


def test_requirement_unknown_to_the_header_is_shown_all_the_same(tmp_path: Path) -> None:
    report = play(tmp_path, ("test_one", Verdict.FAIL), requirement="NEW.01")
    assert verdicts(report)["NEW.01"] == Verdict.FAIL


def test_empty_run_passes_nothing(tmp_path: Path) -> None:
    report = play(tmp_path)
    assert report.verdict is Verdict.NOT_CHECKED
    assert Verdict.PASS not in verdicts(report).values()
    assert report.footer is not None
    assert report.footer["exit_code"] == ExitCode.INCOMPLETE


def test_test_never_started_is_not_checked(finished: RunReport) -> None:
    assert finished.tests[-1]["verdict"] == Verdict.NOT_CHECKED
    assert finished.tests[-1]["started_at"] is None


def test_test_whose_worker_died_is_a_bench_error(tmp_path: Path) -> None:
    worker, controller = Recorder(tmp_path, "gw0"), Recorder(tmp_path)
    controller.start_run(header())
    worker.start_test(TESTS[0])
    worker.close()
    assert controller.finish_run() is ExitCode.BENCH_ERROR
    controller.close()
    assert merge_run(tmp_path).tests[0]["verdict"] == Verdict.BENCH_ERROR


def test_controller_closes_the_test_of_a_dead_worker(tmp_path: Path) -> None:
    worker, controller = Recorder(tmp_path, "gw0"), Recorder(tmp_path)
    controller.start_run(header())
    worker.start_test(TESTS[0])
    worker.close()
    controller.finish_test(Verdict.BENCH_ERROR, reason="worker.died", test=TESTS[0]["id"])
    controller.finish_run()
    controller.close()
    (test,) = merge_run(tmp_path).tests
    assert (test["verdict"], test["reason"]) == (Verdict.BENCH_ERROR, "worker.died")


def test_verdict_said_twice_keeps_the_gravest(tmp_path: Path) -> None:
    report = play(tmp_path, ("test_one", Verdict.FAIL), ("test_one", Verdict.PASS))
    assert [test["verdict"] for test in report.tests] == [Verdict.FAIL]


def test_interrupted_run_has_no_footer_and_passes_nothing_more(tmp_path: Path) -> None:
    report = merge_run(write_sample_run(tmp_path, finished=False, with_fault=False))
    assert report.footer is None
    assert report.interrupted
    assert report.verdict is Verdict.NOT_CHECKED
    assert report.tests[6]["reason"] == "interrupted"


def test_interrupted_run_that_failed_has_failed(tmp_path: Path) -> None:
    assert merge_run(write_sample_run(tmp_path, finished=False)).verdict is Verdict.FAIL


def test_line_cut_by_a_crash_is_left_out(tmp_path: Path) -> None:
    write_sample_run(tmp_path)
    path = tmp_path / EVENTS_FOLDER / "gw1.ndjson"
    path.write_bytes(path.read_bytes()[:-20])
    report = merge_run(tmp_path)
    assert report.tests[6]["verdict"] == Verdict.BENCH_ERROR


def test_damaged_journal_is_said(tmp_path: Path) -> None:
    write_sample_run(tmp_path)
    path = tmp_path / EVENTS_FOLDER / "gw0.ndjson"
    path.write_bytes(b"{}\n" + path.read_bytes())
    with pytest.raises(BenchError, match=r"gw0\.ndjson:1"):
        merge_run(tmp_path)


def test_folder_without_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(BenchError) as error:
        merge_run(tmp_path)
    assert error.value.code == "report.no-header"


def test_steps_keep_their_tree_and_their_end(finished: RunReport) -> None:
    steps = finished.tests[0]["steps"]
    assert [(step["number"], step["parent"], step["outcome"]) for step in steps] == [
        (1, None, "done"),
        (2, None, "done"),
        (3, 2, "done"),
    ]


def test_step_that_raises_is_failed(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.start_run(header())
    recorder.start_test(TESTS[0])

    def stumble() -> None:
        with recorder.step("one"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stumble()
    recorder.close()
    assert merge_run(tmp_path).tests[0]["steps"][0]["outcome"] == "failed"


def test_finding_is_shown_in_its_document(finished: RunReport) -> None:
    finding = finished.tests[1]["findings"][0]
    marked = [line for line in finding["excerpt"] if line["marked"]]
    assert [line["number"] for line in marked] == [finding["line"]] == [13]
    assert marked[0]["marked"].startswith('<id root="1.2.250.1.213.1.4.10"')


def test_same_evidence_is_kept_once(finished: RunReport) -> None:
    first, second = finished.tests[0]["evidence"][1], finished.tests[1]["evidence"][0]
    assert first["sha256"] == second["sha256"]
    assert finished.counts()["evidence"] == 5
