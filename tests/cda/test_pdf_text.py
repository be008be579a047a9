"""The words of a PDF in a level 1 document: whose are they?"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.cda.kinds import XDS_SD
from conformance.cda.level_1 import LEVEL_1, one_page
from conformance.cda.namespaces import h
from conformance.cda.pdf_text import letters, words_of_pdf
from conformance.cda.pdf_traits import BIRTH_NAME
from conformance.cda.reading import read_document

MODELS = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", XDS_SD)


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


HEADER = (
    "<recordTarget><patientRole><patient><name><given>MAËLLE JEANNE</given><given>MAËLLE</given>"
    '<family qualifier="BR">LE GOFF-PRIGENT</family></name><birthTime value="19850701"/></patient></patientRole></recordTarget>'
)


def letter(words: str, header: str = HEADER) -> etree._Element:
    """A level 1 document whose PDF holds these words."""
    file = base64.b64encode(one_page(words)).decode()
    models = "".join(f'<templateId root="{oid}"/>' for oid in MODELS)
    return etree.fromstring(
        f'<ClinicalDocument xmlns="urn:hl7-org:v3">{models}{header}<component><nonXMLBody>'
        f'<text mediaType="application/pdf" representation="B64">{file}</text></nonXMLBody></component></ClinicalDocument>'
    )


@pytest.mark.parametrize("born", ["01/07/1985", "01.07.85", "1985-07-01", "1er juillet 1985", "01 07 1985"])
def test_a_pdf_with_the_traits_of_the_patient_is_sound(born: str) -> None:
    assert rules_broken(letter(f"Madame Maelle Le Goff Prigent, {born}, suivie ici")) == []


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("Madame Maelle Martin, née le 01/07/1985", "birth-name"),
        ("Madame Jeanne Le Goff-Prigent, née le 01/07/1985", "given-name"),
        ("Madame Maelle Le Goff-Prigent, née le 02/07/1985", "birth-date"),
        ("Madame Maelle Le Goff-Prigent, suivie depuis 2019", "birth-date"),
        ("Une lettre qui ne nomme personne, ni aucune date", "birth-name"),
    ],
)
def test_a_pdf_that_lacks_a_trait_is_said_to_lack_that_one(words: str, rule: str) -> None:
    assert rules_broken(letter(words)) == [f"level-1-patient.{rule}"]


@pytest.mark.parametrize(
    "born", ["", '<birthTime nullFlavor="UNK"/>', '<birthTime value="1985"/>', '<birthTime value="19851301"/>']
)
def test_a_trait_that_the_header_does_not_give_is_not_looked_for(born: str) -> None:
    header = HEADER.replace('<birthTime value="19850701"/>', born)
    assert rules_broken(letter("Madame Maelle Le Goff-Prigent, suivie ici", header)) == []


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
