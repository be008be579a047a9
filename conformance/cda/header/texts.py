"""Texts, names and addresses of the header: not empty, not mixed, not repeated.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.6, §3.5.7; HL7 data types (DTr1_BIN, DTr1_EN, DTr1_AD).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from lxml import etree

from conformance.cda.header.kinds import WARN, distinct, each
from conformance.cda.namespaces import h, short
from conformance.cda.rules import Constraint
from conformance.core.language import Text


def _words(element: etree._Element) -> str:
    """The text of an element itself, without that of its children."""
    words = (element.text or "").strip()
    for child in element:
        if child.tail and not child.tail.isspace():
            words += child.tail.strip()
    return words


def _text(element: etree._Element) -> Text | None:
    if "nullFlavor" in element.attrib or len(element) or _words(element):
        return None
    return Text("il est vide", "it is empty")


def _break_text(element: etree._Element) -> bool:
    if not (element.text or "").strip() or element.getparent().tag == h("addr"):  # type: ignore[union-attr]  # never the top
        return False  # every text of the header has a parent
    element.text = None
    return True


def _either(element: etree._Element) -> Text | None:
    """A name or an address has parts, or text, not both and not neither."""
    if "nullFlavor" in element.attrib:
        return None
    parts, words = len(list(element.iterchildren("*"))), _words(element)
    if parts and words:
        return Text(f"du texte (« {words[:40]} ») à côté des éléments", f"text (“{words[:40]}”) beside the elements")
    return None if parts or words else Text("il est vide", "it is empty")


def _break_either(element: etree._Element) -> bool:
    if not len(element):
        return False
    element[-1].tail = "x"
    return True


def _plain_name(element: etree._Element) -> Text | None:
    for child in element.iterchildren("*"):
        return Text(f"trouvé {short(str(child.tag))}", f"found {short(str(child.tag))}")
    return None


def _break_plain_name(element: etree._Element) -> bool:
    text, element.text = element.text, None
    etree.SubElement(element, h("delimiter")).text = text
    return True


def _no_legal_status(element: etree._Element) -> Text | None:
    for part in element.iterchildren("*"):
        marks = part.get("qualifier", "").split()
        if "LS" in marks:
            return Text("trouvé qualifier LS", "found qualifier LS")
        if len(marks) != len(set(marks)):
            return Text(f"qualifier répété : {' '.join(marks)}", f"repeated qualifier: {' '.join(marks)}")
    return None


def _break_legal_status(element: etree._Element) -> bool:
    part = element.find(h("prefix"))
    if part is None:
        return False
    part.set("qualifier", "LS")
    return True


def _content(element: etree._Element) -> str:
    """The text and the uses inside, as the official rule compares siblings."""
    uses = "".join(inner.get("use", "") for inner in element.iter("*"))
    return uses + "".join(map(str, element.itertext("*")))


def _marks(element: etree._Element) -> tuple[Hashable, tuple[Hashable, ...]]:
    content = _content(element)
    return content, (content,)


_PERIODS: Final = (h("validTime"), h("useablePeriod"))


def _empty_part(element: etree._Element) -> Text | None:
    for part in element.iterchildren("*"):
        empty = not ((part.text or "").strip() or len(part) or "nullFlavor" in part.attrib)
        if empty and part.tag not in _PERIODS:
            name = short(str(part.tag))
            return Text(f"{name} est vide", f"{name} is empty")
    return None


def _break_part(element: etree._Element) -> bool:
    part = element.find(h("given"))
    if part is None or part.get("qualifier"):
        return False
    part.text = None
    return True


TEXTS: Final[tuple[Constraint, ...]] = (
    each(
        "text",
        "ST ED SC",
        Text("le texte ne doit pas être vide", "the text must not be empty"),
        _text,
        _break_text,
        official="DTr1_BIN; §3.5.7",
    ),
    each(
        "parts",
        "AD PN ON EN",
        Text("un nom ou une adresse doit avoir des éléments, ou du texte seul", "a name or an address must have elements, or text alone"),
        _either,
        _break_either,
        official="DTr1_EN, DTr1_AD; §3.5.6.1",
    ),
    each(
        "organization-name",
        "ON",
        Text("le nom d'une structure doit être un texte simple", "the name of an organization must be plain text"),
        _plain_name,
        _break_plain_name,
        official="DTr1_ON",
    ),
    each(
        "name-qualifier",
        "PN",
        Text("un qualifier de nom ne doit ni valoir LS ni se répéter", "a name qualifier must neither be LS nor be repeated"),
        _no_legal_status,
        _break_legal_status,
        official="DTr1_PN, DTr1_EN",
    ),
    distinct(
        "distinct-parts",
        "AD PN ON",
        Text("deux occurrences voisines doivent différer, et aucune ne doit être nulle à côté d'une autre connue",
             "two neighbouring occurrences must differ, and none may be null beside a known one"),
        _marks,
        null_alone=True,
        official="DTr1_AD, DTr1_EN",
    ),
    each(
        "empty-part",
        "PN AD",
        Text("aucune partie d'un nom ou d'une adresse ne doit être vide", "no part of a name or address may be empty"),
        _empty_part,
        _break_part,
        severity=WARN,
        official="DTr1_EN, DTr1_AD (warnings)",
    ),
)  # fmt: skip
