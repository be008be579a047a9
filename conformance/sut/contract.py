"""The contract with the product under test: version, operations, errors.

A product answers a small set of operations, over HTTP (``openapi.json``), or as a Python object. An
operation that it does not offer raises ``OperationNotOffered`` (501): its tests become questions to a
person, never failures. The contract is asked only what the wire cannot show.

Minor versions add optional operations, models and fields; a major version changes what exists.
"""

from __future__ import annotations

from typing import Protocol

from conformance.core.errors import OperationNotOffered, ProductError
from conformance.core.language import Text
from conformance.sut.codec import from_json, to_json
from conformance.sut.documents import (
    About,
    Channel,
    Deposit,
    DepositState,
    DmpAccess,
    DmpEntry,
    DmpPreload,
    DmpQuery,
    DocumentOffer,
    DocumentRequest,
    DocumentStatus,
    DocumentView,
    Endpoint,
    FeedingState,
    Flag,
    FlagKind,
    IntegrationRequest,
    Origin,
    PollReport,
    Prefill,
    Receipt,
    ReceiptKind,
    Refusal,
    SenderKind,
    Settings,
    WorklistItem,
    WorklistReason,
)
from conformance.sut.exchanges import (
    DocumentEvent,
    EventKind,
    FeedingChoice,
    ItemDecision,
    MessageRequest,
    Notice,
    NoticeKind,
    Oppositions,
    RecordOpening,
    Rendering,
    StyleSheet,
    Visibility,
)
from conformance.sut.record import (
    Address,
    Allergy,
    AllergyStatus,
    Category,
    ClinicalRecord,
    Coded,
    FamilyHistory,
    Identity,
    Ins,
    InsStatus,
    Lifestyle,
    Note,
    Organization,
    Patient,
    PatientFile,
    Problem,
    ProblemStatus,
    Procedure,
    Professional,
    Sex,
    Telecom,
    Treatment,
)
from conformance.sut.results import Alert, Bound, LabResult, Measure, ReferenceRange

CONTRACT_VERSION = "1.2"
"""Major.minor. A product of the same major version, whatever its minor, can be tested."""


class ProductRefused(ProductError):
    """The product refused a request (4xx), with its reason: ``status``, ``reason`` (a stable name), ``words``.

    A refusal may be the very thing that a test expects (an illegal change of INS status).
    """

    def __init__(self, operation: str, status: int, reason: str, words: str) -> None:
        super().__init__(
            "product.refused",
            Text(
                f"Le logiciel a refusé l’opération « {operation} » ({status}, {reason}) : {words}",
                f"The product refused the operation “{operation}” ({status}, {reason}): {words}",
            ),
            Text(
                "Si ce refus est voulu, dites pourquoi dans vos réserves ; sinon, corrigez le logiciel.",
                "If this refusal is intended, explain it in your deviations; otherwise correct the product.",
            ),
        )
        self.operation = operation
        self.status = status
        self.reason = reason
        self.words = words


class Product(Protocol):
    """A product under test. Every operation may raise ``OperationNotOffered``, ``ProductRefused``,
    ``ProductError`` (the product failed) or ``AdapterError`` (it could not be reached, or broke the contract).
    """

    def about(self) -> About:
        """Who the product is, and which operations it offers."""

    def reset(self) -> None:
        """Forget every patient, document, queue and setting."""

    def configure(self, settings: Settings) -> None:
        """Set the practitioner, the structure and the endpoints of the run."""

    def create_patient(self, file: PatientFile) -> Patient:
        """Create a patient with identity and record; the answer is what the product now holds."""

    def read_patient(self, patient_id: str) -> Patient:
        """Read a patient back."""

    def update_patient(self, patient_id: str, file: PatientFile) -> Patient:
        """Replace identity and record. An illegal change of INS status is refused (409)."""

    def prefill_document(self, patient_id: str, type: str, version: str | None = None) -> Prefill:
        """What the product proposes for a document of this type, before any edit (DOC.03)."""

    def generate_document(self, patient_id: str, request: DocumentRequest) -> DocumentView:
        """Make a draft of a document."""

    def read_document(self, document_id: str) -> bytes:
        """The bytes of a document, exactly as the product would send them."""

    def validate_document(self, document_id: str) -> DocumentView:
        """Validate (sign) a draft: it becomes current, and the one that it replaces becomes replaced."""

    def delete_document(self, document_id: str) -> DocumentView:
        """Delete a document from the record, as the user would."""

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        """A patient's documents as the user sees them."""

    def worklist(self) -> tuple[WorklistItem, ...]:
        """What waits for a person."""

    def poll_mailbox(self) -> PollReport:
        """Look into the MSSanté mailbox now."""

    def search_dmp(self, patient_id: str, query: DmpQuery) -> tuple[DmpEntry, ...]:
        """Search the patient's DMP."""

    def integrate(self, request: IntegrationRequest) -> DocumentView:
        """File an item of the worklist, or a document of the DMP, into a record."""

    def outgoing(self) -> tuple[Deposit, ...]:
        """The state of every outgoing deposit and message."""

    # Since 1.1

    def send_message(self, request: MessageRequest) -> Deposit:
        """Send a message by MSSanté, or put it in the queue. What may not leave is refused (409, 422)."""

    def read_oppositions(self, patient_id: str) -> Oppositions:
        """What the patient refuses."""

    def set_oppositions(self, patient_id: str, oppositions: Oppositions) -> Oppositions:
        """Record what the patient refuses."""

    def choose_feeding(self, document_id: str, choice: FeedingChoice) -> DocumentView:
        """Decide whether and how one document goes to the DMP, before its validation or after."""

    def remove_from_dmp(self, document_id: str) -> DocumentView:
        """Delete a document from the DMP; the local one stays."""

    def document_history(self, document_id: str) -> tuple[DocumentEvent, ...]:
        """What happened to a document, oldest first."""

    def mark_read(self, document_id: str) -> DocumentView:
        """The user has read a received document."""

    def render_document(self, document_id: str) -> Rendering:
        """What the user sees of a document."""

    def settle_item(self, item_id: str, decision: ItemDecision) -> None:
        """The user decides about an item of the worklist."""

    def open_record(self, patient_id: str) -> RecordOpening:
        """Open a patient's record: what the user is told without a click."""

    def read_dmp_document(self, patient_id: str, unique_id: str) -> bytes:
        """Look at a document of the DMP without integrating it."""

    def prepare_visit(self, patient_id: str) -> None:
        """Do now what the product does by itself ahead of a visit: fetch documents of the DMP as ``DmpPreload`` says.

        Since 1.2. The answer may come before the documents.
        """

    def list_results(self, patient_id: str, code: str | None = None, unit: str | None = None) -> tuple[LabResult, ...]:
        """A patient's laboratory results, newest first; of one LOINC code; in one UCUM unit where it converts."""

    def alerts(self) -> tuple[Alert, ...]:
        """The warnings that call for attention at once."""

    def acknowledge_alert(self, alert_id: str) -> Alert:
        """The user has seen a warning."""


__all__ = [
    "CONTRACT_VERSION",
    "About",
    "Address",
    "Alert",
    "Allergy",
    "AllergyStatus",
    "Bound",
    "Category",
    "Channel",
    "ClinicalRecord",
    "Coded",
    "Deposit",
    "DepositState",
    "DmpAccess",
    "DmpEntry",
    "DmpPreload",
    "DmpQuery",
    "DocumentEvent",
    "DocumentOffer",
    "DocumentRequest",
    "DocumentStatus",
    "DocumentView",
    "Endpoint",
    "EventKind",
    "FamilyHistory",
    "FeedingChoice",
    "FeedingState",
    "Flag",
    "FlagKind",
    "Identity",
    "Ins",
    "InsStatus",
    "IntegrationRequest",
    "ItemDecision",
    "LabResult",
    "Lifestyle",
    "Measure",
    "MessageRequest",
    "Note",
    "Notice",
    "NoticeKind",
    "OperationNotOffered",
    "Oppositions",
    "Organization",
    "Origin",
    "Patient",
    "PatientFile",
    "PollReport",
    "Prefill",
    "Problem",
    "ProblemStatus",
    "Procedure",
    "Product",
    "ProductRefused",
    "Professional",
    "Receipt",
    "ReceiptKind",
    "RecordOpening",
    "ReferenceRange",
    "Refusal",
    "Rendering",
    "SenderKind",
    "Settings",
    "Sex",
    "StyleSheet",
    "Telecom",
    "Treatment",
    "Visibility",
    "WorklistItem",
    "WorklistReason",
    "from_json",
    "to_json",
]
