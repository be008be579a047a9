"""Masking of what a report must not show: INS, names, tokens, keys, certificates. One place, used by every view."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from conformance.core.encoded import mask_encoded

MASK = "•••"

# In one piece or in groups. No digit may stand before the first one: said after it, since a pattern that begins with a
# digit is found faster.
_INS = re.compile(r"([1-8])(?<!\d\d)( ?)(\d{2})\2\d{2}\2(?:2[AB]|\d{2})\2\d{3}\2\d{3}(?:\2\d{2})?(?!\d)")
_BEARER = re.compile(r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}")
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]*)-----.*?-----END \1-----", re.S)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*")
_CERTIFICATE_ELEMENT = re.compile(
    r"(<(?:[\w.-]+:)?(?:X509Certificate|BinarySecurityToken)\b[^>]*>)[^<]+(</(?:[\w.-]+:)?)"
)
_DER = re.compile(r"\bMII[A-Za-z0-9+/\s]{60,}={0,2}")
_SECRET_ELEMENTS = frozenset({"X509Certificate", "BinarySecurityToken"})
_SECRET_FIELD = re.compile(
    r"""(?ix) ( \b (?:access_?token|refresh_?token|client_?secret|password|mot_?de_?passe|api_?key) ["']?
        \s* [=:] \s* ["']? ) ([^"'&\s,}<]{3,})"""
)

# Words without which a pattern cannot match: looking for a word is much faster than for a pattern.
_SECRET_FIELD_WORDS = ("token", "secret", "password", "passe", "api_key", "apikey")

# Where names of people stand in what the kit exchanges: CDA and HL7 names, the JSON of the contract,
# segments PID and PV1 of the ebRIM slot sourcePatientInfo.
_NAME_ELEMENT = re.compile(r"<(?:[\w.-]+:)?(?:family|given)\b[^>/]*>([^<]+)<")
_NAME_FIELD = re.compile(
    r'(?i)"(?:family|given|(?:\w+_)?(?:family|given|first|last|birth|used|usual)(?:_given)?_?(?:sur)?names?'
    r'|nom(?:s|_\w+)?|prenoms?(?:_\w+)?)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|\[([^\]]*)\])'
)
_NAME_SEGMENT = re.compile(r"PID-5\|([^<|]+)")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*")

_SHORTEST_NAME = 3
"""Shorter words are not masked: « de », « Le » would make every sentence unreadable and name nobody."""
_LONG_WORD = re.compile(rf"([^\W\d_](?:[^\W\d_]|[\u0300-\u036f]){{{_SHORTEST_NAME - 1},}})")

_MOST_KNOWN = 40_000_000
"""Characters of all texts whose masked form is remembered: several views show the same messages."""

_MOST_WORDS = 500_000
"""Words remembered: the letters of base 64 make new ones without end."""

_NOT_NAMES = frozenset(
    [
        "test",
        "tests",
        "patient",
        "patiente",
        "patients",
        "document",
        "documents",
        "ins",
        "cda",
        "vsm",
        "dmp",
        "des",
        "les",
        "une",
        "pour",
        "dans",
        "sans",
        "avec",
        "par",
        "sur",
        "est",
        "qui",
        "que",
        "the",
        "and",
        "for",
        "with",
        "not",
        "docteur",
        "medecin",
        "madame",
        "monsieur",
        "unknown",
        "dit",
        "temoin",
    ]
)
"""Words of the reports themselves, which test identities like to borrow as names."""


class Redactor:
    """Masks secrets, INS and the given ``words`` (names of people) wherever they stand as whole words.

    Case and accents do not matter: « Élodie » also masks « ELODIE ». With ``clear`` nothing is masked.
    """

    def __init__(self, words: Iterable[str] = (), *, clear: bool = False) -> None:
        self.clear = clear
        parts = {_plain(part) for word in words for part in _WORD.findall(html.unescape(word))}
        self.words = frozenset(part for part in parts if len(part) >= _SHORTEST_NAME) - _NOT_NAMES
        # A report says the same short things thousands of times, and each view the same long ones.
        self._known: dict[str, str] = {}
        self._held = 0
        self._shown = _Shown(self.words)

    def text(self, text: str) -> str:
        """``text`` with all that must not be shown replaced by ``MASK``."""
        if self.clear:
            return text
        known = self._known.get(text)
        if known is None:
            known = self._masked(text)
            if self._held + len(text) <= _MOST_KNOWN:
                self._known[text] = text if known == text else known  # one copy where nothing was masked
                self._held += len(text)
        return known

    def _masked(self, text: str) -> str:
        lower = text.lower()
        if "-----begin" in lower:
            text = _PEM.sub(rf"[{MASK} \1]", text)
        if any(name in text for name in _SECRET_ELEMENTS):
            text = _CERTIFICATE_ELEMENT.sub(rf"\1{MASK}\2", text)
        if "MII" in text:
            text = _DER.sub(MASK, text)
        if "bearer" in lower or "basic" in lower:
            text = _BEARER.sub(rf"\1{MASK}", text)
        if any(word in lower for word in _SECRET_FIELD_WORDS):
            text = _SECRET_FIELD.sub(rf"\1{MASK}", text)
        if "eyJ" in text:
            text = _JWT.sub(MASK, text)
        return self._plainly(mask_encoded(text, MASK, self._hides))

    def _hides(self, text: str) -> bool:
        """True when a text that was decoded says what must not be shown."""
        return self._plainly(text) != text

    def _plainly(self, text: str) -> str:
        """``text``, taken as it stands, without INS nor names."""
        text = _INS.sub(rf"\1\2\3\2{MASK}", text)
        if not self.words:
            return text
        parts = _LONG_WORD.split(text)  # what stands between words and the words, in turn
        parts[1::2] = map(self._shown.__getitem__, parts[1::2])
        return "".join(parts)

    def value(self, name: str, value: str) -> str:
        """The value of a named element or field, masked whole when the name says that it is a secret."""
        if not self.is_secret(name):
            return self.text(value)
        return MASK if value else value

    def is_secret(self, name: str) -> bool:
        """True when nothing of a named element or field may be shown, nor opened."""
        return not self.clear and name in _SECRET_ELEMENTS

    def tree(self, value: Any, keep: frozenset[str] = frozenset()) -> Any:
        """A JSON value with every string in it masked, except under the keys ``keep``."""
        text, tree = self.text, self.tree
        if isinstance(value, str):
            return text(value)
        if isinstance(value, dict):
            return {
                key: text(inner)
                if isinstance(inner, str) and key not in keep
                else tree(inner, keep)
                if isinstance(inner, dict | list) and key not in keep
                else inner
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [tree(inner, keep) for inner in value]
        return value


class _Shown(dict[str, str]):
    """Word → what is shown of it: itself or the mask. Found once: messages repeat their words."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, word: str) -> str:
        # Most of what travels has no accent: base 64, XML, JSON.
        plain = word.lower() if word.isascii() else _plain(word)
        shown = MASK if plain in self._names else word
        if len(self) < _MOST_WORDS:
            self[word] = shown
        return shown


@lru_cache(maxsize=65_536)
def _plain(word: str) -> str:
    """``word`` without case nor accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)).casefold()


def _unescaped(name: str) -> str:
    """A string of JSON as it reads: ``Zo\\u00e9`` is Zoé."""
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return name


def redact(text: str, names: tuple[str, ...] = ()) -> str:
    """``text`` with matricules INS, tokens, keys, certificates and the given ``names`` masked."""
    return Redactor(names).text(text)


def names_in(text: str) -> set[str]:
    """The names of people that stand in a message or a document (XML, JSON, HL7 segments)."""
    found = {html.unescape(name).strip() for name in _NAME_ELEMENT.findall(text)}
    for one, several in _NAME_FIELD.findall(text):
        found.update(map(_unescaped, re.findall(r'"((?:[^"\\]|\\.)*)"', several) if several else [one]))
    for segment in _NAME_SEGMENT.findall(text):
        found.update(html.unescape(part).strip() for part in segment.split("^")[:3])
    return {name for name in found if name}
