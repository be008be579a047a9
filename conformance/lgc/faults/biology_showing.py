"""Faults of biology: how results are shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from conformance.lgc.biology.laboratory import Laboratory, StatusOf
from conformance.lgc.biology.model import Amount, LabReport, LabResult, Limit
from conformance.lgc.biology.showing import LabShowing
from conformance.sut.contract import Bound, DocumentStatus, Flag, FlagKind, Measure
from conformance.sut.contract import LabResult as ShownResult


class ConvertsWithWrongFactor(LabShowing):
    """Shows a result in another unit with a factor that is ten times too small.

    Montre un résultat dans une autre unité avec un facteur dix fois trop petit.
    """

    def value(self, result: LabResult, unit: str | None) -> Measure | None:
        shown = super().value(result, unit)
        converted = shown is not None and shown.unit not in (result.unit or "", *(one.unit for one in result.others))
        if shown is None or not converted:
            return shown
        return Measure(value=str(Decimal(shown.value) / 10), unit=shown.unit, comparator=shown.comparator)


class LeavesRangeUnconverted(LabShowing):
    """Converts a result and leaves its range in the other unit.

    Convertit un résultat et laisse son intervalle dans l’autre unité.
    """

    def bound(self, limit: Limit | None, unit: str) -> Bound | None:
        return Bound(value=limit.amount.text, inclusive=limit.included) if limit is not None else None


class MakesUpMolarMass(LabShowing):
    """Converts moles to grams as if every substance weighed 100 grams a mole.

    Convertit les moles en grammes comme si toute substance pesait 100 grammes par mole.
    """

    def converted(self, amount: Amount, unit: str) -> str | None:
        done = super().converted(amount, unit)
        if done is not None or amount.number is None or "mol/L" not in (amount.unit or "") or "g/L" not in unit:
            return done
        return str(amount.number / 10)


class ForgetsChosenUnit(LabShowing):
    """Shows every result in the unit of its report, whatever is asked for.

    Montre chaque résultat dans l’unité de son compte rendu, quoi qu’on demande.
    """

    def value(self, result: LabResult, unit: str | None) -> Measure | None:
        return super().value(result, None)

    def converted(self, amount: Amount, unit: str) -> str | None:
        return None


class FlagsInsideDocumentOnly(Laboratory):
    """Flags results inside the document, and nothing in the lists.

    Signale les résultats dans le document, et rien dans les listes.
    """

    def flags(self, report: LabReport) -> tuple[Flag, ...]:
        return tuple(flag for flag in super().flags(report) if flag.kind is FlagKind.PRELIMINARY)


class ForgetsFlagAfterCorrection(Laboratory):
    """Does not judge a report that corrects another one.

    Ne juge pas un compte rendu qui en corrige un autre.
    """

    def examine(self, body: bytes) -> LabReport | None:
        report = super().examine(body)
        if report is None or b'typeCode="RPLC"' not in body:
            return report
        quiet = (LabResult(**{**vars(one), "signals": ()}) for one in report.results)
        return LabReport(**{**vars(report), "results": tuple(quiet)})


class ErasesFormerResults(Laboratory):
    """Erases the results of a report that was replaced.

    Efface les résultats d’un compte rendu remplacé.
    """

    def is_listed(self, result: LabResult, status: DocumentStatus) -> bool:
        return status is not DocumentStatus.REPLACED


class ErasesDeletedResults(Laboratory):
    """Erases the results of a report that was deleted.

    Efface les résultats d’un compte rendu supprimé.
    """

    def is_listed(self, result: LabResult, status: DocumentStatus) -> bool:
        return status is not DocumentStatus.DELETED


class KeepsFormerResults(Laboratory):
    """Shows the results of replaced and deleted reports as still in force.

    Montre comme encore en vigueur les résultats des comptes rendus remplacés ou supprimés.
    """

    def results(
        self, patient_id: str, code: str | None, unit: str | None, status_of: StatusOf
    ) -> tuple[ShownResult, ...]:
        always: Callable[[str], DocumentStatus] = lambda _: DocumentStatus.CURRENT  # noqa: E731 — a status for all
        return super().results(patient_id, code, unit, always)


class SortsByArrival(Laboratory):
    """Lists results in the order in which the reports arrived.

    Liste les résultats dans l’ordre d’arrivée des comptes rendus.
    """

    def results(
        self, patient_id: str, code: str | None, unit: str | None, status_of: StatusOf
    ) -> tuple[ShownResult, ...]:
        arrived = [document_id for document_id, _ in self.keeping.reports(patient_id)]
        return tuple(
            sorted(
                super().results(patient_id, code, unit, status_of),
                key=lambda one: arrived.index(one.document_id),
                reverse=True,
            )
        )


class MixesAnalyses(Laboratory):
    """Shows every analysis when one is asked for.

    Montre toutes les analyses quand on en demande une.
    """

    def results(
        self, patient_id: str, code: str | None, unit: str | None, status_of: StatusOf
    ) -> tuple[ShownResult, ...]:
        return super().results(patient_id, None, unit, status_of)


class WarnsOfFirstVersionsOnly(Laboratory):
    """Raises no warning for a report that corrects another one.

    Ne déclenche pas d’alerte pour un compte rendu qui en corrige un autre.
    """

    def file(self, document_id: str, patient_id: str, body: bytes) -> None:
        self._corrects = b'typeCode="RPLC"' in body
        super().file(document_id, patient_id, body)

    def warn(self, report: LabReport, now: datetime, patient_id: str, document_id: str) -> None:
        if not self._corrects:
            super().warn(report, now, patient_id, document_id)
