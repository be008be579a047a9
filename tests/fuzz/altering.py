"""Alter one node of a document, in one of the ways that documents go wrong."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

ODD = ["", " ", "0", "-1", "1e400", "NaN", "20240230", "2024", "20240101120000.5+9999", "1.2.3", "1..2", "é", "🧪"]
ODD += [
    "a" * 5000,
    "1.2.250.1.213.1.4.10",
    "UNK",
    "INT",
    "POS",
    "PQ",
    "IVL_PQ",
    "CD",
    "ED",
    "<",
    "#",
    "#x",
    "%00",
    "../../x",
]
"""Values at which readers stumble: empty, out of range, of another type, very long."""

WAYS = ("remove", "double", "rename", "forget", "odd_value", "foreign_value", "odd_text", "graft", "empty")


@dataclass(frozen=True)
class Alteration:
    """What to do to the node of rank ``node`` (from the top, the top apart); ``other`` and ``pick`` choose the rest.

    Ranks are taken modulo what there is.
    """

    way: str
    node: int
    other: int
    pick: int

    def apply(self, root: etree._Element) -> None:
        """Alter the tree in place; a document without nodes stays as it is."""
        nodes = list(root.iter(etree.Element))[1:]
        if not nodes:
            return
        node, other = nodes[self.node % len(nodes)], nodes[self.other % len(nodes)]
        parent = node.getparent()
        assert parent is not None
        odd = ODD[self.pick % len(ODD)]
        own, foreign = sorted(map(str, node.attrib)), sorted(map(str, other.attrib))
        match self.way:
            case "remove":
                parent.remove(node)
            case "double":
                parent.insert(parent.index(node), deepcopy(node))
            case "rename":
                node.tag = other.tag
            case "forget" if own:
                del node.attrib[own[self.pick % len(own)]]
            case "odd_value" if own:
                node.set(own[self.other % len(own)], odd)
            case "foreign_value" if foreign:
                name = foreign[self.pick % len(foreign)]
                node.set(name, other.attrib[name])
            case "odd_text":
                node.text = odd
            case "graft":
                parent.append(deepcopy(other))
            case "empty":
                node[:] = []
