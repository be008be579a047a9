"""Faults of secure mail: receipts, and what becomes of messages when the operator is in trouble."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from conformance.exchange.mail import Message
from conformance.lgc.mail.courier import Sending
from conformance.lgc.mail.desk import Desk
from conformance.lgc.mail.outbox import Leaving, Outbox
from conformance.lgc.mail.receipts import Receipts
from conformance.lgc.mail.worklist import KeptItem
from conformance.sut.contract import DepositState, DocumentView, Receipt, ReceiptKind, WorklistReason


class GivesNoReadReceipt(Receipts):
    """Gives no read receipt to who asks.

    Ne donne pas d’accusé de lecture à qui le demande.
    """

    def wanted_by(self, message: Message) -> str | None:
        return None


class GivesReceiptsAtEachReading(Desk):
    """Gives a read receipt each time that a document is read.

    Donne un accusé de lecture à chaque lecture d’un document.
    """

    _answered: dict[str, KeptItem]

    def read(self, document_id: str) -> DocumentView:
        answered = self.__dict__.setdefault("_answered", {})
        for item in self.worklist.about(WorklistReason.UNREAD, document_id=document_id):
            answered[document_id] = self._kept(item.item_id)
            return super().read(document_id)
        if document_id in answered:
            self._answer(answered[document_id])
        return super().read(document_id)


class AsksForReceiptsOfReceipts(Receipts):
    """Asks for a read receipt of the read receipts that it gives.

    Demande un accusé de lecture des accusés de lecture qu’il donne.
    """

    def write(self, message: Message, mailbox: str, recipient: str) -> tuple[str, bytes]:
        message_id, data = super().write(message, mailbox, recipient)
        return message_id, f"Disposition-Notification-To: {mailbox}\r\n".encode() + data


class GivesReceiptsToAnybody(Receipts):
    """Gives a read receipt to another address than the sender's without asking the user.

    Donne un accusé de lecture à une autre adresse que celle de l’expéditeur sans demander à l’utilisateur.
    """

    def wanted_by(self, message: Message) -> str | None:
        asked = message.addresses("Disposition-Notification-To")
        return asked[0].address if asked and not message.report_type else None


class HidesDeliveryNotices(Receipts):
    """Does not put notices of delivery beside the messages that they are about.

    Ne met pas les avis de remise à côté des messages dont ils parlent.
    """

    def read(self, message: Message) -> list[tuple[str, Receipt]]:
        return super().read(message) if message.report_type == "disposition-notification" else []


class TakesFailuresForReadings(Receipts):
    """Shows a failure to integrate as a message that was read.

    Montre un échec d’intégration comme un message lu.
    """

    def read(self, message: Message) -> list[tuple[str, Receipt]]:
        return [
            (about, replace(one, kind=ReceiptKind.READ) if one.kind is ReceiptKind.NOT_INTEGRATED else one)
            for about, one in super().read(message)
        ]


class GivesUpAtPassingRefusals(Outbox):
    """Gives up a message at the first trouble.

    Abandonne un message au premier incident.
    """

    def later(self, leaving: Leaving, why: str) -> Leaving:
        given_up = replace(leaving.deposit, state=DepositState.FAILED, error=why)
        return replace(leaving, deposit=given_up, waiting=())


class RenamesMessagesOnRetry(Outbox):
    """Gives a message another Message-ID when it is tried again.

    Donne à un message un autre Message-ID quand il est réessayé.
    """

    def attempt(self, leaving: Leaving) -> Leaving:
        if leaving.deposit.attempts:
            named = f"<{uuid4()}@quai.mssante.fr>"
            leaving = replace(leaving, data=leaving.data.replace(leaving.message_id.encode(), named.encode(), 1))
        return super().attempt(leaving)


class ForgetsWhatCouldNotLeave(Outbox):
    """Loses a message when the connection breaks.

    Perd un message quand la connexion se rompt.
    """

    def later(self, leaving: Leaving, why: str) -> Leaving:
        after = super().later(leaving, why)
        broken = not why[:3].isdigit()
        return replace(after, waiting=(), deposit=replace(after.deposit, state=DepositState.SENT)) if broken else after


class HidesFinalRefusals(Outbox):
    """Shows as sent a message that the operator refused for good.

    Montre comme envoyé un message que l’opérateur a refusé pour de bon.
    """

    def save(self, leaving: Leaving) -> Leaving:
        if leaving.deposit.state is DepositState.FAILED:
            sent = replace(leaving.deposit, state=DepositState.SENT, error="", receipts=())
            leaving = replace(leaving, deposit=sent)
        return super().save(leaving)


class TriesForEver(Outbox):
    """Tries again what the operator refused for good.

    Réessaie ce que l’opérateur a refusé pour de bon.
    """

    def outcome(self, leaving: Leaving, result: Sending) -> Leaving:
        if not result.accepted:
            result.postponed.update(result.refused)
            result.refused.clear()
        return super().outcome(leaving, result)


class HidesRefusedRecipients(Outbox):
    """Does not say which recipient was refused when others were accepted.

    Ne dit pas quel destinataire a été refusé quand d’autres ont été acceptés.
    """

    def outcome(self, leaving: Leaving, result: Sending) -> Leaving:
        if result.accepted:
            result.refused.clear()
        return super().outcome(leaving, result)
