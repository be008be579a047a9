"""Draws one measure: the value near or far from its limits, in this unit or that, its range, its code."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

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
from conformance.generation.chance import chance
from conformance.generation.lab.analyses import Analysis
from conformance.terminology.code_systems import HL7_OBSERVATION_INTERPRETATION
from conformance.terminology.value_sets import INTERPRETATION

_PLACES = ("inside", "inside", "inside", "on_low", "on_high", "under", "over", "low", "high", "very_low", "very_high")


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with its range and codes; ``before``: an earlier value; ``plain``: the value as a plain quantity."""

    value: Value
    ranges: tuple[ReferenceRange, ...]
    interpretations: tuple[Code, ...]
    before: Value
    plain: Value


def interpretation(code: str) -> Code:
    """An interpretation code of the published value set, with its label."""
    label = INTERPRETATION.concepts[code, HL7_OBSERVATION_INTERPRETATION].label
    return Code(code, HL7_OBSERVATION_INTERPRETATION, label)


def quantity(number: Decimal, unit: str | None, translations: tuple[Quantity, ...] = ()) -> Quantity:
    """A quantity as written with the digits of ``number``."""
    return Quantity(format(number, "f"), number, unit, translations)


def in_words(words: str) -> Value:
    """A value told by words of the narrative."""
    return Value(ValueKind.CODE, words, code=Code(None, words=words))


def titre(denominator: int) -> Value:
    """A titre: 1 over ``denominator``."""
    parts = (quantity(Decimal(1), None), quantity(Decimal(denominator), None))
    return Value(ValueKind.TITRE, f"1/{denominator}", ratio=parts)


def concentration(random: Random, *, resistant: bool) -> Value:
    """A minimal inhibitory concentration: at least this when resistant, less than that otherwise."""
    if resistant:
        bound = Bound(quantity(Decimal(random.choice(("0.512", "8", "32"))), "ug/mL"))
        return Value(ValueKind.INTERVAL, f">={bound.quantity.written}", interval=Interval(low=bound))
    bound = Bound(quantity(Decimal(random.choice(("0.032", "0.25", "1"))), "ug/mL"), inclusive=False)
    return Value(ValueKind.INTERVAL, f"<{bound.quantity.written}", interval=Interval(high=bound))


@dataclass(frozen=True, slots=True)
class Oddities:
    """What real reports hold and a clean one does not. Without any, a report breaks no rule and raises no warning.

    ``several_ranges``: two ranges on one result, by sex (the standard has them, the volet accepts one: one error).
    ``units``: a unit written by habit (``UI/L``, ``µmol/L``) or forgotten (an error for what is not UCUM).
    ``disagreements``: a code that says other than the range, a range of one point (warnings).
    """

    several_ranges: bool = False
    units: bool = False
    disagreements: bool = False


CLEAN: Final = Oddities()
EVERYTHING: Final = Oddities(several_ranges=True, units=True, disagreements=True)


def draw_measured(random: Random, analysis: Analysis, sex: str | None, oddities: Oddities = CLEAN) -> Measured:
    """One measure of ``analysis``; ``sex``: that of the patient, for ranges that depend on it."""
    place = random.choice(_PLACES)
    number = _number(random, analysis, place)
    unit = _unit(random, analysis) if oddities.units else analysis.unit or None
    plain = _as_value(quantity(number, analysis.unit or None))
    before = _as_value(quantity(_number(random, analysis, "inside"), unit))
    two_units = bool(analysis.other_unit) and chance(random, 0.4)
    value = _value(random, analysis, number, unit, two_units)
    ranges = _ranges(random, analysis, unit, sex, two_units, oddities)
    codes = _interpretations(random, value, ranges, analysis, place.startswith("very_"), oddities)
    return Measured(value, ranges, codes, before, plain)


def _as_value(one: Quantity) -> Value:
    kind = ValueKind.QUANTITY if one.unit is not None else ValueKind.NUMBER
    return Value(kind, one.written or "", quantity=one)


def _number(random: Random, analysis: Analysis, place: str) -> Decimal:
    """A number at that place: on a limit, one last digit beyond, inside, beyond, far beyond."""
    low, high = analysis.limits
    step = Decimal(1).scaleb(-analysis.decimals)
    if place == "on_low":
        return low
    if place == "on_high":
        return high
    if place == "under":
        return max(low - step, Decimal(0).quantize(step))
    if place == "over":
        return high + step
    if place == "inside":
        return low + step * random.randint(0, int((high - low) / step))
    if place in ("low", "very_low"):
        return (low * (Decimal("0.8") if place == "low" else Decimal("0.4"))).quantize(step)
    return (high * (Decimal("1.3") if place == "high" else Decimal("2.5"))).quantize(step)


def _unit(random: Random, analysis: Analysis) -> str | None:
    """UCUM mostly; sometimes as habit writes it, sometimes forgotten."""
    if not analysis.unit:
        return None
    draw = random.random()
    if draw < 0.88:
        return analysis.unit
    if draw < 0.96 and analysis.habit:
        return analysis.habit
    return analysis.unit if draw < 0.97 else None


def _value(random: Random, analysis: Analysis, number: Decimal, unit: str | None, two_units: bool) -> Value:
    draw = random.random()
    if draw >= 0.92 and number > 0:
        return _comparator(random, number, unit)
    if 0.89 <= draw < 0.92:
        written = f"<{format(number, 'f').replace('.', ',')} {unit or ''}".strip()
        return Value(ValueKind.TEXT, written)
    other = _translated(analysis, number) if two_units else ()
    return _as_value(quantity(number, unit, other))


def _comparator(random: Random, number: Decimal, unit: str | None) -> Value:
    """Less than, more than: an interval with one end."""
    inclusive = chance(random, 0.3)
    bound = Bound(quantity(number, unit), inclusive)
    written = format(number, "f")
    if not chance(random, 0.4):
        return Value(ValueKind.INTERVAL, ("<=" if inclusive else "<") + written, interval=Interval(high=bound))
    return Value(ValueKind.INTERVAL, (">=" if inclusive else ">") + written, interval=Interval(low=bound))


def _translated(analysis: Analysis, number: Decimal) -> tuple[Quantity, ...]:
    converted = (number * Decimal(analysis.factor)).quantize(Decimal(1).scaleb(-analysis.other_decimals))
    return (quantity(converted, analysis.other_unit),)


# Ranges ----------------------------------------------------------------------------------------------------


def _ranges(
    random: Random, analysis: Analysis, unit: str | None, sex: str | None, two_units: bool, oddities: Oddities
) -> tuple[ReferenceRange, ...]:
    forms = (
        "none",
        "none",
        "closed",
        "closed",
        "closed",
        "closed",
        "high",
        "low",
        "open",
        "words",
        "sex",
        "age",
        "no_code",
        "other_code",
    )
    kind = random.choice((*forms, "one_point") if oddities.disagreements else forms)
    if kind == "none":
        return ()
    low, high = (_bound(analysis, number, unit, two_units) for number in analysis.limits)
    normal = interpretation("N")
    if kind == "words":
        return (ReferenceRange(code=normal, words=f"inférieur à {format(analysis.limits[1], 'f').replace('.', ',')}"),)
    interval = {
        "high": Interval(high=high),
        "low": Interval(low=low),
        "open": Interval(_open(low), _open(high)),
        "one_point": Interval(high, high),
    }.get(kind, Interval(low, high))
    code = {"no_code": None, "other_code": interpretation("H")}.get(kind, normal)
    made = ReferenceRange(interval, code, value_type="IVL_PQ")
    if kind == "sex" and sex in ("M", "F"):
        return _by_sex(random, made, sex, oddities.several_ranges)
    if kind == "age":
        adult = Interval(Bound(quantity(Decimal(18), "a")), None)
        return (ReferenceRange(interval, code, (Criterion(CriterionKind.AGE, age=adult),), value_type="IVL_PQ"),)
    return (made,)


def _by_sex(random: Random, made: ReferenceRange, sex: str, several: bool) -> tuple[ReferenceRange, ...]:
    """The range of the patient's sex, or of the other one; both when ``several`` are allowed."""
    other = "M" if sex == "F" else "F"
    mine = ReferenceRange(made.interval, made.code, (Criterion(CriterionKind.SEX, sex=sex),), value_type="IVL_PQ")
    theirs = ReferenceRange(made.interval, made.code, (Criterion(CriterionKind.SEX, sex=other),), value_type="IVL_PQ")
    if several:
        assert made.interval is not None
        shifted = ReferenceRange(_shifted(made.interval), made.code, theirs.criteria, value_type="IVL_PQ")
        return (mine, shifted)
    return (theirs,) if chance(random, 0.2) else (mine,)


def _shifted(interval: Interval) -> Interval:
    """Other limits: a tenth higher."""

    def up(bound: Bound | None) -> Bound | None:
        if bound is None or bound.quantity.number is None:
            return bound
        number = (bound.quantity.number * Decimal("1.1")).quantize(bound.quantity.number)
        return Bound(quantity(number, bound.quantity.unit), bound.inclusive)

    return Interval(up(interval.low), up(interval.high))


def _bound(analysis: Analysis, number: Decimal, unit: str | None, two_units: bool) -> Bound:
    return Bound(quantity(number, unit, _translated(analysis, number) if two_units else ()))


def _open(bound: Bound) -> Bound:
    return Bound(bound.quantity, inclusive=False)


# Interpretation codes --------------------------------------------------------------------------------------


def _interpretations(
    random: Random, value: Value, ranges: tuple[ReferenceRange, ...], analysis: Analysis, far: bool, oddities: Oddities
) -> tuple[Code, ...]:
    """The laboratory's own judgement: often left out when normal, perhaps with a trend; at odds only as an oddity."""
    if oddities.disagreements and chance(random, 0.1):
        return (interpretation(random.choice(("H", "L", "N", "HH"))),)
    number = value.quantity.number if value.quantity is not None else None
    if number is None or any(made.code is not None and made.code.code != "N" for made in ranges):
        return ()
    side = _side(number, _limits(ranges, analysis))
    if not chance(random, 0.75 if side else 0.5):
        return ()
    code = random.choice({-1: ("L", "LU", "A"), 0: ("N",), 1: ("H", "HU", "A")}[side])
    if side and far:
        code = random.choice(("AA", "LL" if side < 0 else "HH"))
    trend = [random.choice(("U", "D", "B", "W"))] if chance(random, 0.06) else []
    return tuple(map(interpretation, (code, *trend)))


def _limits(ranges: tuple[ReferenceRange, ...], analysis: Analysis) -> Interval:
    """The limits that the laboratory judges by: those that it prints, else the usual ones."""
    printed = next((made.interval for made in ranges if made.interval is not None), None)
    low, high = analysis.limits
    return printed or Interval(Bound(quantity(low, None)), Bound(quantity(high, None)))


def _side(number: Decimal, limits: Interval) -> int:
    """-1 below, 0 inside, 1 above."""
    low, high = limits.low, limits.high
    if low is not None and low.quantity.number is not None:
        below = number < low.quantity.number if low.inclusive else number <= low.quantity.number
        if below:
            return -1
    if high is not None and high.quantity.number is not None:
        return int(number > high.quantity.number if high.inclusive else number >= high.quantity.number)
    return 0
