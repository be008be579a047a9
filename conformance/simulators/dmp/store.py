"""The store of the simulated DMP: SQLite by default, PostgreSQL by URL, the same tables and the same code.

A change is committed before it is acknowledged, so that what was answered survives the death of the process.
Two writers on one record wait for each other (SQLite: one writer at a time; PostgreSQL: the row of the patient).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Table,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.exchange.metadata import names
from conformance.simulators.dmp import tables as t
from conformance.simulators.dmp.model import DmpPatient, Entry, Notification, StoredAuthorisation, Trace, now

_LISTS: Final = ("confidentiality", "events", "references", "persons", "institutions")
_WRITES: Final = "segur_writes"


class Duplicate(Exception):
    """A document or a submission with this uniqueId is there already."""


class DoesNotFit(Exception):
    """A value is longer than the store keeps: ``column``, and how long it may be."""

    def __init__(self, column: str, longest: int) -> None:
        super().__init__(column)
        self.column = column
        self.longest = longest


class Store:
    """The database. ``url`` is one of SQLAlchemy; ``Store.in_folder`` makes that of a SQLite file."""

    def __init__(self, url: str) -> None:
        try:
            self.engine = _engine(url)
            t.SCHEMA.create_all(self.engine)
        except (SQLAlchemyError, ArgumentError, ImportError) as error:
            raise UsageError(
                "dmp.store",
                Text(
                    "La base de données du DMP simulé ne s’ouvre pas.",
                    "The database of the simulated DMP does not open.",
                ),
                Text(
                    f"Vérifiez l’adresse donnée et, pour PostgreSQL, que psycopg est installé ({type(error).__name__}).",
                    f"Check the URL given and, for PostgreSQL, that psycopg is installed ({type(error).__name__}).",
                ),
            ) from error

    @classmethod
    def in_folder(cls, folder: Path) -> Store:
        """The store in ``dmp.sqlite`` of ``folder``, made when absent."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{folder / 'dmp.sqlite'}")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Records]:
        """A consistent view."""
        with self.engine.connect() as connection, connection.begin():
            yield Records(connection)

    @contextmanager
    def writing(self) -> Iterator[Records]:
        """A transaction: all that is done in it, or nothing. Raises ``Duplicate`` for a uniqueId already there."""
        try:
            with self.engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
                yield Records(connection)
        except IntegrityError as error:
            raise Duplicate from error

    def clear(self) -> None:
        """Forget everything."""
        with self.writing() as records:
            for table in reversed(t.SCHEMA.sorted_tables):
                records.connection.execute(delete(table))


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 60}, pool_size=10, max_overflow=20)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: ConnectionPoolEntry) -> None:
        # The driver would begin transactions by itself, and too late to be alone in writing.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        # Safe when the process dies, which is what is promised; a power cut may lose the last commits.
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class Records:
    """What can be asked and changed within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    # Patients

    def add_patient(self, patient: DmpPatient) -> None:
        """Record a patient, or change one."""
        self.connection.execute(delete(t.PATIENTS).where(t.PATIENTS.c.patient == patient.patient))
        self._insert(t.PATIENTS, asdict(patient))

    def patient(self, cx: str, *, lock: bool = False) -> DmpPatient | None:
        """The patient of this CX; ``lock``: nobody else changes the record until the end of the transaction."""
        asked = select(t.PATIENTS).where(t.PATIENTS.c.patient == cx)
        row = self.connection.execute(asked.with_for_update() if lock else asked).mappings().first()
        return DmpPatient(**row) if row else None

    def patients(self) -> list[DmpPatient]:
        """Every patient."""
        rows = self.connection.execute(select(t.PATIENTS).order_by(t.PATIENTS.c.patient)).mappings()
        return [DmpPatient(**row) for row in rows]

    # Documents

    def add_entry(self, entry: Entry) -> None:
        """Record one version of the metadata of a document."""
        self._insert(t.ENTRIES, _entry_values(entry))

    def add_content(self, unique_id: str, data: bytes) -> None:
        """Record the bytes of a document. Within ``Store.writing``, a second one of this id is a ``Duplicate``."""
        self.connection.execute(insert(t.CONTENTS).values(unique_id=unique_id, data=data))

    def content(self, unique_id: str) -> bytes | None:
        """The bytes of a document."""
        found: bytes | None = self.connection.execute(
            select(t.CONTENTS.c.data).where(t.CONTENTS.c.unique_id == unique_id)
        ).scalar()
        return bytes(found) if found is not None else None

    def retire(self, entry_id: str) -> None:
        """A newer version of the metadata has come."""
        self.connection.execute(update(t.ENTRIES).where(t.ENTRIES.c.id == entry_id).values(current=False))

    def set_status(self, entry: Entry, status: str) -> None:
        """Change the status of an entry, in its columns and in its XML."""
        xml = entry.xml.replace(f'status="{entry.status}"', f'status="{status}"', 1)
        self.connection.execute(update(t.ENTRIES).where(t.ENTRIES.c.id == entry.id).values(status=status, xml=xml))

    def entry(self, entry_id: str) -> Entry | None:
        """The entry of this entryUUID, current or not."""
        return next(iter(self.entries(t.ENTRIES.c.id == entry_id)), None)

    def entries(self, *conditions: ColumnElement[bool]) -> list[Entry]:
        """The entries that meet all conditions (on ``tables.ENTRIES.c``), in the order of their deposit."""
        asked = select(t.ENTRIES).where(*conditions).order_by(t.ENTRIES.c.rank)
        return [_entry(row) for row in self.connection.execute(asked).mappings()]

    def entries_of(self, patient: str, *, statuses: Sequence[str] = (), signatures: bool = True) -> list[Entry]:
        """The current entries of a patient with one of ``statuses`` (any when empty)."""
        column = t.ENTRIES.c
        conditions: list[ColumnElement[bool]] = [column.patient == patient, column.current.is_(True)]
        if statuses:
            conditions.append(column.status.in_(statuses))
        if not signatures:
            conditions.append(column.signature.is_(False))
        return self.entries(*conditions)

    def current(self, unique_id: str) -> Entry | None:
        """The current entry of a document by its uniqueId."""
        column = t.ENTRIES.c
        return next(iter(self.entries(column.unique_id == unique_id, column.current.is_(True))), None)

    def count(self, status: str = names.APPROVED) -> int:
        """How many documents of this status the store holds, signatures apart."""
        column = t.ENTRIES.c
        asked = select(func.count()).where(
            column.status == status, column.current.is_(True), column.signature.is_(False)
        )
        return int(self.connection.execute(asked).scalar_one())

    # Submissions and associations

    def add_submission(self, **values: Any) -> None:
        """Record a submission set (the columns of ``tables.SUBMISSIONS``)."""
        self._insert(t.SUBMISSIONS, values)

    def submissions(self, *conditions: ColumnElement[bool]) -> list[RowMapping]:
        """The submission sets that meet all conditions (on ``tables.SUBMISSIONS.c``)."""
        asked = select(t.SUBMISSIONS).where(*conditions).order_by(t.SUBMISSIONS.c.submission_time)
        return list(self.connection.execute(asked).mappings())

    def add_association(self, **values: Any) -> None:
        """Record an association (the columns of ``tables.ASSOCIATIONS``)."""
        self._insert(t.ASSOCIATIONS, values)

    def associations(self, ids: Iterable[str]) -> list[RowMapping]:
        """The associations that touch one of these objects."""
        column, wanted = t.ASSOCIATIONS.c, list(ids)
        asked = select(t.ASSOCIATIONS).where(column.source.in_(wanted) | column.target.in_(wanted))
        return list(self.connection.execute(asked).mappings())

    def retarget(self, old: str, new: str) -> None:
        """Let the associations of one version of the metadata be those of the next (IHE ITI TF-2 §3.57, propagation)."""
        column = t.ASSOCIATIONS.c
        for row in self.associations([old]):
            ends = {end: new if row[end] == old else row[end] for end in ("source", "target")}
            changed = update(t.ASSOCIATIONS).where(column.id == row["id"])
            self.connection.execute(changed.values(**ends, xml=row["xml"].replace(f'"{old}"', f'"{new}"')))

    # Authorisations

    def authorise(self, authorisation: StoredAuthorisation) -> None:
        """Record what ties a professional to a record, in place of what did."""
        column = t.AUTHORISATIONS.c
        same = (column.patient == authorisation.patient, column.holder == authorisation.holder)
        self.connection.execute(delete(t.AUTHORISATIONS).where(*same))
        self._insert(t.AUTHORISATIONS, asdict(authorisation))

    def authorisation(self, patient: str, holder: str) -> StoredAuthorisation | None:
        """What ties this professional to this record."""
        column = t.AUTHORISATIONS.c
        asked = select(t.AUTHORISATIONS).where(column.patient == patient, column.holder == holder)
        row = self.connection.execute(asked).mappings().first()
        return StoredAuthorisation(**row) if row else None

    def authorisations(self, *, patient: str = "", holder: str = "") -> list[StoredAuthorisation]:
        """The authorisations of a record, or of a professional."""
        column, asked = t.AUTHORISATIONS.c, select(t.AUTHORISATIONS)
        if patient:
            asked = asked.where(column.patient == patient)
        if holder:
            asked = asked.where(column.holder == holder)
        return [StoredAuthorisation(**row) for row in self.connection.execute(asked.order_by(column.start)).mappings()]

    # What is written down

    def trace(self, trace: Trace) -> None:
        """Add a line to the access history."""
        self._insert(t.TRACES, asdict(trace))

    def traces(self, patient: str = "", *, user: str = "", transaction: str = "", since: str = "") -> list[Trace]:
        """The access history, narrowed down, in order."""
        column, asked = t.TRACES.c, select(t.TRACES)
        for wanted, value in ((column.patient, patient), (column.user, user), (column.transaction, transaction)):
            if value:
                asked = asked.where(wanted == value)
        if since:
            asked = asked.where(column.at >= since)
        rows = self.connection.execute(asked.order_by(column.rank)).mappings()
        return [Trace(**{f.name: row[f.name] for f in fields(Trace)}) for row in rows]

    def notify(self, notification: Notification) -> None:
        """Tell the patient something."""
        self._insert(t.NOTIFICATIONS, asdict(notification))

    def notifications(self, patient: str) -> list[Notification]:
        """What a patient was told, in order."""
        asked = select(t.NOTIFICATIONS).where(t.NOTIFICATIONS.c.patient == patient).order_by(t.NOTIFICATIONS.c.rank)
        rows = self.connection.execute(asked).mappings()
        return [Notification(**{f.name: row[f.name] for f in fields(Notification)}) for row in rows]

    def seen_before(self, assertion_id: str) -> bool:
        """Whether this VIHF served already; from now on it has."""
        asked = select(t.ASSERTIONS.c.id).where(t.ASSERTIONS.c.id == assertion_id)
        if self.connection.execute(asked).first():
            return True
        self._insert(t.ASSERTIONS, {"id": assertion_id, "at": now()})
        return False

    def _insert(self, table: Table, values: dict[str, Any]) -> None:
        """Add a row. Raises ``DoesNotFit``: PostgreSQL keeps the lengths of ``tables``, SQLite would take anything."""
        for name, value in values.items():
            longest = getattr(table.c[name].type, "length", None)
            if longest is not None and isinstance(value, str) and len(value) > longest:
                raise DoesNotFit(name, longest)
        self.connection.execute(insert(table).values(values))


_NAMES: Final = tuple(one.name for one in fields(Entry))


def _entry_values(entry: Entry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in _NAMES}
    return values | {name: list(values[name]) for name in _LISTS}


def _entry(row: RowMapping) -> Entry:
    values = {name: row[name] for name in _NAMES}
    return Entry(**(values | {name: tuple(values[name]) for name in _LISTS}))
