"""The operations of the contract that the mail brings to the practice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from conformance.exchange.mail import read_message
from conformance.exchange.naming import PATIENT_DOMAIN
from conformance.lgc.mail.desk import Desk
from conformance.lgc.mail.writing import SOFTWARE_REFERENCE, Order
from conformance.lgc.oppositions import OppositionRegister
from conformance.lgc.refusals import Refused
from conformance.lgc.store import Store, StoredDocument
from conformance.sut.contract import (
    Deposit,
    DocumentStatus,
    DocumentView,
    IntegrationRequest,
    ItemDecision,
    MessageRequest,
    Oppositions,
    Organization,
    Patient,
    PollReport,
    Professional,
    WorklistItem,
)


@dataclass(frozen=True, slots=True)
class Sendable:
    """A document that a message may carry."""

    status: DocumentStatus
    patient_id: str
    body: bytes


class MailOperations:
    """What a user can do with the mail; ``Practice`` inherits from it."""

    OFFERED: ClassVar[tuple[str, ...]] = (
        "worklist",
        "poll_mailbox",
        "integrate",
        "outgoing",
        "send_message",
        "read_oppositions",
        "set_oppositions",
        "mark_read",
        "settle_item",
    )
    TALKATIVE: ClassVar[tuple[str, ...]] = ("poll_mailbox", "send_message", "mark_read", "settle_item")
    """Operations that wait for a service: the rest of the product goes on meanwhile."""

    store: Store
    desk: Desk
    oppositions: OppositionRegister

    @property
    def practitioner(self) -> Professional:
        """The user."""
        raise NotImplementedError

    @property
    def organization(self) -> Organization:
        """The structure of the user."""
        raise NotImplementedError

    def worklist(self) -> tuple[WorklistItem, ...]:
        """What waits for a person, the newest first."""
        return self.desk.worklist.items()

    def poll_mailbox(self) -> PollReport:
        """Look into the mailbox."""
        return self.desk.poll()

    def integrate(self, request: IntegrationRequest) -> DocumentView:
        """File an item of the worklist."""
        patient = self.store.patient(request.patient_id)
        if request.origin != "worklist":
            raise Refused(422, "unknown_origin", "Seuls les éléments de la liste des tâches se classent.")
        return self.desk.integrate(request.reference, patient)

    def outgoing(self) -> tuple[Deposit, ...]:
        """What left, and what is to leave."""
        return self.desk.outbox.deposits()

    def mark_read(self, document_id: str) -> DocumentView:
        """The user has read a document."""
        return self.desk.read(document_id)

    def settle_item(self, item_id: str, decision: ItemDecision) -> None:
        """The user decides about an item."""
        self.desk.settle(item_id, decision.accepted)

    def read_oppositions(self, patient_id: str) -> Oppositions:
        """What the patient refuses."""
        self.store.patient(patient_id)
        return self.oppositions.of(patient_id)

    def set_oppositions(self, patient_id: str, oppositions: Oppositions) -> Oppositions:
        """Record what the patient refuses."""
        self.store.patient(patient_id)
        self.oppositions.record(patient_id, oppositions)
        return self.oppositions.of(patient_id)

    def send_message(self, request: MessageRequest) -> Deposit:
        """Write a message and send it, or keep it to be sent."""
        if not self.desk.address:
            raise Refused(409, "no_mailbox", "La messagerie n’est pas réglée.")
        documents = [self.sendable(document_id) for document_id in request.documents]
        about = {each.patient_id for each in documents}
        self.check_one_patient(about)
        deletes = {each.status is DocumentStatus.DELETED for each in documents}
        if len(deletes) > 1:
            raise Refused(422, "mixed", "Un message annonce des suppressions, ou envoie des documents : pas les deux.")
        answered, sender = self._answered(request)
        recipients = self.recipients(request, about, sender)
        if not recipients:
            raise Refused(422, "no_recipient", "Le message n’a pas de destinataire.")
        order = replace(
            self._order(recipients, tuple(each.body for each in documents)),
            subject=request.subject,
            text=request.text,
            answered=answered,
            closes=request.closes,
            deletes=deletes == {True},
            read_receipt=request.read_receipt,
        )
        message_id, data = self.desk.writer.write(order)
        return self.desk.leave(message_id, data, recipients, request.documents)

    def _order(self, recipients: tuple[str, ...], documents: tuple[bytes, ...]) -> Order:
        """What every message of the user has in common."""
        return Order(
            mailbox=self.desk.sender,
            practitioner=self.practitioner,
            organization=self.organization,
            practice_root=self.store.practice_root,
            recipients=recipients,
            documents=documents,
            answer_to=self.desk.address if self.desk.address != self.desk.sender else "",
            software=self.store.settings.software_reference or SOFTWARE_REFERENCE,
        )

    def send_unasked(self, document: StoredDocument) -> None:
        """Send a document just validated to its patient, where the practice wants it so (MSS/va1.01)."""
        if not (self.store.settings.documents_to_patients and self.desk.address):
            return
        patient = self.store.patient(document.patient_id)
        if not self.wants_messages(patient):
            return
        recipients = (self.desk.writer.address_of(patient.file.identity),)
        message_id, data = self.desk.writer.write(self._order(recipients, (document.body,)))
        self.desk.leave_soon(message_id, data, recipients, (document.id,))

    def wants_messages(self, patient: Patient) -> bool:
        """Whether documents may go to a patient unasked: a qualified INS, and no opposition."""
        refuses = self.oppositions.of(patient.patient_id).mssante_to_patient
        return not refuses and self.desk.writer.may_be_written_to(patient.file.identity)

    def recipients(self, request: MessageRequest, about: set[str], sender: str) -> tuple[str, ...]:
        """To whom the message goes; who refuses is not written to, unless the user confirms."""
        written = list(request.recipients) or ([sender] if sender and not request.to_patient else [])
        if any(one.casefold().endswith(f"@{PATIENT_DOMAIN}") and one != sender for one in written):
            raise Refused(409, "patient_address", "On écrit à un patient depuis son dossier.")
        professionals = [one for one in written if not one.casefold().endswith(f"@{PATIENT_DOMAIN}")]
        if professionals and not request.despite_opposition:
            self.check_professionals(about)
        if request.to_patient is None:
            return tuple(written)
        patient = self.store.patient(request.to_patient)
        self.check_same_patient(request.to_patient, about)
        if not request.despite_opposition:
            self.check_patient(request.to_patient)
        return (*written, self.desk.writer.address_of(patient.file.identity))

    def check_one_patient(self, about: set[str]) -> None:
        """Refuse a message about several patients (ECO.2.1.1)."""
        if len(about) > 1:
            raise Refused(422, "several_patients", "Un message ne porte que les documents d’un seul patient.")

    def check_same_patient(self, patient_id: str, about: set[str]) -> None:
        """Refuse to send a patient the documents of another."""
        if about and about != {patient_id}:
            raise Refused(409, "other_patient", "Le document n’est pas celui de ce patient.")

    def check_professionals(self, about: set[str]) -> None:
        """Refuse to send a patient's documents to professionals when he refuses (MSS/va1.22)."""
        if any(self.oppositions.of(patient_id).mssante_to_professionals for patient_id in about):
            raise Refused(409, "opposition", "Le patient refuse l’envoi de ses documents aux professionnels.")

    def check_patient(self, patient_id: str) -> None:
        """Refuse to write to a patient who refuses (MSS/va1.20)."""
        if self.oppositions.of(patient_id).mssante_to_patient:
            raise Refused(409, "opposition", "Le patient refuse les messages.")

    def sendable(self, document_id: str) -> Sendable:
        """A document that may be sent: one in force, or one of the user's own that he deleted, to say so."""
        received = self.desk.received.find(document_id)
        if received is not None:
            found = Sendable(received.view.status, received.view.patient_id, received.body)
            announced = False
        else:
            own = self.store.document(document_id)
            found = Sendable(own.status, own.patient_id, own.body)
            announced = own.status is DocumentStatus.DELETED
        if not (announced or self.may_leave(found.status)):
            raise Refused(409, "not_current", "Seul un document validé, en vigueur, s’envoie.")
        return found

    def may_leave(self, status: DocumentStatus) -> bool:
        """Whether a document of that status may be sent."""
        return status is DocumentStatus.CURRENT

    def _answered(self, request: MessageRequest) -> tuple[tuple[str, ...], str]:
        """The thread of the message that is answered, and who wrote it."""
        if request.answers is None:
            return (), ""
        kept = self.desk.worklist.find(request.answers)
        if kept is None or kept.message is None:
            raise Refused(404, "unknown_item", "Ce message n’est plus là.")
        message = read_message(kept.message)
        thread = tuple(dict.fromkeys((*message.references, message.message_id)))
        return tuple(one for one in thread if one), message.sender.address if message.sender else ""
