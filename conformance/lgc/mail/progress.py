"""How far the mailbox was read: no message twice, none forgotten, whatever happens to the connection or the numbers."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from conformance.lgc.shelf import Shelf


class Progress(Shelf):
    """The last UID treated under each UIDVALIDITY, and the digests of what was treated."""

    schema: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS mail_progress (mailbox TEXT, validity INTEGER, uid INTEGER, PRIMARY KEY (mailbox, validity));
    CREATE TABLE IF NOT EXISTS mail_seen (mailbox TEXT, digest TEXT, PRIMARY KEY (mailbox, digest));
    """
    tables: ClassVar[tuple[str, ...]] = ("mail_progress", "mail_seen")

    def last(self, mailbox: str, validity: int) -> int:
        """The last UID treated; 0 at first, and when the operator numbered anew."""
        row = self.database.execute(
            "SELECT uid FROM mail_progress WHERE mailbox = ? AND validity = ?", (mailbox, validity)
        ).fetchone()
        return int(row["uid"]) if row else 0

    def treated(self, mailbox: str, data: bytes) -> bool:
        """Whether this very message was treated, under whatever number."""
        found = self.database.execute(
            "SELECT 1 FROM mail_seen WHERE mailbox = ? AND digest = ?", (mailbox, _digest(data))
        ).fetchone()
        return found is not None

    def done(self, mailbox: str, validity: int, uid: int, data: bytes) -> None:
        """A message was treated."""
        with self.store.writing() as database:
            database.execute("INSERT OR REPLACE INTO mail_progress VALUES (?, ?, ?)", (mailbox, validity, uid))
            database.execute("INSERT OR IGNORE INTO mail_seen VALUES (?, ?)", (mailbox, _digest(data)))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
