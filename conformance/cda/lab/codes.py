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

_FAMILY_OF: Final = {code: family for family, codes in FAMILIES.items() for code in codes}


def family(code: Code) -> Family:
    """The family of an interpretation code; without code system it is read as one of the published system.

    A forgotten system must not silence an alert: the oracle says what it took for granted.
    """
    if code.system not in (SYSTEM, None) or code.code is None:
        return Family.UNKNOWN
    return _FAMILY_OF.get(code.code, Family.UNKNOWN)


def published(code: Code) -> Concept | None:
    """The line of the value set, or ``None``."""
    return value_set(VALUE_SET).concepts.get((code.code or "", code.system or SYSTEM))


def said(code: Code) -> str:
    """The code and its published label: « HH (Très anormalement haut, alerte) »."""
    concept = published(code)
    label = concept.label if concept is not None else code.label
    return f"{code.code} ({label})" if label else str(code.code)
