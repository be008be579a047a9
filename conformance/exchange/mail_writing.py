"""Writes messages as the profile wants them: subject, X-MSS headers, archive, PDF twins, receipts, charset.

The same draft gives the same bytes. Source: Référentiel socle MSSanté #2 (second hand), volet Transmission au LPS.
"""

from __future__ import annotations

import email.utils
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP

from conformance.exchange.mail import (
    CLOSING_HEADER,
    CODE_HEADER,
    INS_HEADER,
    SOFTWARE_HEADER,
    Address,
    Attachment,
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message to write. ``None`` leaves a header out; ``message_id`` is made from the content when not given."""

    sender: Address
    recipients: tuple[Address, ...]
    subject: str
    body: str
    attachments: tuple[Attachment, ...] = ()
    date: datetime = datetime(2024, 6, 11, 8, 30, tzinfo=UTC)
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    reply_to: Address | None = None
    code_cda: str | None = None
    ins: str | None = None
    software: str | None = "DEV000000"
    closes: bool = False
    read_receipt_to: str | None = None
    delivery_receipt_to: str | None = None
    html: str | None = None
    more_headers: Mapping[str, str] = field(default_factory=dict)


def write_message(draft: Draft) -> bytes:
    """The bytes of the message, with CRLF line ends and UTF-8 text, ready for SMTP."""
    message = EmailMessage(policy=SMTP)
    message["From"] = header_address(draft.sender)
    message["To"] = tuple(header_address(one) for one in draft.recipients)
    message["Subject"] = draft.subject
    message["Date"] = email.utils.format_datetime(draft.date)
    message["Message-ID"] = draft.message_id or made_message_id(draft)
    optional = {
        "In-Reply-To": draft.in_reply_to,
        "References": " ".join(draft.references) or None,
        "Reply-To": header_address(draft.reply_to) if draft.reply_to else None,
        "Disposition-Notification-To": draft.read_receipt_to,
        "Return-Receipt-To": draft.delivery_receipt_to,
        SOFTWARE_HEADER: draft.software,
        CODE_HEADER: draft.code_cda,
        INS_HEADER: draft.ins,
        CLOSING_HEADER: "FIN" if draft.closes else None,
        **draft.more_headers,
    }
    for name, value in optional.items():
        if value is not None:
            message[name] = value
    message.set_content(draft.body, charset="utf-8", cte="quoted-printable")
    if draft.html is not None:
        message.add_alternative(draft.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for attachment in draft.attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.data, maintype=main, subtype=sub, filename=attachment.name, params={"name": attachment.name}
        )
    _fix_boundaries(message, draft)
    return message.as_bytes()


def header_address(address: Address) -> HeaderAddress:
    """An address as the standard library writes it."""
    return HeaderAddress(address.label, addr_spec=address.address)


def made_message_id(draft: Draft) -> str:
    """A Message-ID of its own for this content: the same draft has the same one."""
    return f"<{_digest(draft)}@{draft.sender.address.rpartition('@')[2]}>"


def _digest(draft: Draft) -> str:
    whole = hashlib.sha256(f"{draft.sender}{draft.recipients}{draft.subject}{draft.body}{draft.date}".encode())
    for attachment in draft.attachments:
        whole.update(attachment.name.encode() + b"\0" + attachment.data)
    return whole.hexdigest()[:32]


def _fix_boundaries(message: EmailMessage, draft: Draft) -> None:
    """Boundaries made from the content: those of the library are drawn at random."""
    for rank, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{_digest(draft)}_{rank}")
