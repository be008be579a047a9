"""The store of the product: one SQLite file, or memory."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from conformance.lgc.header import Numbering
from conformance.lgc.refusals import unknown
from conformance.sut.codec import from_json, to_json
from conformance.sut.contract import ClinicalRecord, DocumentStatus, Patient, PatientFile, Settings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS patients (
    rank INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    file TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS documents (
    rank INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    patient_id TEXT NOT NULL REFERENCES patients (id),
    kind TEXT NOT NULL,
    model_version TEXT NOT NULL,
    status TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    set_id TEXT NOT NULL,
    version_number INTEGER NOT NULL,
    replaced_id TEXT,
    replaces TEXT REFERENCES documents (id),
    created TEXT NOT NULL,
    author TEXT NOT NULL,
    content TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_by_patient ON documents (patient_id);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document of the record; ``replaces`` is the local id of the version before."""

    id: str
    patient_id: str
    kind: str
    model_version: str
    status: DocumentStatus
    numbering: Numbering
    created: datetime
    author: str
    content: ClinicalRecord
    body: bytes
    replaces: str | None = None


class Store:
    """Patients, documents and settings; every change is committed before the answer."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        # Operations that speak with a service run in a thread of their own; writing is one at a time.
        self.lock = threading.RLock()
        self._database = sqlite3.connect(folder / "lgc.sqlite" if folder else ":memory:", check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        if folder:
            # What is committed survives the death of the process; only a crash of the system could lose the last.
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self._shared: list[str] = []
        self.on_close: list[Callable[[], bool]] = []
        """What ends the threads that use the store; whether it could."""
        if self._setting("practice_root") is None:
            self._set("practice_root", f"2.25.{uuid4().int}")

    @property
    def database(self) -> sqlite3.Connection:
        """The connection, for the rooms of the product that keep tables of their own."""
        return self._database

    def close(self) -> None:
        """End the threads that use the file, then close it; what a thread still uses must not be closed under it."""
        ended = [end() for end in self.on_close]
        if all(ended):
            self._database.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One change, committed at its end."""
        with self.lock, self._database as database:
            yield database

    def share(self, schema: str, tables: tuple[str, ...]) -> sqlite3.Connection:
        """Add the tables of a part of the product; ``clear`` empties them too."""
        self._database.executescript(schema)
        self._shared += tables
        return self._database

    def clear(self) -> None:
        """Forget everything but the OID of the practice: documents sent keep their meaning."""
        with self.writing() as database:
            for table in self._shared:
                database.execute(f"DELETE FROM {table}")  # names of ours, never of a user
            database.execute("DELETE FROM documents")
            database.execute("DELETE FROM patients")
            database.execute("DELETE FROM settings WHERE name <> 'practice_root'")

    @property
    def practice_root(self) -> str:
        """The OID under which the practice numbers its patients."""
        return self._setting("practice_root") or ""

    @property
    def settings(self) -> Settings:
        """The settings given so far."""
        written = self._setting("settings")
        return from_json(written, Settings) if written else Settings()

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._set("settings", to_json(settings).decode())

    def add_patient(self, file: PatientFile) -> Patient:
        """Record a patient under a new id."""
        patient = Patient(patient_id=f"pat-{uuid4().hex[:12]}", file=file)
        with self.writing() as database:
            database.execute(
                "INSERT INTO patients (id, file) VALUES (?, ?)", (patient.patient_id, to_json(file).decode())
            )
        return patient

    def patient(self, patient_id: str) -> Patient:
        """Read a patient; raises ``Refused`` (404)."""
        row = self._database.execute("SELECT * FROM patients WHERE id = ?", (patient_id,)).fetchone()
        if row is None:
            raise unknown("patient", patient_id)
        return _patient(row)

    def patients(self) -> list[Patient]:
        """Every patient, in the order of their creation."""
        return [_patient(row) for row in self._database.execute("SELECT * FROM patients ORDER BY rank")]

    def patients_with(self, **traits: str) -> list[Patient]:
        """The patients whose identity holds these values, by field (``birth_name``, ``matricule`` of the INS)."""
        asked = " AND ".join("json_extract(file, ?) = ?" for _ in traits)
        values = [
            part
            for name, value in traits.items()
            for part in (f"$.identity.{'ins.' if name == 'matricule' else ''}{name}", value)
        ]
        rows = self._database.execute(f"SELECT * FROM patients WHERE {asked} ORDER BY rank", values)
        return [_patient(row) for row in rows]

    def save_patient(self, patient: Patient) -> None:
        """Record a change."""
        with self.writing() as database:
            database.execute(
                "UPDATE patients SET file = ? WHERE id = ?", (to_json(patient.file).decode(), patient.patient_id)
            )

    def save_document(self, document: StoredDocument) -> None:
        """Record a document, new or changed."""
        numbering = document.numbering
        values = (
            document.id,
            document.patient_id,
            document.kind,
            document.model_version,
            document.status.value,
            numbering.unique_id,
            numbering.set_id,
            numbering.version_number,
            numbering.replaced_id,
            document.replaces,
            document.created.isoformat(),
            document.author,
            to_json(document.content).decode(),
            document.body,
        )
        with self.writing() as database:
            database.execute(
                "INSERT INTO documents (id, patient_id, kind, model_version, status, unique_id, set_id,"
                " version_number, replaced_id, replaces, created, author, content, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET status = excluded.status, body = excluded.body",
                values,
            )

    def document(self, document_id: str) -> StoredDocument:
        """Read a document; raises ``Refused`` (404)."""
        row = self._database.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
        if row is None:
            raise unknown("document", document_id)
        return _document(row)

    def produced(self, unique_id: str) -> StoredDocument | None:
        """A document of the product's own, by the id that it carries."""
        row = self._database.execute("SELECT * FROM documents WHERE unique_id = ?", (unique_id,)).fetchone()
        return _document(row) if row else None

    def documents(self, patient_id: str) -> list[StoredDocument]:
        """A patient's documents, in the order of their creation."""
        rows = self._database.execute("SELECT * FROM documents WHERE patient_id = ? ORDER BY rank", (patient_id,))
        return [_document(row) for row in rows]

    def _setting(self, name: str) -> str | None:
        row = self._database.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row["value"] if row else None

    def _set(self, name: str, value: str) -> None:
        with self.writing() as database:
            database.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))


def _patient(row: sqlite3.Row) -> Patient:
    return Patient(patient_id=row["id"], file=from_json(row["file"], PatientFile))


def _document(row: sqlite3.Row) -> StoredDocument:
    return StoredDocument(
        id=row["id"],
        patient_id=row["patient_id"],
        kind=row["kind"],
        model_version=row["model_version"],
        status=DocumentStatus(row["status"]),
        numbering=Numbering(row["unique_id"], row["set_id"], row["version_number"], row["replaced_id"]),
        created=datetime.fromisoformat(row["created"]),
        author=row["author"],
        content=from_json(row["content"], ClinicalRecord),
        body=row["body"],
        replaces=row["replaces"],
    )
