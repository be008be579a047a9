"""Scenarios and proofs of the register: which of them a test plays, and which a file answers.

The catalogue knows them (the header of the run carries what it says); a test marks only what the catalogue cannot
know: the one of several scenarios that it plays, the numbered proof that it brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.core.events import EvidenceAttached, ProofAsked, RequirementFacts
from conformance.reporting.model import ReportOfTest


def name_scenarios(tests: list[ReportOfTest], requirements: Mapping[str, RequirementFacts]) -> None:
    """Give the tests that mark no scenario those of their requirements, where a requirement has but one."""
    for test in tests:
        if not test["scenarios"]:
            known = (requirements[one].get("scenarios", []) for one in test["requirements"] if one in requirements)
            test["scenarios"] = list(dict.fromkeys(one[0] for one in known if len(one) == 1))


def scenario_of(requirement: str, facts: RequirementFacts | None, test: ReportOfTest) -> str | None:
    """The scenario in which this test shows this requirement; ``None`` when nothing says which."""
    its = facts.get("scenarios", []) if facts else []
    for name in test["scenarios"]:
        if name in its or name.startswith(f"{requirement}.") or name.startswith(f"{requirement}-"):
            return name
    return test["scenarios"][0] if len(test["scenarios"]) == len(test["requirements"]) == 1 else None


def proof_of(
    requirement: str, facts: RequirementFacts | None, test: ReportOfTest, file: EvidenceAttached
) -> str | None:
    """What this file answers of the proofs of a requirement: a number that is marked, else the proof of its kind."""
    numbers = facts.get("proof_ids", []) if facts else []
    for name in (file["proof"], *test["proofs"]):
        if name and (name in numbers or name.startswith((f"{requirement}.", f"{requirement}-"))):
            return name
    asked = facts.get("proofs_asked", []) if facts else []
    return next((label_of(one) for one in asked if answers(one, file)), None)


def answers(asked: ProofAsked, file: Mapping[str, Any]) -> bool:
    """Whether a file (its role, media type, document type) that the product made is of the kind asked for.

    A video, a certificate or the number of an execution is never among what the bench keeps: the vendor files it.
    """
    if file["role"] not in ("produced", "received"):
        return False
    media_type = str(file["media_type"]).split(";")[0].strip().lower()
    match asked["kind"]:
        case "smtp":
            return media_type == "message/rfc822"
        case "gazelle":
            return "document_type" in file
        case "pdf":
            return media_type in ("application/pdf", "application/zip")
    return False


def label_of(asked: ProofAsked) -> str:
    """``gazelle CI-SIS-VSM-Create_doc-Sc1``, ``video``."""
    return " ".join(part for part in (asked["kind"], asked["test_case"]) if part)
