"""What the user reads of a received document: its PDF first, else its texts under the right style sheet."""

from conformance.core.language import Text
from conformance.generation.messages.post import twin
from conformance.generation.messages.presentation import self_presentable, style_sheet, with_pdf_copy
from conformance.generation.messages.variants import level_3
from conformance.harness.marks import check
from conformance.harness.mssante import Known, MailBench
from conformance.harness.mssante_display import Shown

MARK = "Maquette du laboratoire émetteur"
"""Words that only the style sheet of the producer writes."""
NEWER = "Maquette nouvelle du même émetteur"


def _under(mail: MailBench, known: Known, sheet: bytes | None, base: bytes | None = None) -> bytes:
    """A document received that names a style sheet, which lies beside it unless it is ``None``."""
    document = base or mail.document(known)
    named = b'<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xsl" href="./CDA.XSL"?>\n'
    document = named + document.partition(b"?>")[2].lstrip()
    extra = [("CDA.XSL", sheet)] if sheet else []
    mail.receive(mail.letter([document], mail.post().archive([document], extra=extra)))
    return document


@check(
    "Le document s'affiche avec la feuille de style de son producteur",
    "The document is shown with the style sheet of its producer",
    requirements=("SC.CDA/VISU.01", "SC.CDA/INT.15"),
    catches=("shows_everything_under_its_own_sheet", "loses_style_sheets"),
)
def test_a_document_is_shown_with_its_producers_style_sheet(mail: MailBench) -> None:
    known = mail.admit()
    shown = Shown(mail, known, _under(mail, known, style_sheet(MARK)))
    shown.demand_mark(MARK)
    shown.demand_texts()


@check(
    "Un document auto-présentable s'affiche avec la feuille de style qu'il embarque",
    "A self-presentable document is shown with the style sheet that it embeds",
    requirements=("SC.CDA/VISU.01", "BIO/va1.08"),
    catches=("shows_everything_under_its_own_sheet",),
)
def test_a_self_presentable_document_is_shown_with_its_own_sheet(mail: MailBench) -> None:
    known = mail.admit()
    document = self_presentable(mail.document(known), MARK)
    mail.receive(mail.letter([document]))
    Shown(mail, known, document).demand_mark(MARK)


@check(
    "Sans feuille de style, l'en-tête et les textes se lisent à l'écran",
    "Without a style sheet the header and the texts can be read on the screen",
    requirements=("SC.CDA/VISU.01", "BIO/va1.08"),
    catches=("leaves_the_header_out", "leaves_the_texts_out"),
)
def test_without_a_style_sheet_header_and_texts_are_shown(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    mail.receive(mail.letter([document]))
    shown = Shown(mail, known, document)
    shown.demand_header()
    shown.demand_texts()


@check(
    "Une feuille de style absente n'empêche pas de lire le document",
    "A style sheet that is not there does not prevent the document from being read",
    requirements=("SC.CDA/VISU.01",),
    catches=("shows_nothing_without_the_sheet_named", "leaves_the_texts_out"),
)
def test_a_style_sheet_that_is_not_there_hides_nothing(mail: MailBench) -> None:
    known = mail.admit()
    Shown(mail, known, _under(mail, known, None)).demand_texts()


@check(
    "Une feuille de style qui apporte un script ne l'exécute pas chez le lecteur",
    "A style sheet that brings a script does not have it run at the reader's",
    requirements=("SC.CDA/VISU.01",),
    why=Text(
        "Le destinataire contrôle la feuille de style reçue, et emploie la sienne au moindre risque (CI-SIS, §3.9.2).",
        "The recipient checks the style sheet received, and uses its own at any risk (CI-SIS, §3.9.2).",
    ),
    catches=("runs_the_scripts_of_style_sheets", "leaves_the_texts_out"),
)
def test_a_style_sheet_brings_no_script(mail: MailBench) -> None:
    known = mail.admit()
    shown = Shown(mail, known, _under(mail, known, style_sheet(MARK, script=True)))
    mail.bench.demand(
        "<script" not in shown.rendering.text.lower(),
        "La page montrée contient le script que la feuille de style reçue y a mis.",
        "The page shown holds the script that the style sheet received put there.",
    )
    shown.demand_texts()


@check(
    "Le PDF qu'embarque un document structuré s'affiche de préférence",
    "The PDF that a structured document embeds is shown in preference",
    requirements=("SC.CDA/VISU.03",),
    catches=("ignores_embedded_pdfs",),
)
def test_the_pdf_copy_comes_first(mail: MailBench) -> None:
    known = mail.admit()
    document = with_pdf_copy(mail.document(known), twin(level_3()))
    mail.receive(mail.letter([document]))
    media_type = Shown(mail, known, document).rendering.media_type
    mail.bench.demand(
        media_type == "application/pdf",
        f"Le document porte sa copie en PDF ; ce qui s'affiche est « {media_type} ».",
        f"The document holds a copy of itself in PDF; what is shown is “{media_type}”.",
    )


@check(
    "Le corps d'un document de niveau 1 s'affiche",
    "The body of a level 1 document is shown",
    requirements=("SC.CDA/VISU.01",),
    catches=("leaves_attached_bodies_out", "refuses_unstructured_documents"),
)
def test_a_level_1_body_is_shown(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.small_document(known)
    mail.receive(mail.letter([document]))
    rendering = Shown(mail, known, document).rendering
    mail.bench.demand(
        rendering.media_type == "application/pdf",
        f"Le corps du document est un PDF ; ce qui s'affiche est « {rendering.media_type} ».",
        f"The body of the document is a PDF; what is shown is “{rendering.media_type}”.",
    )


@check(
    "Une version précédente s'affiche encore, avec sa propre feuille de style",
    "A former version is still shown, with its own style sheet",
    requirements=("SC.CDA/VISU.02",),
    catches=(
        "ignores_new_versions",
        "loses_style_sheets",
        "shows_everything_under_its_own_sheet",
        "shows_the_last_version_instead_of_former_ones",
    ),
)
def test_a_former_version_is_shown_with_its_own_sheet(mail: MailBench) -> None:
    known = mail.admit()
    first = _under(mail, known, style_sheet(MARK))
    mail.filed(known, first)
    second = _under(mail, known, style_sheet(NEWER), mail.version(first, 2))
    Shown(mail, known, second).demand_mark(NEWER)
    Shown(mail, known, first).demand_mark(MARK)
