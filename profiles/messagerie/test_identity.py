"""Identity vigilance: filed alone only when a qualified INS, its root, its key and all traits agree."""

from dataclasses import replace

from conformance.harness.marks import check
from conformance.harness.mssante import MailBench
from conformance.harness.mssante_settings import namesake
from conformance.identity.ins import INS_NIA
from conformance.sut.contract import InsStatus


@check(
    "Traits qui diffèrent de ceux du patient qui porte cette INS : le document attend",
    "Traits that differ from those of the patient with this INS: the document waits",
    requirements=("MSS/va1.27", "SC.MSS/CONF.24"),
    catches=("ignores_the_traits",),
)
def test_traits_that_differ_stop_the_filing(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(replace(known.person, birth_name="SPECIMEN", given="ENORA"))
    mail.receive(mail.letter([document]))
    mail.demand_in_no_record(document, known)
    mail.waiting(document)


@check(
    "De deux patients aux mêmes traits, l'INS du document désigne le bon",
    "Of two patients with the same traits, the INS of the document names the right one",
    requirements=("SENTINELLE.20", "SC.MSS/CONF.24"),
    catches=("gives_up_among_namesakes",),
)
def test_the_ins_tells_namesakes_apart(mail: MailBench) -> None:
    known = mail.admit()
    other = namesake(mail, known)
    document = mail.document(known)
    mail.receive(mail.letter([document]))
    mail.demand_in_no_record(document, other)
    mail.filed(known, document)


@check(
    "Matricule dont la clé est fausse : le document attend",
    "Matricule with a wrong key: the document waits",
    requirements=("MSS/va1.27",),
    catches=("ignores_the_key",),
)
def test_a_wrong_key_stops_the_filing(mail: MailBench) -> None:
    known = mail.admit()
    matricule = known.person.matricule
    wrong = f"{matricule[:13]}{int(matricule[13:]) % 97 + 1:02d}"
    document = mail.document(replace(known.person, matricule=wrong))
    mail.receive(mail.letter([document]))
    mail.demand_in_no_record(document, known)
    mail.waiting(document)


@check(
    "Même matricule sous une autre racine : ce n'est pas le même patient",
    "The same digits under another root: not the same patient",
    requirements=("SC.MSS/CONF.24", "MSS/va1.27"),
    catches=("ignores_the_root", "drops_documents_of_unknown_patients"),
)
def test_another_root_stops_the_filing(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(replace(known.person, root=INS_NIA))
    mail.receive(mail.letter([document]))
    mail.demand_in_no_record(document, known)
    mail.waiting(document)


@check(
    "Identité locale qui n'est pas qualifiée : le document attend une comparaison visuelle",
    "Local identity that is not qualified: the document waits for a comparison by eye",
    requirements=("MSS/va1.27",),
    catches=("trusts_identities_that_are_not_qualified",),
)
def test_an_identity_that_is_not_qualified_stops_the_filing(mail: MailBench) -> None:
    known = mail.admit(InsStatus.RECUPEREE)
    document = mail.document(known)
    mail.receive(mail.letter([document]))
    mail.demand_in_no_record(document, known)
    mail.waiting(document)


@check(
    "Document sans INS : jamais classé par le nom",
    "Document without INS: never filed by name",
    requirements=("MSS/va1.27", "SC.MSS/UX.02"),
    catches=("files_by_name",),
)
def test_a_document_without_ins_is_not_filed_by_name(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(mail.without_ins(known))
    mail.receive(mail.letter([document]))
    mail.demand_in_no_record(document, known)
    mail.waiting(document)


@check(
    "METADATA.XML et le document nomment deux patients connus : rien n'entre seul",
    "METADATA.XML and the document name two known patients: nothing is filed by itself",
    requirements=("SC.MSS/CONF.24",),
    catches=("trusts_the_metadata_alone",),
)
def test_metadata_of_another_patient_stop_the_filing(mail: MailBench) -> None:
    known, other = mail.admit(), mail.admit()
    document = mail.document(known)
    post = mail.post()
    objects, theirs = post.metadata([document]), post.metadata([mail.document(other)])
    told = theirs.documents[0]
    entries = tuple(
        replace(entry, patient_id=told.patient_id, source_patient_info=told.source_patient_info)
        for entry in objects.documents
    )
    changed = replace(objects, documents=entries, submission_sets=theirs.submission_sets)
    mail.receive(mail.letter([document], post.archive([document], changed)))
    mail.demand_in_no_record(document, known, other)
    mail.waiting(document)


@check(
    "Un objet qui nomme un autre patient connu ne décide de rien",
    "A subject that names another known patient decides nothing",
    requirements=("SC.MSS/CONF.24",),
    catches=("trusts_the_subject",),
)
def test_the_subject_does_not_decide(mail: MailBench) -> None:
    known, other = mail.admit(), mail.admit()
    document = mail.document(known)
    named = f"XDM/1.0/DDM+Compte rendu {other.person.birth_name} {other.person.given}"
    mail.receive(mail.letter([document], subject=named))
    mail.demand_in_no_record(document, other)
    if mail.line(known, document) is None:
        mail.waiting(document)


@check(
    "Deux patients dans une archive : rien n'entre dans le dossier de l'autre",
    "Two patients in one archive: nothing enters the record of the other",
    requirements=("SC.MSS/CONF.23", "SC.MSS/CONF.24"),
    catches=("files_all_to_the_first_patient", "files_the_first_document_only"),
)
def test_two_patients_in_one_archive_are_kept_apart(mail: MailBench) -> None:
    known, other = mail.admit(), mail.admit()
    mine, theirs = mail.document(known), mail.document(other)
    mail.receive(mail.letter([mine, theirs]))
    mail.demand_in_no_record(theirs, known)
    mail.demand_in_no_record(mine, other)
    for each, document in ((known, mine), (other, theirs)):
        if mail.line(each, document) is None:
            mail.waiting(document)
