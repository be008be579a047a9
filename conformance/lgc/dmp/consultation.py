"""Consulting the DMP: look for documents, look at one, file it, tell what changed since.

Sources: SC.DMP/CONF.06; SC.DMP/UX.06, .08, .14, .31, .50; SC.CDA/DD.04, .05; SC.CDA/INT.08; test book of the CNDA for
the usage rules (EX_0.3-1030: TD0.3 at a request to consult; EX_3.1-1090: one search at the opening of a record).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar, TypeVar

from conformance.cda.reading import read_document
from conformance.core.errors import DocumentError
from conformance.exchange.cda_header import CdaHeader, read_header
from conformance.exchange.dmp.existence import Authorisation
from conformance.exchange.metadata import Coded as XdsCoded
from conformance.exchange.metadata import DocumentEntry, names
from conformance.exchange.metadata.hl7 import Cx, Xcn
from conformance.exchange.registry_messages import Queries, StoredQuery, quoted, single
from conformance.exchange.vihf import AccessMode
from conformance.lgc.dmp.client import DmpRefusal, Unreachable
from conformance.lgc.dmp.feeding import Feeding
from conformance.lgc.dmp.link import Link
from conformance.lgc.dmp.lots import VISIBILITY
from conformance.lgc.dmp.preloading import PreloadedShelf, query_of
from conformance.lgc.dmp.user import DmpUser
from conformance.lgc.mail.desk import Desk
from conformance.lgc.mail.intake import view_of
from conformance.lgc.mail.reading import Found, moment_of
from conformance.lgc.oppositions import OppositionRegister
from conformance.lgc.refusals import Refused
from conformance.lgc.shelf import Shelf
from conformance.lgc.store import Store
from conformance.sut.contract import (
    Coded,
    DmpAccess,
    DmpEntry,
    DmpQuery,
    DocumentStatus,
    DocumentView,
    EventKind,
    Notice,
    NoticeKind,
    Origin,
    Patient,
    RecordOpening,
)

ENTRY = "$XDSDocumentEntry"
ACCESS = {
    DmpAccess.NORMAL: AccessMode.NORMAL,
    DmpAccess.EMERGENCY: AccessMode.BREAK_GLASS,
    DmpAccess.REGULATION: AccessMode.REGULATION,
}
MOST_IDS = 20
"""How many documents one query by identifiers may name (test 3.1-010)."""
SHOWN = {
    "MASQUE_PS": "masqué aux professionnels",
    "INVISIBLE_PATIENT": "non visible par le patient",
    "INVISIBLE_REPRESENTANTS_LEGAUX": "non visible par les représentants légaux",
}

Given = TypeVar("Given")


class SeenShelf(Shelf):
    """Which documents of a DMP the user was told of already."""

    schema: ClassVar[str] = (
        "CREATE TABLE IF NOT EXISTS dmp_seen (patient_id TEXT NOT NULL, unique_id TEXT NOT NULL,"
        " PRIMARY KEY (patient_id, unique_id));"
    )
    tables: ClassVar[tuple[str, ...]] = ("dmp_seen",)

    def of(self, patient_id: str) -> set[str]:
        """What was seen of a patient's DMP."""
        rows = self.database.execute("SELECT unique_id FROM dmp_seen WHERE patient_id = ?", (patient_id,))
        return {row["unique_id"] for row in rows}

    def add(self, patient_id: str, unique_ids: Iterable[str]) -> None:
        """Note what is seen now."""
        with self.store.writing() as database:
            database.executemany(
                "INSERT OR IGNORE INTO dmp_seen VALUES (?, ?)", [(patient_id, each) for each in unique_ids]
            )


class Consultation:
    """What a user does with the DMP of a patient, beside feeding it."""

    def __init__(self, store: Store, link: Link, feeding: Feeding, desk: Desk) -> None:
        self.store = store
        self.link = link
        self.feeding = feeding
        self.desk = desk
        self.oppositions = OppositionRegister(store)
        self.seen = SeenShelf(store)
        self.preloaded = PreloadedShelf(store)

    # What the user does

    def search(self, patient: Patient, query: DmpQuery) -> tuple[DmpEntry, ...]:
        """Look for documents."""
        user, record = self.admitted(patient)
        access = self.access(query)
        self.check_rights(user, record, access)
        asked = self.parameters(record, query)
        found = self._ask(lambda: self.link.search(user, record, StoredQuery(Queries.FIND_DOCUMENTS, asked), access))
        newer = self.newer(user, record, patient, access)
        self.seen.add(patient.patient_id, [entry.unique_id or "" for entry in found.documents])
        return tuple(self.line(entry, patient, newer) for entry in found.documents)

    def read(self, patient: Patient, unique_id: str) -> bytes:
        """Look at one document; nothing of it stays."""
        user, record = self.admitted(patient)
        fetched = self.preloaded.body(patient.patient_id, unique_id)
        return self.retrieved(user, record, unique_id) if fetched is None else fetched

    def prepare(self, patient: Patient) -> None:
        """Fetch what the setting names ahead of a visit (SC.DMP/UX.34), for who is authorised already.

        Nothing is asked of a patient who refuses, and nothing goes wrong for anybody when the DMP does not answer.
        """
        setting = self.store.settings.dmp_preload
        user, record = self.feeding.user(), self.feeding.record_of(patient.file.identity)
        if setting is None or user is None or record is None or self.opposed(patient.patient_id):
            return
        try:
            if self.link.existence(user, record).authorisation != Authorisation.VALID:
                return
            asked = StoredQuery(Queries.FIND_DOCUMENTS, self.parameters(record, query_of(setting)))
            found = [entry.unique_id or "" for entry in self.link.search(user, record, asked).documents]
            bodies = {unique_id: self.link.retrieve(user, record, unique_id) for unique_id in found}
        except (Unreachable, DmpRefusal):  # the user will ask when he needs it
            return
        self.preloaded.replace(patient.patient_id, {name: body for name, body in bodies.items() if body})

    def integrate(self, patient: Patient, unique_id: str) -> DocumentView:
        """File one document into the record, with its versions; the one that it replaces is kept."""
        user, record = self.admitted(patient)
        if self.stored(patient, unique_id):
            raise Refused(409, "already_there", "Ce document est déjà dans le dossier.")
        found = self.opened(self.retrieved(user, record, unique_id))
        self.check_patient(found.header, record)
        view = replace(view_of(found, patient.patient_id), origin=Origin.DMP)
        placement = self.desk.place(view, found)
        if placement is None or placement.status is None:
            raise Refused(409, "already_there", "Ce document est déjà dans un dossier.")
        view = self.desk.file(view, found, placement, unique_id)
        self.feeding.book.note(view.document_id, EventKind.INTEGRATED)
        return view

    def open(self, patient: Patient) -> RecordOpening:
        """The record is opened: one search at most, and what the user is told of it."""
        user, record = self.feeding.user(), self.feeding.record_of(patient.file.identity)
        if user is None or record is None or self.opposed(patient.patient_id):
            return RecordOpening()
        try:
            existence = self.link.existence(user, record)
            if not existence.exists or not existence.open or existence.authorisation != Authorisation.VALID:
                return RecordOpening(has_dmp=existence.exists and existence.open)
            return RecordOpening(has_dmp=True, notices=self.notices(user, record, patient))
        except (Unreachable, DmpRefusal):  # the record opens whatever the DMP does
            return RecordOpening()

    # Who may

    def admitted(self, patient: Patient) -> tuple[DmpUser, str]:
        """The user and the name of the record; refused when no transaction may be made."""
        user, record = self.feeding.user(), self.feeding.record_of(patient.file.identity)
        if user is None:
            raise Refused(409, "no_dmp_settings", "Le DMP n’est pas réglé.")
        if record is None:
            raise Refused(409, "unqualified_identity", "L’INS du patient n’est pas qualifiée.")
        if self.opposed(patient.patient_id):
            raise Refused(409, "opposition", "Le patient refuse la consultation de son DMP.")
        return user, record

    def opposed(self, patient_id: str) -> bool:
        """Whether the patient refuses consultation (SC.DMP/CONF.06)."""
        return self.oppositions.of(patient_id).dmp_consultation

    def access(self, query: DmpQuery) -> AccessMode:
        """How the DMP is opened; in an emergency the user says why. It counts for this search alone."""
        if query.access is not DmpAccess.NORMAL and not query.reason.strip():
            raise Refused(422, "reason_missing", "L’accès hors du cas ordinaire se motive.")
        return ACCESS[query.access]

    def check_rights(self, user: DmpUser, record: str, access: AccessMode) -> None:
        """TD0.2, then TD0.3 when the patient has not authorised the user yet (SC.DMP/UX.08, .50)."""
        existence = self._ask(lambda: self.link.existence(user, record))
        if not existence.exists or not existence.open:
            raise Refused(409, "no_dmp", "Le patient n’a pas de DMP ouvert.")
        if existence.authorisation == Authorisation.FORBIDDEN:
            raise Refused(409, "forbidden", "Le patient a bloqué l’accès à son DMP.")
        if access is AccessMode.NORMAL and existence.authorisation != Authorisation.VALID:
            self._ask(lambda: self.link.authorise(user, record))

    def check_patient(self, header: CdaHeader, record: str) -> None:
        """The document must be about the patient of the record."""
        ins, expected = header.patient.ins, Cx.parse(record)
        if ins is None or ins != (expected.authority, expected.id):
            raise Refused(409, "divergent_identity", "Le document ne porte pas l’INS du patient.")

    # What is asked

    def parameters(self, record: str, query: DmpQuery) -> dict[str, tuple[str, ...]]:
        """The parameters of a search; times are in UTC on the wire."""
        asked: dict[str, tuple[str, ...]] = {
            f"{ENTRY}PatientId": (single(record),),
            f"{ENTRY}Status": (quoted(names.APPROVED),),
        }
        if query.types:
            asked[f"{ENTRY}TypeCode"] = (quoted(*(f"{each.code}^^{each.code_system}" for each in query.types)),)
        for name, moment in (("CreationTimeFrom", query.created_from), ("CreationTimeTo", query.created_to)):
            if moment is not None:
                asked[ENTRY + name] = (f"{moment.astimezone(UTC):%Y%m%d%H%M%S}",)
        return asked

    def retrieved(self, user: DmpUser, record: str, unique_id: str) -> bytes:
        """The bytes of a document."""
        found = self._ask(lambda: self.link.retrieve(user, record, unique_id))
        if found is None:
            raise Refused(404, "unknown_document", "Le document n’est pas dans le DMP.")
        return found

    def opened(self, body: bytes) -> Found:
        """A document of the DMP as the desk files it."""
        try:
            clinical = read_document(body).clinical
        except DocumentError as error:
            raise Refused(422, "unreadable", f"Le document ne se lit pas ({error.code}).") from error
        header = read_header(clinical) if clinical is not None else None
        if header is None or not header.code.code or not header.code.system:
            raise Refused(422, "unreadable", "Ce n’est pas un document CDA que le logiciel classe.")
        return Found(body, header, DocumentEntry(id="-"), Cx(""))

    # What is shown

    def line(self, entry: DocumentEntry, patient: Patient, newer: set[str]) -> DmpEntry:
        """One line of the result of a search."""
        code = entry.type_code or XdsCoded("-")
        return DmpEntry(
            unique_id=entry.unique_id or "-",
            title=entry.title or "",
            type=Coded(code=code.code, code_system=code.system or "0.0", label=code.label or code.code),
            created=self.moment(entry.creation_time or ""),
            author=_names(entry),
            in_record=self.stored(patient, entry.unique_id or ""),
            newer_than_record=entry.id in newer,
            visibility=self.hidden(entry),
        )

    def moment(self, time: str) -> datetime:
        """A time of the metadata, which is in UTC."""
        return moment_of(f"{time.ljust(14, '0')}+0000") or datetime.now(UTC)

    def hidden(self, entry: DocumentEntry) -> tuple[str, ...]:
        """From whom a document is hidden, in words."""
        return tuple(SHOWN.get(one.code, one.code) for one in entry.confidentiality if one.system == VISIBILITY)

    def stored(self, patient: Patient, unique_id: str) -> bool:
        """Whether the record holds a document (SC.CDA/DD.04)."""
        received = self.desk.received.known(unique_id)
        if received is not None:
            return received.view.patient_id == patient.patient_id and received.view.status is not DocumentStatus.DELETED
        own = self.store.produced(unique_id)
        return own is not None and own.patient_id == patient.patient_id and own.status is not DocumentStatus.DELETED

    def integrated(self, patient: Patient) -> list[DocumentView]:
        """The documents of the record that come from the DMP and are in force."""
        return [
            view
            for view in self.desk.received.of_patient(patient.patient_id)
            if view.origin is Origin.DMP and view.status is DocumentStatus.CURRENT and view.unique_id
        ]

    def newer(self, user: DmpUser, record: str, patient: Patient, access: AccessMode) -> set[str]:
        """The entries that replace a document of the record."""
        ids = [view.unique_id or "" for view in self.integrated(patient)]
        found: set[str] = set()
        for start in range(0, len(ids), MOST_IDS):
            query = StoredQuery(
                Queries.GET_DOCUMENTS_AND_ASSOCIATIONS,
                {f"{ENTRY}UniqueId": (quoted(*ids[start : start + MOST_IDS]),)},
            )
            linked = self._ask(partial(self.link.search, user, record, query, access))
            own = {entry.id for entry in linked.documents}
            found |= {
                each.source
                for each in linked.associations
                if each.type in (names.REPLACES, names.REPLACES_2010) and each.target in own
            }
        return found

    def notices(self, user: DmpUser, record: str, patient: Patient) -> tuple[Notice, ...]:
        """What changed: stored documents replaced or deleted, new ones by type (SC.CDA/DD.05, SC.DMP/UX.14)."""
        statuses = (names.APPROVED, names.ARCHIVED, names.DEPRECATED)
        asked = {f"{ENTRY}PatientId": (single(record),), f"{ENTRY}Status": (quoted(*statuses),)}
        found = self.link.search(user, record, StoredQuery(Queries.FIND_DOCUMENTS, asked)).documents
        there = {entry.unique_id: entry for entry in found}
        told: list[Notice] = []
        for view in self.integrated(patient):
            entry = there.get(view.unique_id)
            if entry is None:
                told.append(self.deleted(view))
            elif entry.status == names.DEPRECATED:
                told.append(self.replaced(view))
        return (*told, *self.new_ones(patient, found))

    def deleted(self, view: DocumentView) -> Notice:
        """A document of the record is not in the DMP any more."""
        words = f"« {view.title} » a été supprimé du DMP."
        return Notice(kind=NoticeKind.DELETED, text=words, document_id=view.document_id, unique_id=view.unique_id)

    def replaced(self, view: DocumentView) -> Notice:
        """A document of the record has a newer version in the DMP."""
        words = f"« {view.title} » a une version plus récente dans le DMP."
        return Notice(kind=NoticeKind.NEW_VERSION, text=words, document_id=view.document_id, unique_id=view.unique_id)

    def new_ones(self, patient: Patient, found: tuple[DocumentEntry, ...]) -> tuple[Notice, ...]:
        """The documents that the user was not told of yet, counted by type."""
        seen = self.seen.of(patient.patient_id)
        new = [
            entry
            for entry in found
            if entry.status == names.APPROVED
            and entry.unique_id not in seen
            and not self.stored(patient, entry.unique_id or "")
        ]
        self.seen.add(patient.patient_id, [entry.unique_id or "" for entry in found])
        count = Counter(
            (each.type_code.code, each.type_code.system, each.type_code.label) for each in new if each.type_code
        )
        return tuple(
            Notice(
                kind=NoticeKind.NEW_DOCUMENTS,
                text=f"{number} nouveau(x) : {label or code}",
                type=Coded(code=code, code_system=system, label=label or code),
                count=number,
            )
            for (code, system, label), number in count.items()
        )

    def _ask(self, call: Callable[[], Given]) -> Given:
        """Make a call for a user who waits: what goes wrong is told to him."""
        try:
            return call()
        except Unreachable as error:
            raise Refused(409, "dmp_unreachable", str(error)) from error
        except DmpRefusal as error:
            raise Refused(409, "dmp_refused", str(error)) from error


def _names(entry: DocumentEntry) -> str:
    person = Xcn.parse(entry.authors[0].person) if entry.authors else Xcn("")
    return f"{person.given} {person.family}".strip()
