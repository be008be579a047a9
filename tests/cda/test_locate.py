"""Line, column and XPath of any node, also in a document of one single line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.cda.locate import Locator, xpath_of
from conformance.cda.reading import read_document

SPREAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- été -->
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2">
  <id root="1.2"
      extension="é&gt;"/><id root="1.3"/>
  <title>Été</title><lab:x code=">" root="2"/>
</ClinicalDocument>"""


def locator(text: str) -> tuple[Locator, list[object]]:
    document = read_document(text.encode())
    return document.locator, list(document.root.iter("*"))


def test_lines_and_columns_count_from_one_in_characters() -> None:
    where, nodes = locator(SPREAD)
    places = [where.place(node) for node in nodes]  # type: ignore[arg-type]  # elements
    assert [(p.line, p.column) for p in places] == [(3, 1), (4, 3), (5, 26), (6, 3), (6, 21)]


def test_xpaths_number_what_repeats_and_name_extensions() -> None:
    where, nodes = locator(SPREAD)
    assert [where.place(node).xpath for node in nodes] == [  # type: ignore[arg-type]  # elements
        "/ClinicalDocument",
        "/ClinicalDocument/id[1]",
        "/ClinicalDocument/id[2]",
        "/ClinicalDocument/title",
        "/ClinicalDocument/lab:x",
    ]


def test_an_attribute_has_its_own_place() -> None:
    where, nodes = locator(SPREAD)
    extension = where.place(nodes[1], "extension")  # type: ignore[arg-type]  # an element
    assert (extension.line, extension.column, extension.xpath) == (5, 7, "/ClinicalDocument/id[1]/@extension")
    root = where.place(nodes[4], "root")  # type: ignore[arg-type]  # an element
    assert (root.line, root.column) == (6, 37)


def test_a_missing_attribute_is_placed_at_its_element() -> None:
    where, nodes = locator(SPREAD)
    place = where.place(nodes[2], "extension")  # type: ignore[arg-type]  # an element
    assert (place.line, place.column) == (5, 26)


@given(st.lists(st.sampled_from(["é", "ab", "<b/>", "<c d='1'>x</c>", "\n", "𝛽"]), max_size=30))
def test_every_element_is_placed_where_its_tag_begins(pieces: list[str]) -> None:
    text = f"<a>{''.join(pieces)}</a>"
    where, nodes = locator(text)
    lines = text.split("\n")
    for node in nodes:
        place = where.place(node)  # type: ignore[arg-type]  # an element
        assert place.line
        assert place.column
        assert lines[place.line - 1][place.column - 1 :].startswith(f"<{node.tag}")  # type: ignore[attr-defined]


def test_thousands_of_brothers_are_counted_once() -> None:
    """Counted anew for each, these would take a minute."""
    root = etree.fromstring(b"<a>" + b"<b/><c/>" * 5000 + b"</a>")
    steps: dict[etree._Element, str] = {}
    xpath_of(root[0], steps)
    assert len(steps) == 5001
    assert xpath_of(root[-1], steps) == "/a/c[5000]"
