"""Writes messages as the profile wants them: subject, X-MSS headers, archive, PDF twins, receipts, charset.

The same draft gives the same bytes. Source: Référentiel socle MSSanté #2 (second hand), volet Transmission au LPS.
"""

from __future__ import annotations

import email.utils
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
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
    message.set_content(draft.body, charset="utf-8", cte="quoted-printable")
    if draft.html is not None:
        message.add_alternative(draft.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for attachment in draft.attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.data, maintype=main, subtype=sub, filename=attachment.name, params={"name": attachment.name}
        )
    _fix_boundaries(message, draft)
    return write_headers(_headers(draft)) + message.as_bytes()


def _headers(draft: Draft) -> dict[str, str]:
    """The headers above those of MIME; addresses are encoded already."""
    optional = {
        "In-Reply-To": draft.in_reply_to,
        "References": " ".join(draft.references) or None,
        "Reply-To": address_header(draft.reply_to) if draft.reply_to else None,
        "Disposition-Notification-To": draft.read_receipt_to,
        "Return-Receipt-To": draft.delivery_receipt_to,
        SOFTWARE_HEADER: draft.software,
        CODE_HEADER: draft.code_cda,
        INS_HEADER: draft.ins,
        CLOSING_HEADER: "FIN" if draft.closes else None,
        **draft.more_headers,
    }
    return {
        "From": address_header(draft.sender),
        "To": ", ".join(address_header(one) for one in draft.recipients),
        "Subject": draft.subject,
        "Date": email.utils.format_datetime(draft.date),
        "Message-ID": draft.message_id or made_message_id(draft),
        **{name: value for name, value in optional.items() if value is not None},
    }


def write_headers(headers: Mapping[str, str]) -> bytes:
    """Headers in ASCII, folded; words that are not ASCII, and all that follow, as encoded words.

    Not left to ``EmailMessage``: of some names it drops the spaces when it folds them (Python 3.11).
    """
    return "".join(f"{name}: {_encoded(name, value)}\r\n" for name, value in headers.items()).encode("ascii")


def _encoded(name: str, value: str) -> str:
    words = value.split(" ")
    plain = next((rank for rank, word in enumerate(words) if not word.isascii()), len(words))
    header = Header(" ".join(words[:plain]), "us-ascii", header_name=name)
    if plain < len(words):
        header.append(" ".join(words[plain:]), "utf-8")
    return header.encode(linesep="\r\n").lstrip(" ")


def address_header(address: Address) -> str:
    """An address with its label, as a header holds it."""
    return email.utils.formataddr((address.label, address.address), charset="utf-8")


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
