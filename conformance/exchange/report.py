"""Writes ``multipart/report`` messages, the envelope that read receipts and delivery notices share. Source: RFC 6522."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP

from conformance.exchange.mail_writing import write_headers


def write_report(headers: Mapping[str, str], report_type: str, text: str, parts: tuple[bytes, ...]) -> bytes:
    """A report: ``headers``, a text in UTF-8, then ``parts`` (each with its own MIME headers).

    The same content gives the same bytes; what was attached is kept byte for byte.
    """
    body = EmailMessage(policy=SMTP)
    body.set_content(text, charset="utf-8", cte="quoted-printable")
    del body["MIME-Version"]
    boundary = f"=_{hashlib.sha256(headers['Message-ID'].encode()).hexdigest()[:24]}"
    while any(boundary.encode() in part for part in parts):
        boundary += "_"
    kind = f'Content-Type: multipart/report; report-type={report_type};\r\n boundary="{boundary}"\r\n\r\n'
    whole = write_headers({**headers, "MIME-Version": "1.0"}) + kind.encode()
    for part in (body.as_bytes(), *parts):
        whole += f"--{boundary}\r\n".encode() + part.rstrip(b"\r\n") + b"\r\n"
    return whole + f"--{boundary}--\r\n".encode()
