"""Faults of what the user reads: style sheets, embedded PDFs, headers, former versions."""

from __future__ import annotations

from lxml import etree

from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.exchange.xdm import Archive, Member
from conformance.lgc.display import Display
from conformance.lgc.mail.reading import Reader
from conformance.lgc.practice import Practice
from conformance.sut.contract import DocumentStatus, Rendering


class ShowsEverythingUnderItsOwnSheet(Display):
    """Never uses the style sheet of the producer.

    N’utilise jamais la feuille de style du producteur.
    """

    def produced(self, root: etree._Element, style_sheet: bytes | None) -> str | None:
        return None


class LosesStyleSheets(Reader):
    """Does not keep the style sheet that came beside a document.

    Ne garde pas la feuille de style arrivée à côté d’un document.
    """

    def style_sheet(self, archive: Archive, file: Member) -> bytes | None:
        return None


class ShowsNothingWithoutTheSheetNamed(Display):
    """Shows a blank page when the style sheet that a document names is not there.

    Montre une page blanche quand la feuille de style que nomme un document n’est pas là.
    """

    def show(self, body: bytes, style_sheet: bytes | None) -> Rendering:
        shown = super().show(body, style_sheet)
        absent = style_sheet is None and b"<?xml-stylesheet" in body[:1024] and b'href="#"' not in body[:1024]
        return Rendering(text="") if absent else shown


class IgnoresEmbeddedPdfs(Display):
    """Shows the structured text where the document holds a PDF copy of itself.

    Montre le texte structuré quand le document porte sa copie en PDF.
    """

    def pdf_of(self, clinical: etree._Element) -> bytes | None:
        structured = path("component/structuredBody").elements(clinical)
        return None if structured else super().pdf_of(clinical)


class LeavesTheHeaderOut(Display):
    """Shows the texts of the sections without the header.

    Montre les textes des sections sans l’en-tête.
    """

    def own_sheet(self) -> etree._Element:
        return _without(super().own_sheet(), "call-template")


class LeavesTheTextsOut(Display):
    """Shows the titles of the sections without their texts.

    Montre les titres des sections sans leurs textes.
    """

    def own_sheet(self) -> etree._Element:
        return _without(super().own_sheet(), "apply-templates[@select='h:text/node()']")


class LeavesAttachedBodiesOut(Display):
    """Shows nothing of a document whose body is a file.

    Ne montre rien d’un document dont le corps est un fichier.
    """

    def show(self, body: bytes, style_sheet: bytes | None) -> Rendering:
        shown = super().show(body, style_sheet)
        return Rendering(text="") if h("nonXMLBody").rpartition("}")[2].encode() in body else shown


class RunsTheScriptsOfStyleSheets(Display):
    """Shows the page that a style sheet makes, scripts included.

    Montre la page que fait une feuille de style, scripts compris.
    """

    def harmless(self, page: str) -> bool:
        return True


class ShowsTheLastVersionInsteadOfFormerOnes(Practice):
    """Shows the version in force when the user opens a former one.

    Montre la version en vigueur quand l’utilisateur ouvre une version précédente.
    """

    def render_document(self, document_id: str) -> Rendering:
        received = self.received.find(document_id)
        if received is not None and received.view.status is DocumentStatus.REPLACED:
            for view in self.received.of_patient(received.view.patient_id):
                if view.set_id == received.view.set_id and view.status is DocumentStatus.CURRENT:
                    return super().render_document(view.document_id)
        return super().render_document(document_id)


def _without(sheet: etree._Element, what: str) -> etree._Element:
    """A copy of a style sheet without one of its instructions."""
    copy = etree.fromstring(etree.tostring(sheet))
    prefixes = {"xsl": "http://www.w3.org/1999/XSL/Transform"}
    for instruction in copy.findall(f".//xsl:{what}", prefixes):
        parent = instruction.getparent()
        if parent is not None:
            parent.remove(instruction)
    return copy
