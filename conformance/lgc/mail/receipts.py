"""Receipts: what comes back about a message that was sent, and what is given back for one that was read.

Sources: RFC 3464, RFC 8098; ECO.2.3.1, 2.3.2, 3.1.6; volet Transmission au LPS (integration results, both grammars).
"""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime
from email.message import Message as RawMessage
from uuid import uuid4

from conformance.exchange.mail import Message, inner_parts
from conformance.exchange.mdn import Disposition, Mdn, read_mdn, write_mdn
from conformance.lgc.mail.writing import SOFTWARE_REFERENCE
from conformance.sut.contract import Receipt, ReceiptKind

_STATES = {
    "delivered": ReceiptKind.DELIVERED,
    "relayed": ReceiptKind.DELIVERED,
    "expanded": ReceiptKind.DELIVERED,
    "delayed": ReceiptKind.DELAYED,
    "failed": ReceiptKind.NOT_DELIVERED,
}


class Receipts:
    """Reads receipts, and writes those of the user."""

    def read(self, message: Message) -> list[tuple[str, Receipt]]:
        """What a report tells: the Message-ID that it is about, and the receipt; empty when it cannot be understood."""
        if message.report_type == "disposition-notification":
            return self._read_notification(message)
        return self._read_delivery(message)

    def _read_notification(self, message: Message) -> list[tuple[str, Receipt]]:
        mdn = read_mdn(message)
        if mdn is None or mdn.disposition is None:
            return []
        said = mdn.disposition
        words = f"{said.error.code} {said.error.label}".strip() if said.error else ""
        if said.failed:
            kind = ReceiptKind.NOT_INTEGRATED
        else:
            kind = ReceiptKind.READ if said.type == "displayed" else ReceiptKind.INTEGRATED
        receipt = Receipt(kind=kind, at=datetime.now(UTC), recipient=mdn.final_recipient, text=words)
        return [(mdn.original_message_id, receipt)]

    def _read_delivery(self, message: Message) -> list[tuple[str, Receipt]]:
        parts = list(message.raw.walk())
        about = self._original(parts)
        found = []
        for part in parts:
            if part.get_content_type() != "message/delivery-status":
                continue
            for block in inner_parts(part):
                fields = {name.lower(): str(value) for name, value in block.items()}
                kind = _STATES.get(fields.get("action", "").strip().lower())
                if kind is not None:
                    who = fields.get("final-recipient", "").rpartition(";")[2].strip()
                    words = f"{fields.get('status', '')} {fields.get('diagnostic-code', '')}".strip()
                    found.append((about, Receipt(kind=kind, at=datetime.now(UTC), recipient=who, text=words)))
        return found

    def _original(self, parts: list[RawMessage]) -> str:
        """The Message-ID of the message that came back with the report."""
        for part in parts:
            if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
                inner = inner_parts(part)
                own = part.get_payload(decode=True)
                text = own.decode("utf-8", "replace") if isinstance(own, bytes) else ""
                head = f"Message-ID: {inner[0].get('Message-ID', '')}" if inner else text
                found = re.search(r"(?im)^message-id:\s*(<[^>\s]+>)", head)
                if found:
                    return found[1]
        return ""

    def wanted_by(self, message: Message) -> str | None:
        """Who asks for a receipt that may be given without asking the user: the sender itself, and no report.

        Another address than the sender's needs the user's word (RFC 8098 §2.1).
        """
        asked = message.addresses("Disposition-Notification-To")
        sender = message.sender
        if message.report_type or not asked or sender is None:
            return None
        return asked[0].address if asked[0].address.casefold() == sender.address.casefold() else None

    def write(self, message: Message, mailbox: str, recipient: str) -> tuple[str, bytes]:
        """The receipt of a message that the user has displayed: Message-ID and bytes."""
        message_id = f"<{uuid4()}@{mailbox.rpartition('@')[2]}>"
        mdn = Mdn(
            final_recipient=mailbox,
            original_message_id=message.message_id,
            disposition=Disposition("manual-action/MDN-sent-manually", "displayed"),
            reporting_ua=f"Logiciel témoin; {SOFTWARE_REFERENCE}",
        )
        data = write_mdn(
            mdn,
            sender=mailbox,
            recipient=recipient,
            text="Votre message a été lu.\n",
            original=message.data,
            message_id=message_id,
            date=email.utils.format_datetime(datetime.now().astimezone()),
        )
        return message_id, data
