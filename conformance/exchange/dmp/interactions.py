"""What the HL7 V3 interactions of the DMP have in common (TD0.2, TD0.5, TD1.3a): wrapper, acknowledgement, names.

Sources: HL7 V3 transmission wrapper; example messages of the DMP.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from conformance.exchange.dmp.transactions import DMP_DEVICE

HL7: Final = "urn:hl7-org:v3"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_HL7_FIRST: Final[dict[Any, str]] = {None: HL7, "xsi": XSI}
INTERACTIONS: Final = "2.16.840.1.113883.1.6"


def hl7(name: str) -> str:
    """The Clark name of an element of HL7 V3."""
    return f"{{{HL7}}}{name}"


def add(owner: etree._Element, name: str, **attributes: str) -> etree._Element:
    """A new element of HL7 V3 under ``owner``."""
    return etree.SubElement(owner, hl7(name), attributes)


def path(*steps: str) -> str:
    """The path of these elements of HL7 V3, for ``find``."""
    return "/".join(hl7(step) for step in steps)


def interaction(name: str, sender: str, receiver: str) -> etree._Element:
    """An interaction with what comes before its act."""
    root = etree.Element(hl7(name), {"ITSVersion": "XML_1.0"}, nsmap=_HL7_FIRST)
    add(root, "id", root=f"2.25.{uuid.uuid4().int}")
    add(root, "creationTime", value=f"{datetime.now(UTC):%Y%m%d%H%M%S}")
    add(root, "interactionId", root=INTERACTIONS, extension=name)
    add(root, "processingCode", code="D")
    add(root, "processingModeCode", code="T")
    add(root, "acceptAckCode", code="AL")
    for role, kind, oid in (("receiver", "RCV", receiver), ("sender", "SND", sender)):
        device = add(add(root, role, typeCode=kind), "device", classCode="DEV", determinerCode="INSTANCE")
        add(device, "id", root=oid)
        if oid == DMP_DEVICE:
            add(device, "name").text = "DMP"
    return root


def get(payload: etree._Element, attribute: str, *steps: str) -> str:
    """An attribute of the element at a path; empty when absent."""
    found = payload.find(path(*steps))
    return found.get(attribute, "") if found is not None else ""


def acknowledge(root: etree._Element, message: str, error: str = "", context: str = "") -> None:
    """Acknowledge ``message``: ``AE`` with the code of an error and its sentence, ``AA`` without."""
    acknowledgement = add(root, "acknowledgement")
    add(acknowledgement, "typeCode", code="AE" if error else "AA")
    add(add(acknowledgement, "targetMessage"), "id", root=message or "2.25.0")
    if error:
        detail = add(acknowledgement, "acknowledgementDetail", typeCode="E")
        add(detail, "code", code=error)
        add(detail, "text").text = context


def reason_of(payload: etree._Element) -> str:
    """Why the interaction is sent (``TEST_EXST``…); empty when it does not say."""
    return get(payload, "code", "controlActProcess", "reasonCode")
