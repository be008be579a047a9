"""Documents of the DMP that were fetched ahead of a visit: kept apart from the record, which they do not enter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from conformance.lgc.shelf import Shelf
from conformance.sut.contract import DmpPreload, DmpQuery


class PreloadedShelf(Shelf):
    """What was fetched for the next visit of each patient."""

    schema: ClassVar[str] = (
        "CREATE TABLE IF NOT EXISTS dmp_preloaded (patient_id TEXT NOT NULL, unique_id TEXT NOT NULL,"
        " body BLOB NOT NULL, PRIMARY KEY (patient_id, unique_id));"
    )
    tables: ClassVar[tuple[str, ...]] = ("dmp_preloaded",)

    def body(self, patient_id: str, unique_id: str) -> bytes | None:
        """The bytes of a document that was fetched, if it was."""
        asked = "SELECT body FROM dmp_preloaded WHERE patient_id = ? AND unique_id = ?"
        row = self.database.execute(asked, (patient_id, unique_id)).fetchone()
        return bytes(row["body"]) if row else None

    def replace(self, patient_id: str, bodies: Mapping[str, bytes]) -> None:
        """Keep these documents of a patient, by their ids, and no other."""
        with self.store.writing() as database:
            database.execute("DELETE FROM dmp_preloaded WHERE patient_id = ?", (patient_id,))
            rows = [(patient_id, unique_id, body) for unique_id, body in bodies.items()]
            database.executemany("INSERT INTO dmp_preloaded VALUES (?, ?, ?)", rows)


def query_of(setting: DmpPreload) -> DmpQuery:
    """The search that finds what the setting wants (SC.DMP/UX.34)."""
    since = datetime.now(UTC) - timedelta(days=setting.days) if setting.days else None
    return DmpQuery(types=setting.types, created_from=since)
