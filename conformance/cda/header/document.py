"""The document's own elements, from ``realmCode`` to ``versionNumber``, and which parts its header has.

Source: CI-SIS Structuration minimale v1.16.8 §3.3 to §3.5.5.11, §3.7.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule, formed, one_of
from conformance.cda.header.choices import choice
from conformance.cda.header.coded import coded_in
from conformance.cda.header.example import EXAMPLE, LEVEL_1_EXAMPLE
from conformance.cda.header.kinds import MISSING, WARN, at_most, found, is_oid, known, once, once_filled, some_filled
from conformance.cda.namespaces import XSI, h
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text
from conformance.terminology import value_sets

HL7_FRANCE: Final = "2.16.840.1.113883.2.8.2.1"
CI_SIS: Final = "1.2.250.1.213.1.1.1.1"
XDS_SD: Final = "1.3.6.1.4.1.19376.1.2.20"
CDA_R2: Final = ("2.16.840.1.113883.1.3", "POCD_HD000040")

_SECTION: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5"


def _models(node: etree._Element, context: Context) -> Iterator[Violation]:
    """HL7 France and CI-SIS once each, then the model of the document."""
    roots = [child.get("root") for child in node.iterchildren(h("templateId"))]
    for oid in (HL7_FRANCE, CI_SIS):
        if roots.count(oid) != 1:
            times = roots.count(oid)
            yield Violation(node, Text(f"{oid} y est {times} fois", f"{oid} is there {times} times"))
    if not set(roots) - {HL7_FRANCE, CI_SIS}:
        yield Violation(node, Text("aucun modèle propre au document", "no model of the document's own"))


def _drop_model(node: etree._Element) -> None:
    for child in list(node.iterchildren(h("templateId")))[2:]:
        node.remove(child)


def _model_order(node: etree._Element, context: Context) -> Iterator[Violation]:
    children = list(node.iterchildren(h("templateId")))
    roots = [child.get("root") for child in children]
    if {HL7_FRANCE, CI_SIS} <= set(roots) and roots[:2] != [HL7_FRANCE, CI_SIS]:
        yield Violation(
            children[0], Text(f"trouvé d'abord {roots[0]}, {roots[1]}", f"found first {roots[0]}, {roots[1]}")
        )


def _swap_models(node: etree._Element) -> None:
    first = node.find(h("templateId"))
    assert first is not None
    second = first.getnext()
    assert second is not None
    second.addnext(first)


def _type_id(node: etree._Element, context: Context) -> Iterator[Violation]:
    for element in node.iterchildren(h("typeId")):
        pair = (element.get("root"), element.get("extension"))
        if pair != CDA_R2:
            yield Violation(element, found(f"{pair[0]} {pair[1]}"))


def _spoil_type_id(node: etree._Element) -> None:
    element = node.find(h("typeId"))
    assert element is not None
    element.set("extension", "POCD_HD000020")


_LANGUAGE: Final = re.compile(r"[a-z]{2}-[A-Z]{2}")
_INTEGER: Final = re.compile(r"-?[0-9]{1,30}")


def _version_form(value: str) -> bool:
    return _INTEGER.fullmatch(value) is not None and int(value) >= 1


def _version_is_integer(value: str) -> bool:
    return _INTEGER.fullmatch(value) is not None


def _document_oid(value: str) -> bool:
    return is_oid(value) and len(value) <= 64


def _location(node: etree._Element, context: Context) -> Iterator[Violation]:
    name = f"{{{XSI}}}schemaLocation"
    if name in node.attrib:
        yield Violation(node, Text("il est présent", "it is present"), name)


def _add_location(node: etree._Element) -> None:
    node.set(f"{{{XSI}}}schemaLocation", "urn:hl7-org:v3 CDA.xsd")


def _long_title(node: etree._Element, context: Context) -> Iterator[Violation]:
    for title in node.iterchildren(h("title")):
        length = len((title.text or "").strip())
        if length > 128:
            yield Violation(title, Text(f"il en a {length}", f"it has {length}"))


def _lengthen_title(node: etree._Element) -> None:
    title = node.find(h("title"))
    assert title is not None
    title.text = "T" * 129


def _codes(node: etree._Element, context: Context) -> Iterator[Violation]:
    for element in node.iterchildren(h("confidentialityCode")):
        if element.get("code") in ("L", "M", "U"):
            yield Violation(element, found(element.get("code")), "code")


def _confidential(node: etree._Element) -> None:
    element = node.find(h("confidentialityCode"))
    assert element is not None
    element.set("code", "U")
    element.set("displayName", "Non restreint")


DOCUMENT: Final = Template(
    key="header.document",
    name=Text("Document (ClinicalDocument)", "Document (ClinicalDocument)"),
    element="ClinicalDocument",
    layer="header",
    source=_SECTION,
    example=EXAMPLE,
    constraints=(
        one_of("@classCode", "DOCCLIN", optional=True, official="StrucMin"),
        one_of("@moodCode", "EVN", optional=True, official="StrucMin"),
        Rule(
            Text(
                "xsi:schemaLocation ne doit pas figurer : le chemin du destinataire n'est pas connu",
                "xsi:schemaLocation must not be there: the receiver's path is not known",
            ),
            _location,
            _add_location,
            key="schema-location",
            severity=WARN,
            source="CI-SIS Structuration minimale v1.16.8 §3.3.1",
            beyond=Text("Le texte le demande, aucune règle officielle ne le vérifie.",
                        "The text asks it, no official rule checks it."),
        ),
        once_filled("realmCode", official="StrucMin"),
        one_of("realmCode/@code", "FR", optional=True, official="StrucMin"),
        once("typeId", official="StrucMin"),
        Rule(
            Text(
                f"typeId doit avoir root {CDA_R2[0]} et extension {CDA_R2[1]} (CDA R2)",
                f"typeId must have root {CDA_R2[0]} and extension {CDA_R2[1]} (CDA R2)",
            ),
            _type_id,
            _spoil_type_id,
            key="typeId.value",
            source=f"{_SECTION}.2",
            beyond=Text(
                "Avec un autre typeId, les règles officielles n'ont qu'un avertissement et ne regardent plus rien.",
                "With another typeId, the official rules only warn, and look at nothing any more.",
            ),
        ),
        Rule(
            Text(
                f"templateId doit déclarer {HL7_FRANCE} (HL7 France), {CI_SIS} (CI-SIS), une fois chacun, puis le modèle du document",
                f"templateId must declare {HL7_FRANCE} (HL7 France), {CI_SIS} (CI-SIS), once each, then the model of the document",
            ),
            _models,
            _drop_model,
            key="templateId.models",
            source=f"{_SECTION}.3",
            official="StrucMin",
        ),
        Rule(
            Text("les deux premiers templateId doivent être HL7 France puis CI-SIS",
                 "the first two templateId must be HL7 France, then CI-SIS"),
            _model_order,
            _swap_models,
            key="templateId.order",
            severity=WARN,
            source=f"{_SECTION}.3",
            beyond=Text("Le texte donne l'ordre, les règles officielles l'ignorent.",
                        "The text gives the order, the official rules ignore it."),
        ),
        once_filled("id", source=f"{_SECTION}.4", official="StrucMin", hint=Text("Donnez à chaque version du document un identifiant unique : un OID de votre espace.",
                          "Give each version of the document a unique identifier: an OID of your own space.")),
        formed("id/@root", _document_oid, Text("un OID de 64 caractères au plus", "an OID of at most 64 characters"),
               "2A1B0C3D-1111-2222-3333-444455556666", key="id.oid", source=f"{_SECTION}.4, §3.5.7.4",
               beyond=Text("Le texte n'admet qu'un OID de 64 caractères au plus ; les règles officielles admettent aussi l'UUID.",
                           "The text only allows an OID of at most 64 characters; the official rules also accept a UUID.")),
        once_filled("code", source=f"{_SECTION}.5", official="StrucMin"),
        *coded_in("code", value_sets.DOCUMENT_TYPE.name, optional=True, source=f"{_SECTION}.5", official="StrucMin"),
        once_filled("title", source=f"{_SECTION}.6", official="StrucMin"),
        Rule(
            Text("le titre doit avoir 128 caractères au plus", "the title must have at most 128 characters"),
            _long_title,
            _lengthen_title,
            key="title.length",
            source=f"{_SECTION}.6",
            beyond=Text("Le texte limite le titre à 128 caractères, aucune règle officielle ne le vérifie.",
                        "The text limits the title to 128 characters, no official rule checks it."),
        ),
        once_filled("effectiveTime", source=f"{_SECTION}.7", official="StrucMin"),
        once_filled("confidentialityCode", source=f"{_SECTION}.8", official="StrucMin"),
        *coded_in("confidentialityCode", value_sets.CONFIDENTIALITY_HL7.name, optional=True,
                  source=f"{_SECTION}.8", official="StrucMin"),
        Rule(
            Text("la confidentialité doit valoir N, R ou V", "the confidentiality must be N, R or V"),
            _codes,
            _confidential,
            key="confidentialityCode.basic",
            severity=WARN,
            source=f"{_SECTION}.8",
            beyond=Text("Depuis la version 1.16.5 le texte renvoie à un jeu réduit ; les règles officielles en admettent six.",
                        "Since version 1.16.5 the text points to a smaller set; the official rules accept six."),
        ),
        once_filled("languageCode", source=f"{_SECTION}.9", official="StrucMin"),
        formed("languageCode/@code", lambda value: _LANGUAGE.fullmatch(value) is not None,
               Text("de la forme fr-FR (langue en minuscules, pays en majuscules)",
                    "of the form fr-FR (language in lower case, country in upper case)"),
               "fr", key="languageCode.form", source=f"{_SECTION}.9", official="StrucMin"),
        formed("languageCode/@code", lambda value: value == "fr-FR" or not _LANGUAGE.fullmatch(value),
               Text("fr-FR pour un document en français", "fr-FR for a document in French"), "en-US",
               key="languageCode.french", severity=WARN, source=f"{_SECTION}.9",
               beyond=Text("Le texte veut fr-FR, les règles officielles admettent toute langue.",
                           "The text wants fr-FR, the official rules accept any language.")),
        once_filled("setId", source=f"{_SECTION}.10", official="StrucMin", hint=Text("setId est commun à toutes les versions du document ; la première version le fixe.",
                          "setId is common to all versions of the document; the first version sets it.")),
        once_filled("versionNumber", source=f"{_SECTION}.11", official="StrucMin", hint=Text("Écrivez 1 pour la première version, puis ajoutez 1 à chaque nouvelle version.",
                          "Write 1 for the first version, then add 1 for each new version.")),
        formed("versionNumber/@value", _version_is_integer, Text("un nombre entier", "an integer"), "deux",
               key="versionNumber.integer", source=f"{_SECTION}.11", official="StrucMin"),
        formed("versionNumber/@value", lambda value: _version_form(value) or not _version_is_integer(value),
               Text("un entier à partir de 1", "an integer from 1"), "0",
               key="versionNumber.positive", source=f"{_SECTION}.11",
               beyond=Text("Les versions se comptent à partir de 1 ; les règles officielles admettent 0 et moins.",
                           "Versions count from 1; the official rules accept 0 and below.")),
        at_most(0, "copyTime", severity=WARN, source="CI-SIS Structuration minimale v1.16.8 §3.5.1",
                official="StrucMin (warning)"),
        once_filled("recordTarget", official="StrucMin", hint=Text("recordTarget décrit le patient : un document concerne un seul patient.",
                          "recordTarget describes the patient: a document is about one patient only.")),
        some_filled("author", official="StrucMin"),
        at_most(1, "dataEnterer", official="StrucMin"),
        once_filled("custodian", official="StrucMin", hint=Text("custodian nomme la structure qui conserve le document.",
                          "custodian names the organization that keeps the document.")),
        once("legalAuthenticator", official="StrucMin", hint=Text("legalAuthenticator nomme qui prend la responsabilité du document.",
                          "legalAuthenticator names who takes responsibility for the document.")),
        some_filled("documentationOf", official="StrucMin", hint=Text("documentationOf décrit l'acte principal : sa date, son exécutant et le cadre d'exercice.",
                          "documentationOf describes the main event: its date, its performer and the practice setting.")),
        once_filled("componentOf", official="StrucMin", hint=Text("componentOf décrit la prise en charge : ses dates et son secteur d'activité (healthCareFacility/code).",
                          "componentOf describes the encounter: its dates and its sector of activity (healthCareFacility/code).")),
        once("component", official="StrucMin"),
        choice("component", ("structuredBody", "nonXMLBody"),
               Text("le corps doit être structuré (structuredBody) ou non (nonXMLBody)",
                    "the body must be structured (structuredBody) or not (nonXMLBody)"), official="StrucMin"),
        known("templateId", official="StrucMin"),
    ),
)  # fmt: skip


def _level_1_models(node: etree._Element, context: Context) -> Iterator[Violation]:
    roots = [child.get("root") for child in node.iterchildren(h("templateId"))]
    if len(roots) != 3 or XDS_SD not in roots:
        said = (
            MISSING
            if XDS_SD not in roots
            else Text(f"il y a {len(roots)} templateId", f"there are {len(roots)} templateId")
        )
        yield Violation(node, said)


def _another_model(node: etree._Element) -> None:
    last = node.findall(h("templateId"))[-1]
    last.addnext(etree.Element(h("templateId"), root="1.2.3.4.5.6"))


def _not_structured(node: etree._Element) -> bool:
    return node.find(f"{h('component')}/{h('nonXMLBody')}") is not None


NOT_STRUCTURED: Final = Template(
    key="header.level-1",
    name=Text("Document non structuré (nonXMLBody)", "Document that is not structured (nonXMLBody)"),
    element="ClinicalDocument",
    layer="header",
    where=_not_structured,
    source="CI-SIS Structuration minimale v1.16.8 §3.5.5.3, §3.7.2",
    example=LEVEL_1_EXAMPLE,
    constraints=(
        Rule(
            Text(
                f"il doit déclarer trois templateId : HL7 France, CI-SIS et {XDS_SD} (IHE XDS-SD)",
                f"it must declare three templateId: HL7 France, CI-SIS and {XDS_SD} (IHE XDS-SD)",
            ),
            _level_1_models,
            _another_model,
            key="models",
            official="StrucMin",
        ),
    ),
)
