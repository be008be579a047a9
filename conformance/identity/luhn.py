"""The Luhn key as French registers use it: SIREN, SIRET, RPPS, FINESS."""

from __future__ import annotations

from typing import Final

from stdnum import luhn

_CORSICA: Final = str.maketrans({"A": "1", "B": "2"})
"""In a FINESS number of Corsica the letter counts as a digit (2A0000014, 2B0000020)."""


def key_of(number: str) -> str:
    """The digit that completes ``number`` (digits; a FINESS number of Corsica may hold A or B)."""
    return luhn.calc_check_digit(number.translate(_CORSICA))


def agrees(number: str) -> bool:
    """Does the last digit of ``number`` complete the others?"""
    return key_of(number[:-1]) == number[-1]
