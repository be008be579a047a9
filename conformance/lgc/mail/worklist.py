"""What waits for a person, kept: the items of the worklist and the messages behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from conformance.lgc.shelf import Shelf
from conformance.sut.codec import from_json, to_json
from conformance.sut.contract import WorklistItem, WorklistReason


@dataclass(frozen=True, slots=True)
class KeptItem:
    """An item with what is behind it: the document that waits, and the bytes of its message."""

    item: WorklistItem
    body: bytes | None = None
    message: bytes | None = None
    message_id: str = ""
    style_sheet: bytes | None = None


class Worklist(Shelf):
    """The items that wait, and the messages that were treated."""

    schema: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS waiting (
        rank INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        reason TEXT NOT NULL,
        document_id TEXT,
        unique_id TEXT,
        item TEXT NOT NULL,
        body BLOB,
        message BLOB,
        message_id TEXT NOT NULL,
        style_sheet BLOB
    );
    CREATE INDEX IF NOT EXISTS waiting_by_document ON waiting (document_id);
    CREATE INDEX IF NOT EXISTS waiting_by_unique_id ON waiting (unique_id);
    """
    tables: ClassVar[tuple[str, ...]] = ("waiting",)

    def add(self, kept: KeptItem) -> WorklistItem:
        """Put an item on the list."""
        item = kept.item
        values = (
            item.item_id, item.reason.value, item.document_id, item.unique_id, to_json(item).decode(),
            kept.body, kept.message, kept.message_id, kept.style_sheet,
        )  # fmt: skip
        with self.store.writing() as database:
            database.execute(
                "INSERT INTO waiting (id, reason, document_id, unique_id, item, body, message, message_id, style_sheet)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        return item

    def items(self) -> tuple[WorklistItem, ...]:
        """All of them, the newest first."""
        rows = self.database.execute("SELECT item FROM waiting ORDER BY rank DESC")
        return tuple(from_json(row["item"], WorklistItem) for row in rows)

    def find(self, item_id: str) -> KeptItem | None:
        """An item by its id."""
        row = self.database.execute("SELECT * FROM waiting WHERE id = ?", (item_id,)).fetchone()
        if row is None:
            return None
        item = from_json(row["item"], WorklistItem)
        return KeptItem(item, row["body"], row["message"], row["message_id"], row["style_sheet"])

    def about(self, reason: WorklistReason, *, document_id: str = "", unique_id: str = "") -> list[WorklistItem]:
        """The items of that reason about a document, by its local id or the id that it carries."""
        rows = self.database.execute(
            "SELECT item FROM waiting WHERE reason = ? AND (document_id = ? OR unique_id = ?)",
            (reason.value, document_id or None, unique_id or None),
        )
        return [from_json(row["item"], WorklistItem) for row in rows]

    def change(self, item: WorklistItem) -> None:
        """Record another state of an item."""
        with self.store.writing() as database:
            database.execute(
                "UPDATE waiting SET document_id = ?, item = ? WHERE id = ?",
                (item.document_id, to_json(item).decode(), item.item_id),
            )

    def remove(self, item_id: str) -> None:
        """The item is settled."""
        with self.store.writing() as database:
            database.execute("DELETE FROM waiting WHERE id = ?", (item_id,))
