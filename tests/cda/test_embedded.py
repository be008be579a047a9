"""Files in base64: what decodes, what does not, and what shows that a file is not of its type."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.cda.embedded import decoded, unlike_its_type


def element(text: str) -> etree._Element:
    found = etree.Element("value")
    found.text = text
    return found


@given(content=st.binary(min_size=1, max_size=200), width=st.integers(4, 76))
def test_any_bytes_come_back_whatever_the_line_breaks(content: bytes, width: int) -> None:
    text = base64.b64encode(content).decode()
    lines = "\r\n\t ".join(text[start : start + width] for start in range(0, len(text), width))
    assert decoded(element(lines)) == content


@pytest.mark.parametrize("text", ["", "  ", "abc", "ab=c", "====", "aGVsbG8", "aGVsbG8*", "é===", "aGVsbG8=aGVs"])
def test_what_is_no_base64_does_not_decode(text: str) -> None:
    assert decoded(element(text)) is None


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.4 ... %%EOF\n", "application/pdf"),
        (b"\x00\x00%PDF-1.7 ... %%EOF", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"II*\x00", "image/tiff"),
        (b"{\\rtf1 }", "text/rtf"),
        ("été".encode(), "text/plain"),
        (b"anything", "application/octet-stream"),
    ],
)
def test_a_file_of_its_type(content: bytes, media_type: str) -> None:
    assert unlike_its_type(content, media_type) is None


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"PK\x03\x04", "application/pdf"),
        (b"%PDF-1.4 cut", "application/pdf"),
        (b"%PDF-1.4", "image/png"),
        (b"GIF89a", "image/jpeg"),
        ("été".encode("latin-1"), "text/plain"),
    ],
)
def test_a_file_of_another_type(content: bytes, media_type: str) -> None:
    assert unlike_its_type(content, media_type) is not None
