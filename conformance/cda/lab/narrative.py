"""Where the entry and the line of the narrative that it refers to do not write the same value.

The narrative is what the biologist signs and what a person reads; the entry is what a product computes with.
Source: reference « CR-BIO », §3.6 (a MIC of 0.0032 in the narrative and 0.032 in the entry; « <1.0 » beside ≤ 1.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from conformance.cda.lab.model import Bound, Quantity, Result, Value
from conformance.core.language import Text

_NUMBER: Final = re.compile(r"(<=|>=|[<>≤≥])?\s*(?<![\w.,])(\d++(?:[ \u00a0\u202f]\d{3}(?!\d))*+(?:[.,]\d++)?+)")
_SIGNS: Final = {"<=": "≤", ">=": "≥"}


def contradictions(result: Result) -> Iterator[Text]:
    """What the line of the narrative says otherwise than the entry; nothing when it holds no number."""
    value = result.value
    if value is None or not result.told:
        return
    told = list(_numbers(result.told))
    if not told:
        return
    if value.quantity is not None:
        yield from _other_number((value.quantity, *value.translations), told, result.told)
    elif value.interval is not None:
        yield from _other_limit(value, told, result.told)


def _numbers(line: str) -> Iterator[tuple[str, Decimal]]:
    """The numbers of a line with the comparator before each."""
    for found in _NUMBER.finditer(line):
        digits = re.sub(r"\s", "", found.group(2)).replace(",", ".")
        sign = found.group(1) or ""
        yield _SIGNS.get(sign, sign), Decimal(digits)


def _other_number(quantities: tuple[Quantity, ...], told: list[tuple[str, Decimal]], line: str) -> Iterator[Text]:
    numbers = [quantity.number for quantity in quantities if quantity.number is not None]
    if numbers and not any(number == abs(wanted) for _, number in told for wanted in numbers):
        yield Text(
            f"le texte n'écrit pas cette valeur (« {line} »)", f"the narrative does not write this value (“{line}”)"
        )


def _other_limit(value: Value, told: list[tuple[str, Decimal]], line: str) -> Iterator[Text]:
    assert value.interval is not None
    bounds = [bound for bound in (value.interval.low, value.interval.high) if bound is not None and not bound.unbounded]
    for bound in bounds:
        number = bound.quantity.number
        if number is None:
            continue
        signs = [sign for sign, one in told if one == number]
        if not signs:
            yield Text(
                f"le texte n'écrit pas cette limite (« {line} »)", f"the narrative does not write this limit (“{line}”)"
            )
        elif len(bounds) == 1 and _sign(bound, value) not in signs and any(signs):
            said = next(sign for sign in signs if sign)
            written = bound.quantity.written or ""
            french, entry = written.replace(".", ","), _sign(bound, value)
            yield Text(
                f"le texte écrit « {said} {french} », l'entrée « {entry} {french} »",
                f"the narrative writes “{said} {written}”, the entry “{entry} {written}”",
            )


def _sign(bound: Bound, value: Value) -> str:
    assert value.interval is not None
    if bound is value.interval.low:
        return "≥" if bound.inclusive else ">"
    return "≤" if bound.inclusive else "<"
