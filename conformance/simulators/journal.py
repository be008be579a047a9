"""Everything that a simulator exchanged: append-only, timestamped, safe between threads, there after a crash.

An entry says what happened (``smtp.rcpt``, ``dmp.td21``…), in which session, with its facts (JSON values), and may
keep the bytes that travelled. Entries are numbered without holes from 1, in the order in which they were written.
Secrets (tokens, keys) are never written: facts name them by ``fingerprint``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entry (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL, source TEXT NOT NULL, event TEXT NOT NULL, session TEXT NOT NULL, facts TEXT NOT NULL, body BLOB
);
CREATE INDEX IF NOT EXISTS by_event ON entry (event);
CREATE TRIGGER IF NOT EXISTS never_changed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS never_removed BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``body`` is ``None`` when nothing was kept of what travelled."""

    number: int
    at: datetime
    source: str
    event: str
    session: str
    facts: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None

    def as_json(self) -> dict[str, Any]:
        """The entry as the control API gives it; ``body`` in base64."""
        body = None if self.body is None else base64.b64encode(self.body).decode("ascii")
        return {
            "number": self.number,
            "at": self.at.isoformat(timespec="microseconds"),
            "source": self.source,
            "event": self.event,
            "session": self.session,
            "facts": self.facts,
            "body": body,
        }

    @staticmethod
    def from_json(value: dict[str, Any]) -> Entry:
        """Read back what ``as_json`` wrote."""
        body = None if value["body"] is None else base64.b64decode(value["body"])
        at = datetime.fromisoformat(value["at"])
        return Entry(value["number"], at, value["source"], value["event"], value["session"], value["facts"], body)


class Journal:
    """The journal of one run or of one state folder; several simulators may write into the same.

    ``folder`` keeps it as ``journal.sqlite``, and numbers go on where they were; without it, it lives in a private
    temporary file and goes with the object. What ``record`` has returned survives the death of the process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        # An empty name is a private temporary file: unlike :memory:, long runs do not fill the memory.
        path = "" if folder is None else str(folder / "journal.sqlite")
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        # Without fsync: a written entry survives kill -9 (the system holds it), and a session is not slowed down.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._changed = threading.Condition()
        self._closed = False

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self._changed:
            if not self._closed:
                self._closed = True
                self._db.close()
            self._changed.notify_all()

    def record(self, source: str, event: str, session: str = "", body: bytes | None = None, **facts: Any) -> int:
        """Write one entry and give its number. ``facts`` are JSON values. Nothing is written after ``close``: 0."""
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        # Octets of a client that are no UTF-8 come as half characters, which a data base refuses.
        said = json.dumps(facts, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
        row = (at, source, event, session, said, body)
        with self._changed:
            if self._closed:
                return 0
            number = self._db.execute(
                "INSERT INTO entry (at, source, event, session, facts, body) VALUES (?, ?, ?, ?, ?, ?)", row
            ).lastrowid
            self._changed.notify_all()
            return number or 0

    @property
    def last(self) -> int:
        """The number of the last entry, 0 when there is none: where to look from later (``after=``)."""
        with self._changed:
            found: int | None = self._db.execute("SELECT max(number) FROM entry").fetchone()[0]
            return found or 0

    def entries(
        self,
        event: str = "",
        *,
        source: str = "",
        session: str = "",
        after: int = 0,
        bodies: bool = False,
        most: int = 1_000_000,
        **facts: Any,
    ) -> list[Entry]:
        """The entries in order, narrowed down.

        ``event`` is exact, or a family with a final dot (``smtp.``). ``facts`` must be equal, one by one. ``after`` a
        number, at most ``most``. ``bodies`` reads what travelled as well.
        """
        asked = ["number > ?"]
        values: list[Any] = [after]
        if event:
            asked.append("event GLOB ?")
            values.append(event + "*" if event.endswith(".") else event)
        for column, value in (("source", source), ("session", session)):
            if value:
                asked.append(f"{column} = ?")
                values.append(value)
        for name, value in facts.items():
            asked.append("json_extract(facts, ?) IS ?")
            values += [f'$."{name}"', value]
        body = "body" if bodies else "NULL"
        query = f"SELECT number, at, source, event, session, facts, {body} FROM entry WHERE {' AND '.join(asked)}"
        with self._changed:
            rows = self._db.execute(query + " ORDER BY number LIMIT ?", [*values, most]).fetchall()
        return [_entry(row) for row in rows]

    def body(self, number: int) -> bytes | None:
        """What travelled with one entry; raises ``KeyError`` for a number that is not there."""
        with self._changed:
            row = self._db.execute("SELECT body FROM entry WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        body: bytes | None = row[0]
        return body

    def wait(self, seconds: float) -> None:
        """Wait until something is written, ``seconds`` at most."""
        with self._changed:
            if not self._closed:
                self._changed.wait(seconds)

    def wait_for(
        self,
        event: str = "",
        *,
        seconds: float = 10.0,
        after: int = 0,
        where: Callable[[Entry], bool] = lambda _: True,
        **facts: Any,
    ) -> Entry | None:
        """The first entry that fits, as soon as it is there; ``None`` when ``seconds`` have passed without one."""
        end = time.monotonic() + seconds
        while True:
            seen = self.last
            for entry in self.entries(event, after=after, **facts):
                if where(entry):
                    return entry
            after = max(after, seen)
            with self._changed:
                rest = end - time.monotonic()
                if rest <= 0 or self._closed:
                    return None
                found = self._db.execute("SELECT 1 FROM entry WHERE number > ? LIMIT 1", (after,)).fetchone()
                if not found:
                    self._changed.wait(rest)
                if self._closed:
                    return None


def fingerprint(secret: str | bytes) -> str:
    """A short name for a secret: tells two apart, gives nothing away."""
    data = secret.encode() if isinstance(secret, str) else secret
    return hashlib.sha256(data).hexdigest()[:12]


def _entry(row: tuple[Any, ...]) -> Entry:
    number, at, source, event, session, facts, body = row
    return Entry(number, datetime.fromisoformat(at), source, event, session, json.loads(facts), body)
