"""The published laboratory reports and level 1 documents: nothing to say against them, and one alteration seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from conformance.cda.kinds import recognise
from conformance.cda.level_1 import LEVEL_1
from conformance.cda.namespaces import h
from conformance.cda.reading import Document, read_document
from conformance.cda.rules import Context, RuleSet
from conformance.cda.volets import cr_bio
from conformance.core.findings import Severity
from tests.conftest import SHARED

RULES: dict[str, RuleSet] = {
    "cr-bio-2021.01": cr_bio.CR_BIO_2021,
    "cr-bio-2023.01": cr_bio.CR_BIO_2023,
    "cr-bio-2024.01": cr_bio.CR_BIO_2024,
    "cda-n1": LEVEL_1,
}
DOCUMENTS = sorted(
    path
    for path in (SHARED / "corpus" / "documents").glob("*.xml")
    if any(part in path.name for part in ("BIO-CR-BIO", "Niveau-1", "-N1"))
)


def read(path: Path) -> Document:
    return read_document(path.read_bytes(), path.name)


def errors(document: Document) -> list[str]:
    assert document.clinical is not None
    rules = RULES[recognise(document.clinical).key]
    breaches = rules.breaches(document.clinical, Context(document.clinical))
    return [breach.rule for breach in breaches if breach.constraint.severity is Severity.ERROR]


def test_the_corpus_holds_laboratory_reports(shared: Path) -> None:
    assert len(DOCUMENTS) >= 7


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_published_document_breaks_no_rule(path: Path) -> None:
    assert errors(read(path)) == []


@pytest.mark.parametrize(
    ("file", "version"),
    [
        ("BIO-CR-BIO_2021.01_CR-2nde-intention.xml", "cr-bio-2021.01"),
        ("BIO-CR-BIO_2023.01_Electrophorese.xml", "cr-bio-2023.01"),
        ("BIO-CR-BIO_2024.01_TSH_1.xml", "cr-bio-2024.01"),
    ],
)
def test_the_version_is_told_by_the_extension_or_by_the_rules_that_the_document_names(
    shared: Path, file: str, version: str
) -> None:
    assert recognise(read(shared / "corpus" / "documents" / file).clinical).key == version


def test_a_2024_report_without_its_pdf_copy_is_refused_and_a_2021_one_is_not(shared: Path) -> None:
    document = read(shared / "corpus" / "documents" / "BIO-CR-BIO_2024.01_TSH_1.xml")
    assert document.clinical is not None
    body = document.clinical.find(f"{h('component')}/{h('structuredBody')}")
    assert body is not None
    body.remove(body[-1] if isinstance(body[-1].tag, str) else body.findall(h("component"))[-1])
    assert errors(document) == ["cr-bio-body.holds.1.2.250.1.213.1.1.2.243"]
    found = cr_bio.CR_BIO_2021.breaches(document.clinical, Context(document.clinical))
    assert not [breach for breach in found if breach.constraint.severity is Severity.ERROR]


def test_a_pdf_that_is_none_is_said(shared: Path) -> None:
    document = read(shared / "corpus" / "documents" / "BIO-CR-BIO_2021.01_CDA-R2-Niveau-1.xml")
    assert document.clinical is not None
    text = document.clinical.find(f".//{h('nonXMLBody')}/{h('text')}")
    assert text is not None
    text.text = "aGVsbG8="
    assert errors(document) == ["level-1-file.media-type"]
    text.text = "aGVsbG8"
    assert errors(document) == ["level-1-file.base64"]


def test_one_more_code_system_for_a_germ_is_refused(shared: Path) -> None:
    document = read(shared / "corpus" / "documents" / "BIO-CR-BIO_2024.01_Microbiologie_V1.xml")
    assert document.clinical is not None
    germ = next(document.clinical.iter(h("specimenPlayingEntity")))
    code = germ.find(h("code"))
    assert isinstance(code, etree._Element)
    code.set("codeSystem", "2.16.840.1.113883.6.1")
    assert errors(document) == ["cr-bio-isolate.germ"]
