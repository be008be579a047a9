"""The words of a PDF in a level 1 document: whose are they?"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.cda.level_1 import LEVEL_1
from conformance.cda.namespaces import h
from conformance.cda.pdf_text import BIRTH_NAME, letters, words_of_pdf
from conformance.cda.reading import read_document


def rules_broken(root: etree._Element) -> list[str]:
    return [breach.rule for breach in LEVEL_1.breaches(root)]


@pytest.mark.parametrize(
    ("written", "read"), [("Le Goff-Prigent", "LEGOFFPRIGENT"), ("Maëlle", "MAELLE"), ("L'Hôte 2", "LHOTE"), ("", "")]
)
def test_letters_alone_are_compared(written: str, read: str) -> None:
    assert letters(written) == read


def test_the_pdf_of_another_patient_is_a_warning(shared: Path) -> None:
    file = shared / "corpus" / "documents" / "IMG_CR_IMG_2024.01_CDA-R2-Niveau-1.xml"
    document = read_document(file.read_bytes())
    assert document.clinical is not None
    assert rules_broken(document.clinical) == []
    name = document.clinical.find(BIRTH_NAME)
    assert name is not None
    name.text = "PRIGENT"
    assert rules_broken(document.clinical) == ["level-1-patient.birth-name"]


def test_a_scan_holds_no_words_and_nothing_is_said(shared: Path) -> None:
    file = shared / "corpus" / "documents" / "BIO-CR-BIO_2021.01_CDA-R2-Niveau-1.xml"
    document = read_document(file.read_bytes())
    assert document.clinical is not None
    text = next(document.clinical.iter(h("nonXMLBody")))[0]
    assert letters(words_of_pdf(base64.b64decode("".join((text.text or "").split())))) == ""
    name = document.clinical.find(BIRTH_NAME)
    assert name is not None
    name.text = "PRIGENT"
    assert rules_broken(document.clinical) == []


@settings(max_examples=50, deadline=None)
@given(
    content=st.binary(max_size=300),
    start=st.sampled_from([b"", b"%PDF-1.4\n", b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\n"]),
)
def test_a_damaged_pdf_holds_no_words_and_breaks_nothing(content: bytes, start: bytes) -> None:
    assert isinstance(words_of_pdf(start + content), str)
