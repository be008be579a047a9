"""A patient answers from Mon espace santé: the message that reaches the professional."""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from typing import Any

from conformance.exchange.mail import decoded_header
from conformance.simulators.mssante.delivery import Delivery
from conformance.simulators.mssante.store import Folder, Store


def answer_of(store: Store, delivery: Delivery, inbox: Folder, asked: dict[str, Any]) -> tuple[str, bytes, str]:
    """The answer of the patient whose inbox it is: Message-ID of the original, bytes, and where it goes.

    ``asked``: ``message_id`` (by default that of the last message), ``text``, ``name`` (the label, which may be
    absent), ``attachments`` (name, media type, base64). Raises ``ReplyRefused``.
    """
    original = _original(store, inbox, asked.get("message_id", ""))
    identifier = str(asked.get("message_id") or (original.get("Message-ID", "") if original else "")).strip()
    to = delivery.answer_to(inbox.address, identifier, original)
    answer = EmailMessage(policy=policy.SMTP)
    mailbox = store.mailbox(inbox.address)
    label = asked.get("name", mailbox.name if mailbox else "")
    answer["From"] = f"{label} <{inbox.address}>" if label else inbox.address
    answer["To"] = to
    subject = decoded_header(str(original.get("Subject", ""))) if original else ""
    answer["Subject"] = f"Re: {subject}"
    answer["Date"] = format_datetime(datetime.now(UTC))
    answer["Message-ID"] = f"<{uuid.uuid4()}@patient.mssante.fr>"
    answer["In-Reply-To"] = identifier
    answer["References"] = identifier
    answer.set_content(str(asked.get("text", "Merci.")))
    for name, media_type, data in asked.get("attachments", ()):
        maintype, _, subtype = str(media_type).partition("/")
        answer.add_attachment(base64.b64decode(data), maintype=maintype, subtype=subtype, filename=name)
    return identifier, f"Return-Path: <{inbox.address}>\r\n".encode() + answer.as_bytes(), to


def _original(store: Store, inbox: Folder, identifier: str) -> Message | None:
    for uid, _ in reversed(store.index(inbox.id)):
        found = store.message(inbox.id, uid)
        if found is not None:
            header = BytesHeaderParser().parsebytes(found.data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            if not identifier or str(header.get("Message-ID", "")).strip() == identifier:
                return header
    return None
