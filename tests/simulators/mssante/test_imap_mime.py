"""Cutting messages into parts keeps every octet, whatever the message."""

from __future__ import annotations

import email
from email import policy
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from conformance.simulators.mssante.imap.describing import envelope, structure
from conformance.simulators.mssante.imap.mime import Part, parse
from conformance.simulators.mssante.imap.parsing import decode_name, encode_name, sequence, words

texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=80)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = draw(texts)
    message.set_content(draw(texts) + "\n")
    attachments = draw(st.lists(st.binary(max_size=200), max_size=4))
    for data in attachments:
        message.add_attachment(data, maintype="application", subtype="zip", filename=draw(texts) or "a.zip")
    if attachments:
        message.set_boundary("=_between_parts")
    return message.as_bytes()


def leaves(part: Part) -> list[Part]:
    return [leaf for one in part.parts for leaf in leaves(one)] if part.parts else [part]


@given(messages())
def test_the_parts_are_those_of_the_standard_library(data: bytes) -> None:
    theirs = [
        part.get_payload(decode=True) for part in email.message_from_bytes(data).walk() if not part.is_multipart()
    ]
    ours = [email.message_from_bytes(leaf.header + leaf.body).get_payload(decode=True) for leaf in leaves(parse(data))]
    assert [_trimmed(one) for one in ours] == [_trimmed(one) for one in theirs]


def _trimmed(payload: object) -> bytes:
    """The standard library gives the last line end of a part to it or not, depending on its encoding."""
    assert isinstance(payload, bytes)
    return payload.rstrip(b"\r\n")


@given(st.one_of(messages(), st.binary(max_size=400)))
def test_header_and_body_are_the_whole_message_and_can_be_described(data: bytes) -> None:
    whole = parse(data)
    assert whole.header + whole.body == data
    assert structure(whole).startswith(b"(")
    assert envelope(whole.fields).startswith(b"(")


def test_a_part_is_found_by_its_boundary_alone() -> None:
    data = b"Content-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\n\r\none\r\n--abc\r\nstill one\r\n--ab\r\n\r\ntwo\r\n--ab--\r\n"
    assert [one.body for one in parse(data).parts] == [b"one\r\n--abc\r\nstill one", b"two"]


def test_nesting_is_bounded() -> None:
    data = b""
    for depth in range(200):
        data += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth)
    part, depth = parse(data), 0
    while part.parts:
        part, depth = part.parts[0], depth + 1
    assert depth <= 20


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_folder_names_come_back(name: str) -> None:
    encoded = encode_name(name)
    assert encoded.isascii()
    assert decode_name(encoded) == name


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1), st.sets(st.integers(1, 50)))
def test_a_sequence_set_names_what_lies_between_its_ends(ranges: list[tuple[int, int]], known: set[int]) -> None:
    text = ",".join(f"{low}:{high}" for low, high in ranges)
    wanted = [one for one in sorted(known) if any(min(pair) <= one <= max(pair) for pair in ranges)]
    assert sequence(text, max(known, default=0), sorted(known)) == wanted


@given(st.binary(max_size=60).filter(lambda data: b"\n" not in data and b"\r" not in data and b"\0" not in data))
def test_a_literal_and_a_quoted_string_are_one_word(text: bytes) -> None:
    quoted = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    in_quotes = words([b'A "' + quoted + b'" B'])
    as_literal = words([b"A {%d}" % len(text), text, b" B"])
    assert in_quotes == as_literal
    assert len(in_quotes) == 3
