"""A captured request taken apart, once, for all the checks."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from conformance.cda.reading import read_document
from conformance.core.errors import DocumentError
from conformance.exchange.cda_header import CdaHeader, read_header
from conformance.exchange.dmp.captured import CapturedRequest
from conformance.exchange.dmp.interactions import reason_of
from conformance.exchange.dmp.transactions import FEED, Transaction, transaction_of
from conformance.exchange.metadata import DocumentEntry, RegistryObjects, read_objects
from conformance.exchange.mtom import Content, Package, content_of, read_package
from conformance.exchange.registry_messages import DOCUMENT
from conformance.exchange.soap import Envelope, read_envelope
from conformance.exchange.vihf import Vihf, read_vihf

SIGNATURE_TYPE = "E1762"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A ``Document`` of the message: its id, its element, its bytes or why they cannot be had; its header when a CDA."""

    id: str
    element: etree._Element
    content: Content | None
    error: DocumentError | None = None
    header: CdaHeader | None = None


@dataclass(frozen=True, slots=True)
class OpenedRequest:
    """A request as far as it could be understood. ``transaction`` is ``None`` when its payload is of no service."""

    captured: CapturedRequest
    package: Package
    envelope: Envelope
    payload: etree._Element | None
    transaction: Transaction | None
    vihf: Vihf | None
    objects: RegistryObjects = field(default_factory=RegistryObjects)
    files: tuple[SentFile, ...] = ()

    def file_of(self, entry: DocumentEntry) -> SentFile | None:
        """The file of an entry, by its id."""
        return next((one for one in self.files if one.id == entry.id), None)

    @property
    def documents(self) -> tuple[DocumentEntry, ...]:
        """The document entries, the signature of the lot apart."""
        return tuple(entry for entry in self.objects.documents if not is_signature(entry))

    @property
    def signatures(self) -> tuple[DocumentEntry, ...]:
        """The entries of signatures of the lot."""
        return tuple(entry for entry in self.objects.documents if is_signature(entry))


def is_signature(entry: DocumentEntry) -> bool:
    """Whether an entry is that of the signature of the lot."""
    return entry.type_code is not None and entry.type_code.code == SIGNATURE_TYPE


def open_request(captured: CapturedRequest, name: str = "-") -> OpenedRequest:
    """Take a request apart. Raises ``DocumentError`` when its packaging or its envelope cannot be read."""
    package = read_package(captured.content_type, captured.body)
    envelope = read_envelope(package.envelope, name)
    payload = envelope.payload
    transaction = None
    if payload is not None:
        local = etree.QName(payload).localname
        transaction = transaction_of(local, reason_of(payload))
    assertions = envelope.assertions
    return OpenedRequest(
        captured,
        package,
        envelope,
        payload,
        transaction,
        read_vihf(assertions[0]) if assertions else None,
        read_objects(payload) if payload is not None else RegistryObjects(),
        tuple(_files(payload, package)) if payload is not None and transaction is FEED else (),
    )


def _files(payload: etree._Element, package: Package) -> list[SentFile]:
    found = []
    for node in payload.iterchildren(DOCUMENT):
        try:
            content = content_of(node, package)
        except DocumentError as error:
            found.append(SentFile(node.get("id", ""), node, None, error))
            continue
        found.append(SentFile(node.get("id", ""), node, content, None, _header(content.data)))
    return found


def _header(data: bytes) -> CdaHeader | None:
    try:
        clinical = read_document(data).clinical
    except DocumentError:
        return None  # the pipeline says why
    return read_header(clinical) if clinical is not None else None
