"""What the parts of a header say of each other, one fault at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.cda.header import HEADER
from conformance.cda.header.dates import instant
from conformance.cda.header.example import EXAMPLE
from conformance.cda.rules import Context


def fired(xml: str, context: dict[str, object] | None = None) -> list[str]:
    root = etree.fromstring(xml.encode())
    return sorted({breach.rule for breach in HEADER.breaches(root, Context(root, context))})


def without(xml: str, start: str, end: str) -> str:
    before, _, rest = xml.partition(start)
    return before + rest.partition(end)[2]


def test_version_two_needs_the_version_that_it_replaces() -> None:
    assert fired(without(EXAMPLE, "<relatedDocument", "</relatedDocument>")) == ["coherence.versions.next"]


def test_a_first_version_needs_no_related_document() -> None:
    first = without(EXAMPLE, "<relatedDocument", "</relatedDocument>")
    assert fired(first.replace('<versionNumber value="2"/>', '<versionNumber value="1"/>')) == []


def test_a_transformed_document_is_no_replacement() -> None:
    assert fired(EXAMPLE.replace('typeCode="RPLC"', 'typeCode="XFRM"')) == ["coherence.versions.next"]


@pytest.mark.parametrize("value", ["202406111015+0200", "20240611101500.5+0200"])
def test_less_or_more_than_the_second_is_only_a_remark(value: str) -> None:
    root = etree.fromstring(
        EXAMPLE.replace('<effectiveTime value="20240611101500+0200"/>', f'<effectiveTime value="{value}"/>').encode()
    )
    assert {str(b.constraint.severity) for b in HEADER.breaches(root)} == {"warning"}


def test_a_time_without_offset_is_refused() -> None:
    assert fired(
        EXAMPLE.replace('<effectiveTime value="20240611101500+0200"/>', '<effectiveTime value="20240611101500"/>')
    ) == ["header.precision.offset"]


def test_the_present_can_be_given() -> None:
    assert fired(EXAMPLE, {"now": datetime(2020, 1, 1, tzinfo=UTC)}) == ["coherence.times.future"]


def test_a_document_without_matricule_is_asked_no_trait_of_the_ins() -> None:
    local = without(EXAMPLE, '<id root="1.2.250.1.213.1.4.10"', "/>").replace("<county>35238</county>", "")
    assert [rule for rule in fired(local) if "ins" in rule] == []


def test_the_header_rules_look_at_a_document_inside_a_signature() -> None:
    wrapped = f'<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#">{EXAMPLE}</s:Signature>'
    assert fired(wrapped.replace('<realmCode code="FR"/>', '<realmCode code="FR" displayName="x"/>')) == [
        "header.type.code.plain-code"
    ]


moments = st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9000, 1, 1))
offsets = st.integers(-14 * 60, 14 * 60)


@given(moments, offsets)
def test_a_real_moment_is_read_as_it_is(moment: datetime, minutes: int) -> None:
    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert instant(f"{moment:%Y%m%d%H%M%S%z}") == moment


@given(st.text(alphabet="0123456789+-.TZ", max_size=20))
def test_no_text_makes_the_reading_of_a_date_fail(text: str) -> None:
    assert instant(text) is None or text[:4].isdecimal()


@pytest.mark.parametrize("value", ["", "2024131", "20241301", "20240230", "2024061125", "abc", "20240611101500+1500"])
def test_what_is_no_date_is_not_read(value: str) -> None:
    assert instant(value) is None
