"""UCUM units: is this a unit, can these two be compared, how much is this in that unit — exactly.

``ucumvert`` parses the units and ships the definitions of UCUM 2.2 (``ucum-essence``); its own conversion goes
through binary floats, so the arithmetic here is ours, on fractions: whether a result passes a bound of its
reference range must not hang on a rounding. The library (0.2 s to load) is imported at the first unit.

Three things that look like conversions are refused, since they need to know the substance:
moles to grams (molar mass), equivalents to moles (valence), osmoles to moles. UCUM itself defines ``mol``,
``eq`` and ``osm`` as numbers; here each is a dimension of its own, and so are microscope fields
(``[HPF]``, ``[LPF]``). An arbitrary unit (``[IU]``) compares to itself alone. Annotations (``{cells}``) say
nothing to the unit (UCUM §6): they are read over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, Final

from conformance.core.language import Text

_LONGEST: Final = 64
"""No unit in use comes near; keeps hostile input from the parser."""

_HIGHEST_POWER: Final = 99
"""10*24 is the largest prefix; keeps ``10*999999999`` from filling the memory."""

_KINDS_OF_THEIR_OWN: Final = frozenset({"mol", "eq", "osm", "[HPF]", "[LPF]"})

_KELVIN_AT_ZERO: Final = {
    "Cel": Fraction("273.15"),
    "[degF]": Fraction("459.67") * Fraction(5, 9),
    "[degRe]": Fraction("273.15"),
}
"""Special units that are a straight line in kelvin: what 0 of them is."""

_KELVIN_PER_DEGREE: Final = {"Cel": Fraction(1), "[degF]": Fraction(5, 9), "[degRe]": Fraction(5, 4)}

_DIGITS: Final = Context(prec=34)

_HABITS: Final = (
    (r"\s+", ""),
    ("[µμ]", "u"),
    ("°C", "Cel"),
    (r"(?<![A-Za-z\[])(m|u|n|k)?(UI|IU)(?![A-Za-z\]])", r"\1[IU]"),
    ("mmHg", "mm[Hg]"),
    ("cmH2O", "cm[H2O]"),
    ("mn(?![A-Za-z])", "min"),
    ("sec(?![A-Za-z])", "s"),
    ("²", "2"),
    ("³", "3"),
)
"""How units are written by habit in France, and their UCUM form."""

Dimension = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A unit understood: one of it is ``factor`` base units of ``dimension``, counted from ``zero``.

    ``zero`` differs from 0 for temperatures only (in kelvin).
    """

    factor: Fraction
    dimension: Dimension
    zero: Fraction = Fraction(0)


class _NotConvertible(Exception):
    """A special unit (logarithm, tangent) or a temperature inside a product: a unit, but no factor."""


@dataclass(frozen=True, slots=True)
class _Definition:
    """One unit of UCUM by its definition: so much of another unit; or a base, or a special unit."""

    value: Fraction
    unit: str
    kind: str  # "plain", "base", "special"


def is_ucum(unit: str) -> bool:
    """Is ``unit`` a valid UCUM unit in the case-sensitive form (annotations included)?"""
    return _parse(unit) is not None


def unit_problem(unit: str) -> Text | None:
    """What is wrong with ``unit`` and what was perhaps meant; ``None`` for a valid UCUM unit."""
    if is_ucum(unit):
        return None
    meant = by_habit(unit)
    sentence = Text(
        "« {unit} » n’est pas une unité UCUM (forme sensible à la casse).",
        "“{unit}” is not a UCUM unit (case-sensitive form).",
    )
    hint = Text("Unité UCUM correspondante : « {meant} ».", "The UCUM unit would be “{meant}”.")
    if meant is None:
        hint = Text(
            "Écrire l’unité en UCUM ; ce qui n’est pas une unité va entre accolades, par exemple {example}.",
            "Write the unit in UCUM; what is no unit goes between braces, for example {example}.",
        )
    return Text(f"{sentence.fr} {hint.fr}", f"{sentence.en} {hint.en}").format(
        unit=unit, meant=meant, example="{score}"
    )


def by_habit(unit: str) -> str | None:
    """The UCUM unit that a unit written by habit stands for (``UI/L`` is ``[IU]/L``); ``None`` when none is known."""
    meant = unit
    for habit, ucum in _HABITS:
        meant = re.sub(habit, ucum, meant)
    return meant if is_ucum(meant) else None


def read_unit(unit: str) -> Reading | None:
    """The unit as factor and dimension; ``None`` when it is no UCUM unit or has no factor (pH, dB…)."""
    return _read(unit)


def comparable(one: str, other: str) -> bool:
    """Can amounts in the two units be compared with no knowledge of the substance?

    A special unit without a factor (``[pH]``) compares to itself alone.
    """
    if one == other:
        return is_ucum(one)
    first, second = _read(one), _read(other)
    return first is not None and second is not None and first.dimension == second.dimension


def convert_exactly(value: Decimal | Fraction, from_unit: str, to_unit: str) -> Fraction | None:
    """``value`` of ``from_unit`` in ``to_unit``, as a fraction; ``None`` when the units do not compare."""
    if not comparable(from_unit, to_unit):
        return None
    amount = Fraction(value)
    if from_unit == to_unit:
        return amount
    start, end = _read(from_unit), _read(to_unit)
    if start is None or end is None:
        return None
    return (amount * start.factor + start.zero - end.zero) / end.factor


def convert(value: Decimal, from_unit: str, to_unit: str) -> Decimal | None:
    """``value`` of ``from_unit`` in ``to_unit``; ``None`` when the units do not compare.

    Exact whenever the result can be written in decimals, else rounded to 34 significant digits (days in
    weeks). To decide over a bound use ``compare``, which never rounds. ``value`` must be finite
    (``ValueError`` or ``OverflowError`` otherwise).
    """
    exact = convert_exactly(value, from_unit, to_unit)
    return None if exact is None else _decimal(exact)


def compare(one: Decimal, one_unit: str, other: Decimal, other_unit: str) -> int | None:
    """-1, 0 or 1 as the first amount is less than, equal to or more than the second; ``None``: not comparable."""
    moved = convert_exactly(one, one_unit, other_unit)
    if moved is None:
        return None
    bound = Fraction(other)
    return (moved > bound) - (moved < bound)


def _decimal(exact: Fraction) -> Decimal:
    rest = exact.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return _DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    places = 0
    while (10**places) % exact.denominator:
        places += 1
    digits = abs(exact.numerator) * 10**places // exact.denominator
    return Decimal((int(exact < 0), tuple(int(digit) for digit in str(digits)), -places))


@lru_cache(maxsize=4096)
def _parse(unit: str) -> Any | None:
    """The parse tree of ``unit``; ``None`` when it is no UCUM unit."""
    if not unit or len(unit) > _LONGEST or not unit.isascii():
        return None
    from lark.exceptions import LarkError

    try:
        return _parser().parse(unit)
    except LarkError:
        return None


@lru_cache(maxsize=4096)
def _read(unit: str) -> Reading | None:
    if unit in _KELVIN_AT_ZERO:
        return Reading(_KELVIN_PER_DEGREE[unit], (("K", 1),), _KELVIN_AT_ZERO[unit])
    tree = _parse(unit)
    if tree is None:
        return None
    try:
        factor, powers = _evaluate(tree)
    except _NotConvertible:
        return None
    return Reading(factor, tuple(sorted((base, power) for base, power in powers.items() if power)))


_Product = tuple[Fraction, dict[str, int]]


def _evaluate(node: Any) -> _Product:
    """The factor and the powers of the base units of one node of the parse tree."""
    if not hasattr(node, "data"):  # a token in the place of a unit: an annotation
        return Fraction(1), {}
    children = node.children
    match str(node.data):
        case "main_term" if len(children) == 2:
            return _multiplied((Fraction(1), {}), _evaluate(children[1]), -1)
        case "term":
            sign = 1 if str(children[1]) == "." else -1
            return _multiplied(_evaluate(children[0]), _evaluate(children[2]), sign)
        case "annotatable":
            if abs(int(children[1])) > _HIGHEST_POWER:
                raise _NotConvertible(str(children[1]))
            return _multiplied((Fraction(1), {}), _evaluate(children[0]), int(children[1]))
        case "simple_unit":
            return _simple([(token.type, str(token)) for token in children])
        case _:  # main_term of one part, component (a unit and its annotation)
            return _evaluate(children[0])


def _multiplied(left: _Product, right: _Product, power: int) -> _Product:
    powers = dict(left[1])
    for base, exponent in right[1].items():
        powers[base] = powers.get(base, 0) + exponent * power
    return left[0] * right[0] ** power, powers


def _simple(tokens: list[tuple[str, str]]) -> _Product:
    if tokens[0][0] == "FACTOR":
        return Fraction(tokens[0][1]), {}
    factor, powers = _atom(tokens[-1][1])
    if len(tokens) == 2:
        factor *= _prefixes()[tokens[0][1]]
    return factor, powers


@cache
def _atom(code: str) -> _Product:
    definition = _definitions()[code]
    if definition.kind == "base":
        return Fraction(1), {code: 1}
    if definition.kind == "special":
        raise _NotConvertible(code)
    tree = _parse(definition.unit)
    if tree is None:
        raise _NotConvertible(code)
    factor, powers = _evaluate(tree)
    return factor * definition.value, powers


@cache
def _parser() -> Any:
    from ucumvert import get_ucum_parser  # type: ignore[import-untyped]  # ucumvert ships no types

    return get_ucum_parser()


@cache
def _prefixes() -> Mapping[str, Fraction]:
    from ucumvert import xml_util

    found = {}
    for prefix in xml_util.root.iterfind("{*}prefix"):
        value = prefix.find("{*}value")
        if value is not None:
            found[prefix.get("Code")] = Fraction(value.get("value"))
    return found


@cache
def _definitions() -> Mapping[str, _Definition]:
    """Every unit of UCUM by its case-sensitive code."""
    from ucumvert import xml_util

    found = {code: _Definition(Fraction(1), code, "base") for code in xml_util.get_base_units()}
    for unit in xml_util.get_units_with_full_definition():
        code, base = unit.code_cs, unit.defining_unit
        if unit.is_special:
            found[code] = _Definition(Fraction(1), code, "special")
        elif code in _KINDS_OF_THEIR_OWN or (unit.is_arbitrary and base == "1"):
            found[code] = _Definition(Fraction(1), code, "base")
        else:
            found[code] = _Definition(Fraction(unit.conversion_factor), base, "plain")
    return found
