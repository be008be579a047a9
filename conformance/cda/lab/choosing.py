"""Which reference range holds for this patient: by sex, by age, by another condition.

Source: CDA R2 extension of IHE PaLM (``lab:precondition``), SDTC (``sdtc:precondition1``); reference « CR-BIO », §3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from conformance.cda.lab.codes import READ_AS_PUBLISHED
from conformance.cda.lab.model import Bound, Criterion, CriterionKind, Interval, ReferenceRange, Subject
from conformance.core.language import Text


class Applies(StrEnum):
    """Whether a range holds for this patient."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Choice:
    """The normal ranges to compare with, and what was left aside.

    ``certain`` is false when it cannot be known whether they hold: then only a verdict on which they all agree
    counts. ``doubts`` name those ranges.
    """

    ranges: tuple[ReferenceRange, ...]
    certain: bool = True
    notes: tuple[Text, ...] = ()
    doubts: tuple[Text, ...] = ()

    @property
    def unsure(self) -> bool:
        """Whether all hangs on one range of which nobody knows whether it holds."""
        return not self.certain and len(self.ranges) == 1


def choose(ranges: tuple[ReferenceRange, ...], subject: Subject, day: date | None, unsaid_is_normal: bool) -> Choice:
    """The ranges that say what is normal for this patient on that day."""
    notes: list[Text] = []
    doubts: list[Text] = []
    kept: list[tuple[ReferenceRange, Applies]] = []
    for one in ranges:
        if not _is_normal(one, unsaid_is_normal, notes, doubts):
            continue
        applies = _applies(one, subject, day)
        if applies is not Applies.NO:
            kept.append((one, applies))
        else:
            notes.append(Text(f"intervalle écarté : {_criteria(one).fr}", f"range set aside: {_criteria(one).en}"))
    if not kept:
        return Choice((), notes=tuple(notes), doubts=tuple(doubts))
    special = [one for one, applies in kept if applies is Applies.YES and one.criteria]
    unknown = [one for one, applies in kept if applies is Applies.UNKNOWN]
    if special:
        kept = [(one, applies) for one, applies in kept if one.criteria]
    for one in unknown:
        said = _criteria(one)
        doubts.append(
            Text(f"on ne sait pas si cet intervalle vaut pour ce patient : {said.fr}",
                 f"it is not known whether this range holds for this patient: {said.en}")
        )  # fmt: skip
    return Choice(tuple(one for one, _ in kept), not unknown, tuple(notes), tuple(doubts))


def _is_normal(one: ReferenceRange, unsaid_is_normal: bool, notes: list[Text], doubts: list[Text]) -> bool:
    code = one.code
    if code is None or code.code is None:
        said = Text("l'intervalle ne dit pas s'il est normal", "the range does not say whether it is normal")
        if unsaid_is_normal:
            notes.append(Text(f"{said.fr} : tenu pour tel", f"{said.en}: taken for it"))
        else:
            doubts.append(said)
        return unsaid_is_normal
    if code.code == "N" and code.system in READ_AS_PUBLISHED:
        return True
    notes.append(
        Text(f"intervalle de code {code.code} : ce n'est pas l'intervalle normal",
             f"range with the code {code.code}: it is not the normal range")
    )  # fmt: skip
    return False


def _of_sex(own: str | None, wanted: str | None) -> Applies:
    """« I » in the extension for laboratories is « UN » in the header; a man's range may be that of a person told so."""
    undetermined = ("I", "UN")
    if own in ("M", "F"):
        known = wanted in ("M", "F", *undetermined)
        return Applies.YES if own == wanted else Applies.NO if known else Applies.UNKNOWN
    return Applies.YES if own in undetermined and wanted in undetermined else Applies.UNKNOWN


def _applies(one: ReferenceRange, subject: Subject, day: date | None) -> Applies:
    answers = [_holds(criterion, subject, day) for criterion in one.criteria]
    if Applies.NO in answers:
        return Applies.NO
    return Applies.UNKNOWN if Applies.UNKNOWN in answers else Applies.YES


def _holds(criterion: Criterion, subject: Subject, day: date | None) -> Applies:
    if criterion.kind is CriterionKind.SEX:
        return _of_sex(subject.sex, criterion.sex)
    if criterion.kind is CriterionKind.AGE and criterion.age is not None:
        return _of_age(criterion.age, subject, day)
    return Applies.UNKNOWN


_MONTHS_OF: Final = {"a": 12, "mo": 1}
_DAYS_OF: Final = {"wk": 7, "d": 1}


def _of_age(age: Interval, subject: Subject, day: date | None) -> Applies:
    """Whole years and months by the calendar, weeks and days by count."""
    if subject.born is None or day is None or day < subject.born:
        return Applies.UNKNOWN
    low = _reached(age.low, subject.born, day)
    high = _reached(age.high, subject.born, day)
    if low is None or high is None:
        return Applies.UNKNOWN
    if age.low is not None and not (low > 0 or (low == 0 and age.low.inclusive)):
        return Applies.NO
    if age.high is not None and not (high < 0 or (high == 0 and age.high.inclusive)):
        return Applies.NO
    return Applies.YES


def _reached(bound: Bound | None, born: date, day: date) -> int | None:
    """-1, 0 or 1 as the age is less than, equal to or more than the bound; 0 without bound; ``None``: unknown."""
    if bound is None or bound.unbounded:
        return 0
    number, unit = bound.quantity.number, bound.quantity.unit or "a"
    if number is None:
        return None
    if unit in _MONTHS_OF:
        months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
        own = Fraction(months // 12 if unit == "a" else months)
    elif unit in _DAYS_OF:
        own = Fraction((day - born).days // _DAYS_OF[unit])
    else:
        return None
    wanted = Fraction(number)
    return (own > wanted) - (own < wanted)


def _criteria(one: ReferenceRange) -> Text:
    parts = [_say(criterion) for criterion in one.criteria]
    return Text(", ".join(part.fr for part in parts), ", ".join(part.en for part in parts))


def _say(criterion: Criterion) -> Text:
    if criterion.kind is CriterionKind.SEX:
        return Text(f"sexe {criterion.sex}", f"sex {criterion.sex}")
    if criterion.kind is CriterionKind.AGE and criterion.age is not None:
        return _say_age(criterion.age)
    words = criterion.words or "?"
    return Text(f"condition « {words} »", f"condition “{words}”")


_TIMES: Final = {
    "a": Text("ans", "years"), "mo": Text("mois", "months"), "wk": Text("semaines", "weeks"), "d": Text("jours", "days"),
}  # fmt: skip


def _say_age(age: Interval) -> Text:
    """« âge de 18 ans à moins de 65 ans »."""
    low, high = _say_bound(age.low), _say_bound(age.high)
    less = age.high is not None and not age.high.inclusive
    if low is None and high is None:
        return Text("tout âge", "any age")
    if high is None:
        assert low is not None
        return Text(f"âge à partir de {low.fr}", f"age from {low.en} on")
    end = Text(f"moins de {high.fr}", f"under {high.en}") if less else high
    if low is None:
        return Text(f"âge jusqu'à {end.fr}", f"age up to {end.en}")
    return Text(f"âge de {low.fr} à {end.fr}", f"age from {low.en} to {end.en}")


def _say_bound(bound: Bound | None) -> Text | None:
    if bound is None or bound.unbounded:
        return None
    unit = bound.quantity.unit or "a"
    named = _TIMES.get(unit, Text(unit, unit))
    return Text(f"{bound.quantity.written} {named.fr}", f"{bound.quantity.written} {named.en}")
