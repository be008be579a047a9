"""Reads a clinical document safely, and says in a sentence why it cannot when it cannot.

No DTD, no entities, no network; limits on size and depth. What is wrong with the bytes but does not
prevent reading (an encoding other than UTF-8, a declaration that contradicts the byte order mark) is a
remark, so that the other layers can go on.
Source: CI-SIS Structuration minimale §3.2.1 and §3.9 (encoding, prologue), §3.3.2 and §3.3.3 (wrapped documents).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from lxml import etree

from conformance.cda.locate import Locator
from conformance.cda.namespaces import h
from conformance.core.errors import DocumentError
from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import Text

LAYER: Final = "decoding"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reader accepts: ``size`` in bytes, ``depth`` in nested elements."""

    size: int = 100 * 1024 * 1024
    depth: int = 200


@dataclass(eq=False)
class Document:
    """A document that could be read.

    ``data`` is its text in UTF-8, ``root`` its top element, ``clinical`` the ``ClinicalDocument`` (the
    top, or inside a signature or a style sheet), ``remarks`` what decoding has to say.
    """

    name: str
    data: bytes
    root: etree._Element
    clinical: etree._Element | None
    remarks: list[Finding] = field(default_factory=list)
    remembered: dict[Callable[[etree._Element], Any], Any] = field(default_factory=dict, repr=False)
    """What the rules of one layer looked for in the whole document, for those of the next ones."""

    @cached_property
    def locator(self) -> Locator:
        """Tells the place of the elements of this document."""
        return Locator(self.data, self.root)

    def place(self, element: etree._Element, attribute: str | None = None) -> Place:
        """The place of an element, or of one of its attributes."""
        return self.locator.place(element, attribute)


def read_document(data: bytes, name: str = "-", limits: Limits | None = None) -> Document:
    """Parse ``data``; ``name`` is what messages call it.

    Raises ``DocumentError`` with the line and column where they are known.
    """
    limits = limits or Limits()
    _refuse_what_is_not_xml(data, limits)
    text, remarks = _decode(data)
    _refuse_dtd(text)
    encoded = text.encode("utf-8")
    root = _parse(encoded, limits)
    return Document(name, encoded, root, _clinical_document(root), remarks)


def _error(
    code: str, fr: str, en: str, hint_fr: str, hint_en: str, line: int | None = None, column: int | None = None
) -> DocumentError:
    return DocumentError(f"{LAYER}.{code}", Text(fr, en), Text(hint_fr, hint_en), line, column)


def _remark(code: str, severity: Severity, fr: str, en: str) -> Finding:
    return Finding(
        f"{LAYER}.{code}",
        severity,
        LAYER,
        Text(fr, en),
        Place(1, 1, "/"),
        source="CI-SIS Structuration minimale §3.2.1",
        beyond_official=True,
    )


_SIGNATURES: Final[tuple[tuple[bytes, str, str, str, str, str], ...]] = (
    (b"%PDF", "pdf", "un PDF", "a PDF",
     "Donnez le document CDA (XML) ; pour un document de niveau 1, le PDF est à l'intérieur, en base64.",
     "Give the CDA document (XML); in a level 1 document the PDF is inside, in base64."),
    (b"PK\x03\x04", "zip", "une archive zip", "a zip archive",
     "Une archive IHE_XDM se donne avec l'extension .zip ; sinon, extrayez le document XML.",
     "Name an IHE_XDM archive with the extension .zip; otherwise extract the XML document."),
    (b"{", "json", "du JSON", "JSON", "Donnez le document CDA (XML).", "Give the CDA document (XML)."),
)  # fmt: skip


def _refuse_what_is_not_xml(data: bytes, limits: Limits) -> None:
    if len(data) > limits.size:
        raise _error(
            "too-large",
            f"Le document dépasse la limite de {limits.size} octets.",
            f"The document is longer than the limit of {limits.size} bytes.",
            "Vérifiez le fichier, ou relevez la limite avec --max-size.",
            "Check the file, or raise the limit with --max-size.",
        )
    if not data.strip(b"\x00\t\n\r \xef\xbb\xbf\xff\xfe"):
        raise _error("empty", "Le document est vide.", "The document is empty.",
                     "Vérifiez que le logiciel a bien écrit le fichier.", "Check that the product wrote the file.")  # fmt: skip
    start = data.lstrip(b"\xef\xbb\xbf\t\n\r ")[:1024]
    for signature, code, fr, en, hint_fr, hint_en in _SIGNATURES:
        if start.startswith(signature):
            raise _error(code, f"Le document est {fr}, pas du XML.",
                         f"The document is {en}, not XML.", hint_fr, hint_en)  # fmt: skip
    if re.match(rb"(?is)(<!--.*?-->\s*)*<(!doctype\s+html|html[\s>])", start):
        raise _error("html", "Le document est une page HTML, pas un document CDA.",
                     "The document is an HTML page, not a CDA document.",
                     "Une page d'erreur ou un rendu a sans doute été enregistré à la place du XML.",
                     "An error page or a rendering was probably saved instead of the XML.")  # fmt: skip


_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARATION: Final = re.compile(r"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")


def _decode(data: bytes) -> tuple[str, list[Finding]]:
    """The text of the document and the remarks on its encoding."""
    remarks: list[Finding] = []
    encoding = ""
    for mark, name in _BOMS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    else:
        if data[:4] == b"<\x00?\x00":
            encoding = "utf-16-le"
        elif data[:4] == b"\x00<\x00?":
            encoding = "utf-16-be"
    head = data[:400].decode(encoding or "latin-1", "replace")
    found = _DECLARATION.match(head)
    declared = found.group(1) if found else ""
    if declared and not _known(declared):
        raise _error(
            "unknown-encoding",
            f"La déclaration XML annonce l'encodage « {declared} », qui n'existe pas.",
            f"The XML declaration names the encoding “{declared}”, which does not exist.",
            "Déclarez et écrivez le document en UTF-8.", "Declare and write the document in UTF-8.", 1, 1,
        )  # fmt: skip
    if encoding and declared and not _agree(encoding, declared):
        remarks.append(_remark(
            "contradictory-encoding", Severity.ERROR,
            f"Le document commence par une marque {encoding.upper()} mais se déclare en {declared} : "
            "certains lecteurs le liront mal. Écrivez-le en UTF-8 et déclarez-le ainsi.",
            f"The document starts with a {encoding.upper()} mark but declares itself as {declared}: "
            "some readers will misread it. Write it in UTF-8 and declare it so.",
        ))  # fmt: skip
    encoding = encoding or declared or "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode(encoding, "replace")) + 1
        raise _error(
            "wrong-encoding",
            f"Le document se dit en {encoding.upper()} mais l'octet 0x{data[error.start]:02X} "
            f"(ligne {line}, colonne {column}) n'y existe pas.",
            f"The document says it is {encoding.upper()}, but byte 0x{data[error.start]:02X} "
            f"(line {line}, column {column}) does not exist there.",
            "Il est sans doute écrit en Windows-1252 ou ISO-8859-1 : écrivez-le en UTF-8.",
            "It is probably written in Windows-1252 or ISO-8859-1: write it in UTF-8.",
            line, column,
        ) from None  # fmt: skip
    if not _agree(encoding, "utf-8"):
        remarks.append(_remark(
            "not-utf-8", Severity.ERROR,
            f"Le document est encodé en {encoding.upper()} ; l'encodage attendu est toujours UTF-8.",
            f"The document is encoded in {encoding.upper()}; the encoding must always be UTF-8.",
        ))  # fmt: skip
    return text, remarks


def _known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _agree(one: str, other: str) -> bool:
    def family(name: str) -> str:
        canonical = codecs.lookup(name).name
        return (
            "utf-16"
            if canonical.startswith("utf-16")
            else "utf-8"
            if canonical in ("utf-8", "ascii", "utf-8-sig")
            else canonical
        )

    return family(one) == family(other)


def _refuse_dtd(text: str) -> None:
    """Walk over the prologue; a document type declaration before the root is refused unread."""
    position = 0
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        for opening, closing in (("<?", "?>"), ("<!--", "-->")):
            if text.startswith(opening, position):
                end = text.find(closing, position + len(opening))
                if end < 0:
                    return  # not well-formed: the parser will say where
                position = end + len(closing)
                break
        else:
            break
    if text[position : position + 9].upper() == "<!DOCTYPE":
        line = text.count("\n", 0, position) + 1
        raise _error(
            "dtd", "Le document contient une déclaration DOCTYPE : le kit refuse les DTD et les entités.",
            "The document contains a DOCTYPE declaration: the kit refuses DTDs and entities.",
            "Retirez la déclaration : un document CDA n'en a pas besoin.",
            "Remove the declaration: a CDA document needs none.",
            line, position - text.rfind("\n", 0, position),
        )  # fmt: skip


def _parse(data: bytes, limits: Limits) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_blank_text=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _syntax_error(data, error) from None
    if limits.depth and root.xpath(f"boolean(/*{'/*' * limits.depth})"):
        raise _too_deep(limits)
    return root


def _too_deep(limits: Limits) -> DocumentError:
    return _error("too-deep", f"Le document imbrique plus de {limits.depth} niveaux d'éléments.",
                  f"The document nests more than {limits.depth} levels of elements.",
                  "Aucun document CDA n'en a besoin : vérifiez ce qui l'a produit.",
                  "No CDA document needs that: check what produced it.")  # fmt: skip


def _syntax_error(data: bytes, error: etree.XMLSyntaxError) -> DocumentError:
    line, column = error.position if error.position and error.position[0] else (1, 1)
    if "xcessive depth" in str(error.msg):
        return _too_deep(Limits(depth=2048))
    if not data.lstrip().startswith(b"<"):
        return _error("not-xml", "Le document n'est pas du XML.", "The document is not XML.",
                      "Donnez un document CDA R2.", "Give a CDA R2 document.", line, column)  # fmt: skip
    total = data.count(b"\n") + 1
    at_end = line >= total and not data.rstrip().endswith(b">")
    if at_end or getattr(error, "code", None) == etree.ErrorTypes.ERR_TAG_NOT_FINISHED:
        return _error(
            "truncated", f"Le document est tronqué : il s'arrête à la ligne {line}, colonne {column}, avec des éléments ouverts.",
            f"The document is truncated: it stops at line {line}, column {column}, with elements still open.",
            "Le fichier a sans doute été coupé à l'écriture ou au transfert.",
            "The file was probably cut while written or transferred.", line, column,
        )  # fmt: skip
    reason = " ".join(str(error.msg or "").split(", line ")[0].split())
    return _error("not-well-formed", f"Le XML est mal formé ligne {line}, colonne {column} ({reason}).",
                  f"The XML is not well-formed at line {line}, column {column} ({reason}).",
                  "Corrigez la syntaxe XML à cet endroit : balise non fermée, caractère & ou < non échappé…",
                  "Mend the XML syntax there: unclosed tag, unescaped & or <…", line, column)  # fmt: skip


def _clinical_document(root: etree._Element) -> etree._Element | None:
    name = h("ClinicalDocument")
    return root if root.tag == name else next(root.iter(name), None)
