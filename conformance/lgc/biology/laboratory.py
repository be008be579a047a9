"""Laboratory reports in the product: files them as data, tells of them outside the document, warns at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lxml import etree

from conformance.lgc.biology.judging import NOT_GIVEN, LabJudging
from conformance.lgc.biology.keeping import LabKeeping
from conformance.lgc.biology.model import LabReport, LabResult
from conformance.lgc.biology.reading import LabReading
from conformance.lgc.biology.showing import LabShowing
from conformance.sut.contract import Alert, DocumentStatus, Flag, FlagKind
from conformance.sut.contract import LabResult as ShownResult

REPORT_TYPE = "11502-2"
"""LOINC: report of laboratory examinations."""

StatusOf = Callable[[str], DocumentStatus]


class Laboratory:
    """What the practice asks about laboratory reports."""

    def __init__(self, keeping: LabKeeping, reading: LabReading, judging: LabJudging, showing: LabShowing) -> None:
        self.keeping = keeping
        self.reading = reading
        self.judging = judging
        self.showing = showing

    def examine(self, body: bytes) -> LabReport | None:
        """What a document says, judged; ``None`` when it is no laboratory report that can be read."""
        try:
            report = self.reading.read(body)
        except etree.XMLSyntaxError:
            return None
        return self.judging.judge(report) if report.type == REPORT_TYPE else None

    def file(self, document_id: str, patient_id: str, body: bytes) -> None:
        """Keep the results of a report that was filed into a record, and warn if one of them cannot wait."""
        report = self.examine(body)
        if report is None:
            return
        now = datetime.now().astimezone().replace(microsecond=0)
        self.keeping.keep(document_id, patient_id, report, self.flags(report))
        self.warn(report, now, patient_id, document_id)

    def warn(self, report: LabReport, now: datetime, patient_id: str, document_id: str) -> None:
        """Raise a warning for the results that cannot wait."""
        for rank, result in enumerate(report.results):
            if result.critical:
                text = (
                    f"À lire tout de suite — {self.showing.label(result)} : {result.text} {result.unit or ''}".strip()
                )
                self.keeping.save_alert(
                    Alert(
                        alert_id=f"alert-{document_id}-{rank}",
                        text=f"{text} ({', '.join(result.codes)})",
                        raised=now,
                        patient_id=patient_id,
                        document_id=document_id,
                    )
                )

    def flags(self, report: LabReport) -> tuple[Flag, ...]:
        """What the user sees of a report without opening it."""
        signals = {signal for one in report.results for signal in one.signals}
        flags = []
        if report.critical:
            flags.append(Flag(kind=FlagKind.URGENT, text="résultat à lire tout de suite"))
        if signals & {"interpretation", "interval"}:
            flags.append(Flag(kind=FlagKind.ABNORMAL, text=self.reasons(report)))
        if (
            "comment" in signals
            or report.remarks
            or any(one.comments for one in report.results if one.status in NOT_GIVEN)
        ):
            flags.append(Flag(kind=FlagKind.COMMENT, text="commentaire du laboratoire"))
        if not report.final:
            flags.append(Flag(kind=FlagKind.PRELIMINARY, text="résultats partiels"))
        return tuple(flags)

    def reasons(self, report: LabReport) -> str:
        """Why a report stands out, in a few words."""
        told = [f"{one.label} : {one.reasons[0]}" for one in report.results if one.reasons]
        more = f" ; et {len(told) - 3} autre(s)" if len(told) > 3 else ""
        return " ; ".join(told[:3]) + more

    def flags_of_document(self, document_id: str) -> tuple[Flag, ...]:
        """The flags of a document of the record."""
        return self.keeping.flags(document_id)

    def results(
        self, patient_id: str, code: str | None, unit: str | None, status_of: StatusOf
    ) -> tuple[ShownResult, ...]:
        """The results of a patient, newest first."""
        shown = []
        for document_id, report in self.keeping.reports(patient_id):
            status = status_of(document_id)
            for rank, result in enumerate(report.results):
                if self.is_listed(result, status) and code in (None, result.code):
                    shown.append(self.showing.shown(result, f"{document_id}-r{rank}", document_id, status, unit))
        return tuple(sorted(shown, key=lambda one: one.date.timestamp() if one.date else 0.0, reverse=True))

    def is_listed(self, result: LabResult, status: DocumentStatus) -> bool:
        """Whether a result is listed: all are, those of a replaced or deleted report with that status."""
        return True

    def alerts(self) -> tuple[Alert, ...]:
        """The warnings."""
        return tuple(self.keeping.alerts())

    def acknowledge(self, alert_id: str) -> Alert:
        """The user has seen a warning."""
        seen = replace(self.keeping.alert(alert_id), acknowledged=True)
        self.keeping.save_alert(seen)
        return seen
