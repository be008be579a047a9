"""What the faults use to spoil a document that is already right: find, remove."""

from __future__ import annotations

from conformance.lgc.xml import HL7, XSI, Node

_PREFIXES = {"h": HL7, "xsi": XSI}


def all_of(document: Node, xpath: str) -> list[Node]:
    """The elements at ``xpath`` (prefix ``h`` for HL7)."""
    # An absolute path needs a tree: the document has not been serialized yet.
    found = document.getroottree().xpath(xpath, namespaces=_PREFIXES)
    return [each for each in found if isinstance(each, Node)] if isinstance(found, list) else []


def remove(document: Node, xpath: str) -> None:
    """Take the elements at ``xpath`` out."""
    for found in all_of(document, xpath):
        parent = found.getparent()
        if parent is not None:
            parent.remove(found)
