"""The structure that keeps the document (custodian) and those for whom it is intended (informationRecipient).

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.16, §3.5.5.17.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule, formed, one_of
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.identifiers import is_root
from conformance.cda.header.kinds import WARN, at_most, once, once_filled, with_attributes
from conformance.cda.header.persons import HEALTH_INSURANCE_ROOT, PS_ROOT, STRUCTURE_ROOT, id_of_structure
from conformance.cda.header.places import clinical_document
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text

_TEXT: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5"
_KEEPER: Final = "assignedCustodian/representedCustodianOrganization"
DMP_ROOT: Final = "1.2.250.1.213.4.1"


def _keeper_extension(node: etree._Element, context: Context) -> Iterator[Violation]:
    for identifier in path(f"{_KEEPER}/id").elements(node):
        if identifier.get("root") == STRUCTURE_ROOT and "extension" not in identifier.attrib:
            yield Violation(identifier, Text("il manque extension", "extension is missing"))


def _drop_extension(node: etree._Element) -> None:
    del path(f"{_KEEPER}/id").elements(node)[0].attrib["extension"]


def _dmp_extension(node: etree._Element, context: Context) -> Iterator[Violation]:
    for identifier in path(f"{_KEEPER}/id").elements(node):
        if identifier.get("root") == DMP_ROOT and "extension" in identifier.attrib:
            yield Violation(identifier, Text("trouvé extension", "found extension"), "extension")


def _dmp_with_extension(node: etree._Element) -> None:
    path(f"{_KEEPER}/id").elements(node)[0].set("root", DMP_ROOT)


CUSTODIAN: Final = Template(
    key="header.custodian",
    name=Text("Structure conservant le document (custodian)", "Organization keeping the document (custodian)"),
    element="custodian",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.16",
    example=EXAMPLE,
    constraints=(
        once("assignedCustodian", official="StrucMin"),
        once(_KEEPER, official="StrucMin"),
        once_filled(f"{_KEEPER}/id", source=f"{_TEXT}.16.1.1.1.1", official="StrucMin"),
        formed(f"{_KEEPER}/id/@root", lambda value: value in (STRUCTURE_ROOT, DMP_ROOT) or not is_root(value),
               Text(f"{STRUCTURE_ROOT} (structure) ou {DMP_ROOT} (DMP)", f"{STRUCTURE_ROOT} (organization) or {DMP_ROOT} (DMP)"),
               "1.2.3.4.5", key="id.root", source=f"{_TEXT}.16.1.1.1.1",
               official="StrucMin",
               hint=Text("La racine est celle des structures (FINESS, SIRET…), ou celle du DMP quand il conserve le document.",
                         "The root is that of the organizations (FINESS, SIRET…), or that of the DMP when it keeps the document.")),
        Rule(
            Text("l'identifiant d'une structure doit porter extension (préfixe puis FINESS ou SIRET)",
                 "the identifier of an organization must have an extension (prefix, then FINESS or SIRET)"),
            _keeper_extension,
            _drop_extension,
            key="id.extension",
            source=f"{_TEXT}.16.1.1.1.1",
            beyond=Text("La racine est commune à toutes les structures : sans extension, aucune n'est désignée.",
                        "The root is common to all organizations: without extension, none is named."),
        ),
        Rule(
            Text("l'identifiant du DMP ne doit pas avoir d'extension", "the identifier of the DMP must have no extension"),
            _dmp_extension,
            _dmp_with_extension,
            key="id.dmp",
            severity=WARN,
            source=f"{_TEXT}.16.1.1.1.1",
            beyond=Text("Le texte le dit, aucune règle officielle ne le vérifie.", "The text says so, no official rule checks it."),
        ),
        at_most(1, f"{_KEEPER}/name", official="StrucMin"),
        at_most(1, f"{_KEEPER}/telecom", official="StrucMin"),
        at_most(1, f"{_KEEPER}/addr", official="StrucMin"),
    ),
)  # fmt: skip

RECIPIENT: Final = Template(
    key="header.recipient",
    name=Text("Destinataire (informationRecipient)", "Recipient (informationRecipient)"),
    element="informationRecipient",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.17",
    example=EXAMPLE,
    constraints=(
        once("intendedRecipient", official="StrucMin"),
        one_of("intendedRecipient/id/@root", PS_ROOT, HEALTH_INSURANCE_ROOT, optional=True, severity=WARN,
               source=f"{_TEXT}.17.1.1", official="StrucMin (warning)"),
        with_attributes("intendedRecipient/id[@root='1.2.250.1.71.4.2.1']", "extension",
                        key="intendedRecipient-id.extension", official="StrucMin"),
        at_most(1, "intendedRecipient/informationRecipient", official="StrucMin"),
        at_most(1, "intendedRecipient/receivedOrganization", official="StrucMin"),
        with_attributes(f"intendedRecipient/receivedOrganization/id[@root='{STRUCTURE_ROOT}']", "extension",
                        key="receivedOrganization-id.extension", official="StrucMin"),
        id_of_structure("intendedRecipient/receivedOrganization/id"),
    ),
)  # fmt: skip
