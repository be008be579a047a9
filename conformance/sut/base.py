"""What every adapter shares: the operations with their types; each adapter only says how a call travels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from conformance.sut.contract import (
    About,
    Alert,
    Deposit,
    DmpEntry,
    DmpQuery,
    DocumentEvent,
    DocumentRequest,
    DocumentView,
    FeedingChoice,
    IntegrationRequest,
    ItemDecision,
    LabResult,
    MessageRequest,
    Oppositions,
    Patient,
    PatientFile,
    PollReport,
    Prefill,
    RecordOpening,
    Rendering,
    Settings,
    WorklistItem,
)
from conformance.sut.operations import BY_NAME, Operation


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an operation: the parts of its path, its body, its query."""

    operation: Operation
    parts: dict[str, str] = field(default_factory=dict)
    body: Any = None
    query: dict[str, str | None] = field(default_factory=dict)


class Adapter(ABC):
    """A ``Product`` reached in some way: HTTP, a Python object, later a command, a folder, a person."""

    @abstractmethod
    def call(self, call: Call) -> Any:
        """Make the call and give its answer, of the shape that the table of operations says.

        Raises the errors of ``Product``, and no other.
        """

    def about(self) -> About:
        """See ``Product.about``."""
        answer: About = self._ask("about")
        return answer

    def reset(self) -> None:
        """See ``Product.reset``."""
        self._ask("reset")

    def configure(self, settings: Settings) -> None:
        """See ``Product.configure``."""
        self._ask("configure", settings)

    def create_patient(self, file: PatientFile) -> Patient:
        """See ``Product.create_patient``."""
        answer: Patient = self._ask("create_patient", file)
        return answer

    def read_patient(self, patient_id: str) -> Patient:
        """See ``Product.read_patient``."""
        answer: Patient = self._ask("read_patient", patient_id=patient_id)
        return answer

    def update_patient(self, patient_id: str, file: PatientFile) -> Patient:
        """See ``Product.update_patient``."""
        answer: Patient = self._ask("update_patient", file, patient_id=patient_id)
        return answer

    def prefill_document(self, patient_id: str, type: str, version: str | None = None) -> Prefill:
        """See ``Product.prefill_document``."""
        call = Call(BY_NAME["prefill_document"], {"patient_id": patient_id}, query={"type": type, "version": version})
        answer: Prefill = self.call(call)
        return answer

    def generate_document(self, patient_id: str, request: DocumentRequest) -> DocumentView:
        """See ``Product.generate_document``."""
        answer: DocumentView = self._ask("generate_document", request, patient_id=patient_id)
        return answer

    def read_document(self, document_id: str) -> bytes:
        """See ``Product.read_document``."""
        answer: bytes = self._ask("read_document", document_id=document_id)
        return answer

    def validate_document(self, document_id: str) -> DocumentView:
        """See ``Product.validate_document``."""
        answer: DocumentView = self._ask("validate_document", document_id=document_id)
        return answer

    def delete_document(self, document_id: str) -> DocumentView:
        """See ``Product.delete_document``."""
        answer: DocumentView = self._ask("delete_document", document_id=document_id)
        return answer

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        """See ``Product.list_documents``."""
        answer: tuple[DocumentView, ...] = self._ask("list_documents", patient_id=patient_id)
        return answer

    def worklist(self) -> tuple[WorklistItem, ...]:
        """See ``Product.worklist``."""
        answer: tuple[WorklistItem, ...] = self._ask("worklist")
        return answer

    def poll_mailbox(self) -> PollReport:
        """See ``Product.poll_mailbox``."""
        answer: PollReport = self._ask("poll_mailbox")
        return answer

    def search_dmp(self, patient_id: str, query: DmpQuery) -> tuple[DmpEntry, ...]:
        """See ``Product.search_dmp``."""
        answer: tuple[DmpEntry, ...] = self._ask("search_dmp", query, patient_id=patient_id)
        return answer

    def integrate(self, request: IntegrationRequest) -> DocumentView:
        """See ``Product.integrate``."""
        answer: DocumentView = self._ask("integrate", request)
        return answer

    def outgoing(self) -> tuple[Deposit, ...]:
        """See ``Product.outgoing``."""
        answer: tuple[Deposit, ...] = self._ask("outgoing")
        return answer

    def send_message(self, request: MessageRequest) -> Deposit:
        """See ``Product.send_message``."""
        answer: Deposit = self._ask("send_message", request)
        return answer

    def read_oppositions(self, patient_id: str) -> Oppositions:
        """See ``Product.read_oppositions``."""
        answer: Oppositions = self._ask("read_oppositions", patient_id=patient_id)
        return answer

    def set_oppositions(self, patient_id: str, oppositions: Oppositions) -> Oppositions:
        """See ``Product.set_oppositions``."""
        answer: Oppositions = self._ask("set_oppositions", oppositions, patient_id=patient_id)
        return answer

    def choose_feeding(self, document_id: str, choice: FeedingChoice) -> DocumentView:
        """See ``Product.choose_feeding``."""
        answer: DocumentView = self._ask("choose_feeding", choice, document_id=document_id)
        return answer

    def remove_from_dmp(self, document_id: str) -> DocumentView:
        """See ``Product.remove_from_dmp``."""
        answer: DocumentView = self._ask("remove_from_dmp", document_id=document_id)
        return answer

    def document_history(self, document_id: str) -> tuple[DocumentEvent, ...]:
        """See ``Product.document_history``."""
        answer: tuple[DocumentEvent, ...] = self._ask("document_history", document_id=document_id)
        return answer

    def mark_read(self, document_id: str) -> DocumentView:
        """See ``Product.mark_read``."""
        answer: DocumentView = self._ask("mark_read", document_id=document_id)
        return answer

    def render_document(self, document_id: str) -> Rendering:
        """See ``Product.render_document``."""
        answer: Rendering = self._ask("render_document", document_id=document_id)
        return answer

    def settle_item(self, item_id: str, decision: ItemDecision) -> None:
        """See ``Product.settle_item``."""
        self._ask("settle_item", decision, item_id=item_id)

    def open_record(self, patient_id: str) -> RecordOpening:
        """See ``Product.open_record``."""
        answer: RecordOpening = self._ask("open_record", patient_id=patient_id)
        return answer

    def read_dmp_document(self, patient_id: str, unique_id: str) -> bytes:
        """See ``Product.read_dmp_document``."""
        call = Call(BY_NAME["read_dmp_document"], {"patient_id": patient_id}, query={"unique_id": unique_id})
        answer: bytes = self.call(call)
        return answer

    def prepare_visit(self, patient_id: str) -> None:
        """See ``Product.prepare_visit``."""
        self._ask("prepare_visit", patient_id=patient_id)

    def list_results(self, patient_id: str, code: str | None = None, unit: str | None = None) -> tuple[LabResult, ...]:
        """See ``Product.list_results``."""
        call = Call(BY_NAME["list_results"], {"patient_id": patient_id}, query={"code": code, "unit": unit})
        answer: tuple[LabResult, ...] = self.call(call)
        return answer

    def alerts(self) -> tuple[Alert, ...]:
        """See ``Product.alerts``."""
        answer: tuple[Alert, ...] = self._ask("alerts")
        return answer

    def acknowledge_alert(self, alert_id: str) -> Alert:
        """See ``Product.acknowledge_alert``."""
        answer: Alert = self._ask("acknowledge_alert", alert_id=alert_id)
        return answer

    def _ask(self, name: str, body: Any = None, **parts: str) -> Any:
        return self.call(Call(BY_NAME[name], parts, body))
