"""Messages that a product must receive well: kinds of documents, patients, versions, replies, odd but legal forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.exchange.mail import Address, Attachment
from conformance.exchange.mail_writing import write_message
from conformance.exchange.mdn import Disposition, IntegrationError, Mdn, write_mdn
from conformance.exchange.xdm import read_archive
from conformance.exchange.xdm_writing import write_zip
from conformance.generation.messages.case import CASES, Outcome
from conformance.generation.messages.post import Post, header_of, twin
from conformance.generation.messages.variants import KNOWN, OTHER, STRANGER, Changes, Person, vary
from conformance.identity.ins import INS_NIA

FILED, WORKLIST, IGNORED, SHOWN = Outcome.FILED, Outcome.WORKLIST, Outcome.IGNORED, Outcome.SHOWN


def about(document: bytes, person: Person, rank: int) -> bytes:
    """``document`` about someone, as another document of its own."""
    oid = f"1.2.3.4.567.8.9.{50 + rank}"
    return vary(document, Changes(id=(f"{oid}.1", ""), set_id=(oid, ""), person=person))


def version(document: bytes, number: int, replaces: int | None = None) -> bytes:
    """Version ``number`` of ``document``, which says that it replaces version ``replaces``."""
    root = header_of(document).id[0]
    parent: tuple[str, str] | tuple[()] = (f"{root}.{replaces}", "") if replaces and replaces > 1 else (root, "")
    own = f"{root}.{number}" if number > 1 else root
    return vary(document, Changes(id=(own, ""), version=number, replaces=parent if replaces else ()))


# Kinds of content


@CASES.case("Un document de niveau 3 et son PDF/A-1, INS qualifiée connue.", FILED)
def level_3(post: Post) -> list[bytes]:
    """A level 3 document and its PDF/A-1 twin, qualified INS, known patient."""
    return [post.send([post.level_3])]


@CASES.case("Un document de niveau 1 dont le corps est le PDF joint.", FILED)
def level_1_with_pdf(post: Post) -> list[bytes]:
    """A level 1 document whose body is the very PDF beside the archive."""
    return [post.send([vary(post.level_1, Changes(body=("application/pdf", twin(post.level_3))))])]


@CASES.case("Plusieurs documents d’un même patient dans une archive.", FILED)
def several_documents(post: Post) -> list[bytes]:
    """Several documents of one patient in one archive."""
    return [post.send([post.level_3, post.level_1])]


@CASES.case("Un document qui désigne une feuille de style jointe à l’archive.", FILED)
def with_style_sheet(post: Post) -> list[bytes]:
    """A document that points to a style sheet which lies beside it in the archive."""
    document = vary(post.level_3, Changes(style_sheet="CDA.XSL"))
    sheet = ("CDA.XSL", b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>')
    return [post.send([document], post.archive([document], extra=[sheet]))]


@CASES.case("Un document qui désigne une feuille de style absente : il reste lisible.", FILED)
def broken_style_sheet(post: Post) -> list[bytes]:
    """A document that points to a style sheet which is not there: it must still be taken."""
    return [post.send([vary(post.level_3, Changes(style_sheet="ABSENTE.XSL"))])]


# Patients


@CASES.case("INS qualifiée d’un patient inconnu du logiciel.", WORKLIST)
def unknown_patient(post: Post) -> list[bytes]:
    """A qualified INS that the product does not know."""
    return [post.send([about(post.level_3, STRANGER, 1)])]


@CASES.case("Identité sans INS : comparaison visuelle des traits.", WORKLIST)
def without_ins(post: Post) -> list[bytes]:
    """An identity without INS: a person must compare the traits."""
    person = Person("", KNOWN.birth_name, KNOWN.given, KNOWN.birth_date, KNOWN.sex, root="", local=KNOWN.local)
    return [post.send([about(post.level_3, person, 2)])]


@CASES.case("Matricule dont la clé est fausse.", WORKLIST, rules=(
    "metadata.document.patientId.form", "metadata.submission-set.patientId.form"), sure=False)  # fmt: skip
def wrong_key(post: Post) -> list[bytes]:
    """A matricule whose key is wrong."""
    wrong = KNOWN.matricule[:-2] + f"{(int(KNOWN.matricule[-2:]) + 1) % 97:02d}"
    person = Person(wrong, KNOWN.birth_name, KNOWN.given, KNOWN.birth_date, KNOWN.sex)
    return [post.send([about(post.level_3, person, 3)])]


@CASES.case("Matricule d’un patient connu, traits d’un autre (erreur 904).", WORKLIST)
def traits_that_differ(post: Post) -> list[bytes]:
    """The matricule of a known patient with the traits of someone else (error 904)."""
    person = Person(KNOWN.matricule, "SPECIMEN", "ENORA", KNOWN.birth_date, KNOWN.sex)
    return [post.send([about(post.level_3, person, 4)])]


@CASES.case("Même matricule sous une autre racine (NIA) : ce n’est pas le même patient.", WORKLIST, sure=False)
def other_root(post: Post) -> list[bytes]:
    """The same digits under another root (NIA): not the same patient."""
    person = Person(KNOWN.matricule, KNOWN.birth_name, KNOWN.given, KNOWN.birth_date, KNOWN.sex, root=INS_NIA)
    return [post.send([about(post.level_3, person, 5)])]


@CASES.case("Un autre patient connu.", FILED)
def other_patient(post: Post) -> list[bytes]:
    """A second known patient."""
    return [post.send([about(post.level_3, OTHER, 6)])]


# Versions


@CASES.case("Le même document deux fois, dans deux messages.", IGNORED)
def duplicate_document(post: Post) -> list[bytes]:
    """The same document twice, in two messages."""
    first = post.send([post.level_3])
    return [first, post.send([post.level_3], message_id="<second-envoi@port.mssante.fr>")]


@CASES.case("Le même message remis deux fois.", IGNORED)
def duplicate_message(post: Post) -> list[bytes]:
    """The same message delivered twice."""
    message = post.send([post.level_3])
    return [message, message]


@CASES.case("Version 2 après la version 1.", FILED)
def higher_version(post: Post) -> list[bytes]:
    """Version 2 after version 1."""
    return [post.send([post.level_3]), post.send([version(post.level_3, 2, 1)])]


@CASES.case("Version 1 arrivée après la version 2 : jamais montrée comme courante.", FILED)
def lower_version_late(post: Post) -> list[bytes]:
    """Version 1 arriving after version 2: never shown as current."""
    return [post.send([version(post.level_3, 2, 1)]), post.send([post.level_3])]


@CASES.case("Version 3 après la version 1, sans la version 2.", FILED)
def skipped_version(post: Post) -> list[bytes]:
    """Version 3 after version 1, without version 2."""
    return [post.send([post.level_3]), post.send([version(post.level_3, 3, 2)])]


@CASES.case("Même setId et même version, autre identifiant : rejeté.", IGNORED)
def same_version_other_id(post: Post) -> list[bytes]:
    """The same setId and version under another id: rejected."""
    other = vary(post.level_3, Changes(id=(f"{header_of(post.level_3).id[0]}.99", "")))
    return [post.send([post.level_3]), post.send([other])]


@CASES.case("Un document sans setId : il se suffit à lui-même.", FILED, sure=False)
def without_set_id(post: Post) -> list[bytes]:
    """A document without setId stands for itself."""
    document = vary(post.level_3, Changes(id=("1.2.3.4.567.8.9.70.1", ""), no_set_id=True))
    return [post.send([document])]


@CASES.case("Remplacement annoncé : action C, relatedDocument, et le corps qui le dit.", FILED)
def replacement(post: Post) -> list[bytes]:
    """A replacement announced as such: action C, relatedDocument, and a body that says so."""
    return higher_version(post)


@CASES.case("Remplacement d’un document jamais reçu.", FILED, sure=False)
def replacement_of_unknown(post: Post) -> list[bytes]:
    """A replacement of a document that never came."""
    return [post.send([version(post.level_3, 2, 1)])]


@CASES.case("Avis de suppression (action D) d’un document reçu.", WORKLIST)
def deletion_notice(post: Post) -> list[bytes]:
    """A deletion notice (action D) for a document received before."""
    objects = post.metadata([post.level_3])
    objects = replace(objects, documents=tuple(replace(entry, action="D") for entry in objects.documents))
    archive = post.archive([post.level_3], objects)
    body = "Bonjour,\n\nMerci de supprimer le document ci-joint, envoyé par erreur.\n"
    return [post.send([post.level_3]), post.send([post.level_3], archive, body=body)]


# Conversations


@CASES.case("Réponse d’un patient dans le fil, sans document.", SHOWN)
def patient_reply(post: Post) -> list[bytes]:
    """A patient's reply in the thread, without document."""
    parent = "<demande-1@port.mssante.fr>"
    reply = post.send(
        [post.level_3], sender=Address("Maëlle Prigent", f"{KNOWN.matricule}@patient.mssante.fr"),
        subject="Re: Vos résultats", body="Merci docteur.\n", attachments=(), code_cda=None, ins=None, software=None,
        in_reply_to=parent, references=(parent,),
    )  # fmt: skip
    return [reply]


@CASES.case("Réponse d’un patient sans libellé, avec un PDF.", SHOWN)
def patient_reply_with_pdf(post: Post) -> list[bytes]:
    """A patient's reply without label, with a PDF."""
    parent = "<demande-1@port.mssante.fr>"
    pdf = Attachment("scan 1.pdf", "application/pdf", twin(post.level_3))
    reply = post.send(
        [post.level_3], sender=Address("", f"{KNOWN.matricule}@patient.mssante.fr"),
        subject="Re: Vos résultats", body="Voici l'ordonnance.\n", attachments=(pdf,), code_cda=None, ins=None,
        software=None, in_reply_to=parent, references=(parent,),
    )  # fmt: skip
    return [reply]


@CASES.case("Message à un patient qui clôt l’échange (X-MSS-MES: FIN).", SHOWN)
def closing_message(post: Post) -> list[bytes]:
    """A message to a patient that closes the exchange (X-MSS-MES: FIN)."""
    to = (Address("", f"{KNOWN.matricule}@patient.mssante.fr"),)
    return [post.send([post.level_3], recipients=to, closes=True)]


@CASES.case("Accusé d’intégration réussi.", SHOWN)
def receipt_success(post: Post) -> list[bytes]:
    """A receipt that tells a successful integration."""
    return [_receipt(post, Disposition("automatic-action/MDN-sent-automatically", "processed"))]


_REFUSAL = IntegrationError("902", "Identifiant de patient inconnu", "applicationErrorCondition", "E")


@CASES.case("Accusé d’échec, forme actuelle (champ Error).", SHOWN)
def receipt_failure(post: Post) -> list[bytes]:
    """A receipt of failure in the present form (field Error)."""
    return [_receipt(post, Disposition("automatic-action/MDN-sent-automatically", "processed", ("error",), _REFUSAL))]


@CASES.case("Accusé d’échec, forme ancienne (erreur dans Disposition).", SHOWN)
def receipt_failure_old(post: Post) -> list[bytes]:
    """A receipt of failure in the old form (error inside Disposition)."""
    said = Disposition("automatic-action/MDN-sent-automatically", "processed", ("error",), _REFUSAL, "1.1.2")
    return [_receipt(post, said)]


def _receipt(post: Post, disposition: Disposition) -> bytes:
    draft = post.draft([post.level_3], message_id="<document-1@port.mssante.fr>")
    return write_mdn(
        Mdn(post.recipient.address, "<document-1@port.mssante.fr>", disposition, reporting_ua="segur-conformance"),
        sender=f"{post.recipient.label} <{post.recipient.address}>", recipient=post.sender.address,
        text="Résultat de l'intégration du document.\n", original=write_message(draft),
        message_id="<accuse-1@quai.mssante.fr>", date="Tue, 11 Jun 2024 09:00:00 +0000",
    )  # fmt: skip


# Legal but odd


@CASES.case("PDF seul, sans archive.", SHOWN)
def pdf_only(post: Post) -> list[bytes]:
    """A PDF alone, without archive."""
    pdf = Attachment("20240611_Courrier_PRIGENT_MAELLE.pdf", "application/pdf", twin(post.level_3))
    return [post.send([post.level_3], attachments=(pdf,), subject="Courrier", code_cda=None, ins=None)]


@CASES.case("PDF seul sous un objet XDM/1.0/DDM : pas d’archive à chercher.", SHOWN, sure=False)
def pdf_only_with_xdm_subject(post: Post) -> list[bytes]:
    """A PDF alone under a subject XDM/1.0/DDM: no archive to be found."""
    draft = post.draft([post.level_3])
    return [post.send([post.level_3], attachments=draft.attachments[1:], code_cda=None, ins=None)]


@CASES.case("Corps en HTML seulement.", FILED)
def html_only(post: Post) -> list[bytes]:
    """A body in HTML only, with active content that must not run."""
    message = post.send([post.level_3], body="<p>Bonjour</p><script>alert(1)</script>\n")
    return [message.replace(b"Content-Type: text/plain;", b"Content-Type: text/html;", 1)]


@CASES.case("Archive jointe en application/octet-stream.", FILED)
def octet_stream(post: Post) -> list[bytes]:
    """The archive attached as application/octet-stream."""
    return [post.send([post.level_3]).replace(b"application/zip", b"application/octet-stream")]


@CASES.case("Pièces jointes avant le texte, archive en dernier.", FILED)
def attachments_first(post: Post) -> list[bytes]:
    """The attachments before the text, the archive last."""
    draft = post.draft([post.level_3])
    message = post.send([post.level_3], attachments=tuple(reversed(draft.attachments)))
    head, boundary, parts = _split(message)
    return [head + b"".join(boundary + b"\r\n" + part for part in (*parts[1:], parts[0])) + boundary + b"--\r\n"]


def _split(message: bytes) -> tuple[bytes, bytes, list[bytes]]:
    boundary = b"--" + message.split(b'boundary="', 1)[1].split(b'"', 1)[0]
    head, *parts = message.split(boundary + b"\r\n")
    parts[-1] = parts[-1].split(boundary + b"--")[0]
    return head, boundary, parts


@CASES.case("Noms en minuscules dans l’archive et pour l’archive.", FILED)
def lower_case_names(post: Post) -> list[bytes]:
    """Names in small letters, in the archive and of the archive."""
    draft = post.draft([post.level_3], _renamed(post, str.lower))
    archive = draft.attachments[0]
    named = (Attachment("ihe_xdm.ZIP", archive.media_type, archive.data), *draft.attachments[1:])
    return [post.send([post.level_3], attachments=named)]


@CASES.case("Séparateurs de dossiers de Windows dans l’archive.", FILED, sure=False)
def backslash_names(post: Post) -> list[bytes]:
    """Windows folder separators in the archive."""
    return [post.send([post.level_3], _renamed(post, lambda name: name.replace("/", "\\")))]


def _renamed(post: Post, rename: Callable[[str], str]) -> bytes:
    members = read_archive(post.archive([post.level_3])).members
    return write_zip((rename(member.path), member.data) for member in members)


@CASES.case("Objet dont les mots encodés coupent le préfixe.", FILED)
def split_subject(post: Post) -> list[bytes]:
    """A subject whose encoded words cut the prefix in two."""
    message = post.send([post.level_3], subject="SUJET")
    subject = post.draft([post.level_3]).subject
    cut = f"=?utf-8?q?{_quoted(subject[:7])}?=\r\n =?utf-8?q?{_quoted(subject[7:])}?="
    return [message.replace(b"Subject: SUJET", b"Subject: " + cut.encode())]


def _quoted(text: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "".join(f"={b:02X}" for b in c.encode()) for c in text)


@CASES.case("Objet qui nomme un autre patient que le document : l’objet ne compte pas.", WORKLIST, rules=(
    "crosscheck.subject-patient", "crosscheck.subject-birth-date"), sure=False)  # fmt: skip
def subject_of_another(post: Post) -> list[bytes]:
    """A subject that names another patient than the document: the subject does not count."""
    subject = post.draft([about(post.level_3, OTHER, 7)]).subject
    return [post.send([post.level_3], subject=subject)]


@CASES.case("Deux pièces jointes du même nom.", FILED)
def same_attachment_names(post: Post) -> list[bytes]:
    """Two attachments of one name."""
    draft = post.draft([post.level_3])
    return [post.send([post.level_3], attachments=(*draft.attachments, draft.attachments[1]))]


@CASES.case("Texte HPRIM d’autrefois en pièce jointe.", SHOWN)
def legacy_hprim(post: Post) -> list[bytes]:
    """HPRIM text of former times as an attachment."""
    lines = ("4071", "PRIGENT", "MAELLE", "4 PLACE DES LICES", "", "35000 RENNES", "14/07/1985", "2850735238042 39",
             "77", "11/06/2024", "LABO       LABORATOIRE D'ESSAI", "MED        DR BREHIER ANOUK",
             "****LAB****", "GLYCEMIE 0.95 g/l", "****FIN****")  # fmt: skip
    text = Attachment("resultat.hpr", "application/x-hprimnet", "\r\n".join(lines).encode("latin-1"))
    return [post.send([post.level_3], attachments=(text,), subject="hnet", code_cda=None, ins=None)]


@CASES.case("Deux lots SUBSET01 et SUBSET02 du même patient.", FILED, sure=False)
def two_subsets(post: Post) -> list[bytes]:
    """Two subsets SUBSET01 and SUBSET02 of one patient."""
    first = read_archive(post.archive([post.level_3])).members
    second = read_archive(post.archive([post.level_1])).members
    moved = [(m.path.replace("SUBSET01", "SUBSET02"), m.data) for m in second if "SUBSET01" in m.path]
    archive = write_zip([*((m.path, m.data) for m in first), *moved])
    return [post.send([post.level_3, post.level_1], archive)]


@CASES.case("Associations HasMember qui ne mènent nulle part.", FILED, sure=False)
def broken_links(post: Post) -> list[bytes]:
    """HasMember associations that lead nowhere, as a published tool writes them."""
    objects = post.metadata([post.level_3])
    links = tuple(
        replace(link, target="urn:uuid:0f6a3c8e-0000-4000-8000-000000000001") for link in objects.associations
    )
    return [post.send([post.level_3], post.archive([post.level_3], replace(objects, associations=links)))]
