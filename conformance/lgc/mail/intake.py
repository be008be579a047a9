"""What comes in: reads messages, files what is sure, keeps the rest for a person, follows receipts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

from conformance.core.errors import DocumentError
from conformance.lgc.mail.courier import Courier, Mailbox
from conformance.lgc.mail.outbox import Outbox
from conformance.lgc.mail.progress import Progress
from conformance.lgc.mail.reading import (
    Found,
    Incoming,
    Kind,
    Reader,
    author_of,
    moment_of,
    shown_subject,
    title_of,
    type_of,
)
from conformance.lgc.mail.receipts import Receipts
from conformance.lgc.mail.revocation import Revocations
from conformance.lgc.mail.vigilance import Match, Told, Vigilance
from conformance.lgc.mail.worklist import KeptItem, Worklist
from conformance.lgc.mail.writing import Writer
from conformance.lgc.received import ReceivedDocument, ReceivedDocuments, flagged
from conformance.lgc.store import Store
from conformance.lgc.versions import Placement, Standing, Versions
from conformance.sut.contract import (
    DocumentStatus,
    DocumentView,
    FlagKind,
    Origin,
    Patient,
    WorklistItem,
    WorklistReason,
)

_log = logging.getLogger("lgc")


@dataclass(frozen=True, slots=True)
class MailParts:
    """The parts of the mail that a seeded fault may replace."""

    courier: type[Courier] = Courier
    reader: type[Reader] = Reader
    vigilance: type[Vigilance] = Vigilance
    versions: type[Versions] = Versions
    writer: type[Writer] = Writer
    outbox: type[Outbox] = Outbox
    receipts: type[Receipts] = Receipts
    revocations: type[Revocations] = Revocations


@dataclass(slots=True)
class Taken:
    """What one message brought: ids of documents filed, ids of items put on the worklist."""

    documents: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)


class Intake:
    """The messages of the mailbox, one by one."""

    def __init__(self, store: Store, received: ReceivedDocuments, parts: MailParts) -> None:
        self.store = store
        self.received = received
        self.worklist = Worklist(store)
        self.progress = Progress(store)
        self.courier = parts.courier(parts.revocations(store))
        self.reader = parts.reader()
        self.vigilance = parts.vigilance()
        self.versions = parts.versions()
        self.writer = parts.writer()
        self.receipts = parts.receipts()
        self.outbox = parts.outbox(store, self.courier)
        self.on_filed: list[Callable[[str, str, bytes], None]] = []
        """Who wants to know of a document that enters a record: its local id, its patient, its bytes."""
        self._one_at_a_time = threading.Lock()

    @property
    def address(self) -> str:
        """The mailbox of the user; empty as long as it is not set up."""
        endpoint = self.store.settings.mssante_retrieval or self.store.settings.mssante_submission
        return (endpoint.mailbox if endpoint else "") or ""

    @property
    def sender(self) -> str:
        """The mailbox that messages leave from: that of the user, or an applicative one."""
        endpoint = self.store.settings.mssante_submission or self.store.settings.mssante_retrieval
        return (endpoint.mailbox if endpoint else "") or ""

    def fetch(self, mailbox: Mailbox, validity: int, uid: int) -> bytes | None:
        """The bytes of one message; it counts as treated only once it was."""
        return mailbox.fetch(uid)

    def treated(self, data: bytes) -> bool:
        """Whether this very message was treated before, under whatever number."""
        return self.progress.treated(self.address, data)

    def take(self, data: bytes, taken: Taken) -> None:
        """Treat one message. Whatever it is, it is shown to the user, and the next one is treated."""
        if self.treated(data):
            return
        try:
            incoming = self.reader.read(data)
        except DocumentError as error:
            self._keep(taken, WorklistReason.UNREADABLE, "Message illisible", data, text=error.sentence.fr)
            return
        try:
            self._treat(incoming, taken)
        except Exception:  # a message that breaks the product must not hide those behind it
            _log.exception("message %s", incoming.message.message_id)
            words = "Le logiciel n’a pas su traiter ce message."
            self._keep(taken, WorklistReason.UNREADABLE, shown_subject(incoming.message.subject), data, text=words)

    def _treat(self, incoming: Incoming, taken: Taken) -> None:
        message = incoming.message
        if incoming.kind is Kind.REPORT and self._note_receipts(incoming):
            return
        if incoming.kind is Kind.DOCUMENTS:
            for found in incoming.documents:
                self.document(incoming, found, taken)
            return
        reason = {Kind.PATIENT: WorklistReason.REPLY, Kind.REFUSED: WorklistReason.REFUSED}.get(
            incoming.kind, WorklistReason.MESSAGE
        )
        words = incoming.problem or message.body
        self._keep(taken, reason, shown_subject(message.subject), message.data, incoming, text=words)

    def document(self, incoming: Incoming, found: Found, taken: Taken) -> None:
        """One document of a message: to the record when all is sure, else to the worklist."""
        if incoming.problem:
            self._wait(incoming, found, Match(reason=WorklistReason.REFUSED, words=incoming.problem), taken)
            return
        match = self.vigilance.find(self.store, Told(found.patient_id, found.header.patient, incoming.message.subject))
        if match.patient is None:
            self._wait(incoming, found, match, taken)
        elif self.is_deletion(incoming, found):
            self._deletion(incoming, found, match.patient, taken)
        else:
            self._file(incoming, found, match.patient, taken)

    def is_deletion(self, incoming: Incoming, found: Found) -> bool:
        """Whether the sender asks to delete the document: by the action of the metadata, never by words."""
        return found.entry.action == "D"

    def _file(self, incoming: Incoming, found: Found, patient: Patient, taken: Taken) -> None:
        view = self.view(found, patient.patient_id)
        placement = self.place(view, found)
        if placement is None:
            words = "Une version de ce document est dans le dossier d’un autre patient."
            self._wait(incoming, found, Match(reason=WorklistReason.DIVERGENT_IDENTITY, words=words), taken)
            return
        if placement.status is None:
            self._say_known(incoming, found, view, taken)
            return
        view = self.file(view, found, placement, incoming.message.message_id)
        taken.documents.append(view.document_id)
        if placement.standing is not Standing.OLDER:
            item = self._item(incoming, found, WorklistReason.UNREAD, "À lire.", patient, view.document_id)
            item = replace(item, flags=view.flags)
            self._add(taken, KeptItem(item, None, incoming.message.data, incoming.message.message_id))

    def place(self, view: DocumentView, found: Found) -> Placement | None:
        """What the document is to the record; ``None`` when its versions are those of another patient."""
        unique_id = view.unique_id or ""
        known = self.received.known(unique_id)
        own = self.store.produced(unique_id)
        versions = self.versions_of(view)
        named = [each.view for each in map(self.received.known, replaced_by(found)) if each]
        if any(other.patient_id != view.patient_id for other in (*versions, *named)):
            return None
        there = known.view if known else view if own else None
        later = self.received.that_replaces(unique_id)
        superseded = later is not None and later.view.patient_id == view.patient_id
        return self.versions.place(view, there, versions, named, superseded=superseded)

    def versions_of(self, view: DocumentView) -> list[DocumentView]:
        """The documents of the same set; one without setId stands for itself."""
        return self.received.of_set(view.set_id) if view.set_id else []

    def view(self, found: Found, patient_id: str) -> DocumentView:
        """The line of the record that a document gives."""
        return view_of(found, patient_id)

    def file(self, view: DocumentView, found: Found, placement: Placement, source: str) -> DocumentView:
        """Put a document into the record, beside its other versions."""
        status = placement.status or DocumentStatus.CURRENT
        kind = FlagKind.NEW_VERSION if placement.standing is Standing.NEWER else FlagKind.UNREAD
        flags = (*flagged(FlagKind.UNREAD), *(flagged(kind) if kind is FlagKind.NEW_VERSION else ()))
        view = replace(view, status=status, flags=flags)
        for other in placement.replaced:
            self.received.set_status(other, DocumentStatus.REPLACED)
        self.received.add(ReceivedDocument(view, found.body, source, found.style_sheet, replaced_by(found)))
        for tell in self.on_filed:
            tell(view.document_id, view.patient_id, found.body)
        for item in self.worklist.about(WorklistReason.DELETION, unique_id=view.unique_id or ""):
            self.worklist.change(replace(item, document_id=view.document_id))
        return view

    def _say_known(self, incoming: Incoming, found: Found, view: DocumentView, taken: Taken) -> None:
        """Tell that the document, or this version of it, is in the record already (LGC.MDV.06)."""
        known = self.received.known(view.unique_id or "")
        same = known.view if known else next(
            (each for each in self.received.of_set(view.set_id or "") if each.version_number == view.version_number), None
        )  # fmt: skip
        item = self._item(incoming, found, WorklistReason.DUPLICATE, "Ce document est déjà dans le dossier.", None)
        item = replace(
            item,
            patient_id=view.patient_id,
            document_id=same.document_id if same else None,
            flags=flagged(FlagKind.DUPLICATE),
        )
        self._add(taken, KeptItem(item, None, incoming.message.data, incoming.message.message_id))

    def _deletion(self, incoming: Incoming, found: Found, patient: Patient, taken: Taken) -> None:
        """Someone asks to delete a document: the user decides (LGC.MSS/UX.05)."""
        target = self.received.known(found.header.unique_id)
        mine = target if target and target.view.patient_id == patient.patient_id else None
        words = "L’émetteur demande de supprimer ce document."
        item = self._item(incoming, found, WorklistReason.DELETION, words, patient)
        item = replace(item, document_id=mine.view.document_id if mine else None, flags=flagged(FlagKind.DELETION))
        self._add(taken, KeptItem(item, found.body, incoming.message.data, incoming.message.message_id))

    def _wait(self, incoming: Incoming, found: Found, match: Match, taken: Taken) -> None:
        reason = match.reason or WorklistReason.REFUSED
        item = self._item(incoming, found, reason, match.words, match.proposed)
        message = incoming.message
        self._add(taken, KeptItem(item, found.body, message.data, message.message_id, found.style_sheet))

    def _item(
        self,
        incoming: Incoming,
        found: Found,
        reason: WorklistReason,
        words: str,
        patient: Patient | None,
        document_id: str | None = None,
    ) -> WorklistItem:
        """An item about a document, with what its header tells (MSS/va1.25)."""
        header = found.header
        author, organization = author_of(header)
        told = header.patient
        sender = incoming.message.sender
        typed = bool(header.code.code and header.code.system)
        return WorklistItem(
            item_id=f"item-{uuid4().hex[:12]}",
            reason=reason,
            title=title_of(header),
            origin=Origin.MSSANTE,
            received=datetime.now(UTC),
            text=words,
            patient_label=f"{told.birth_name} {told.first_given} {told.birth_date} {told.sex}".strip(),
            type=type_of(header) if typed else None,
            document_date=moment_of(header.effective_time),
            patient_id=patient.patient_id if patient else None,
            document_id=document_id,
            author=author,
            organization=organization,
            version_number=header.version,
            unique_id=header.unique_id or None,
            act=found.act,
            performer=found.performer,
            encounter=found.encounter,
            sender=sender.label or sender.address if sender else "",
            sender_kind=incoming.sender_kind,
        )

    def _keep(
        self,
        taken: Taken,
        reason: WorklistReason,
        title: str,
        data: bytes,
        incoming: Incoming | None = None,
        text: str = "",
    ) -> None:
        """A message to read, without document to file."""
        sender = incoming.message.sender if incoming else None
        patient = self._writer_of(sender.address) if sender and reason is WorklistReason.REPLY else None
        who = f"{patient.file.identity.birth_name} {patient.file.identity.first_birth_given_name}" if patient else ""
        item = WorklistItem(
            item_id=f"item-{uuid4().hex[:12]}",
            reason=reason,
            title=title,
            origin=Origin.MSSANTE,
            received=datetime.now(UTC),
            text=text,
            patient_id=patient.patient_id if patient else None,
            patient_label=f"{who} {sender.address.partition('@')[0]}".strip() if sender and patient else "",
            sender=sender.label or sender.address if sender else "",
            sender_kind=incoming.sender_kind if incoming else None,
        )
        message_id = incoming.message.message_id if incoming else ""
        self._add(taken, KeptItem(item, None, data, message_id))

    def _writer_of(self, address: str) -> Patient | None:
        """The patient whose mailbox it is, when the identity is qualified."""
        found = [
            each
            for each in self.store.patients_with(matricule=address.partition("@")[0])
            if self.vigilance.qualified(each.file.identity)
        ]
        return found[0] if len(found) == 1 else None

    def _add(self, taken: Taken, kept: KeptItem) -> None:
        taken.items.append(self.worklist.add(kept).item_id)

    def _note_receipts(self, incoming: Incoming) -> bool:
        """Put receipts beside the messages that they are about; whether all of them found theirs."""
        told = self.receipts.read(incoming.message)
        for message_id, receipt in told:
            leaving = self.outbox.of(message_id)
            if leaving is None:
                return False
            deposit = replace(leaving.deposit, receipts=(*leaving.deposit.receipts, receipt))
            self.outbox.save(replace(leaving, deposit=deposit))
        return bool(told)


def view_of(found: Found, patient_id: str) -> DocumentView:
    """The line of the record that a document gives: its words and dates are those of the document."""
    header = found.header
    return DocumentView(
        document_id=f"rec-{uuid4().hex[:12]}",
        patient_id=patient_id,
        title=title_of(header),
        type=type_of(header),
        created=moment_of(header.effective_time) or datetime.now(UTC),
        author=author_of(header)[0],
        status=DocumentStatus.CURRENT,
        origin=Origin.MSSANTE,
        version_number=header.version,
        unique_id=header.unique_id or None,
        set_id="^".join(part for part in header.set_id if part) if header.set_id else None,
    )


def replaced_by(found: Found) -> tuple[str, ...]:
    """The ids, as the document writes them, of those that it replaces."""
    return tuple("^".join(part for part in each if part) for each in found.header.replaces)
