"""Every published laboratory report is read with nothing lost: the model counts what a plain XPath counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from conformance.cda.lab import LabReport, read_report
from conformance.cda.lab.model import Interval, Quantity
from conformance.cda.reading import read_document
from tests.conftest import SHARED

NAMES = {"h": "urn:hl7-org:v3", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
RESULT = "//h:observation[h:templateId/@root='1.3.6.1.4.1.19376.1.3.1.6']"
PREVIOUS = RESULT + "/h:entryRelationship[@typeCode='REFR']/h:observation"
DOCUMENTS = sorted((SHARED / "corpus" / "documents").glob("BIO-CR-BIO*.xml"))


def count(root: etree._Element, where: str) -> int:
    number = root.xpath(f"count({where})", namespaces=NAMES)
    assert isinstance(number, float)
    return int(number)


def read(path: Path) -> tuple[etree._Element, LabReport]:
    return etree.fromstring(path.read_bytes(), etree.XMLParser(huge_tree=True)), read_report(
        read_document(path.read_bytes(), path.name)
    )


def of_bounds(intervals: Iterable[Interval | None]) -> Iterator[Quantity]:
    """The bounds of these intervals, as quantities."""
    for interval in intervals:
        if interval is not None:
            yield from (bound.quantity for bound in (interval.low, interval.high) if bound is not None)


def written(*quantities: Quantity) -> list[str]:
    """Every number as the document writes it, second units included."""
    return sorted(one.written or "" for each in quantities for one in (each, *each.translations))


def test_the_three_versions_are_in_the_corpus(shared: Path) -> None:
    assert {path.name.split("_")[1] for path in DOCUMENTS} == {"2021.01", "2023.01", "2024.01"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_as_many_as_xpath_counts(path: Path) -> None:
    root, report = read(path)
    results = report.results
    assert {
        "observations": len(results),
        "values": sum(len(result.values) for result in results),
        "ranges": sum(len(result.ranges) for result in results),
        "bounds": sum(
            (one.interval is not None and one.interval.low is not None)
            + (one.interval is not None and one.interval.high is not None)
            for result in results
            for one in result.ranges
        ),
        "codes": sum(len(result.interpretations) for result in results),
        "methods": sum(len(result.methods) for result in results),
        "previous": sum(len(result.previous) for result in results),
        "comments": sum(1 for one in report.comments if one.level != "report"),
        "comment sections": sum(1 for one in report.comments if one.level == "report"),
        "germs": len({id(result.germ) for result in results if result.germ is not None}) > 0,
        "files": len(report.attachments),
    } == {
        "observations": count(root, RESULT),
        "values": count(root, RESULT + "/h:value"),
        "ranges": count(root, RESULT + "/h:referenceRange"),
        "bounds": count(root, RESULT + "/h:referenceRange//*[self::h:low or self::h:high]"),
        "codes": count(root, RESULT + "/h:interpretationCode"),
        "methods": count(root, RESULT + "/h:methodCode"),
        "previous": count(root, PREVIOUS),
        "comments": count(root, "//h:act[h:templateId/@root='1.3.6.1.4.1.19376.1.5.3.1.4.2']"),
        "comment sections": count(root, "//h:section[h:code/@code='55112-7']"),
        "germs": count(root, "//h:specimenPlayingEntity/h:code") > 0,
        "files": count(root, "//h:observationMedia/h:value | //h:nonXMLBody/h:text"),
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_numbers_units_and_codes_are_those_of_the_document(path: Path) -> None:
    root, report = read(path)

    def attributes(where: str) -> list[str]:
        found = root.xpath(where, namespaces=NAMES)
        assert isinstance(found, list)
        return sorted(str(one) for one in found)

    results = report.results
    values = [value for result in results for value in result.values]
    quantities = [value.quantity for value in values if value.quantity is not None]
    bounds = list(of_bounds(value.interval for value in values))
    ranges = list(of_bounds(one.interval for result in results for one in result.ranges))
    assert written(*quantities, *bounds) == attributes(
        RESULT + "/h:value/descendant-or-self::*[not(self::h:reference)]/@value"
    )
    assert written(*ranges) == attributes(RESULT + "/h:referenceRange//*[not(self::h:reference)]/@value")
    codes = [code.code or "" for result in results for code in result.interpretations]
    assert sorted(codes) == attributes(RESULT + "/h:interpretationCode/@code")
    names = [result.code.code for result in results if result.code.code is not None]
    assert sorted(names) == attributes(RESULT + "/h:code/@code")
    assert all(quantity.number is not None for quantity in (*quantities, *bounds, *ranges))


def test_words_come_from_the_narrative_when_there_is_no_code(shared: Path) -> None:
    _, report = read(shared / "corpus" / "documents" / "BIO-CR-BIO_2024.01_Microbiologie_V1.xml")
    assert [result.values[0].written for result in report.results[:2]] == ["paille", "clair"]


def test_a_local_code_stands_in_for_a_missing_loinc_code(shared: Path) -> None:
    _, report = read(shared / "corpus" / "documents" / "BIO-CR-BIO_2024.01_CRP_non_LOINC.xml")
    (result,) = report.results
    assert result.loinc is None
    assert result.code.translations
    assert result.code.name == "CRP"


def test_an_antibiogram_knows_its_germ(shared: Path) -> None:
    _, report = read(shared / "corpus" / "documents" / "BIO-CR-BIO_2024.01_Microbiologie_V1.xml")
    germs = {result.germ.code for result in report.results if result.germ is not None}
    assert germs == {"112283007", "58800005"}
    resistant = [r for r in report.results if any(code.code == "R" for code in r.interpretations)]
    assert [(r.loinc, r.germ.code if r.germ else None) for r in resistant] == [("20-8", "112283007")]


def test_a_subcontracted_chapter_names_its_laboratory(shared: Path) -> None:
    _, report = read(shared / "corpus" / "documents" / "BIO-CR-BIO_2024.01_Electrophorese.xml")
    assert report.subcontractors == ("LABORATOIRE SOUS-TRAITANT",)
    assert {result.laboratory for result in report.results} == {"", "LABORATOIRE SOUS-TRAITANT"}


def test_subcontracted_examinations_as_pdf_are_files_to_read(shared: Path) -> None:
    _, report = read(shared / "corpus" / "documents" / "BIO-CR-BIO_2021.01_CR-2nde-intention.xml")
    assert [(one.role, one.media_type) for one in report.attachments] == [("subcontracted", "application/pdf")]


def test_a_level_1_report_has_a_file_and_no_result(shared: Path) -> None:
    _, report = read(shared / "corpus" / "documents" / "BIO-CR-BIO_2021.01_CDA-R2-Niveau-1.xml")
    assert not report.structured
    assert not report.results
    assert [(one.role, one.media_type) for one in report.attachments] == [("body", "application/pdf")]
