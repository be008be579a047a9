"""What the user reads of a document: the PDF that it holds, else its text under a style sheet.

The style sheet of the producer is used when there is one and it is harmless, else the product's own (``display.xsl``).
Source: CI-SIS Structuration minimale §2.2.1 (a PDF copy comes first), §2.2.2 and §3.9 (style sheets, and the checks of
who uses them).
"""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

from conformance.cda.biology.oids import PDF_COPY
from conformance.cda.embedded import decoded
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.pdf_text import words_of_pdf
from conformance.cda.reading import read_document
from conformance.cda.rules import carries
from conformance.sut.contract import Rendering, StyleSheet

XSL: Final = "{http://www.w3.org/1999/XSL/Transform}stylesheet"
_OWN: Final = Path(__file__).with_name("display.xsl")
_MOST_PAGES: Final = 50
_ACTIVE: Final = frozenset({"script", "iframe", "frame", "object", "embed", "applet", "link", "base"})
"""Elements by which a page would do something, or fetch something."""


class Display:
    """Shows documents."""

    def show(self, body: bytes, style_sheet: bytes | None) -> Rendering:
        """A document as the user reads it; ``style_sheet`` is the one that came beside it.

        Raises ``DocumentError`` when the document cannot be read.
        """
        document = read_document(body)
        if document.clinical is None:
            return Rendering(text=self.page(self.own_sheet(), _in_words(document.root)), style_sheet=StyleSheet.PRODUCT)
        pdf = self.pdf_of(document.clinical)
        if pdf is not None:
            return Rendering(text=words_of_pdf(pdf, _MOST_PAGES), media_type="application/pdf")
        page = self.produced(document.root, style_sheet)
        if page is not None:
            return Rendering(text=page, style_sheet=StyleSheet.PRODUCER)
        return Rendering(text=self.page(self.own_sheet(), _in_words(document.root)), style_sheet=StyleSheet.PRODUCT)

    def pdf_of(self, clinical: etree._Element) -> bytes | None:
        """The PDF that a document holds: its level 1 body, or the copy beside its sections."""
        files = path("component/nonXMLBody/text").elements(clinical)
        files += [
            value
            for section in clinical.iter(h("section"))
            if carries(section, PDF_COPY)
            for media in section.iter(h("observationMedia"))
            for value in path("value").elements(media)
        ]
        named = [file for file in files if file.get("mediaType") == "application/pdf"]
        return decoded(named[0]) if named else None

    def produced(self, root: etree._Element, style_sheet: bytes | None) -> str | None:
        """The page that the producer's style sheet makes; ``None`` without one that can be used without harm."""
        try:
            sheet = root if root.tag == XSL else _parsed(style_sheet) if style_sheet else None
            page = self.page(sheet, root) if sheet is not None else ""
        except etree.LxmlError:
            return None
        return page if page and self.harmless(page) else None

    def own_sheet(self) -> etree._Element:
        """The product's own style sheet."""
        return _own_sheet()

    def page(self, sheet: etree._Element, root: etree._Element) -> str:
        """The HTML that ``sheet`` makes of a document; it reads and writes nothing else."""
        transform = etree.XSLT(sheet, access_control=_ALONE)
        return str(transform(root.getroottree()))

    def harmless(self, page: str) -> bool:
        """Whether a page does nothing by itself: no script, no frame, nothing that it fetches (§3.9.2)."""
        tree = etree.fromstring(page, etree.HTMLParser())
        if tree is None:
            return False
        for element in tree.iter(etree.Element):
            if str(element.tag) in _ACTIVE or element.get("http-equiv", "").lower() == "refresh":
                return False
            for name, value in element.attrib.items():
                target = str(value).strip().lower()
                if str(name).startswith("on") or (name == "src" and not target.startswith("data:image/")):
                    return False
                if name == "href" and target.startswith(("javascript:", "data:")):
                    return False
        return True


_ALONE: Final = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]  # unknown to the stubs


def _in_words(root: etree._Element) -> etree._Element:
    """The document with a level 1 body of plain text written out: a style sheet cannot decode it."""
    readable = copy.deepcopy(root)
    for file in readable.iter(h("text")):
        if file.get("representation") == "B64" and file.get("mediaType", "text/plain") == "text/plain":
            file.text = (decoded(file) or b"").decode("utf-8", "replace").replace("\0", "")
            del file.attrib["representation"]
    return readable


def _parsed(style_sheet: bytes) -> etree._Element:
    return etree.fromstring(style_sheet, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


@cache
def _own_sheet() -> etree._Element:
    return _parsed(_OWN.read_bytes())
