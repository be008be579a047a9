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
        time.sleep(0.3)
        told.append("together")
    thread.join(10)
    assert told == ["together", "alone"]


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
