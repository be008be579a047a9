"""Notices that the operator writes: delivered, delayed, failed (RFC 3464), in ``multipart/report``."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Literal

from conformance.core.language import Text

Action = Literal["failed", "delivered", "delayed", "relayed"]

_SUBJECT: Final = {
    "failed": "Undelivered Mail Returned to Sender",
    "delivered": "Successful Mail Delivery Report",
    "relayed": "Mail Relay Report",
    "delayed": "Delayed Mail (still being retried)",
}
_SAID: Final = {
    "failed": Text("Votre message n’a pas été distribué.", "Your message was not delivered."),
    "delivered": Text("Votre message a été distribué.", "Your message was delivered."),
    "relayed": Text("Votre message a été transmis.", "Your message was relayed."),
    "delayed": Text("Votre message est retardé ; les essais continuent.", "Your message is late; retries go on."),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice says of one recipient. ``orcpt`` as the client gave it at RCPT (``rfc822;…``)."""

    action: Action
    status: str
    recipient: str
    words: str
    orcpt: str = ""


def write_notice(
    notice: Notice, *, host: str, domain: str, to: str, original: bytes, whole: bool, envelope_id: str = ""
) -> bytes:
    """The bytes of a notice, with the original message or (``whole`` false) its header only."""
    moment = format_datetime(datetime.now(UTC))
    head = EmailMessage(policy=SMTP)
    head["From"] = f"MAILER-DAEMON@{domain}"
    head["To"] = to
    head["Subject"] = _SUBJECT[notice.action]
    head["Date"] = moment
    head["Message-ID"] = f"<{uuid.uuid4()}@{host}>"
    head["Auto-Submitted"] = "auto-replied"
    head["MIME-Version"] = "1.0"
    text = f"{_SAID[notice.action].fr} {_SAID[notice.action].en}\r\n\r\n<{notice.recipient}>: {notice.words}\r\n"
    report = [f"Reporting-MTA: dns; {host}", f"Arrival-Date: {moment}"]
    if envelope_id:
        report.append(f"Original-Envelope-Id: {envelope_id}")
    report += ["", f"Final-Recipient: rfc822; {notice.recipient}"]
    if notice.orcpt:
        report.append(f"Original-Recipient: {notice.orcpt.replace(';', '; ', 1)}")
    report += [f"Action: {notice.action}", f"Status: {notice.status}"]
    if notice.action in ("failed", "delayed"):
        report.append(f"Diagnostic-Code: smtp; {notice.status[0]}50 {notice.status} {_ascii(notice.words)}")
    header, _, _ = original.partition(b"\r\n\r\n")
    kept = original if whole else header + b"\r\n"
    boundary = b"=_notice_" + uuid.uuid4().hex.encode()
    top = head.as_bytes().rstrip(b"\r\n") + b"\r\n"
    top += b'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="' + boundary + b'"\r\n\r\n'
    parts = (
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text.encode(),
        b"Content-Type: message/delivery-status\r\n\r\n" + "\r\n".join(report).encode() + b"\r\n",
        b"Content-Type: " + (b"message/rfc822" if whole else b"text/rfc822-headers") + b"\r\n\r\n" + kept,
    )
    return top + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def _ascii(words: str) -> str:
    return words.encode("ascii", "replace").decode()
