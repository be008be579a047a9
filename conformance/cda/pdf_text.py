"""The words of an embedded PDF, and how they are compared."""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from functools import lru_cache
from typing import Final

_LARGEST: Final = 10 * 1024 * 1024
"""Bytes: a larger PDF is not opened."""
_PAGES: Final = 3
"""The traits stand on the first page; three are enough for a cover page."""
_WORDS: Final = 20
"""Letters under which a PDF is taken for a scan."""


@lru_cache(maxsize=4)  # several rules ask for those of one file
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


def is_scan(words: str) -> bool:
    """Whether so few letters come out of a PDF that nothing can be said of it."""
    return len(letters(words)) < _WORDS
