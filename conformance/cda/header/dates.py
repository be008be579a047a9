"""Dates and intervals of the header: they exist, and begin before they end.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.7.1; HL7 data types (DTr1_TS, DTr1_IVL_TS).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from lxml import etree

from conformance.cda.header.kinds import each, found, named
from conformance.cda.namespaces import h
from conformance.cda.rules import Constraint, Violation
from conformance.core.language import Text

_STAMP: Final = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d+)?)?)?)?)?)?(?:([+-])(\d{1,4}))?"
)


def instant(value: str) -> datetime | None:
    """The moment that a time stamp (``ts``) names, missing parts at their lowest, UTC when it has no offset.

    ``None`` when it is not a real date: month 13, 30 February, hour 25, offset beyond 14 hours.
    """
    match = _STAMP.fullmatch(value)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups()[:6])
    sign, offset = match.group(8), (match.group(9) or "").ljust(4, "0")
    shift = timedelta(hours=int(offset[:2]), minutes=int(offset[2:]))
    if shift > timedelta(hours=14) or int(offset[2:]) > 59:
        return None
    zone = UTC if not sign else timezone(-shift if sign == "-" else shift)
    try:
        if hour == 24 and not (minute or second):
            return datetime(year, month or 1, day or 1, tzinfo=zone) + timedelta(days=1)
        return datetime(year, month or 1 if match.group(2) is None else month,
                        day or 1 if match.group(3) is None else day, hour, minute, second, tzinfo=zone)  # fmt: skip
    except (ValueError, OverflowError):
        return None


def _date(element: etree._Element) -> Text | Violation | None:
    value = element.get("value")
    if value is None or instant(value) is not None:
        return None
    where, said = named(element), found(value)
    return Violation(element, Text(f"{where} : {said.fr}", f"{where}: {said.en}"), "value")


def _break_date(element: etree._Element) -> bool:
    if element.get("value") is None:
        return False
    element.set("value", "20251345120000+0100")
    return True


def _dated(element: etree._Element) -> Text | None:
    if "value" in element.attrib:
        return None
    return Text("il manque value", "value is missing")


def _dated_or_null(element: etree._Element) -> Text | None:
    return None if "nullFlavor" in element.attrib else _dated(element)


def _break_dated(element: etree._Element) -> bool:
    if element.get("value") is None:
        return False
    del element.attrib["value"]
    return True


def _bounds(element: etree._Element) -> tuple[str | None, str | None]:
    low, high = element.find(h("low")), element.find(h("high"))
    return (None if low is None else low.get("value"), None if high is None else high.get("value"))


def _interval(element: etree._Element) -> Text | None:
    children = len(list(element.iterchildren("*")))
    if "value" in element.attrib:
        return Text("value à côté de low ou high", "value beside low or high") if children else None
    if children or "nullFlavor" in element.attrib:
        return None
    return Text("ni value, ni low, ni high, ni nullFlavor", "neither value, low, high nor nullFlavor")


def _break_interval(element: etree._Element) -> bool:
    if element.find(h("low")) is None:
        return False
    element.set("value", "2024")
    return True


def _ordered(element: etree._Element) -> Text | None:
    low, high = _bounds(element)
    if low is None or high is None:
        return None
    if low == high:
        return Text(f"low et high valent tous deux {low}", f"low and high are both {low}")
    first, last = instant(low), instant(high)
    if first is not None and last is not None and first > last:
        return Text(f"low {low}, high {high}", f"low {low}, high {high}")
    return None


def _break_order(element: etree._Element) -> bool:
    low, high = element.find(h("low")), element.find(h("high"))
    if low is None or high is None:
        return False
    low.set("value", str(high.get("value")))
    return True


_OFFSET: Final = re.compile(r"[^+-]*([+-]\d{4})?")


def _bounds_offset(element: etree._Element) -> Text | Violation | None:
    for bound in element.iterchildren(h("low"), h("center"), h("high")):
        value = bound.get("value", "")
        if instant(value) is not None and not _OFFSET.fullmatch(value):
            return Violation(bound, found(value), "value")
    return None


def _break_offset(element: etree._Element) -> bool:
    low = element.find(h("low"))
    if low is None or low.get("value") is None:
        return False
    low.set("value", "20240601080000+02")
    return True


def _of_a_participant(element: etree._Element) -> bool:
    """A period of which no other rule asks for one form (for counterexamples)."""
    parent = element.getparent()
    return parent is not None and parent.tag == h("encounterParticipant")


_LENGTHS: Final = frozenset({"us", "ms", "s", "min", "h", "d", "wk", "mo", "a"})


def _width(element: etree._Element) -> Text | Violation | None:
    for width in element.iterchildren(h("width")):
        unit = width.get("unit")
        if unit is None or (unit in _LENGTHS and width.get("value") is not None):
            continue
        if unit in _LENGTHS:
            return Violation(width, Text("une unité sans value", "a unit without value"))
        return Violation(width, found(unit), "unit")
    return None


def _break_width(element: etree._Element) -> bool:
    high = element.find(h("high"))
    if high is None or not _of_a_participant(element):
        return False
    element.replace(high, etree.Element(h("width"), value="3", unit="kg"))
    return True


def _center(element: etree._Element) -> Text | None:
    if element.find(h("center")) is None or len(list(element.iterchildren("*"))) == 1:
        return None
    return Text("il y a aussi une durée ou une borne", "there is also a width or a bound")


def _break_center(element: etree._Element) -> bool:
    if not _of_a_participant(element):
        return False
    for child in list(element):
        element.remove(child)
    etree.SubElement(element, h("center"), value="20240601")
    etree.SubElement(element, h("width"), value="3", unit="d")
    return True


def _infinite(element: etree._Element) -> Text | Violation | None:
    for name, wrong in (("low", "PINF"), ("high", "NINF")):
        for bound in element.iterchildren(h(name)):
            if bound.get("nullFlavor") == wrong:
                return Violation(bound, found(wrong), "nullFlavor")
    return None


def _break_infinite(element: etree._Element) -> bool:
    high = element.find(h("high"))
    if high is None or high.get("value") is None or element.tag == h("time"):
        return False
    del high.attrib["value"]
    high.set("nullFlavor", "NINF")
    return True


_ANY_DATE: Final = "TS TS! IVL_TS DATE"
DATES: Final[tuple[Constraint, ...]] = (
    each(
        "date",
        _ANY_DATE,
        Text(
            "la date doit exister et s'écrire AAAAMMJJhhmmss±ZZzz (ou moins)",
            "the date must exist and be written YYYYMMDDhhmmss±ZZzz (or less)",
        ),
        _date,
        _break_date,
        official="DTr1_TS; §3.5.7.1",
    ),
    each(
        "date-value",
        "TS!",
        Text("la date doit être donnée (attribut value)", "the date must be given (attribute value)"),
        _dated,
        _break_dated,
        official="StrucMin; DTr1_TS",
    ),
    each(
        "date-value-or-null",
        "TS INT",
        Text(
            "la valeur doit être donnée (attribut value), ou un nullFlavor",
            "the value must be given (attribute value), or a nullFlavor",
        ),
        _dated_or_null,
        _break_dated,
        official="DTr1_TS; DTr1_INT",
    ),
    each(
        "interval",
        "IVL_TS",
        Text(
            "un intervalle doit avoir une value seule, ou des bornes low et high, ou un nullFlavor",
            "an interval must have a value alone, or bounds low and high, or a nullFlavor",
        ),
        _interval,
        _break_interval,
        official="DTr1_IVL_TS",
    ),
    each(
        "interval-order",
        "IVL_TS",
        Text("la borne low doit précéder la borne high", "the bound low must come before the bound high"),
        _ordered,
        _break_order,
        official="DTr1_IVL_TS",
    ),
    each(
        "interval-offset",
        "IVL_TS",
        Text(
            "le décalage horaire d'une borne doit s'écrire avec quatre chiffres (±ZZzz)",
            "the offset of a bound must be written with four digits (±ZZzz)",
        ),
        _bounds_offset,
        _break_offset,
        official="DTr1_IVL_TS",
    ),
    each(
        "interval-width",
        "IVL_TS",
        Text(
            "une durée (width) doit avoir une valeur et une unité de temps (us, ms, s, min, h, d, wk, mo, a)",
            "a width must have a value and a unit of time (us, ms, s, min, h, d, wk, mo, a)",
        ),
        _width,
        _break_width,
        official="DTr1_IVL_TS",
    ),
    each(
        "interval-center",
        "IVL_TS",
        Text("un milieu (center) doit figurer seul", "a center must stand alone"),
        _center,
        _break_center,
        official="DTr1_IVL_TS",
    ),
    each(
        "interval-infinite",
        "IVL_TS",
        Text(
            "la borne low ne peut être l'infini (PINF), ni la borne high moins l'infini (NINF)",
            "the bound low cannot be infinity (PINF), nor the bound high minus infinity (NINF)",
        ),
        _infinite,
        _break_infinite,
        official="DTr1_IVL_TS",
    ),
)
