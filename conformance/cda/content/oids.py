"""The template ids of sections and entries, by the short names that the field uses.

HL7 CCD, IHE PCC, IHE Pharmacy, CI-SIS sections and entries; and the code systems that the rules fix.
Source: CI-SIS, Modèles de contenus CDA; IHE PCC TF-2; IHE Pharmacy PRE.
"""

from __future__ import annotations

from typing import Final

LOINC: Final = "2.16.840.1.113883.6.1"
SNOMED_CT: Final = "2.16.840.1.113883.6.96"
TA_ASIP: Final = "1.2.250.1.213.1.1.4.322"
ROLE_CODE: Final = "2.16.840.1.113883.5.111"
CIS: Final = "1.2.250.1.213.2.3.1"
EDQM: Final = "0.4.0.127.0.16.1.1.2.1"
HL7_ROUTE: Final = "2.16.840.1.113883.5.112"
HL7_ACT_CODE: Final = "2.16.840.1.113883.5.4"
HL7_SUBSTITUTION: Final = "2.16.840.1.113883.5.1070"
IHE_INSTRUCTION: Final = "1.3.6.1.4.1.19376.1.5.3.2"
IHE_PHARMACY_ITEM: Final = "1.3.6.1.4.1.19376.1.9.2.2"

ANY_NULL: Final = (
    "NI",
    "OTH",
    "NINF",
    "PINF",
    "UNK",
    "ASKU",
    "NAV",
    "NASK",
    "TRC",
    "MSK",
    "NA",
    "INV",
    "DER",
    "QS",
    "UNC",
)
"""Every value of HL7's NullFlavor, for the rules that accept any of them."""


def ccd(number: str) -> str:
    """A template of HL7's Continuity of Care Document."""
    return f"2.16.840.1.113883.10.20.1.{number}"


def pcc(number: str) -> str:
    """A template of IHE Patient Care Coordination."""
    return f"1.3.6.1.4.1.19376.1.5.3.1.{number}"


def pharm(number: str) -> str:
    """A template of IHE Pharmacy."""
    return f"1.3.6.1.4.1.19376.1.9.1.3.{number}"


def fr_section(number: str) -> str:
    """A section of the CI-SIS."""
    return f"1.2.250.1.213.1.1.2.{number}"


def fr_entry(number: str) -> str:
    """An entry of the CI-SIS."""
    return f"1.2.250.1.213.1.1.3.{number}"


PROBLEM: Final = pcc("4.5")
CONCERN: Final = pcc("4.5.1")
PROBLEM_LIST: Final = pcc("4.5.2")
ALLERGY_LIST: Final = pcc("4.5.3")
ALLERGY: Final = pcc("4.6")
REACTION: Final = ccd("54")
SEVERITY: Final = pcc("4.1")
PROBLEM_STATUS: Final = pcc("4.1.1")
HEALTH_STATUS: Final = pcc("4.1.2")
COMMENT: Final = pcc("4.2")
CERTAINTY: Final = fr_entry("171")
SIMPLE_OBSERVATION: Final = pcc("4.13")
PROCEDURE: Final = pcc("4.19")
INTERNAL_REFERENCE: Final = pcc("4.4.1")
FR_INTERNAL_REFERENCE: Final = fr_entry("36")
TREATMENT: Final = pcc("4.7")
PRODUCT: Final = pcc("4.7.2")
ADVERSE_EFFECT: Final = fr_entry("210")

SOURCE: Final = "CI-SIS, Modèles de contenus CDA ; TestContenuCDA 3.0 (ANS, mars 2025)"
VSM_REQUIREMENT: Final = ("DOC/va1.14",)
