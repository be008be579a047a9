"""The same laboratory report in another form that laboratories give it: elements with a prefix, sub-chapters.

Source: reference « CR-BIO », §0.5 (self-presentable documents) and §1.2 (chapters in shape A and shape B).
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from conformance.cda.biology import oids
from conformance.cda.namespaces import XSI_TYPE, h

_TO_SUB_CHAPTER: Final = {oids.CHAPTER: oids.SUB_CHAPTER, oids.FR_CHAPTER: oids.FR_SUB_CHAPTER}


def with_prefix(document: bytes, prefix: str = "c") -> bytes:
    """The same document with a prefix on its elements and on the types of its values."""
    root = etree.fromstring(document)
    names = {prefix if name is None else name: uri for name, uri in root.nsmap.items()}
    return _written(_prefixed(root, names, prefix))


def _prefixed(node: etree._Element, names: dict[str, str], prefix: str) -> etree._Element:
    copy = etree.Element(node.tag, nsmap=names)
    for name, value in node.attrib.items():
        said = str(value)
        copy.set(name, f"{prefix}:{said}" if name == XSI_TYPE and ":" not in said else said)
    copy.text, copy.tail = node.text, node.tail
    copy.extend(_prefixed(child, names, prefix) for child in node.iterchildren("*"))
    return copy


def in_sub_chapters(document: bytes) -> bytes:
    """The same document, the results of each chapter in a sub-chapter of it."""
    root = etree.fromstring(document)
    for section in list(root.iter(h("section"))):
        if section.find(f"{h('templateId')}[@root='{oids.CHAPTER}']") is not None:
            _go_down(section)
    return _written(root)


def _go_down(chapter: etree._Element) -> None:
    """Move the text and the entry of a chapter into a sub-chapter of the same code and title."""
    component = etree.Element(h("component"))
    below = etree.SubElement(component, h("section"))
    for node in list(chapter.iterchildren("*")):
        if node.tag in (h("text"), h("entry")):
            below.append(node)
        elif node.tag == h("templateId"):
            etree.SubElement(below, node.tag, root=_TO_SUB_CHAPTER[node.get("root", "")])
        elif node.tag in (h("code"), h("title")):
            below.append(etree.fromstring(etree.tostring(node, with_tail=False)))
    chapter.append(component)


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
