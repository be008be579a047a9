"""What must be told of a document, on the pages beside it or on the screen: its own words, taken from it."""

from __future__ import annotations

from typing import Final

from lxml import etree

from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.pdf_text import letters, words_of_pdf
from conformance.cda.reading import read_document
from conformance.core.language import Text
from conformance.exchange.cda_header import CdaHeader, read_header
from conformance.exchange.metadata.hl7 import Xcn
from conformance.harness.judgement import Unmet
from conformance.harness.mssante import Sent

_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_MOST_PAGES: Final = 50
_SHORT: Final = 4
"""Letters under which a piece of narrative says nothing that could be missed (units, signs)."""


class Pages:
    """Words, and the document that they are about."""

    def __init__(self, document: bytes, words: str) -> None:
        clinical = read_document(document).clinical
        if clinical is None:
            raise Unmet(Text("Le document envoyé n’est pas un CDA.", "The document sent is no CDA."))
        self._clinical: etree._Element = clinical
        self._header: CdaHeader = read_header(clinical)
        self._pages = words
        self._letters = letters(self._pages)

    def say(self, words: str) -> bool:
        """Whether the pages hold these words, whatever their case, accents, spaces and signs."""
        return letters(words) in self._letters

    def missing_narrative(self) -> list[str]:
        """The pieces of the narrative of the sections, and their titles, that the pages do not hold."""
        texts = [text for section in self._clinical.iter(h("section")) for text in path("text").elements(section)]
        titles = [title for section in self._clinical.iter(h("section")) for title in path("title").elements(section)]
        pieces = [str(piece) for node in (*titles, *texts) for piece in node.itertext()]
        return [piece.strip() for piece in pieces if not self._tell(piece)]

    def _tell(self, piece: str) -> bool:
        """Whether the pages hold a piece, or each word of it where the end of a page parts it."""
        words = [word for word in piece.split() if len(letters(word)) >= _SHORT]
        return self.say(piece) or all(self.say(word) for word in words)

    def missing_header(self) -> list[Text]:
        """Which data of the header the pages do not give: title, type, date, author, custodian."""
        header = self._header
        author = Xcn.parse(header.authors[0].person) if header.authors else Xcn.parse("")
        keeper = path("custodian/assignedCustodian/representedCustodianOrganization/name").elements(self._clinical)
        given = (
            (Text("titre", "title"), self.say(header.title)),
            (Text("type", "type"), self.say(header.code.label)),
            (Text("date", "date"), self._give_the_date(header.effective_time)),
            (Text("auteur", "author"), self.say(author.family) and self.say(author.given)),
            (Text("conservateur", "custodian"), all(self.say(str(name.xpath("string()"))) for name in keeper)),
        )
        return [name for name, there in given if not there]

    def _give_the_date(self, time: str) -> bool:
        year, month, day = time[:4], time[4:6], time[6:8]
        written = {f"{day}/{month}/{year}", f"{year}-{month}-{day}", f"{day}-{month}-{year}", f"{day}.{month}.{year}"}
        if month.isdigit() and 1 <= int(month) <= len(_MONTHS):
            written.add(f"{int(day or 0)} {_MONTHS[int(month) - 1]} {year}")
        return any(one in self._pages for one in written)


class SentPages(Pages):
    """The PDF pages of a message, and the one document that they are about."""

    def __init__(self, sent: Sent) -> None:
        files = [file for archive in sent.archives for _, _, file in archive.documents() if file is not None]
        if len(files) != 1:
            said = f"{len(files)} document(s)"
            raise Unmet(Text(f"Le message porte {said} ; attendu : un.", f"The message carries {said}; expected: one."))
        super().__init__(files[0].data, " ".join(words_of_pdf(pdf.data, _MOST_PAGES) for pdf in sent.message.pdfs))
