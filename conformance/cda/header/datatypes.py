"""The data types of the header as templates: one per kind, over all the header's elements of that kind.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.3 and §3.5.7; HL7 data types (schematron of March 2025, DTr1).
"""

from __future__ import annotations

from typing import Final

from conformance.cda.header.codes import CODES
from conformance.cda.header.dates import DATES
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.identifiers import IDENTIFIERS
from conformance.cda.header.nulls import NULL_FLAVORS, XSI_TYPES
from conformance.cda.header.texts import TEXTS
from conformance.cda.rules import Constraint, Template
from conformance.core.language import Text

_SOURCE: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.7"


def _template(key: str, fr: str, en: str, constraints: tuple[Constraint, ...]) -> Template:
    return Template(
        key=f"header.type.{key}",
        name=Text(fr, en),
        element="ClinicalDocument",
        layer="header",
        source=_SOURCE,
        constraints=constraints,
        example=EXAMPLE,
    )


DATA_TYPES: Final = (
    _template("null", "nullFlavor dans l'en-tête", "nullFlavor in the header", NULL_FLAVORS),
    _template("xsi", "Type déclaré dans l'en-tête", "Declared type in the header", (XSI_TYPES,)),
    _template("identifier", "Identifiant (II) de l'en-tête", "Identifier (II) of the header", IDENTIFIERS),
    _template("code", "Code de l'en-tête", "Code of the header", CODES),
    _template("time", "Date ou valeur de l'en-tête", "Date or value of the header", DATES),
    _template("text", "Texte, nom ou adresse de l'en-tête", "Text, name or address of the header", TEXTS),
)
