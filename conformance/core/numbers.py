"""Whole numbers written by others."""

from __future__ import annotations

from typing import Final

MOST_DIGITS: Final = 18
"""No size, version or count has more; Python itself refuses to read numbers of some thousand digits."""


def whole_number(text: str) -> int | None:
    """The number that ``text`` writes in plain digits; ``None`` when it writes none, or a monstrous one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
