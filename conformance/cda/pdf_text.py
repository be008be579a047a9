"""The words of an embedded PDF, and whether they name the patient of the header.

No official rule opens the file; a PDF of another patient under the right header is a danger. A PDF that holds
no words (a scan) says nothing, and nothing is said of it.
"""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.embedded import decoded
from conformance.cda.namespaces import h
from conformance.cda.rules import Context, Violation
from conformance.core.language import Text

_LARGEST: Final = 10 * 1024 * 1024
"""Bytes: a larger PDF is not opened."""
_PAGES: Final = 3
"""The traits stand on the first page; three are enough for a cover page."""
_WORDS: Final = 20
"""Letters under which a PDF is taken for a scan."""

BIRTH_NAME: Final = f"{h('recordTarget')}/{h('patientRole')}/{h('patient')}/{h('name')}/{h('family')}[@qualifier='BR']"


def words_of_pdf(content: bytes, most: int = _PAGES) -> str:
    """The text of the first pages, ``most`` of them; empty for a scan, an encrypted or a damaged file."""
    if len(content) > _LARGEST:
        return ""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        pages = PdfReader(io.BytesIO(content)).pages
        return " ".join(pages[number].extract_text() or "" for number in range(min(most, len(pages))))
    except Exception:  # a damaged PDF breaks the library in many ways; what cannot be read holds no words
        return ""


def letters(words: str) -> str:
    """Capital letters without accents, nothing else: « Le Goff-Prigent » is LEGOFFPRIGENT."""
    plain = unicodedata.normalize("NFD", words.upper())
    return re.sub(r"[^A-Z]", "", plain)


def names_somebody_else(document: etree._Element, context: Context) -> Iterator[Violation]:
    """A PDF in the body whose words do not hold the birth name of the header."""
    name = document.find(BIRTH_NAME)
    wanted = letters(name.text or "") if name is not None else ""
    for file in document.iterfind(f"{h('component')}/{h('nonXMLBody')}/{h('text')}"):
        if not wanted or file.get("mediaType") != "application/pdf":
            continue
        content = decoded(file)
        found = letters(words_of_pdf(content)) if content is not None else ""
        if len(found) >= _WORDS and wanted not in found:
            yield Violation(file, Text("il n'y figure pas", "it does not occur there"))
