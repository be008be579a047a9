"""Documents in which an element has thousands of children, judged in a time that grows with their size.

lxml writes down the path of all that it objects to, and counts the siblings each time: of some ten thousand wrong ones
that takes minutes. Such a document is first judged without a tree, and a part of each crowd is then examined.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from lxml import etree

MANY: Final = 2_000
"""Children from which on an element holds a crowd; of one name, so many are examined."""
_MOST: Final = 3 * MANY
"""Children that are examined, whatever their names."""

_CROWDS: Final = etree.XPath(f"descendant-or-self::*[*[{MANY + 1}]]")


def crowds(top: etree._Element) -> list[etree._Element]:
    """The elements with more than ``MANY`` children."""
    return list(_CROWDS(top))  # type: ignore[arg-type]  # elements, by the expression


def sound(top: etree._Element, schema: etree.XMLSchema) -> bool:
    """Whether the schema allows the document, and no two elements have the same ``ID`` (which needs a tree)."""
    parser = etree.XMLParser(schema=schema, huge_tree=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        etree.fromstring(etree.tostring(top, with_tail=False), parser)
    except etree.XMLSyntaxError:
        return False
    identifiers = [name for element in top.iter("*") if (name := element.get("ID")) is not None]
    return len(identifiers) == len(set(identifiers))


def thin_out(top: etree._Element) -> None:
    """Leave of each crowd what is to be examined: the first ones of each name."""
    for parent in crowds(top):
        seen: Counter[object] = Counter()
        left = 0
        for child in list(parent):
            seen[child.tag] += 1
            if seen[child.tag] > MANY or left >= _MOST:
                parent.remove(child)
            else:
                left += 1
