"""Faults of biology: which results the user is told of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from conformance.lgc.biology.judging import End, LabJudging
from conformance.lgc.biology.model import Amount, LabReport, LabResult, Limit, Normal, Span
from conformance.terminology import units


class IgnoresUpperBound(LabJudging):
    """Never finds a result above its range.

    Ne trouve jamais un résultat au-dessus de son intervalle.
    """

    def is_above(self, low: End | None, ceiling: End | None) -> bool:
        return False


class IgnoresLowerBound(LabJudging):
    """Never finds a result below its range.

    Ne trouve jamais un résultat au-dessous de son intervalle.
    """

    def is_below(self, high: End | None, floor: End | None) -> bool:
        return False


class ExcludesBounds(LabJudging):
    """Takes a result that equals an included bound for one outside.

    Tient un résultat égal à une borne incluse pour hors de l’intervalle.
    """

    def end(self, limit: object, unit: str | None) -> End | None:
        end = super().end(limit, unit)  # type: ignore[arg-type]  # as it came
        return End(end.number, included=False) if end is not None else None


class IncludesBounds(LabJudging):
    """Takes a result that equals an excluded bound for one inside.

    Tient un résultat égal à une borne exclue pour dans l’intervalle.
    """

    def end(self, limit: object, unit: str | None) -> End | None:
        end = super().end(limit, unit)  # type: ignore[arg-type]  # as it came
        return End(end.number, included=True) if end is not None else None


class ComparesText(LabJudging):
    """Compares numbers as texts, letter by letter.

    Compare les nombres comme des textes, lettre à lettre.
    """

    def is_above(self, low: End | None, ceiling: End | None) -> bool:
        if low is None or ceiling is None or low.number is None or ceiling.number is None:
            return False
        return str(float(low.number)) > str(float(ceiling.number)) or super().is_equal_outside(low, ceiling)

    def is_below(self, high: End | None, floor: End | None) -> bool:
        if high is None or floor is None or high.number is None or floor.number is None:
            return False
        return str(float(high.number)) < str(float(floor.number)) or super().is_equal_outside(high, floor)


class RoundsBeforeComparing(LabJudging):
    """Rounds to one decimal before comparing.

    Arrondit à une décimale avant de comparer.
    """

    def converted(self, amount: Amount, unit: str | None) -> Fraction | None:
        exact = super().converted(amount, unit)
        return round(exact, 1) if exact is not None else None


class ConvertsInBinary(LabJudging):
    """Converts units with binary floating point, so that 0.0051 mol/L is more than 5.1 mmol/L.

    Convertit les unités en virgule flottante binaire : 0,0051 mol/L dépasse alors 5,1 mmol/L.
    """

    def by_factor(self, amount: Amount, unit: str) -> Fraction | None:
        if super().by_factor(amount, unit) is None or amount.number is None:
            return None
        factor = super().by_factor(Amount(text="1", unit=amount.unit), unit)
        return Fraction(str(float(amount.number) * float(factor or 1)))


class IgnoresUnits(LabJudging):
    """Compares numbers whatever their units.

    Compare les nombres sans regarder les unités.
    """

    def converted(self, amount: Amount, unit: str | None) -> Fraction | None:
        number = amount.number
        return Fraction(number) if number is not None else None


class NeedsUcum(LabJudging):
    """Compares nothing whose unit is not UCUM.

    Ne compare rien dont l’unité n’est pas UCUM.
    """

    def converted(self, amount: Amount, unit: str | None) -> Fraction | None:
        if amount.unit and not units.is_ucum(amount.unit):
            return None
        return super().converted(amount, unit)


class IgnoresSecondUnit(LabJudging):
    """Compares in the first unit only, even where the laboratory gives a second one.

    Ne compare que dans la première unité, même quand le laboratoire en donne une seconde.
    """

    def place_in(self, result: LabResult, normal: Span) -> str | None:
        value = self.measured(result)
        return self.compared(value, normal) if value is not None else None


class TrustsCodeOnly(LabJudging):
    """Never looks at the reference range.

    Ne regarde jamais l’intervalle de référence.
    """

    def by_interval(self, result: LabResult, report: LabReport) -> Iterator[str]:
        return iter(())


class TrustsIntervalOnly(LabJudging):
    """Never looks at the code of the laboratory, but for an emergency.

    Ne regarde jamais le code du laboratoire, sauf pour une urgence.
    """

    def by_code(self, result: LabResult) -> Iterator[str]:
        return iter(())


class LetsCodeOverrule(LabJudging):
    """Says nothing of a value outside its range when the laboratory writes N.

    Ne dit rien d’une valeur hors de son intervalle quand le laboratoire écrit N.
    """

    def by_interval(self, result: LabResult, report: LabReport) -> Iterator[str]:
        return iter(()) if "N" in result.codes else super().by_interval(result, report)


class FlagsCodeN(LabJudging):
    """Flags every result that has a code, even N.

    Signale tout résultat qui porte un code, même N.
    """

    def by_code(self, result: LabResult) -> Iterator[str]:
        return (f"code {code}" for code in result.codes)


class FlagsEverything(LabJudging):
    """Flags every result.

    Signale tous les résultats.
    """

    def by_interval(self, result: LabResult, report: LabReport) -> Iterator[str]:
        yield "à vérifier"


class IgnoresComments(LabJudging):
    """Does not tell of a result that the laboratory only commented.

    Ne signale pas un résultat que le laboratoire a seulement commenté.
    """

    def by_comment(self, result: LabResult) -> Iterator[str]:
        return iter(())


class IgnoresSexOfRanges(LabJudging):
    """Applies ranges of either sex to every patient.

    Applique à tout patient les intervalles de l’un et l’autre sexe.
    """

    def is_of_sex(self, normal: Normal, report: LabReport) -> bool | None:
        return True

    def ranges_for(self, result: LabResult, report: LabReport) -> tuple[list[Span], bool]:
        ranges, certain = super().ranges_for(result, report)
        return ranges[:1], certain


class IgnoresAgeOfRanges(LabJudging):
    """Applies ranges of any age to every patient.

    Applique à tout patient les intervalles de tous les âges.
    """

    def is_of_age(self, normal: Normal, result: LabResult, report: LabReport) -> bool | None:
        return True


class TakesEveryRangeForNormal(LabJudging):
    """Takes a range for the normal one even when its code says otherwise.

    Tient tout intervalle pour l’intervalle normal, même quand son code dit autre chose.
    """

    def is_normal(self, normal: Normal) -> bool:
        return True


class ReadsLimitsAsNumbers(LabJudging):
    """Compares a limit of measure as if it were the number: < 0.270 as 0.270.

    Compare une limite de mesure comme si c’était le nombre : < 0,270 comme 0,270.
    """

    def measured(self, result: LabResult) -> Span | None:
        span = super().measured(result)
        limit = (span.low or span.high) if span is not None else None
        if limit is None:
            return span
        exact = type(limit)(amount=limit.amount, included=True, others=limit.others)
        return Span(low=exact, high=exact)


class NoAlertOnHh(LabJudging):
    """Raises no warning for the code HH.

    Ne déclenche pas d’alerte pour le code HH.
    """

    def critical(self, result: LabResult) -> bool:
        return any(code in ("AA", "LL") for code in result.codes)


class WarnsOfEveryAbnormalCode(LabJudging):
    """Warns as in an emergency of every code out of limits.

    Alerte comme pour une urgence à tout code hors limites.
    """

    def critical(self, result: LabResult) -> bool:
        return any(super().by_code(result))


class CountsAgeByYears(LabJudging):
    """Counts the age from year to year, so that a patient is 18 from 1 January on.

    Compte l’âge d’année en année : un patient a 18 ans dès le 1er janvier.
    """

    def reaches(self, limit: Limit | None, born: date, day: date, side: int) -> bool | None:
        return super().reaches(limit, date(born.year, 1, 1), day, side)
