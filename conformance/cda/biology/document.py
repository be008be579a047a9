"""What the laboratory report asks of the header and of the first level of its body.

Source: CI-SIS, volet CR d'examens de biologie médicale, en-tête (rules Entete_CR-BIO and « variables »).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.kinds import fixed_text, has_section
from conformance.cda.biology.making import HEADER, WARN, template
from conformance.cda.constraints import Rule, declares, forbidden, required
from conformance.cda.content.examples import coded, ident, templates
from conformance.cda.content.kinds import match
from conformance.cda.content.oids import LOINC
from conformance.cda.content.relations import at_most_one_held
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Constraint, Context, Template, Violation, carries
from conformance.core.language import Text

_ENTETE: Final = "volet:Entete_CR-BIO "
_LABEL: Final = "CR d'examens biologiques"

# The document itself ---------------------------------------------------------------------------------------


def _positive(node: etree._Element, context: Context) -> Iterator[Violation]:
    numbers = path("versionNumber").elements(node)
    if not numbers or numbers[0].get("value") is None:
        yield Violation(numbers[0] if numbers else node, Text("il manque", "it is missing"))
        return
    value = numbers[0].get("value", "")
    try:
        if float(value) > 0:
            return
    except ValueError:
        pass
    yield Violation(numbers[0], Text(f"trouvé « {value} »", f"found “{value}”"), "value")


def _set_version(node: etree._Element) -> None:
    for number in path("versionNumber").elements(node):
        number.set("value", "0")


_DOCUMENT_EXAMPLE: Final = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    f"{templates('2.16.840.1.113883.2.8.2.1', '1.2.250.1.213.1.1.1.1', oids.ROOT_REPORT, oids.FR_REPORT)}"
    f"{ident(1)}{coded('code', '11502-2', LOINC, _LABEL)}"
    "<title>Compte rendu d'examens biologiques</title>"
    f"{ident(2).replace('<id ', '<setId ')}"
    '<versionNumber value="1"/></ClinicalDocument>'
)

DOCUMENT: Final = template(
    "cr-bio",
    Text("Compte rendu de biologie", "Laboratory report"),
    "",
    required("setId", official=_ENTETE + "1.1"),
    fixed_text("title", "Compte rendu d'examens biologiques", official=_ENTETE + "1.2"),
    match("code", code="11502-2", displayName=_LABEL, codeSystem=LOINC, official=_ENTETE + "1.3"),
    declares(oids.ROOT_REPORT, official=_ENTETE + "1.4"),
    Rule(
        asks=Text("l'attribut value de l'élément versionNumber doit être un nombre plus grand que 0", "the attribute value of the element versionNumber must be a number above 0"),
        test=_positive, break_it=_set_version, key="version-number", official=_ENTETE + "1.5",
    ),
    forbidden("versionNumber/@nullFlavor", official=_ENTETE + "1.6"),
    declares(oids.FR_REPORT, key="french-template", severity=WARN, beyond=Text(
        "L'exigence est écrite dans les règles publiées, mais mise en commentaire.",
        "The demand is written in the published rules, but commented out.")),
    element="ClinicalDocument", layer=HEADER, example=_DOCUMENT_EXAMPLE,
)  # fmt: skip

# The patient -----------------------------------------------------------------------------------------------


def _only_unknown(where: str, official: str) -> Rule:
    """If the element has a nullFlavor, it is UNK (one UNK covers the others, as the official rule counts)."""
    place = path(where)

    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        null = [element for element in place.elements(node) if element.get("nullFlavor") is not None]
        if null and all(element.get("nullFlavor") != "UNK" for element in null):
            value = null[0].get("nullFlavor")
            yield Violation(null[0], Text(f"trouvé « {value} »", f"found “{value}”"), "nullFlavor")

    def break_it(node: etree._Element) -> None:
        for element in place.elements(node):
            element.set("nullFlavor", "NAV")

    return Rule(
        asks=Text(f"l'élément {where}, s'il est inconnu, doit porter nullFlavor « UNK »", f"the element {where}, if unknown, must have nullFlavor “UNK”"),
        test=test, break_it=break_it, key=f"{where.rpartition('/')[2]}.unknown", official=official,
    )  # fmt: skip


PATIENT: Final = template(
    "cr-bio-patient",
    Text("Patient du compte rendu de biologie", "Patient of the laboratory report"),
    "",
    _only_unknown("addr", _ENTETE + "2.1"),
    _only_unknown("telecom", _ENTETE + "2.2"),
    _only_unknown("patient/administrativeGenderCode", _ENTETE + "2.3"),
    _only_unknown("patient/birthTime", _ENTETE + "2.4"),
    element="patientRole", layer=HEADER,
    example='<recordTarget><patientRole><addr nullFlavor="UNK"/><telecom nullFlavor="UNK"/><patient>'
            '<administrativeGenderCode nullFlavor="UNK"/><birthTime nullFlavor="UNK"/></patient></patientRole></recordTarget>',
)  # fmt: skip

# The first level of the body -------------------------------------------------------------------------------

_SECTIONS_2021: Final = (oids.CHAPTER, oids.SECOND_INTENTION, oids.COMMENT_SECTION)
_SECTIONS_2023: Final = (*_SECTIONS_2021, oids.REASON, oids.PDF_COPY, oids.VACCINATIONS)
_NAMES: Final = {
    oids.CHAPTER: "FR-CR-BIO-Chapitre",
    oids.SECOND_INTENTION: "FR-Resultats-de-laboratoire-de-biologie-de-seconde-intention",
    oids.COMMENT_SECTION: "FR-Commentaire-non-code",
    oids.REASON: "FR-Raison-de-la-recommandation",
    oids.PDF_COPY: "FR-Document-PDF-copie",
    oids.VACCINATIONS: "FR-Vaccinations",
}


def first_level(section: etree._Element) -> bool:
    """Whether a section stands directly in the structured body."""
    component = section.getparent()
    body = component.getparent() if component is not None else None
    return body is not None and body.tag == h("structuredBody")


def _closed_list(allowed: tuple[str, ...]) -> Rule:
    listed = ", ".join(f"{_NAMES[oid]} ({oid})" for oid in allowed)

    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        if carries(node, *allowed):
            return
        ids = ", ".join(child.get("root", "") for child in node.iterchildren(h("templateId")))
        yield Violation(
            node, Text(f"trouvé {ids}", f"found {ids}") if ids else Text("aucun templateId", "no templateId")
        )

    def break_it(node: etree._Element) -> None:
        for child in list(node.iterchildren(h("templateId"))):
            node.remove(child)

    return Rule(
        asks=Text(f"une section de premier niveau doit être l'une de : {listed}", f"a first-level section must be one of: {listed}"),
        test=test, break_it=break_it, key="known", official=_ENTETE + "7.1",
    )  # fmt: skip


_COMMENT_FIRST: Final = ex.body(ex.comment_section(), ex.chapter(), ex.pdf_copy())


def _first_level(allowed: tuple[str, ...], example: str) -> Template:
    return template(
        "cr-bio-first-level", Text("Section de premier niveau du compte rendu", "First-level section of the report"), "",
        _closed_list(allowed), element="section", where=first_level, example=example,
    )  # fmt: skip


_A_CHAPTER = has_section(oids.CHAPTER, Text("une section FR-CR-BIO-Chapitre", "one section FR-CR-BIO-Chapitre"),
                         official="volet:variables 1.1")  # fmt: skip
_A_COPY = has_section(
    oids.PDF_COPY, Text("une section FR-Document-PDF-copie", "one section FR-Document-PDF-copie"),
    official="volet:variables 1.2", hint=Text(
        "Ajoutez la copie PDF du compte rendu (section 55108-5, pièce jointe application/pdf en base64).",
        "Add the PDF copy of the report (section 55108-5, attachment application/pdf in base64)."),
)  # fmt: skip
_ONE_COPY = at_most_one_held(
    "component/section", oids.PDF_COPY, Text("la section FR-Document-PDF-copie", "the section FR-Document-PDF-copie"),
    key="one-copy", severity=WARN, beyond=Text(
        "Les exemples publiés annoncent une copie au plus ; les règles n'en limitent pas le nombre.",
        "The published examples announce one copy at most; the rules set no limit.",
    ),
)  # fmt: skip


def _body(*constraints: Constraint, example: str) -> Template:
    return template("cr-bio-body", Text("Corps du compte rendu de biologie", "Body of the laboratory report"), "",
                    *constraints, element="structuredBody", example=example)  # fmt: skip


BODY_2021: Final = (
    _body(_A_CHAPTER, example=ex.body(ex.comment_section(), ex.chapter())),
    _first_level(_SECTIONS_2021, ex.body(ex.comment_section(), ex.chapter())),
)
BODY_2023: Final = (_body(_A_CHAPTER, _ONE_COPY, example=_COMMENT_FIRST), _first_level(_SECTIONS_2023, _COMMENT_FIRST))
BODY_2024: Final = (
    _body(_A_CHAPTER, _A_COPY, _ONE_COPY, example=_COMMENT_FIRST),
    _first_level(_SECTIONS_2023, _COMMENT_FIRST),
)
