"""The roads by which laboratory reports reach a product, as far as its user has to help."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from conformance.generation.messages.post import header_of
from conformance.harness.bench import Bench
from conformance.harness.mssante import MailBench
from conformance.sut.contract import IntegrationRequest, ItemDecision, WorklistReason


class Road(ABC):
    """One way to the product."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    @abstractmethod
    def bring(self, patient_id: str, documents: Sequence[bytes]) -> None:
        """Bring documents of one patient into his record."""

    @abstractmethod
    def ask_deletion(self, patient_id: str, document: bytes) -> None:
        """Ask that a document be deleted, as its author would, and have the user agree."""


class MailRoad(Road):
    """The MSSanté mailbox: one message with all documents, then the product looks into its mailbox."""

    @cached_property
    def mail(self) -> MailBench:
        """The post office of the test."""
        return MailBench(self.bench)

    def bring(self, patient_id: str, documents: Sequence[bytes]) -> None:
        """Send, look, and file with one click what the product does not file by itself."""
        self.mail.receive(self.mail.letter(documents))
        wanted = {header_of(document).unique_id for document in documents}
        filed = {line.unique_id for line in self.bench.product.list_documents(patient_id)}
        if wanted <= filed:
            return
        for item in self.bench.product.worklist():
            if item.unique_id in wanted - filed and item.document_id is None and item.patient_id == patient_id:
                self.bench.product.integrate(
                    IntegrationRequest(origin="worklist", reference=item.item_id, patient_id=patient_id)
                )

    def ask_deletion(self, patient_id: str, document: bytes) -> None:
        """Send the message that asks it, and accept what the product proposes."""
        self.mail.receive(self.mail.deletion(document))
        wanted = header_of(document).unique_id
        for item in self.bench.product.worklist():
            if item.reason is WorklistReason.DELETION and item.unique_id == wanted:
                self.bench.product.settle_item(item.item_id, ItemDecision(accepted=True))


ROADS: Final[dict[str, type[Road]]] = {"mssante": MailRoad}
"""The roads that there are, by the name that tests show."""
