"""The journal keeps what happened, in order, whatever happens next."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conformance.simulators.journal import Entry, Journal, fingerprint


def test_entries_are_numbered_without_holes_whatever_the_threads() -> None:
    with Journal() as journal:
        threads = [
            threading.Thread(target=lambda: [journal.record("test", "ping") for _ in range(50)]) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [entry.number for entry in journal.entries()] == list(range(1, 401))


def test_entries_are_found_by_event_family_session_and_fact() -> None:
    with Journal() as journal:
        journal.record("mssante", "smtp.mail", "a", sender="x@y.test")
        journal.record("mssante", "smtp.rcpt", "a", recipient="z@y.test", refused=True)
        journal.record("dmp", "td02", "b", body=b"<x/>")
        assert [e.event for e in journal.entries("smtp.")] == ["smtp.mail", "smtp.rcpt"]
        assert [e.event for e in journal.entries("smtp.mail")] == ["smtp.mail"]
        assert [e.number for e in journal.entries(recipient="z@y.test")] == [2]
        assert [e.number for e in journal.entries(refused=True)] == [2]
        assert [e.number for e in journal.entries(source="dmp", session="b")] == [3]
        assert journal.entries("td02")[0].body is None
        assert journal.entries("td02", bodies=True)[0].body == b"<x/>"
        assert journal.body(3) == b"<x/>"
        with pytest.raises(KeyError):
            journal.body(4)


def test_an_entry_keeps_everything_through_json() -> None:
    with Journal() as journal:
        journal.record("dmp", "td02", "b", body=b"\x00\xff", who="Élodie", several=[1, {"a": None}])
        (entry,) = journal.entries(bodies=True)
        assert Entry.from_json(entry.as_json()) == entry


def test_nothing_is_changed_or_removed(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.record("test", "ping")
    other = sqlite3.connect(tmp_path / "journal.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute("UPDATE entry SET event = 'pong'")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute("DELETE FROM entry")
    other.close()


def test_waiting_ends_as_soon_as_the_entry_is_there() -> None:
    with Journal() as journal:
        journal.record("test", "pong")
        timer = threading.Timer(0.2, lambda: journal.record("test", "ping", who="me"))
        timer.start()
        began = time.monotonic()
        found = journal.wait_for("ping", seconds=10, who="me")
        assert found is not None
        assert time.monotonic() - began < 5
        assert journal.wait_for("ping", seconds=0.05, after=found.number) is None
        timer.join()


def test_closing_ends_those_who_wait() -> None:
    journal = Journal()
    timer = threading.Timer(0.2, journal.close)
    timer.start()
    began = time.monotonic()
    assert journal.wait_for("ping", seconds=20) is None
    assert time.monotonic() - began < 10
    assert journal.record("test", "too late") == 0
    timer.join()


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_what_was_recorded_survives_kill_9(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from conformance.simulators.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "while True: print(journal.record('test', 'ping'), flush=True)\n"
    )
    root = Path(__file__).resolve().parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(200)]
    child.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in child.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")]
    child.wait()
    child.stdout.close()
    with Journal(tmp_path) as journal:
        assert {e.number for e in journal.entries()} >= set(acknowledged)
        assert journal.record("test", "after") == journal.last


def test_a_fingerprint_does_not_give_the_secret() -> None:
    assert fingerprint("secret") == fingerprint(b"secret") != fingerprint("other")
    assert "secret" not in fingerprint("secret")
