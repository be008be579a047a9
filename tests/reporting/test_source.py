"""The lines around a finding: the right place, in any encoding and form of document, and masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.redaction import MASK, Redactor
from conformance.reporting.source import decode, excerpt, is_text, lines_of

CLEAR = Redactor(clear=True)


def marked(text: str, line: int, column: int | None, redactor: Redactor = CLEAR) -> str:
    (shown,) = [one for one in excerpt(lines_of(text.encode()), line, column, redactor) if one["marked"]]
    return shown["marked"]


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        ("<a>\n  <b x='1'>t</b>\n</a>", 2, 3, "<b x='1'>"),
        ("<a>\n  <b x='1'>t</b>\n</a>", 2, 6, "<b x='1'>"),
        ("<a>\n  <b x='1'>t</b>\n</a>", 2, 12, "t"),
        ("<a>\n  <b\n x='1'>t</b>\n</a>", 2, 3, "<b"),
        ("<a>\n   texte   \n</a>", 2, None, "texte"),
        ("<a>\n   texte\n</a>", 2, 99, "texte"),
    ],
)
def test_mark_covers_the_tag_or_the_text(text: str, line: int, column: int | None, expected: str) -> None:
    assert marked(text, line, column) == expected


def test_document_of_one_line_is_cut_around_the_place() -> None:
    text = "<a>" + "<x/>" * 5_000 + "<here/>" + "<y/>" * 5_000 + "</a>"
    (shown,) = excerpt(lines_of(text.encode()), 1, text.index("<here") + 1, CLEAR)
    assert shown["marked"] == "<here/>"
    assert len(shown["before"]) < 100
    assert len(shown["after"]) < 120


@pytest.mark.parametrize(("line", "column"), [(None, None), (0, 1), (9, 1), (-1, None)])
def test_place_outside_the_document_shows_nothing(line: int | None, column: int | None) -> None:
    assert excerpt(["<a/>"], line, column, CLEAR) == []


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_parsers_do(ending: str) -> None:
    assert lines_of(ending.join(["<a>", "\u2028b\x0c", "</a>"]).encode()) == ["<a>", "\u2028b\x0c", "</a>"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-15", "latin-1"])
def test_text_is_decoded_as_it_declares(encoding: str) -> None:
    declared = "" if encoding.startswith("utf") else f' encoding="{encoding}"'
    text = f'<?xml version="1.0"{declared}?><a>é</a>'
    assert decode(text.encode(encoding)) == text


def test_broken_encoding_is_shown_all_the_same() -> None:
    assert "a" in decode(b'<?xml version="1.0" encoding="no-such"?>a\xff')


@given(st.integers(0, 80), st.integers(0, 80))
def test_half_a_name_or_number_never_shows(before: int, column: int) -> None:
    text = "<x/>" * before + '<id extension="279035121518989"/><family>Canarini</family>' + "<y/>" * 60
    redactor = Redactor(("Canarini",))
    for shown in excerpt([text], 1, min(len(text), before * 4 + column), redactor):
        whole = shown["before"] + shown["marked"] + shown["after"]
        assert "anari" not in whole
        assert "35121" not in whole
        assert MASK in whole or "…" in whole or len(whole) < len(text)


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [("text/xml; charset=utf-8", True), ("application/soap+xml", True), ("application/json", True),
     ("message/rfc822", True), ("multipart/related; boundary=x", True), ("application/zip", False), ("image/png", False)],
)  # fmt: skip
def test_what_is_text(media_type: str, expected: bool) -> None:
    assert is_text(media_type) is expected
