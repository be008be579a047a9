"""Where the product keeps results and warnings: two tables of its store."""

from __future__ import annotations

from typing import ClassVar

from conformance.lgc.biology.model import LabReport
from conformance.lgc.refusals import unknown
from conformance.lgc.shelf import Shelf
from conformance.sut.codec import from_json, to_json
from conformance.sut.contract import Alert, Flag


class LabKeeping(Shelf):
    """The reports that were filed, as data, what is told of them outside, and the warnings that were raised."""

    schema: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS lab_reports (
        rank INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id TEXT NOT NULL UNIQUE,
        patient_id TEXT NOT NULL,
        flags TEXT NOT NULL,
        report TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS lab_reports_by_patient ON lab_reports (patient_id);
    CREATE TABLE IF NOT EXISTS alerts (
        rank INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        alert TEXT NOT NULL
    );
    """
    tables: ClassVar[tuple[str, ...]] = ("lab_reports", "alerts")

    def keep(self, document_id: str, patient_id: str, report: LabReport, flags: tuple[Flag, ...]) -> None:
        """Keep the report of a document."""
        with self.store.writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO lab_reports (document_id, patient_id, flags, report) VALUES (?, ?, ?, ?)",
                (document_id, patient_id, to_json(flags, tuple[Flag, ...]).decode(), to_json(report).decode()),
            )

    def flags(self, document_id: str) -> tuple[Flag, ...]:
        """What is told of a document; nothing when it holds no results."""
        row = self.database.execute("SELECT flags FROM lab_reports WHERE document_id = ?", (document_id,)).fetchone()
        return from_json(row["flags"], tuple[Flag, ...]) if row else ()

    def reports(self, patient_id: str) -> list[tuple[str, LabReport]]:
        """The reports of a patient with the ids of their documents, in the order in which they came."""
        rows = self.database.execute(
            "SELECT document_id, report FROM lab_reports WHERE patient_id = ? ORDER BY rank", (patient_id,)
        )
        return [(row["document_id"], from_json(row["report"], LabReport)) for row in rows]

    def save_alert(self, alert: Alert) -> None:
        """Record a warning, new or changed."""
        with self.store.writing() as database:
            database.execute(
                "INSERT INTO alerts (id, alert) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET alert = excluded.alert",
                (alert.alert_id, to_json(alert).decode()),
            )

    def alerts(self) -> list[Alert]:
        """Every warning, in the order in which they were raised."""
        return [
            from_json(row["alert"], Alert) for row in self.database.execute("SELECT alert FROM alerts ORDER BY rank")
        ]

    def alert(self, alert_id: str) -> Alert:
        """A warning; raises ``Refused`` (404)."""
        row = self.database.execute("SELECT alert FROM alerts WHERE id = ?", (alert_id,)).fetchone()
        if row is None:
            raise unknown("alert", alert_id)
        return from_json(row["alert"], Alert)
