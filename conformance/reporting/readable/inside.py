"""The texts inside a message, whatever it is wrapped in: what the masking must know before anything is shown."""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from conformance.reporting.source import decode

_DEEPEST = 6
_LARGEST = 5_000_000
"""Octets of one part that are looked into; the page shows less than that."""
_CONTENT_TYPE = re.compile(r"(?im)^content-type:(.*)$")
_BASE64 = re.compile(r">\s*([A-Za-z0-9+/\s]{400,}={0,2})\s*<")
_DOCUMENT = re.compile(rb"<(?:[\w.-]+:)?ClinicalDocument\b")
_LONGEST_HEAD = 4_000
"""Octets in which the root of a document is looked for."""


def texts_inside(data: bytes, media_type: str) -> Iterator[str]:
    """Every text that ``data`` is or holds: parts of a mail, files of an archive, documents in base 64."""
    return (text for text, _ in _inside(data, media_type, 0))


def documents_inside(data: bytes, media_type: str) -> Iterator[bytes]:
    """The clinical documents (CDA) that ``data`` is or holds, octet for octet."""
    return (octets for _, octets in _inside(data, media_type, 0) if _DOCUMENT.search(octets[:_LONGEST_HEAD]))


def _inside(data: bytes, media_type: str, depth: int) -> Iterator[tuple[str, bytes]]:
    """Each text, and the octets of the file that it is; of a name or of headers, no octets."""
    if depth > _DEEPEST or len(data) > _LARGEST:
        return
    bare = media_type.split(";")[0].strip().lower()
    if data.startswith(b"PK\x03\x04"):
        for name, content in _entries(data):
            yield name, b""
            yield from _inside(content, "message/rfc822" if name.lower().endswith(".eml") else "", depth + 1)
    elif bare == "message/http":
        head, content_type, body = http_parts(data)
        yield head, b""
        yield from _inside(body, content_type, depth + 1)
    elif bare == "message/rfc822" or bare.startswith("multipart/"):
        yield from _parts(data, media_type, bare, depth)
    elif not data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8")):
        text = decode(data)
        yield text, data
        for found in _BASE64.findall(text):
            try:
                inner = base64.b64decode("".join(found.split()), validate=True)
            except (binascii.Error, ValueError):
                continue
            yield from _inside(inner, "", depth + 1)


def http_parts(data: bytes) -> tuple[str, str, bytes]:
    """A message of HTTP (RFC 9112): its first line and headers, the media type of its body, its body."""
    head, _, body = data.partition(b"\r\n\r\n")
    words = decode(head).replace("\r\n", "\n")
    found = _CONTENT_TYPE.search(words)
    return words, found[1].strip() if found else "", body


def _parts(data: bytes, media_type: str, bare: str, depth: int) -> Iterator[tuple[str, bytes]]:
    whole = data if bare == "message/rfc822" else b"Content-Type: " + media_type.encode() + b"\r\n\r\n" + data
    message = email.message_from_bytes(whole, policy=email.policy.compat32)
    # The headers as they stand: a name in an address is written plainly or protected by the run.
    yield decode(data[:20_000]), b""
    for part in message.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield from _inside(payload, part.get_content_type(), depth + 1)


def _entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        return
    with archive:
        for entry in archive.infolist():
            if entry.is_dir() or entry.file_size > _LARGEST or entry.flag_bits & 1:
                continue
            try:
                with archive.open(entry) as file:
                    yield entry.filename, file.read(_LARGEST)
            except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, zlib.error):
                continue
