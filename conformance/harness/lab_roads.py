"""The roads by which laboratory reports reach a product, as far as its user has to help."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from conformance.core.language import Text
from conformance.exchange.metadata.hl7 import Cx
from conformance.generation.messages.post import header_of
from conformance.harness.bench import Bench
from conformance.harness.judgement import Unmet
from conformance.harness.mssante import MailBench
from conformance.sut.contract import (
    DmpQuery,
    IntegrationRequest,
    ItemDecision,
    NoticeKind,
    Patient,
    WorklistReason,
)

if TYPE_CHECKING:
    from conformance.harness.dmp import DmpBench
    from conformance.harness.lab_dmp import FeedingLaboratory


class Road(ABC):
    """One way to the product; ``waits``: what comes by it is on the worklist until the user has read it."""

    title: Text
    waits: bool

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    @abstractmethod
    def bring(self, patient: Patient, documents: Sequence[bytes]) -> None:
        """Bring documents of one patient into his record. Raises ``OperationNotOffered``."""

    @abstractmethod
    def ask_deletion(self, patient: Patient, document: bytes) -> None:
        """Ask that a document be deleted, as its author would, and have the user agree."""

    def _missing(self, patient: Patient, documents: Sequence[bytes]) -> list[str]:
        """The identifiers of the documents that are not in the record."""
        filed = {line.unique_id for line in self.bench.product.list_documents(patient.patient_id)}
        return [one for document in documents if (one := header_of(document).unique_id) not in filed]


class MailRoad(Road):
    """The MSSanté mailbox: one message with all documents, then the product looks into its mailbox."""

    title = Text("Les comptes rendus passent par MSSanté", "Reports go by MSSanté")
    waits = True

    @cached_property
    def mail(self) -> MailBench:
        """The post office of the test."""
        return MailBench(self.bench)

    def bring(self, patient: Patient, documents: Sequence[bytes]) -> None:
        """Send, look, and file with one click what the product does not file by itself."""
        self.mail.log_in()
        self.mail.receive(self.mail.letter(documents))
        missing = self._missing(patient, documents)
        for item in self.bench.product.worklist() if missing else ():
            if item.unique_id in missing and item.document_id is None and item.patient_id == patient.patient_id:
                self.bench.product.integrate(
                    IntegrationRequest(origin="worklist", reference=item.item_id, patient_id=patient.patient_id)
                )

    def ask_deletion(self, patient: Patient, document: bytes) -> None:
        """Send the message that asks it, and accept what the product proposes."""
        self.mail.log_in()
        self.mail.receive(self.mail.deletion(document))
        wanted = header_of(document).unique_id
        for item in self.bench.product.worklist():
            if item.reason is WorklistReason.DELETION and item.unique_id == wanted:
                self.bench.product.settle_item(item.item_id, ItemDecision(accepted=True))


class DmpRoad(Road):
    """The patient's DMP: a laboratory feeds it with one lot, the user searches it and files what he finds.

    The user of the DMP is another one than that of the mailbox, so no other test plays meanwhile.
    """

    title = Text("Les comptes rendus passent par le DMP", "Reports go by the DMP")
    waits = False

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        bench.ending.enter_context(bench.simulators.alone())

    @cached_property
    def dmp(self) -> DmpBench:
        """The practice of the test, with its card."""
        # Loaded by the tests that take this road: the simulated DMP takes its time.
        from conformance.harness.dmp import DmpBench

        return DmpBench(self.bench)

    @cached_property
    def laboratory(self) -> FeedingLaboratory:
        """Who feeds the reports."""
        from conformance.harness.lab_dmp import FeedingLaboratory

        return FeedingLaboratory(self.dmp.dmp)

    def bring(self, patient: Patient, documents: Sequence[bytes]) -> None:
        """Feed, search, and file one by one what the product does not file by itself."""
        record = self._open(patient)
        self.laboratory.release(documents, record)
        shown = {entry.unique_id for entry in self.bench.product.search_dmp(patient.patient_id, DmpQuery())}
        for unique_id in self._missing(patient, documents):
            if unique_id not in shown:
                raise Unmet(
                    Text(
                        f"Le compte rendu {unique_id} est dans le DMP ; la recherche ne le montre pas.",
                        f"The report {unique_id} is in the DMP; the search does not show it.",
                    )
                )
            self.bench.product.integrate(
                IntegrationRequest(origin="dmp", reference=unique_id, patient_id=patient.patient_id)
            )

    def ask_deletion(self, patient: Patient, document: bytes) -> None:
        """Delete it in the DMP; the user, told when he opens the record, deletes it there too."""
        wanted = header_of(document).unique_id
        self.laboratory.withdraw(wanted, self._open(patient))
        lines = {line.unique_id: line.document_id for line in self.bench.product.list_documents(patient.patient_id)}
        filed = lines.get(wanted)
        for notice in self.bench.product.open_record(patient.patient_id).notices:
            told = notice.document_id or lines.get(notice.unique_id)
            if notice.kind is NoticeKind.DELETED and filed is not None and filed == told:
                self.bench.product.delete_document(filed)

    def _open(self, patient: Patient) -> str:
        """The patient's record at the DMP (a CX), which the user may consult; made when there is none."""
        identity = patient.file.identity
        assert identity.ins is not None  # reports are about qualified identities
        record = str(Cx(identity.ins.matricule, identity.ins.oid, "NH"))
        self.dmp.dmp.add_patient(
            record,
            family=identity.birth_name,
            given=identity.first_birth_given_name,
            birth_date=f"{identity.birth_date:%Y%m%d}",
            sex=str(identity.sex),
        )
        self.dmp.dmp.authorise(record, self.dmp.user.national_id)
        return record


ROADS: Final[dict[str, type[Road]]] = {"mssante": MailRoad, "dmp": DmpRoad}
"""The roads that there are, by the name that tests show; the first that the product offers is taken by default."""
