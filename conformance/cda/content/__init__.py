"""The rules on the body of a document: sections and entries of the VSM, IHE PCC parents included.

``CONTENT`` holds them all. Most hang on a template id, so they apply wherever that template stands, in any kind
of document.
"""

from __future__ import annotations

from typing import Final

from conformance.cda.content.acts import ACTS
from conformance.cda.content.adverse_effects import ADVERSE_EFFECTS
from conformance.cda.content.allergies import ALLERGIES
from conformance.cda.content.devices_and_vital_signs import DEVICES, VITAL_SIGNS
from conformance.cda.content.other_sections import PLANS, RESULTS, UNCODED
from conformance.cda.content.people import PEOPLE
from conformance.cda.content.problems import CONCERNS, PROBLEMS
from conformance.cda.content.references_and_comments import REFERENCES
from conformance.cda.content.sections import CONTAINERS, LEAVES
from conformance.cda.content.social_and_family_history import OBSERVATIONS, RELATIVES
from conformance.cda.content.treatment_details import DETAILS, FLAGS
from conformance.cda.content.treatments import TREATMENTS
from conformance.cda.rules import RuleSet

CONTENT: Final = RuleSet(
    CONTAINERS
    + LEAVES
    + UNCODED
    + CONCERNS
    + PROBLEMS
    + ALLERGIES
    + ACTS
    + REFERENCES
    + OBSERVATIONS
    + RELATIVES
    + TREATMENTS
    + DETAILS
    + FLAGS
    + DEVICES
    + VITAL_SIGNS
    + RESULTS
    + PLANS
    + ADVERSE_EFFECTS
    + PEOPLE
)
"""Every rule on sections and entries."""

__all__ = ["CONTENT"]
