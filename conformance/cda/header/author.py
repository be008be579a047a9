"""The authors of the document.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.13.
"""

from __future__ import annotations

from typing import Final

from conformance.cda.header.choices import choice
from conformance.cda.header.coded import coded_in
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import at_most, known, once, once_filled, some, with_attributes
from conformance.cda.header.places import clinical_document
from conformance.cda.header.professionals import of_a_professional
from conformance.cda.rules import Template
from conformance.core.language import Text
from conformance.terminology import value_sets

_SECTION: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5.13"

AUTHOR: Final = Template(
    key="header.author",
    name=Text("Auteur (author)", "Author (author)"),
    element="author",
    where=clinical_document,
    layer="header",
    source=_SECTION,
    example=EXAMPLE,
    constraints=(
        at_most(1, "functionCode", official="StrucMin"),
        *coded_in("functionCode", value_sets.FUNCTION.name, label=False, source=f"{_SECTION}.1", official="StrucMin"),
        at_most(1, "functionCode/originalText", official="StrucMin"),
        once("time", source=f"{_SECTION}.2", official="StrucMin"),
        once_filled("assignedAuthor", official="StrucMin"),
        some("assignedAuthor/id", source=f"{_SECTION}.3.1", official="StrucMin"),
        known("assignedAuthor/id", source=f"{_SECTION}.3.1", official="StrucMin"),
        with_attributes("assignedAuthor/id", "extension", source=f"{_SECTION}.3.1", official="StrucMin"),
        at_most(1, "assignedAuthor/code", official="StrucMin"),
        *coded_in(
            "assignedAuthor/code", value_sets.AUTHOR_SPECIALTY.name, source=f"{_SECTION}.3.2", official="StrucMin"
        ),
        choice(
            "assignedAuthor",
            ("assignedPerson", "assignedAuthoringDevice"),
            Text(
                "l'auteur doit être une personne (assignedPerson) ou un système (assignedAuthoringDevice), pas les deux",
                "the author must be a person (assignedPerson) or a system (assignedAuthoringDevice), not both",
            ),
            least=0,
            official="StrucMin",
        ),
        once(
            "assignedAuthor/assignedAuthoringDevice/manufacturerModelName",
            source=f"{_SECTION}.3.6",
            official="StrucMin",
        ),
        once("assignedAuthor/assignedAuthoringDevice/softwareName", source=f"{_SECTION}.3.6", official="StrucMin"),
        at_most(1, "assignedAuthor/representedOrganization", official="StrucMin"),
        of_a_professional("assignedAuthor", f"{_SECTION}.3"),
    ),
)
