"""The operator in trouble: what could not leave is kept and leaves later, once; what is refused for good is told."""

from conformance.harness.marks import check
from conformance.harness.mssante import MailBench
from conformance.sut.contract import Deposit, DepositState, MessageRequest, ProductRefused, WorklistReason


def _request(mail: MailBench, *tags: str) -> MessageRequest:
    recipients = tuple(mail.colleague(tag) for tag in tags)
    return MessageRequest(recipients=recipients, subject=f"Question {mail.token}", text="Bonjour.")


@check(
    "Un refus passager n'est pas un échec : le message repart de lui-même, une fois",
    "A passing refusal is no failure: the message leaves again by itself, once",
    requirements=("SC.MSS/CONF.08", "SC.MSS/CONF.05"),
    catches=("gives_up_at_passing_refusals",),
)
def test_a_passing_refusal_is_overcome(mail: MailBench) -> None:
    mail.bench.product.send_message(_request(mail, "end-451-x1"))
    mail.until_sent(lambda: mail.accepted())
    mail.poll()
    count = len(mail.accepted())
    mail.bench.demand(
        count == 1,
        f"Refusé une fois avec 451, le message est parti {count} fois ; attendu : une.",
        f"Refused once with 451, the message left {count} times; expected: once.",
    )


@check(
    "Réessayé, un message garde son Message-ID",
    "Tried again, a message keeps its Message-ID",
    requirements=("MSS/va1.12", "SC.MSS/CONF.08"),
    catches=("renames_messages_on_retry", "gives_up_at_passing_refusals", "forgets_what_could_not_leave"),
)
def test_a_retry_keeps_the_message_id(mail: MailBench) -> None:
    mail.bench.product.send_message(_request(mail, "drop-end-x1"))
    mail.until_sent(lambda: len(mail.tried()) > 1)
    ids = [mail.read(one).message.message_id for one in mail.tried()]
    mail.bench.demand(
        len(ids) > 1 and len(set(ids)) == 1,
        f"Coupé avant la réponse de l'opérateur, le message a été tenté sous {ids}.",
        f"Cut before the operator's answer, the message was tried as {ids}.",
    )


@check(
    "Pendant une panne, le message est gardé ; après, il part une fois",
    "During an outage the message is kept; afterwards it leaves once",
    requirements=("SC.MSS/CONF.08",),
    catches=("forgets_what_could_not_leave", "gives_up_at_passing_refusals"),
)
def test_a_message_survives_an_outage(mail: MailBench) -> None:
    product = mail.bench.product
    with mail.alone():
        with mail.operator.outage():
            deposit = product.send_message(_request(mail, ""))
            state = next(one.state for one in product.outgoing() if one.deposit_id == deposit.deposit_id)
            mail.bench.demand(
                state is DepositState.PENDING,
                f"L'opérateur est en panne ; le message est montré « {state} » au lieu d'en attente.",
                f"The operator is out; the message is shown as “{state}” instead of pending.",
            )
        mail.until_sent(lambda: mail.accepted())
    count = len(mail.accepted())
    mail.bench.demand(
        count == 1,
        f"Après la panne, le message est parti {count} fois ; attendu : une.",
        f"After the outage the message left {count} times; expected: once.",
    )


@check(
    "Pendant une panne de messagerie, le reste du logiciel répond",
    "During an outage of the mail the rest of the product answers",
    requirements=("SC.MSS/CONF.08",),
    catches=("locks_the_records_without_mail",),
)
def test_the_rest_goes_on_during_an_outage(mail: MailBench) -> None:
    known = mail.admit()
    with mail.alone(), mail.operator.outage():
        mail.poll_refused_or_not()
        view = mail.validated(known)
        listed = mail.bench.product.list_documents(known.id)
    mail.bench.demand(
        view.document_id in {each.document_id for each in listed},
        "Pendant la panne, le document validé n'est pas dans le dossier.",
        "During the outage the validated document is not in the record.",
    )


@check(
    "Un refus définitif est montré à l'utilisateur, et n'est pas réessayé sans fin",
    "A final refusal is shown to the user, and is not tried for ever",
    requirements=("MSS/va1.14", "SC.MSS/CONF.05"),
    catches=("hides_final_refusals", "tries_for_ever"),
)
def test_a_final_refusal_is_told_and_not_retried(mail: MailBench) -> None:
    try:
        deposit = mail.bench.product.send_message(_request(mail, "rcpt-550"))
    except ProductRefused:
        return
    for _ in range(3):
        mail.poll()
    mine = {deposit.deposit_id}

    def listed(*states: DepositState) -> list[Deposit]:
        shown = [one for one in mail.bench.product.outgoing() if one.deposit_id in mine]
        return [one for one in shown if not states or one.state in states]

    (shown,) = mail.until(lambda: listed(DepositState.FAILED)) or listed()
    attempts = len(mail.operator.entries("smtp.rcpt", after=mail.started, recipient=mail.colleague("rcpt-550")))
    mail.bench.demand(
        shown.state is DepositState.FAILED and "550" in shown.error,
        f"Refusé avec 550, le message est montré « {shown.state} » ({shown.error or 'sans raison'}).",
        f"Refused with 550, the message is shown as “{shown.state}” ({shown.error or 'without reason'}).",
    )
    mail.bench.demand(
        attempts == 1,
        f"Refusé définitivement, le message a été tenté {attempts} fois.",
        f"Refused for good, the message was tried {attempts} times.",
    )


@check(
    "Un destinataire refusé parmi d'autres : les autres reçoivent, et l'utilisateur sait lequel a été refusé",
    "One recipient refused among others: the others receive, and the user knows who was refused",
    requirements=("MSS/va1.14",),
    catches=("hides_refused_recipients",),
)
def test_a_refused_recipient_is_named(mail: MailBench) -> None:
    bad = mail.colleague("rcpt-550")
    sent = mail.send(_request(mail, "", "rcpt-550"))
    mine = {sent.deposit.deposit_id}

    def told() -> bool:
        shown = [one for one in mail.bench.product.outgoing() if one.deposit_id in mine]
        return any(bad in f"{one.error} {' '.join(receipt.recipient for receipt in one.receipts)}" for one in shown)

    mail.bench.demand(
        mail.until(told),
        f"Rien ne dit à l'utilisateur que {bad} n'a pas reçu le message.",
        f"Nothing tells the user that {bad} did not get the message.",
    )


@check(
    "Un échec d'envoi est dans la liste des tâches",
    "A failure to send is on the worklist",
    requirements=("MSS/va1.14",),
    catches=("hides_final_refusals",),
)
def test_a_failure_to_send_is_on_the_worklist(mail: MailBench) -> None:
    try:
        mail.bench.product.send_message(_request(mail, "end-554"))
    except ProductRefused:
        return

    def told() -> bool:
        failed = [one for one in mail.bench.product.worklist() if one.reason is WorklistReason.SENDING_FAILED]
        return any(mail.token.lower() in one.text.lower() for one in failed)

    mail.bench.demand(
        mail.until_sent(told),
        "Le message a été refusé, et la liste des tâches n'en dit rien.",
        "The message was refused, and the worklist says nothing of it.",
    )
