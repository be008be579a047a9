"""The narrative of a chapter: the table that a person reads, with the names that entries refer to."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.cda.lab.model import (
    Bound,
    Code,
    CriterionKind,
    Interval,
    Quantity,
    ReferenceRange,
    Result,
    Value,
)
from conformance.cda.lab.values import written_interval
from conformance.generation.nodes import Child, Node, el, words

_HEADINGS = ("Analyse", "Résultat", "Valeurs de référence", "Antériorité", "Remarque")
_SEXES = {"F": "femme", "M": "homme", "I": "intersexe"}


def table(rows: Iterable[Node]) -> Node:
    """The table of a chapter."""
    return el(
        "table", el("thead", el("tr", [el("th", heading) for heading in _HEADINGS])), el("tbody", rows), border="1"
    )


def title_row(title: Child) -> Node:
    """A line over a battery or an isolate."""
    return el("tr", el("td", title, colspan=str(len(_HEADINGS))))


def result_row(one: Result, names: dict[str, str], remarks: list[Node]) -> Node:
    """The line of a result; ``names``: the ``ID`` of its code, value and range."""
    code = words(one.code.words or one.code.name, names["code"])
    value = one.value
    shown: Child = said_value(value) if value is not None else ""
    if value is not None and value.code is not None and value.code.words:
        shown = words(value.code.words, names["value"])
    codes = " ".join(code.code or "" for code in one.interpretations if code.code != "N")
    before = "; ".join(said_value(before.values[0]) for before in one.previous)
    return el(
        "tr",
        el("td", code),
        el("td", shown, f" {codes}" if codes else None),
        el("td", [_range(made, names["range"]) for made in one.ranges]),
        el("td", before),
        el("td", remarks),
    )


def said_value(value: Value) -> str:
    """A value as a French report prints it: comma, unit, other units between brackets."""
    if value.null_flavor is not None:
        return "Non rendu"
    if value.interval is not None:
        unit = value.unit
        return _french(written_interval(value.interval)) + (f" {unit}" if unit else "")
    if value.quantity is not None:
        others = "".join(f" ({said_quantity(one)})" for one in value.quantity.translations)
        return said_quantity(value.quantity) + others
    return value.written


def said_quantity(quantity: Quantity) -> str:
    """« 6,8 mmol/L »."""
    return _french(quantity.written or "") + (f" {quantity.unit}" if quantity.unit else "")


def said_range(made: ReferenceRange) -> str:
    """« 3,5 - 5,1 (femme) »."""
    limits = made.words or (_limits(made.interval) if made.interval else "")
    criteria = [_SEXES.get(one.sex or "", "") for one in made.criteria if one.kind is CriterionKind.SEX]
    criteria += [f"âge {_limits(one.age)}" for one in made.criteria if one.age is not None]
    return limits + (f" ({', '.join(criteria)})" if criteria else "")


def said_code(code: Code) -> str:
    """The words of a code, else its label."""
    return code.words or code.name


def _range(made: ReferenceRange, name: str) -> Child:
    return words(made.words, name) if made.words else el("paragraph", said_range(made))


def _limits(interval: Interval) -> str:
    low, high = interval.low, interval.high
    if low is not None and high is not None:
        return f"{_number(low)} - {_number(high)}"
    if high is not None:
        return ("≤ " if high.inclusive else "< ") + _number(high)
    return ("≥ " if low is not None and low.inclusive else "> ") + (_number(low) if low is not None else "")


def _number(bound: Bound) -> str:
    return _french(bound.quantity.written or "")


def _french(number: str) -> str:
    return number.replace(".", ",")
