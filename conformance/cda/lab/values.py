"""Reads values, codes, ranges and the words that they refer to. Decimals are exact; nothing is guessed.

Source: HL7 data types R1 (PQ, IVL_PQ, RTO, CD, ED); reference « CR-BIO », §3.2 and §3.3; CDA R2 extension of IHE
PaLM (``lab:precondition``: M, F, I) and SDTC (``sdtc:precondition1``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Final

from lxml import etree

from conformance.cda.constraints import type_of
from conformance.cda.lab.model import (
    Bound,
    Code,
    Criterion,
    CriterionKind,
    Interval,
    Quantity,
    ReferenceRange,
    Value,
    ValueKind,
)
from conformance.cda.namespaces import h

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_SEX_SYSTEM: Final = "2.16.840.1.113883.5.1"
_LINES: Final = (h("tr"), h("item"), h("paragraph"))
_UNBOUNDED: Final = ("NINF", "PINF")
_NUMBERS: Final = ("PQ", "PPD_PQ", "REAL", "PPD_REAL", "INT")
_AGE_CODES: Final = frozenset(("30525-0", "21612-7", "29553-5", "63900-5", "397669002", "424144002"))
"""LOINC and SNOMED CT: the age of the patient, in years or as told."""
_AGE_WORDS: Final = re.compile(r"\b[aâ]ge\b")
_PREGNANCY: Final = re.compile(r"gesta|grossesse|pregnan|am[ée]norrh")
_SEX_WORDS: Final = {
    "femme": "F", "femmes": "F", "féminin": "F", "f": "F", "female": "F", "women": "F",
    "homme": "M", "hommes": "M", "masculin": "M", "m": "M", "male": "M", "men": "M",
}  # fmt: skip
_SEX_CODES: Final = frozenset(("46098-0", "72143-1", "21840-4", "263495000", "429019009"))


class Narrative:
    """The words of the document by the ``ID`` that entries refer to."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root

    @cached_property
    def _by_id(self) -> dict[str, etree._Element]:
        found: dict[str, etree._Element] = {}
        for element in self._root.iter("*"):
            name = element.get("ID")
            if name is not None:
                found.setdefault(name, element)
        return found

    def words(self, element: etree._Element | None) -> str:
        """The words of an ``ED``: its own text, or those that its ``reference`` points to (``#`` or not)."""
        if element is None:
            return ""
        reference = element.find(h("reference"))
        if reference is not None:
            target = self._by_id.get((reference.get("value") or "").removeprefix("#"))
            if target is not None:
                return _flat(target)
        return _flat(element)

    def line(self, code: etree._Element | None) -> str:
        """The line of a table (or the item, the paragraph) that holds the words of ``code``; empty when none does."""
        reference = code.find(f"{h('originalText')}/{h('reference')}") if code is not None else None
        target = self._by_id.get((reference.get("value") or "").removeprefix("#")) if reference is not None else None
        if target is None:
            return ""
        for node in (target, *target.iterancestors()):
            if node.tag in _LINES:
                return (
                    " | ".join(_flat(cell) for cell in node.iterchildren("*")) if node.tag == h("tr") else _flat(node)
                )
        return ""


def _flat(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def decimal(written: str | None) -> Decimal | None:
    """The number as written, exactly; ``None`` for what is no decimal number (``6,8``, ``abc``, empty)."""
    if written is None or not _NUMBER.fullmatch(written.strip()):
        return None
    return Decimal(written.strip())


def read_code(element: etree._Element | None, narrative: Narrative) -> Code:
    """A coded element; one that is absent gives an empty code."""
    if element is None:
        return Code(None)
    code = element.get("code")
    return Code(
        code=code.strip() if code is not None else None,
        system=element.get("codeSystem"),
        label=element.get("displayName"),
        words=narrative.words(element.find(h("originalText"))),
        null_flavor=element.get("nullFlavor"),
        translations=tuple(read_code(one, narrative) for one in element.iterchildren(h("translation"))),
    )


def read_quantity(element: etree._Element) -> Quantity:
    """A PQ, a REAL or an INT; the unit of a translation (PQR) stands in ``@code``, or in words when it has none."""
    written = element.get("value")
    translations = tuple(
        Quantity(one.get("value"), decimal(one.get("value")), _unit_of_translation(one))
        for one in element.iterchildren(h("translation"))
    )
    return Quantity(written, decimal(written), element.get("unit"), translations, element.get("nullFlavor"))


def _unit_of_translation(one: etree._Element) -> str | None:
    words = one.find(h("originalText"))
    return one.get("code") or one.get("unit") or one.get("displayName") or (_flat(words) if words is not None else None)


def _bound(element: etree._Element | None) -> Bound | None:
    if element is None:
        return None
    unbounded = element.get("nullFlavor") in _UNBOUNDED
    return Bound(read_quantity(element), element.get("inclusive", "true") not in ("false", "0"), unbounded)


def read_interval(element: etree._Element) -> Interval:
    """An interval by its bounds, or by its centre and width."""
    low, high = _bound(element.find(h("low"))), _bound(element.find(h("high")))
    if low is None and high is None:
        low, high = _around_centre(element)
    elif (low is None) != (high is None):
        low, high = _with_width(element, low, high)
    return Interval(low, high)


def _shifted(start: Quantity, by: Decimal) -> Quantity:
    assert start.number is not None
    number = start.number + by
    return Quantity(format(number, "f"), number, start.unit)


def _around_centre(element: etree._Element) -> tuple[Bound | None, Bound | None]:
    centre, width = element.find(h("center")), element.find(h("width"))
    if centre is None:
        own = read_quantity(element)
        return (Bound(own), Bound(own)) if own.number is not None else (None, None)
    middle = read_quantity(centre)
    span = read_quantity(width).number if width is not None else Decimal(0)
    if middle.number is None or span is None:
        return None, None
    half = span / 2
    return Bound(_shifted(middle, -half)), Bound(_shifted(middle, half))


def _with_width(element: etree._Element, low: Bound | None, high: Bound | None) -> tuple[Bound | None, Bound | None]:
    width = element.find(h("width"))
    span = read_quantity(width).number if width is not None else None
    if span is None:
        return low, high
    if low is not None and low.quantity.number is not None:
        return low, Bound(_shifted(low.quantity, span))
    if high is not None and high.quantity.number is not None:
        return Bound(_shifted(high.quantity, -span)), high
    return low, high


def written_interval(interval: Interval) -> str:
    """An interval as a reader writes it: ``<0.032``, ``>=0.512``, ``[3.5 ; 5.1]``."""
    low, high = _written(interval.low), _written(interval.high)
    if low and high:
        assert interval.low is not None
        assert interval.high is not None
        opening = "[" if interval.low.inclusive else "]"
        closing = "]" if interval.high.inclusive else "["
        return f"{opening}{low} ; {high}{closing}"
    if high:
        return ("<=" if interval.high and interval.high.inclusive else "<") + high
    if low:
        return (">=" if interval.low and interval.low.inclusive else ">") + low
    return ""


def _written(bound: Bound | None) -> str:
    return "" if bound is None or bound.unbounded else bound.quantity.written or ""


def _guessed(element: etree._Element) -> str:
    """The type of a value that forgot to say it, by what it holds: the schema refuses it, a reader need not."""
    if element.find(h("low")) is not None or element.find(h("high")) is not None:
        return "IVL_PQ"
    if element.get("value") is not None:
        return "PQ"
    return "CD" if element.get("code") is not None else ""


def read_value(element: etree._Element, narrative: Narrative) -> Value:
    """A value by its ``xsi:type`` (its prefix does not count)."""
    null_flavor = element.get("nullFlavor")
    kind = type_of(element) or _guessed(element)
    if null_flavor is not None:
        return _without_value(element, kind, null_flavor, narrative)
    if kind in _NUMBERS:
        quantity = read_quantity(element)
        named = ValueKind.NUMBER if kind in ("REAL", "INT") else ValueKind.QUANTITY
        return Value(named, quantity.written or "", quantity=quantity)
    if kind in ("IVL_PQ", "IVL_REAL", "IVL_INT"):
        interval = read_interval(element)
        return Value(ValueKind.INTERVAL, written_interval(interval), interval=interval)
    if kind.startswith("RTO"):
        return _titre(element)
    if kind in ("CD", "CE", "CO", "CV", "CS"):
        code = read_code(element, narrative)
        return Value(ValueKind.CODE, code.name, code=code)
    if kind in ("ED", "ST"):
        return Value(ValueKind.TEXT, narrative.words(element))
    return Value(ValueKind.OTHER, _other(element))


def _without_value(element: etree._Element, kind: str, null_flavor: str, narrative: Narrative) -> Value:
    """A nullFlavor in the place of a value.

    A unit that the code system does not have makes the PQ an OTH, whose translation gives the number: that is a value.
    """
    quantity = read_quantity(element) if kind in _NUMBERS else None
    given = next((one for one in quantity.translations if one.number is not None), None) if quantity else None
    if quantity is None or given is None:
        return Value(ValueKind.NULL, "", code=read_code(element, narrative), null_flavor=null_flavor)
    others = tuple(one for one in quantity.translations if one is not given)
    read = Quantity(given.written, given.number, given.unit, others)
    return Value(ValueKind.QUANTITY, given.written or "", quantity=read, null_flavor=null_flavor)


def _other(element: etree._Element) -> str:
    """A value of another type: its attribute, its ends (a period), or its words."""
    ends = [end.get("value") for name in ("low", "high") if (end := element.find(h(name))) is not None]
    return element.get("value") or " – ".join(end for end in ends if end) or _flat(element)


def _titre(element: etree._Element) -> Value:
    parts = [element.find(h(name)) for name in ("numerator", "denominator")]
    quantities = [read_quantity(part) if part is not None else Quantity(None, None, None) for part in parts]
    written = "/".join(quantity.written for quantity in quantities if quantity.written)
    return Value(ValueKind.TITRE, written, ratio=(quantities[0], quantities[1]))


_IN_WORDS: Final = re.compile(
    r"(?P<sign><=|>=|[<>≤≥])?\s*(?P<number>[+-]?\d+(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d+)?)(?:\s*(?P<unit>[^\s\d][^\s]*|10\*\S+))?"
)


def number_in_words(words: str) -> Value | None:
    """A number, or a limit, that a report writes as text: « > 100 », « <1,0 mg/L »; ``None`` for other words."""
    found = _IN_WORDS.fullmatch(words.strip())
    if found is None or re.match(r"/\s*\d", found["unit"] or ""):  # 1/80 is a titre
        return None
    digits = re.sub(r"\s", "", found["number"]).replace(",", ".")
    quantity = Quantity(digits, Decimal(digits), found["unit"])
    sign = {"≤": "<=", "≥": ">="}.get(found["sign"] or "", found["sign"] or "")
    if not sign:
        return Value(ValueKind.QUANTITY, digits, quantity=quantity)
    bound = Bound(quantity, inclusive="=" in sign)
    interval = Interval(high=bound) if sign.startswith("<") else Interval(low=bound)
    return Value(ValueKind.INTERVAL, sign + digits, interval=interval)


def read_range(element: etree._Element, narrative: Narrative) -> ReferenceRange:
    """A ``referenceRange`` with its criteria."""
    inside = element.find(h("observationRange"))
    if inside is None:
        return ReferenceRange()
    value, code = inside.find(h("value")), inside.find(h("interpretationCode"))
    kind = (type_of(value) or _guessed(value)) if value is not None else ""
    words = narrative.words(inside.find(h("text")))
    interval = None
    if value is not None and kind in ("IVL_PQ", "IVL_REAL", "IVL_INT"):
        interval = read_interval(value)
    elif value is not None and kind in ("ED", "ST"):
        words = words or narrative.words(value)
    elif value is not None and kind in ("CD", "CE"):
        words = words or read_code(value, narrative).name
    return ReferenceRange(
        interval=interval,
        code=read_code(code, narrative) if code is not None else None,
        criteria=tuple(_criteria(inside, narrative)),
        words=words,
        value_type=kind,
    )


def _criteria(inside: etree._Element, narrative: Narrative) -> Iterator[Criterion]:
    for wrapper, prefix in (("lab:precondition", "lab:"), ("sdtc:precondition1", "sdtc:"), ("precondition", "")):
        for precondition in inside.iterchildren(h(wrapper)):
            # The children of an extension stand in its namespace or in HL7's: documents do both.
            criteria = precondition.iterchildren(h(prefix + "criterion"), h(prefix + "criterion1"), h("criterion"))
            for criterion in criteria:
                yield _criterion(criterion, prefix, narrative)


def _criterion(criterion: etree._Element, prefix: str, narrative: Narrative) -> Criterion:
    value = next(criterion.iterchildren(h(prefix + "value"), h("value")), None)
    code = next(criterion.iterchildren(h(prefix + "code"), h("code")), None)
    words = narrative.words(next(criterion.iterchildren(h(prefix + "text"), h("text")), None))
    if value is not None:
        with_ends = value.find(h("low")) is not None or value.find(h("high")) is not None
        kind = type_of(value) or ("IVL_PQ" if with_ends else "")
        if kind in ("IVL_PQ", "IVL_INT", "PQ", "INT") and _speaks_of_age(code, narrative):
            return Criterion(CriterionKind.AGE, age=read_interval(value), words=words)
        sex = value.get("value") or value.get("code")
        of_sex = prefix == "lab:" or value.get("codeSystem") == _SEX_SYSTEM
        of_sex = of_sex or (code is not None and code.get("code") in _SEX_CODES)
        if of_sex and sex in ("M", "F", "I", "UN"):
            return Criterion(CriterionKind.SEX, sex=sex, words=words)
    if code is not None and code.get("codeSystem") == _SEX_SYSTEM:
        return Criterion(CriterionKind.SEX, sex=code.get("code"), words=words)
    named = [read_code(one, narrative).name for one in (code, value) if one is not None]
    bounds = written_interval(read_interval(value)) if value is not None else ""
    said = words or " ".join(one for one in (*named, bounds) if one)
    sex = _SEX_WORDS.get(re.sub(r"^(sexe|sex)\s*:?\s*", "", said.casefold().strip()))
    return Criterion(CriterionKind.SEX, sex, words=said) if sex else Criterion(CriterionKind.OTHER, words=said)


def _speaks_of_age(code: etree._Element | None, narrative: Narrative) -> bool:
    """Whether a criterion with numbers is an age: it has no code, or one of age. Weeks of pregnancy are none."""
    if code is None or code.get("code") is None:
        return True
    name = read_code(code, narrative).name.casefold()
    return code.get("code") in _AGE_CODES or bool(_AGE_WORDS.search(name) and not _PREGNANCY.search(name))
