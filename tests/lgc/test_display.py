"""What the reference product shows of a document, and what it refuses to let a style sheet do."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.generation.messages.post import twin
from conformance.generation.messages.presentation import self_presentable, style_sheet, with_pdf_copy
from conformance.generation.messages.variants import Changes, level_1, level_3, vary
from conformance.lgc.display import Display
from conformance.sut.contract import StyleSheet

MARK = "Maquette"


def sheet(inside: str) -> bytes:
    """A style sheet whose page holds ``inside``."""
    return (
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        f'<xsl:template match="/"><html><body>{MARK}{inside}</body></html></xsl:template></xsl:stylesheet>'
    ).encode()


def test_a_producers_sheet_is_used() -> None:
    shown = Display().show(level_3(), style_sheet(MARK))
    assert shown.style_sheet is StyleSheet.PRODUCER
    assert MARK in shown.text
    assert "Rien de particulier." in shown.text


def test_a_self_presentable_document_shows_itself() -> None:
    assert MARK in Display().show(self_presentable(level_3(), MARK), None).text


def test_the_products_own_sheet_tells_header_and_texts() -> None:
    shown = Display().show(level_3(), None)
    assert shown.style_sheet is StyleSheet.PRODUCT
    for words in ("Compte rendu de consultation", "11/06/2024", "PRIGENT", "BREHIER", "Rien de particulier."):
        assert words in shown.text


@pytest.mark.parametrize(
    "inside",
    [
        "<script>x()</script>",
        '<p onclick="x()">ici</p>',
        '<a href="javascript:x()">ici</a>',
        '<img src="http://127.0.0.1:9/i.png"/>',
        '<iframe src="data:text/html,x"/>',
        '<link rel="stylesheet" href="http://127.0.0.1:9/s.css"/>',
        '<meta http-equiv="Refresh" content="0"/>',
    ],
)
def test_a_page_that_would_do_something_is_not_shown(inside: str) -> None:
    shown = Display().show(level_3(), sheet(inside))
    assert shown.style_sheet is StyleSheet.PRODUCT
    assert MARK not in shown.text


@pytest.mark.parametrize("inside", ['<img src="data:image/png;base64,AA=="/>', '<a href="#bas">bas</a>'])
def test_pictures_inside_the_page_and_links_within_it_are_harmless(inside: str) -> None:
    assert Display().show(level_3(), sheet(inside)).style_sheet is StyleSheet.PRODUCER


def test_a_sheet_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<secret>canari</secret>", "utf-8")
    shown = Display().show(level_3(), sheet(f"<xsl:value-of select=\"document('{secret.as_uri()}')\"/>"))
    assert "canari" not in shown.text


@pytest.mark.parametrize(
    "broken",
    [b"", b"<html", b"<a/>", sheet('<xsl:call-template name="absent"/>'), sheet('<xsl:value-of select="1 +"/>')],
)
def test_a_sheet_that_does_not_work_is_left_aside(broken: bytes) -> None:
    shown = Display().show(level_3(), broken)
    assert shown.style_sheet is StyleSheet.PRODUCT
    assert "Rien de particulier." in shown.text


def test_a_sheet_without_end_is_left_aside() -> None:
    endless = sheet('<xsl:call-template name="t"/>').replace(
        b"</xsl:stylesheet>", b'<xsl:template name="t"><xsl:call-template name="t"/></xsl:template></xsl:stylesheet>'
    )
    assert Display().show(level_3(), endless).style_sheet is StyleSheet.PRODUCT


def test_a_pdf_inside_comes_before_any_sheet() -> None:
    pdf = twin(level_3())
    shown = Display().show(with_pdf_copy(level_3(), pdf), style_sheet(MARK))
    assert (shown.media_type, shown.style_sheet) == ("application/pdf", StyleSheet.NONE)
    assert "PRIGENT" in shown.text
    body = vary(level_1(), Changes(body=("application/pdf", pdf)))
    assert Display().show(body, None).media_type == "application/pdf"


def test_a_level_1_text_is_shown_with_its_header() -> None:
    shown = Display().show(level_1(), None)
    assert "PRIGENT" in shown.text
    assert "Rien de particulier." in shown.text
