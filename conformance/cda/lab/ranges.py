"""Where a value stands in a range: exact numbers, bounds included or not, limits, units made comparable.

A value in another unit is converted when UCUM allows it with no knowledge of the substance; else its own second
unit, or that of the range, is used; else nothing is decided. Source: reference « CR-BIO », §3.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final, Literal

from conformance.cda.lab.codes import Position
from conformance.cda.lab.model import Bound, Interval, Quantity, Value, ValueKind
from conformance.core.language import Text
from conformance.terminology import units

_DIMENSIONLESS: Final = "1"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome. ``position`` is ``None`` when nothing can be decided; ``notes`` say why, or what was assumed.

    ``bound`` is the one that was passed; ``value`` the quantity that was compared (a second unit perhaps);
    ``doubts`` are what a person should look at.
    """

    position: Position | None
    bound: Bound | None = None
    value: Quantity | None = None
    notes: tuple[Text, ...] = ()
    doubts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class _End:
    """One end of what is compared, in the unit of the range; ``number`` is ``None`` for no limit."""

    number: Fraction | None
    inclusive: bool = True


@dataclass(frozen=True, slots=True)
class _Undecidable:
    """Why a comparison cannot be made."""

    why: Text


@dataclass(frozen=True, slots=True)
class _Converted:
    """A number in the unit of the range, how it came there, and what had to be assumed."""

    number: Fraction
    note: Text | None = None
    doubt: Text | None = None


@dataclass(slots=True)
class _Remarks:
    """What is said along the way of one comparison, each thing once."""

    notes: list[Text] = field(default_factory=list)
    doubts: list[Text] = field(default_factory=list)

    def take(self, one: _Converted) -> None:
        """Keep what was said of one number."""
        for said, held in ((one.note, self.notes), (one.doubt, self.doubts)):
            if said is not None and said not in held:
                held.append(said)


Missing = Literal["same", "review"]


def same_unit(one: str | None, other: str | None) -> bool:
    """Whether two units are written alike; none at all is ``1``."""
    return (one or _DIMENSIONLESS) == (other or _DIMENSIONLESS)


def _converted(quantity: Quantity, unit: str | None, missing: Missing) -> _Converted | _Undecidable:
    """``quantity`` in ``unit``; or why it cannot be."""
    if quantity.number is None:
        written = quantity.written or "—"
        return _Undecidable(Text(f"« {written} » n'est pas un nombre", f"“{written}” is not a number"))
    own, wanted = quantity.unit, unit
    if same_unit(own, wanted):
        return _Converted(Fraction(quantity.number))
    if own is None or wanted is None:
        return _without_unit(Fraction(quantity.number), own or wanted or _DIMENSIONLESS, missing)
    exact = units.convert_exactly(quantity.number, own, wanted)
    if exact is not None:
        return _Converted(exact, Text(f"converti de {own} en {wanted}", f"converted from {own} to {wanted}"))
    unknown = [one for one in (own, wanted) if not units.is_ucum(one)]
    if unknown:
        meant = units.by_habit(unknown[0])
        perhaps = Text(f" (sans doute {meant})", f" (probably {meant})") if meant else Text("", "")
        return _Undecidable(
            Text(
                f"« {unknown[0]} » n'est pas une unité UCUM{perhaps.fr} : {own} et {wanted} ne sont pas comparées",
                f"“{unknown[0]}” is not a UCUM unit{perhaps.en}: {own} and {wanted} are not compared",
            )
        )
    return _Undecidable(
        Text(
            f"{own} et {wanted} ne se comparent pas : autre nature, ou il faudrait connaître la substance",
            f"{own} and {wanted} do not compare: another kind, or one would have to know the substance",
        )
    )


def _without_unit(number: Fraction, there: str, missing: Missing) -> _Converted | _Undecidable:
    """One side gives the unit ``there``, the other none.

    By the standard none is ``1``; but then 45 % would be 0.45 in a range of 40 to 54 whose unit was forgotten.
    """
    if units.convert_exactly(Fraction(1), there, _DIMENSIONLESS) == 1:
        return _Converted(number)
    if missing == "same":
        assumed = Text(
            f"l'unité manque d'un côté : {there} est supposée des deux",
            f"the unit is missing on one side: {there} is taken for both",
        )
        return _Converted(number, doubt=assumed)
    return _Undecidable(Text("l'unité manque d'un côté", "the unit is missing on one side"))


def compare(value: Value, normal: Interval, limit: str | None = None, missing: Missing = "same") -> Comparison:
    """Where ``value`` stands in the interval ``normal``.

    ``limit`` is ``<`` or ``>`` when the laboratory says that the number is only a limit of measure.
    """
    if value.kind in (ValueKind.QUANTITY, ValueKind.NUMBER) and value.quantity is not None:
        return _with_second_units(value.quantity, normal, limit, missing)
    if value.kind is ValueKind.INTERVAL and value.interval is not None:
        return _placed(value.interval, normal, missing, None)
    return Comparison(None)


def _with_second_units(quantity: Quantity, normal: Interval, limit: str | None, missing: Missing) -> Comparison:
    """Compare in the first unit that the range allows, and say when the second one contradicts it."""
    decided: list[Comparison] = []
    refused: list[Comparison] = []
    for candidate in (quantity, *quantity.translations):
        for interval in _in_every_unit(normal):
            outcome = _placed(_as_interval(candidate, limit), interval, missing, candidate)
            if outcome.position is not None:
                decided.append(outcome)
                break
            refused.append(outcome)
    if not decided:
        return refused[0] if refused else Comparison(None)
    first = decided[0]
    if any(other.position != first.position for other in decided[1:]):
        other = next(one for one in decided[1:] if one.position != first.position)
        unit = other.value.unit if other.value is not None else "?"
        doubt = Text(
            f"la seconde unité ({unit}) donne un autre verdict", f"the second unit ({unit}) gives another verdict"
        )
        return replace(first, doubts=(*first.doubts, doubt))
    return first


def _in_every_unit(normal: Interval) -> Iterator[Interval]:
    """The range as written, then in the units of the translations of its bounds."""
    yield normal
    seconds = {t.unit for bound in (normal.low, normal.high) if bound is not None for t in bound.quantity.translations}
    for unit in sorted(seconds, key=str):
        yield Interval(_translated(normal.low, unit), _translated(normal.high, unit))


def _translated(bound: Bound | None, unit: str | None) -> Bound | None:
    if bound is None or bound.unbounded:
        return bound
    for translation in bound.quantity.translations:
        if translation.unit == unit:
            return Bound(translation, bound.inclusive)
    return Bound(Quantity(None, None, unit), bound.inclusive)


def _as_interval(quantity: Quantity, limit: str | None) -> Interval:
    if limit == "<":
        return Interval(high=Bound(quantity, inclusive=False))
    if limit == ">":
        return Interval(low=Bound(quantity, inclusive=False))
    return Interval(Bound(quantity), Bound(quantity))


def unit_of(normal: Interval) -> str | None:
    """The unit in which a range is written: that of its first bound that gives one."""
    for bound in (normal.low, normal.high):
        if bound is not None and not bound.unbounded and bound.quantity.unit is not None:
            return bound.quantity.unit
    return None


def _end(bound: Bound | None, unit: str | None, missing: Missing, remarks: _Remarks) -> _End | _Undecidable:
    if bound is None or bound.unbounded:
        return _End(None)
    if bound.quantity.null_flavor is not None:
        null = bound.quantity.null_flavor
        return _Undecidable(Text(f"une borne est inconnue ({null})", f"a bound is unknown ({null})"))
    number = _converted(bound.quantity, unit, missing)
    if isinstance(number, _Undecidable):
        return number
    remarks.take(number)
    return _End(number.number, bound.inclusive)


def _placed(value: Interval, normal: Interval, missing: Missing, candidate: Quantity | None) -> Comparison:
    """Where an interval (or a point, when both ends are one) lies with regard to the range."""
    remarks = _Remarks()
    unit = unit_of(normal)
    ends = [_end(bound, unit, missing, remarks) for bound in (value.low, value.high, normal.low, normal.high)]
    low, high, floor, ceiling = ends

    def place(position: Position | None, bound: Bound | None = None, *why: Text) -> Comparison:
        return Comparison(position, bound, candidate, (*remarks.notes, *why), tuple(remarks.doubts))

    known = [end for end in ends if isinstance(end, _End)]
    if all(end.number is None for end in known if end in (floor, ceiling)) and not _unknown(floor, ceiling):
        return place(None, None, Text("l'intervalle de référence n'a pas de borne", "the reference range has no bound"))
    if _beyond(low, ceiling):
        return place(Position.ABOVE, normal.high)
    if _beyond(_mirror(high), _mirror(floor)):
        return place(Position.BELOW, normal.low)
    for end in ends:
        if isinstance(end, _Undecidable):
            return place(None, None, end.why)
    assert isinstance(low, _End)
    assert isinstance(high, _End)
    assert isinstance(floor, _End)
    assert isinstance(ceiling, _End)
    if low.number is None and high.number is not None and high.number >= 0:
        low = _End(Fraction(0))  # a concentration is not negative
    if _within(low, floor, low_side=True) and _within(high, ceiling, low_side=False):
        return place(Position.INSIDE)
    straddles = Text("la limite de mesure est à cheval sur l'intervalle", "the limit of measure straddles the range")
    return place(None, None, straddles)


def _unknown(*ends: _End | _Undecidable) -> bool:
    return any(isinstance(end, _Undecidable) for end in ends)


def _mirror(end: _End | _Undecidable) -> _End | _Undecidable:
    if isinstance(end, _Undecidable) or end.number is None:
        return end
    return _End(-end.number, end.inclusive)


def _beyond(low: _End | _Undecidable, ceiling: _End | _Undecidable) -> bool:
    """Whether everything from ``low`` on is above ``ceiling``."""
    if isinstance(low, _Undecidable) or isinstance(ceiling, _Undecidable):
        return False
    if low.number is None or ceiling.number is None:
        return False
    return low.number > ceiling.number or (low.number == ceiling.number and not (low.inclusive and ceiling.inclusive))


def _within(end: _End, limit: _End, *, low_side: bool) -> bool:
    """Whether an end of the value does not pass that side of the range."""
    if limit.number is None:
        return True
    if end.number is None:
        return False
    if end.number == limit.number:
        return limit.inclusive or not end.inclusive
    return end.number > limit.number if low_side else end.number < limit.number


def one_point(normal: Interval, missing: Missing = "same") -> Literal["point", "empty"] | None:
    """``point`` when both bounds are one, ``empty`` when the low one is above (or excludes) the high one."""
    unit = unit_of(normal)
    low, high = (_end(bound, unit, missing, _Remarks()) for bound in (normal.low, normal.high))
    if not isinstance(low, _End) or not isinstance(high, _End) or low.number is None or high.number is None:
        return None
    if low.number > high.number or (low.number == high.number and not (low.inclusive and high.inclusive)):
        return "empty"
    return "point" if low.number == high.number else None
