"""Faults of biology: what is read from a report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from conformance.lgc.biology.model import Amount, LabReport, LabResult, Span
from conformance.lgc.biology.reading import XSI_TYPE, LabReading, Node, found


class ReadsThousands(LabReading):
    """Takes a point before three digits for a separator of thousands: 2.150 becomes 2150.

    Prend un point suivi de trois chiffres pour un séparateur de milliers : 2.150 devient 2150.
    """

    def amount(self, node: Node) -> Amount:
        amount = super().amount(node)
        return replace(amount, text=re.sub(r"^([0-9]+)\.([0-9]{3})$", r"\1\2", amount.text))


class LosesSecondUnit(LabReading):
    """Keeps only the first unit of a result.

    Ne garde que la première unité d’un résultat.
    """

    def result(self, node: Node) -> LabResult:
        return replace(super().result(node), others=())


class DropsComments(LabReading):
    """Does not read comments on results.

    Ne lit pas les commentaires des résultats.
    """

    def comments(self, node: Node) -> Iterator[str]:
        return iter(())


class DropsRemarks(LabReading):
    """Does not read the comments on the whole report.

    Ne lit pas les commentaires sur le compte rendu entier.
    """

    def remarks(self, body: Node) -> Iterator[str]:
        return iter(())


class OverlooksIsolates(LabReading):
    """Does not read the results of an isolate.

    Ne lit pas les résultats d’un isolat.
    """

    def observations(self, body: Node) -> list[Node]:
        return [
            one for one in super().observations(body) if not found(one, "ancestor::h:organizer[@classCode='CLUSTER']")
        ]


class CountsRecalledResults(LabReading):
    """Takes the value recalled from an earlier report for that of the day.

    Prend la valeur rappelée d’un compte rendu antérieur pour celle du jour.
    """

    def result(self, node: Node) -> LabResult:
        recalled = found(node, "h:entryRelationship[@typeCode='REFR']/h:observation[h:value]")
        if not recalled:
            return super().result(node)
        text, unit, others, span = self.value(found(recalled[0], "h:value")[0])
        return replace(super().result(node), text=text, unit=unit, others=others, span=span)


class DropsLocalCodes(LabReading):
    """Does not keep a result that has no LOINC code.

    Ne garde pas un résultat sans code LOINC.
    """

    def read(self, document: bytes) -> LabReport:
        report = super().read(document)
        return replace(report, results=tuple(one for one in report.results if one.code))


class TakesDateOfReport(LabReading):
    """Dates every result with the day of the report.

    Date chaque résultat du jour du compte rendu.
    """

    def time(self, node: Node) -> str:
        stamps = found(node.getroottree().getroot(), "descendant-or-self::h:ClinicalDocument/h:effectiveTime")
        return stamps[0].get("value", "") if stamps else ""


class MakesUpResultsOfPdfs(LabReading):
    """Takes the numbers in the PDF of a level 1 report for results.

    Prend pour des résultats les nombres du PDF d’un compte rendu de niveau 1.
    """

    def read(self, document: bytes) -> LabReport:
        report = super().read(document)
        if report.structured:
            return report
        return replace(
            report, results=(LabResult(code=None, local_code=None, label="Potassium", text="6.8", unit="mmol/L"),)
        )


class ReadsTypesWithoutPrefix(LabReading):
    """Does not understand the type of a value that is written with a prefix (``c:PQ``).

    Ne comprend pas le type d’une valeur écrit avec un préfixe (``c:PQ``).
    """

    def value(self, node: Node) -> tuple[str, str | None, tuple[Amount, ...], Span | None]:
        return ("", None, (), None) if ":" in node.get(XSI_TYPE, "") else super().value(node)


class OverlooksSubChapters(LabReading):
    """Does not read the results of a sub-chapter.

    Ne lit pas les résultats d’un sous-chapitre.
    """

    def observations(self, body: Node) -> list[Node]:
        return [
            one
            for one in super().observations(body)
            if not found(one, "ancestor::h:section/parent::h:component/parent::h:section")
        ]
