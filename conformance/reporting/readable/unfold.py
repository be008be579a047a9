"""Opens what was exchanged, one wrapping after the other: mail, MIME parts, archive, XML, JSON."""

from __future__ import annotations

import email
import email.policy
import io
import json
import zipfile
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from functools import lru_cache

from markupsafe import Markup

from conformance.cda.reading import read_document
from conformance.core.errors import DocumentError
from conformance.core.language import Text
from conformance.core.redaction import Redactor
from conformance.reporting.readable import cda, envelope
from conformance.reporting.readable.fragment import Fragment, joined, label
from conformance.reporting.readable.inside import http_parts
from conformance.reporting.source import decode

_DEEPEST = 5
"""Wrappings inside wrappings that are opened: mail → archive → document is three."""
_MOST_PARTS = 40
_LARGEST = 2_000_000
"""Octets of one part that are unfolded."""
_LONGEST_TEXT = 60_000
"""Characters of plain text that are shown."""

# The library parses a header anew each time that it is asked for, which is most of the work on a mail.
_READING = email.policy.default.clone(header_factory=lru_cache(maxsize=1_000)(HeaderRegistry()))

_HEADERS = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "Content-Type")


def readable(data: bytes, media_type: str, redactor: Redactor) -> str | None:
    """The fragment for a message or document; ``None`` when its source is all there is to read."""
    part = _unfold(data, media_type, Fragment(redactor), 0)
    return None if part is None else str(part)


def _unfold(data: bytes, media_type: str, fragment: Fragment, depth: int) -> Markup | None:
    """The fragment of one wrapping; what cannot be read gives ``None``: the source shows it as it is."""
    if depth > _DEEPEST or len(data) > _LARGEST:
        return None
    bare = media_type.split(";")[0].strip().lower()
    if data.startswith(b"PK\x03\x04"):
        return _archive(data, fragment, depth)
    if bare == "message/http":
        return _http(data, fragment, depth)
    if bare == "message/rfc822":
        return _mail(data, fragment, depth)
    if bare.startswith("multipart/"):
        # The boundary stands in the header of the transport, which the type carries along.
        return _mail(b"Content-Type: " + media_type.encode() + b"\r\n\r\n" + data, fragment, depth)
    if bare.endswith("json"):
        return _json(data, fragment, depth)
    if bare.endswith("xml") or data.lstrip()[:1] == b"<":
        return _xml(data, fragment, depth)
    return None


def _http(data: bytes, fragment: Fragment, depth: int) -> Markup:
    """What the body says comes first; the headers are folded behind it."""
    head, content_type, body = http_parts(data)
    first, _, headers = head.partition("\n")
    inside = _unfold(body, content_type, fragment, depth + 1)
    if inside is None:
        inside = fragment.source(decode(body)[:_LONGEST_TEXT])
    rows = [(name, value.strip()) for name, _, value in (line.partition(":") for line in headers.splitlines())]
    folded = fragment.folded(label(Text("En-têtes HTTP", "HTTP headers")), fragment.table(rows))
    return joined([Markup("<p><code>{}</code></p>").format(fragment.text(first)), inside, folded])


def _xml(data: bytes, fragment: Fragment, depth: int) -> Markup | None:
    try:
        document = read_document(data)
    except DocumentError:
        return None  # the findings say what is wrong with it
    if document.clinical is not None:
        return cda.render(document.clinical, fragment)

    def opener(octets: bytes) -> Markup | None:
        return _unfold(octets, "application/octet-stream", fragment, depth + 1)

    if envelope.is_soap(document.root):
        return envelope.render_soap(document.root, fragment, opener)
    return envelope.render_tree([document.root], fragment, opener)


def _json(data: bytes, fragment: Fragment, depth: int) -> Markup | None:
    """The value, indented; ``None`` when it stands so already and has no wrapping."""
    try:
        written = json.dumps(json.loads(data), ensure_ascii=False, indent=2)
    except ValueError:
        return None
    return None if depth == 0 and written.encode() == data else fragment.source(written)


def _mail(data: bytes, fragment: Fragment, depth: int) -> Markup:
    message = email.message_from_bytes(data, policy=_READING)
    parts = [fragment.table([(name, _header(message, name)) for name in _HEADERS])]
    own = {name.lower() for name in _HEADERS} | {"mime-version", "content-transfer-encoding", "content-disposition"}
    others = [(name, value) for name in dict.fromkeys(message.keys()) if name.lower() not in own and (value := _header(message, name))]  # fmt: skip
    if others:
        parts.append(fragment.folded(label(Text("Autres en-têtes", "Other headers")), fragment.table(others)))
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            continue
        if number > _MOST_PARTS:
            parts.append(Markup("<p>…</p>"))
            break
        parts.append(_part(part, fragment, depth))
    return joined(parts)


def _header(message: EmailMessage, name: str) -> str:
    """The value of a header, decoded; one that cannot be is shown as it stands."""
    try:
        return ", ".join(str(value) for value in message.get_all(name, []))
    except (ValueError, IndexError, AttributeError):  # the parser of the library trips over some broken headers
        return ", ".join(value for key, value in message.raw_items() if key.lower() == name.lower())


def _part(part: EmailMessage, fragment: Fragment, depth: int) -> Markup:
    kind = part.get_content_type()
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    name = part.get_filename() or part.get("Content-ID") or kind
    inside = _unfold(data, kind, fragment, depth + 1)
    if inside is None:
        inside = fragment.source(decode(data)[:_LONGEST_TEXT]) if kind.startswith("text/") else Markup("")
    head = Markup("<strong>{}</strong> <span class=a>{} · {} octets</span>").format(
        fragment.text(str(name)), kind, len(data)
    )
    return fragment.folded(head, inside, opened=True) if inside else Markup("<p>{}</p>").format(head)


def _archive(data: bytes, fragment: Fragment, depth: int) -> Markup | None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        return None
    items: list[Markup] = []
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        for entry in entries[:_MOST_PARTS]:
            inside: Markup | None = None
            # The announced size may lie: what is read is bounded too.
            if entry.file_size <= _LARGEST and not entry.flag_bits & 1:
                try:
                    with archive.open(entry) as file:
                        content = file.read(_LARGEST)
                except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError):
                    content = b""
                kind = _type_of(entry.filename)
                inside = _unfold(content, kind, fragment, depth + 1)
                if inside is None and kind.startswith("text/"):
                    inside = fragment.source(decode(content)[:_LONGEST_TEXT])
            head = Markup("<strong>{}</strong> <span class=a>{} octets</span>").format(
                fragment.text(entry.filename), entry.file_size
            )
            items.append(fragment.folded(head, inside) if inside else Markup("<p>{}</p>").format(head))
        if len(entries) > _MOST_PARTS:
            items.append(Markup("<p>… {}</p>").format(len(entries) - _MOST_PARTS))
    return joined(items)


def _type_of(name: str) -> str:
    ending = name.rsplit(".", 1)[-1].lower()
    return {
        "xml": "application/xml",
        "json": "application/json",
        "zip": "application/zip",
        "eml": "message/rfc822",
        "txt": "text/plain",
        "htm": "text/html",
    }.get(ending, "application/octet-stream")
