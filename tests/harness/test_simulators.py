"""The simulators of a run: shared between processes, one at a time where needed; products and operators elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from conformance.core.verdicts import ExitCode
from conformance.harness.simulators import Simulators

LOOKED = ("test_a_structured_document", "test_the_document_of_an_unknown", "test_a_final_refusal", "test_the_origin")


def test_what_is_done_alone_waits_for_what_is_done_together(tmp_path: Path) -> None:
    told: list[str] = []
    one, other = Simulators(folder=tmp_path), Simulators(folder=tmp_path)

    def alone() -> None:
        with other.together(), other.alone():
            told.append("alone")

    with one.together():
        thread = threading.Thread(target=alone)
        thread.start()
        time.sleep(0.1)
        told.append("together")
    thread.join(10)
    assert told == ["together", "alone"]


def test_two_that_want_to_be_alone_at_the_same_moment_take_turns(tmp_path: Path) -> None:
    ready, inside, most = threading.Barrier(2, timeout=10), [0], [0]

    def play() -> None:
        simulators = Simulators(folder=tmp_path)
        with simulators.together():
            ready.wait()
            with simulators.alone():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.02)
                inside[0] -= 1

    threads = [threading.Thread(target=play, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert most == [1]


def test_who_waits_to_be_alone_is_not_overtaken(tmp_path: Path) -> None:
    told: list[str] = []
    first, waiting, late = (Simulators(folder=tmp_path) for _ in range(3))
    begun = threading.Event()

    def alone() -> None:
        with waiting.together():
            begun.set()
            with waiting.alone():
                told.append("alone")

    def together() -> None:
        with late.together():
            told.append("late")

    threads = [threading.Thread(target=play, daemon=True) for play in (alone, together)]
    with first.together():
        threads[0].start()
        begun.wait(10)
        time.sleep(0.1)
        threads[1].start()
        time.sleep(0.1)
        told.append("first")
    for thread in threads:
        thread.join(10)
    assert told == ["first", "alone", "late"]


def test_what_is_done_together_or_alone_twice_over_waits_for_nobody(tmp_path: Path) -> None:
    simulators = Simulators(folder=tmp_path)
    with simulators.together(), simulators.together(), simulators.alone(), simulators.alone():
        pass
    with Simulators(folder=tmp_path).together():
        pass


def test_what_one_process_told_the_product_all_of_them_know(tmp_path: Path) -> None:
    one, other, elsewhere = Simulators(folder=tmp_path), Simulators(folder=tmp_path), Simulators()
    one.configured.add("mssante")
    assert "mssante" in other.configured
    assert "mssante" not in elsewhere.configured
    other.configured.discard("mssante")  # another user has logged in since
    assert "mssante" not in one.configured


def test_another_process_is_given_the_operator_that_was_started() -> None:
    first = Simulators()
    try:
        given = first.start(("mssante",))
        second = Simulators(given)
        second.operator().add_mailbox("essai.partage@quai.mssante.fr")
        assert "essai.partage@quai.mssante.fr" in [one.address for one in first.operator().mailboxes()]
        second.close()
        assert first.operator().mailboxes()
    finally:
        first.close()


def test_the_profile_judges_a_product_that_only_polls_at_an_operator_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "conformance.cli.main", "serve", "mssante", "--while-stdin-open"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as operator:
        assert operator.stdout is not None
        control = json.loads(operator.stdout.readline())["control"]
        config = tmp_path / "segur.toml"
        config.write_text(
            '[adapter]\nkind = "python"\ntarget = "tests.harness.polling_product:PollingProduct"\n'
            f'[profile.messagerie]\ncontrol = "{control}"\n',
            encoding="utf-8",
        )
        run = [sys.executable, "-m", "conformance.cli.main", "run", "--config", str(config), "--profile", "messagerie"]
        run += ["--report", str(tmp_path / "report"), "--format", "json", "--test", " or ".join(LOOKED)]
        done = subprocess.run(run, capture_output=True, text=True, timeout=200, check=False)
        operator.terminate()
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    verdicts = {test["id"].rpartition("::")[2]: test["verdict"] for test in report["tests"]}
    assert len(verdicts) == len(LOOKED)
    assert set(verdicts.values()) == {"pass"}, done.stdout
    assert done.returncode == ExitCode.PASS
