"""A self-displaying document: the style sheet around the ClinicalDocument is XSLT, or the fault is named."""

from __future__ import annotations

import pytest

from conformance.cda.reading import read_document
from conformance.core.findings import Finding
from conformance.validation.structure import check_structure
from tests.validation.tour import TOUR

XSL = "http://www.w3.org/1999/XSL/Transform"
INSIDE = TOUR.partition(b"?>")[2].decode()
GOOD = (
    '<xsl:output method="html" indent="yes"/><xsl:param name="lang" select="\'fr\'"/>'
    '<xsl:template match="/"><xsl:param name="level"/><html xmlns=""><xsl:choose><xsl:when test="a">A<b/></xsl:when>'
    '<xsl:otherwise><xsl:value-of select="."/></xsl:otherwise></xsl:choose>'
    '<xsl:for-each select="x"><xsl:sort select="y"/>text<xsl:call-template name="t"/></xsl:for-each></html></xsl:template>'
)


def check(sheet: str, version: str = ' version="1.0"') -> list[Finding]:
    text = f'<xsl:stylesheet{version} xmlns:xsl="{XSL}">{sheet}<d xmlns="urn:d">{INSIDE}</d></xsl:stylesheet>'
    return check_structure(read_document(text.encode()))


def test_a_style_sheet_around_the_document_is_accepted() -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (' test="a"', "", "missing-attribute"),
        (' select="x"', "", "missing-attribute"),
        (' test="a"', ' test=""', "bad-value"),
        ('method="html"', 'method="ZZZ"', "bad-value"),
        ('indent="yes"', 'indent="perhaps"', "bad-value"),
        ('<xsl:param name="level"/>', '<xsl:param name="level" nullFlavor="UNK"/>', "unexpected-attribute"),
        ("xsl:otherwise", "xsl:else", "unexpected-element"),
        ('<xsl:sort select="y"/>text', 'text<b/><xsl:sort select="y"/>', "unexpected-element"),
        ("</xsl:choose>", '<xsl:when test="b"/></xsl:choose>', "unexpected-element"),
        ('<xsl:when test="a">A<b/></xsl:when>', "", "missing-element"),
        ('<xsl:output method="html"', 'text<xsl:output method="html"', "unexpected-text"),
        ("<html xmlns=", '<xsl:output method="html"/><html xmlns=', "unexpected-element"),
    ],
)
def test_what_is_not_xslt_is_named(before: str, after: str, rule: str) -> None:
    assert before in GOOD
    assert {finding.rule for finding in check(GOOD.replace(before, after))} == {f"structure.{rule}"}


def test_a_style_sheet_without_version_is_not_one() -> None:
    (finding,) = check(GOOD, version="")
    assert finding.rule == "structure.missing-attribute"
    assert "version" in finding.message.fr


def test_the_document_inside_is_still_judged() -> None:
    broken = GOOD + INSIDE.replace('moodCode="INT"', 'moodCode="ZZZ"')
    assert {finding.rule for finding in check(broken)} == {"structure.bad-value"}
