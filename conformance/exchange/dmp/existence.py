"""The payloads of TD0.2 (existence and authorisation) and TD1.3a (administrative data): HL7 V3, PRPA_IN201307/308.

Sources: HL7 V3 patient registry; example messages of the DMP for the codes (reason, attention lines, observations).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from lxml import etree

from conformance.exchange.dmp.interactions import XSI, acknowledge, add, get, hl7, interaction, path
from conformance.exchange.dmp.transactions import DMP_DEVICE
from conformance.exchange.metadata.hl7 import Cx

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


def existence_request(request: ExistenceRequest) -> etree._Element:
    """The payload of the question."""
    root = interaction("PRPA_IN201307UV02", request.sender, DMP_DEVICE)
    if request.message:
        root[0].set("root", request.message)
    act = add(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    add(act, "reasonCode", code=request.reason, codeSystem=REASONS)
    query = add(act, "queryByParameter")
    add(query, "queryId", root=request.query or f"2.25.{uuid.uuid4().int}")
    add(query, "statusCode", code="new")
    asked = add(add(query, "parameterList"), "patientIdentifier")
    add(asked, "value", root=request.patient.authority, extension=request.patient.id)
    add(asked, "semanticsText").text = "Patient.id"
    return root


def read_existence_request(payload: etree._Element) -> ExistenceRequest:
    """The question that a payload holds; what is absent is empty."""
    value = payload.find(path("controlActProcess", "queryByParameter", "parameterList", "patientIdentifier", "value"))
    patient = Cx(value.get("extension", ""), value.get("root", ""), "NH") if value is not None else Cx("")
    return ExistenceRequest(
        patient,
        get(payload, "root", "sender", "device", "id"),
        get(payload, "code", "controlActProcess", "reasonCode"),
        get(payload, "root", "id"),
        get(payload, "root", "controlActProcess", "queryByParameter", "queryId"),
    )


def existence_answer(request: ExistenceRequest, answer: ExistenceAnswer) -> etree._Element:
    """The payload of the answer to ``request``."""
    root = interaction("PRPA_IN201308UV02", DMP_DEVICE, request.sender or "2.25.0")
    if not answer.error and answer.exists:
        _attention(root, "AUTORISATION", KEYWORDS_AUTHORISATION, answer.authorisation)
        _attention(root, "STATUT_MT", KEYWORDS_ATTENDING, answer.attending)
    acknowledge(root, request.message, answer.error, answer.context)
    act = add(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    if answer.exists and not answer.error:
        _registration(act, answer)
    back = add(act, "queryAck")
    add(back, "queryId", root=request.query or "2.25.0")
    add(back, "statusCode", code="deliveredResponse")
    add(back, "queryResponseCode", code="AE" if answer.error else "OK" if answer.exists else "NF")
    return root


def _attention(root: etree._Element, keyword: str, system: str, value: str | bool) -> None:
    line = add(root, "attentionLine")
    add(line, "keyWordText", code=keyword, codeSystem=system).text = keyword
    node = add(line, "value")
    if isinstance(value, bool):
        node.set(f"{{{XSI}}}type", "BL")
        node.set("value", str(value).lower())
    else:
        node.set(f"{{{XSI}}}type", "CV")
        node.set("code", value)
        node.set("codeSystem", AUTHORISATION_VALUES)


def _registration(act: etree._Element, answer: ExistenceAnswer) -> None:
    event = add(add(act, "subject", typeCode="SUBJ"), "registrationEvent", classCode="REG", moodCode="EVN")
    add(event, "statusCode", code="active")
    patient = add(add(event, "subject1", typeCode="SBJ"), "patient", classCode="PAT")
    for identifier in answer.identifiers:
        add(patient, "id", root=identifier.authority, extension=identifier.id)
    add(patient, "statusCode", code="active" if answer.open else "terminated")
    person = add(patient, "patientPerson", classCode="PSN", determinerCode="INSTANCE")
    name = add(person, "name")
    add(name, "family", qualifier="BR").text = answer.family
    add(name, "given").text = answer.given
    add(person, "administrativeGenderCode", code=answer.sex, codeSystem="2.16.840.1.113883.5.1")
    add(person, "birthTime", value=answer.birth_date)
    for code, flag in answer.flags.items():
        observation = add(add(patient, "subjectOf", typeCode="SBJ"), "administrativeObservation", classCode="OBS", moodCode="EVN")  # fmt: skip
        system = WEB_ACCOUNT if code == "COMPTE_INTERNET_OUVERT" else OBSERVATIONS
        add(observation, "code", code=code, codeSystem=system)
        value = add(observation, "value", value=str(flag).lower())
        value.set(f"{{{XSI}}}type", "BL")
    custodian = add(add(event, "custodian", typeCode="CST"), "assignedEntity", classCode="ASSIGNED")
    add(custodian, "id", root=DMP_DEVICE)


def read_existence_answer(payload: etree._Element) -> ExistenceAnswer | None:
    """The answer that a payload holds; ``None`` when it is no ``PRPA_IN201308UV02``."""
    if payload.tag != hl7("PRPA_IN201308UV02"):
        return None
    lines: dict[str, str] = {}
    for line in payload.iterchildren(hl7("attentionLine")):
        word, value = line.find(hl7("keyWordText")), line.find(hl7("value"))
        if word is not None and value is not None:
            lines[word.get("code") or (word.text or "").strip()] = value.get("code") or value.get("value") or ""
    detail = payload.find(path("acknowledgement", "acknowledgementDetail"))
    patient = payload.find(path("controlActProcess", "subject", "registrationEvent", "subject1", "patient"))
    if detail is not None:
        return ExistenceAnswer(
            False, error=get(detail, "code", "code"), context=(detail.findtext(hl7("text")) or "").strip()
        )
    if patient is None:
        return ExistenceAnswer(False)
    flags = {
        get(node, "code", "code"): get(node, "value", "value") == "true"
        for node in patient.iter(hl7("administrativeObservation"))
    }
    return ExistenceAnswer(
        True,
        open=get(patient, "code", "statusCode") == "active",
        authorisation=lines.get("AUTORISATION", ""),
        attending=lines.get("STATUT_MT") == "true",
        identifiers=tuple(Cx(n.get("extension", ""), n.get("root", ""), "NH") for n in patient.iterchildren(hl7("id"))),
        family=(patient.findtext(path("patientPerson", "name", "family")) or "").strip(),
        given=(patient.findtext(path("patientPerson", "name", "given")) or "").strip(),
        birth_date=get(patient, "value", "patientPerson", "birthTime"),
        sex=get(patient, "code", "patientPerson", "administrativeGenderCode"),
        flags=flags,
    )
