"""What the PDF beside a document must say: the words of the document, taken from the document itself."""

from __future__ import annotations

from typing import Final

from lxml import etree

from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.pdf_text import letters, words_of_pdf
from conformance.cda.reading import read_document
from conformance.exchange.cda_header import CdaHeader, read_header
from conformance.exchange.metadata.hl7 import Xcn
from conformance.harness.mssante import Sent

_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_SHORT: Final = 4
"""Letters under which a piece of narrative says nothing that could be missed (units, signs)."""


class SentPages:
    """The PDF pages of a message, and the one document that they are about."""

    def __init__(self, sent: Sent) -> None:
        ((_, _, file),) = [each for archive in sent.archives for each in archive.documents()]
        clinical = read_document(file.data if file else b"").clinical
        assert clinical is not None
        self._clinical: etree._Element = clinical
        self.header: CdaHeader = read_header(clinical)
        self._pages = " ".join(words_of_pdf(pdf.data) for pdf in sent.message.pdfs)
        self._letters = letters(self._pages)

    def say(self, words: str) -> bool:
        """Whether the pages hold these words, whatever their case, accents, spaces and signs."""
        return letters(words) in self._letters

    def missing_narrative(self) -> list[str]:
        """The pieces of the narrative of the sections, and their titles, that the pages do not hold."""
        texts = [text for section in self._clinical.iter(h("section")) for text in path("text").elements(section)]
        titles = [title for section in self._clinical.iter(h("section")) for title in path("title").elements(section)]
        pieces = [str(piece) for node in (*titles, *texts) for piece in node.itertext()]
        return [piece.strip() for piece in pieces if len(letters(piece)) >= _SHORT and not self.say(piece)]

    def missing_header(self) -> list[str]:
        """Which data of the header the pages do not give, in French: title, type, date, author, custodian."""
        author = Xcn.parse(self.header.authors[0].person) if self.header.authors else Xcn.parse("")
        keeper = path("custodian/assignedCustodian/representedCustodianOrganization/name").elements(self._clinical)
        given = {
            "titre": self.say(self.header.title),
            "type": self.say(self.header.code.label),
            "date": self._give_the_date(self.header.effective_time),
            "auteur": self.say(author.family) and self.say(author.given),
            "conservateur": all(self.say(str(name.xpath("string()"))) for name in keeper),
        }
        return [name for name, there in given.items() if not there]

    def _give_the_date(self, time: str) -> bool:
        year, month, day = time[:4], time[4:6], time[6:8]
        written = {f"{day}/{month}/{year}", f"{year}-{month}-{day}", f"{day}-{month}-{year}", f"{day}.{month}.{year}"}
        if month.isdigit() and 1 <= int(month) <= len(_MONTHS):
            written.add(f"{int(day or 0)} {_MONTHS[int(month) - 1]} {year}")
        return any(one in self._pages for one in written)
