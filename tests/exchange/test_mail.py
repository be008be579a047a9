"""Messages: what is written is read back, whatever the words; what is strange is read, what is hostile refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.core.errors import DocumentError
from conformance.exchange.mail import Address, Attachment, MailLimits, decoded_header, read_message
from conformance.exchange.mail_writing import Draft, write_message

LETTERS = st.characters(categories=("L", "N"), max_codepoint=0x2FFF)
WORD = st.text(LETTERS, min_size=1, max_size=12)
SENTENCE = st.lists(WORD, min_size=1, max_size=8).map(" ".join)
NAME = st.lists(WORD, min_size=1, max_size=4).map("_".join)
LOCAL = st.from_regex(r"[a-z0-9]{1,15}", fullmatch=True)
ADDRESS = st.builds(Address, st.just("") | SENTENCE, LOCAL.map(lambda local: f"{local}@quai.mssante.fr"))
FILES = st.builds(
    Attachment,
    NAME.map(lambda name: f"{name}.pdf"),
    st.sampled_from(["application/pdf", "application/zip", "application/octet-stream", "image/jpeg"]),
    st.binary(max_size=300),
)
DRAFTS = st.builds(
    Draft,
    sender=ADDRESS,
    recipients=st.lists(ADDRESS, min_size=1, max_size=3).map(tuple),
    subject=SENTENCE.map(lambda words: f"XDM/1.0/DDM+{words}"),
    body=st.lists(SENTENCE, min_size=1, max_size=5).map("\n".join),
    attachments=st.lists(FILES, max_size=3).map(tuple),
    code_cda=st.none() | st.just("11502-2,SYNTH"),
    ins=st.sampled_from(["O", "N", None]),
    closes=st.booleans(),
    read_receipt_to=st.none() | st.just("a@quai.mssante.fr"),
    in_reply_to=st.none() | st.just("<parent@quai.mssante.fr>"),
)


@given(DRAFTS)
@settings(max_examples=80, deadline=None)
def test_what_is_written_is_read_back(draft: Draft) -> None:
    message = read_message(write_message(draft))
    assert message.sender == draft.sender
    assert message.recipients == draft.recipients
    assert message.subject == draft.subject
    assert message.body.splitlines() == draft.body.splitlines()
    assert message.attachments == draft.attachments
    assert message.header("X-MSS-CODECDA") == (draft.code_cda or "")
    assert message.has("X-MSS-INS") == (draft.ins is not None)
    assert message.header("X-MSS-MES") == ("FIN" if draft.closes else "")
    assert message.references == ((draft.in_reply_to,) if draft.in_reply_to else ())
    assert message.defects == ()


@given(DRAFTS)
@settings(max_examples=20, deadline=None)
def test_the_same_draft_gives_the_same_bytes(draft: Draft) -> None:
    assert write_message(draft) == write_message(draft)


@given(DRAFTS)
@settings(max_examples=20, deadline=None)
def test_a_message_is_ready_for_smtp(draft: Draft) -> None:
    lines = write_message(draft).split(b"\r\n")
    assert all(b"\n" not in line and len(line) <= 998 for line in lines)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_spoilt_message_is_read_or_refused_in_a_sentence(data: st.DataObject) -> None:
    message = bytearray(write_message(data.draw(DRAFTS)))
    for _ in range(data.draw(st.integers(1, 30))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = read_message(bytes(message))
    except DocumentError as error:
        assert error.code.startswith("mail.")  # noqa: PT017  # either way out is right
    else:
        assert isinstance(read.subject + read.body + read.message_id, str)
        assert read.place("Subject").line


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("=?utf-8?q?XDM/1=2E?=\r\n =?utf-8?q?0/DDM+CR?=", "XDM/1.0/DDM+CR"),
        ("=?iso-8859-1?q?Pr=E9nom?=", "Prénom"),
        ("=?utf-8?b?UHLDqW5vbQ==?= VIAL", "Prénom VIAL"),
        ("=?unknown-charset?q?Pr=C3=A9nom?=", "Prénom"),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("plain", "plain"),
    ],
    ids=["split-prefix", "latin-1", "base64", "unknown-charset", "broken", "plain"],
)
def test_encoded_words_are_decoded(header: str, said: str) -> None:
    assert decoded_header(header) == said


@pytest.mark.parametrize(
    ("octets", "said"),
    [("Prénom".encode(), "Prénom"), ("Prénom".encode("latin-1"), "Prénom")],
    ids=["utf-8", "latin-1"],
)
def test_raw_bytes_in_headers_and_names_are_read(octets: bytes, said: str) -> None:
    message = (
        b"From: a@b.fr\r\nSubject: " + octets + b"\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
        b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="'
        + octets
        + b'.pdf"\r\n\r\nx\r\n--x--\r\n'
    )
    read = read_message(message)
    assert read.subject == said
    assert [one.name for one in read.attachments] == [f"{said}.pdf"]


def test_text_that_is_not_in_its_charset_is_told() -> None:
    (part,) = read_message(b"From: a@b.fr\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xe9t\xe9\r\n").texts
    assert part.damaged
    assert part.charset == "utf-8"


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "hex", '"utf-8\0"', "nulle-part", "=", "''"])
def test_the_name_of_a_charset_breaks_nothing(charset: str) -> None:
    """Python knows charsets that decode no text, and breaks on some names."""
    head = f"From: a@b.fr\r\nSubject: =?{charset}?Q?=E9t=E9?=\r\n".encode()
    leaf = f"Content-Type: text/plain; charset={charset}\r\n".encode()
    file = f"Content-Type: application/pdf; charset={charset}\r\nContent-Disposition: attachment; filename*={charset}''%E9\r\n".encode()
    parts = b"".join(
        b"--x\r\n" + part + b"\r\n\xe9t\xe9\r\n"
        for part in (leaf, file, file + b"Content-Transfer-Encoding: base64\r\n")
    )
    message = read_message(head + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + parts + b"--x--\r\n")
    assert message.subject
    assert [part.damaged for part in message.texts] == [True]
    assert len(message.attachments) == 2


def test_parameters_are_read_as_rfc_2231_writes_them() -> None:
    data = b"From: a@b.fr\r\nContent-Type: text/plain; charset*=us-ascii'fr'utf-8\r\n\r\n\xc3\xa9t\xc3\xa9\r\n"
    (text,) = read_message(data).texts
    assert (text.charset, text.text.strip(), text.damaged) == ("utf-8", "été", False)


def test_an_attached_message_is_one_file() -> None:
    inner = b"From: c@d.fr\r\nSubject: dedans\r\n\r\ntexte\r\n"
    outer = (
        b"From: a@b.fr\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n"
        + inner + b"\r\n--x--\r\n"
    )  # fmt: skip
    message = read_message(outer)
    assert message.subject == ""
    assert [(one.media_type, b"Subject: dedans" in one.data) for one in message.attachments] == [
        ("message/rfc822", True)
    ]


def test_the_place_of_a_header_and_of_a_file_are_told() -> None:
    message = read_message(
        write_message(
            Draft(
                sender=Address("", "a@b.fr"), recipients=(Address("", "c@d.fr"),), subject="x", body="y",
                attachments=(Attachment("A.pdf", "application/pdf", b"%PDF"),),
            )
        )
    )  # fmt: skip
    line = message.place("Subject").line
    assert line is not None
    assert message.data.splitlines()[line - 1].startswith(b"Subject:")
    line = message.place_of(message.attachments[0]).line
    assert line is not None
    assert b"A.pdf" in message.data.splitlines()[line - 1]


NESTED = b"From: a@b.fr\r\n" + b"".join(
    b"Content-Type: multipart/mixed; boundary=x%d\r\n\r\n--x%d\r\n" % (rank, rank) for rank in range(40)
)
MANY = b"From: a@b.fr\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\ny\r\n" * 150


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "mail.empty"),
        (b"\r\n \r\n", "mail.empty"),
        (b"\x00\x01\x02", "mail.not-a-message"),
        (b"<html></html>", "mail.not-a-message"),
        (b"From: a@b.fr\r\nSubject: " + b"x" * 70_000 + b"\r\n\r\n", "mail.header-too-long"),
        (b"From: a@b.fr\r\nContent-Type: text/plain" + b"; a=b" * 2000 + b"\r\n\r\n", "mail.header-too-long"),
        (b"From: a@b.fr\r\n" + b"X-A: b\r\n" * 200_000 + b"\r\n", "mail.header-too-long"),
        (NESTED, "mail.too-nested"),
        (b"From: a@b.fr\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 3000, "mail.too-nested"),
        (MANY, "mail.too-many-parts"),
        (b"From: a@b.fr\r\n\r\n" + b"\n" * 1_000_001, "mail.too-many-lines"),
        (b"From: a@b.fr\r\n\r\n" + b"\r" * 1_000_001, "mail.too-many-lines"),
        (b"From: a@b.fr\r\n\r\n" + b"--x\n" * 10_001, "mail.too-many-parts"),
    ],
    ids=[
        "empty",
        "blank",
        "noise",
        "page",
        "subject",
        "parameters",
        "headers",
        "nested",
        "nested-messages",
        "parts",
        "lines",
        "returns",
        "boundaries",
    ],
)
def test_what_is_no_message_or_means_harm_gets_its_own_sentence(data: bytes, code: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_message(data)
    assert caught.value.code == code
    assert caught.value.sentence.fr != caught.value.sentence.en


def test_a_message_above_the_limit_is_refused_unread() -> None:
    with pytest.raises(DocumentError) as caught:
        read_message(b"From: a@b.fr\r\n\r\n" + b"x" * 100, limits=MailLimits(size=50))
    assert caught.value.code == "mail.too-large"
