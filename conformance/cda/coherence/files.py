"""The PDF files inside a structured document name its patient. Opening them is slow: only on request.

A copy takes a PDF library a quarter of a second and more, a hundred times the rest of the document: the rule speaks
when the context says ``open_files`` (``segur validate --open-files``). Level 1 documents, which are their PDF, are
always opened (``conformance.cda.level_1``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.embedded import decoded
from conformance.cda.level_1 import one_page
from conformance.cda.namespaces import h
from conformance.cda.pdf_text import BIRTH_NAME, letters, words_of_pdf
from conformance.cda.rules import OPEN_FILES, Context, Template, Violation
from conformance.core.findings import Severity, Trust
from conformance.core.language import Text

_SCAN: Final = 20
"""Letters under which a PDF is taken for a scan."""


def _files(node: etree._Element, context: Context) -> Iterator[tuple[etree._Element, str, str]]:
    """The PDF files, the letters of their text, the letters of the birth name of the header."""
    if not context.options.get(OPEN_FILES, True):
        return
    name = context.root.find(BIRTH_NAME)
    wanted = letters(name.text or "") if name is not None else ""
    for value in node.iterchildren(h("value")):
        content = decoded(value) if value.get("mediaType") == "application/pdf" and wanted else None
        if content is not None:
            yield value, letters(words_of_pdf(content)), wanted


def _somebody_else(node: etree._Element, context: Context) -> Iterator[Violation]:
    for value, found, wanted in _files(node, context):
        if len(found) >= _SCAN and wanted not in found:
            yield Violation(value, Text("il n'y figure pas", "it does not occur there"))


def _no_words(node: etree._Element, context: Context) -> Iterator[Violation]:
    for value, found, _ in _files(node, context):
        if len(found) < _SCAN:
            yield Violation(value, Text("aucun texte n'en sort (numérisation ?)", "no text comes out of it (a scan?)"))


def _another_patient(node: etree._Element) -> None:
    name = node.getroottree().getroot().find(BIRTH_NAME)
    assert name is not None
    name.text = "MARTIN"


def _blank(node: etree._Element) -> None:
    for value in node.iterchildren(h("value")):
        value.text = base64.b64encode(one_page("")).decode()


_UNSEEN: Final = Text(
    "Aucune règle officielle n'ouvre le fichier : le PDF d'un autre patient passerait.",
    "No official rule opens the file: the PDF of another patient would pass.",
)

FILES: Final = Template(
    key="coherence.files",
    name=Text("PDF dans un document structuré", "PDF in a structured document"),
    element="observationMedia",
    layer="coherence",
    trust=Trust.OWN,
    source="CI-SIS Structuration minimale v1.16.8 §2.2.1 (copie PDF du document)",
    example=(
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><patient><name><family qualifier="BR">PRIGENT</family>'
        "</name></patient></patientRole></recordTarget><component><structuredBody><component><section><entry>"
        '<observationMedia classCode="OBS" moodCode="EVN" ID="f1"><value mediaType="application/pdf" representation="B64">'
        + base64.b64encode(one_page("Compte rendu de Madame Maelle PRIGENT, suivie pour une grippe")).decode()
        + "</value></observationMedia></entry></section></component></structuredBody></component></ClinicalDocument>"
    ),
    constraints=(
        Rule(
            Text("le texte du PDF doit porter le nom de naissance du patient de l'en-tête",
                 "the text of the PDF must hold the birth name of the patient of the header"),
            _somebody_else, _another_patient, key="birth-name", severity=Severity.WARNING, beyond=_UNSEEN,
            hint=Text("Vérifiez que c'est le fichier de ce patient.", "Check that it is the file of this patient."),
        ),
        Rule(
            Text("le PDF doit être lisible par une machine", "a machine must be able to read the PDF"),
            _no_words, _blank, key="text", severity=Severity.INFO, beyond=_UNSEEN,
        ),
    ),
)  # fmt: skip
