"""The rules of the laboratory report (CR-BIO), one set per version of the volet.

What the versions share and where they differ: reference « CR-BIO », §4.7. The rules of the 2023.01 volet
cannot be run as published (its included folders are empty files): they come from the publication of October
2023, and say so.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from conformance.cda.biology import document
from conformance.cda.biology.attachments import ATTACHMENTS
from conformance.cda.biology.coherence import RESULT_COHERENCE
from conformance.cda.biology.oids import REQUIREMENTS
from conformance.cda.biology.organizers import ORGANIZERS
from conformance.cda.biology.participants import PARTICIPANTS
from conformance.cda.biology.processing import SUBJECTS, Version, processing
from conformance.cda.biology.results import RESULTS
from conformance.cda.biology.screening import SCREENING
from conformance.cda.biology.sections import SECTIONS
from conformance.cda.biology.specimens import SPECIMENS
from conformance.cda.content import CONTENT
from conformance.cda.rules import Constraint, RuleSet, Template
from conformance.core.language import Text

_NOT_RUNNABLE: Final = Text(
    "Les règles du volet 2023.01 ne s'exécutent pas telles que publiées (dossiers inclus vides depuis mars 2025) : "
    "celle-ci vient de la publication d'octobre 2023.",
    "The rules of the 2023.01 volet cannot be run as published (included folders empty since March 2025): "
    "this one comes from the publication of October 2023.",
)


def _templates(version: Version, body: tuple[Template, ...]) -> tuple[Template, ...]:
    return (
        document.DOCUMENT,
        document.PATIENT,
        *PARTICIPANTS,
        *body,
        *SECTIONS,
        *ATTACHMENTS,
        processing(version),
        *SUBJECTS,
        *SPECIMENS,
        *ORGANIZERS,
        *RESULTS,
        *SCREENING,
        RESULT_COHERENCE,
    )


def _withdrawn(constraint: Constraint) -> Constraint:
    """A rule of the volet alone, marked as one that the publisher's tool no longer runs."""
    volet_only = constraint.official.startswith("volet:") and "ihe:" not in constraint.official
    if not volet_only or constraint.beyond is not None:
        return constraint
    return dataclasses.replace(constraint, beyond=_NOT_RUNNABLE)


def _from_october_2023(template: Template) -> Template:
    return dataclasses.replace(template, constraints=tuple(map(_withdrawn, template.constraints)))


SHARED: Final = tuple(dataclasses.replace(template, requirements=REQUIREMENTS) for template in CONTENT.templates)
"""The templates that hold in any document: comments, simple observations, problems, treatments…"""

BIOLOGY_2021: Final = _templates("2021.01", document.BODY_2021)
BIOLOGY_2023: Final = tuple(map(_from_october_2023, _templates("2023.01", document.BODY_2023)))
BIOLOGY_2024: Final = _templates("2024.01", document.BODY_2024)
"""The templates of the laboratory report itself."""

CR_BIO_2021: Final = RuleSet(BIOLOGY_2021 + SHARED)
CR_BIO_2023: Final = RuleSet(BIOLOGY_2023 + SHARED)
CR_BIO_2024: Final = RuleSet(BIOLOGY_2024 + SHARED)
