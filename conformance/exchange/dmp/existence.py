"""The payloads of TD0.2 (existence and authorisation) and TD1.3a (administrative data): HL7 V3, PRPA_IN201307/308.

Sources: HL7 V3 patient registry; example messages of the DMP for the codes (reason, attention lines, observations).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from lxml import etree

from conformance.exchange.dmp.transactions import DMP_DEVICE
from conformance.exchange.metadata.hl7 import Cx

HL7: Final = "urn:hl7-org:v3"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_HL7_FIRST: Final[dict[Any, str]] = {None: HL7, "xsi": XSI}
INTERACTIONS: Final = "2.16.840.1.113883.1.6"
REASONS: Final = "1.2.250.1.213.1.1.4.11"
KEYWORDS_AUTHORISATION: Final = "1.2.250.1.213.4.1.2.6.1"
AUTHORISATION_VALUES: Final = "1.2.250.1.213.4.1.2.6.2"
KEYWORDS_ATTENDING: Final = "1.2.250.1.213.4.1.2.6.3"
WEB_ACCOUNT: Final = "1.2.250.1.213.4.1.2.9"
OBSERVATIONS: Final = "1.2.250.1.213.4.1.2.3"

TEST_EXISTENCE: Final = "TEST_EXST"
READ_DATA: Final = "CNSLT_DATA"


class Authorisation(StrEnum):
    """What TD0.2 says of the user's authorisation."""

    VALID = "VALIDE"
    NONE = "NON_EXISTE"
    FORBIDDEN = "INTERDIT"
    EXPIRED = "EXPIRE"


@dataclass(frozen=True, slots=True)
class ExistenceRequest:
    """The question: which patient, asked by which system, for which reason."""

    patient: Cx
    sender: str
    reason: str = TEST_EXISTENCE
    message: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class ExistenceAnswer:
    """The answer. ``exists``: a record was found (open or closed); ``flags``: the boolean observations by code.

    ``error`` is the code of an ``AE`` acknowledgement, with its sentence in ``context``.
    """

    exists: bool
    open: bool = False
    authorisation: str = ""
    attending: bool = False
    identifiers: tuple[Cx, ...] = ()
    family: str = ""
    given: str = ""
    birth_date: str = ""
    sex: str = ""
    flags: Mapping[str, bool] = field(default_factory=dict)
    error: str = ""
    context: str = ""


def hl7(name: str) -> str:
    """The Clark name of an element of HL7 V3."""
    return f"{{{HL7}}}{name}"


def _add(owner: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(owner, hl7(name), attributes)


def _path(*steps: str) -> str:
    return "/".join(hl7(step) for step in steps)


def _interaction(name: str, sender: str, receiver: str) -> etree._Element:
    root = etree.Element(hl7(name), {"ITSVersion": "XML_1.0"}, nsmap=_HL7_FIRST)
    _add(root, "id", root=f"2.25.{uuid.uuid4().int}")
    _add(root, "creationTime", value=f"{datetime.now(UTC):%Y%m%d%H%M%S}")
    _add(root, "interactionId", root=INTERACTIONS, extension=name)
    _add(root, "processingCode", code="D")
    _add(root, "processingModeCode", code="T")
    _add(root, "acceptAckCode", code="AL")
    for role, kind, oid in (("receiver", "RCV", receiver), ("sender", "SND", sender)):
        device = _add(_add(root, role, typeCode=kind), "device", classCode="DEV", determinerCode="INSTANCE")
        _add(device, "id", root=oid)
        if oid == DMP_DEVICE:
            _add(device, "name").text = "DMP"
    return root


def existence_request(request: ExistenceRequest) -> etree._Element:
    """The payload of the question."""
    root = _interaction("PRPA_IN201307UV02", request.sender, DMP_DEVICE)
    if request.message:
        root[0].set("root", request.message)
    act = _add(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    _add(act, "reasonCode", code=request.reason, codeSystem=REASONS)
    query = _add(act, "queryByParameter")
    _add(query, "queryId", root=request.query or f"2.25.{uuid.uuid4().int}")
    _add(query, "statusCode", code="new")
    asked = _add(_add(query, "parameterList"), "patientIdentifier")
    _add(asked, "value", root=request.patient.authority, extension=request.patient.id)
    _add(asked, "semanticsText").text = "Patient.id"
    return root


def read_existence_request(payload: etree._Element) -> ExistenceRequest:
    """The question that a payload holds; what is absent is empty."""
    value = payload.find(_path("controlActProcess", "queryByParameter", "parameterList", "patientIdentifier", "value"))
    patient = Cx(value.get("extension", ""), value.get("root", ""), "NH") if value is not None else Cx("")
    return ExistenceRequest(
        patient,
        _get(payload, "root", "sender", "device", "id"),
        _get(payload, "code", "controlActProcess", "reasonCode"),
        _get(payload, "root", "id"),
        _get(payload, "root", "controlActProcess", "queryByParameter", "queryId"),
    )


def _get(payload: etree._Element, attribute: str, *steps: str) -> str:
    found = payload.find(_path(*steps))
    return found.get(attribute, "") if found is not None else ""


def existence_answer(request: ExistenceRequest, answer: ExistenceAnswer) -> etree._Element:
    """The payload of the answer to ``request``."""
    root = _interaction("PRPA_IN201308UV02", DMP_DEVICE, request.sender or "2.25.0")
    if not answer.error and answer.exists:
        _attention(root, "AUTORISATION", KEYWORDS_AUTHORISATION, answer.authorisation)
        _attention(root, "STATUT_MT", KEYWORDS_ATTENDING, answer.attending)
    acknowledgement = _add(root, "acknowledgement")
    _add(acknowledgement, "typeCode", code="AE" if answer.error else "AA")
    _add(_add(acknowledgement, "targetMessage"), "id", root=request.message or "2.25.0")
    if answer.error:
        detail = _add(acknowledgement, "acknowledgementDetail", typeCode="E")
        _add(detail, "code", code=answer.error)
        _add(detail, "text").text = answer.context
    act = _add(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    if answer.exists and not answer.error:
        _registration(act, answer)
    back = _add(act, "queryAck")
    _add(back, "queryId", root=request.query or "2.25.0")
    _add(back, "statusCode", code="deliveredResponse")
    _add(back, "queryResponseCode", code="AE" if answer.error else "OK" if answer.exists else "NF")
    return root


def _attention(root: etree._Element, keyword: str, system: str, value: str | bool) -> None:
    line = _add(root, "attentionLine")
    _add(line, "keyWordText", code=keyword, codeSystem=system).text = keyword
    node = _add(line, "value")
    if isinstance(value, bool):
        node.set(f"{{{XSI}}}type", "BL")
        node.set("value", str(value).lower())
    else:
        node.set(f"{{{XSI}}}type", "CV")
        node.set("code", value)
        node.set("codeSystem", AUTHORISATION_VALUES)


def _registration(act: etree._Element, answer: ExistenceAnswer) -> None:
    event = _add(_add(act, "subject", typeCode="SUBJ"), "registrationEvent", classCode="REG", moodCode="EVN")
    _add(event, "statusCode", code="active")
    patient = _add(_add(event, "subject1", typeCode="SBJ"), "patient", classCode="PAT")
    for identifier in answer.identifiers:
        _add(patient, "id", root=identifier.authority, extension=identifier.id)
    _add(patient, "statusCode", code="active" if answer.open else "terminated")
    person = _add(patient, "patientPerson", classCode="PSN", determinerCode="INSTANCE")
    name = _add(person, "name")
    _add(name, "family", qualifier="BR").text = answer.family
    _add(name, "given").text = answer.given
    _add(person, "administrativeGenderCode", code=answer.sex, codeSystem="2.16.840.1.113883.5.1")
    _add(person, "birthTime", value=answer.birth_date)
    for code, flag in answer.flags.items():
        observation = _add(_add(patient, "subjectOf", typeCode="SBJ"), "administrativeObservation", classCode="OBS", moodCode="EVN")  # fmt: skip
        system = WEB_ACCOUNT if code == "COMPTE_INTERNET_OUVERT" else OBSERVATIONS
        _add(observation, "code", code=code, codeSystem=system)
        value = _add(observation, "value", value=str(flag).lower())
        value.set(f"{{{XSI}}}type", "BL")
    custodian = _add(_add(event, "custodian", typeCode="CST"), "assignedEntity", classCode="ASSIGNED")
    _add(custodian, "id", root=DMP_DEVICE)


def read_existence_answer(payload: etree._Element) -> ExistenceAnswer | None:
    """The answer that a payload holds; ``None`` when it is no ``PRPA_IN201308UV02``."""
    if payload.tag != hl7("PRPA_IN201308UV02"):
        return None
    lines: dict[str, str] = {}
    for line in payload.iterchildren(hl7("attentionLine")):
        word, value = line.find(hl7("keyWordText")), line.find(hl7("value"))
        if word is not None and value is not None:
            lines[word.get("code") or (word.text or "").strip()] = value.get("code") or value.get("value") or ""
    detail = payload.find(_path("acknowledgement", "acknowledgementDetail"))
    patient = payload.find(_path("controlActProcess", "subject", "registrationEvent", "subject1", "patient"))
    if detail is not None:
        return ExistenceAnswer(
            False, error=_get(detail, "code", "code"), context=(detail.findtext(hl7("text")) or "").strip()
        )
    if patient is None:
        return ExistenceAnswer(False)
    flags = {
        _get(node, "code", "code"): _get(node, "value", "value") == "true"
        for node in patient.iter(hl7("administrativeObservation"))
    }
    return ExistenceAnswer(
        True,
        open=_get(patient, "code", "statusCode") == "active",
        authorisation=lines.get("AUTORISATION", ""),
        attending=lines.get("STATUT_MT") == "true",
        identifiers=tuple(Cx(n.get("extension", ""), n.get("root", ""), "NH") for n in patient.iterchildren(hl7("id"))),
        family=(patient.findtext(_path("patientPerson", "name", "family")) or "").strip(),
        given=(patient.findtext(_path("patientPerson", "name", "given")) or "").strip(),
        birth_date=_get(patient, "value", "patientPerson", "birthTime"),
        sex=_get(patient, "code", "patientPerson", "administrativeGenderCode"),
        flags=flags,
    )
