"""The template ids and code systems of the laboratory report, by the short names that the field uses.

Source: IHE PaLM TF-3 (laboratory report, XD-LAB); CI-SIS, volet CR d'examens de biologie médicale; TestContenuCDA 3.0.
"""

from __future__ import annotations

from typing import Final

from conformance.cda.content.oids import fr_entry, fr_section

ROOT_REPORT: Final = "1.3.6.1.4.1.19376.1.3.3"
"""IHE PaLM: the laboratory report itself."""
FR_REPORT: Final = "1.2.250.1.213.1.1.1.55"


def palm(number: str) -> str:
    """An entry template of IHE PaLM."""
    return f"1.3.6.1.4.1.19376.1.3.1{number}"


CHAPTER: Final = "1.3.6.1.4.1.19376.1.3.3.2.1"
FR_CHAPTER: Final = fr_section("70")
SUB_CHAPTER: Final = "1.3.6.1.4.1.19376.1.3.3.2.2"
FR_SUB_CHAPTER: Final = fr_section("71")
COMMENT_SECTION: Final = "1.3.6.1.4.1.19376.1.4.1.2.16"
FR_COMMENT_SECTION: Final = fr_section("73")
COMMENT_SECTION_PARENT: Final = "2.16.840.1.113883.10.12.201"
SECOND_INTENTION: Final = fr_section("60")
PDF_COPY: Final = fr_section("243")
REASON: Final = fr_section("128")
VACCINATIONS: Final = fr_section("147")

PROCESSING: Final = palm("")
FR_PROCESSING: Final = fr_entry("21")
COLLECTION: Final = palm(".2")
FR_COLLECTION: Final = fr_entry("77")
RECEPTION: Final = palm(".3")
FR_RECEPTION: Final = fr_entry("107")
BATTERY: Final = palm(".4")
FR_BATTERY: Final = fr_entry("78")
ISOLATE: Final = palm(".5")
FR_ISOLATE: Final = fr_entry("79")
RESULT: Final = palm(".6")
FR_RESULT: Final = fr_entry("80")
ATTACHED: Final = fr_entry("18")
DOCUMENT_TYPE: Final = fr_entry("48.18")
FR_SIMPLE_OBSERVATION: Final = fr_entry("48")
FR_IMAGE: Final = fr_entry("103")

VALIDATOR: Final = "1.3.6.1.4.1.19376.1.3.3.1.5"
LABORATORY: Final = "1.3.6.1.4.1.19376.1.3.3.1.7"
FR_LABORATORY: Final = fr_entry("23")
NON_HUMAN: Final = "1.3.6.1.4.1.19376.1.3.3.1.2.1"
FR_NON_HUMAN: Final = fr_entry("22")
HUMAN_WITH_NON_HUMAN: Final = "1.3.6.1.4.1.19376.1.3.3.1.3.1"
FR_HUMAN_WITH_NON_HUMAN: Final = fr_entry("101")

INTERPRETATION: Final = "2.16.840.1.113883.5.83"
NCBI: Final = "2.16.840.1.113883.3.9471"
RECEPTION_SYSTEM: Final = "1.3.5.1.4.1.19376.1.5.3.2"
"""As the published rule and all its examples write it; the registered arc is 1.3.6.1.4.1."""
SPECIMEN_TYPES: Final = "2.16.840.1.113883.21.327"
INTERPRETATIONS: Final = "2.16.840.1.113883.1.11.78"

SOURCE: Final = "CI-SIS, volet CR d'examens de biologie médicale ; IHE PaLM ; TestContenuCDA 3.0 (ANS, mars 2025)"
REQUIREMENTS: Final = ("LGC.MDV.08",)
