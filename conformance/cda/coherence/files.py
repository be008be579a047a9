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
from conformance.cda.pdf_text import is_scan, words_of_pdf
from conformance.cda.pdf_traits import trait_rules
from conformance.cda.rules import OPEN_FILES, Context, Template, Violation
from conformance.core.findings import Severity, Trust
from conformance.core.language import Text


def _files(node: etree._Element, context: Context) -> Iterator[tuple[etree._Element, etree._Element, str]]:
    """The PDF files of the node, with the document and their words."""
    if not context.options.get(OPEN_FILES, True):
        return
    for value in node.iterchildren(h("value")):
        content = decoded(value) if value.get("mediaType") == "application/pdf" else None
        if content is not None:
            yield context.root, value, words_of_pdf(content)


def _no_words(node: etree._Element, context: Context) -> Iterator[Violation]:
    for _, value, words in _files(node, context):
        if is_scan(words):
            yield Violation(value, Text("aucun texte n'en sort (numérisation ?)", "no text comes out of it (a scan?)"))


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
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><patient><name><given>MAELLE</given>'
        '<family qualifier="BR">PRIGENT</family></name><birthTime value="19850714"/></patient></patientRole></recordTarget>'
        "<component><structuredBody><component><section><entry>"
        '<observationMedia classCode="OBS" moodCode="EVN" ID="f1"><value mediaType="application/pdf" representation="B64">'
        + base64.b64encode(one_page("Compte rendu de Madame Maelle PRIGENT, nee le 14/07/1985, suivie pour une grippe")).decode()
        + "</value></observationMedia></entry></section></component></structuredBody></component></ClinicalDocument>"
    ),
    constraints=(
        *trait_rules(_files),
        Rule(
            Text("le PDF doit être lisible par une machine", "a machine must be able to read the PDF"),
            _no_words, _blank, key="text", severity=Severity.INFO, beyond=_UNSEEN,
        ),
    ),
)  # fmt: skip
