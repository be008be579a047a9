"""Files carried in base64 inside a document: they decode, and are what their media type says.

No official rule looks inside. Source: CI-SIS Structuration minimale §3.6.1 (images), §3.7.2 (level 1 body).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.paths import path
from conformance.cda.rules import Constraint, Context, Violation
from conformance.core.language import Text

_STARTS: Final[dict[str, tuple[bytes, ...]]] = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "text/rtf": (b"{\\rtf",),
}
"""How a file of each type begins."""

_BEYOND: Final = Text(
    "Aucune règle officielle ne regarde le fichier lui-même ; un destinataire, lui, doit pouvoir l'ouvrir.",
    "No official rule looks at the file itself; a recipient must be able to open it.",
)


def decoded(element: etree._Element) -> bytes | None:
    """The bytes that ``element`` carries in base64 (white space allowed); ``None`` when they do not decode."""
    text = (element.text or "").encode("ascii", "replace").translate(None, b" \t\r\n")
    if not text or len(text) % 4:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def unlike_its_type(content: bytes, media_type: str) -> Text | None:
    """What shows that ``content`` is not of ``media_type``; ``None`` when nothing does."""
    starts = _STARTS.get(media_type)
    if media_type == "application/pdf":
        # A PDF may be preceded by a few bytes and followed by some white space (ISO 32000-1, annex H).
        if b"%PDF-" not in content[:1024]:
            return Text("le fichier ne commence pas par %PDF-", "the file does not begin with %PDF-")
        if b"%%EOF" not in content[-1024:]:
            return Text(
                "le fichier ne finit pas par %%EOF : il est tronqué",
                "the file does not end with %%EOF: it is truncated",
            )
        return None
    if starts is not None and not content.startswith(starts):
        return Text(f"le fichier ne commence pas comme un {media_type}", f"the file does not begin like {media_type}")
    if media_type == "text/plain":
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return Text("le texte n'est pas en UTF-8", "the text is not in UTF-8")
    return None


def embedded_file_rule(where: str) -> tuple[Constraint, ...]:
    """The file at ``where`` (an element with ``mediaType`` and ``representation``) decodes and is of its type."""
    place = path(where)

    def files(node: etree._Element) -> Iterator[tuple[etree._Element, bytes | None]]:
        for element in place.elements(node):
            if element.get("representation") == "B64" and element.get("nullFlavor") is None:
                yield element, decoded(element)

    def not_decoding(node: etree._Element, context: Context) -> Iterator[Violation]:
        for element, content in files(node):
            if content is None:
                empty = not (element.text or "").strip()
                yield Violation(
                    element,
                    Text("il est vide", "it is empty") if empty else Text("il ne se décode pas", "it does not decode"),
                )

    def of_another_type(node: etree._Element, context: Context) -> Iterator[Violation]:
        for element, content in files(node):
            said = unlike_its_type(content, element.get("mediaType", "")) if content is not None else None
            if said is not None:
                yield Violation(element, said)

    def cut(node: etree._Element) -> None:
        for element in place.elements(node):
            element.text = "A" + (element.text or "").strip()

    def replace(node: etree._Element) -> None:
        for element in place.elements(node):
            element.text = base64.b64encode(b"\x00 not this kind of file \xff").decode()

    return (
        Rule(
            asks=Text(f"le contenu de l'élément {where} doit être du base64", f"the content of the element {where} must be base64"),
            test=not_decoding, break_it=cut, key="base64", beyond=_BEYOND,
        ),
        Rule(
            asks=Text(f"le fichier de l'élément {where} doit être du type que dit mediaType", f"the file in the element {where} must be of the type that mediaType says"),
            test=of_another_type, break_it=replace, key="media-type", beyond=_BEYOND,
            hint=Text("Déposez le fichier tel quel, encodé une seule fois en base64.", "Put the file as it is, encoded once in base64."),
        ),
    )  # fmt: skip
