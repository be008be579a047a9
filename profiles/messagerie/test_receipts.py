"""Receipts: asked for when the user wants, given once when he has read, shown beside the message that was sent."""

import pytest

from conformance.exchange.mdn import read_mdn
from conformance.harness.marks import check
from conformance.harness.mssante import MailBench, Sent
from conformance.sut.contract import Deposit, MessageRequest, ReceiptKind


def _receipts_of(mail: MailBench, deposit: Deposit) -> set[ReceiptKind]:
    """What the user sees beside a message, once what came back was fetched."""

    def seen() -> set[ReceiptKind]:
        listed = [one for one in mail.bench.product.outgoing() if one.deposit_id == deposit.deposit_id]
        return {receipt.kind for one in listed for receipt in one.receipts}

    return mail.until_sent(seen)


def _notifications(mail: MailBench) -> list[Sent]:
    """The read receipts of this test that left the product."""
    sent = [mail.read(one) for one in mail.accepted()]
    return [one for one in sent if one.message.report_type == "disposition-notification"]


@check(
    "Un accusé de lecture est demandé quand l'utilisateur le veut, et seulement alors",
    "A read receipt is asked for when the user wants it, and only then",
    requirements=("SC.MSS/UX.33",),
    catches=("asks_for_no_read_receipt",),
)
def test_a_read_receipt_is_asked_for_on_request(mail: MailBench) -> None:
    for wanted in (True, False):
        request = MessageRequest(
            recipients=(mail.colleague(),), subject=f"Question {mail.token}", text="Oui ?", read_receipt=wanted
        )
        sent = mail.send(request)
        mail.demand_rules(sent, "mail.read-receipt")
        asked = sent.message.has("Disposition-Notification-To")
        mail.bench.demand(
            asked is wanted,
            f"Accusé de lecture {'voulu' if wanted else 'non voulu'}, {'demandé' if asked else 'pas demandé'}.",
            f"Read receipt {'wanted' if wanted else 'not wanted'}, {'asked for' if asked else 'not asked for'}.",
        )


@check(
    "Quand l'utilisateur a lu, un accusé de lecture part vers qui l'a demandé, une seule fois",
    "When the user has read, a read receipt leaves for who asked, once",
    requirements=("SC.MSS/UX.34",),
    catches=("gives_no_read_receipt", "gives_receipts_at_each_reading", "asks_for_receipts_of_receipts"),
)
def test_a_read_receipt_is_given_once(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    asking = {"read_receipt_to": mail.correspondent, "message_id": f"<lu.{mail.token}@port.mssante.fr>"}
    mail.receive(mail.letter([document], **asking))
    line = mail.filed(known, document)
    for _ in range(2):
        mail.bench.product.mark_read(line.document_id)
    given = mail.until_sent(lambda: _notifications(mail))
    mail.poll()
    given = _notifications(mail)
    mail.bench.demand(
        len(given) == 1,
        f"{len(given)} accusé(s) de lecture sont partis ; attendu : un.",
        f"{len(given)} read receipt(s) have left; expected: one.",
    )
    mail.demand_rules(
        given[0], "mail.mdn-part", "mail.mdn-final-recipient", "mail.mdn-disposition", "mail.mdn-no-receipt"
    )
    mdn = read_mdn(given[0].message)
    about, said = (mdn.original_message_id, mdn.written) if mdn else ("", "")
    mail.bench.demand(
        mdn is not None
        and about == asking["message_id"]
        and mdn.disposition is not None
        and not mdn.disposition.failed,
        f"L'accusé parle de « {about} » ({said}) ; attendu {asking['message_id']}, lu.",
        f"The receipt speaks of “{about}” ({said}); expected {asking['message_id']}, read.",
    )


@check(
    "Rien n'est accusé à une autre adresse que celle de l'expéditeur sans l'accord de l'utilisateur",
    "No receipt goes to another address than the sender's without the user's word",
    requirements=("SC.MSS/UX.34",),
    catches=("gives_receipts_to_anybody",),
)
def test_no_receipt_goes_to_somebody_else(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    elsewhere = f"autre.{mail.token.lower()}@rivage.mssante.fr"
    mail.receive(mail.letter([document], read_receipt_to=elsewhere))
    mail.bench.product.mark_read(mail.filed(known, document).document_id)
    mail.poll()
    mail.bench.demand(
        not _notifications(mail),
        f"Un accusé de lecture est parti vers {elsewhere}, qui n'est pas l'expéditeur.",
        f"A read receipt has left for {elsewhere}, which is not the sender.",
    )


@check(
    "L'avis de remise se voit à côté du message envoyé",
    "The notice of delivery shows beside the message sent",
    requirements=("MSS/va1.14",),
    catches=("hides_delivery_notices", "asks_for_no_notice"),
)
def test_a_notice_of_delivery_is_shown(mail: MailBench) -> None:
    sent = mail.send(MessageRequest(recipients=(mail.colleague(),), subject=f"Question {mail.token}", text="Bonjour."))
    seen = _receipts_of(mail, sent.deposit)
    mail.bench.demand(
        ReceiptKind.DELIVERED in seen,
        f"L'opérateur a remis le message ; l'utilisateur voit {sorted(seen) or 'rien'}.",
        f"The operator delivered the message; the user sees {sorted(seen) or 'nothing'}.",
    )


@check(
    "Un message qui n'a pas pu être remis est montré comme tel",
    "A message that could not be delivered is shown as such",
    requirements=("MSS/va1.14",),
    catches=("hides_delivery_notices",),
)
def test_a_bounce_is_shown(mail: MailBench) -> None:
    sent = mail.send(
        MessageRequest(recipients=(mail.colleague("bounce-5.1.1"),), subject=f"Question {mail.token}", text="Bonjour.")
    )
    seen = _receipts_of(mail, sent.deposit)
    mail.bench.demand(
        ReceiptKind.NOT_DELIVERED in seen,
        f"Le message est revenu ; l'utilisateur voit {sorted(seen) or 'rien'}.",
        f"The message came back; the user sees {sorted(seen) or 'nothing'}.",
    )


@pytest.mark.parametrize("tag", ["mdn-902", "mdn-old-902"])
@check(
    "Un échec d'intégration chez le destinataire est montré, dans les deux écritures",
    "A failure to integrate at the recipient's is shown, in both grammars",
    requirements=("SC.MSS/UX.33",),
    catches=("takes_failures_for_readings", "asks_for_no_read_receipt"),
)
def test_a_failed_integration_is_shown(mail: MailBench, tag: str) -> None:
    request = MessageRequest(
        recipients=(mail.colleague(tag),), subject=f"Question {mail.token}", text="Oui ?", read_receipt=True
    )
    sent = mail.send(request)

    def told() -> bool:
        return ReceiptKind.NOT_INTEGRATED in _receipts_of(mail, sent.deposit)

    mail.bench.demand(
        mail.until_sent(told),
        "Le logiciel du destinataire n'a pas pu intégrer, et l'utilisateur ne le voit pas.",
        "The recipient's product could not integrate, and the user does not see it.",
    )
