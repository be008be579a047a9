"""How the templates of the laboratory report are made: one source, one requirement, the usual reasons."""

from __future__ import annotations

from typing import Any, Final

from conformance.cda.biology.oids import REQUIREMENTS, SOURCE
from conformance.cda.constraints import declares
from conformance.cda.rules import Constraint, Template
from conformance.core.findings import Severity
from conformance.core.language import Text

WARN: Final = Severity.WARNING
HEADER: Final = "header"
COHERENCE: Final = "coherence"

NEVER_TESTED: Final = Text(
    "Le volet décrit ce modèle, mais aucune règle officielle ne l'exige.",
    "The volet describes this template, but no official rule asks for it.",
)


def template(key: str, name: Text, oid: str, *constraints: Constraint, example: str, **more: Any) -> Template:
    """A template of the laboratory report; ``more`` are the other fields of ``Template``."""
    return Template(key=key, name=name, oid=oid, constraints=constraints, source=SOURCE, requirements=REQUIREMENTS,
                    example=example, **more)  # fmt: skip


def french(oid: str) -> Constraint:
    """The French template beside the international one: the volet describes it, nothing official asks for it."""
    return declares(
        oid,
        key="french-template",
        severity=WARN,
        beyond=NEVER_TESTED,
        hint=Text(
            "Déclarez-le aussi : c'est lui qui dit que l'élément suit le volet français.",
            "Declare it too: it is what says that the element follows the French volet.",
        ),
    )
