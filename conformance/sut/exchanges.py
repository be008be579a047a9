"""What a user decides about messages, the DMP and a document that arrived, and what the product tells of it.

Since version 1.1 of the contract. What goes over the wire is watched by the simulators; nothing here repeats it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from conformance.sut.codec import model
from conformance.sut.documents import Channel
from conformance.sut.record import Coded, ItemId, Words

MailAddress = Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$", max_length=254)]
"""A mailbox: local part, ``@``, domain."""


@model
class MessageRequest:
    """A message that the user sends from the screen, with or without documents of a record.

    ``to_patient``: write to this patient, whose address the product forms by itself; ``recipients``: to others.
    ``answers`` is the item of the worklist that is answered. With documents the product writes the subject;
    one that was deleted is sent to announce that (MSS/va1.30).
    ``closes``: the user wants no reply of the patient. ``read_receipt``: he wants to know when it was read.
    ``despite_opposition``: he was warned of the patient's opposition, and confirms.
    """

    recipients: tuple[MailAddress, ...] = ()
    to_patient: ItemId | None = None
    documents: tuple[ItemId, ...] = ()
    subject: str = ""
    text: str = ""
    answers: ItemId | None = None
    closes: bool = False
    read_receipt: bool = False
    despite_opposition: bool = False


@model
class Oppositions:
    """What a patient refuses, as recorded in his file. Nothing is refused by default."""

    dmp_feeding: bool = False
    dmp_consultation: bool = False
    mssante_to_patient: bool = False
    mssante_to_professionals: bool = False


@model
class Visibility:
    """Who does not see a document in the DMP. By default it is hidden from nobody."""

    masked_to_professionals: bool = False
    hidden_from_patient: bool = False
    hidden_from_representatives: bool = False


@model
class FeedingChoice:
    """What the user decides about one document and the DMP.

    On a draft it counts when the document is validated. On a document in the DMP it changes the visibility or
    archives it; on one that was blocked, ``blocked`` set to false deposits it. It never counts for another document.
    """

    blocked: bool = False
    visibility: Visibility = Visibility()
    archived: bool = False


class EventKind(StrEnum):
    """What happened to a document."""

    VALIDATED = "validated"
    RECEIVED = "received"
    INTEGRATED = "integrated"
    QUEUED = "queued"
    DEPOSITED = "deposited"
    BLOCKED = "blocked"
    REFUSED = "refused"
    RESENT = "resent"
    REPLACED = "replaced"
    VISIBILITY = "visibility"
    REMOVED = "removed"
    SENT = "sent"
    RECEIPT = "receipt"
    DELETED = "deleted"


@model
class DocumentEvent:
    """One line of the history of a document: when, what, by which channel, by whom, with which words."""

    at: AwareDatetime
    kind: EventKind
    channel: Channel | None = None
    by: str = ""
    text: str = ""


class NoticeKind(StrEnum):
    """Why the user is told something when he opens a record."""

    NEW_DOCUMENTS = "new_documents"
    NEW_VERSION = "new_version"
    DELETED = "deleted"
    FEEDING_FAILED = "feeding_failed"


@model
class Notice:
    """Something told when a record is opened: about a document of it, or about ``count`` new ones of a type."""

    kind: NoticeKind
    text: str = ""
    document_id: ItemId | None = None
    unique_id: Words | None = None
    type: Coded | None = None
    count: Annotated[int, Field(ge=0)] = 0


@model
class RecordOpening:
    """What the user sees when he opens a record, without a click. ``has_dmp``: ``None`` when the product does not know."""

    has_dmp: bool | None = None
    notices: tuple[Notice, ...] = ()


@model
class ItemDecision:
    """What the user decides about an item of the worklist: do what it proposes (delete, replace…), or leave all as is.

    Filing into a record is ``integrate``.
    """

    accepted: bool


class StyleSheet(StrEnum):
    """With which style sheet a document is shown."""

    NONE = "none"
    PRODUCER = "producer"
    PRODUCT = "product"


@model
class Rendering:
    """A document as the user reads it: its words, and how they are shown (``application/pdf``: the embedded file).

    Of a page, ``text`` may be the HTML itself. ``style_sheet`` says by whose style sheet the page was made.
    """

    text: str
    media_type: Words = "text/html"
    style_sheet: StyleSheet = StyleSheet.NONE
