"""What a product shows of its documents, its worklist, its searches and its deposits.

Everything here is what a *user* sees or does. What goes over the wire to the DMP or to MSSanté is watched
by the simulators, and never asked here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from conformance.sut.codec import model
from conformance.sut.record import ClinicalRecord, Coded, ItemId, Organization, Professional, Words


@model
class DocumentOffer:
    """A type of document that the product writes: the kit's name (``vsm``) and the versions of its model."""

    type: Words
    versions: tuple[Words, ...]


@model
class About:
    """Who the product is and what it offers of the contract."""

    name: Words
    version: Words
    vendor: Words
    contract_version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+$")]
    operations: tuple[Words, ...]
    """Names of the operations offered (``create_patient``…); the others answer 501."""
    documents: tuple[DocumentOffer, ...] = ()


Pem = Annotated[str, Field(min_length=1, max_length=100_000)]
"""Certificates or a key, as PEM text."""


@model
class Endpoint:
    """Where a service is, and what to show it: PEM texts, never paths; a token or a password where one is used.

    Mail: ``smtp://host:port`` and ``imap://host:port``, both with STARTTLS, and ``mailbox``, the address. Tokens: the
    address of the token server, and in ``secret`` the refresh token of the user's session. DMP: the client certificate
    is that of the user's card; ``signing_certificate`` and ``signing_key`` are the other pair of the card, which signs.
    """

    url: Words
    client_certificate: Pem | None = None
    client_key: Pem | None = None
    signing_certificate: Pem | None = None
    signing_key: Pem | None = None
    trusted_certificates: Pem | None = None
    mailbox: Words | None = None
    secret: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None


@model
class DmpPreload:
    """Which documents of the DMP are fetched ahead of a visit (SC.DMP/UX.34), since 1.2.

    Of these ``types`` (LOINC or TRE_A05; of any when empty), made in the last ``days`` days (whenever, when absent).
    """

    types: tuple[Coded, ...] = ()
    days: Annotated[int, Field(ge=1)] | None = None


@model
class Settings:
    """How the product must be set up for a run. What is absent stays as it is."""

    practitioner: Professional | None = None
    organization: Organization | None = None
    dmp: Endpoint | None = None
    mssante_submission: Endpoint | None = None
    mssante_retrieval: Endpoint | None = None
    tokens: Endpoint | None = None
    software_reference: Words | None = None
    """The reference that Convergence gave to the product (X-MSS-NIL); without it the product sends its own."""
    documents_to_patients: bool | None = None
    """Whether validated documents leave for their patients by MSSanté unasked (MSS/va1.01), since 1.2."""
    dmp_preload: DmpPreload | None = None


@model
class Prefill:
    """What the product proposes to put into a document, before the user edits it (DOC.03)."""

    type: Words
    version: Words
    content: ClinicalRecord


@model
class DocumentRequest:
    """Ask for a document, as a user would from the screen.

    ``content`` is the prefill after the user's edits: what it lacks was removed, what it changes was
    edited. Without it the product takes its own prefill as it is. ``replaces`` makes a new version of a
    document which was validated before.
    """

    type: Words
    version: Words | None = None
    content: ClinicalRecord | None = None
    replaces: ItemId | None = None


class DocumentStatus(StrEnum):
    """The life of a document in the record."""

    DRAFT = "draft"
    CURRENT = "current"
    REPLACED = "replaced"
    DELETED = "deleted"


class Origin(StrEnum):
    """Where a document comes from, as the user is told."""

    PRODUCED = "produced"
    MSSANTE = "mssante"
    DMP = "dmp"
    IMPORTED = "imported"


class FeedingState(StrEnum):
    """Where a document stands with the DMP, as the user is told."""

    NOT_CONCERNED = "not_concerned"
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"
    REMOVED = "removed"


class FlagKind(StrEnum):
    """Signals that a user sees without opening the document."""

    ABNORMAL = "abnormal"
    URGENT = "urgent"
    UNREAD = "unread"
    PRELIMINARY = "preliminary"
    CORRECTED = "corrected"
    IDENTITY = "identity"
    COMMENT = "comment"
    NEW_VERSION = "new_version"
    DELETION = "deletion"
    DUPLICATE = "duplicate"


@model
class Flag:
    """One signal, and the words beside it."""

    kind: FlagKind
    text: str = ""


@model
class DocumentView:
    """One line of a patient's list of documents, as the user sees it.

    ``unique_id`` and ``set_id`` are the identifiers in the document, ``root`` or ``root^extension``.
    """

    document_id: ItemId
    patient_id: ItemId
    title: Words
    type: Coded
    created: AwareDatetime
    author: str
    status: DocumentStatus
    origin: Origin
    version_number: int | None = None
    unique_id: Words | None = None
    set_id: Words | None = None
    media_type: Words = "application/xml"
    flags: tuple[Flag, ...] = ()
    feeding: FeedingState = FeedingState.NOT_CONCERNED


class WorklistReason(StrEnum):
    """Why something waits for a person.

    ``unread``: filed by the product, to be read; ``to_file``: the patient is known, one click files it.
    """

    UNREAD = "unread"
    TO_FILE = "to_file"
    UNKNOWN_PATIENT = "unknown_patient"
    AMBIGUOUS_PATIENT = "ambiguous_patient"
    UNQUALIFIED_IDENTITY = "unqualified_identity"
    DIVERGENT_IDENTITY = "divergent_identity"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    NEW_VERSION = "new_version"
    DUPLICATE = "duplicate"
    DELETION = "deletion"
    MESSAGE = "message"
    REPLY = "reply"
    ALERT = "alert"
    FEEDING_FAILED = "feeding_failed"
    SENDING_FAILED = "sending_failed"


class SenderKind(StrEnum):
    """Who wrote a message, as the user is told without reading the address."""

    PROFESSIONAL = "professional"
    PATIENT = "patient"


@model
class WorklistItem:
    """Something that waits for a person, with what is shown of it.

    ``title`` is that of the document, else the subject of the message as shown; ``patient_id`` the patient to whom it
    belongs, or whom the product proposes. ``author`` to ``encounter`` come from the header of the document.
    """

    item_id: ItemId
    reason: WorklistReason
    title: str
    origin: Origin
    received: AwareDatetime
    text: str = ""
    patient_label: str = ""
    type: Coded | None = None
    document_date: AwareDatetime | None = None
    patient_id: ItemId | None = None
    document_id: ItemId | None = None
    flags: tuple[Flag, ...] = ()
    author: str = ""
    organization: str = ""
    version_number: int | None = None
    unique_id: Words | None = None
    act: str = ""
    performer: str = ""
    encounter: str = ""
    sender: str = ""
    sender_kind: SenderKind | None = None


@model
class PollReport:
    """What one look into the mailbox brought."""

    messages: int
    documents: tuple[ItemId, ...] = ()
    """Ids of the documents filed into a record."""
    worklist: tuple[ItemId, ...] = ()
    """Ids of the items put on the worklist."""


class DmpAccess(StrEnum):
    """How a DMP is opened: in the ordinary way, in an emergency (bris de glace), for the regulation of a SAMU."""

    NORMAL = "normal"
    EMERGENCY = "emergency"
    REGULATION = "regulation"


@model
class DmpQuery:
    """A search in a patient's DMP; what is absent does not filter.

    ``access`` other than normal needs ``reason``, the words of the user.
    """

    created_from: AwareDatetime | None = None
    created_to: AwareDatetime | None = None
    types: tuple[Coded, ...] = ()
    access: DmpAccess = DmpAccess.NORMAL
    reason: str = ""


@model
class DmpEntry:
    """One line of the result of a DMP search, as the user sees it."""

    unique_id: Words
    title: str
    type: Coded
    created: AwareDatetime
    author: str = ""
    status: DocumentStatus = DocumentStatus.CURRENT
    in_record: bool = False
    """The document is already in the local record."""
    newer_than_record: bool = False
    """The local record holds an older version of it."""
    visibility: tuple[Words, ...] = ()
    """Words beside the line: masked, hidden from the patient…"""


@model
class IntegrationRequest:
    """File something into a patient's record: an item of the worklist, or a document of the DMP.

    ``reference`` is the ``item_id`` or the ``unique_id``.
    """

    origin: Annotated[str, Field(pattern=r"^(worklist|dmp)$")]
    reference: Words
    patient_id: ItemId


class Channel(StrEnum):
    """Ways out of the product."""

    DMP = "dmp"
    MSSANTE = "mssante"


class DepositState(StrEnum):
    """Where an outgoing deposit or message stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"


class ReceiptKind(StrEnum):
    """What came back about a message."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    NOT_DELIVERED = "not_delivered"
    READ = "read"
    INTEGRATED = "integrated"
    NOT_INTEGRATED = "not_integrated"


@model
class Receipt:
    """One receipt as the user sees it beside the message that he sent."""

    kind: ReceiptKind
    at: AwareDatetime
    recipient: str = ""
    text: str = ""


@model
class Deposit:
    """One outgoing deposit or message. ``document_id`` is the first of ``documents``; a message may carry none."""

    deposit_id: ItemId
    document_id: ItemId | None = None
    channel: Channel
    state: DepositState
    attempts: Annotated[int, Field(ge=0)]
    updated: AwareDatetime
    recipients: tuple[Words, ...] = ()
    error: str = ""
    documents: tuple[ItemId, ...] = ()
    receipts: tuple[Receipt, ...] = ()


@model
class Refusal:
    """The body of an answer 4xx: a stable name and a sentence."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    message: Words
