"""The PDF beside each document: PDF/A-1, named as it must be, saying what the document says."""

from conformance.exchange.pdf import read_claim
from conformance.harness.marks import check
from conformance.harness.mssante import Known, MailBench, Sent
from conformance.harness.mssante_pages import SentPages
from conformance.harness.records import rich_record
from conformance.sut.contract import MessageRequest


def _send(mail: MailBench, known: Known | None = None) -> Sent:
    """A document of a patient, validated and sent to a colleague."""
    view = mail.validated(known or mail.admit())
    return mail.send(MessageRequest(recipients=(mail.colleague(),), documents=(view.document_id,)))


@check(
    "Le PDF joint se déclare PDF/A-1",
    "The PDF attached declares itself PDF/A-1",
    requirements=("MSS/va1.17", "SC.MSS/CONF.23", "DOC/va1.01"),
    catches=("attaches_ordinary_pdfs", "forgets_the_pdf"),
)
def test_the_pdf_is_a_pdf_a_1(mail: MailBench) -> None:
    sent = _send(mail)
    claims = [read_claim(pdf.data) for pdf in sent.message.pdfs]
    mail.bench.demand(
        bool(claims) and all(claim.pdfa_1 for claim in claims),
        f"Un PDF joint ne se déclare pas PDF/A-1 ({[claim.part + claim.conformance or 'rien' for claim in claims]}).",
        f"A PDF attached does not declare PDF/A-1 ({[claim.part + claim.conformance or 'none' for claim in claims]}).",
    )


@check(
    "Le PDF joint dit ce que dit le document : patient, et texte des sections",
    "The PDF attached says what the document says: patient, and text of the sections",
    requirements=("MSS/va1.17", "SC.CDA/DD.12"),
    catches=("attaches_cover_pages_only", "forgets_the_pdf"),
)
def test_the_pdf_says_what_the_document_says(mail: MailBench) -> None:
    known = mail.admit(record=rich_record())
    pages = SentPages(_send(mail, known))
    wanted = (known.person.birth_name, "Hypertension artérielle", "Appendicectomie")
    missing = [*(words for words in wanted if not pages.say(words)), *pages.missing_narrative()]
    mail.bench.demand(
        not missing,
        f"« {missing[0] if missing else ''} » est dans le document et pas dans le PDF joint.",
        f"“{missing[0] if missing else ''}” is in the document and not in the PDF attached.",
    )


@check(
    "Le PDF joint donne le titre, le type, la date, l'auteur et l'organisation qui conserve le document",
    "The PDF attached gives title, type, date, author and the organisation that keeps the document",
    requirements=("SC.CDA/DD.12",),
    catches=("leaves_the_author_out_of_pdfs", "forgets_the_pdf"),
)
def test_the_pdf_gives_the_data_of_the_header(mail: MailBench) -> None:
    missing = SentPages(_send(mail)).missing_header()
    mail.bench.demand(
        not missing,
        f"Le PDF joint ne donne pas tout ce que dit l'en-tête du document ; il manque : {', '.join(one.fr for one in missing)}.",
        f"The PDF attached does not give all that the header of the document says; missing: {', '.join(one.en for one in missing)}.",
    )


@check(
    "Le PDF joint à un document de niveau 1 est celui qu'il contient",
    "The PDF attached to a level 1 document is the one inside it",
    requirements=("SC.CDA/DD.12",),
    catches=("saves_embedded_pdfs_anew", "forgets_the_pdf", "refuses_unstructured_documents"),
)
def test_the_pdf_of_a_level_1_document_is_the_one_inside(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.small_document(known)
    mail.receive(mail.letter([document]))
    line = mail.filed(known, document)
    sent = mail.send(MessageRequest(recipients=(mail.colleague(),), documents=(line.document_id,)))
    mail.bench.demand(
        mail.header(document).body in [pdf.data for pdf in sent.message.pdfs],
        "Le PDF joint n'est pas, octet pour octet, celui que contient le document.",
        "The PDF attached is not, byte for byte, the one inside the document.",
    )


@check(
    "Le nom du PDF est formé de la date, du type et des noms du patient",
    "The name of the PDF is formed of the date, the type and the names of the patient",
    requirements=("MSS/va1.17", "DOC/va1.01"),
    catches=("names_the_pdf_document",),
)
def test_the_pdf_has_its_name(mail: MailBench) -> None:
    mail.demand_rules(_send(mail), "mail.pdf-name", "crosscheck.pdf-name")
