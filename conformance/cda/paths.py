"""The small path language of the rules: XPath without prefixes, compiled once, fast for plain child steps.

``id``, ``text/reference/@value``, ``.//templateId``, ``entryRelationship[@typeCode='SUBJ']/observation``.
Bare names are HL7's; ``lab:``, ``sdtc:``, ``pharm:`` and ``ps3-20:`` name the extensions.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from lxml import etree

from conformance.cda.namespaces import HL7, PREFIXES, h

_NAMESPACES: Final = {prefix.rstrip(":") or "h": uri for uri, prefix in PREFIXES.items()}
_PLAIN: Final = re.compile(r"(?:[A-Za-z][\w.-]*:)?[A-Za-z][\w.-]*(?:/(?:[A-Za-z][\w.-]*:)?[A-Za-z][\w.-]*)*\Z")
_NAME: Final = re.compile(r"(?<![\w@:$.-])([A-Za-z_][\w.-]*)(?![\w.:(-])")
_OPERATORS: Final = frozenset({"and", "or", "not", "div", "mod"})


class Path:
    """A compiled path, relative to the node that a rule looks at.

    ``attribute`` is the Clark or plain name of the attribute it ends with, if any; ``elements(node)``
    gives the elements (the owners of the attribute, when there is one).
    """

    __slots__ = ("_steps", "_xpath", "attribute", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        element, _, attribute = text.rpartition("@") if re.search(r"(^|/)@[\w:-]+\Z", text) else (text, "", "")
        self.attribute: str | None = None
        if attribute:
            self.attribute = h(attribute) if ":" in attribute else attribute
        element = element.rstrip("/")
        self._steps: tuple[str, ...] | None = None
        self._xpath: etree.XPath | None = None
        if element in ("", "."):
            self._steps = ()
        elif _PLAIN.match(element):
            self._steps = tuple(h(step) for step in element.split("/"))
        else:
            self._xpath = etree.XPath(_prefixed(element), namespaces=_NAMESPACES)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Path({self.text!r})"

    def elements(self, node: etree._Element) -> list[etree._Element]:
        """The elements at this path below ``node``, in document order."""
        if self._steps is None:
            assert self._xpath is not None
            return self._xpath(node)  # type: ignore[return-value]  # the rules only write element paths
        if len(self._steps) == 1:  # most paths by far
            return list(node.iterchildren(self._steps[0]))
        nodes = [node]
        for step in self._steps:
            nodes = [child for parent in nodes for child in parent.iterchildren(step)]
        return nodes

    @property
    def steps(self) -> tuple[str, ...] | None:
        """The Clark names of the steps when the path is made of plain child steps; else ``None``."""
        return self._steps


@cache
def path(text: str) -> Path:
    """The compiled path for ``text``, compiled once."""
    return Path(text)


def _prefixed(text: str) -> str:
    """The same XPath with the prefix ``h:`` before each bare element name; quoted strings are left alone."""
    pieces = re.split(r"""('[^']*'|"[^"]*")""", text)
    for index in range(0, len(pieces), 2):
        pieces[index] = _NAME.sub(
            lambda found: found.group(1) if found.group(1) in _OPERATORS else f"h:{found.group(1)}", pieces[index]
        )
    return "".join(pieces)


assert _NAMESPACES["h"] == HL7
