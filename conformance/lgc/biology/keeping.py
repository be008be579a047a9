"""Where the product keeps results and warnings: two tables of its store."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from conformance.lgc.biology.model import LabReport
from conformance.lgc.refusals import unknown
from conformance.sut.codec import from_json, to_json
from conformance.sut.contract import Alert

_SCHEMA = """
CREATE TABLE IF NOT EXISTS lab_reports (
    rank INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL UNIQUE,
    patient_id TEXT NOT NULL,
    received TEXT NOT NULL,
    report TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS alerts (
    rank INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    alert TEXT NOT NULL
);
"""


class LabKeeping:
    """The reports that were filed, as data, and the warnings that were raised."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        with database:
            database.executescript(_SCHEMA)

    def clear(self) -> None:
        """Forget everything."""
        with self._database as database:
            database.execute("DELETE FROM lab_reports")
            database.execute("DELETE FROM alerts")

    def keep(self, document_id: str, patient_id: str, received: datetime, report: LabReport) -> None:
        """Keep the report of a document."""
        with self._database as database:
            database.execute(
                "INSERT OR REPLACE INTO lab_reports (document_id, patient_id, received, report) VALUES (?, ?, ?, ?)",
                (document_id, patient_id, received.isoformat(), to_json(report).decode()),
            )

    def report(self, document_id: str) -> LabReport | None:
        """The report of a document; ``None`` when it holds none."""
        row = self._database.execute("SELECT report FROM lab_reports WHERE document_id = ?", (document_id,)).fetchone()
        return from_json(row["report"], LabReport) if row else None

    def reports(self, patient_id: str) -> list[tuple[str, LabReport]]:
        """The reports of a patient with the ids of their documents, in the order in which they came."""
        rows = self._database.execute(
            "SELECT document_id, report FROM lab_reports WHERE patient_id = ? ORDER BY rank", (patient_id,)
        )
        return [(row["document_id"], from_json(row["report"], LabReport)) for row in rows]

    def save_alert(self, alert: Alert) -> None:
        """Record a warning, new or changed."""
        with self._database as database:
            database.execute(
                "INSERT INTO alerts (id, alert) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET alert = excluded.alert",
                (alert.alert_id, to_json(alert).decode()),
            )

    def alerts(self) -> list[Alert]:
        """Every warning, in the order in which they were raised."""
        return [
            from_json(row["alert"], Alert) for row in self._database.execute("SELECT alert FROM alerts ORDER BY rank")
        ]

    def alert(self, alert_id: str) -> Alert:
        """A warning; raises ``Refused`` (404)."""
        row = self._database.execute("SELECT alert FROM alerts WHERE id = ?", (alert_id,)).fetchone()
        if row is None:
            raise unknown("alert", alert_id)
        return from_json(row["alert"], Alert)
