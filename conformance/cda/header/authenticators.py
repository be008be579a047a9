"""Who takes responsibility for the document (legalAuthenticator) and who attests it (authenticator).

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.18, §3.5.5.19.
"""

from __future__ import annotations

from typing import Final

from conformance.cda.constraints import one_of
from conformance.cda.header.coded import coded_in
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import at_most, known, once, once_filled, with_attributes
from conformance.cda.header.persons import labelled
from conformance.cda.header.places import clinical_document
from conformance.cda.header.professionals import of_a_professional, one_professional, professional_entity
from conformance.cda.namespaces import h
from conformance.cda.rules import Template
from conformance.core.language import Text
from conformance.terminology import value_sets

_TEXT: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5"
_UNTESTED_NULL: Final = Text(
    "Le texte y interdit nullFlavor, les règles officielles ne le vérifient pas.",
    "The text forbids nullFlavor there, the official rules do not check it.",
)

_UNSEEN_SIGNATURE: Final = Text(
    "Les règles officielles ne regardent pas une attestation dont signatureCode n'est pas S.",
    "The official rules do not look at an attestation whose signatureCode is not S.",
)

LEGAL_AUTHENTICATOR: Final = Template(
    key="header.legal-authenticator",
    name=Text("Responsable du document (legalAuthenticator)", "Legal authenticator (legalAuthenticator)"),
    element="legalAuthenticator",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.18",
    example=EXAMPLE,
    constraints=(
        once("time", source=f"{_TEXT}.18.1", official="StrucMin"),
        once_filled("signatureCode", source=f"{_TEXT}.18.2", official="StrucMin"),
        one_of("signatureCode/@code", "S", optional=True, source=f"{_TEXT}.18.2", official="StrucMin"),
        once("assignedEntity", official="StrucMin"),
        known(
            "assignedEntity", source=f"{_TEXT}.18.3", beyond=_UNTESTED_NULL),
        once_filled("assignedEntity/id", source=f"{_TEXT}.18.3.1", official="StrucMin"),
        with_attributes("assignedEntity/id", "extension", source=f"{_TEXT}.18.3.1", official="StrucMin"),
        at_most(1, "assignedEntity/code", official="StrucMin"),
        *coded_in("assignedEntity/code", value_sets.AUTHOR_SPECIALTY.name, label=False, oid=False, optional=True,
                  source=f"{_TEXT}.18.3.2", official="StrucMin"),
        labelled("assignedEntity/code"),
        at_most(1, "assignedEntity/assignedPerson", official="StrucMin"),
        at_most(1, "assignedEntity/representedOrganization", official="StrucMin"),
        of_a_professional("assignedEntity", f"{_TEXT}.18.3"),
    ),
)  # fmt: skip

AUTHENTICATOR: Final = Template(
    key="header.authenticator",
    name=Text(
        "Professionnel attestant le document (authenticator)", "Professional attesting the document (authenticator)"
    ),
    element="authenticator",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.19",
    example=EXAMPLE,
    constraints=(
        once("time", source=f"{_TEXT}.19.1.1", official="StrucMin"),
        once("signatureCode", source=f"{_TEXT}.19.1.2", official="StrucMin"),
        one_of(
            "signatureCode/@code",
            "S",
            when=lambda node: node.find(h("signatureCode")) is not None,
            source=f"{_TEXT}.19.1.2",
            beyond=_UNSEEN_SIGNATURE,
        ),
        once("assignedEntity", official="StrucMin"),
        one_professional(f"{_TEXT}.19.1.3"),
        *professional_entity(),
    ),
)
