"""Words in disguise: what a message writes in base 64, in percent signs, in escapes of JSON or XML, in encoded words.

Masking must see through them: a name in base 64 is a name. Sources: RFC 2045 (quoted-printable, base 64), RFC 2047
(encoded words), RFC 3986 (percent), RFC 8259 (``\\u``), XML 1.0 (character references).
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from functools import lru_cache
from urllib.parse import unquote

_LONG_RUN = re.compile(r"[A-Za-z0-9+/]{56,}")
_BODY = re.compile(
    r"(?:[A-Za-z0-9+/]{56,}(?:\r?\n|\\r\\n|\\n)[ \t]*){2,}[A-Za-z0-9+/]*={0,2}|[A-Za-z0-9+/]{160,}={0,2}"
)
"""A file in base 64: nobody can read it as it stands, and everybody can decode it."""
_SOFT_BREAK = re.compile(r"=\r?\n")


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to write a sign: what it looks like, what may stand around it in a word, what the word then says."""

    sign: str
    """What no word of this form lacks: looked for first, since most texts have none."""
    escape: re.Pattern[str]
    beside: str
    """Signs of a word besides letters and digits."""
    rest: re.Pattern[str]
    decode: Callable[[str], str]

    @classmethod
    def of(cls, escape: str, beside: str, decode: Callable[[str], str]) -> _Form:
        sign = escape.removeprefix("\\")[0]
        return cls(sign, re.compile(escape), beside, re.compile(rf"(?:[^\W_]|[{re.escape(beside)}]|{escape})*"), decode)

    def sub(self, text: str, put: Callable[[str, str], str]) -> str:
        """Every word with such a sign replaced by what ``put`` makes of what it says and of itself."""
        parts: list[str] = []
        at = 0
        # Looking for the sign, then left and right of it, is much faster than for a word that holds it.
        for found in self.escape.finditer(text):
            start = found.start()
            if start < at:
                continue
            while start > at and (text[start - 1].isalnum() or text[start - 1] in self.beside):
                start -= 1
            rest = self.rest.match(text, found.end())
            end = rest.end() if rest else found.end()
            parts += [text[at:start], put(self.decode(text[start:end]), text[start:end])]
            at = end
        return "".join([*parts, text[at:]]) if parts else text


_ENCODED_WORD = r"=\?[\w.-]+\?[BbQq]\?[^?\s]*\?="
_ENCODED_WORDS = re.compile(rf"{_ENCODED_WORD}(?:\s+{_ENCODED_WORD})*")
_FORMS = (
    _Form.of("%[0-9A-Fa-f]{2}", ".~+-", unquote),
    _Form.of(r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}", "-'", lambda run: _escapes(run)),
    _Form.of(r"&#?\w{1,8};", "-'", html.unescape),
    _Form.of("=[0-9A-F]{2}", "-'", lambda run: quopri.decodestring(run.encode()).decode("utf-8", "replace")),
)

_LONG_WORD = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
"""What may be base 64; to leave out ordinary words here would make the search twice as long."""
_LONGEST_WORD = 160
_UNESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})")


def mask_encoded(text: str, mask: str, hides: Callable[[str], bool]) -> str:
    """``text`` without the files in base 64, and without what says, once decoded, something that ``hides`` tells."""

    def put(said: str, run: str) -> str:
        return mask if said and hides(said) else run

    if len(text) > _LONGEST_WORD and _LONG_RUN.search(text):
        text = _BODY.sub(mask, text)
    if "=" in text and "quoted-printable" in text.lower():
        text = _SOFT_BREAK.sub("", text)  # a break may stand in the middle of a name
    if "=?" in text:
        text = _ENCODED_WORDS.sub(lambda found: put(_header(found[0]), found[0]), text)
    for form in _FORMS:
        if form.sign in text:
            text = form.sub(text, put)
    if any((said := _base_64(word)) and hides(said) for word in set(_LONG_WORD.findall(text))):
        text = _LONG_WORD.sub(lambda found: put(_base_64(found[0]), found[0]), text)
    return text


@lru_cache(maxsize=65_536)
def _base_64(run: str) -> str:
    """What a word says if it is text in base 64; nothing when it is an ordinary word."""
    bare = run.rstrip("=")
    if len(run) > _LONGEST_WORD or len(bare) % 4 == 1 or run.islower() or run.isdigit():
        return ""
    try:
        said = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_" if {"-", "_"} & set(bare) else None)
        words = said.decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return words if words.isprintable() else ""


def _header(run: str) -> str:
    try:
        parts = decode_header(run)
        return "".join(
            part.decode(charset or "ascii", "replace") if isinstance(part, bytes) else part for part, charset in parts
        )
    except (HeaderParseError, LookupError, ValueError):
        return ""


def _escapes(run: str) -> str:
    return _UNESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), run)
