"""Small pieces of CDA R2 XML: elements, identifiers, codes, times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lxml import etree

from conformance.sut.contract import Coded
from conformance.terminology.code_systems import name_of

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSI_TYPE = f"{{{XSI}}}type"

Node = etree._Element
Child = Node | str | None | Iterable[Any]


def node(tag: str, attributes: dict[str, str | None] | None = None, *children: Child) -> Node:
    """An HL7 element; attributes and children that are ``None`` are left out, lists are flattened."""
    made = etree.Element(f"{{{HL7}}}{tag}", nsmap={None: HL7, "xsi": XSI})  # type: ignore[dict-item]  # lxml takes None
    for name, value in (attributes or {}).items():
        if value is not None:
            made.set(XSI_TYPE if name == "xsi:type" else name, value)
    for child in children:
        _append(made, child)
    return made


def _append(parent: Node, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, str):
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + child
        else:
            parent.text = (parent.text or "") + child
    elif isinstance(child, Node):
        parent.append(child)
    else:
        for each in child:
            _append(parent, each)


def templates(*roots: str) -> list[Node]:
    """The ``templateId`` elements, in this order."""
    return [node("templateId", {"root": root}) for root in roots]


def identifier(root: str, extension: str | None = None, tag: str = "id") -> Node:
    """An ``II``."""
    return node(tag, {"root": root, "extension": extension})


def unknown(tag: str, flavor: str = "UNK") -> Node:
    """An element whose content is not known."""
    return node(tag, {"nullFlavor": flavor})


def code(tag: str, concept: Coded, *children: Child, type: str | None = None) -> Node:
    """A coded element, with the names that people read."""
    return node(
        tag,
        {
            "xsi:type": type,
            "code": concept.code,
            "displayName": one_line(concept.label),
            "codeSystem": concept.code_system,
            "codeSystemName": name_of(concept.code_system),
        },
        *children,
    )


def original_text(target: str) -> Node:
    """The link from a code to the words of the narrative."""
    return node("originalText", None, node("reference", {"value": f"#{target}"}))


def text_link(target: str) -> Node:
    """The link from an entry to the words of the narrative."""
    return node("text", None, node("reference", {"value": f"#{target}"}))


def status(value: str = "completed") -> Node:
    """A ``statusCode``."""
    return node("statusCode", {"code": value})


def instant(moment: datetime) -> str:
    """A moment to the second, with its offset."""
    return moment.strftime("%Y%m%d%H%M%S%z")


def clinical_time(written: str) -> str:
    """A clinical date of the record (ISO) in the form of the documents: ``20120314``, ``201203140830+0100``."""
    day, _, hour = written.partition("T")
    if not hour:
        return day.replace("-", "")
    moment = datetime.fromisoformat(written)
    seconds = "%S" if moment.second else ""
    return moment.strftime(f"%Y%m%d%H%M{seconds}%z")


def bound(tag: str, written: str | None, flavor: str = "UNK") -> Node:
    """The ``low`` or ``high`` of an interval."""
    return node(tag, {"value": clinical_time(written)}) if written else unknown(tag, flavor)


def period(start: str | None, end: str | None, *, closed: bool = False) -> Node:
    """An ``effectiveTime`` from ``start`` to ``end``; ``closed`` says that it ended, whenever that was."""
    high = bound("high", end) if end or closed else None
    return node("effectiveTime", None, bound("low", start), high)


def one_line(words: str) -> str:
    """Words without line breaks or tabs, as labels must be."""
    return " ".join(words.split())
