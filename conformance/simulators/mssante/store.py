"""Mailboxes on disk (SQLite): what was acknowledged is there after a crash, and memory does not grow with the mail.

Written by one thread at a time, read by any. A message delivered to several folders is kept once.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from conformance.simulators.mssante.model import INBOX, Mailbox, MailboxKind, StoredMessage, mailbox_address

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS mailbox (
  address TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, holders TEXT NOT NULL, closed INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS folder (
  id INTEGER PRIMARY KEY, address TEXT NOT NULL, name TEXT NOT NULL, use TEXT NOT NULL, validity INTEGER NOT NULL,
  next_uid INTEGER NOT NULL DEFAULT 1, subscribed INTEGER NOT NULL DEFAULT 1, UNIQUE (address, name)
);
CREATE TABLE IF NOT EXISTS content (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS message (
  folder INTEGER NOT NULL, uid INTEGER NOT NULL, content INTEGER NOT NULL, flags TEXT NOT NULL, size INTEGER NOT NULL,
  received REAL NOT NULL, PRIMARY KEY (folder, uid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_content ON message (content);
CREATE TABLE IF NOT EXISTS later (id INTEGER PRIMARY KEY, due REAL NOT NULL, address TEXT NOT NULL, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS told (id INTEGER PRIMARY KEY, event TEXT NOT NULL, session TEXT NOT NULL, facts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS right_to_answer (
  id INTEGER PRIMARY KEY, patient TEXT NOT NULL, sender TEXT NOT NULL, message_id TEXT NOT NULL, open INTEGER NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of a mailbox; ``use`` is its special use (``\\Sent``) or empty."""

    id: int
    address: str
    name: str
    use: str
    validity: int
    next_uid: int
    subscribed: bool


class Store:
    """Everything that the operator keeps, in ``folder``; without one, in a temporary folder and without fsync."""

    def __init__(self, folder: Path | None = None, folder_names: Sequence[str] = ("Sent", "Drafts", "Trash")) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="segur-mssante-")
        self._path = Path(self._temporary.name if self._temporary else folder or "") / "mail.sqlite"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._folder_names = tuple(folder_names)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        # FULL: every commit is on the disk before it returns, so an acknowledgement is never a lie.
        self._db.execute(f"PRAGMA synchronous={'OFF' if self._temporary else 'FULL'}")
        self._db.executescript(_SCHEMA)
        self._readers = threading.local()
        self._open_readers: list[sqlite3.Connection] = []
        self._listeners: dict[int, set[Callable[[], None]]] = {}
        self._versions: dict[int, int] = {}

    def close(self) -> None:
        """Close the files; a temporary folder is removed."""
        with self._lock:
            for reader in self._open_readers:
                reader.close()
            self._open_readers.clear()
            self._db.close()
        if self._temporary:
            self._temporary.cleanup()

    # Mailboxes and folders

    def add_mailbox(self, mailbox: Mailbox) -> Mailbox:
        """Make a mailbox with its folders, or change its holders and state; its mail stays."""
        address = mailbox_address(mailbox.address)
        with self._writing() as db:
            db.execute(
                "INSERT INTO mailbox VALUES (?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET kind = excluded.kind, "
                "name = excluded.name, holders = excluded.holders, closed = excluded.closed",
                (address, mailbox.kind.value, mailbox.name, json.dumps(mailbox.holders), mailbox.closed),
            )
            for name, use in zip((INBOX, *self._folder_names), ("", "\\Sent", "\\Drafts", "\\Trash"), strict=True):
                self._make_folder(db, address, name, use)
        return Mailbox(address, mailbox.kind, mailbox.name, mailbox.holders, mailbox.closed)

    def mailbox(self, address: str) -> Mailbox | None:
        """The mailbox that an address (with or without tag) names."""
        row = self._reader.execute("SELECT * FROM mailbox WHERE address = ?", (mailbox_address(address),)).fetchone()
        return _mailbox(row) if row else None

    def mailboxes(self) -> list[Mailbox]:
        """All of them, by address."""
        return [_mailbox(row) for row in self._reader.execute("SELECT * FROM mailbox ORDER BY address")]

    def folders(self, address: str) -> list[Folder]:
        """The folders of a mailbox, the inbox first."""
        rows = self._reader.execute(f"SELECT {_FOLDER} FROM folder WHERE address = ? ORDER BY id", (address,))
        return [_folder(row) for row in rows]

    def folder(self, address: str, name: str) -> Folder | None:
        """One folder; ``INBOX`` in any case."""
        wanted = INBOX if name.upper() == INBOX else name
        query = f"SELECT {_FOLDER} FROM folder WHERE address = ? AND name = ?"
        row = self._reader.execute(query, (address, wanted)).fetchone()
        return _folder(row) if row else None

    def make_folder(self, address: str, name: str) -> bool:
        """Make a folder; says whether it is new."""
        with self._writing() as db:
            return self._make_folder(db, address, name, "")

    def _make_folder(self, db: sqlite3.Connection, address: str, name: str, use: str) -> bool:
        # A folder made again must not have the validity of the former one (RFC 3501, 2.3.1.1).
        validity = db.execute("SELECT coalesce(max(validity), 0) FROM folder").fetchone()[0]
        made = db.execute(
            "INSERT OR IGNORE INTO folder (address, name, use, validity) VALUES (?, ?, ?, ?)",
            (address, name, use, max(int(time.time()), validity + 1)),
        )
        return made.rowcount == 1

    def remove_folder(self, folder: Folder) -> None:
        """Remove a folder and its messages."""
        with self._writing(folder.id) as db:
            self._expunge(db, folder.id, [uid for uid, _ in self.index(folder.id)])
            db.execute("DELETE FROM folder WHERE id = ?", (folder.id,))

    def rename_folder(self, folder: Folder, name: str) -> None:
        """Give a folder another name."""
        with self._writing(folder.id) as db:
            db.execute("UPDATE folder SET name = ? WHERE id = ?", (name, folder.id))

    def subscribe(self, folder: Folder, subscribed: bool) -> None:
        """Remember that a client wants to see this folder."""
        with self._writing() as db:
            db.execute("UPDATE folder SET subscribed = ? WHERE id = ?", (subscribed, folder.id))

    def renew_validity(self, folder: Folder) -> None:
        """Renumber a folder, as an operator that restored a backup: its UIDs mean nothing any more."""
        with self._writing(folder.id) as db:
            rows = db.execute("SELECT uid FROM message WHERE folder = ? ORDER BY uid", (folder.id,)).fetchall()
            for new, (uid,) in enumerate(rows, 1):
                db.execute("UPDATE message SET uid = ? WHERE folder = ? AND uid = ?", (-new, folder.id, uid))
            db.execute("UPDATE message SET uid = -uid WHERE folder = ?", (folder.id,))
            validity = max(int(time.time()), folder.validity) + 1
            db.execute(
                "UPDATE folder SET validity = ?, next_uid = ? WHERE id = ?", (validity, len(rows) + 1, folder.id)
            )

    # Messages

    def add(
        self,
        folders: Iterable[Folder],
        data: bytes,
        flags: Sequence[str] = (),
        received: datetime | None = None,
        also: Callable[[sqlite3.Connection, list[int]], None] | None = None,
    ) -> list[int]:
        """Put one message into folders, all or none; gives its UIDs. When this returns it is on the disk.

        ``also`` writes more in the same transaction, knowing the UIDs.
        """
        targets = list(folders)
        moment = (received or datetime.now(UTC)).timestamp()
        uids = []
        with self._writing(*(folder.id for folder in targets)) as db:
            if targets:
                content = db.execute("INSERT INTO content (data) VALUES (?)", (data,)).lastrowid
                for folder in targets:
                    uid = self._next_uid(db, folder.id)
                    row = (folder.id, uid, content, " ".join(flags), len(data), moment)
                    db.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)", row)
                    uids.append(uid)
            if also:
                also(db, uids)
        return uids

    def _next_uid(self, db: sqlite3.Connection, folder: int) -> int:
        uid: int = db.execute(
            "UPDATE folder SET next_uid = next_uid + 1 WHERE id = ? RETURNING next_uid - 1", (folder,)
        ).fetchone()[0]
        return uid

    def index(self, folder: int) -> list[tuple[int, str]]:
        """UID and flags of every message of a folder, in order."""
        query = "SELECT uid, flags FROM message WHERE folder = ? ORDER BY uid"
        return self._reader.execute(query, (folder,)).fetchall()

    def message(self, folder: int, uid: int, data: bool = True) -> StoredMessage | None:
        """One message, with its bytes when they are wanted."""
        source = "message JOIN content ON content.id = message.content" if data else "message"
        query = f"SELECT flags, received, size, {'data' if data else 'NULL'} FROM {source} WHERE folder = ? AND uid = ?"
        row = self._reader.execute(query, (folder, uid)).fetchone()
        if row is None:
            return None
        flags, received, size, content = row
        return StoredMessage(uid, tuple(flags.split()), datetime.fromtimestamp(received, UTC), size, content or b"")

    def set_flags(self, folder: int, flags: dict[int, Sequence[str]]) -> None:
        """Replace the flags of messages, by UID."""
        with self._writing(folder) as db:
            rows = [(" ".join(one), folder, uid) for uid, one in flags.items()]
            db.executemany("UPDATE message SET flags = ? WHERE folder = ? AND uid = ?", rows)

    def expunge(self, folder: int, uids: Iterable[int]) -> None:
        """Remove messages for good."""
        with self._writing(folder) as db:
            self._expunge(db, folder, uids)

    def _expunge(self, db: sqlite3.Connection, folder: int, uids: Iterable[int]) -> None:
        for uid in uids:
            row = db.execute(
                "DELETE FROM message WHERE folder = ? AND uid = ? RETURNING content", (folder, uid)
            ).fetchone()
            if row:
                db.execute(
                    "DELETE FROM content WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM message WHERE content = ?1)", row
                )

    def copy(self, source: Folder, uids: Sequence[int], target: Folder, move: bool = False) -> list[int]:
        """Copy or move messages; gives their UIDs in the target, in the same order."""
        made = []
        with self._writing(source.id, target.id) as db:
            for uid in uids:
                new = self._next_uid(db, target.id)
                db.execute(
                    "INSERT INTO message SELECT ?, ?, content, flags, size, received FROM message "
                    "WHERE folder = ? AND uid = ?",
                    (target.id, new, source.id, uid),
                )
                made.append(new)
            if move:
                self._expunge(db, source.id, uids)
        return made

    def used(self, address: str) -> int:
        """The size of all the messages of a mailbox, in bytes."""
        query = "SELECT coalesce(sum(size), 0) FROM message JOIN folder ON folder.id = message.folder WHERE address = ?"
        total: int = self._reader.execute(query, (address,)).fetchone()[0]
        return total

    # What is to be delivered later

    def due(self, now: float) -> list[tuple[int, str, bytes]]:
        """What must be delivered by now: number, mailbox, message."""
        return self._reader.execute(
            "SELECT id, address, data FROM later WHERE due <= ? ORDER BY due", (now,)
        ).fetchall()

    def next_due(self) -> float | None:
        """When something must be delivered next (seconds since the epoch)."""
        moment: float | None = self._reader.execute("SELECT min(due) FROM later").fetchone()[0]
        return moment

    # What the journal must be told of, should a crash come between the mail and the journal

    def untold(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What happened to mail (event, session, facts) and may be missing in the journal; forgotten by this call."""
        with self._writing() as db:
            rows = db.execute("DELETE FROM told RETURNING id, event, session, facts").fetchall()
        return [(event, session, json.loads(facts)) for _, event, session, facts in sorted(rows)]

    # Conversations with patients

    def may_answer(self, patient: str, message_id: str) -> str | None:
        """To whom the patient may answer that message; ``None`` when it is closed or unknown."""
        row = self._reader.execute(
            "SELECT sender FROM right_to_answer WHERE patient = ? AND message_id = ? AND open = 1 ORDER BY id DESC",
            (mailbox_address(patient), message_id),
        ).fetchone()
        return row[0] if row else None

    # How it is done

    @property
    def _reader(self) -> sqlite3.Connection:
        """A connection of this thread's own: readers never wait for the writer."""
        reader: sqlite3.Connection | None = getattr(self._readers, "db", None)
        if reader is None:
            reader = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
            self._readers.db = reader
            with self._lock:
                self._open_readers.append(reader)
        return reader

    @contextmanager
    def _writing(self, *changed: int) -> Iterator[sqlite3.Connection]:
        """One transaction; those who watch the changed folders are told after the commit."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            told: list[Callable[[], None]] = []
            for folder in changed:
                self._versions[folder] = self._versions.get(folder, 0) + 1
                told += self._listeners.get(folder, ())
        for tell in told:
            tell()

    def version(self, folder: int) -> int:
        """Grows with every change of a folder in this process."""
        return self._versions.get(folder, 0)

    def watch(self, folder: int, tell: Callable[[], None]) -> Callable[[], None]:
        """Have ``tell`` called (in any thread) when a folder changes; gives what ends it."""
        with self._lock:
            self._listeners.setdefault(folder, set()).add(tell)

        def stop() -> None:
            with self._lock:
                self._listeners.get(folder, set()).discard(tell)

        return stop


_FOLDER: Final = "id, address, name, use, validity, next_uid, subscribed"


def _mailbox(row: tuple[Any, ...]) -> Mailbox:
    address, kind, name, holders, closed = row
    return Mailbox(address, MailboxKind(kind), name, tuple(json.loads(holders)), bool(closed))


def _folder(row: tuple[Any, ...]) -> Folder:
    identifier, address, name, use, validity, next_uid, subscribed = row
    return Folder(identifier, address, name, use, validity, next_uid, bool(subscribed))
