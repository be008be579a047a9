"""The operations of the contract that the DMP brings to the practice."""

from __future__ import annotations

from typing import ClassVar

from conformance.lgc.dmp.consultation import Consultation
from conformance.lgc.dmp.feeding import Feeding
from conformance.lgc.store import Store
from conformance.sut.contract import DmpEntry, DmpQuery, DocumentEvent, DocumentView, FeedingChoice, RecordOpening


class DmpOperations:
    """What a user can do with the DMP; ``Practice`` inherits from it."""

    OFFERED: ClassVar[tuple[str, ...]] = (
        "choose_feeding",
        "remove_from_dmp",
        "document_history",
        "search_dmp",
        "read_dmp_document",
        "open_record",
        "prepare_visit",
    )
    TALKATIVE: ClassVar[tuple[str, ...]] = (
        "search_dmp",
        "read_dmp_document",
        "open_record",
        "prepare_visit",
        "integrate",
    )
    """Operations that wait for the DMP: the rest of the product goes on meanwhile."""

    store: Store
    feeding: Feeding
    consultation: Consultation

    def view_of(self, document_id: str) -> DocumentView:
        """A document of the product's own, as the user sees it."""
        raise NotImplementedError

    def choose_feeding(self, document_id: str, choice: FeedingChoice) -> DocumentView:
        """The user decides about one document and the DMP."""
        self.feeding.choose(self.store.document(document_id), choice)
        return self.view_of(document_id)

    def remove_from_dmp(self, document_id: str) -> DocumentView:
        """The user deletes a document from the DMP; it stays here."""
        self.feeding.remove(self.store.document(document_id))
        return self.view_of(document_id)

    def document_history(self, document_id: str) -> tuple[DocumentEvent, ...]:
        """What happened to a document."""
        return self.feeding.book.history(document_id)

    def search_dmp(self, patient_id: str, query: DmpQuery) -> tuple[DmpEntry, ...]:
        """Look for documents in a patient's DMP."""
        return self.consultation.search(self.store.patient(patient_id), query)

    def read_dmp_document(self, patient_id: str, unique_id: str) -> bytes:
        """Look at a document of the DMP."""
        return self.consultation.read(self.store.patient(patient_id), unique_id)

    def open_record(self, patient_id: str) -> RecordOpening:
        """Open a patient's record."""
        return self.consultation.open(self.store.patient(patient_id))

    def prepare_visit(self, patient_id: str) -> None:
        """Fetch documents of the DMP ahead of a visit."""
        self.consultation.prepare(self.store.patient(patient_id))
