"""The desk where the mail comes in and goes out: files what is sure, keeps the rest for a person, sends, follows."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from uuid import uuid4

from conformance.cda.reading import read_document
from conformance.core.errors import DocumentError
from conformance.exchange.cda_header import read_header
from conformance.exchange.mail import read_message
from conformance.exchange.metadata import DocumentEntry
from conformance.exchange.metadata.hl7 import Cx
from conformance.lgc.mail.courier import SECONDS, Unreachable
from conformance.lgc.mail.intake import Intake, Taken
from conformance.lgc.mail.outbox import Leaving
from conformance.lgc.mail.reading import Found
from conformance.lgc.mail.worklist import KeptItem
from conformance.lgc.refusals import Refused, unknown
from conformance.lgc.store import StoredDocument
from conformance.sut.contract import (
    Channel,
    Deposit,
    DepositState,
    DocumentStatus,
    DocumentView,
    Origin,
    Patient,
    PollReport,
    WorklistItem,
    WorklistReason,
)


class Desk(Intake):
    """The mail of the practice."""

    _leaving: threading.Thread | None = None

    def poll(self) -> PollReport:
        """Send what waits, then treat what came. Raises ``Refused`` when the operator cannot be reached."""
        with self._one_at_a_time:
            self._push()
            taken, messages = Taken(), 0
            try:
                with self.courier.mailbox(self.store.settings) as mailbox:
                    validity = mailbox.select()
                    for uid in mailbox.after(self.progress.last(self.address, validity)):
                        data = self.fetch(mailbox, validity, uid)
                        if data is None:
                            break
                        self.take(data, taken)
                        self.progress.done(self.address, validity, uid, data)
                        mailbox.mark_seen(uid)
                        messages += 1
            except Unreachable as error:
                if not messages:
                    raise Refused(409, "mail_unreachable", str(error)) from error
            return PollReport(messages=messages, documents=tuple(taken.documents), worklist=tuple(taken.items))

    # What the user decides

    def integrate(self, item_id: str, patient: Patient) -> DocumentView:
        """File a document that waits into the record that the user chose."""
        kept = self._kept(item_id)
        if kept.item.document_id or kept.body is None:
            raise Refused(409, "nothing_to_file", "Cet élément ne porte pas de document à classer.")
        clinical = read_document(kept.body).clinical
        if clinical is None:
            raise Refused(409, "nothing_to_file", "Cet élément ne porte pas de document à classer.")
        header = read_header(clinical)
        if not header.code.code or not header.code.system:
            raise Refused(409, "untyped", "Le document ne dit pas de quel type il est.")
        found = Found(kept.body, header, DocumentEntry(id="-"), Cx(""), style_sheet=kept.style_sheet)
        view = self.view(found, patient.patient_id)
        placement = self.place(view, found)
        if placement is None or placement.status is None:
            raise Refused(409, "already_there", "Ce document est déjà dans un dossier.")
        view = self.file(view, found, placement, kept.message_id)
        self.worklist.remove(item_id)
        return view

    def settle(self, item_id: str, accepted: bool) -> None:
        """Do what an item proposes, or leave all as it is."""
        kept = self._kept(item_id)
        if kept.item.reason is WorklistReason.DELETION and accepted:
            self.delete(kept.item)
        if kept.item.document_id and kept.item.reason is WorklistReason.UNREAD:
            self.read(kept.item.document_id)
        elif accepted:
            self._answer(kept)
        self.worklist.remove(item_id)

    def delete(self, item: WorklistItem) -> None:
        """The user confirms a deletion."""
        target = self.received.known(item.unique_id or "")
        if target is not None and target.view.patient_id == item.patient_id:
            self.received.set_status(target.view, DocumentStatus.DELETED)

    def read(self, document_id: str) -> DocumentView:
        """The user has read a document; a receipt goes to who asked for one, once."""
        document = self.received.find(document_id)
        if document is None:
            raise unknown("document", document_id)
        view = self.received.mark_read(document.view)
        for item in self.worklist.about(WorklistReason.UNREAD, document_id=document_id):
            kept = self._kept(item.item_id)
            self.worklist.remove(item.item_id)
            self._answer(kept)
        return view

    def _answer(self, kept: KeptItem) -> None:
        """Give the receipt of reading that a message asks for."""
        if kept.message is None or not self.address:
            return
        try:
            message = read_message(kept.message)
        except DocumentError:
            return
        wanted = self.receipts.wanted_by(message)
        if wanted is None:
            return
        message_id, data = self.receipts.write(message, self.address, wanted)
        self.leave(message_id, data, (wanted,), ())

    def _kept(self, item_id: str) -> KeptItem:
        kept = self.worklist.find(item_id)
        if kept is None:
            raise unknown("item", item_id)
        return kept

    # What goes out

    def leave(self, message_id: str, data: bytes, recipients: tuple[str, ...], documents: tuple[str, ...]) -> Deposit:
        """Keep a message, then try to send it at once."""
        deposit = self._keep_to_leave(message_id, data, recipients, documents)
        with self._one_at_a_time:
            self._push()
        return next(each for each in self.outbox.deposits() if each.deposit_id == deposit.deposit_id)

    def leave_soon(
        self, message_id: str, data: bytes, recipients: tuple[str, ...], documents: tuple[str, ...]
    ) -> Deposit:
        """Keep a message, and send it while the user goes on."""
        deposit = self._keep_to_leave(message_id, data, recipients, documents)
        self._leaving = threading.Thread(target=self._push_alone, name="mail-leaving", daemon=True)
        self._leaving.start()
        return deposit

    def _keep_to_leave(
        self, message_id: str, data: bytes, recipients: tuple[str, ...], documents: tuple[str, ...]
    ) -> Deposit:
        deposit = Deposit(
            deposit_id=f"sent-{uuid4().hex[:12]}",
            document_id=documents[0] if documents else None,
            channel=Channel.MSSANTE,
            state=DepositState.PENDING,
            attempts=0,
            updated=datetime.now(UTC),
            recipients=recipients,
            documents=documents,
        )
        self.outbox.add(Leaving(deposit, message_id, data, self.sender, recipients))
        return deposit

    def _push_alone(self) -> None:
        with self._one_at_a_time:
            self._push()

    def ended(self) -> bool:
        """Wait for what is leaving, before the store is closed; whether it has left."""
        if self._leaving is not None:
            self._leaving.join(SECONDS)
            return not self._leaving.is_alive()
        return True

    def _push(self) -> None:
        """Try what waits; the user is told of what failed for good."""
        for deposit in self.outbox.push():
            item = WorklistItem(
                item_id=f"item-{uuid4().hex[:12]}",
                reason=WorklistReason.SENDING_FAILED,
                title="Message non envoyé",
                origin=Origin.PRODUCED,
                received=datetime.now(UTC),
                text=f"{', '.join(deposit.recipients)} : {deposit.error}",
                document_id=deposit.document_id,
            )
            self.worklist.add(KeptItem(item))

    def tell_feeding_failed(self, document: StoredDocument, why: str) -> None:
        """The user is told that the DMP refused something about a document."""
        item = WorklistItem(
            item_id=f"item-{uuid4().hex[:12]}",
            reason=WorklistReason.FEEDING_FAILED,
            title="Document refusé par le DMP",
            origin=Origin.PRODUCED,
            received=datetime.now(UTC),
            text=why,
            patient_id=document.patient_id,
            document_id=document.id,
        )
        self.worklist.add(KeptItem(item))
