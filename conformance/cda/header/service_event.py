"""What was ordered (inFulfillmentOf) and what is documented (documentationOf).

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.21, §3.5.5.22.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule, fixed, formed
from conformance.cda.header.coded import coded_in
from conformance.cda.header.dates import instant
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import at_most, drop, is_oid, once, once_filled
from conformance.cda.header.persons import labelled
from conformance.cda.header.places import clinical_document
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text
from conformance.terminology import value_sets

_TEXT: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5"
_ENTITY: Final = "serviceEvent/performer/assignedEntity"

ORDER: Final = Template(
    key="header.order",
    name=Text("Prescription (inFulfillmentOf)", "Order (inFulfillmentOf)"),
    element="inFulfillmentOf",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.21",
    example=EXAMPLE,
    constraints=(
        once("order", official="StrucMin"),
        once("order/id", source=f"{_TEXT}.21.1.1.1", official="StrucMin"),
        at_most(1, "order/code", official="StrucMin"),
        at_most(1, "order/code/originalText", official="StrucMin"),
        at_most(1, "order/ps3-20:accessionNumber", source=f"{_TEXT}.21.1.1.2", official="StrucMin"),
    ),
)


def _is_main(node: etree._Element) -> bool:
    return clinical_document(node) and next(node.itersiblings(h("documentationOf"), preceding=True), None) is None


MAIN_EVENT: Final = Template(
    key="header.main-event",
    name=Text("Acte principal documenté (premier documentationOf)", "Main documented event (first documentationOf)"),
    element="documentationOf",
    where=_is_main,
    layer="header",
    source=f"{_TEXT}.22",
    example=EXAMPLE,
    constraints=(
        once("serviceEvent/performer", source=f"{_TEXT}.22.1.4", official="StrucMin"),
        once("serviceEvent/effectiveTime", source=f"{_TEXT}.22.1.3", official="StrucMin"),
    ),
)


def _own_code(node: etree._Element, context: Context) -> Iterator[Violation]:
    for code in path("serviceEvent/code").elements(node):
        known = [name for name in ("code", "codeSystem") if name in code.attrib]
        if not known and "nullFlavor" not in code.attrib:
            yield Violation(code, Text("ni code, ni nullFlavor", "neither code nor nullFlavor"))
        elif known and code.get("nullFlavor") in ("OTH", "NA", "UNC"):  # beside any other, the rule on nulls speaks
            yield Violation(code, Text(f"nullFlavor à côté de {known[0]}", f"nullFlavor beside {known[0]}"))


def _no_code(node: etree._Element) -> None:
    for code in path("serviceEvent/code").elements(node):
        drop(code, "code", "codeSystem", "displayName")


def _low_before_high(node: etree._Element, context: Context) -> Iterator[Violation]:
    for period in path("serviceEvent/effectiveTime").elements(node):
        low, high = (period.find(h(name)) for name in ("low", "high"))
        if low is None or high is None:
            continue
        first, last = instant(low.get("value", "")), instant(high.get("value", ""))
        if first is not None and last is not None and first > last:
            yield Violation(
                period,
                Text(
                    f"low {low.get('value')}, high {high.get('value')}",
                    f"low {low.get('value')}, high {high.get('value')}",
                ),
            )


def _early_high(node: etree._Element) -> None:
    high = path("serviceEvent/effectiveTime/high").elements(node)[0]
    high.set("value", "202001010000+0100")


EVENT: Final = Template(
    key="header.event",
    name=Text("Acte documenté (documentationOf)", "Documented event (documentationOf)"),
    element="documentationOf",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.22",
    example=EXAMPLE,
    constraints=(
        once_filled("serviceEvent", official="StrucMin"),
        at_most(1, "serviceEvent/code", official="StrucMin"),
        Rule(
            Text("serviceEvent/code doit porter code et codeSystem, ou un nullFlavor",
                 "serviceEvent/code must have code and codeSystem, or a nullFlavor"),
            _own_code,
            _no_code,
            key="code.known",
            source=f"{_TEXT}.22.1.2",
            official="StrucMin",
        ),
        formed("serviceEvent/code/@codeSystem", is_oid, Text("un OID", "an OID"), "LOINC", key="code.system",
               source=f"{_TEXT}.22.1.2", official="StrucMin"),
        labelled("serviceEvent/code"),
        at_most(1, "serviceEvent/code/originalText", official="StrucMin"),
        at_most(1, "serviceEvent/code/translation/qualifier", official="StrucMin"),
        once("serviceEvent/code/translation/qualifier/name", official="StrucMin"),
        at_most(1, "serviceEvent/lab:statusCode", official="StrucMin"),
        at_most(1, "serviceEvent/effectiveTime", when=lambda node: not _is_main(node), official="StrucMin"),
        once("serviceEvent/effectiveTime/low", source=f"{_TEXT}.22.1.3", official="StrucMin"),
        at_most(1, "serviceEvent/effectiveTime/high", official="StrucMin"),
        Rule(
            Text("l'acte doit commencer avant de finir (effectiveTime)", "the event must begin before it ends (effectiveTime)"),
            _low_before_high,
            _early_high,
            key="period",
            source=f"{_TEXT}.22.1.3",
            beyond=Text("Les règles officielles ne comparent pas ces deux bornes.",
                        "The official rules do not compare these two bounds."),
        ),
        fixed("serviceEvent/performer/@typeCode", "PRF", optional=True, source=f"{_TEXT}.22.1.4",
              beyond=Text("Avec un autre code, la règle officielle avertit et ne regarde plus l'exécutant.",
                          "With another code, the official rule warns and looks at the performer no more.")),
        at_most(1, "serviceEvent/performer", when=lambda node: not _is_main(node), official="StrucMin"),
        at_most(1, "serviceEvent/performer/functionCode", official="StrucMin"),
        at_most(1, "serviceEvent/performer/time", official="StrucMin"),
        once(_ENTITY, official="StrucMin"),
        once(f"{_ENTITY}/id", source=f"{_TEXT}.22.1.4.1.1", official="StrucMin"),
        at_most(1, f"{_ENTITY}/code", official="StrucMin"),
        *coded_in(f"{_ENTITY}/code", value_sets.AUTHOR_SPECIALTY.name, label=False, oid=False, optional=True,
                  source=f"{_TEXT}.22.1.4.1.2", official="StrucMin"),
        labelled(f"{_ENTITY}/code"),
        at_most(1, f"{_ENTITY}/assignedPerson", official="StrucMin"),
        once(f"{_ENTITY}/representedOrganization", source=f"{_TEXT}.22.1.4.1.6", official="StrucMin"),
        once_filled(f"{_ENTITY}/representedOrganization/standardIndustryClassCode",
                    source=f"{_TEXT}.22.1.4.1.6.1", official="StrucMin"),
        *(
            at_most(1, f"{_ENTITY}/representedOrganization/{name}", official="StrucMin")
            for name in ("asOrganizationPartOf", "asOrganizationPartOf/code", "asOrganizationPartOf/statusCode",
                         "asOrganizationPartOf/effectiveTime")
        ),
    ),
)  # fmt: skip
