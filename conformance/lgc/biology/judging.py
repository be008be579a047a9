"""Decides which results the user must be told of: code of the laboratory, reference interval, comment.

Numbers are compared exactly. What cannot be decided (words, units that do not convert) flags nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final

from conformance.lgc.biology.model import Amount, LabReport, LabResult, Limit, Normal, Span
from conformance.terminology import units

OUT_OF_LIMITS: Final = frozenset({"A", "AA", "L", "LL", "LU", "H", "HH", "HU", "EX", "HX", "LX"})
CRITICAL: Final = frozenset({"AA", "HH", "LL"})
_SIDES: Final = {
    "above": "au-dessus de l’intervalle de référence",
    "below": "au-dessous de l’intervalle de référence",
    "outside": "hors de tous les intervalles de référence",
}
NOT_GIVEN: Final = frozenset({"aborted", "obsolete", "cancelled", "nullified"})


@dataclass(frozen=True, slots=True)
class End:
    """One end of an interval as a plain number; ``number`` is ``None`` for no limit."""

    number: Fraction | None
    included: bool = True


class LabJudging:
    """Judges a report. Each method decides one thing."""

    def judge(self, report: LabReport) -> LabReport:
        """The same report with signals, reasons and urgency on each result."""
        return replace(report, results=tuple(self.judged(one, report) for one in report.results))

    def judged(self, result: LabResult, report: LabReport) -> LabResult:
        """The same result with what the user must be told of it."""
        if result.status in NOT_GIVEN:
            return result
        told = {
            "interpretation": list(self.by_code(result)),
            "interval": list(self.by_interval(result, report)),
            "comment": list(self.by_comment(result)),
        }
        return replace(
            result,
            signals=tuple(signal for signal, reasons in told.items() if reasons),
            critical=self.critical(result),
            reasons=tuple(reason for reasons in told.values() for reason in reasons),
        )

    def by_code(self, result: LabResult) -> Iterator[str]:
        """The codes of the laboratory that say out of limits."""
        for code in result.codes:
            if code in OUT_OF_LIMITS:
                yield f"code {code} du laboratoire"

    def critical(self, result: LabResult) -> bool:
        """Whether the user must be told at once."""
        return any(code in CRITICAL for code in result.codes)

    def by_comment(self, result: LabResult) -> Iterator[str]:
        """The comments of the laboratory on this result."""
        for words in result.comments:
            yield f"commentaire : {words[:120]}"

    def by_interval(self, result: LabResult, report: LabReport) -> Iterator[str]:
        """Where the value is out of its reference range."""
        place = self.place(result, report)
        if place in _SIDES:
            yield f"{result.text} {result.unit or ''} : {_SIDES[place]}"

    # Ranges -------------------------------------------------------------------------------------------

    def place(self, result: LabResult, report: LabReport) -> str | None:
        """``above``, ``inside`` or ``below`` the ranges of this patient, ``outside`` all; ``None`` when nobody knows."""
        ranges, certain = self.ranges_for(result, report)
        places = [self.place_in(result, span) for span in ranges]
        if certain and "inside" in places:
            return "inside"
        if set(places) == {"above", "below"}:
            return "outside"
        return places[0] if places and len(set(places)) == 1 else None

    def ranges_for(self, result: LabResult, report: LabReport) -> tuple[list[Span], bool]:
        """The normal ranges of this patient, and whether they are known to be his."""
        usable = [(one, self.holds(one, result, report)) for one in result.normals if self.is_normal(one)]
        own = [one for one, holds in usable if holds and self.is_special(one)]
        kept = own or [one for one, holds in usable if holds is not False]
        certain = bool(own) or all(holds for _, holds in usable if holds is not False)
        return [one.span for one in kept if one.span is not None and not self.is_empty(one.span)], certain

    def is_normal(self, normal: Normal) -> bool:
        """Whether a range says what is normal, and not what some other code means."""
        return normal.code in (None, "N")

    def is_special(self, normal: Normal) -> bool:
        """Whether a range is for some patients only."""
        return bool(normal.sex or normal.age or normal.condition)

    def is_empty(self, span: Span) -> bool:
        """Whether no value can be inside."""
        if span.low is None or span.high is None or span.low.amount.unit != span.high.amount.unit:
            return False
        low, high = span.low.amount.number, span.high.amount.number
        if low is None or high is None:
            return False
        return low > high or (low == high and not (span.low.included and span.high.included))

    def holds(self, normal: Normal, result: LabResult, report: LabReport) -> bool | None:
        """Whether a range is for this patient; ``None``: nobody knows."""
        answers = [self.is_of_sex(normal, report), self.is_of_age(normal, result, report), not normal.condition or None]
        return False if False in answers else None if None in answers else True

    def is_of_sex(self, normal: Normal, report: LabReport) -> bool | None:
        """Whether a range is for the patient's sex."""
        if normal.sex is None:
            return True
        return normal.sex == report.sex if {normal.sex, report.sex} <= {"M", "F"} else None

    def is_of_age(self, normal: Normal, result: LabResult, report: LabReport) -> bool | None:
        """Whether a range is for the patient's age on the day of the result."""
        if normal.age is None:
            return True
        born, day = _day(report.born), _day(result.time)
        if born is None or day is None or day < born:
            return None
        answers = [self.reaches(normal.age.low, born, day, 1), self.reaches(normal.age.high, born, day, -1)]
        return False if False in answers else None if None in answers else True

    def reaches(self, limit: Limit | None, born: date, day: date, side: int) -> bool | None:
        """Whether the age is on the right side of a limit."""
        if limit is None:
            return True
        number = limit.amount.number
        months = (day.year - born.year) * 12 + day.month - born.month - (1 if day.day < born.day else 0)
        ages = {"a": months // 12, "mo": months, "wk": (day - born).days // 7, "d": (day - born).days}
        age = ages.get(limit.amount.unit or "a")
        if number is None or age is None:
            return None
        return (age - number) * side > 0 or (age == number and limit.included)

    # Comparing ----------------------------------------------------------------------------------------

    def place_in(self, result: LabResult, normal: Span) -> str | None:
        """Where a value is in a range, in the first of its units that the range allows."""
        value = self.measured(result)
        if value is None:
            return None
        seconds = [Span(low=Limit(amount=one), high=Limit(amount=one)) for one in result.others]
        for candidate in (value, *(self.limited(result, one) for one in seconds)):
            for span in self.in_each_unit(normal):
                place = self.compared(candidate, span)
                if place is not None:
                    return place
        return None

    def measured(self, result: LabResult) -> Span | None:
        """What the value stands for."""
        return self.limited(result, result.span) if result.span is not None else None

    def limited(self, result: LabResult, span: Span) -> Span:
        """The codes ``<`` and ``>`` make a limit of measure of a number."""
        if span.low != span.high or span.low is None:
            return span
        if "<" in result.codes:
            return Span(high=replace(span.low, included=False))
        return Span(low=replace(span.low, included=False)) if ">" in result.codes else span

    def in_each_unit(self, normal: Span) -> Iterator[Span]:
        """A range as written, then in the other units that the laboratory gives."""
        yield normal
        limits = [one for one in (normal.low, normal.high) if one is not None]
        for unit in dict.fromkeys(other.unit for one in limits for other in one.others):
            given = [one.in_unit(unit) for one in limits]
            if None not in given:
                yield Span(
                    low=normal.low.in_unit(unit) if normal.low else None,
                    high=normal.high.in_unit(unit) if normal.high else None,
                )

    def compared(self, value: Span, normal: Span) -> str | None:
        """``above``, ``inside``, ``below``; ``None`` when part of what the value stands for is in, part out."""
        unit = next((one.amount.unit for one in (normal.low, normal.high) if one and one.amount.unit), None)
        if normal.low is None and normal.high is None:
            return None
        low, high = self.end(value.low, unit), self.end(value.high, unit)
        floor, ceiling = self.end(normal.low, unit), self.end(normal.high, unit)
        if self.is_above(low, ceiling):
            return "above"
        if self.is_below(high, floor):
            return "below"
        if low is None or high is None or floor is None or ceiling is None:
            return None
        if low.number is None and high.number is not None and high.number >= 0:
            low = End(Fraction(0))  # nothing measured here is negative
        return "inside" if self.stays(low, floor, 1) and self.stays(high, ceiling, -1) else None

    def end(self, limit: Limit | None, unit: str | None) -> End | None:
        """An end in the unit of the range; ``None`` when it does not convert."""
        if limit is None:
            return End(None)
        number = self.converted(limit.amount, unit)
        return End(number, limit.included) if number is not None else None

    def is_above(self, low: End | None, ceiling: End | None) -> bool:
        """Whether all of a value is above the upper bound."""
        if low is None or ceiling is None or low.number is None or ceiling.number is None:
            return False
        return low.number > ceiling.number or self.is_equal_outside(low, ceiling)

    def is_below(self, high: End | None, floor: End | None) -> bool:
        """Whether all of a value is below the lower bound."""
        if high is None or floor is None or high.number is None or floor.number is None:
            return False
        return high.number < floor.number or self.is_equal_outside(high, floor)

    def is_equal_outside(self, end: End, bound: End) -> bool:
        """Whether an end equals a bound, and one of them is not part of its interval."""
        return end.number == bound.number and not (end.included and bound.included)

    def stays(self, end: End, bound: End, side: int) -> bool:
        """Whether an end of the value does not pass a bound."""
        if bound.number is None or end.number is None:
            return bound.number is None
        if end.number == bound.number:
            return bound.included or not end.included
        return (end.number - bound.number) * side > 0

    def converted(self, amount: Amount, unit: str | None) -> Fraction | None:
        """A number in another unit; a unit that is missing on one side is taken for the same."""
        number = amount.number
        if number is None:
            return None
        if amount.unit == unit or amount.unit is None or unit is None:
            return Fraction(number)
        return self.by_factor(amount, unit)

    def by_factor(self, amount: Amount, unit: str) -> Fraction | None:
        """A number in another unit by the rules of UCUM; ``None`` when that needs to know the substance."""
        number = amount.number
        return units.convert_exactly(number, amount.unit or "1", unit) if number is not None else None


def _day(stamp: str | None) -> date | None:
    try:
        return date.fromisoformat(stamp[:8]) if stamp else None
    except ValueError:
        return None
