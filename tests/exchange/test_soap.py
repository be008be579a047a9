from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.core.errors import DocumentError
from conformance.exchange.mtom import Part, content_of, include, read_package, write_package
from conformance.exchange.registry_messages import StoredQuery, literals, query_request, quoted, read_query, single
from conformance.exchange.soap import ANONYMOUS, Fault, fault_element, read_envelope, read_fault, write_envelope

WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"), max_size=30)


def payload() -> etree._Element:
    return etree.Element("{urn:x}ask")


def test_a_request_is_read_as_it_was_written() -> None:
    data = write_envelope(payload(), "urn:act", to="https://localhost/here", message_id="urn:uuid:1")
    read = read_envelope(data)
    assert (read.action, read.to, read.message_id, read.reply_to, read.relates_to) == ("urn:act", "https://localhost/here", "urn:uuid:1", ANONYMOUS, "")  # fmt: skip
    assert read.payload is not None
    assert read.payload.tag == "{urn:x}ask"


def test_an_answer_relates_to_its_request() -> None:
    read = read_envelope(write_envelope(payload(), "urn:act", relates_to="urn:uuid:7"))
    assert (read.to, read.relates_to, read.reply_to) == (ANONYMOUS, "urn:uuid:7", "")


@given(reason=WORDS, detail=WORDS)
def test_a_fault_is_read_as_it_was_written(reason: str, detail: str) -> None:
    fault = Fault("Sender", "DMPInvalidCertificate", reason.strip(), detail.strip())
    assert read_fault(read_envelope(write_envelope(fault_element(fault), "urn:act", relates_to="urn:uuid:7"))) == fault


def test_what_is_no_envelope_says_so() -> None:
    for data, code in ((b"<a/>", "soap.no-envelope"), (b"", "soap.empty"), (b"<!DOCTYPE a><a/>", "soap.dtd")):
        with pytest.raises(DocumentError) as caught:
            read_envelope(data)
        assert caught.value.code == code


@given(st.lists(st.binary(max_size=300), max_size=5), st.binary(max_size=200))
def test_parts_come_back_as_they_were_whatever_their_bytes(contents: list[bytes], envelope: bytes) -> None:
    parts = [Part(f"part{rank}@x", "application/octet-stream", data) for rank, data in enumerate(contents)]
    package = read_package(*write_package(envelope, parts, "urn:act"))
    assert package.envelope == envelope
    assert [package.parts[part.content_id].data for part in parts] == contents


def test_an_include_finds_its_part_whatever_the_writing_of_its_id() -> None:
    package = read_package(*write_package(b"", [Part("part 1@x", "a/b", b"1")], "urn:act"))
    include(known := payload(), "part 1@x")
    assert content_of(known, package).data == b"1"
    include(unknown := payload(), "part 2@x")
    with pytest.raises(DocumentError) as caught:
        content_of(unknown, package)
    assert caught.value.code == "mtom.missing-part"


def test_base64_in_the_envelope_is_read_and_told() -> None:
    owner = payload()
    owner.text = " aGVsbG8= "
    content = content_of(owner, read_package("application/soap+xml", b""))
    assert (content.data, content.inline) == (b"hello", True)


@given(st.lists(WORDS.filter(bool), min_size=1, max_size=5))
def test_list_parameters_come_back_with_their_quotes(values: list[str]) -> None:
    assert literals(quoted(*values)) == values
    assert literals(single(values[0])) == values[:1]


def test_a_query_is_read_as_it_was_written() -> None:
    query = StoredQuery("urn:uuid:1", {"$a": ("'1'",), "$b": ("('x','y')", "('z')")}, "ObjectRef")
    read = read_query(query_request(query))
    assert read == query
    assert read.values("$b") == ["x", "y", "z"]
