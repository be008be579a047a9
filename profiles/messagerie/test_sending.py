"""Documents sent to professionals: archive, PDF twins, subject, headers, receipts asked for, the copy among the sent."""

from email.utils import parseaddr

from conformance.core.language import Text
from conformance.core.verdicts import NotApplicableReason
from conformance.harness.judgement import NotApplicable
from conformance.harness.marks import check
from conformance.harness.mssante import SOFTWARE, Known, MailBench, Sent
from conformance.sut.contract import DepositState, DocumentRequest, InsStatus, MessageRequest, ProductRefused


def _send(mail: MailBench, known: Known | None = None, **changes: object) -> Sent:
    """A document of a patient, validated and sent to a colleague."""
    view = mail.validated(known or mail.admit())
    request = MessageRequest(recipients=(mail.colleague(),), documents=(view.document_id,), **changes)  # type: ignore[arg-type]  # fields by name
    return mail.send(request)


@check(
    "Le message porte une archive IHE_XDM et, à côté, un PDF pour chaque document",
    "The message carries an IHE_XDM archive and, beside it, a PDF for each document",
    requirements=("SC.MSS/CONF.23", "MSS/va1.17"),
    catches=("forgets_the_pdf",),
)
def test_archive_and_pdf_go_together(mail: MailBench) -> None:
    sent = _send(mail)
    mail.demand_rules(sent, "mail.one-archive", "mail.archive-name", "mail.archive-type", "crosscheck.pdf-twins")
    mail.bench.demand(
        len(sent.message.archives) == 1,
        f"Le message porte {len(sent.message.archives)} archive(s) IHE_XDM ; attendu : une.",
        f"The message carries {len(sent.message.archives)} IHE_XDM archive(s); expected: one.",
    )


@check(
    "L'archive, ses métadonnées et le document se disent la même chose",
    "The archive, its metadata and the document tell the same",
    requirements=("SC.MSS/CONF.23", "MSS/va1.17"),
    catches=("writes_wrong_hashes", "forgets_the_patient_of_the_submission"),
)
def test_archive_metadata_and_document_agree(mail: MailBench) -> None:
    sent = _send(mail)
    cross = ("hash", "size", "patientId", "uniqueId", "birthName", "birthDate", "sex", "typeCode", "mime-type")
    mail.demand_rules(sent, "archive.", "metadata.", *(f"crosscheck.{name}" for name in cross))


@check(
    "L'objet commence par XDM/1.0/DDM+, puis le libellé, les noms et la date de naissance du patient",
    "The subject begins with XDM/1.0/DDM+, then the label, names and birth date of the patient",
    requirements=("SC.MSS/CONF.25",),
    catches=("writes_an_ordinary_subject",),
)
def test_the_subject_has_its_form(mail: MailBench) -> None:
    names = ("subject-patient", "subject-birth-date", "subject-label")
    mail.demand_rules(_send(mail), "mail.subject", *(f"crosscheck.{name}" for name in names))


@check(
    "X-MSS-INS vaut O quand l'INS du document est qualifiée",
    "X-MSS-INS is O when the INS of the document is qualified",
    requirements=("SC.MSS/CONF.14",),
    catches=("forgets_the_header_of_ins",),
)
def test_x_mss_ins_tells_a_qualified_ins(mail: MailBench) -> None:
    found = _send(mail).message.header("X-MSS-INS")
    mail.bench.demand(found == "O", f"X-MSS-INS : « {found or 'absent'} », attendu O.", f"X-MSS-INS: “{found or 'absent'}”, expected O.")  # fmt: skip


@check(
    "Sans INS qualifiée : X-MSS-INS vaut N, et le matricule ne sort pas",
    "Without a qualified INS: X-MSS-INS is N, and the matricule does not leave",
    requirements=("SC.MSS/CONF.14", "INS/va1.53"),
    catches=("says_every_ins_is_qualified", "sends_unqualified_ins", "forgets_the_header_of_ins"),
)
def test_an_ins_that_is_not_qualified_does_not_leave(mail: MailBench) -> None:
    known = mail.admit(InsStatus.RECUPEREE)
    sent = _send(mail, known)
    found = sent.message.header("X-MSS-INS")
    mail.bench.demand(found == "N", f"X-MSS-INS : « {found or 'absent'} », attendu N.", f"X-MSS-INS: “{found or 'absent'}”, expected N.")  # fmt: skip
    carried = [member.data for archive in sent.archives for member in archive.members]
    carried += [pdf.data for pdf in sent.message.pdfs] + [sent.submitted.data]
    mail.bench.demand(
        not any(known.person.matricule.encode() in data for data in carried),
        "L'identité n'est pas qualifiée, et le message porte pourtant son matricule.",
        "The identity is not qualified, and yet the message carries its matricule.",
    )


@check(
    "X-MSS-CODECDA donne le code du document",
    "X-MSS-CODECDA gives the code of the document",
    requirements=("SC.MSS/CONF.15",),
    catches=("forgets_the_header_of_codes",),
)
def test_x_mss_codecda_gives_the_code(mail: MailBench) -> None:
    mail.demand_rules(_send(mail), "crosscheck.x-mss-codecda")


@check(
    "Un message sans document ne porte ni X-MSS-INS ni X-MSS-CODECDA",
    "A message without document carries neither X-MSS-INS nor X-MSS-CODECDA",
    requirements=("SC.MSS/CONF.14", "SC.MSS/CONF.15"),
    catches=("sets_cda_headers_without_cda",),
)
def test_a_message_without_document_has_no_cda_headers(mail: MailBench) -> None:
    sent = mail.send(MessageRequest(recipients=(mail.colleague(),), subject=f"Question {mail.token}", text="Bonjour."))
    mail.demand_rules(
        sent, "mail.x-mss-ins-without-cda", "mail.x-mss-codecda-without-cda", "mail.subject-without-archive"
    )


@check(
    "X-MSS-NIL est dans tout message, avec ou sans document",
    "X-MSS-NIL is in every message, with or without document",
    requirements=("SC.MSS/CONF.16",),
    catches=("forgets_the_header_of_software",),
)
def test_x_mss_nil_is_in_every_message(mail: MailBench) -> None:
    plain = mail.send(MessageRequest(recipients=(mail.colleague(),), subject=f"Question {mail.token}", text="Bonjour."))
    for sent in (_send(mail), plain):
        mail.demand_rules(sent, "mail.x-mss-nil")
        found = sent.message.header("X-MSS-NIL")
        if not mail.bench.options.get("control"):
            mail.bench.demand(
                found == SOFTWARE,
                f"X-MSS-NIL vaut « {found} » ; la référence réglée est {SOFTWARE}.",
                f"X-MSS-NIL is “{found}”; the reference that was set is {SOFTWARE}.",
            )


@check(
    "X-MSS-NIL est aussi dans une réponse",
    "X-MSS-NIL is in an answer too",
    requirements=("SC.MSS/CONF.16",),
    catches=("forgets_the_header_of_software", "forgets_the_software_in_answers"),
)
def test_x_mss_nil_is_in_an_answer(mail: MailBench) -> None:
    mail.receive(mail.note())
    item = mail.in_time(lambda: mail.items(mail.token))[0]
    mail.demand_rules(
        mail.send(MessageRequest(answers=item.item_id, subject=f"Re: Question {mail.token}", text="Voici.")),
        "mail.x-mss-nil",
    )


@check(
    "Deux documents d'un patient dans un message : tous deux dans l'archive, chacun avec son PDF et son code",
    "Two documents of one patient in one message: both in the archive, each with its PDF and its code",
    requirements=("SC.MSS/CONF.23", "SC.MSS/CONF.15", "MSS/va1.17"),
    catches=("sends_the_first_document_only", "forgets_the_pdf", "forgets_the_header_of_codes"),
)
def test_two_documents_leave_together(mail: MailBench) -> None:
    known = mail.admit()
    views = [mail.validated(known) for _ in range(2)]
    request = MessageRequest(recipients=(mail.colleague(),), documents=tuple(view.document_id for view in views))
    try:
        sent = mail.send(request)
    except ProductRefused as refusal:
        raise NotApplicable(
            NotApplicableReason.OPTIONAL_NOT_OFFERED,
            Text("Le logiciel envoie un document par message.", "The product sends one document a message."),
        ) from refusal
    ids = sorted(str(entry.unique_id) for archive in sent.archives for _, entry, _ in archive.documents())
    wanted = sorted(str(view.unique_id) for view in views)
    mail.bench.demand(
        ids == wanted,
        f"L'archive porte {ids} ; les documents envoyés sont {wanted}.",
        f"The archive carries {ids}; the documents sent are {wanted}.",
    )
    mail.demand_rules(sent, "mail.one-archive", "crosscheck.pdf-twins", "crosscheck.x-mss-codecda")


@check(
    "Chaque message a un Message-ID que nul autre n'a",
    "Each message has a Message-ID that no other has",
    requirements=("MSS/va1.12",),
    catches=("reuses_message_ids",),
)
def test_each_message_has_its_own_id(mail: MailBench) -> None:
    sent = [
        mail.send(MessageRequest(recipients=(mail.colleague(),), subject=f"Question {mail.token}", text="Bonjour."))
        for _ in "ab"
    ]
    for one in sent:
        mail.demand_rules(one, "mail.message-id")
    mail.bench.demand(
        sent[0].message.message_id != sent[1].message.message_id,
        f"Deux messages ont le même Message-ID {sent[0].message.message_id}.",
        f"Two messages have the same Message-ID {sent[0].message.message_id}.",
    )


@check(
    "Le corps est en texte, en UTF-8",
    "The body is text, in UTF-8",
    requirements=("MSS/va1.11",),
    catches=("writes_the_body_in_html_only", "writes_the_body_in_latin"),
)
def test_the_body_is_text_in_utf_8(mail: MailBench) -> None:
    words = "Cœur régulier, pas de fièvre : à revoir l'été prochain."
    sent = _send(mail, text=words)
    mail.demand_rules(sent, "mail.body", "mail.charset", "mail.decodes", "mail.mime")
    kind = sent.message.body_type
    mail.bench.demand(
        kind in ("text/plain", "multipart/alternative"),
        f"Le corps est en « {kind or 'rien'} » ; attendu text/plain ou multipart/alternative.",
        f"The body is “{kind or 'nothing'}”; expected text/plain or multipart/alternative.",
    )
    mail.bench.demand(
        words in " ".join(sent.message.body.split()),
        "Les mots de l'utilisateur ne sont pas dans le corps du message.",
        "The user's words are not in the body of the message.",
    )


@check(
    "L'adresse de l'expéditeur est accompagnée d'un libellé parlant",
    "The sender's address goes with a telling label",
    requirements=("MSS/va1.16",),
    catches=("sends_bare_addresses",),
)
def test_the_sender_has_a_label(mail: MailBench) -> None:
    sent = _send(mail)
    mail.demand_rules(sent, "mail.from-label")
    label, address = parseaddr(str(sent.message.raw["From"]))
    mail.bench.demand(
        bool(label) and address == mail.mailbox,
        f"L'expéditeur est « {label} » <{address}> ; l'adresse attendue est {mail.mailbox}.",
        f"The sender is “{label}” <{address}>; the address expected is {mail.mailbox}.",
    )


@check(
    "Un avis de remise est demandé à l'opérateur",
    "A notice of delivery is asked of the operator",
    requirements=("MSS/va1.15",),
    catches=("asks_for_no_notice",),
)
def test_a_notice_of_delivery_is_asked_for(mail: MailBench) -> None:
    sent = _send(mail)
    asked = {event for events in sent.submitted.notify.values() for event in events}
    mail.bench.demand(
        "SUCCESS" in asked or sent.message.has("Return-Receipt-To"),
        f"RCPT demande NOTIFY={','.join(sorted(asked)) or 'rien'}, et le message n'a pas de Return-Receipt-To.",
        f"RCPT asks for NOTIFY={','.join(sorted(asked)) or 'nothing'}, and the message has no Return-Receipt-To.",
    )


@check(
    "Une copie du message est rangée parmi les messages envoyés",
    "A copy of the message is put among the sent messages",
    requirements=("SC.MSS/CONF.06",),
    catches=("keeps_no_copy",),
)
def test_a_copy_is_kept_among_the_sent(mail: MailBench) -> None:
    sent = _send(mail)
    wanted = sent.message.message_id
    kept = mail.until(lambda: [one for one in mail.sent_copies() if wanted.encode() in one])
    mail.bench.demand(
        len(kept) == 1,
        f"Le dossier des messages envoyés contient {len(kept)} copie(s) du message ; attendu : une.",
        f"The folder of sent messages holds {len(kept)} copies of the message; expected: one.",
    )


@check(
    "Un brouillon ne s'envoie pas",
    "A draft is not sent",
    requirements=("MSS/va1.17",),
    catches=("sends_drafts",),
)
def test_a_draft_is_not_sent(mail: MailBench) -> None:
    known = mail.admit()
    draft = mail.bench.product.generate_document(known.id, DocumentRequest(type="vsm"))
    request = MessageRequest(recipients=(mail.colleague(),), documents=(draft.document_id,))
    mail.ask_for(request)
    left = mail.tried()
    mail.bench.demand(
        not left,
        "Un document qui n'est pas validé est parti.",
        "A document that is not validated has left.",
    )


@check(
    "Les documents de deux patients ne partent pas dans le même message",
    "Documents of two patients do not leave in one message",
    requirements=("SC.MSS/CONF.23",),
    catches=("mixes_patients",),
)
def test_documents_of_two_patients_do_not_leave_together(mail: MailBench) -> None:
    views = [mail.validated(mail.admit()) for _ in range(2)]
    request = MessageRequest(recipients=(mail.colleague(),), documents=tuple(view.document_id for view in views))
    mail.ask_for(request)
    for one in mail.tried():
        mail.bench.demand(
            not mail.read(one).breaches("crosscheck.one-patient"),
            "Un message porte les documents de deux patients.",
            "One message carries the documents of two patients.",
        )


@check(
    "La version qui remplace le dit : dans le document, dans les métadonnées, dans le corps du message",
    "A version that replaces says so: in the document, in the metadata, in the body of the message",
    requirements=("AMBU.MSS/va1.02",),
    catches=("replaces_without_saying", "forgets_the_action"),
)
def test_a_replacement_says_so(mail: MailBench) -> None:
    known = mail.admit()
    first = mail.validated(known)
    second = mail.validated(known, replaces=first.document_id)
    sent = mail.send(MessageRequest(recipients=(mail.colleague(),), documents=(second.document_id,)))
    mail.demand_rules(sent, "crosscheck.action")
    said = sent.message.body.casefold()
    mail.bench.demand(
        any(word in said for word in ("remplac", "annul")),
        "Le corps du message ne dit pas qu'il remplace une version précédente.",
        "The body of the message does not say that it replaces a former version.",
    )
    entries = [entry for archive in sent.archives for _, entry, _ in archive.documents()]
    mail.bench.demand(
        all(entry.action == "C" for entry in entries),
        f"L'action des métadonnées est {[entry.action for entry in entries]} ; attendu C.",
        f"The action of the metadata is {[entry.action for entry in entries]}; expected C.",
    )


@check(
    "Annoncer qu'un document est supprimé : action D dans les métadonnées, et les mots dans le corps du message",
    "Telling that a document is deleted: action D in the metadata, and the words in the body of the message",
    requirements=("MSS/va1.30",),
    catches=("announces_deletions_without_the_action", "forgets_the_action"),
)
def test_a_deletion_is_announced(mail: MailBench) -> None:
    view = mail.validated(mail.admit())
    mail.bench.product.delete_document(view.document_id)
    try:
        sent = mail.send(MessageRequest(recipients=(mail.colleague(),), documents=(view.document_id,)))
    except ProductRefused as refusal:
        raise NotApplicable(
            NotApplicableReason.OPTIONAL_NOT_OFFERED,
            Text("Le logiciel n'annonce pas de suppression.", "The product announces no deletion."),
        ) from refusal
    entries = [entry for archive in sent.archives for _, entry, _ in archive.documents()]
    mail.bench.demand(
        bool(entries) and all(entry.action == "D" for entry in entries),
        f"L'action des métadonnées est {[entry.action for entry in entries]} ; attendu D.",
        f"The action of the metadata is {[entry.action for entry in entries]}; expected D.",
    )
    mail.bench.demand(
        "supprim" in sent.message.body.casefold(),
        "Le corps du message ne dit pas que le document est supprimé.",
        "The body of the message does not say that the document is deleted.",
    )


@check(
    "Un message plus gros que l'opérateur ne le permet ne part pas, et l'utilisateur l'apprend",
    "A message bigger than the operator allows does not leave, and the user is told",
    requirements=("MSS/va1.13",),
    catches=("ignores_the_size_limit", "hides_final_refusals"),
)
def test_a_message_over_the_size_limit_does_not_leave(mail: MailBench) -> None:
    product, told = mail.bench.product, False
    view = mail.validated(mail.admit())
    with mail.alone(), mail.operator.announcing(size_limit=4096):
        try:
            deposit = product.send_message(
                MessageRequest(recipients=(mail.colleague(),), documents=(view.document_id,))
            )
        except ProductRefused:
            told = True
        else:
            mine = {deposit.deposit_id}
            told = mail.until(
                lambda: any(one.state is DepositState.FAILED for one in product.outgoing() if one.deposit_id in mine)
            )
        transmitted = [
            entry
            for entry in mail.operator.entries("smtp.data", after=mail.started)
            if mail.colleague() in entry.facts["recipients"]
        ]
    mail.bench.demand(
        not transmitted,
        "L'opérateur annonce une limite de 4096 octets (SIZE), et le logiciel a transmis un message plus gros.",
        "The operator announces a limit of 4096 bytes (SIZE), and the product transmitted a bigger message.",
    )
    mail.bench.demand(
        told,
        "Le message est trop gros pour l'opérateur, et rien ne le dit à l'utilisateur.",
        "The message is too big for the operator, and nothing tells the user.",
    )
