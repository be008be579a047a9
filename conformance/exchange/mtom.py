"""MTOM: a SOAP message in ``multipart/related``, its binary contents in parts of their own (XOP).

Sources: W3C MTOM, W3C XOP 1.0, RFC 2387 (multipart/related), RFC 2046 §5.1 (boundaries), RFC 2392 (``cid:``).
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Final
from urllib.parse import quote, unquote

from lxml import etree

from conformance.core.errors import DocumentError
from conformance.core.language import Text

XOP: Final = "http://www.w3.org/2004/08/xop/include"
XOP_TYPE: Final = "application/xop+xml"
INCLUDE: Final = f"{{{XOP}}}Include"

MOST_PARTS: Final = 200
_LONGEST_HEADER: Final = 8 * 1024
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message: its ``Content-ID`` without brackets, its type, its bytes."""

    content_id: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Package:
    """A message taken out of its HTTP body: the bytes of the envelope, and the parts beside it.

    ``parameters`` are those of the Content-Type of HTTP, in lower case; ``root_type`` is the Content-Type of the
    part that holds the envelope; ``multipart`` tells MTOM from a plain envelope.
    """

    envelope: bytes
    media_type: str
    parameters: Mapping[str, str]
    root_type: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    multipart: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A binary value of a message. ``inline``: it stood as base64 in the envelope instead of a part."""

    data: bytes
    inline: bool
    content_type: str = ""


def media_type_of(content_type: str) -> tuple[str, dict[str, str]]:
    """The media type of a Content-Type, and its parameters, names in lower case."""
    header = Message()
    header["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    if not content_type.strip():
        return "", {}
    parameters = {name.lower(): value for name, value in (header.get_params(failobj=[]) or [])[1:]}
    return header.get_content_type(), parameters


def read_package(content_type: str, body: bytes) -> Package:
    """The message in the body of a request or of an answer; ``content_type`` is the HTTP header.

    Raises ``DocumentError`` (``mtom.…``) when the packaging cannot be undone: no or wrong boundary, no end, no
    root part, a part without end of headers.
    """
    media_type, parameters = media_type_of(content_type)
    if not media_type.startswith("multipart/"):
        if body.lstrip()[:2] == b"--":
            raise _error("not-multipart", f"Le corps est en plusieurs parties, et le Content-Type « {media_type[:60]} » ne le dit pas.",
                         f"The body has several parts, and the Content-Type “{media_type[:60]}” does not say so.",
                         "Écrire Content-Type: multipart/related; boundary=…; type=\"application/xop+xml\".",
                         "Write Content-Type: multipart/related; boundary=…; type=\"application/xop+xml\".")  # fmt: skip
        return Package(body, media_type, parameters)
    parts = _split(parameters.get("boundary", ""), body)
    start = parameters.get("start", "").strip("<> ")
    root = next((part for part in parts if part.content_id == start), None) if start else parts[0]
    if root is None:
        raise _error("no-root", f"Aucune partie n’a le Content-ID « {start} » que nomme start.",
                     f"No part has the Content-ID “{start}” that start names.",
                     "Donner à la partie de l’enveloppe le Content-ID annoncé par start.",
                     "Give the part of the envelope the Content-ID that start announces.")  # fmt: skip
    others = {part.content_id: part for part in parts if part is not root}
    return Package(root.data, media_type, parameters, root.content_type, others, multipart=True)


def _split(boundary: str, body: bytes) -> list[Part]:
    if not boundary or not _BOUNDARY.fullmatch(boundary):
        raise _error("boundary", "Le Content-Type multipart/related ne donne pas de boundary utilisable.",
                     "The Content-Type multipart/related gives no usable boundary.",
                     "Écrire Content-Type: multipart/related; boundary=…, avec la limite employée dans le corps.",
                     "Write Content-Type: multipart/related; boundary=…, with the boundary used in the body.")  # fmt: skip
    delimiter = b"--" + boundary.encode("ascii")
    whole = b"\r\n" + body
    pieces = re.split(rb"\r?\n" + re.escape(delimiter) + rb"(?=--|[ \t]*\r?\n|\Z)", whole, maxsplit=MOST_PARTS + 2)
    if len(pieces) == 1:
        raise _error("boundary-not-found", f"La limite « {boundary} » annoncée n’apparaît pas dans le corps.",
                     f"The boundary “{boundary}” announced does not appear in the body.",
                     "Employer dans le corps la limite du Content-Type, chaque fois précédée de « -- ».",
                     "Use the boundary of the Content-Type in the body, preceded by “--” each time.")  # fmt: skip
    if len(pieces) > MOST_PARTS + 2:
        raise _error("too-many-parts", f"Le message a plus de {MOST_PARTS} parties.", f"The message has more than {MOST_PARTS} parts.",
                     "Envoyer un lot par message.", "Send one submission per message.")  # fmt: skip
    if not any(piece.startswith(b"--") for piece in pieces[1:]):
        raise _error("truncated", "Le message est tronqué : la limite finale manque.", "The message is truncated: the closing boundary is missing.",
                     "Il a sans doute été coupé en route ; le renvoyer en entier.", "It was probably cut on its way; send it again in full.")  # fmt: skip
    made: list[Part] = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            break
        made.append(_part(piece))
    if not made:
        raise _error("no-parts", "Le message multipart ne contient aucune partie.", "The multipart message holds no part.",
                     "Placer l’enveloppe SOAP dans la première partie.", "Put the SOAP envelope in the first part.")  # fmt: skip
    return made


def _part(piece: bytes) -> Part:
    found = re.search(rb"\r?\n\r?\n", piece[:_LONGEST_HEADER])
    if found is None:
        raise _error("part-headers", "Une partie du message n’a pas de ligne vide après ses en-têtes.",
                     "A part of the message has no empty line after its headers.",
                     "Séparer les en-têtes d’une partie de son contenu par une ligne vide.",
                     "Separate the headers of a part from its content by an empty line.")  # fmt: skip
    headers = BytesHeaderParser().parsebytes(piece[: found.start()].lstrip(b" \t\r\n") + b"\r\n\r\n")
    data = piece[found.end() :]
    data = _decoded(data, str(headers.get("Content-Transfer-Encoding", "binary")).strip().lower())
    return Part(
        str(headers.get("Content-ID", "")).strip().strip("<>"), str(headers.get("Content-Type", "")).strip(), data
    )


def _decoded(data: bytes, encoding: str) -> bytes:
    """The bytes of a part, by its Content-Transfer-Encoding (RFC 2045 §6)."""
    if encoding in ("", "7bit", "8bit", "binary"):
        return data
    try:
        if encoding == "base64":
            return base64.b64decode(b"".join(data.split()), validate=True)
        if encoding == "quoted-printable":
            return quopri.decodestring(data)
    except binascii.Error:
        pass
    raise _error("part-encoding", f"Une partie ne se décode pas (Content-Transfer-Encoding : {encoding[:40]}).",
                 f"A part does not decode (Content-Transfer-Encoding: {encoding[:40]}).",
                 "Envoyer les parties en binaire.", "Send the parts as binary.")  # fmt: skip


def content_of(element: etree._Element, package: Package) -> Content:
    """The bytes of a binary element: those of the part that its ``xop:Include`` names, else its base64 text.

    Raises ``DocumentError``: ``mtom.missing-part``, ``mtom.reference`` (no ``cid:``), ``mtom.base64``.
    """
    include = next(element.iterchildren(INCLUDE), None)
    if include is None:
        try:
            return Content(base64.b64decode("".join((element.text or "").split()), validate=True), inline=True)
        except (binascii.Error, ValueError):
            raise _error("base64", "Le contenu d’un document n’est ni une référence xop:Include ni du base64.",
                         "The content of a document is neither an xop:Include reference nor base64.",
                         "Placer le document dans une partie, désignée par xop:Include.",
                         "Put the document in a part, named by xop:Include.") from None  # fmt: skip
    href = include.get("href", "")
    if not href.lower().startswith("cid:"):
        raise _error("reference", f"xop:Include désigne « {href[:80]} », qui n’est pas une référence cid:.",
                     f"xop:Include names “{href[:80]}”, which is no cid: reference.",
                     "Écrire href=\"cid:…\" avec le Content-ID de la partie.", "Write href=\"cid:…\" with the Content-ID of the part.")  # fmt: skip
    wanted = unquote(href[4:])
    part = package.parts.get(wanted) or package.parts.get(href[4:])
    if part is None:
        raise _error("missing-part", f"Aucune partie du message n’a le Content-ID « {wanted[:80]} ».",
                     f"No part of the message has the Content-ID “{wanted[:80]}”.",
                     "Joindre la partie, ou corriger la référence cid:.", "Add the part, or correct the cid: reference.")  # fmt: skip
    return Content(part.data, inline=False, content_type=part.content_type)


def include(owner: etree._Element, content_id: str) -> None:
    """Make ``owner`` refer to the part called ``content_id``."""
    etree.SubElement(owner, INCLUDE, {"href": f"cid:{quote(content_id, safe='@.-_')}"}, nsmap={"xop": XOP})


def new_content_id() -> str:
    """A Content-ID that no other message uses."""
    return f"{uuid.uuid4()}@segur-conformance"


def write_package(envelope: bytes, parts: Iterable[Part], action: str) -> tuple[str, bytes]:
    """The Content-Type and the body of a message with its parts."""
    boundary = f"MIMEBoundary_{uuid.uuid4().hex}"
    root_id = new_content_id()
    content_type = (
        f'multipart/related; type="{XOP_TYPE}"; start="<{root_id}>"; boundary="{boundary}"; '
        f'start-info="application/soap+xml"; action="{action}"'
    )
    root = Part(root_id, f'{XOP_TYPE}; charset=UTF-8; type="application/soap+xml"; action="{action}"', envelope)
    body = bytearray()
    for part in (root, *parts):
        head = (
            f"--{boundary}\r\nContent-Type: {part.content_type}\r\nContent-Transfer-Encoding: binary\r\n"
            f"Content-ID: <{part.content_id}>\r\n\r\n"
        )
        body += head.encode() + part.data + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return content_type, bytes(body)


def _error(code: str, fr: str, en: str, hint_fr: str, hint_en: str) -> DocumentError:
    return DocumentError(f"mtom.{code}", Text(fr, en), Text(hint_fr, hint_en))
