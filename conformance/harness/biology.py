"""Laboratory reports on the bench: they reach the product by a road, then the product is asked what its user sees.

A desk belongs to one test: its patients and its documents have identifiers of their own, the same at each play.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random
from typing import Final

from conformance.cda.lab import ReportJudgement, judge_report, read_report
from conformance.cda.lab.model import Result
from conformance.cda.reading import read_document
from conformance.core.language import Text
from conformance.exchange.cda_header import CdaHeader
from conformance.exchange.mail import Attachment
from conformance.generation.messages.post import header_of
from conformance.generation.people import Patient as MadePatient
from conformance.harness.bench import Bench
from conformance.harness.judgement import Unmet
from conformance.harness.lab_reports import (
    Edition,
    first_edition,
    made_patient,
    patient_file,
    results_in_pdf,
    write_report,
)
from conformance.harness.lab_roads import ROADS, MailRoad, Road
from conformance.sut.contract import (
    Alert,
    DocumentView,
    FlagKind,
    LabResult,
    OperationNotOffered,
    Patient,
    WorklistItem,
)

TOLD: Final = frozenset({FlagKind.ABNORMAL, FlagKind.URGENT, FlagKind.COMMENT})
"""The flags by which a user is told of a result."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A patient of the product, as he was made (``None``: read from a kept document) and as the product knows him."""

    made: MadePatient | None
    held: Patient

    @property
    def id(self) -> str:
        """The product's own identifier."""
        return self.held.patient_id


@dataclass(frozen=True)
class Sent:
    """A report that went to the product: whose, its bytes, its header."""

    patient: Admitted
    data: bytes
    edition: Edition | None = None

    @cached_property
    def header(self) -> CdaHeader:
        """What its header says."""
        return header_of(self.data)

    @property
    def unique_id(self) -> str:
        """Its identifier as the contract writes it."""
        return self.header.unique_id

    @cached_property
    def judged(self) -> ReportJudgement:
        """What the oracle says of it and of its results, in the order of the document."""
        return judge_report(read_report(read_document(self.data), places=False))


class LabDesk:
    """Sends reports to the product and reads what it shows. ``roads``: those that the test may take, best first."""

    def __init__(self, bench: Bench, *roads: str) -> None:
        self.bench = bench
        self._names = roads or tuple(ROADS)
        self._roads: dict[str, Road] = {}
        self._taken = ""
        self._random = Random(f"{bench.seed} {bench.test} {' '.join(roads)}")

    # Sending ------------------------------------------------------------------------------------------

    def admit(self, sex: str | None = None, born: date | None = None) -> Admitted:
        """A new patient of the product."""
        return self.admit_as(made_patient(self._random, sex, born))

    def admit_as(self, made: MadePatient) -> Admitted:
        """This patient, known to the product from now on."""
        file = patient_file(made)
        identity = file.identity
        self.bench.story.protect(identity.birth_name, identity.birth_given_names, made.identity.matricule)
        return Admitted(made, self.bench.product.create_patient(file))

    def edition(self) -> Edition:
        """Identifiers for a new report."""
        return first_edition(self._random)

    def send(
        self,
        *results: Result,
        patient: Admitted | None = None,
        edition: Edition | None = None,
        comments: Sequence[str] = (),
        final: bool = True,
    ) -> Sent:
        """A report with these results, sent to the product for a patient (a new one unless given)."""
        patient = patient or self.admit()
        edition = edition or self.edition()
        assert patient.made is not None
        data = write_report(patient.made, edition, results, comments=comments, final=final)
        return self.send_document(patient, data, edition)

    def send_each(
        self,
        *reports: Sequence[Result],
        editions: Sequence[Edition] = (),
        patient: Admitted | None = None,
        finals: Sequence[bool] = (),
    ) -> list[Sent]:
        """Several reports of a patient (a new one unless given), sent at once in this order."""
        patient = patient or self.admit()
        assert patient.made is not None
        numbered = editions or [self.edition() for _ in reports]
        sent = [
            Sent(patient, write_report(patient.made, edition, results, final=final), edition)
            for results, edition, final in zip(reports, numbered, finals or [True] * len(reports), strict=True)
        ]
        self.send_all(sent)
        return sent

    def send_document(self, patient: Admitted, data: bytes, edition: Edition | None = None) -> Sent:
        """A document as it is, sent to the product."""
        sent = Sent(patient, data, edition)
        self.send_all([sent])
        return sent

    def send_all(self, sent: Sequence[Sent]) -> None:
        """Several documents of one patient, at once."""
        for one in sent:
            self.bench.story.attach("cr-bio.xml", one.data, "application/xml", role="sent", document_type="cr-bio")
        self.travel(lambda road: road.bring(sent[0].patient.held, [one.data for one in sent]))

    def send_pdf(self) -> str:
        """A message that carries results in a PDF and nothing else; gives its subject. By mail only."""
        road = self.road("mssante")
        assert isinstance(road, MailRoad)
        subject = f"Résultats {road.mail.token}"
        pdf = Attachment("resultats.pdf", "application/pdf", results_in_pdf())
        self.travel(lambda _: road.mail.receive(road.mail.note(subject=subject, attachments=(pdf,))))
        return subject

    def ask_deletion(self, sent: Sent) -> None:
        """Ask that a report be deleted; the user agrees."""
        self.travel(lambda road: road.ask_deletion(sent.patient.held, sent.data))

    def travel(self, go: Callable[[Road], None]) -> None:
        """Do this on the first road that the product offers, of those that the test may take.

        Raises ``OperationNotOffered`` when it offers none of them.
        """
        closed = self.bench.simulators.not_offered
        for name in self._names:
            if name in closed:
                continue
            try:
                with self.bench.story.step(self.road(name).title):
                    go(self.road(name))
            except OperationNotOffered as error:
                closed[name] = error
            else:
                self._taken = name
                return
        raise closed[self._names[0]]

    def road(self, name: str) -> Road:
        """The road of this name, for this test."""
        if name not in self._roads:
            self._roads[name] = ROADS[name](self.bench)
        return self._roads[name]

    # What the user sees -------------------------------------------------------------------------------

    def results(self, patient: Admitted, code: str | None = None, unit: str | None = None) -> tuple[LabResult, ...]:
        """The results of a patient, as the product lists them."""
        return self.bench.product.list_results(patient.id, code, unit)

    def results_of(self, sent: Sent, unit: str | None = None) -> dict[str, LabResult]:
        """The results of one report by their LOINC code (each code stands once in it)."""
        line = self.line(sent)
        found = [one for one in self.results(sent.patient, unit=unit) if one.document_id == line.document_id]
        return {one.code.code: one for one in found if one.code is not None}

    def result(self, sent: Sent, unit: str | None = None) -> LabResult:
        """The one result of a report that holds one."""
        line = self.line(sent)
        found = [one for one in self.results(sent.patient, unit=unit) if one.document_id == line.document_id]
        if len(found) != 1:
            raise Unmet(
                Text(
                    f"Le compte rendu contient 1 résultat ; le logiciel en montre {len(found)}.",
                    f"The report holds 1 result; the product shows {len(found)}.",
                )
            )
        return found[0]

    def line(self, sent: Sent) -> DocumentView:
        """The line of a report in the patient's list of documents."""
        lines = [one for one in self.bench.product.list_documents(sent.patient.id) if one.unique_id == sent.unique_id]
        if not lines:
            raise Unmet(
                Text(
                    f"Le compte rendu {sent.unique_id} n'est pas dans la liste des documents du patient.",
                    f"The report {sent.unique_id} is not in the patient's list of documents.",
                )
            )
        return lines[0]

    def item(self, sent: Sent) -> WorklistItem:
        """The item of the worklist about a report."""
        line = self.line(sent)
        for item in self.bench.product.worklist():
            if line.document_id == item.document_id or item.unique_id == sent.unique_id:
                return item
        raise Unmet(
            Text(
                f"Le compte rendu {sent.unique_id} n'est pas dans la liste des documents à lire.",
                f"The report {sent.unique_id} is not in the list of documents to be read.",
            )
        )

    def lists(self, sent: Sent) -> Iterator[tuple[Text, set[FlagKind]]]:
        """The flags of a report in each list that shows it: the patient's, and the worklist when it came by itself."""
        yield Text("liste du patient", "patient's list"), kinds(self.line(sent))
        if self.road(self._taken).waits:
            yield Text("liste à lire", "list to read"), kinds(self.item(sent))

    def waiting(self, subject: str) -> WorklistItem:
        """The item of the worklist about a message with this subject."""
        for item in self.bench.product.worklist():
            if subject in item.title:
                return item
        raise Unmet(
            Text(
                f"Le message « {subject} » n'est pas dans la liste des documents à lire.",
                f"The message “{subject}” is not in the list of documents to be read.",
            )
        )

    def alerts(self, sent: Sent) -> list[Alert]:
        """The warnings about a report."""
        line = self.line(sent)
        return [one for one in self.bench.product.alerts() if one.document_id == line.document_id]


def told(flags: Iterable[FlagKind]) -> bool:
    """Whether these flags tell the user of something."""
    return not TOLD.isdisjoint(flags)


def kinds(shown: LabResult | DocumentView | WorklistItem) -> set[FlagKind]:
    """The flags that are shown."""
    return {flag.kind for flag in shown.flags}
