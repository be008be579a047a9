"""Documents that came from outside, in the records: what was received, as it was, and how the user sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from conformance.lgc.shelf import Shelf
from conformance.sut.codec import from_json, to_json
from conformance.sut.contract import DocumentStatus, DocumentView, Flag, FlagKind


@dataclass(frozen=True, slots=True)
class ReceivedDocument:
    """A document of a record: the line that the user sees, its bytes, the style sheet that came with it.

    ``source`` names what brought it (the Message-ID, the unique id in the DMP); ``replaces`` the ids, as the document
    writes them, of those that it says it replaces.
    """

    view: DocumentView
    body: bytes
    source: str = ""
    style_sheet: bytes | None = None
    replaces: tuple[str, ...] = ()


class ReceivedDocuments(Shelf):
    """The documents received, of all patients."""

    schema: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS received (
        rank INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        patient_id TEXT NOT NULL,
        unique_id TEXT NOT NULL,
        set_id TEXT,
        view TEXT NOT NULL,
        body BLOB NOT NULL,
        source TEXT NOT NULL,
        style_sheet BLOB,
        replaces TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS received_by_patient ON received (patient_id);
    CREATE INDEX IF NOT EXISTS received_by_unique_id ON received (unique_id);
    CREATE INDEX IF NOT EXISTS received_by_set ON received (set_id);
    """
    tables: ClassVar[tuple[str, ...]] = ("received",)

    def add(self, document: ReceivedDocument) -> None:
        """Put a document into the record of its patient."""
        view = document.view
        values = (
            view.document_id,
            view.patient_id,
            view.unique_id or "",
            view.set_id,
            to_json(view).decode(),
            document.body,
            document.source,
            document.style_sheet,
            "\n".join(document.replaces),
        )
        with self.store.writing() as database:
            database.execute(
                "INSERT INTO received (id, patient_id, unique_id, set_id, view, body, source, style_sheet, replaces)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def change(self, view: DocumentView) -> DocumentView:
        """Record another state of a document."""
        with self.store.writing() as database:
            database.execute("UPDATE received SET view = ? WHERE id = ?", (to_json(view).decode(), view.document_id))
        return view

    def set_status(self, view: DocumentView, status: DocumentStatus) -> DocumentView:
        """Record another status of a document."""
        return self.change(replace(view, status=status))

    def find(self, document_id: str) -> ReceivedDocument | None:
        """A document by its local id."""
        return self._first("id", document_id)

    def known(self, unique_id: str) -> ReceivedDocument | None:
        """A document by the id that it carries, in any record, be it deleted since."""
        return self._first("unique_id", unique_id)

    def of_patient(self, patient_id: str) -> list[DocumentView]:
        """The documents of a record, in the order of their arrival."""
        return self._views("patient_id", patient_id)

    def of_set(self, set_id: str) -> list[DocumentView]:
        """The versions of one document, in the order of their arrival."""
        return self._views("set_id", set_id)

    def that_replaces(self, unique_id: str) -> ReceivedDocument | None:
        """The document that says it replaces ``unique_id``."""
        row = self.database.execute(
            "SELECT * FROM received WHERE instr(char(10) || replaces || char(10), ?) > 0 ORDER BY rank",
            (f"\n{unique_id}\n",),
        ).fetchone()
        return _document(row) if row else None

    def mark_read(self, view: DocumentView) -> DocumentView:
        """Take the flag of what is unread away."""
        return self.change(replace(view, flags=tuple(flag for flag in view.flags if flag.kind is not FlagKind.UNREAD)))

    def _first(self, column: str, value: str) -> ReceivedDocument | None:
        row = self.database.execute(
            f"SELECT * FROM received WHERE {column} = ? ORDER BY rank",  # a name of ours, never of a user
            (value,),
        ).fetchone()
        return _document(row) if row else None

    def _views(self, column: str, value: str) -> list[DocumentView]:
        rows = self.database.execute(f"SELECT view FROM received WHERE {column} = ? ORDER BY rank", (value,))
        return [from_json(row["view"], DocumentView) for row in rows]


def _document(row: object) -> ReceivedDocument:
    values = dict(row)  # type: ignore[call-overload]  # a row of sqlite is a mapping
    return ReceivedDocument(
        from_json(values["view"], DocumentView),
        values["body"],
        values["source"],
        values["style_sheet"],
        tuple(values["replaces"].split("\n")) if values["replaces"] else (),
    )


def flagged(kind: FlagKind, text: str = "") -> tuple[Flag, ...]:
    """One flag, as a view carries it."""
    return (Flag(kind=kind, text=text),)
