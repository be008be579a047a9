"""The sections of the laboratory report: chapters, sub-chapters, comments, second intention.

Source: IHE PaLM (Laboratory Specialty, Laboratory Report Item); CI-SIS, sections FR-CR-BIO-Chapitre,
FR-CR-BIO-Sous-Chapitre, FR-Commentaire-non-code, FR-Resultats-de-laboratoire-de-biologie-de-seconde-intention.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.kinds import loinc_if_coded
from conformance.cda.biology.making import french, template
from conformance.cda.coding import code
from conformance.cda.constraints import Rule, at_most_one, declares, exactly_one, required
from conformance.cda.content.kinds import named
from conformance.cda.content.oids import LOINC
from conformance.cda.namespaces import h
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text


def _shape(node: etree._Element, context: Context) -> Iterator[Violation]:
    """Text and one entry, or sub-sections alone."""
    texts, entries, parts = (len(list(node.iterchildren(h(name)))) for name in ("text", "entry", "component"))
    if (texts and entries == 1 and not parts) or (not texts and not entries and parts):
        return
    said = f"text : {texts}, entry : {entries}, component : {parts}"
    yield Violation(node, Text(f"trouvé {said}", f"found {said.replace(' :', ':')}"))


def _mix(node: etree._Element) -> None:
    etree.SubElement(node, h("component" if node.find(h("text")) is not None else "entry"))


SECTIONS: Final[tuple[Template, ...]] = (
    template(
        "cr-bio-chapter", Text("Section FR-CR-BIO-Chapitre", "Section FR-CR-BIO-Chapitre"), oids.CHAPTER,
        Rule(
            asks=Text(
                "le chapitre doit porter soit text et une entrée sans sous-section, soit des sous-sections sans text ni entrée",
                "the chapter must have either text and one entry without sub-section, or sub-sections without text or entry"),
            test=_shape, break_it=_mix, key="shape", official="ihe:S_laboratorySpecialty 1.1",
            hint=Text("Mettez chaque groupe de résultats dans son sous-chapitre.", "Put each group of results in its own sub-chapter."),
        ),
        french(oids.FR_CHAPTER),
        example=ex.chapter() + ex.section(ex.CHAPTER_IDS, "18719-5", "Biochimie",
                                          f"<component>{ex.sub_chapter()}</component>", None, 47),
    ),
    template(
        "cr-bio-sub-chapter", Text("Section FR-CR-BIO-Sous-Chapitre", "Section FR-CR-BIO-Sous-Chapitre"),
        oids.SUB_CHAPTER,
        named("section", official="ihe:S_laboratoryReportItem 1.1"),
        loinc_if_coded("code", official="ihe:S_laboratoryReportItem 1.2"),
        required("text", official="ihe:S_laboratoryReportItem 1.3"),
        exactly_one("entry", official="ihe:S_laboratoryReportItem 1.3"),
        french(oids.FR_SUB_CHAPTER),
        example=ex.sub_chapter(),
    ),
    template(
        "cr-bio-comment-section", Text("Section FR-Commentaire-non-code", "Section FR-Commentaire-non-code"),
        oids.COMMENT_SECTION,
        named("section", official="ihe:S_documentSummary 1.1"),
        declares(oids.COMMENT_SECTION_PARENT, official="ihe:S_documentSummary 1.2"),
        at_most_one("id", official="ihe:S_documentSummary 1.3"),
        code("code", "55112-7", LOINC, "Commentaire", official="ihe:S_documentSummary 1.4-1.5"),
        french(oids.FR_COMMENT_SECTION),
        example=ex.comment_section(),
    ),
    template(
        "cr-bio-second-intention", Text("Section Résultats de seconde intention", "Section Second-intention results"),
        oids.SECOND_INTENTION,
        named("section", official="ans:S_resultatLaboBioSeconde_ANS 1.1"),
        required("text", official="ans:S_resultatLaboBioSeconde_ANS 1.2"),
        required("code", official="volet:S_FR-Resultats-de-laboratoire-de-biologie-de-seconde-intention 1.1"),
        example=ex.second_intention(),
    ),
)  # fmt: skip
