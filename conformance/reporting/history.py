"""The reports over time: kept in a database (SQLite, PostgreSQL) or read from a folder of reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection, Engine, MetaData

from conformance.core.errors import SegurError, UsageError
from conformance.core.language import Text
from conformance.reporting.model import RunReport
from conformance.reporting.reading import read_report


@dataclass(frozen=True, slots=True)
class PastRun:
    """What history keeps of a run: who, when, the verdict on each requirement and each test."""

    run: str
    product: str
    version: str
    vendor: str
    kit: str
    rules: str
    profiles: str
    started_at: str
    verdict: str
    interrupted: bool
    requirements: dict[str, str]
    tests: dict[str, str]

    @classmethod
    def of(cls, report: RunReport) -> PastRun:
        """What is kept of a report."""
        header = report.header
        product = header["product"]
        return cls(
            header["run"],
            product["name"],
            product["version"],
            product["vendor"],
            header["kit"],
            header["versions"].get("rules", ""),
            " ".join(one["id"] for one in header["profiles"]),
            header["started_at"],
            str(report.verdict),
            report.interrupted,
            {one["id"]: one["verdict"] for one in [*report.requirements, *report.attested]},
            {one["id"]: one["verdict"] for one in report.tests},
        )


def runs_of_folder(folder: Path) -> list[PastRun]:
    """The runs whose ``report.json`` lie anywhere in ``folder``, the oldest first; the same run counts once.

    A file of that name that is no report is left out. Raises ``UsageError`` when there is none at all.
    """
    found: dict[str, PastRun] = {}
    for path in sorted(folder.rglob("report.json")):
        try:
            past = PastRun.of(read_report(path, with_evidence=False))
        except SegurError:
            continue
        found[past.run] = past
    if not found:
        raise UsageError(
            "history.empty",
            Text(f"Aucun report.json dans {folder}.", f"No report.json in {folder}."),
            Text("Indiquez un dossier d’exécutions, ou une base.", "Name a folder of runs, or a database."),
        )
    return sorted(found.values(), key=lambda past: past.started_at)


class History:
    """A database of runs. ``url`` is SQLAlchemy's (``sqlite:///history.db``, ``postgresql+psycopg://…``).

    Raises ``UsageError`` when the driver is missing, or when the database cannot be reached; without ``create``, also
    when it is a file that does not exist.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        if not create:
            _must_exist(url)
        self._engine, self._tables = _open(url)

    def add(self, runs: Iterable[PastRun]) -> int:
        """Keep the runs; those that are there already stay as they are. Says how many were added."""
        added = 0
        with self._engine.begin() as connection:
            for past in runs:
                kept = self._tables.tables["segur_runs"]
                if connection.execute(sql.select(kept.c.run).where(kept.c.run == past.run)).first():
                    continue
                self._insert(connection, past)
                added += 1
        return added

    def runs(self, product: str | None = None) -> list[PastRun]:
        """The runs (of ``product``), the oldest first."""
        kept = self._tables.tables["segur_runs"]
        query = sql.select(kept).order_by(kept.c.started_at)
        if product is not None:
            query = query.where(kept.c.product == product)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
            wanted = {row["run"] for row in rows}
            requirements = self._verdicts(connection, "segur_requirements", wanted)
            tests = self._verdicts(connection, "segur_tests", wanted)
        return [
            PastRun(**{**row, "requirements": requirements[row["run"]], "tests": tests[row["run"]]}) for row in rows
        ]

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()

    def _insert(self, connection: Connection, past: PastRun) -> None:
        tables = self._tables.tables
        columns = {name: getattr(past, name) for name in tables["segur_runs"].columns.keys()}  # noqa: SIM118  # not a dict
        connection.execute(tables["segur_runs"].insert(), columns)
        for table, verdicts in (("segur_requirements", past.requirements), ("segur_tests", past.tests)):
            rows = [{"run": past.run, "id": name, "verdict": verdict} for name, verdict in verdicts.items()]
            if rows:
                connection.execute(tables[table].insert(), rows)

    def _verdicts(self, connection: Connection, name: str, runs: set[str]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {run: {} for run in runs}
        for row in connection.execute(sql.select(self._tables.tables[name])).mappings():
            if row["run"] in found:
                found[row["run"]][row["id"]] = row["verdict"]
        return found


def _must_exist(url: str) -> None:
    """SQLite makes the file that it is asked to read: a name written wrong would show an empty history."""
    try:
        parts = sql.make_url(url)
    except sql.exc.ArgumentError:
        return  # opening it says so
    if parts.get_backend_name() == "sqlite" and parts.database and not Path(parts.database).exists():
        raise UsageError(
            "history.not-found",
            Text(f"La base « {parts.database} » n’existe pas.", f"The database “{parts.database}” does not exist."),
            Text("Ajoutez d’abord une exécution : segur history add.", "Add a run first: segur history add."),
        )


def _open(url: str) -> tuple[Engine, MetaData]:
    tables = sql.MetaData()
    sql.Table(
        "segur_runs",
        tables,
        sql.Column("run", sql.String(200), primary_key=True),
        *(
            sql.Column(name, sql.Text, nullable=False)
            for name in ("product", "version", "vendor", "kit", "rules", "profiles", "started_at", "verdict")
        ),
        sql.Column("interrupted", sql.Boolean, nullable=False),
    )
    for name in ("segur_requirements", "segur_tests"):
        sql.Table(
            name,
            tables,
            sql.Column("run", sql.String(200), sql.ForeignKey("segur_runs.run"), primary_key=True),
            sql.Column("id", sql.String(500), primary_key=True),
            sql.Column("verdict", sql.String(20), nullable=False),
        )
    try:
        engine = sql.create_engine(url)
        tables.create_all(engine)
    except (sql.exc.SQLAlchemyError, ImportError) as error:  # the driver of the URL may be missing
        why = str(error).splitlines()[0]
        raise UsageError(
            "history.database",
            Text(f"La base de l’historique ne répond pas : {why}.", f"The history database does not answer: {why}."),
            Text(
                "Exemples : sqlite:///segur-history.db, postgresql+psycopg://utilisateur@localhost/base (avec psycopg installé).",
                "Examples: sqlite:///segur-history.db, postgresql+psycopg://user@localhost/database (with psycopg installed).",
            ),
        ) from error
    return engine, tables


def is_database(source: str) -> bool:
    """True for a database URL, false for a folder."""
    return "://" in source


def trend(runs: list[PastRun]) -> list[dict[str, Any]]:
    """For each run, how many requirements have which verdict, and what was fixed and broken since the one before."""
    rows: list[dict[str, Any]] = []
    before: dict[str, PastRun] = {}
    for past in runs:
        earlier = before.get(past.product)
        was = earlier.requirements if earlier else {}
        changed = {
            name: (was[name], now) for name, now in past.requirements.items() if name in was and was[name] != now
        }
        rows.append(
            {
                "run": past.run,
                "product": past.product,
                "version": past.version,
                "started_at": past.started_at,
                "verdict": past.verdict,
                "interrupted": past.interrupted,
                "kit": past.kit,
                "rules": past.rules,
                "counts": _counted(past.requirements),
                "fixed": sorted(name for name, (_, now) in changed.items() if now == "pass"),
                "broken": sorted(name for name, (then, _) in changed.items() if then == "pass"),
                "rules_changed": earlier is not None and (earlier.kit, earlier.rules) != (past.kit, past.rules),
            }
        )
        before[past.product] = past
    return rows


def _counted(requirements: dict[str, str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for verdict in requirements.values():
        counts[verdict] = counts.get(verdict, 0) + 1
    return counts
