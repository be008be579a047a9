"""Reading a document safely: what cannot be read is said in a sentence, with its place; nothing else is raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cda.reading import Document, Limits, read_document
from conformance.core.errors import DocumentError

BODY = '<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Synthèse</title></ClinicalDocument>'


def declared(encoding: str, body: str = BODY) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{body}'


def code_of(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(DocumentError) as raised:
        read_document(data, limits=limits)
    error = raised.value
    assert error.sentence.fr
    assert error.sentence.en
    assert error.hint.fr
    assert error.hint.en
    return error.code


def remarks_of(data: bytes) -> list[str]:
    return [remark.rule for remark in read_document(data).remarks]


def ends_well(data: bytes) -> bool:
    """Whether the document is read, or refused with an error of the reader's own; anything else is raised."""
    try:
        return isinstance(read_document(data), Document)
    except DocumentError as error:
        return error.code.startswith("decoding.")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "decoding.empty"),
        (b"  \n\t ", "decoding.empty"),
        (b"\xef\xbb\xbf", "decoding.empty"),
        (b"%PDF-1.4 ...", "decoding.pdf"),
        (b"PK\x03\x04....", "decoding.zip"),
        (b'{"resourceType": "Bundle"}', "decoding.json"),
        (b"<!DOCTYPE html><html><body>500</body></html>", "decoding.html"),
        (b"<html><head></head></html>", "decoding.html"),
        (b"<!-- saved --><HTML></HTML>", "decoding.html"),
        (b"MSH|^~\\&|LABO", "decoding.not-xml"),
        (BODY.encode()[:-10], "decoding.truncated"),
        (BODY.encode()[:40], "decoding.truncated"),
        (b"<ClinicalDocument><title>", "decoding.truncated"),
        (b"<a><b></a></b>", "decoding.not-well-formed"),
        (b"<a>AT&T</a>", "decoding.not-well-formed"),
        (b"<a/><b/>", "decoding.not-well-formed"),
        (declared("klingon-8").encode(), "decoding.unknown-encoding"),
        (declared("UTF-8").encode("latin-1"), "decoding.wrong-encoding"),
        (BODY.encode("cp1252"), "decoding.wrong-encoding"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "decoding.dtd"),
        (b'<!-- c --><!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>', "decoding.dtd"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "decoding.dtd"),
        (b"<a>" * 300 + b"</a>" * 300, "decoding.too-deep"),
        (b"<a>" * 100_000, "decoding.too-deep"),
    ],
)
def test_what_cannot_be_read_is_recognised(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_document_over_the_limit_is_refused_unread() -> None:
    assert code_of(BODY.encode(), Limits(size=20)) == "decoding.too-large"


def test_the_depth_limit_can_be_set() -> None:
    nested = b"<a>" * 300 + b"</a>" * 300
    assert read_document(nested, limits=Limits(depth=400)).root.tag == "a"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_without_remark(encoding: str) -> None:
    assert remarks_of(declared("UTF-8").encode(encoding)) == []


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "UTF-16"])
def test_another_encoding_is_read_and_remarked(encoding: str) -> None:
    data = declared(encoding).encode(encoding)
    assert remarks_of(data) == ["decoding.not-utf-8"]
    assert read_document(data).root[0].text == "Synthèse"


def test_a_mark_that_contradicts_the_declaration_is_remarked() -> None:
    assert remarks_of(declared("ISO-8859-1").encode("utf-8-sig")) == ["decoding.contradictory-encoding"]


def test_the_place_of_a_wrong_byte_is_given() -> None:
    with pytest.raises(DocumentError) as raised:
        read_document(b'<?xml version="1.0" encoding="UTF-8"?>\n<a>\xc3\xa9t\xe9</a>')
    assert (raised.value.line, raised.value.column) == (2, 6)


def test_a_clinical_document_inside_a_signature_is_found() -> None:
    wrapped = (
        f'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Object>{BODY}</ds:Object></ds:Signature>'
    )
    document = read_document(wrapped.encode())
    assert document.clinical is not None
    assert document.root is not document.clinical


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    assert ends_well(data)


@given(st.data())
def test_a_good_document_with_altered_bytes_is_read_or_refused_with_a_sentence(data: st.DataObject) -> None:
    octets = bytearray(declared("UTF-8").encode())
    for _ in range(data.draw(st.integers(1, 5))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    assert ends_well(bytes(octets))
