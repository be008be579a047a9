"""The operator as a process of its own: found by its first line, steered from outside, there again after a crash."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.core.errors import BenchError
from conformance.simulators.mssante import Fault, FaultKind, RemoteOperator, Stage
from tests.simulators.mssante.clients import ANOUK, ERWAN, HOLDERS, imap, letter, sasl, send, smtp, trusting
from tests.simulators.mssante.conftest import people

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def served(*options: str) -> Iterator[tuple[subprocess.Popen[bytes], RemoteOperator]]:
    """``segur serve mssante`` running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance.cli.main", "serve", "mssante", "--while-stdin-open", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else b""
        yield process, RemoteOperator(json.loads(line)["control"])
    finally:
        process.kill()
        process.communicate()


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance.cli.main", "serve", "mssante", *options],
        capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env={**os.environ, "LC_ALL": "en_GB.UTF-8"},
    )  # fmt: skip


def test_another_process_offers_all_that_this_one_does() -> None:
    with served("--mailbox", f"{ERWAN}={HOLDERS[ERWAN]}") as (_, operator):
        assert [one.address for one in operator.mailboxes()] == [ERWAN]
        people(operator)
        data = send(operator, ANOUK)
        assert operator.submissions()[-1].data == data
        assert operator.messages_of(ANOUK)[-1].data.endswith(data)
        client = imap(operator, ANOUK)
        client.select()
        assert client.fetch("1", "(RFC822.SIZE)")[0] == "OK"
        client.logout()
        with operator.fault(Fault(FaultKind.REFUSE, Stage.RCPT, code=450)), smtp(operator) as sender:
            sender.mail(ERWAN)
            assert sender.rcpt(ANOUK)[0] == 450


def test_it_ends_with_its_standard_input_and_with_a_signal() -> None:
    with served() as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=20) == 0
        process.stdin = None
    with served() as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_bad_options_get_a_sentence() -> None:
    with socket.socket() as another:
        another.bind(("127.0.0.1", 0))
        another.listen()
        taken = run("--smtp-port", str(another.getsockname()[1]))
    assert taken.returncode == 2
    assert "did not start" in taken.stderr
    assert "Traceback" not in taken.stderr
    wrong = run("--mailbox", "nobody")
    assert wrong.returncode == 2
    assert "not a mailbox" in wrong.stderr


def test_a_simulator_that_is_not_there_is_a_fault_of_the_bench() -> None:
    with pytest.raises(BenchError, match="segur serve mssante"):
        RemoteOperator("http://127.0.0.1:9")


def test_mail_tokens_and_certificates_survive_a_restart(tmp_path: Path) -> None:
    with served("--state", str(tmp_path)) as (process, operator):
        people(operator)
        root = operator.root_file.read_bytes()
        access = operator.token(HOLDERS[ANOUK]).access
        data = send(operator, ANOUK)
        mark = operator.last
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    with served("--state", str(tmp_path)) as (_, operator):
        assert operator.root_file.read_bytes() == root
        assert operator.messages_of(ANOUK)[0].data.endswith(data)
        assert operator.submissions()[0].data == data
        assert operator.last >= mark
        client = smtplib.SMTP("127.0.0.1", operator.smtp_port, timeout=20)
        client.starttls(context=trusting(operator))
        client.ehlo()
        assert client.auth("XOAUTH2", lambda challenge=None: sasl(ANOUK, access))[0] == 235
        client.quit()


def test_a_notice_that_was_due_comes_after_the_restart(tmp_path: Path) -> None:
    with served("--state", str(tmp_path)) as (process, operator):
        people(operator)
        send(operator, "anouk.brehier+mdn-late-1.5@quai.mssante.fr", Disposition_Notification_To=ERWAN)
        process.kill()
        process.wait()
    with served("--state", str(tmp_path)) as (_, operator):
        assert operator.wait_for("mail.notice", 10, mailbox=ERWAN) is not None
        assert len(operator.messages_of(ERWAN)) == 1


def test_no_acknowledged_message_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    """Four clients send while the process is killed; what they heard 250 for is there, whole, and once."""
    acknowledged: set[str] = set()
    lock = threading.Lock()

    def sending(operator: RemoteOperator, name: int) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError, BenchError):
            client = smtp(operator)
            for number in range(10_000):
                identifier = f"<{name}-{number}@quai>"
                client.sendmail(ERWAN, [ANOUK], letter(message_id=identifier) + b"x" * 70 + b"\r\n" * 200)
                with lock:
                    acknowledged.add(identifier)

    for _ in range(2):
        with served("--state", str(tmp_path)) as (process, operator):
            people(operator)
            before = len(acknowledged)
            threads = [threading.Thread(target=sending, args=(operator, time.monotonic_ns() + n)) for n in range(4)]
            for thread in threads:
                thread.start()
            end = time.monotonic() + 30
            while len(acknowledged) < before + 40 and time.monotonic() < end:
                time.sleep(0.01)
            process.kill()
            process.wait()
            for thread in threads:
                thread.join(30)
    assert len(acknowledged) >= 80
    with served("--state", str(tmp_path)) as (_, operator):
        kept = [one.data for one in operator.messages_of(ANOUK)]
        identifiers = [one.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode() for one in kept]
        assert acknowledged <= set(identifiers)
        assert len(set(identifiers)) == len(identifiers)
        assert all(one.endswith(b"\r\n" * 200) for one in kept)
        journalled = [entry.facts["message_id"] for entry in operator.entries("mail.delivered")]
        assert sorted(journalled) == sorted(identifiers)
