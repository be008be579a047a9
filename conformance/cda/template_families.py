"""Who publishes a template, told by the beginning of its id: a help to the reader of a sentence."""

from __future__ import annotations

from typing import Final

FAMILIES: Final = {
    "2.16.840.1.113883.10.20.1.": "HL7 CCD",
    "1.3.6.1.4.1.19376.1.5.3.1.": "IHE PCC",
    "1.3.6.1.4.1.19376.1.9.1.3.": "IHE Pharmacy",
    "1.3.6.1.4.1.19376.1.3.": "IHE Laboratory",
    "1.2.250.1.213.1.1.": "CI-SIS",
    "2.16.840.1.113883.10.22.": "HL7 IPS",
}
"""The beginning of a template id → who publishes it."""


def with_family(oid: str) -> str:
    """``oid`` followed by its publisher: ``2.16.840.1.113883.10.20.1.27 (HL7 CCD)``."""
    publisher = next((name for start, name in FAMILIES.items() if oid.startswith(start)), "")
    return f"{oid} ({publisher})" if publisher else oid
