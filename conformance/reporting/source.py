"""The evidence as text: decoding for display, and the lines around the place of a finding."""

from __future__ import annotations

import re

from conformance.core.redaction import Redactor
from conformance.reporting.model import ExcerptLine

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_TEXT_TYPES = re.compile(r"(?i)^(?:text/|message/|multipart/|application/(?:.*\+)?(?:xml|json|yaml|x-ndjson)$)")

_AROUND = 2
"""Lines shown before and after the place."""
_BEFORE, _MARKED, _AFTER = 90, 160, 110
"""Characters of a long line shown before, in and after the mark."""

# Private-use characters: no document may carry them in a meaning of its own.
_OPEN, _CLOSE = "\ue000", "\ue001"


def is_text(media_type: str) -> bool:
    """True for the media types that a person can read as text."""
    return bool(_TEXT_TYPES.match(media_type.split(";")[0].strip()))


def decode(data: bytes) -> str:
    """The octets as text for display: by BOM, XML declaration, UTF-8, and Latin-1 when all else fails."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    declared = _DECLARED.match(data[:200])
    for encoding in (declared[1].decode("ascii") if declared else "utf-8", "utf-8"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def lines_of(data: bytes) -> list[str]:
    """The lines of a document as XML parsers count them."""
    return decode(data).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def excerpt(lines: list[str], line: int | None, column: int | None, redactor: Redactor) -> list[ExcerptLine]:
    """The lines around ``line``/``column`` (from 1), masked, with what the finding points at marked.

    Empty when the place is unknown or lies outside the document.
    """
    if line is None or not 1 <= line <= len(lines):
        return []
    shown: list[ExcerptLine] = []
    for number in range(max(1, line - _AROUND), min(len(lines), line + _AROUND) + 1):
        words = lines[number - 1]
        if number != line:
            shown.append({"number": number, "before": _cut_end(redactor.text(words)), "marked": "", "after": ""})
            continue
        start, end = _mark(words, column)
        # Masked as a whole before it is cut: half a name or half a matricule would not be recognised.
        masked = redactor.text(f"{words[:start]}{_OPEN}{words[start:end]}{_CLOSE}{words[end:]}")
        before, _, rest = masked.partition(_OPEN)
        marked, _, after = rest.partition(_CLOSE)
        if len(before) > _BEFORE:
            before = "…" + before[-_BEFORE:]
        shown.append({"number": number, "before": before, "marked": _cut_end(marked, _MARKED), "after": ""})
        shown[-1]["after"] = _cut_end(after, _AFTER)
    return shown


def _mark(words: str, column: int | None) -> tuple[int, int]:
    """From where to where the finding points: a whole tag, or a whole run of text between two tags."""
    indented = len(words) - len(words.lstrip())
    if column is None or not 1 <= column <= len(words):
        return indented, len(words.rstrip())
    start = column - 1
    opening, closing = words.rfind("<", 0, start + 1), words.rfind(">", 0, start)
    if opening > closing:  # inside a tag
        end = words.find(">", start)
        return opening, len(words) if end < 0 else end + 1
    end = words.find("<", start)
    return max(closing + 1, indented if closing < 0 else 0), len(words) if end < 0 else end


def _cut_end(words: str, limit: int = _BEFORE + _MARKED) -> str:
    return words if len(words) <= limit else words[:limit] + "…"
