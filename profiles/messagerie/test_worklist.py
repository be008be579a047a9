"""What cannot be filed surely waits for a person, with what the document and the message tell; nothing is lost."""

from conformance.exchange.mail import Address, Attachment
from conformance.generation.messages.post import twin
from conformance.generation.messages.variants import level_3
from conformance.harness.marks import check
from conformance.harness.mssante import MailBench
from conformance.sut.contract import IntegrationRequest, SenderKind, WorklistReason


@check(
    "Le document d'un patient inconnu attend une personne, et n'entre nulle part seul",
    "The document of an unknown patient waits for a person, and enters no record by itself",
    requirements=("MSS/va1.27", "MSS/va1.25"),
    catches=("drops_documents_of_unknown_patients",),
)
def test_the_document_of_an_unknown_patient_waits(mail: MailBench) -> None:
    document = mail.document(mail.stranger())
    mail.receive(mail.letter([document]))
    item = mail.waiting(document)
    mail.bench.demand(
        item.document_id is None,
        "Le document d'un patient inconnu a été classé sans que personne l'ait vu.",
        "The document of an unknown patient was filed before anybody saw it.",
    )


@check(
    "La liste des tâches montre les métadonnées du document : titre, type, date, auteur, organisation, patient",
    "The worklist shows the metadata of the document: title, type, date, author, organisation, patient",
    requirements=("MSS/va1.25",),
    catches=("hides_who_wrote_the_document", "drops_documents_of_unknown_patients"),
)
def test_the_worklist_shows_the_metadata_of_the_document(mail: MailBench) -> None:
    stranger = mail.stranger()
    document = mail.document(stranger)
    mail.receive(mail.letter([document]))
    item, header = mail.waiting(document), mail.header(document)
    shown = {
        "titre": (item.title, header.title),
        "type": (item.type.code if item.type else "", header.code.code),
        "date": (f"{item.document_date:%Y%m%d}" if item.document_date else "", header.effective_time[:8]),
        "auteur": ("BREHIER" if "BREHIER" in item.author.upper() else item.author, "BREHIER"),
        "organisation": (bool(item.organization), True),
        "version": (item.version_number, 1),
        "patient": (stranger.birth_name in item.patient_label.upper(), True),
    }
    wrong = [name for name, (found, wanted) in shown.items() if found != wanted]
    mail.bench.demand(
        not wrong,
        f"La liste des tâches ne montre pas ce que dit le document : {', '.join(wrong)}.",
        f"The worklist does not show what the document says: {', '.join(wrong)}.",
    )


@check(
    "L'utilisateur classe un document qui attend dans le dossier qu'il choisit",
    "The user files a waiting document into the record of his choice",
    requirements=("MSS/va1.27", "SC.MSS/UX.02"),
    catches=("loses_what_the_user_files", "drops_documents_of_unknown_patients"),
)
def test_the_user_files_a_waiting_document(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(mail.stranger())
    mail.receive(mail.letter([document]))
    item = mail.waiting(document)
    mail.bench.product.integrate(IntegrationRequest(origin="worklist", reference=item.item_id, patient_id=known.id))
    mail.bench.demand(
        mail.line(known, document) is not None,
        "L'utilisateur a classé le document, et il n'est pas dans le dossier.",
        "The user filed the document, and it is not in the record.",
    )
    mail.bench.demand(
        all(one.item_id != item.item_id for one in mail.items(document)),
        "Le document classé attend toujours dans la liste des tâches.",
        "The filed document still waits on the worklist.",
    )


@check(
    "Sans INS, le logiciel propose le patient dont tous les traits concordent",
    "Without INS the product proposes the patient all of whose traits agree",
    requirements=("SC.MSS/UX.02", "MSS/va1.27"),
    catches=("proposes_nobody",),
)
def test_the_patient_with_the_same_traits_is_proposed(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(mail.without_ins(known))
    mail.receive(mail.letter([document]))
    item = mail.waiting(document)
    mail.bench.demand(
        item.patient_id == known.id,
        "Le patient dont tous les traits concordent n'est pas proposé.",
        "The patient all of whose traits agree is not proposed.",
    )


@check(
    "Un message sans archive est montré, avec son texte",
    "A message without archive is shown, with its text",
    requirements=("MSS/va1.25",),
    catches=("hides_messages_with_only_pdfs",),
)
def test_a_message_without_archive_is_shown(mail: MailBench) -> None:
    pdf = Attachment("courrier.pdf", "application/pdf", twin(level_3()))
    mail.receive(mail.note(attachments=(pdf,), body="Merci de votre avis sur ce courrier.\n"))
    found = mail.items(mail.token)
    mail.bench.demand(
        len(found) == 1 and "votre avis" in found[0].text,
        f"Le message n'est pas dans la liste des tâches avec son texte ({len(found)} élément(s) trouvé(s)).",
        f"The message is not on the worklist with its text ({len(found)} item(s) found).",
    )


@check(
    "Le préfixe XDM/1.0/DDM+ n'est pas montré",
    "The prefix XDM/1.0/DDM+ is not shown",
    requirements=("SC.MSS/UX.28",),
    catches=("shows_the_prefix",),
)
def test_the_prefix_of_subjects_is_hidden(mail: MailBench) -> None:
    mail.receive(mail.note(subject=f"XDM/1.0/DDM+Courrier {mail.token}"))
    titles = [item.title for item in mail.items(mail.token)]
    mail.bench.demand(
        titles == [f"Courrier {mail.token}"],
        f"L'utilisateur lit {titles} ; attendu « Courrier {mail.token} ».",
        f"The user reads {titles}; expected “Courrier {mail.token}”.",
    )


@check(
    "Une réponse de patient se distingue d'un message de professionnel, avec le nom et le matricule du patient",
    "A patient's reply is told apart from a professional's message, with the patient's name and number",
    requirements=("SC.MSS/UX.25", "SC.MSS/UX.31"),
    catches=("takes_patients_for_professionals",),
)
def test_a_patients_reply_is_shown_as_such(mail: MailBench) -> None:
    known = mail.admit()
    sender = Address("", f"{known.person.matricule}@patient.mssante.fr")
    mail.receive(mail.note(sender=sender, subject=f"Re: Vos résultats {mail.token}", body="Merci docteur.\n"))
    found = mail.items(mail.token)
    mail.bench.demand(
        bool(found) and found[0].sender_kind is SenderKind.PATIENT,
        "La réponse du patient n'est pas montrée comme celle d'un patient.",
        "The patient's reply is not shown as that of a patient.",
    )
    label = found[0].patient_label
    mail.bench.demand(
        known.person.birth_name in label and known.person.matricule in label,
        "Le nom et le matricule du patient qui écrit ne sont pas montrés.",
        "Name and number of the patient who writes are not shown.",
    )


@check(
    "Les mots d'un patient ne valent jamais demande de suppression",
    "The words of a patient are never taken for a request to delete",
    requirements=("LGC.MSS/UX.05",),
    catches=("reads_deletions_in_words",),
)
def test_a_patients_words_delete_nothing(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    mail.receive(mail.letter([document]))
    mail.filed(known, document)
    sender = Address("", f"{known.person.matricule}@patient.mssante.fr")
    words = "Merci docteur. Vous pouvez supprimer mon rendez-vous.\n"
    mail.receive(mail.note(sender=sender, subject=f"Re: Compte rendu {mail.token}", body=words))
    mail.bench.demand(
        mail.current(known) == {mail.unique_id(document)},
        "Après la réponse du patient, le document n'est plus en vigueur dans son dossier.",
        "After the patient's reply the document is no longer current in the record.",
    )
    asked = [item for item in mail.bench.product.worklist() if item.reason is WorklistReason.DELETION]
    mail.bench.demand(
        all(item.patient_id != known.id for item in asked),
        "La réponse du patient est montrée comme une demande de suppression.",
        "The patient's reply is shown as a request to delete.",
    )
