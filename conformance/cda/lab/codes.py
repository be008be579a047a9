"""What the interpretation codes say: within limits or not, in which direction, critical, or something else.

The families of the published value set JDV_HL7_ObservationInterpretation_CISIS (39 codes, system
2.16.840.1.113883.5.83). Source: HL7 ObservationInterpretation; reference « CR-BIO », §3.4.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from conformance.cda.lab.model import Code
from conformance.terminology.value_sets import Concept, value_set

SYSTEM: Final = "2.16.840.1.113883.5.83"
VALUE_SET: Final = "2.16.840.1.113883.1.11.78"
READ_AS_PUBLISHED: Final = frozenset({SYSTEM, None, VALUE_SET, "2.16.840.1.113883.12.78"})
"""Systems whose codes are read as published ones: the published system; none; the value set in its place; HL7 table
0078, which it comes from. A wrong or forgotten system must not silence an alert: the oracle says what it took."""


class Family(StrEnum):
    """What a code speaks of. Only the first two compare a result with limits."""

    REFERENCE = "reference"
    THRESHOLD = "threshold"
    OFF_SCALE = "off_scale"
    CHANGE = "change"
    SUSCEPTIBILITY = "susceptibility"
    DETECTION = "detection"
    EXPECTATION = "expectation"
    OTHER = "other"
    UNKNOWN = "unknown"
    """Not in the value set, or in another code system."""


class Position(StrEnum):
    """Where a result stands with regard to its limits."""

    BELOW = "below"
    INSIDE = "inside"
    ABOVE = "above"
    OUTSIDE = "outside"
    """Outside, on a side that is not said."""


FAMILIES: Final[dict[Family, tuple[str, ...]]] = {
    Family.REFERENCE: ("N", "A", "AA", "L", "LL", "LU", "H", "HH", "HU"),
    Family.THRESHOLD: ("EX", "HX", "LX"),
    Family.OFF_SCALE: ("<", ">"),
    Family.CHANGE: ("U", "D", "B", "W"),
    Family.SUSCEPTIBILITY: ("S", "SDD", "I", "R", "NS", "SYN-S", "SYN-R"),
    Family.DETECTION: ("POS", "NEG", "DET", "ND", "IND", "E", "RR", "WR", "NR"),
    Family.EXPECTATION: ("EXP", "UNE"),
    Family.OTHER: ("CAR", "IE", "NCL"),
}

POSITIONS: Final[dict[str, Position]] = {
    "N": Position.INSIDE,
    "A": Position.OUTSIDE, "AA": Position.OUTSIDE, "EX": Position.OUTSIDE,
    "L": Position.BELOW, "LL": Position.BELOW, "LU": Position.BELOW, "LX": Position.BELOW,
    "H": Position.ABOVE, "HH": Position.ABOVE, "HU": Position.ABOVE, "HX": Position.ABOVE,
}  # fmt: skip
"""Where the codes that compare put the result."""

CRITICAL: Final = frozenset({"AA", "HH", "LL"})
"""The codes that demand an immediate warning (BIO/va1.01)."""

ABNORMAL: Final = frozenset(POSITIONS) - {"N"}
"""The codes that say out of limits."""

WORTH_SEEING: Final = frozenset(
    {"U", "D", "B", "W", "R", "NS", "SYN-R", "POS", "DET", "RR", "WR", "E", "IND", "UNE", "CAR"}
)
"""Codes that say something else than N, and not that a limit is passed: whether they flag is left open."""

_FAMILY_OF: Final = {code: family for family, codes in FAMILIES.items() for code in codes}


def family(code: Code) -> Family:
    """The family of an interpretation code."""
    if code.system not in READ_AS_PUBLISHED or code.code is None:
        return Family.UNKNOWN
    return _FAMILY_OF.get(code.code, Family.UNKNOWN)


def understood(code: Code) -> Code:
    """The code itself, or the first of its translations that is a published one when it is not."""
    if family(code) is not Family.UNKNOWN:
        return code
    return next((one for one in code.translations if family(one) is not Family.UNKNOWN), code)


def published(code: Code) -> Concept | None:
    """The line of the value set, or ``None``."""
    return value_set(VALUE_SET).concepts.get((code.code or "", SYSTEM)) if family(code) is not Family.UNKNOWN else None


def said(code: Code) -> str:
    """The code and its published label: « HH (Très anormalement haut, alerte) »."""
    concept = published(code)
    label = concept.label if concept is not None else code.label
    return f"{code.code} ({label})" if label else str(code.code)
