"""What patients refuse, as recorded in their files."""

from __future__ import annotations

from typing import ClassVar

from conformance.lgc.shelf import Shelf
from conformance.sut.codec import from_json, to_json
from conformance.sut.contract import Oppositions


class OppositionRegister(Shelf):
    """The oppositions of all patients; who said nothing refuses nothing."""

    schema: ClassVar[str] = "CREATE TABLE IF NOT EXISTS oppositions (patient_id TEXT PRIMARY KEY, value TEXT NOT NULL);"
    tables: ClassVar[tuple[str, ...]] = ("oppositions",)

    def of(self, patient_id: str) -> Oppositions:
        """What a patient refuses."""
        row = self.database.execute("SELECT value FROM oppositions WHERE patient_id = ?", (patient_id,)).fetchone()
        return from_json(row["value"], Oppositions) if row else Oppositions()

    def record(self, patient_id: str, oppositions: Oppositions) -> None:
        """Record what a patient refuses."""
        with self.store.writing() as database:
            values = (patient_id, to_json(oppositions).decode())
            database.execute("INSERT OR REPLACE INTO oppositions VALUES (?, ?)", values)
