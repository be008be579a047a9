"""Messages to patients: address from a qualified INS only, reply left open unless the user closes, thread kept."""

from conformance.core.language import Text
from conformance.harness.marks import check
from conformance.harness.mssante import Known, MailBench
from conformance.harness.mssante_settings import sending_unasked
from conformance.simulators.mssante import ReplyRefused
from conformance.sut.contract import InsStatus, MessageRequest, Oppositions


def _refused(mail: MailBench, request: MessageRequest) -> None:
    """The user asks for something that must not leave: a refusal, and nothing on the wire."""
    mail.ask_for(request)
    left = mail.tried()
    mail.bench.demand(
        not left,
        f"Un message est parti vers {', '.join(left[0].recipients) if left else ''}.",
        f"A message has left for {', '.join(left[0].recipients) if left else ''}.",
    )


def _to_patient(known: Known, **changes: object) -> MessageRequest:
    return MessageRequest(to_patient=known.id, subject="Vos résultats", text="Bonjour.", **changes)  # type: ignore[arg-type]  # fields by name


@check(
    "L'adresse du patient est formée du matricule de son INS qualifiée",
    "The patient's address is formed of the matricule of the qualified INS",
    requirements=("MSS/va1.19", "SC.MSS/UX.32"),
    catches=("cuts_the_key_off_the_address",),
)
def test_the_patients_address_is_made_from_the_ins(mail: MailBench) -> None:
    known = mail.admit()
    address = mail.watch(known)
    view = mail.validated(known)
    sent = mail.send(MessageRequest(to_patient=known.id, documents=(view.document_id,)))
    mail.demand_rules(sent, "mail.patient-address", "crosscheck.recipient-patient", "crosscheck.recipient-qualified")
    mail.bench.demand(
        sent.submitted.recipients == (address,),
        f"Le message est parti vers {', '.join(sent.submitted.recipients)} ; attendu {address}.",
        f"The message left for {', '.join(sent.submitted.recipients)}; expected {address}.",
    )


@check(
    "Un document envoyé au patient part en archive et en PDF",
    "A document sent to the patient leaves as archive and PDF",
    requirements=("MSS/va1.01",),
    proofs=("MSS/va1.01.01.03",),
    catches=("forgets_the_pdf", "cuts_the_key_off_the_address"),
)
def test_a_document_reaches_the_patient(mail: MailBench) -> None:
    known = mail.admit()
    address = mail.watch(known)
    view = mail.validated(known)
    sent = mail.send(MessageRequest(to_patient=known.id, documents=(view.document_id,)))
    mail.demand_rules(sent, "mail.one-archive", "crosscheck.pdf-twins", "mail.patient-size")
    wanted = sent.message.message_id
    there = mail.until(lambda: [one for one in mail.operator.messages_of(address) if wanted.encode() in one.data])
    mail.bench.demand(
        len(there) == 1,
        f"La boîte du patient contient {len(there)} fois le message ; attendu : une.",
        f"The patient's mailbox holds the message {len(there)} times; expected: once.",
    )


@check(
    "Validé, le document part vers son patient sans que l'utilisateur le demande",
    "Once validated, the document leaves for its patient without the user asking",
    requirements=("MSS/va1.01", "MSS/va1.17"),
    catches=("sends_nothing_unasked", "forgets_the_pdf", "cuts_the_key_off_the_address"),
)
def test_a_validated_document_leaves_unasked(mail: MailBench) -> None:
    known = mail.admit()
    address = mail.watch(known)
    with sending_unasked(mail):
        view = mail.validated(known)
        mail.until(lambda: mail.accepted())
        left = [mail.read(one) for one in mail.accepted()]
    mail.bench.demand(
        len(left) == 1 and left[0].submitted.recipients == (address,),
        f"Document validé : {len(left)} message(s) parti(s) ; attendu : un, vers {address}. "
        "Si l'envoi automatique se règle dans le logiciel, activez-le pour les VSM.",
        f"Document validated: {len(left)} message(s) left; expected: one, to {address}. "
        "If sending by itself is a setting of the product, switch it on for the VSM.",
    )
    mail.demand_rules(left[0], "mail.one-archive", "crosscheck.pdf-twins", "crosscheck.recipient-patient")
    ids = [entry.unique_id for archive in left[0].archives for _, entry, _ in archive.documents()]
    mail.bench.demand(
        ids == [view.unique_id],
        f"Le message porte {ids} ; le document validé est {view.unique_id}.",
        f"The message carries {ids}; the document validated is {view.unique_id}.",
    )


@check(
    "Rien ne part de soi-même vers un patient qui refuse les messages, ou sans INS qualifiée",
    "Nothing leaves by itself for a patient who refuses messages, or without a qualified INS",
    requirements=("MSS/va1.01", "MSS/va1.19", "MSS/va1.20"),
    catches=(
        "sends_to_unwilling_patients_unasked",
        "writes_to_patients_that_are_not_qualified",
        "forgets_oppositions",
    ),
)
def test_nothing_leaves_unasked_against_the_rules(mail: MailBench) -> None:
    unwilling, unqualified, willing = mail.admit(), mail.admit(InsStatus.RECUPEREE), mail.admit()
    # By the number without its key: an address that is formed wrong is a message to the patient all the same.
    refused = {mail.watch(each)[:13] for each in (unwilling, unqualified)}
    mail.bench.product.set_oppositions(unwilling.id, Oppositions(mssante_to_patient=True))
    with sending_unasked(mail):
        for each in (unwilling, unqualified, willing):
            mail.validated(each)
        free = mail.watch(willing)[:13]
        mail.until(lambda: mail.accepted())
        wrong = [one for one in mail.tried() if refused & {box[:13] for box in one.recipients}]
        reached = {box[:13] for one in mail.accepted() for box in one.recipients} & {*refused, free}
    mail.bench.story.figure(
        "mss-patients", len(reached), total=3,
        title=Text("Consultations suivies d'un message au patient par MSSanté (convention : 5 %)",
                   "Consultations followed by a message to the patient by MSSanté (convention: 5%)"),
    )  # fmt: skip
    mail.bench.demand(
        not wrong,
        f"Un document est parti de lui-même vers {', '.join(wrong[0].recipients) if wrong else ''}.",
        f"A document left by itself for {', '.join(wrong[0].recipients) if wrong else ''}.",
    )


@check(
    "Sans INS qualifiée, écrire au patient est refusé",
    "Without a qualified INS, writing to the patient is refused",
    requirements=("MSS/va1.19", "SC.MSS/UX.32"),
    catches=("writes_to_patients_that_are_not_qualified",),
)
def test_a_patient_without_qualified_ins_is_not_written_to(mail: MailBench) -> None:
    known = mail.admit(InsStatus.RECUPEREE)
    mail.watch(known)
    _refused(mail, _to_patient(known))


@check(
    "Le document d'un patient n'est pas envoyé à un autre patient",
    "The document of one patient is not sent to another patient",
    requirements=("SC.MSS/CONF.23", "SC.MSS/UX.32"),
    catches=("sends_to_another_patient",),
)
def test_a_document_is_not_sent_to_another_patient(mail: MailBench) -> None:
    known, other = mail.admit(), mail.admit()
    mail.watch(other)
    view = mail.validated(known)
    _refused(mail, MessageRequest(to_patient=other.id, documents=(view.document_id,)))


@check(
    "Par défaut, le patient peut répondre",
    "By default the patient can answer",
    requirements=("SC.MSS/CONF.21",),
    catches=("closes_every_exchange", "cuts_the_key_off_the_address"),
)
def test_the_patient_can_answer_by_default(mail: MailBench) -> None:
    known = mail.admit()
    address = mail.watch(known)
    sent = mail.send(_to_patient(known))
    mail.demand_rules(sent, "mail.x-mss-mes")
    try:
        mail.operator.answer_as_patient(address, sent.message.message_id)
    except ReplyRefused:
        mail.bench.demand(
            False,
            "L'utilisateur n'a rien clos, et le patient ne peut pas répondre.",
            "The user closed nothing, and the patient cannot answer.",
        )


@check(
    "L'utilisateur peut clore l'échange : X-MSS-MES: FIN",
    "The user can close the exchange: X-MSS-MES: FIN",
    requirements=("SC.MSS/CONF.21",),
    catches=("never_closes",),
)
def test_the_user_can_close_the_exchange(mail: MailBench) -> None:
    known = mail.admit()
    address = mail.watch(known)
    sent = mail.send(_to_patient(known, closes=True))
    mail.demand_rules(sent, "mail.x-mss-mes", "mail.closing-subject")
    try:
        mail.operator.answer_as_patient(address, sent.message.message_id)
    except ReplyRefused:
        return
    mail.bench.demand(
        False,
        "L'utilisateur a clos l'échange, et le patient peut encore répondre.",
        "The user closed the exchange, and the patient can still answer.",
    )


@check(
    "Une réponse se rattache à son fil : In-Reply-To et References",
    "An answer is tied to its thread: In-Reply-To and References",
    requirements=("MSS/va1.08",),
    catches=("breaks_threads",),
)
def test_an_answer_is_tied_to_its_thread(mail: MailBench) -> None:
    parent = f"<question.{mail.token}@port.mssante.fr>"
    mail.receive(mail.note(message_id=parent))
    item = mail.items(mail.token)[0]
    sent = mail.send(MessageRequest(answers=item.item_id, subject=f"Re: Question {mail.token}", text="Voici."))
    mail.demand_rules(sent, "mail.thread", "mail.reply")
    message = sent.message
    mail.bench.demand(
        message.header("In-Reply-To") == parent and parent in message.header("References"),
        f"In-Reply-To « {message.header('In-Reply-To') or 'absent'} », References « {message.header('References') or 'absent'} » ; attendu {parent}.",
        f"In-Reply-To “{message.header('In-Reply-To') or 'absent'}”, References “{message.header('References') or 'absent'}”; expected {parent}.",
    )
    mail.bench.demand(
        sent.submitted.recipients == (mail.correspondent,),
        f"La réponse est partie vers {', '.join(sent.submitted.recipients)} ; attendu {mail.correspondent}.",
        f"The answer left for {', '.join(sent.submitted.recipients)}; expected {mail.correspondent}.",
    )
