"""A CDA document as its reader sees it: who, when, and the narrative of each section.

The narrative is rebuilt from a list of known elements (CDA R2, narrative block); links, images and scripts
do not survive, and what is unknown keeps its text only.
"""

from __future__ import annotations

from lxml import etree
from markupsafe import Markup, escape

from conformance.cda.namespaces import h
from conformance.core.language import Text
from conformance.reporting.readable.fragment import Fragment, joined, label

_DEEPEST = 40
"""Nested elements of a narrative that are followed."""

_SAME = {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "sub", "sup", "br", "col", "colgroup"}
_RENAMED = {"paragraph": "p", "item": "li", "content": "span", "linkHtml": "span", "footnote": "small"}
_EMPTY = {"br", "col"}
_STYLES = {"Bold": "strong", "Italics": "em", "Underline": "u", "Emphasis": "em"}


def render(document: etree._Element, fragment: Fragment) -> Markup:
    """The fragment of a ``ClinicalDocument``."""
    title = document.findtext(h("title"))
    parts = [
        Markup("<h1>{}</h1>").format(fragment.text(title) if title else label(Text("Document sans titre", "Untitled"))),
        _header(document, fragment),
    ]
    body = document.find(f"{h('component')}/{h('structuredBody')}")
    if body is not None:
        parts += [_section(one, fragment, 2) for one in body.iterfind(f"{h('component')}/{h('section')}")]
    elif document.find(f"{h('component')}/{h('nonXMLBody')}") is not None:
        parts.append(_non_xml(document, fragment))
    return joined(parts)


def _header(document: etree._Element, fragment: Fragment) -> Markup:
    role = f"{h('recordTarget')}/{h('patientRole')}"
    patient = document.find(f"{role}/{h('patient')}")
    code = document.find(h("code"))
    kind = "" if code is None else f"{code.get('displayName') or ''} ({code.get('code') or '?'})"
    identifiers = ", ".join(
        f"{one.get('extension') or '–'} ({one.get('root') or '?'})" for one in document.iterfind(f"{role}/{h('id')}")
    )
    rows: list[tuple[Text | str, Markup | str]] = [
        (Text("Type", "Type"), kind),
        (Text("Date", "Date"), _date(document.find(h("effectiveTime")))),
        (Text("Patient", "Patient"), _name(None if patient is None else patient.find(h("name")))),
        (Text("Identifiants", "Identifiers"), identifiers),
    ]
    if patient is not None:
        rows.append((Text("Naissance", "Birth"), _date(patient.find(h("birthTime")))))
    for author in document.iterfind(f"{h('author')}/{h('assignedAuthor')}"):
        person = author.find(f"{h('assignedPerson')}/{h('name')}")
        organisation = author.findtext(f"{h('representedOrganization')}/{h('name')}") or ""
        said = ", ".join(part for part in (_name(person), organisation) if part)
        rows.append((Text("Auteur", "Author"), said))
    custodian = f"{h('custodian')}/{h('assignedCustodian')}/{h('representedCustodianOrganization')}/{h('name')}"
    rows += [
        (Text("Conservé par", "Kept by"), document.findtext(custodian) or ""),
        (Text("Version", "Version"), _value(document.find(h("versionNumber")))),
    ]
    return fragment.table(rows)


def _section(section: etree._Element, fragment: Fragment, level: int) -> Markup:
    title = section.findtext(h("title")) or (section.find(h("code")).get("displayName") if section.find(h("code")) is not None else "")  # type: ignore[union-attr]  # looked at on the same line  # fmt: skip
    rank = min(level, 6)
    heading = Markup(f"<h{rank}>{fragment.text(title or '…')}</h{rank}>")
    text = section.find(h("text"))
    narrative = Markup("") if text is None else _narrative(text, fragment, 0)
    below = [_section(one, fragment, level + 1) for one in section.iterfind(f"{h('component')}/{h('section')}")]
    return Markup(f"<section>{heading}{narrative}{joined(below)}</section>")


def _narrative(element: etree._Element, fragment: Fragment, depth: int) -> Markup:
    """The children and the text of an element of a narrative block."""
    if depth > _DEEPEST:
        return Markup("…")
    parts = [fragment.text(element.text)]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(_narrative_element(child, fragment, depth + 1))
        parts.append(fragment.text(child.tail))
    return joined(parts)


def _narrative_element(element: etree._Element, fragment: Fragment, depth: int) -> Markup:
    name = etree.QName(element).localname
    if name == "renderMultiMedia":
        return Markup("<em>[{}]</em>").format(label(Text("image", "image")))
    inside = _narrative(element, fragment, depth)
    if name == "list":
        tag = "ol" if element.get("listType") == "ordered" else "ul"
        return Markup(f"<{tag}>{inside}</{tag}>")
    tag = name if name in _SAME else _RENAMED.get(name, "")
    for style, styled in _STYLES.items():
        if style in (element.get("styleCode") or "").split():
            inside = Markup(f"<{styled}>{inside}</{styled}>")
    if tag in _EMPTY:
        return Markup(f"<{tag}>")
    if not tag:
        return inside
    spans = "".join(
        f' {one}="{escape(value)}"'
        for one in ("colspan", "rowspan")
        if (value := element.get(one)) is not None and value.isdigit()
    )
    return Markup(f"<{tag}{spans}>{inside}</{tag}>")


def _non_xml(document: etree._Element, fragment: Fragment) -> Markup:
    text = document.find(f"{h('component')}/{h('nonXMLBody')}/{h('text')}")
    kind = "?" if text is None else text.get("mediaType") or "?"
    size = 0 if text is None else len("".join((text.text or "").split())) * 3 // 4
    return fragment.table([(Text("Corps non structuré", "Body without structure"), f"{kind}, {size} octets")])


def _name(name: etree._Element | None) -> str:
    if name is None:
        return ""
    parts = [one.text.strip() for one in name.iter() if isinstance(one.tag, str) and one.text and one.text.strip()]
    return " ".join(parts)


def _value(element: etree._Element | None) -> str:
    return "" if element is None else element.get("value") or ""


def _date(element: etree._Element | None) -> str:
    """``2026-09-15 09:30`` of ``20260915093000+0200``; what has another form stays as it is."""
    value = _value(element)
    digits = value.split("+")[0].split("-")[0]
    if not digits.isdigit() or len(digits) < 8:
        return value
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    return f"{day} {digits[8:10]}:{digits[10:12]}" if len(digits) >= 12 else day
