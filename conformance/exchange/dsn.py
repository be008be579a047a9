"""Delivery status notifications: what became of a message at each recipient, written by an operator, read by a product.

Sources: RFC 3461 (how they are asked for), RFC 3464 (their form); CNAM, Mon espace santé – Messagerie, for the bounces
of patients' mailboxes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as RawMessage
from enum import StrEnum
from typing import Final

from conformance.exchange.mail import Message, decoded_header, inner_parts
from conformance.exchange.report import write_report


class Action(StrEnum):
    """What became of a message at one recipient."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    FAILED = "failed"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recipient. ``status``: ``5.1.1``…; ``diagnostic``: what the other server said; ``action`` empty when unknown."""

    recipient: str
    action: Action | None
    status: str
    diagnostic: str = ""
    original_recipient: str = ""


@dataclass(frozen=True, slots=True)
class Dsn:
    """A notification: who reports, the envelope id that the sender gave, each recipient, the id of the message if told."""

    reporting_mta: str
    deliveries: tuple[Delivery, ...]
    envelope_id: str = ""
    original_message_id: str = ""

    @property
    def failed(self) -> tuple[str, ...]:
        """The recipients who did not get the message."""
        return tuple(one.recipient for one in self.deliveries if one.action is Action.FAILED)


_TYPE: Final = "message/delivery-status"


def read_dsn(message: Message) -> Dsn | None:
    """The notification that ``message`` is; ``None`` when it is none (or has no machine-readable part)."""
    if message.report_type != "delivery-status":
        return None
    parts = [part for part in message.raw.walk() if part is not message.raw]
    report = next((part for part in parts if part.get_content_type() == _TYPE), None)
    groups = inner_parts(report) if report is not None else []
    if not groups:
        return None
    head, *others = groups
    return Dsn(
        _value(head, "Reporting-MTA"),
        tuple(_delivery(group) for group in others if group.get("Final-Recipient") or group.get("Action")),
        _value(head, "Original-Envelope-Id"),
        next(_message_ids(parts), ""),
    )


def write_dsn(
    dsn: Dsn,
    *,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    original_headers: bytes,
    message_id: str,
    date: str,
) -> bytes:
    """The bytes of a notification: text, the machine-readable part, the headers of the original message."""
    head = {"Reporting-MTA": f"dns; {dsn.reporting_mta}", "Original-Envelope-Id": dsn.envelope_id}
    groups = [_group(head), *(_group(_fields(one)) for one in dsn.deliveries)]
    parts = (
        f"Content-Type: {_TYPE}\r\n\r\n".encode() + b"\r\n".join(groups),
        b"Content-Type: text/rfc822-headers\r\n\r\n" + original_headers,
    )
    headers = {"From": sender, "To": recipient, "Subject": subject, "Date": date, "Message-ID": message_id}
    return write_report(headers, "delivery-status", text, parts)


def _fields(one: Delivery) -> dict[str, str]:
    return {
        "Original-Recipient": f"rfc822;{one.original_recipient}" if one.original_recipient else "",
        "Final-Recipient": f"rfc822;{one.recipient}",
        "Action": str(one.action or ""),
        "Status": one.status,
        "Diagnostic-Code": f"smtp; {one.diagnostic}" if one.diagnostic else "",
    }


def _group(fields: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value).encode("ascii", "replace")


def _delivery(group: RawMessage) -> Delivery:
    said = _value(group, "Action").lower()
    return Delivery(
        recipient=_value(group, "Final-Recipient"),
        action=Action(said) if said in set(Action) else None,
        status=decoded_header(str(group.get("Status", ""))),
        diagnostic=_value(group, "Diagnostic-Code"),
        original_recipient=_value(group, "Original-Recipient"),
    )


def _value(group: RawMessage, name: str) -> str:
    """A field without the type that stands before it (``rfc822;``, ``dns;``, ``smtp;``)."""
    kind, semicolon, value = decoded_header(str(group.get(name, ""))).partition(";")
    return (value if semicolon else kind).strip()


def _message_ids(parts: list[RawMessage]) -> Iterator[str]:
    for part in parts:
        kind, inner = part.get_content_type(), inner_parts(part)
        if kind == "message/rfc822" and inner:
            yield decoded_header(str(inner[0].get("Message-ID", "")))
        elif kind == "text/rfc822-headers":
            octets = part.get_payload(decode=True)
            for line in (octets if isinstance(octets, bytes) else b"").decode("utf-8", "replace").splitlines():
                name, colon, value = line.partition(":")
                if colon and name.strip().lower() == "message-id":
                    yield value.strip()
