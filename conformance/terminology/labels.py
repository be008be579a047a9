"""When are two labels the same: case, accents, spaces, apostrophes and hyphens do not count.

A label (displayName) is for people; it is typed, translated and re-typed. A difference that no reader would
call one must not be reported: the published examples themselves write « Médecin traitant » where the value
set has « Médecin Traitant ».
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´′", "'"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_LETTERS = {"œ": "oe", "æ": "ae"}
_HYPHEN_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_])\s*-\s*(?=[^\W\d_])")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=8192)
def label_key(label: str) -> str:
    """What is left of a label when all that does not count is taken away; equal keys mean the same label.

    A hyphen between two letters counts as a space (« compte-rendu », « compte rendu »); before or
    after anything else it stays, since « Rh - » is not « Rh » and 1-2 is not 12.
    """
    text = unicodedata.normalize("NFD", label.translate(_APOSTROPHES).translate(_DASHES).casefold())
    text = "".join(_LETTERS.get(letter, letter) for letter in text if not unicodedata.combining(letter))
    return _SPACES.sub("", _HYPHEN_BETWEEN_WORDS.sub("", text))


def same_label(one: str, other: str) -> bool:
    """Do the two labels differ only in case, accents, spaces, apostrophe or hyphen form?"""
    return one == other or label_key(one) == label_key(other)
