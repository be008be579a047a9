"""The XML namespaces of French CDA documents, and how a node of theirs is named to a reader."""

from __future__ import annotations

from typing import Final

HL7: Final = "urn:hl7-org:v3"
SDTC: Final = "urn:hl7-org:sdtc"
LAB: Final = "urn:oid:1.3.6.1.4.1.19376.1.3.2"
PHARM: Final = "urn:ihe:pharm:medication"
DICOM: Final = "urn:dicom-org:ps3-20"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

PREFIXES: Final[dict[str, str]] = {
    HL7: "",
    SDTC: "sdtc:",
    LAB: "lab:",
    PHARM: "pharm:",
    DICOM: "ps3-20:",
    XSI: "xsi:",
}
"""Namespace → the prefix that XPaths and sentences of the kit use; HL7's has none."""

XSI_TYPE: Final = f"{{{XSI}}}type"


def h(name: str) -> str:
    """The Clark name of an HL7 element: ``h("id")`` is ``{urn:hl7-org:v3}id``; ``*`` stays as it is."""
    if name == "*":
        return name
    if ":" in name:
        prefix, local = name.split(":", 1)
        for uri, known in PREFIXES.items():
            if known == prefix + ":":
                return f"{{{uri}}}{local}"
        raise ValueError(f"unknown prefix in {name!r}")
    return f"{{{HL7}}}{name}"


def short(clark: str) -> str:
    """The name that a person reads: without namespace for HL7, with the field's prefix for the others."""
    if not clark.startswith("{"):
        return clark
    uri, local = clark[1:].split("}", 1)
    return PREFIXES.get(uri, f"{{{uri}}}") + local
