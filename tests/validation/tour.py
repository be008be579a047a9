"""A document that tours the CDA model, and the means to break it in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lxml import etree

from conformance.cda.reading import Document, read_document
from conformance.core.findings import Finding
from conformance.validation.structure import check_structure

TOUR = (Path(__file__).parent.parent / "cda" / "documents" / "tour.xml").read_bytes()
V3 = "{urn:hl7-org:v3}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

Alteration = Callable[[etree._Element], None]


def tour() -> etree._Element:
    return etree.fromstring(TOUR)


def reread(root: etree._Element) -> Document:
    return read_document(etree.tostring(root.getroottree(), encoding="utf-8"))


def check(root: etree._Element) -> list[Finding]:
    return check_structure(reread(root))


def one(root: etree._Element, steps: str) -> etree._Element:
    """The first element at the end of ``steps`` (names of CDA, from anywhere)."""
    found = root.find(".//" + "/".join(V3 + step for step in steps.split("/")))
    assert found is not None, steps
    return found


def places(findings: list[Finding]) -> set[str]:
    return {finding.place.xpath.split("/@")[0] for finding in findings}
