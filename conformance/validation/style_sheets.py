"""A document that shows itself is an XSLT style sheet with the ``ClinicalDocument`` inside: is it a style sheet?

Only form is looked at: which XSLT elements stand where, with which attributes. Nothing is run.
Source: W3C XSLT 2.0, appendix D (element syntax summary), which holds all of XSLT 1.0; CI-SIS Structuration
minimale §3.8 (self-displaying documents).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from conformance.core.language import Text

XSL: Final = "http://www.w3.org/1999/XSL/Transform"

_SYNTAX: Final = """
apply-imports : with-param
apply-templates select mode : sort with-param
analyze-string select! regex! flags : matching-substring non-matching-substring fallback
attribute name! namespace select separator type validation : CONTENT
attribute-set name! use-attribute-sets : attribute
call-template name! : with-param
character-map name! use-character-maps : output-character
choose : when otherwise
comment select : CONTENT
copy copy-namespaces inherit-namespaces use-attribute-sets type validation : CONTENT
copy-of select! copy-namespaces type validation :
decimal-format name decimal-separator grouping-separator infinity minus-sign NaN percent per-mille zero-digit digit pattern-separator :
document validation type : CONTENT
element name! namespace inherit-namespaces use-attribute-sets type validation : CONTENT
fallback : CONTENT
for-each select! : sort CONTENT
for-each-group select! group-by group-adjacent group-starting-with group-ending-with collation : sort CONTENT
function name! as override : param CONTENT
if test! : CONTENT
import href! :
import-schema namespace schema-location : ANY
include href! :
key name! match! use collation : CONTENT
matching-substring : CONTENT
message select terminate : CONTENT
namespace name! select : CONTENT
namespace-alias stylesheet-prefix! result-prefix! :
next-match : with-param fallback
non-matching-substring : CONTENT
number value select level count from format lang letter-value ordinal grouping-separator grouping-size :
otherwise : CONTENT
output name method byte-order-mark cdata-section-elements doctype-public doctype-system encoding escape-uri-attributes include-content-type indent media-type normalization-form omit-xml-declaration standalone undeclare-prefixes use-character-maps version :
output-character character! string! :
param name! select as required tunnel : CONTENT
perform-sort select : sort CONTENT
preserve-space elements! :
processing-instruction name! select : CONTENT
result-document format href validation type method byte-order-mark cdata-section-elements doctype-public doctype-system encoding escape-uri-attributes include-content-type indent media-type normalization-form omit-xml-declaration standalone undeclare-prefixes use-character-maps output-version : CONTENT
sequence select! : fallback
sort select lang data-type order case-order collation stable : CONTENT
strip-space elements! :
stylesheet id version! input-type-annotations default-validation : DECLARATIONS
template match name priority mode as : param CONTENT
text disable-output-escaping : TEXT
transform id version! input-type-annotations default-validation : DECLARATIONS
value-of select separator disable-output-escaping : CONTENT
variable name! select as : CONTENT
when test! : CONTENT
with-param name! select as tunnel : CONTENT
"""
"""Element, its attributes (``!``: required), and after the colon its children in their order."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EVERYWHERE: Final = _words(
    "version exclude-result-prefixes extension-element-prefixes xpath-default-namespace default-collation use-when"
)
_INSTRUCTIONS: Final = _words(
    "apply-imports apply-templates analyze-string attribute call-template choose comment copy copy-of document element"
    " fallback for-each for-each-group if message namespace next-match number perform-sort processing-instruction"
    " result-document sequence text value-of variable"
)
_DECLARATIONS: Final = _words(
    "attribute-set character-map decimal-format function import import-schema include key namespace-alias output param"
    " preserve-space strip-space template variable"
)
_EXPRESSION: Final = re.compile(r"\s*\S[\s\S]*")
_NAME: Final = re.compile(r"\s*[^\s:]+(:[^\s:]+)?\s*")
_FORMS: Final[dict[str, tuple[re.Pattern[str], Text]]] = {
    **dict.fromkeys(
        ("select", "test", "match", "use", "count", "from", "group-by", "group-adjacent"),
        (_EXPRESSION, Text("une expression", "an expression")),
    ),
    "version": (re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*"), Text("un nombre", "a number")),
    "priority": (re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*"), Text("un nombre", "a number")),
    **dict.fromkeys(
        ("indent", "omit-xml-declaration", "disable-output-escaping", "terminate", "required", "tunnel"),
        (re.compile(r"\s*(yes|no)\s*"), Text("yes ou no", "yes or no")),
    ),
    "method": (re.compile(r"\s*(xml|html|xhtml|text|[^\s:]+:[^\s:]+)\s*"), Text("xml, html, xhtml ou text", "xml, html, xhtml or text")),
}  # fmt: skip
_NAMED: Final = frozenset(
    {"template", "variable", "param", "with-param", "call-template", "key", "attribute-set", "function"}
)


@dataclass(frozen=True, slots=True)
class _Syntax:
    required: frozenset[str]
    allowed: frozenset[str]
    children: tuple[str, ...]


def _read() -> dict[str, _Syntax]:
    known = {}
    for line in _SYNTAX.strip().splitlines():
        head, _, children = line.partition(":")
        name, *attributes = head.split()
        required = frozenset(one[:-1] for one in attributes if one.endswith("!"))
        allowed = frozenset(one.removesuffix("!") for one in attributes)
        known[name] = _Syntax(required, allowed, tuple(children.split()))
    return known


_KNOWN: Final = _read()


@dataclass(frozen=True, slots=True)
class SheetFault:
    """What is wrong with one XSLT element: the rule, the element or its attribute, the sentence."""

    rule: str
    element: etree._Element
    message: Text
    attribute: str | None = None


def is_style_sheet(root: etree._Element) -> bool:
    """Whether the document is an XSLT style sheet."""
    return root.tag in (f"{{{XSL}}}stylesheet", f"{{{XSL}}}transform")


def faults_of_style_sheet(root: etree._Element, clinical: etree._Element) -> Iterator[SheetFault]:
    """What is not XSLT in the style sheet around ``clinical``, in document order."""
    for element in root.iter(f"{{{XSL}}}*"):
        if clinical in element.iterancestors():
            continue
        name = etree.QName(element).localname
        syntax = _KNOWN.get(name)
        if syntax is None:
            yield SheetFault("unexpected-element", element, Text(
                f"xsl:{name} n'est pas un élément de XSLT. Corrigez son nom.",
                f"xsl:{name} is no element of XSLT. Correct its name."))  # fmt: skip
            continue
        yield from _attributes(element, name, syntax)
        yield from _children(element, name, syntax)


def _attributes(element: etree._Element, name: str, syntax: _Syntax) -> Iterator[SheetFault]:
    for missing in sorted(syntax.required - set(element.attrib)):
        yield SheetFault("missing-attribute", element, Text(
            f"l'élément xsl:{name} doit avoir l'attribut {missing} (XSLT). Ajoutez-le.",
            f"the element xsl:{name} must have the attribute {missing} (XSLT). Add it."))  # fmt: skip
    for attribute, value in element.attrib.items():
        key, text = str(attribute), str(value)
        if key.startswith("{"):
            if not key.startswith(f"{{{XSL}}}"):
                continue
        elif key in syntax.allowed or key in _EVERYWHERE:
            form = _FORMS.get(key)
            if key == "name" and name in _NAMED:
                form = (_NAME, Text("un nom", "a name"))
            if form is not None and not form[0].fullmatch(text):
                yield SheetFault("bad-value", element, Text(
                    f"l'attribut {key} de xsl:{name} vaut « {text[:40]} » ; XSLT attend {form[1].fr}.",
                    f"the attribute {key} of xsl:{name} is “{text[:40]}”; XSLT expects {form[1].en}."), key)  # fmt: skip
            continue
        yield SheetFault("unexpected-attribute", element, Text(
            f"XSLT ne connaît pas l'attribut {key} sur xsl:{name}. Retirez-le ou corrigez son nom.",
            f"XSLT knows no attribute {key} on xsl:{name}. Remove it or correct its name."), key)  # fmt: skip


def _children(element: etree._Element, name: str, syntax: _Syntax) -> Iterator[SheetFault]:
    if syntax.children == ("ANY",):
        return
    step = 0
    for child in element.iterchildren("*"):
        while step < len(syntax.children) and not _fits(child, syntax.children[step]):
            step += 1
        if step == len(syntax.children):
            wrong = etree.QName(child)
            told = f"xsl:{wrong.localname}" if wrong.namespace == XSL else wrong.localname
            yield SheetFault("unexpected-element", child, Text(
                f"{told} n'a pas sa place ici dans xsl:{name} (XSLT). Retirez-le ou déplacez-le.",
                f"{told} has no place here in xsl:{name} (XSLT). Remove or move it."))  # fmt: skip
            return
        if name == "choose" and _fits(child, "otherwise"):
            step += 1  # once, and last
    words = [element.text, *(child.tail for child in element)]
    if (
        "CONTENT" not in syntax.children
        and "TEXT" not in syntax.children
        and any((word or "").strip() for word in words)
    ):
        yield SheetFault("unexpected-text", element, Text(
            f"xsl:{name} ne contient pas de texte (XSLT). Retirez-le.",
            f"xsl:{name} holds no text (XSLT). Remove it."))  # fmt: skip
    if name == "choose" and element.find(f"{{{XSL}}}when") is None:
        yield SheetFault("missing-element", element, Text(
            "xsl:choose doit contenir au moins un xsl:when (XSLT). Ajoutez-le.",
            "xsl:choose must hold at least one xsl:when (XSLT). Add it."))  # fmt: skip


def _fits(child: etree._Element, place: str) -> bool:
    name = etree.QName(child)
    inside = name.namespace == XSL
    if place == "CONTENT":
        return name.localname in _INSTRUCTIONS if inside else True
    if place == "DECLARATIONS":
        return name.localname in _DECLARATIONS if inside else name.namespace is not None
    return inside and name.localname == place
