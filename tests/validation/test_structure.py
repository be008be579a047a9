"""The structure layer: whatever is broken is found, at its place, with what was expected there."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.cda.locate import xpath_of
from conformance.cda.reading import Document, read_document
from conformance.core.findings import Severity
from conformance.validation.content_model import compare, slots_of, type_of
from conformance.validation.structure import CAP, check_structure
from tests.validation.tour import TOUR, V3, check, one, places, tour

ELEMENTS = list(tour().iter("*"))
RANKS = range(1, len(ELEMENTS))


def nth(root: etree._Element, rank: int) -> etree._Element:
    return list(root.iter("*"))[rank]


def is_mandatory(element: etree._Element) -> bool:
    """Whether the model demands this element, and nothing else stands in for it."""
    parent = element.getparent()
    assert parent is not None
    slots = slots_of(type_of(parent, parent.getroottree().getroot()))  # type: ignore[arg-type]  # the tour is typed
    if slots is None:
        return False
    slot = next(slot for slot in slots if slot.takes(str(element.tag)))
    return sum(slot.takes(str(child.tag)) for child in parent.iterchildren("*")) <= slot.least


MANDATORY = [rank for rank in RANKS if is_mandatory(ELEMENTS[rank])]


# -- properties ------------------------------------------------------------------------------------


def test_a_valid_document_has_no_finding() -> None:
    assert check(tour()) == []


@given(rank=st.sampled_from(RANKS))
def test_a_renamed_element_is_found_where_it_stands(rank: int) -> None:
    root = tour()
    element = nth(root, rank)
    element.tag = f"{element.tag}X"
    findings = check(root)
    assert xpath_of(element) in places(findings)
    assert len(findings) == 1, [finding.message.en for finding in findings]


@given(rank=st.sampled_from(MANDATORY))
def test_a_missing_mandatory_element_is_found_at_its_parent(rank: int) -> None:
    root = tour()
    element = nth(root, rank)
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
    findings = check(root)
    assert [finding.rule for finding in findings] == ["structure.missing-element"]
    assert places(findings) == {xpath_of(parent)}
    assert etree.QName(element).localname in findings[0].message.en


def swappable(rank: int) -> bool:
    """An element whose next sibling belongs to a later place of the model."""
    element, following = ELEMENTS[rank], ELEMENTS[rank].getnext()
    parent = element.getparent()
    if following is None or parent is None:
        return False
    slots = slots_of(type_of(parent, parent.getroottree().getroot()))  # type: ignore[arg-type]  # the tour is typed
    return slots is not None and bool(compare([str(following.tag), str(element.tag)], slots).misplaced)


@given(rank=st.sampled_from([rank for rank in RANKS if swappable(rank)]))
def test_an_element_put_after_its_follower_is_found_where_it_stands(rank: int) -> None:
    root = tour()
    element = nth(root, rank)
    following = element.getnext()
    assert following is not None
    following.addnext(element)
    findings = check(root)
    assert "structure.misplaced-element" in {finding.rule for finding in findings}
    assert places(findings) & {xpath_of(element), xpath_of(following)}
    assert len(findings) == 1


@given(rank=st.sampled_from(RANKS))
def test_an_attribute_that_does_not_exist_is_found(rank: int) -> None:
    root = tour()
    element = nth(root, rank)
    element.set("surprise", "1")
    findings = check(root)
    assert [finding.rule for finding in findings] == ["structure.unexpected-attribute"]
    assert findings[0].place.xpath == xpath_of(element) + "/@surprise"


@given(ranks=st.lists(st.sampled_from(RANKS), min_size=2, max_size=5, unique=True))
def test_no_fault_hides_another(ranks: list[int]) -> None:
    root = tour()
    elements = [nth(root, rank) for rank in ranks]
    inner = {id(below) for element in elements for below in element.iterdescendants("*")}
    for element in elements:
        element.tag = f"{element.tag}X"
    found = places(check(root))
    for element in elements:
        if id(element) not in inner:  # inside an element that does not exist, nothing can be judged
            assert xpath_of(element) in found


def test_faults_of_the_header_do_not_hide_those_of_the_body() -> None:
    root = tour()
    custodian = one(root, "custodian")
    root.remove(custodian)
    root.insert(0, one(root, "recordTarget"))
    one(root, "substanceAdministration").set("moodCode", "ZZZ")
    del one(root, "organizer/component/observation").attrib["classCode"]
    rules = sorted(finding.rule for finding in check(root))
    assert rules == [
        "structure.bad-value",
        "structure.misplaced-element",
        "structure.missing-attribute",
        "structure.missing-element",
    ]


# -- around the findings ---------------------------------------------------------------------------------


def test_an_element_without_namespace_is_named_as_such() -> None:
    findings = check_structure(read_document(TOUR.replace(b"<consent>", b'<consent xmlns="">', 1)))
    assert [finding.rule for finding in findings] == ["structure.unexpected-element"]
    assert "sans espace de noms" in findings[0].message.fr
    assert "without a namespace" in findings[0].message.en


def test_the_place_is_that_of_the_attribute() -> None:
    data = TOUR.replace(b'<birthTime value="19790301"/>', b'<birthTime value="x"/>')
    (finding,) = check_structure(read_document(data))
    line = next(number for number, text in enumerate(data.splitlines(), 1) if b"birthTime" in text)
    assert (finding.place.line, finding.place.column) == (line, 20)
    assert finding.place.xpath == "/ClinicalDocument/recordTarget/patientRole/patient/birthTime/@value"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'<Signature xmlns="urn:signature"><Object>', b"</Object></Signature>"),
        (
            b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><d xmlns="urn:d">',
            b"</d></xsl:stylesheet>",
        ),
    ],
)
def test_a_wrapped_document_is_judged_without_its_wrapping(before: bytes, after: bytes) -> None:
    inside = TOUR.partition(b"?>")[2]
    assert check_structure(read_document(before + inside + after)) == []
    broken = inside.replace(b'moodCode="INT"', b'moodCode="ZZZ"')
    (finding,) = check_structure(read_document(before + broken + after))
    assert finding.rule == "structure.bad-value"
    assert "/ClinicalDocument/component/structuredBody/" in finding.place.xpath
    assert not finding.place.xpath.startswith("/ClinicalDocument")


def test_a_document_without_clinical_document_is_not_judged() -> None:
    assert check_structure(read_document(b"<other/>")) == []


def test_more_errors_than_the_cap_are_cut_and_said_to_be() -> None:
    root = tour()
    text = one(root, "section/text")
    for _ in range(CAP + 30):
        text.append(text.makeelement(V3 + "marquee", {}, None))
    findings = check(root)
    assert len(findings) == CAP + 1
    assert findings[-1].rule == "structure.too-many"
    assert findings[-1].severity is Severity.INFO
    assert str(CAP) in findings[-1].message.fr


def test_findings_come_in_the_order_of_the_document() -> None:
    root = tour()
    for steps, attribute in (("supply", "moodCode"), ("organizer", "classCode"), ("patientRole", "classCode")):
        one(root, steps).set(attribute, "ZZZ")
    lines = [finding.place.line or 0 for finding in check(root)]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_the_elements_of_cda_inside_an_extension_are_judged_too() -> None:
    root = tour()
    ingredient = root.find(".//{urn:ihe:pharm:medication}ingredient")
    assert ingredient is not None
    ingredient.insert(0, ingredient.makeelement(V3 + "typeId", {"root": "1.2.3"}, None))
    rules = sorted(finding.rule for finding in check(root))
    assert rules == ["structure.bad-value", "structure.missing-attribute"]


def test_several_threads_do_not_mix_their_errors() -> None:
    good = read_document(TOUR)
    bad = read_document(TOUR.replace(b'moodCode="INT"', b'moodCode="ZZZ"'))
    found: list[tuple[bool, int]] = []

    def work(document: Document, expected: int) -> None:
        for _ in range(30):
            found.append((len(check_structure(document)) == expected, expected))

    threads = [threading.Thread(target=work, args=pair) for pair in ((good, 0), (bad, 1), (good, 0), (bad, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 120
    assert all(right for right, _ in found)
