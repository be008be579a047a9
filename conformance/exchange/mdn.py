"""Message disposition notifications (read receipts, and results of integration): both grammars, read and written.

Since v1.1.3 of the volet an error is said as ``Disposition: …; processed/error`` with a field ``Error``; before, it
stood in the disposition itself (``processed/Error: 902^…``). Readers must take both.
Sources: RFC 8098; ANS, volet Transmission au LPS d'un document CDA (MDN pages); codes 900 to 906 and HL7 table 0357.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.header import Header
from email.message import Message as RawMessage
from email.parser import BytesHeaderParser
from typing import Final, Literal

from conformance.core.language import Text
from conformance.exchange.mail import Message, decoded_header, inner_parts
from conformance.exchange.report import write_report

INTEGRATION_ERRORS: Final = {
    "900": Text("Version erronée lors d’un remplacement ou d’une suppression", "Wrong version on replacement or deletion"),
    "901": Text("Auteur non autorisé", "Author not authorised"),
    "902": Text("Identifiant de patient inconnu", "Patient identifier unknown"),
    "903": Text("Pas d’INS dans le document", "No INS in the document"),
    "904": Text("INS en désaccord (traits ou matricule)", "INS mismatch (traits or matricule)"),
    "905": Text("INS incomplète", "INS incomplete"),
    "906": Text("Autre erreur", "Other error"),
}  # fmt: skip
"""The business errors that an integration may answer."""

Grammar = Literal["1.1.3", "1.1.2"]

_MODES: Final = ("manual-action/mdn-sent-manually", "automatic-action/mdn-sent-automatically")
_DISPOSITION: Final = re.compile(
    r"(?P<mode>[\w-]+\s*/\s*[\w-]+)\s*;\s*(?P<type>[\w-]+)\s*(?:/\s*(?P<modifier>[\w-]+(?:\s*,\s*[\w-]+)*)"
    r"\s*(?::\s*(?P<error>.*))?)?\s*\Z",
    re.S,
)
_KO: Final = re.compile(r"\[KO[^\]]*\]\s*\[(?P<code>[0-9]{1,3})\]\s*(?P<subject>.*)", re.S)


@dataclass(frozen=True, slots=True)
class IntegrationError:
    """Why a document could not be integrated: code, label, HL7 condition, severity (``E``)."""

    code: str
    label: str = ""
    condition: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Disposition:
    """What became of the message.

    ``mode``: who acted (``automatic-action/MDN-sent-automatically``); ``type``: ``displayed``, ``processed``…;
    ``modifiers`` such as ``error``; ``grammar`` in which an error was said.
    """

    mode: str
    type: str
    modifiers: tuple[str, ...] = ()
    error: IntegrationError | None = None
    grammar: Grammar = "1.1.3"

    @property
    def failed(self) -> bool:
        """Whether it tells a failure."""
        return self.error is not None or "error" in self.modifiers or self.type == "failed"

    @property
    def known_mode(self) -> bool:
        """Whether the mode is one of the two pairs that are used."""
        return self.mode.lower() in _MODES


@dataclass(frozen=True, slots=True)
class Mdn:
    """A notification. ``disposition`` is ``None`` when the field is missing or cannot be understood (``written`` holds it)."""

    final_recipient: str
    original_message_id: str
    disposition: Disposition | None
    written: str = ""
    reporting_ua: str = ""
    original_recipient: str = ""
    has_original: bool = False
    """Whether the message, or its headers, came back with it."""


def read_mdn(message: Message) -> Mdn | None:
    """The notification that ``message`` is; ``None`` when it is none (or has no machine-readable part)."""
    if message.report_type != "disposition-notification":
        return None
    parts = [part for part in message.raw.walk() if part is not message.raw]
    report = next((p for p in parts if p.get_content_type() == "message/disposition-notification"), None)
    if report is None:
        return None
    fields = _fields(report)
    written = fields.get("disposition", "")
    return Mdn(
        final_recipient=_mailbox(fields.get("final-recipient", "")),
        original_message_id=fields.get("original-message-id", ""),
        disposition=parse_disposition(written, fields.get("error", "")),
        written=written,
        reporting_ua=fields.get("reporting-ua", ""),
        original_recipient=_mailbox(fields.get("original-recipient", "")),
        has_original=any(p.get_content_type() in ("message/rfc822", "text/rfc822-headers") for p in parts),
    )


def parse_disposition(written: str, error: str = "") -> Disposition | None:
    """The parts of a field ``Disposition`` (any case, any spaces) with the field ``Error`` beside it."""
    found = _DISPOSITION.match(" ".join(written.split()))
    if not found:
        return None
    inner = found["error"]
    said = inner or error
    return Disposition(
        mode=re.sub(r"\s*/\s*", "/", found["mode"]),
        type=found["type"].lower(),
        modifiers=tuple(one.strip().lower() for one in (found["modifier"] or "").split(",") if one.strip()),
        error=_parse_error(said) if said.strip() else None,
        grammar="1.1.2" if inner else "1.1.3",
    )


def subject_error(subject: str) -> tuple[str, str] | None:
    """The code and the original subject of ``[KO Intégration système !][902] XDM/1.0/DDM+…``; else ``None``."""
    found = _KO.match(subject.strip())
    return (found["code"], found["subject"].strip()) if found else None


def ko_subject(error: IntegrationError, original: str) -> str:
    """The subject of a failed integration."""
    return f"[KO Intégration système !][{error.code}] {original}"


def disposition_fields(disposition: Disposition) -> dict[str, str]:
    """The fields ``Disposition`` and ``Error`` of a notification, in the grammar that it names."""
    head = f"{disposition.mode}; {disposition.type}"
    error = disposition.error
    if error is None:
        modifiers = ",".join(disposition.modifiers)
        return {"Disposition": f"{head}/{modifiers}" if modifiers else head}
    said = f"{error.code}^{error.label}^{error.condition}| {error.severity}^Error^errorSeverity"
    if disposition.grammar == "1.1.2":
        return {"Disposition": f"{head}/Error: {said}"}
    return {"Disposition": f"{head}/error", "Error": said}


def write_mdn(
    mdn: Mdn, *, sender: str, recipient: str, text: str, original: bytes, message_id: str, date: str
) -> bytes:
    """The bytes of a notification: text in UTF-8, the machine-readable part, the whole original message.

    ``date`` as RFC 5322 writes it. Raises ``ValueError`` without a disposition: such a notification says nothing.
    """
    if mdn.disposition is None:
        raise ValueError("a notification needs a disposition")
    subject = decoded_header(str(_headers_of(original).get("Subject", "")))
    if mdn.disposition.error is not None:
        subject = ko_subject(mdn.disposition.error, subject)
    fields = {
        "Reporting-UA": mdn.reporting_ua,
        "Original-Recipient": f"rfc822;{mdn.original_recipient}" if mdn.original_recipient else "",
        "Final-Recipient": f"rfc822;{mdn.final_recipient}",
        "Original-Message-ID": mdn.original_message_id,
        **disposition_fields(mdn.disposition),
    }
    report = "".join(f"{name}: {_ascii_field(value)}\r\n" for name, value in fields.items() if value)
    parts = (
        b"Content-Type: message/disposition-notification\r\n\r\n" + report.encode(),
        b'Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename="message_original.eml"\r\n\r\n'
        + original,
    )
    headers = {"From": sender, "To": recipient, "Subject": subject, "Date": date, "Message-ID": message_id}
    return write_report(headers, "disposition-notification", text, parts)


def _headers_of(original: bytes) -> RawMessage:
    return BytesHeaderParser().parsebytes(original)


def _ascii_field(value: str) -> str:
    """A field of the machine-readable part: labels with accents as encoded words."""
    if value.isascii():
        return value
    return Header(value, "utf-8", maxlinelen=10_000).encode()


def _parse_error(text: str) -> IntegrationError:
    first, _, second = decoded_header(text).partition("|")
    parts = [part.strip() for part in first.split("^")] + ["", "", ""]
    return IntegrationError(parts[0], parts[1], parts[2], second.split("^")[0].strip())


def _fields(report: RawMessage) -> dict[str, str]:
    """The fields of the machine-readable part, by name in small letters; the first of each counts."""
    holder = next(iter(inner_parts(report)), report)
    fields: dict[str, str] = {}
    for name, value in holder.items():
        fields.setdefault(name.lower(), decoded_header(str(value)))
    text = holder.get_payload(decode=True)
    if not fields and isinstance(text, bytes):
        for line in text.decode("utf-8", "replace").splitlines():
            name, colon, value = line.partition(":")
            if colon:
                fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _mailbox(value: str) -> str:
    """The address in ``rfc822;someone@somewhere``."""
    return value.rpartition(";")[2].strip()
