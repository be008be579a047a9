"""Other people and structures involved (participant).

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.20.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule, one_of
from conformance.cda.header.coded import coded_in
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import WARN, at_most, known, once, with_attributes
from conformance.cda.header.persons import UNTESTED
from conformance.cda.header.places import clinical_document
from conformance.cda.namespaces import h
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text
from conformance.terminology import value_sets

_SECTION: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5.20"


def _prescription_date(node: etree._Element, context: Context) -> Iterator[Violation]:
    if node.get("typeCode") != "REF":
        return
    for time in node.iterchildren(h("time")):
        if "nullFlavor" not in time.attrib and time.find(h("high")) is None:
            yield Violation(time, Text("il manque high", "high is missing"))


def _drop_high(node: etree._Element) -> None:
    time = node.find(h("time"))
    assert time is not None
    high = time.find(h("high"))
    assert high is not None
    time.remove(high)


PARTICIPANT: Final = Template(
    key="header.participant",
    name=Text("Participant (participant)", "Participant (participant)"),
    element="participant",
    where=clinical_document,
    layer="header",
    source=_SECTION,
    example=EXAMPLE,
    constraints=(
        one_of("@typeCode", *(code for code, _system in value_sets.PARTICIPATION_TYPE.concepts), optional=True,
               official="StrucMin"),
        at_most(1, "templateId", official="StrucMin"),
        at_most(1, "functionCode", official="StrucMin"),
        *coded_in("functionCode", value_sets.FUNCTION.name, label=False, optional=True, source=f"{_SECTION}.1.1",
                  official="StrucMin"),
        at_most(1, "functionCode/originalText", official="StrucMin"),
        once("time", source=f"{_SECTION}.1.2", official="StrucMin"),
        Rule(
            Text("pour le prescripteur (typeCode REF), time/high doit donner la date de la prescription",
                 "for the prescriber (typeCode REF), time/high must give the date of the prescription"),
            _prescription_date,
            _drop_high,
            key="prescription-date",
            severity=WARN,  # two published examples give no date
            source=f"{_SECTION}.1.2.2",
            beyond=UNTESTED,
        ),
        once("associatedEntity", official="StrucMin"),
        one_of("associatedEntity/@classCode", "PROV", "AGNT", optional=True, source=f"{_SECTION}.1.3", official="StrucMin"),
        at_most(1, "associatedEntity/id", official="StrucMin"),
        known("associatedEntity/id", source=f"{_SECTION}.1.3.1", official="StrucMin"),
        with_attributes("associatedEntity/id", "extension", source=f"{_SECTION}.1.3.1", official="StrucMin"),
        at_most(1, "associatedEntity/code", official="StrucMin"),
        *coded_in("associatedEntity/code", value_sets.AUTHOR_SPECIALTY.name, source=f"{_SECTION}.1.3.2", official="StrucMin"),
        at_most(1, "associatedEntity/associatedPerson", official="StrucMin"),
        at_most(1, "associatedEntity/scopingOrganization", official="StrucMin"),
        at_most(1, "associatedEntity/scopingOrganization/id", official="StrucMin"),
        at_most(1, "associatedEntity/scopingOrganization/name", official="StrucMin"),
        at_most(1, "associatedEntity/scopingOrganization/standardIndustryClassCode", official="StrucMin"),
    ),
)  # fmt: skip
