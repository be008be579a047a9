"""A request that the product made to the DMP, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from conformance.exchange.dmp.captured import CapturedRequest
from conformance.exchange.metadata import DocumentEntry, RegistryObjects, read_objects
from conformance.exchange.mtom import Package, read_package
from conformance.exchange.registry_messages import SentDocument, sent_documents
from conformance.exchange.soap import Envelope, read_envelope
from conformance.exchange.vihf import Vihf, read_vihf
from conformance.simulators.journal import Entry as JournalEntry


@dataclass(frozen=True)
class Request:
    """A request that the product made, taken apart."""

    entry: JournalEntry
    captured: CapturedRequest

    @cached_property
    def package(self) -> Package:
        """The message in its parts."""
        return read_package(self.captured.content_type, self.captured.body)

    @cached_property
    def envelope(self) -> Envelope:
        """The envelope."""
        return read_envelope(self.package.envelope)

    @cached_property
    def objects(self) -> RegistryObjects:
        """The metadata."""
        payload = self.envelope.payload
        return read_objects(payload) if payload is not None else RegistryObjects()

    @cached_property
    def vihf(self) -> Vihf:
        """What the user's assertion says."""
        return read_vihf(self.envelope.assertions[0])

    @property
    def sent(self) -> list[SentDocument]:
        """The documents that it carries."""
        payload = self.envelope.payload
        return sent_documents(payload, self.package) if payload is not None else []

    @property
    def document(self) -> DocumentEntry:
        """The metadata of its one document, the signature of the lot apart."""
        return next(one for one in self.objects.documents if one.type_code and one.type_code.code != "E1762")

    @property
    def hidden_from(self) -> set[str]:
        """The codes of confidentiality of its documents, the signature of the lot apart."""
        documents = (one for one in self.objects.documents if one.type_code and one.type_code.code != "E1762")
        return {code.code for one in documents for code in one.confidentiality}

    @property
    def content(self) -> bytes:
        """The bytes of that document."""
        return next(one.content.data for one in self.sent if one.id == self.document.id)
