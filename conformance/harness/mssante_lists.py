"""What the user of the product sees of the mail: the documents of a patient, the worklist."""

from __future__ import annotations

from conformance.generation.messages.post import header_of
from conformance.harness.mssante_letters import Known, Letters
from conformance.sut.contract import (
    DocumentStatus,
    DocumentView,
    IntegrationRequest,
    ItemDecision,
    Origin,
    WorklistItem,
    WorklistReason,
)


class Lists(Letters):
    """The lists of the product, and what the user decides there."""

    def lines(self, known: Known) -> list[DocumentView]:
        """The documents from outside in a patient's list."""
        listed = self.bench.product.list_documents(known.id)
        return [view for view in listed if view.origin is not Origin.PRODUCED]

    def line(self, known: Known, document: bytes) -> DocumentView | None:
        """The line of a document in a patient's list; its last one when it stands there twice."""
        unique_id = self.unique_id(document)
        return next((view for view in reversed(self.lines(known)) if view.unique_id == unique_id), None)

    def filed(self, known: Known, document: bytes) -> DocumentView:
        """The line of a document that must be in the record, with one click of the user where the product wants it."""
        self.in_time(lambda: self.line(known, document) is not None or bool(self.items(document)))
        line = self.line(known, document)
        if line is None:
            for item in self.items(document):
                if item.patient_id == known.id and item.document_id is None:
                    self.bench.product.integrate(
                        IntegrationRequest(origin="worklist", reference=item.item_id, patient_id=known.id)
                    )
                    break
            line = self.line(known, document)
        title = header_of(document).title
        self.bench.demand(
            line is not None,
            f"Le document « {title} » n'est ni dans le dossier de son patient ni proposé pour lui.",
            f"The document “{title}” is neither in its patient's record nor proposed for it.",
        )
        assert line is not None
        return line

    def current(self, known: Known) -> set[str]:
        """The ids of the documents that are shown as current."""
        return {view.unique_id or "" for view in self.lines(known) if view.status is DocumentStatus.CURRENT}

    def items(self, about: bytes | str) -> list[WorklistItem]:
        """The items of the worklist about a document, or whose title holds these words."""
        listed = self.bench.product.worklist()
        if isinstance(about, str):
            return [item for item in listed if about in item.title]
        unique_id, title = self.unique_id(about), header_of(about).title
        return [item for item in listed if item.unique_id == unique_id or (not item.unique_id and title == item.title)]

    def deletions(self, document: bytes) -> list[WorklistItem]:
        """The items by which the user is asked to delete a document."""
        return [item for item in self.items(document) if item.reason is WorklistReason.DELETION]

    def confirm(self, document: bytes) -> None:
        """The user says yes to a new version, where the product asks."""
        for item in self.items(document):
            if item.reason is WorklistReason.NEW_VERSION:
                self.bench.product.settle_item(item.item_id, ItemDecision(accepted=True))

    def waiting(self, document: bytes) -> WorklistItem:
        """The item of a document that must wait for a person."""
        found = self.in_time(lambda: self.items(document))
        title = header_of(document).title
        self.bench.demand(
            bool(found),
            f"Le document « {title} » n'est pas dans la liste des tâches : l'utilisateur ne le verra pas.",
            f"The document “{title}” is not on the worklist: the user will not see it.",
        )
        return found[0]

    def demand_in_no_record(self, document: bytes, *known: Known) -> None:
        """Fail when a document entered one of these records of itself."""
        for each in known:
            line = self.line(each, document)
            self.bench.demand(
                line is None,
                f"Le document « {header_of(document).title} » est entré seul dans un dossier.",
                f"The document “{header_of(document).title}” entered a record by itself.",
            )
