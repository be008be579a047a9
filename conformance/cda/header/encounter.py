"""The encounter in which the documented event took place (componentOf).

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.25.
"""

from __future__ import annotations

from typing import Final

from conformance.cda.constraints import fixed, one_of
from conformance.cda.header.coded import coded_in
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import at_most, known, once, once_filled, with_attributes
from conformance.cda.header.places import clinical_document
from conformance.cda.header.professionals import one_professional, professional_entity
from conformance.cda.namespaces import h
from conformance.cda.rules import Template
from conformance.core.language import Text
from conformance.terminology import value_sets

_SECTION: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5.25"
_FACILITY: Final = "encompassingEncounter/location/healthCareFacility"

ENCOUNTER: Final = Template(
    key="header.encounter",
    name=Text("Prise en charge (componentOf)", "Encounter (componentOf)"),
    element="componentOf",
    where=clinical_document,
    layer="header",
    source=_SECTION,
    example=EXAMPLE,
    constraints=(
        once_filled("encompassingEncounter", source=f"{_SECTION}.1", official="StrucMin"),
        known("encompassingEncounter/id", source=f"{_SECTION}.1.1", official="StrucMin"),
        at_most(1, "encompassingEncounter/code", official="StrucMin"),
        *coded_in("encompassingEncounter/code", value_sets.ENCOUNTER_TYPE.name, source=f"{_SECTION}.1.2", official="StrucMin"),
        once("encompassingEncounter/effectiveTime", source=f"{_SECTION}.1.3", official="StrucMin"),
        at_most(1, "encompassingEncounter/dischargeDispositionCode", official="StrucMin"),
        with_attributes("encompassingEncounter/dischargeDispositionCode", "code", "displayName", null=False,
                        source=f"{_SECTION}.1.4", official="StrucMin"),
        fixed("encompassingEncounter/dischargeDispositionCode/@codeSystem", "1.2.250.1.213.2.14", optional=True,
              source=f"{_SECTION}.1.4", official="StrucMin"),
        at_most(1, "encompassingEncounter/responsibleParty", official="StrucMin"),
        once("encompassingEncounter/location", source=f"{_SECTION}.1.7", official="StrucMin"),
        once_filled(_FACILITY, source=f"{_SECTION}.1.7", official="StrucMin"),
        once_filled(f"{_FACILITY}/code", source=f"{_SECTION}.1.7.1.1", official="StrucMin"),
        *coded_in(f"{_FACILITY}/code", value_sets.HEALTHCARE_FACILITY_TYPE.name, source=f"{_SECTION}.1.7.1.1", optional=True,
                  official="StrucMin"),
        with_attributes(f"{_FACILITY}/code/translation", "code", "codeSystem", "displayName", null=False,
                        source=f"{_SECTION}.1.7.2", official="StrucMin"),
        at_most(1, f"{_FACILITY}/location", official="StrucMin"),
        at_most(1, f"{_FACILITY}/location/name", official="StrucMin"),
        at_most(1, f"{_FACILITY}/location/addr", official="StrucMin"),
    ),
)  # fmt: skip


RESPONSIBLE_PARTY: Final = Template(
    key="header.responsible-party",
    name=Text(
        "Responsable de la prise en charge (responsibleParty)", "Responsible for the encounter (responsibleParty)"
    ),
    element="responsibleParty",
    where=lambda node: node.getparent().tag == h("encompassingEncounter"),  # type: ignore[union-attr]  # never the root
    layer="header",
    source=f"{_SECTION}.1.5",
    example=EXAMPLE,
    constraints=(
        once("assignedEntity", official="StrucMin"),
        one_professional(f"{_SECTION}.1.5"),
        known("assignedEntity/representedOrganization/id", official="StrucMin"),
        *professional_entity(),
    ),
)

ENCOUNTER_PARTICIPANT: Final = Template(
    key="header.encounter-participant",
    name=Text("Intervenant de la prise en charge (encounterParticipant)", "Participant in the encounter (encounterParticipant)"),
    element="encounterParticipant",
    layer="header",
    source=f"{_SECTION}.1.6",
    example=EXAMPLE,
    constraints=(
        one_of("@typeCode", *(code for code, _system in value_sets.ENCOUNTER_PARTICIPATION_TYPE.concepts), optional=True,
               official="StrucMin"),
        at_most(1, "time", official="StrucMin"),
        once("assignedEntity", official="StrucMin"),
        one_professional(f"{_SECTION}.1.6"),
        *professional_entity(),
    ),
)  # fmt: skip
