"""Masking of what a report must not show: INS, tokens, keys. One place, used by every view."""

from __future__ import annotations

import re

MASK = "•••"

_INS = re.compile(r"(?<!\d)([1-8]\d{2})\d{2}(?:2[AB]|\d{2})\d{6}(\d{2})?(?!\d)")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}")
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.S)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*")


def redact(text: str, names: tuple[str, ...] = ()) -> str:
    """``text`` with matricules INS, bearer tokens, private keys and the given ``names`` masked."""
    text = _KEY.sub(f"[{MASK} private key]", text)
    text = _BEARER.sub(rf"\1{MASK}", text)
    text = _JWT.sub(MASK, text)
    text = _INS.sub(rf"\1{MASK}", text)
    for name in names:
        if name:
            text = re.sub(re.escape(name), MASK, text, flags=re.I)
    return text
