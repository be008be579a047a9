"""The ebRIM model: what is written is read back, whatever it says; what is strange is read all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.core.errors import DocumentError
from conformance.exchange.metadata import (
    Association,
    Author,
    Coded,
    DocumentEntry,
    ObjectRef,
    RegistryObjects,
    SubmissionSet,
    hl7,
    names,
    read_metadata,
    write_metadata,
)
from conformance.exchange.metadata.names import rim

WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0xD7FF, exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn")),
    min_size=1,
    max_size=20,
)
CODES = st.builds(Coded, WORDS, WORDS, WORDS)
MANY = st.lists(WORDS, max_size=3).map(tuple)
AUTHORS = st.builds(Author, WORDS | st.just(""), MANY, MANY, MANY, MANY)
MAYBE = st.none() | WORDS
SLOTS = st.dictionaries(
    WORDS.map(lambda word: "x-" + word), st.lists(WORDS, min_size=1, max_size=2).map(tuple), max_size=2
)

DOCUMENTS = st.builds(
    DocumentEntry,
    id=WORDS,
    **dict.fromkeys(("unique_id", "patient_id", "mime_type", "object_type", "title", "comments", "legal_authenticator", "creation_time", "service_start_time", "service_stop_time", "language_code", "source_patient_id", "hash", "uri", "repository_unique_id", "document_availability", "action", "logical_id", "version", "status", "home"), MAYBE),
    **{
        name: st.none() | CODES
        for name in ("class_code", "type_code", "format_code", "healthcare_facility_type", "practice_setting")
    },
    **{name: st.lists(CODES, max_size=3).map(tuple) for name in ("confidentiality", "event_codes")},
    **dict.fromkeys(("source_patient_info", "reference_ids"), MANY),
    authors=st.lists(AUTHORS, max_size=2).map(tuple),
    size=st.none() | st.integers(0, 10**12),
    slots=SLOTS,
)  # fmt: skip
SETS = st.builds(
    SubmissionSet,
    id=WORDS,
    **dict.fromkeys(
        ("unique_id", "source_id", "patient_id", "submission_time", "title", "comments", "status", "home"), MAYBE
    ),
    content_type=st.none() | CODES,
    authors=st.lists(AUTHORS, max_size=2).map(tuple),
    intended_recipients=MANY,
    slots=SLOTS,
)
OBJECTS = st.builds(
    RegistryObjects,
    submission_sets=st.lists(SETS, max_size=2).map(tuple),
    documents=st.lists(DOCUMENTS, max_size=3).map(tuple),
    associations=st.lists(
        st.builds(Association, id=WORDS, type=WORDS, source=WORDS, target=WORDS, status=MAYBE, slots=SLOTS), max_size=2
    ).map(tuple),
    references=st.lists(st.builds(ObjectRef, id=WORDS, home=MAYBE), max_size=2).map(tuple),
)


@given(OBJECTS)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(objects: RegistryObjects) -> None:
    assert read_metadata(write_metadata(objects)).objects == objects


@given(OBJECTS)
@settings(max_examples=15, deadline=None)
def test_the_same_objects_give_the_same_bytes(objects: RegistryObjects) -> None:
    assert write_metadata(objects) == write_metadata(objects)


@given(DOCUMENTS)
@settings(max_examples=30, deadline=None)
def test_children_stand_in_the_order_of_the_schema(document: DocumentEntry) -> None:
    order = ["Slot", "Name", "Description", "VersionInfo", "Classification", "ExternalIdentifier"]
    root = etree.fromstring(write_metadata(RegistryObjects(documents=(document,))))
    (node,) = root.iter(rim("ExtrinsicObject"))
    ranks = [order.index(etree.QName(child).localname) for child in node]
    assert ranks == sorted(ranks)


@given(OBJECTS)
@settings(max_examples=20, deadline=None)
def test_ids_of_classifications_are_their_own(objects: RegistryObjects) -> None:
    root = etree.fromstring(write_metadata(objects))
    for owner in root.iter(rim("ExtrinsicObject"), rim("RegistryPackage")):
        ids = [child.get("id") for child in owner.iter(rim("Classification"), rim("ExternalIdentifier"))]
        assert len(ids) == len(set(ids))


PARTS = st.text(max_size=12)


@pytest.mark.parametrize(
    ("kind", "count"), [(hl7.Cx, 3), (hl7.Xcn, 6), (hl7.Xon, 4), (hl7.Xpn, 4)], ids=["CX", "XCN", "XON", "XPN"]
)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_hl7_types_are_read_back(kind: Any, count: int, data: st.DataObject) -> None:
    free = st.text(st.characters(exclude_characters="^&\\|~"), max_size=12)
    names_of = {"authority", "type", "name_type", "id_type"}
    values = {name: data.draw(free if name in names_of else PARTS) for name in list(kind.__dataclass_fields__)[:count]}
    one = kind(**values)
    assert kind.parse(str(one)) == one


def test_the_published_form_of_an_ins_is_read_and_written() -> None:
    assert hl7.Cx.parse("207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH^^20100907") == hl7.Cx(
        "207058575627097", "1.2.250.1.213.1.4.10", "NH"
    )
    assert str(hl7.Cx("207058575627097", "1.2.250.1.213.1.4.10", "NH")) == (
        "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"
    )


def test_a_submission_set_marked_from_outside_is_found() -> None:
    root = etree.fromstring(write_metadata(RegistryObjects(submission_sets=(SubmissionSet(id="set"),))))
    listed = root[0]
    package = listed[0]
    mark = package.find(rim("Classification"))
    assert mark is not None
    listed.append(mark)
    assert read_metadata(etree.tostring(root)).objects.submission_set == SubmissionSet(id="set")


def test_another_package_is_not_a_submission_set() -> None:
    root = etree.fromstring(write_metadata(RegistryObjects(submission_sets=(SubmissionSet(id="folder"),))))
    for mark in root.iter(rim("Classification")):
        mark.set("classificationNode", "urn:uuid:00000000-0000-0000-0000-000000000000")
    assert read_metadata(etree.tostring(root)).objects.submission_sets == ()


def test_members_are_those_tied_to_the_set() -> None:
    one, two = DocumentEntry(id="one"), DocumentEntry(id="two")
    link = Association(id="a", type=names.HAS_MEMBER, source="set", target="two")
    objects = RegistryObjects(documents=(one, two), associations=(link,))
    assert objects.members() == (two,)
    assert objects.replaced_by(one) == ()
    replacing = replace(objects, associations=(Association(id="b", type=names.REPLACES, source="one", target="old"),))
    assert replacing.replaced_by(one) == ("old",)


def test_a_size_that_is_no_number_is_none() -> None:
    data = write_metadata(RegistryObjects(documents=(DocumentEntry(id="one", size=4071),)))
    assert read_metadata(data.replace(b"4071", b"4 kB")).objects.documents[0].size is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>&x;</r>', "metadata.dtd"),
        (b"<r><a></r>", "metadata.not-well-formed"),
        (b"<r><a>", "metadata.truncated"),
        (b"", "metadata.empty"),
        (b"<a>" * 100 + b"</a>" * 100, "metadata.too-deep"),
        (b"<r>" + b" " * (4 * 1024 * 1024) + b"</r>", "metadata.too-large"),
    ],
    ids=["xxe", "malformed", "truncated", "empty", "deep", "large"],
)
def test_what_cannot_be_read_gets_its_own_sentence(data: bytes, code: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_metadata(data)
    assert caught.value.code == code
    assert "METADATA.XML" in caught.value.sentence.fr
    assert "METADATA.XML" in caught.value.sentence.en
