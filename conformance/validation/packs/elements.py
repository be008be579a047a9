"""The single elements of a schematron file: names, lets, assertions and their messages."""

from __future__ import annotations

import re
from typing import Final, cast

from lxml import etree

from conformance.core.language import Text
from conformance.validation.packs.errors import DoesNotLoad, HostilePack
from conformance.validation.packs.markup import escaped
from conformance.validation.packs.model import Assertion, Let, Part, Where

NAMESPACE: Final = "http://purl.oclc.org/dsdl/schematron"
XSLT: Final = "http://www.w3.org/1999/XSL/Transform"
LONGEST_EXPRESSION: Final = 200_000
"""Characters of an expression, and of one once its parameters are put in."""

_NAME: Final = re.compile(r"[^\W\d][\w.\-·]*(?::[^\W\d][\w.\-·]*)?")


def swelling(where: str) -> HostilePack:
    """What is said of a pack that grows without measure when it is put together."""
    return HostilePack(
        "swelling",
        Text(f"{where} : le paquet enfle sans mesure quand on l'assemble.", f"{where}: the pack swells without measure when it is put together."),
    )  # fmt: skip


def line_of(element: etree._Element) -> int:
    """The line where an element begins."""
    return cast("int", element.sourceline or 0)


def sch(name: str) -> str:
    """The Clark name of an element of ISO Schematron."""
    return f"{{{NAMESPACE}}}{name}"


def words_of(element: etree._Element) -> str:
    """The text of an element, its spaces made plain."""
    return " ".join("".join(str(text) for text in element.itertext()).split())


def name_of(element: etree._Element, attribute: str, where: Where) -> str:
    """The XML name in an attribute. Raises ``DoesNotLoad`` for anything else: names are written into the stylesheet."""
    name = (element.get(attribute) or "").strip()
    if not _NAME.fullmatch(name):
        kind = etree.QName(element).localname
        raise DoesNotLoad(
            Text(f"« {name} » n'est pas un nom ({kind}/@{attribute})", f"“{name}” is not a name ({kind}/@{attribute})"),
            where.file, where.line,
        )  # fmt: skip
    return name


def let_of(element: etree._Element, where: Where) -> Let:
    """A ``let``. Raises ``DoesNotLoad`` for one that is not fit to be run."""
    value = element.get("value")
    if value is None:
        value = _content(element, where)
    return Let(name_of(element, "name", where), short_enough(value, where) or "()", where)


def _content(element: etree._Element, where: Where) -> str:
    """What stands inside a ``let``, as an expression that makes the same tree."""
    for inner in element.iterdescendants(etree.Element):
        attributes = [text for item in inner.items() for text in map(str, item)]
        if inner.tag.startswith(f"{{{XSLT}}}") or any("{" in text for text in attributes):
            raise DoesNotLoad(
                Text("un let qui contient du XSLT n'est pas pris en charge", "a let that contains XSLT is not supported"),
                where.file, where.line,
            )  # fmt: skip
    written = escaped(element.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in element)
    return "parse-xml-fragment('" + written.replace("'", "''") + "')"


def short_enough(expression: str, where: Where) -> str:
    """``expression``, unless it is out of all measure."""
    if len(expression) > LONGEST_EXPRESSION:
        raise swelling(str(where))
    return expression


def assertion_of(element: etree._Element, where: Where) -> Assertion:
    """An ``assert`` or ``report``. Raises ``DoesNotLoad`` for one without a test."""
    test = element.get("test")
    if not test:
        raise DoesNotLoad(Text("une assertion n'a pas de test", "an assertion has no test"), where.file, where.line)
    return Assertion(
        kind="assert" if element.tag == sch("assert") else "report",
        test=short_enough(test, where),
        message=message_of(element),
        where=where,
        id=element.get("id", ""),
        role=element.get("role") or element.get("severity") or element.get("flag") or "",
        diagnostics=tuple((element.get("diagnostics") or "").split()),
    )


def message_of(element: etree._Element) -> tuple[Part, ...]:
    """The pieces of a message.

    White space that stands alone between two of them is left out, as XSLT does with what the ISO stylesheets make.
    """
    parts = [Part(element.text)] if element.text else []
    for child in element:
        if child.tag == sch("value-of"):
            parts.append(Part(child.get("select") or ".", True))
        elif child.tag == sch("name"):
            path = child.get("path")
            parts.append(Part(f"name({path})" if path else "name(.)", True))
        elif child.tag in (sch("emph"), sch("dir"), sch("span")):
            parts.append(Part(f" {words_of(child)} "))
        if child.tail:
            parts.append(Part(child.tail))
    joined: list[Part] = []  # comments stand between texts
    for part in parts:
        if joined and not part.is_expression and not joined[-1].is_expression:
            joined[-1] = Part(joined[-1].text + part.text)
        else:
            joined.append(part)
    return tuple(part for part in joined if part.is_expression or part.text.strip())
