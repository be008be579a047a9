"""Messages: reads one from its bytes, whatever its state, and says where each header stands.

Reading takes what is there (the standard ``email`` parser mends what it can and notes the defects); only what
could harm a reader, or is no message at all, is refused. The checks judge.
Sources: RFC 5322, RFC 2045 to 2047, RFC 2231; Référentiel socle MSSanté #2 for the headers ``X-MSS-…``.
"""

from __future__ import annotations

import binascii
import codecs
import email.errors
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email._policybase import Compat32
from email.header import decode_header
from email.message import Message as RawMessage
from email.parser import BytesFeedParser
from typing import Final

from conformance.core.errors import DocumentError
from conformance.core.findings import Place
from conformance.core.language import Text
from conformance.exchange.xdm import is_xdm_name, is_zip

_MIB: Final = 1024 * 1024
_PIECE: Final = 64 * 1024
_LONGEST_HEADER: Final = 64 * 1024
_LONGEST_MIME_HEADER: Final = 4 * 1024
"""The standard library takes the square of their length to read the parameters of ``Content-…`` headers."""
_LONGEST_ENCODED: Final = 8 * 1024
"""Longer headers are not searched for encoded words, for the same reason."""

CODE_HEADER: Final = "X-MSS-CODECDA"
INS_HEADER: Final = "X-MSS-INS"
SOFTWARE_HEADER: Final = "X-MSS-NIL"
CLOSING_HEADER: Final = "X-MSS-MES"


@dataclass(frozen=True, slots=True)
class MailLimits:
    """What the reader accepts: ``size`` in bytes, ``lines``, ``parts`` in all, ``depth`` of nested parts, ``headers``
    in bytes. ``boundaries`` are lines that could begin a part.

    A message of 25 MB has some 350,000 lines: the limits are far above, and keep the standard library, which makes an
    object of each line and part, within a few seconds.
    """

    size: int = 30 * _MIB
    lines: int = 1_000_000
    boundaries: int = 10_000
    parts: int = 100
    depth: int = 20
    headers: int = _MIB


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the label beside it (empty when there is none) and the address."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of text: ``charset`` as declared (empty when not), ``damaged`` when the bytes do not decode in it."""

    media_type: str
    charset: str
    text: str
    damaged: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the message: its name (decoded), its declared media type, its bytes."""

    name: str
    media_type: str
    data: bytes

    @property
    def is_archive(self) -> bool:
        """Whether it is an XDM archive by its name, or by its content when its name does not tell."""
        return is_xdm_name(self.name) or (is_zip(self.data) and b"METADATA.XML" in self.data.upper())

    @property
    def is_pdf(self) -> bool:
        """Whether it is a PDF by its type, name or content."""
        named = self.media_type == "application/pdf" or self.name.casefold().endswith(".pdf")
        return named or self.data[:5] == b"%PDF-"


@dataclass(eq=False)
class Message:
    """A message that could be read. Header values are decoded; absent ones are empty."""

    name: str
    data: bytes
    raw: RawMessage
    texts: tuple[TextPart, ...]
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]
    body_type: str
    """Media type of what a reader shows first: ``text/plain``, ``multipart/alternative``, ``text/html``; empty: no body."""

    def header(self, name: str) -> str:
        """The first header ``name``, unfolded and decoded; empty when absent."""
        found = self.headers(name)
        return found[0] if found else ""

    def headers(self, name: str) -> tuple[str, ...]:
        """Every header ``name``, unfolded and decoded."""
        return tuple(decoded_header(str(value)) for value in self.raw.get_all(name, []))

    def has(self, name: str) -> bool:
        """Whether the header ``name`` is there, be it empty."""
        return name in self.raw

    def addresses(self, name: str) -> tuple[Address, ...]:
        """The mailboxes of a header of addresses."""
        raw = [_unfolded(str(value)) for value in self.raw.get_all(name, [])]
        try:
            found = email.utils.getaddresses(raw)
        except RecursionError:  # comments nested by the thousand: nobody's address
            return ()
        return tuple(Address(decoded_header(label), address) for label, address in found if address)

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return self.header("Subject")

    @property
    def sender(self) -> Address | None:
        """The mailbox in ``From``."""
        return next(iter(self.addresses("From")), None)

    @property
    def recipients(self) -> tuple[Address, ...]:
        """The mailboxes in ``To`` and ``Cc``."""
        return (*self.addresses("To"), *self.addresses("Cc"))

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets."""
        return self.header("Message-ID").strip()

    @property
    def references(self) -> tuple[str, ...]:
        """The ids of the thread: ``References``, then ``In-Reply-To``."""
        ids = re.findall(r"<[^<>\s]+>", f"{self.header('References')} {self.header('In-Reply-To')}")
        return tuple(dict.fromkeys(ids))

    @property
    def body(self) -> str:
        """The text shown first: plain text when there is some, else the words as they stand in HTML."""
        plain = next((part.text for part in self.texts if part.media_type == "text/plain"), None)
        return plain if plain is not None else next((part.text for part in self.texts), "")

    @property
    def archives(self) -> tuple[Attachment, ...]:
        """The attachments that are XDM archives."""
        return tuple(one for one in self.attachments if one.is_archive)

    @property
    def pdfs(self) -> tuple[Attachment, ...]:
        """The attachments that are PDF files."""
        return tuple(one for one in self.attachments if one.is_pdf)

    @property
    def report_type(self) -> str:
        """``disposition-notification`` for an MDN, ``delivery-status`` for a DSN; empty for any other message."""
        if self.raw.get_content_type() != "multipart/report":
            return ""
        return _parameter(self.raw, "report-type").lower()

    def place(self, header: str = "") -> Place:
        """Where ``header`` stands in the file (line from 1); the first line when it is absent."""
        head = self.data[: _end_of_headers(self.data)]
        wanted = header.lower().encode()
        for number, line in enumerate(head.splitlines(), 1):
            if wanted and line.lower().startswith(wanted + b":"):
                return Place(number, 1, f"/{header}")
        return Place(1, 1, f"/{header}" if header else "/")

    def place_of(self, attachment: Attachment) -> Place:
        """Where an attachment begins in the file: the line of its name, as near as the encoding lets it be found."""
        rank = self.attachments.index(attachment)
        path = f"/attachment[{rank + 1}]"
        # A plain search: a pattern would take the square of the length of a hostile line.
        found = self.data.find(attachment.name.encode("utf-8", "replace")) if attachment.name else -1
        return Place(self.data.count(b"\n", 0, found) + 1 if found >= 0 else 1, 1, path)


class _Reading(Compat32):
    """The lenient policy of the standard library; bytes above 127 that stand raw in a header become characters."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if len(value) > (_LONGEST_MIME_HEADER if name.lower().startswith("content-") else _LONGEST_HEADER):
            raise _header_too_long()
        return name, _raw_8_bit(value)


_READING: Final = _Reading()


def read_message(data: bytes, name: str = "-", limits: MailLimits | None = None) -> Message:
    """Read a message from its bytes; ``name`` is what sentences call it.

    Raises ``DocumentError`` (``mail.…``) when it is empty, no message, too large, or built to harm a reader.
    """
    limits = limits or MailLimits()
    data = data.removeprefix(codecs.BOM_UTF8)  # of the editor that saved the file: no message is sent with one
    _refuse(data, limits)
    try:
        raw = _parse(data)
        parts = list(_parts(raw, limits))
    except RecursionError:
        raise _too_nested(limits) from None
    texts: list[TextPart] = []
    attachments: list[Attachment] = []
    for part in parts:
        if part.is_multipart() and part.get_content_maintype() != "message":
            continue
        if _is_text(part):
            texts.append(_text(part))
        else:
            attachments.append(_attachment(part))
    defects = tuple(dict.fromkeys(type(defect).__name__ for part in parts for defect in part.defects))
    return Message(name, data, raw, tuple(texts), tuple(attachments), defects, _body_type(raw))


def _parse(data: bytes) -> RawMessage:
    """The tree of the message, fed piece by piece: the whole at once would stand in memory many times over."""
    parser = BytesFeedParser(policy=_READING)
    for start in range(0, len(data), _PIECE):
        parser.feed(data[start : start + _PIECE])
    return parser.close()


def decoded_header(value: str) -> str:
    """A header value unfolded, its encoded words decoded; what does not decode stays as it is."""
    value = _unfolded(value)
    if "=?" not in value or len(value) > _LONGEST_ENCODED:
        return value
    try:
        chunks = decode_header(value)
    except (email.errors.HeaderParseError, ValueError):
        return value
    words = []
    for chunk, charset in chunks:
        if isinstance(chunk, str):
            words.append(chunk)
            continue
        try:
            words.append(chunk.decode(charset or "ascii"))
        except (LookupError, ValueError):
            words.append(chunk.decode("utf-8", "replace"))
    return "".join(words)


def _unfolded(value: str) -> str:
    return re.sub(r"\r?\n(?=[ \t])", "", value).replace("\r", "").replace("\n", "").strip()


def _raw_8_bit(value: str) -> str:
    """Bytes above 127 that stand raw in a header: UTF-8 if they are, else Latin 1."""
    try:
        octets = value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return value
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _refuse(data: bytes, limits: MailLimits) -> None:
    if len(data) > limits.size:
        raise _error(
            "too-large",
            f"Le message fait {len(data)} octets ; la limite est de {limits.size}.",
            f"The message has {len(data)} bytes; the limit is {limits.size}.",
            "Les opérateurs acceptent de 10 à 25 Mo : vérifier ce qui l’a produit.",
            "Operators accept 10 to 25 MB: check what produced it.",
        )
    if not data or data.isspace():
        raise _error("empty", "Le message est vide.", "The message is empty.",
                     "Vérifier que le message a bien été enregistré.", "Check that the message was saved.")  # fmt: skip
    _refuse_numbers(data, limits)
    head = data[: _end_of_headers(data)]
    if not re.search(rb"(?m)^[!-9;-~]+:", head[:4096]):
        raise _error("not-a-message", "Le fichier n’est pas un message : il ne commence pas par des en-têtes.",
                     "The file is not a message: it does not begin with headers.",
                     "Donner le message tel que transmis (.eml).", "Give the message as transmitted (.eml).")  # fmt: skip
    if len(head) > limits.headers:
        raise _header_too_long()


def _refuse_numbers(data: bytes, limits: MailLimits) -> None:
    """More lines, or more lines that could begin a part, than any message has."""
    lines = max(data.count(b"\n"), data.count(b"\r"))
    if lines > limits.lines:
        raise _error("too-many-lines", f"Le message a {lines} lignes ; la limite est de {limits.lines}.",
                     f"The message has {lines} lines; the limit is {limits.lines}.",
                     "Vérifier ce qui l’a produit.", "Check what produced it.")  # fmt: skip
    if max(data.count(b"\n--"), data.count(b"\r--")) > limits.boundaries:
        raise _too_many_parts(limits)


def _too_many_parts(limits: MailLimits) -> DocumentError:
    return _error("too-many-parts", f"Le message a plus de {limits.parts} parties.",
                  f"The message has more than {limits.parts} parts.",
                  "Vérifier ce qui l’a produit.", "Check what produced it.")  # fmt: skip


def _header_too_long() -> DocumentError:
    return _error("header-too-long", "Un en-tête du message est d’une longueur démesurée.",
                  "A header of the message is of a monstrous length.",
                  "Vérifier ce qui l’a produit.", "Check what produced it.")  # fmt: skip


def _end_of_headers(data: bytes) -> int:
    found = re.search(rb"\r?\n\r?\n", data)
    return found.start() if found else len(data)


def _parts(raw: RawMessage, limits: MailLimits) -> Iterator[RawMessage]:
    """Every part, the whole first; the inside of an attached message is its own affair."""
    count = 0
    waiting = [(raw, 0)]
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if depth > limits.depth:
            raise _too_nested(limits)
        if count > limits.parts:
            raise _too_many_parts(limits)
        yield part
        if part.get_content_maintype() == "multipart":
            waiting.extend((child, depth + 1) for child in reversed(inner_parts(part)))


def _is_text(part: RawMessage) -> bool:
    named = _file_name(part) is not None or part.get_content_disposition() == "attachment"
    return part.get_content_maintype() == "text" and not named


def _text(part: RawMessage) -> TextPart:
    octets = _octets(part)
    charset = _parameter(part, "charset")
    try:
        return TextPart(part.get_content_type(), charset.lower(), octets.decode(charset or "ascii"), False)
    except (LookupError, ValueError):  # no charset, no text charset, or bytes that are not in it
        return TextPart(part.get_content_type(), charset.lower(), octets.decode("utf-8", "replace"), True)


def _attachment(part: RawMessage) -> Attachment:
    name = _file_name(part) or ""
    if part.get_content_maintype() == "message":
        inner = inner_parts(part)
        octets = b"".join(_as_bytes(one) for one in inner) if part.is_multipart() else _octets(part)
        return Attachment(decoded_header(name), part.get_content_type(), octets)
    octets = _octets(part)
    part.set_payload("")  # decoded once is enough: large files would stand in memory twice
    return Attachment(decoded_header(name), part.get_content_type(), octets)


def inner_parts(part: RawMessage) -> list[RawMessage]:
    """The parts of a part, or the message inside one that is a message; none inside a leaf.

    A leaf is never asked for its text: the library breaks on the names of some charsets.
    """
    inner = part.get_payload() if part.is_multipart() else []
    return [one for one in inner if isinstance(one, RawMessage)] if isinstance(inner, list) else []


def _parameter(part: RawMessage, name: str) -> str:
    """A parameter of ``Content-Type``, written plainly or as RFC 2231 writes it; empty when absent."""
    try:
        return email.utils.collapse_rfc2231_value(part.get_param(name) or "")
    except ValueError:  # said to be in a charset that is none
        return ""


def _file_name(part: RawMessage) -> str | None:
    """The name of a file; ``None`` for a part without name, empty for a name in a charset that is none."""
    try:
        return part.get_filename()
    except ValueError:
        return ""


def _as_bytes(inner: RawMessage) -> bytes:
    try:
        return inner.as_bytes()
    except (UnicodeError, LookupError):  # headers of another age, which the library reads and cannot write again
        return inner.as_string().encode("utf-8", "replace")


def _octets(part: RawMessage) -> bytes:
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        try:
            written = part.get_payload()
            if isinstance(written, str):
                # Without the line lists of the library, which take several times the size of a large file.
                return binascii.a2b_base64(written)
        except (ValueError, TypeError):
            pass  # damaged, or of a charset on whose name the library breaks: it saves what it can
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _body_type(raw: RawMessage) -> str:
    part = raw
    while part.get_content_type() in ("multipart/mixed", "multipart/related", "multipart/report"):
        bodies = [inner for inner in inner_parts(part) if inner.is_multipart() or _is_text(inner)]
        if not bodies:
            return ""
        part = bodies[0]
    return part.get_content_type() if part.get_content_type() == "multipart/alternative" or _is_text(part) else ""


def _too_nested(limits: MailLimits) -> DocumentError:
    return _error("too-nested", f"Les parties du message s’emboîtent sur plus de {limits.depth} niveaux.",
                  f"The parts of the message nest more than {limits.depth} levels deep.",
                  "Aucun logiciel n’en a besoin : vérifier ce qui l’a produit.",
                  "No product needs that: check what produced it.")  # fmt: skip


def _error(code: str, fr: str, en: str, hint_fr: str, hint_en: str) -> DocumentError:
    return DocumentError(f"mail.{code}", Text(fr, en), Text(hint_fr, hint_en))
