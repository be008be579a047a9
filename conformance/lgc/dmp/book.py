"""What the product remembers of the DMP: the choice and the state of each document, the orders that wait, the history.

All of it is in the store before anything is tried: a power cut loses nothing (SC.DMP/ALI/PROG.06).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from time import time
from typing import ClassVar
from uuid import uuid4

from conformance.lgc.shelf import Shelf
from conformance.sut.codec import from_json, to_json
from conformance.sut.contract import Channel, DepositState, DocumentEvent, EventKind, FeedingChoice, FeedingState

NO_CHOICE = FeedingChoice()
"""What holds as long as the user said nothing: the document goes to the DMP, hidden from nobody."""


class Action(StrEnum):
    """What is to be done at the DMP."""

    FEED = "feed"
    REMOVE = "remove"
    SHOW = "show"
    """Give the document the visibility that the user chose."""
    ARCHIVE = "archive"
    """Archive it, or take it out of the archive, as the user chose."""


@dataclass(frozen=True, slots=True)
class Order:
    """Something to do at the DMP about one document. ``due``: not before that moment, in seconds of the clock."""

    id: str
    document_id: str
    patient_id: str
    action: Action
    updated: datetime
    state: DepositState = DepositState.PENDING
    attempts: int = 0
    due: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a document stands with the DMP, and what the user decided; ``archived``: as it is there."""

    document_id: str
    state: FeedingState = FeedingState.NOT_CONCERNED
    choice: FeedingChoice = NO_CHOICE
    archived: bool = False


class Book(Shelf):
    """The tables."""

    schema: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS dmp_documents (
        document_id TEXT PRIMARY KEY, state TEXT NOT NULL, choice TEXT NOT NULL, archived INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS dmp_orders (
        rank INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL,
        patient_id TEXT NOT NULL, action TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
        updated TEXT NOT NULL, due REAL NOT NULL, error TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS dmp_orders_waiting ON dmp_orders (state, patient_id);
    CREATE TABLE IF NOT EXISTS document_events (
        rank INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL, event TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS document_events_by_document ON document_events (document_id);
    """
    tables: ClassVar[tuple[str, ...]] = ("dmp_documents", "dmp_orders", "document_events")

    # Documents

    def standing(self, document_id: str) -> Standing:
        """Where a document stands."""
        row = self.database.execute("SELECT * FROM dmp_documents WHERE document_id = ?", (document_id,)).fetchone()
        if row is None:
            return Standing(document_id)
        choice = from_json(row["choice"], FeedingChoice)
        return Standing(document_id, FeedingState(row["state"]), choice, bool(row["archived"]))

    def save(self, standing: Standing) -> None:
        """Record where a document stands."""
        choice = to_json(standing.choice).decode()
        values = (standing.document_id, standing.state.value, choice, standing.archived)
        with self.store.writing() as database:
            database.execute("INSERT OR REPLACE INTO dmp_documents VALUES (?, ?, ?, ?)", values)

    def set_state(self, document_id: str, state: FeedingState) -> None:
        """Record another state of a document."""
        self.save(replace(self.standing(document_id), state=state))

    # Orders

    def add(self, document_id: str, patient_id: str, action: Action) -> Order:
        """Put an order at the end of the queue."""
        order = Order(f"dmp-{uuid4().hex[:12]}", document_id, patient_id, action, updated=datetime.now(UTC))
        values = (
            order.id, document_id, patient_id, action.value, order.state.value, 0, order.updated.isoformat(), 0.0, "",
        )  # fmt: skip
        with self.store.writing() as database:
            database.execute(
                "INSERT INTO dmp_orders (id, document_id, patient_id, action, state, attempts, updated, due, error)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        return order

    def change(self, order: Order) -> Order:
        """Record what became of an order."""
        order = replace(order, updated=datetime.now(UTC))
        values = (order.state.value, order.attempts, order.updated.isoformat(), order.due, order.error, order.id)
        with self.store.writing() as database:
            database.execute(
                "UPDATE dmp_orders SET state = ?, attempts = ?, updated = ?, due = ?, error = ? WHERE id = ?", values
            )
        return order

    def withdraw(self, order: Order) -> None:
        """Take an order out of the queue, as if it had never been given."""
        with self.store.writing() as database:
            database.execute("DELETE FROM dmp_orders WHERE id = ?", (order.id,))

    def next(self) -> Order | None:
        """The first order that is due; those of one patient are done one after the other."""
        row = self.database.execute(
            "SELECT * FROM dmp_orders o WHERE state = 'pending' AND due <= ? AND NOT EXISTS (SELECT 1 FROM dmp_orders e"
            " WHERE e.state = 'pending' AND e.patient_id = o.patient_id AND e.rank < o.rank) ORDER BY rank LIMIT 1",
            (time(),),
        ).fetchone()
        return _order(row) if row else None

    def seconds_to_next(self) -> float | None:
        """How long until something is due; ``None`` when nothing waits."""
        row = self.database.execute("SELECT min(due) AS due FROM dmp_orders WHERE state = 'pending'").fetchone()
        return None if row["due"] is None else max(0.0, row["due"] - time())

    def hurry(self) -> None:
        """What waits is due now: the DMP is there again."""
        with self.store.writing() as database:
            database.execute("UPDATE dmp_orders SET due = 0 WHERE state = 'pending'")

    def waiting(self, document_id: str) -> list[Order]:
        """The orders about a document that are not done."""
        rows = self.database.execute(
            "SELECT * FROM dmp_orders WHERE state = 'pending' AND document_id = ? ORDER BY rank", (document_id,)
        )
        return [_order(row) for row in rows]

    def orders(self) -> list[Order]:
        """Every order, oldest first."""
        return [_order(row) for row in self.database.execute("SELECT * FROM dmp_orders ORDER BY rank")]

    # History

    def note(self, document_id: str, kind: EventKind, by: str = "", text: str = "", *, dmp: bool = True) -> None:
        """Write a line of the history of a document."""
        event = DocumentEvent(at=datetime.now(UTC), kind=kind, channel=Channel.DMP if dmp else None, by=by, text=text)
        with self.store.writing() as database:
            database.execute(
                "INSERT INTO document_events (document_id, event) VALUES (?, ?)", (document_id, to_json(event).decode())
            )

    def history(self, document_id: str) -> tuple[DocumentEvent, ...]:
        """The history of a document, oldest first."""
        rows = self.database.execute(
            "SELECT event FROM document_events WHERE document_id = ? ORDER BY rank", (document_id,)
        )
        return tuple(from_json(row["event"], DocumentEvent) for row in rows)


def _order(row: sqlite3.Row) -> Order:
    return Order(
        id=row["id"],
        document_id=row["document_id"],
        patient_id=row["patient_id"],
        action=Action(row["action"]),
        updated=datetime.fromisoformat(row["updated"]),
        state=DepositState(row["state"]),
        attempts=row["attempts"],
        due=row["due"],
        error=row["error"],
    )
