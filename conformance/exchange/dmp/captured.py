"""A request to the DMP as it was received: what a simulator keeps, what a file ``.http`` holds, what the checks read.

The file is the HTTP request itself (request line, headers, empty line, body). What TLS knew stands in headers of
the kit's own (``X-Segur-Tls-Version``…), so that a file says as much as the journal.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conformance.core.errors import DocumentError
from conformance.core.language import Text

_OWN: Final = "x-segur-"
_LONGEST_HEAD: Final = 256 * 1024
_LONGEST_BODY: Final = 256 * 1024 * 1024
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What the TLS channel of a request was: ``version`` (``TLSv1.2``), cipher suite, server name asked for, client certificate."""

    version: str = ""
    cipher: str = ""
    server_name: str = ""
    client: x509.Certificate | None = None


@dataclass(frozen=True, slots=True)
class CapturedRequest:
    """A request. Header names are in lower case; ``tls`` is ``None`` when nothing is known of the channel."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    tls: TlsFacts | None = None
    received: datetime | None = None

    @property
    def content_type(self) -> str:
        """The Content-Type, empty when absent."""
        return self.headers.get("content-type", "")

    @property
    def path(self) -> str:
        """The path that was asked for, without host nor query."""
        target = self.target
        if "://" in target:
            target = "/" + target.partition("://")[2].partition("/")[2]
        return target.partition("?")[0]

    def to_bytes(self) -> bytes:
        """The request as a file."""
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines.extend(f"{name}: {value}" for name, value in self.headers.items() if not name.startswith(_OWN))
        if self.tls is not None:
            client = self.tls.client.public_bytes(Encoding.DER) if self.tls.client else b""
            own = (("tls-version", self.tls.version), ("tls-cipher", self.tls.cipher),
                   ("tls-server-name", self.tls.server_name), ("tls-client", base64.b64encode(client).decode()))  # fmt: skip
            lines.extend(f"{_OWN}{name}: {value}" for name, value in own)
        if self.received is not None:
            lines.append(f"{_OWN}received: {self.received.isoformat()}")
        return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + self.body


def read_captured(data: bytes) -> CapturedRequest:
    """Read a file ``.http``. Raises ``DocumentError`` (``captured.…``) when it is none."""
    for separator in (b"\r\n\r\n", b"\n\n"):
        head, found, body = data.partition(separator)
        if found and len(head) <= _LONGEST_HEAD:
            break
    else:
        raise _error("head", "Le fichier n’a pas de ligne vide entre les en-têtes HTTP et le corps.",
                     "The file has no empty line between the HTTP headers and the body.")  # fmt: skip
    first, *rest = head.decode("utf-8", "replace").splitlines() or [""]
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        raise _error("request-line", "La première ligne n’est pas celle d’une requête HTTP (POST … HTTP/1.1).",
                     "The first line is not that of an HTTP request (POST … HTTP/1.1).")  # fmt: skip
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    own = {name.removeprefix(_OWN): headers.pop(name) for name in list(headers) if name.startswith(_OWN)}
    tls = None
    if any(name.startswith("tls-") for name in own):
        tls = TlsFacts(
            own.get("tls-version", ""), own.get("tls-cipher", ""), own.get("tls-server-name", ""), _client(own)
        )
    return CapturedRequest(words[0], words[1], headers, _uncoded(headers, body), tls, _moment(own.get("received", "")))


def _uncoded(headers: dict[str, str], body: bytes) -> bytes:
    """The body without what HTTP wrapped it in, as a capture of the wire has it; the headers say no more of it."""
    try:
        if "chunked" in headers.get("transfer-encoding", "").lower() and _CHUNK.match(body):
            body = _unchunked(body)
            del headers["transfer-encoding"]
        if headers.get("content-encoding", "").strip().lower() == "gzip" and body[:2] == _GZIP:
            opened = zlib.decompressobj(zlib.MAX_WBITS | 16)
            body = opened.decompress(body, _LONGEST_BODY)
            if not opened.eof:
                raise ValueError("larger than anything that is read")
    except (ValueError, zlib.error):
        raise _error("coding", "Le corps ne se décode pas comme les en-têtes HTTP le disent (chunked, gzip).",
                     "The body does not decode as the HTTP headers say (chunked, gzip).") from None  # fmt: skip
    return body


def _unchunked(body: bytes) -> bytes:
    """The data of a chunked body (RFC 9112 §7.1)."""
    made, at = bytearray(), 0
    while (found := _CHUNK.match(body, at)) is not None:
        size = int(found[1], 16)
        if size == 0:
            return bytes(made)
        if len(body) < found.end() + size:
            break
        made += body[found.end() : found.end() + size]
        at = found.end() + size
        at += 2 if body[at : at + 2] == b"\r\n" else 1
    raise ValueError("the last chunk is missing")


def _client(own: Mapping[str, str]) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(base64.b64decode(own.get("tls-client", ""), validate=True))
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _error(code: str, fr: str, en: str) -> DocumentError:
    return DocumentError(
        f"captured.{code}",
        Text(fr, en),
        Text(
            "Donner la requête entière : première ligne, en-têtes, ligne vide, corps.",
            "Give the whole request: first line, headers, empty line, body.",
        ),
    )
