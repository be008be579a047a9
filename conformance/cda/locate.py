"""Where a node stands in its file: line, column and XPath, also in a document of one single line.

lxml keeps lines only (and no columns), so a second, much lighter parse by expat notes where each start
tag begins. It is done once, and only for a document that has something to locate.
"""

from __future__ import annotations

import re
from array import array
from typing import cast
from xml.parsers import expat

from lxml import etree

from conformance.cda.namespaces import short
from conformance.core.findings import Place


def xpath_of(element: etree._Element, steps: dict[etree._Element, str] | None = None) -> str:
    """The absolute path of ``element``: names without namespace, positions where a name repeats.

    ``/ClinicalDocument/component/structuredBody/component[2]/section/code``. ``steps`` keeps the last steps found so
    far, for who asks many paths of one tree: counting the same thousand siblings a thousand times takes minutes.
    """
    steps = {} if steps is None else steps
    path: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        if isinstance(node.tag, str):  # not a comment nor a processing instruction
            if node not in steps:
                _count(node, steps)
            path.append(steps[node])
        node = node.getparent()
    return "/" + "/".join(reversed(path))


def _count(element: etree._Element, steps: dict[etree._Element, str]) -> None:
    """Note the steps of ``element`` and of its siblings of the same name."""
    parent = element.getparent()
    alike = [element] if parent is None else list(parent.iterchildren(element.tag))
    name = short(str(element.tag))
    steps.update((one, f"{name}[{rank}]" if len(alike) > 1 else name) for rank, one in enumerate(alike, 1))


class Locator:
    """Tells the place of any element of one parsed document.

    ``data`` is the document in UTF-8 as it was parsed into ``root`` (which must not have been altered
    since). Lines and columns count from 1; columns count characters.
    """

    def __init__(self, data: bytes, root: etree._Element) -> None:
        self._data = data
        self._root = root.getroottree().getroot()
        self._lines: array[int] | None = None
        self._columns = array("L")
        self._offsets = array("L")
        self._order: dict[etree._Element, int] = {}
        self._steps: dict[etree._Element, str] = {}

    def place(self, element: etree._Element, attribute: str | None = None) -> Place:
        """The place of ``element``'s start tag, or of its ``attribute`` (Clark or plain name) when it has it."""
        if self._lines is None:
            self._read()
        assert self._lines is not None
        xpath = xpath_of(element, self._steps)
        if attribute is not None:
            xpath += "/@" + short(attribute)
        rank = self._order.get(element)
        if rank is None or rank >= len(self._lines):
            return Place(cast("int | None", element.sourceline), None, xpath)
        line, column = self._lines[rank], self._columns[rank]
        if attribute is not None and attribute in element.attrib:
            line, column = self._attribute(self._offsets[rank], attribute, line, column)
        return Place(line, column, xpath)

    def _read(self) -> None:
        lines, columns, offsets = array("L"), self._columns, self._offsets
        parser = expat.ParserCreate(encoding="utf-8")

        def start(_name: str, _attributes: dict[str, str]) -> None:
            lines.append(parser.CurrentLineNumber)
            columns.append(parser.CurrentColumnNumber + 1)
            offsets.append(parser.CurrentByteIndex)

        parser.StartElementHandler = start
        parser.Parse(self._data, True)
        self._lines = lines
        self._order = {element: rank for rank, element in enumerate(self._root.iter("*"))}

    def _attribute(self, offset: int, attribute: str, line: int, column: int) -> tuple[int, int]:
        """The line and column of an attribute in the start tag that begins at byte ``offset``."""
        end = self._data.find(b">", offset)
        local = attribute.rsplit("}", 1)[-1]
        # A ">" may stand inside a value: look far enough, the first match of name= is the attribute's.
        tag = self._data[offset : max(end, offset + 4000)].decode("utf-8", "ignore")
        found = re.search(rf"""[\s"'](?:[\w.-]+:)?{re.escape(local)}\s*=""", tag)
        if not found:
            return line, column
        before = tag[: found.start() + 1]
        breaks = before.count("\n")
        return (line + breaks, len(before) - before.rfind("\n")) if breaks else (line, column + len(before))
