"""Files inside the report: the PDF copy, the attached document, what it is.

Source: CI-SIS, section FR-Document-PDF-copie, entrées FR-Document-attache, FR-Type-document-attache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.kinds import fixed_text
from conformance.cda.biology.making import COHERENCE, template
from conformance.cda.coding import code
from conformance.cda.constraints import Rule, at_most_one, declares, exactly_one, holds, required
from conformance.cda.content.kinds import FOREIGN, act_class, match, named
from conformance.cda.content.oids import LOINC, SIMPLE_OBSERVATION
from conformance.cda.embedded import embedded_file_rule
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text

_ANYWHERE = path(f".//templateId[@root='{oids.ATTACHED}']")


def _attached_anywhere(root: etree._Element) -> bool:
    """Whether the document holds an attached document at all."""
    return bool(_ANYWHERE.elements(root))


def _rename(node: etree._Element) -> None:
    for declared in _ANYWHERE.elements(node):
        declared.set("root", FOREIGN)


def _rename_all(node: etree._Element) -> None:
    _rename(node.getroottree().getroot())


def _no_copy(node: etree._Element, context: Context) -> Iterator[Violation]:
    if not context.remember(_attached_anywhere):
        yield Violation(node, Text("il n'y en a aucun dans le document", "there is none in the document"))


def _no_copy_here(node: etree._Element, context: Context) -> Iterator[Violation]:
    if context.remember(_attached_anywhere) and not _ANYWHERE.elements(node):
        yield Violation(node, Text("il n'y en a pas dans cette section", "there is none in this section"))


def _media(node: etree._Element, context: Context) -> Iterator[Violation]:
    """One embedded file, by an observationMedia OBS/EVN: in base64 with its type, or a nullFlavor."""
    carriers = path("component/observationMedia").elements(node)
    files: list[etree._Element] = []
    for media in carriers:
        if media.get("classCode") == "OBS" and media.get("moodCode") == "EVN":
            files.extend(media.iterchildren(h("value")))
    for file in files:
        if file.get("nullFlavor") is not None:
            return
        if file.get("mediaType") is not None and file.get("representation") == "B64":
            return
    if files:
        yield Violation(
            files[0],
            Text("il manque mediaType ou representation « B64 »", "mediaType or representation “B64” is missing"),
        )
    else:
        yield Violation(carriers[0] if carriers else node, Text("il n'y en a pas", "there is none"))


def _no_base64(node: etree._Element) -> None:
    for file in path("component/observationMedia/value").elements(node):
        file.set("representation", "TXT")


ATTACHMENTS: Final[tuple[Template, ...]] = (
    template(
        "cr-bio-pdf-copy", Text("Section FR-Document-PDF-copie", "Section FR-Document-PDF-copie"), oids.PDF_COPY,
        named("section", official="ans:S_documentPDFCopie_ANS 1.1"),
        required("text", official="ans:S_documentPDFCopie_ANS 1.2"),
        fixed_text("title", "Copie du document", official="ans:S_documentPDFCopie_ANS 1.3"),
        code("code", "55108-5", LOINC, "Copie du document", official="ans:S_documentPDFCopie_ANS 1.4-1.5"),
        Rule(
            asks=Text(f"un document attaché ({oids.ATTACHED}) doit figurer", f"an attached document ({oids.ATTACHED}) must occur"),
            test=_no_copy, break_it=_rename_all, key="attached", official="ans:S_documentPDFCopie_ANS 1.6",
        ),
        Rule(
            asks=Text("la section doit porter elle-même le document attaché", "the section itself must hold the attached document"),
            test=_no_copy_here, break_it=_rename, key="attached-here",
            beyond=Text("La règle officielle se contente d'un document attaché ailleurs dans le compte rendu : "
                        "une section « copie » sans copie passerait.",
                        "The official rule is content with an attached document elsewhere in the report: "
                        "a “copy” section without a copy would pass."),
        ),
        example=ex.pdf_copy() + ex.second_intention(f"<entry>{ex.attached()}</entry>"),
    ),
    template(
        "cr-bio-attached", Text("Entrée FR-Document-attache", "Entry FR-Document-attache"), oids.ATTACHED,
        named("organizer", official="ans:E_organizerDocumentAttache_ANS 1.1"),
        *act_class("CLUSTER", "EVN", official="ans:E_organizerDocumentAttache_ANS 1.1"),
        exactly_one("id", official="ans:E_organizerDocumentAttache_ANS 1.2"),
        required("code", official="ans:E_organizerDocumentAttache_ANS 1.3"),
        match("statusCode", code="completed", official="ans:E_organizerDocumentAttache_ANS 1.4"),
        holds("component/observation", (SIMPLE_OBSERVATION,), Text("une observation simple", "one simple observation"),
              official="ans:E_organizerDocumentAttache_ANS 1.5"),
        Rule(
            asks=Text("un fichier doit figurer (component/observationMedia/value en base64, avec son mediaType)",
                      "a file must occur (component/observationMedia/value in base64, with its mediaType)"),
            test=_media, break_it=_no_base64, key="file", official="ans:E_organizerDocumentAttache_ANS 1.6",
        ),
        example=ex.attached(),
    ),
    template(
        "cr-bio-document-type", Text("Entrée FR-Type-document-attache", "Entry FR-Type-document-attache"),
        oids.DOCUMENT_TYPE,
        named("observation", official="ans:E_typeDocumentAttache_ANS 1.1"),
        at_most_one("id", official="ans:E_typeDocumentAttache_ANS 1.2"),
        declares(SIMPLE_OBSERVATION, official="ans:E_typeDocumentAttache_ANS 1.3"),
        match("code", most=1, code="69764-9", codeSystem=LOINC, official="ans:E_typeDocumentAttache_ANS 1.4"),
        required("value", official="ans:E_typeDocumentAttache_ANS 1.8"),
        example=ex.document_type(oids.DOCUMENT_TYPE),
    ),
    template(
        "cr-bio-file", Text("Fichier joint", "Attached file"), "",
        *embedded_file_rule("value"),
        element="observationMedia", layer=COHERENCE, example=f"<component>{ex.attached()}</component>",
    ),
)  # fmt: skip
