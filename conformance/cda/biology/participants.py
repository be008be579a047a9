"""Who validated, who executed, who answers for the examination: header and body.

Source: CI-SIS, volet CR d'examens de biologie médicale (Entete_CR-BIO rules 3 to 6, FR-Laboratoire-executant);
IHE PaLM, Laboratory Performer.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.making import HEADER, template
from conformance.cda.constraints import declares, required
from conformance.cda.content.examples import templates
from conformance.cda.content.kinds import named
from conformance.cda.namespaces import h
from conformance.cda.rules import Condition, Constraint, Template, carries
from conformance.core.language import Text

_ENTETE: Final = "volet:Entete_CR-BIO "
_ENTITY: Final = "assignedEntity"
_ORGANISATION: Final = "assignedEntity/representedOrganization"


def _has(where: str) -> Condition:
    """Condition: the node has an element at this plain path."""
    steps = "/".join(h(step) for step in where.split("/"))
    return lambda node: node.find(steps) is not None


def _parts(where: str, official: dict[str, str], when: Condition | None = None) -> tuple[Constraint, ...]:
    """``where`` has each of these parts; the values are the official rules."""
    return tuple(required(f"{where}/{part}", official=rule, when=when) for part, rule in official.items())


def _in_header(node: etree._Element) -> bool:
    """A performer of a documented act."""
    event = node.getparent()
    return event is not None and event.tag == h("serviceEvent")


def _of_the_volet(node: etree._Element) -> bool:
    """The rules on the template ask the same of the laboratory that declares it; said once."""
    return not carries(node, oids.LABORATORY)


PARTICIPANTS: Final[tuple[Template, ...]] = (
    template(
        "cr-bio-validator", Text("Biologiste validateur", "Validating biologist"), "",
        declares(oids.VALIDATOR, official=_ENTETE + "3.1"),
        required("time", official=_ENTETE + "3.2"),
        *_parts(_ENTITY, {"addr": _ENTETE + "3.3", "telecom": _ENTETE + "3.4"}),
        *_parts(_ORGANISATION, {"id": _ENTETE + "3.5", "name": _ENTETE + "3.6", "telecom": _ENTETE + "3.7",
                                "addr": _ENTETE + "3.8"}, _has(_ORGANISATION)),
        element="authenticator", layer=HEADER,
        example=f"<authenticator>{templates(oids.VALIDATOR)}<time/>{ex.ENTITY}</authenticator>",
    ),
    template(
        "cr-bio-act", Text("Acte documenté", "Documented act"), "",
        required("code", official=_ENTETE + "4.1", hint=Text(
            "Donnez le code LOINC du chapitre.", "Give the LOINC code of the chapter.")),
        element="serviceEvent", layer=HEADER,
        example='<serviceEvent><code code="18719-5" codeSystem="2.16.840.1.113883.6.1"/></serviceEvent>',
    ),
    template(
        "cr-bio-executing-laboratory", Text("Laboratoire exécutant de l'acte", "Executing laboratory of the act"), "",
        required("time", when=_of_the_volet, official=_ENTETE + "5.1"),
        *_parts(_ENTITY, {"addr": _ENTETE + "5.2", "telecom": _ENTETE + "5.3", "assignedPerson/name": _ENTETE + "5.4"}),
        *_parts(_ORGANISATION, {"id": _ENTETE + "5.5", "name": _ENTETE + "5.6", "telecom": _ENTETE + "5.7",
                                "addr": _ENTETE + "5.8", "standardIndustryClassCode": _ENTETE + "5.9"}, _of_the_volet),
        element="performer", where=_in_header, layer=HEADER,
        example=f'<serviceEvent><code code="18719-5" codeSystem="2.16.840.1.113883.6.1"/>{ex.performer()}</serviceEvent>',
    ),
    template(
        "cr-bio-responsible", Text("Biologiste responsable", "Responsible biologist"), "",
        *_parts("responsibleParty/assignedEntity", {"id": _ENTETE + "6.1", "code": _ENTETE + "6.2",
                                                    "assignedPerson/name/family": _ENTETE + "6.3"}),
        element="encompassingEncounter", layer=HEADER,
        example=f"<encompassingEncounter><responsibleParty>{ex.ENTITY}</responsibleParty></encompassingEncounter>",
    ),
    template(
        "cr-bio-laboratory", Text("FR-Laboratoire-executant", "FR-Laboratoire-executant"), oids.LABORATORY,
        named("performer", official="content:E_laboratoireExecutant_fr 1.1 · volet:E_FR-Laboratoire-executant 1.1"),
        required("time", official="content:E_laboratoireExecutant_fr 1.2 · volet:E_FR-Laboratoire-executant 1.3"),
        required(_ENTITY + "/id", official="content:E_laboratoireExecutant_fr 1.3"),
        *_parts(_ORGANISATION, {
            "id": "content:E_laboratoireExecutant_fr 1.4 · volet:E_FR-Laboratoire-executant 1.2",
            "name": "content:E_laboratoireExecutant_fr 1.4 · volet:E_FR-Laboratoire-executant 1.2",
            "telecom": "content:E_laboratoireExecutant_fr 1.4",
            "addr": "content:E_laboratoireExecutant_fr 1.4",
            "standardIndustryClassCode": "content:E_laboratoireExecutant_fr 1.4",
        }),
        example=ex.performer(oids.LABORATORY, oids.FR_LABORATORY),
    ),
)  # fmt: skip
