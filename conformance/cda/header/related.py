"""The document replaced or transformed (relatedDocument) and the consents (authorization).

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.23, §3.5.5.24.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule, one_of
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import at_most, once, once_filled
from conformance.cda.header.places import clinical_document
from conformance.cda.namespaces import h
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text

_TEXT: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5"


def _one_in_all(node: etree._Element, context: Context) -> Iterator[Violation]:
    if next(node.itersiblings(h("relatedDocument"), preceding=True), None) is not None:
        yield Violation(node, Text("il y en a plusieurs", "there are several"))


def _twice(node: etree._Element) -> None:
    node.addnext(copy.deepcopy(node))


RELATED: Final = Template(
    key="header.related-document",
    name=Text("Document remplacé ou transformé (relatedDocument)", "Document replaced or transformed (relatedDocument)"),
    element="relatedDocument",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.23",
    example=EXAMPLE,
    constraints=(
        Rule(
            Text("il ne doit y en avoir qu'un", "there must be only one"),
            _one_in_all,
            _twice,
            key="one",
            official="StrucMin",
        ),
        one_of("@typeCode", "RPLC", "XFRM", optional=True,
               beyond=Text("Le texte n'admet que RPLC (remplace) et XFRM (transforme) ; la règle officielle avertit.",
                           "The text only allows RPLC (replaces) and XFRM (transforms); the official rule warns.")),
        once_filled("parentDocument", official="StrucMin"),
        once_filled("parentDocument/id", source=f"{_TEXT}.23.1.1", official="StrucMin"),
        at_most(1, "parentDocument/versionNumber", official="StrucMin"),
    ),
)  # fmt: skip

AUTHORIZATION: Final = Template(
    key="header.authorization",
    name=Text("Consentement (authorization)", "Consent (authorization)"),
    element="authorization",
    where=clinical_document,
    layer="header",
    source=f"{_TEXT}.24",
    example=EXAMPLE,
    constraints=(
        one_of("@typeCode", "AUTH", optional=True, official="StrucMin"),
        once("consent", official="StrucMin"),
        one_of("consent/@classCode", "CONS", optional=True, official="StrucMin"),
        one_of("consent/@moodCode", "EVN", optional=True, official="StrucMin"),
        once("consent/code", official="StrucMin"),
        once("consent/statusCode", source=f"{_TEXT}.24.1", official="StrucMin"),
        one_of("consent/statusCode/@code", "completed", optional=True, source=f"{_TEXT}.24.1", official="StrucMin"),
    ),
)
