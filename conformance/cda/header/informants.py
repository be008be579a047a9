"""Who typed the document (dataEnterer) and who informed (informant).

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.14, §3.5.5.15.
"""

from __future__ import annotations

from typing import Final

from conformance.cda.header.choices import choice
from conformance.cda.header.coded import coded_in
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import WARN, at_most, once, some, valued, with_attributes
from conformance.cda.header.persons import UNTESTED, system_is_oid
from conformance.cda.header.places import clinical_document
from conformance.cda.rules import Template
from conformance.core.language import Text
from conformance.terminology import value_sets

_TEXT: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5"

DATA_ENTERER: Final = Template(
    key="header.data-enterer",
    name=Text("Opérateur de saisie (dataEnterer)", "Data enterer (dataEnterer)"),
    element="dataEnterer",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.14",
    example=EXAMPLE,
    constraints=(
        once("time", severity=WARN, source=f"{_TEXT}.14.1", beyond=UNTESTED),
        once("assignedEntity", source=f"{_TEXT}.14.2", beyond=UNTESTED),
        some("assignedEntity/id", severity=WARN, source=f"{_TEXT}.14.2", beyond=UNTESTED),
    ),
)

INFORMANT: Final = Template(
    key="header.informant",
    name=Text("Informateur (informant)", "Informant (informant)"),
    element="informant",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.15",
    example=EXAMPLE,
    constraints=(
        choice(
            ".",
            ("assignedEntity", "relatedEntity"),
            Text(
                "l'informateur doit être une entité (assignedEntity) ou un proche (relatedEntity), et un seul",
                "the informant must be an entity (assignedEntity) or a close person (relatedEntity), and only one",
            ),
            official="StrucMin",
        ),
        once("assignedEntity/id", source="CI-SIS Structuration minimale v1.16.8 §3.5.6.3", official="StrucMin"),
        with_attributes("assignedEntity/id", "extension", official="StrucMin"),
        at_most(1, "assignedEntity/code", official="StrucMin"),
        system_is_oid("assignedEntity/code"),
        at_most(1, "assignedEntity/assignedPerson", official="StrucMin"),
        at_most(1, "assignedEntity/representedOrganization", official="StrucMin"),
        valued(
            "relatedEntity/@classCode",
            *(code for code, _system in value_sets.INFORMANT_ROLE.concepts),
            source=f"{_TEXT}.15.2",
            official="StrucMin",
            hint=Text(
                "CON informateur, NOK personne de confiance, ECON à prévenir en cas d'urgence, CAREGIVER aidant, PAT aidé.",
                "CON informant, NOK trusted person, ECON emergency contact, CAREGIVER carer, PAT person cared for.",
            ),
        ),
        at_most(1, "relatedEntity/code", official="StrucMin"),
        *coded_in(
            "relatedEntity/code", value_sets.RELATION_TO_PATIENT.name, source=f"{_TEXT}.15.2.1", official="StrucMin"
        ),
        at_most(1, "relatedEntity/code/originalText", official="StrucMin"),
        once("relatedEntity/relatedPerson", source=f"{_TEXT}.15.2.4", official="StrucMin"),
    ),
)
