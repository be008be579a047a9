"""The payloads of TD0.5: the records that traits may be of, without the INS (régulation only). PRPA_IN201305/306.

Sources: example messages of the DMP (trigger, ``POURCENTAGE``); IHE ITI TF-2 §3.47 (PDQ V3) for the parameters; that an
approximate search is a name of use ``SRCH`` is the rule of HL7 V3, not read for the DMP.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from lxml import etree

from conformance.core.numbers import whole_number
from conformance.exchange.dmp.interactions import XSI, acknowledge, add, get, hl7, interaction, path
from conformance.exchange.dmp.transactions import DMP_DEVICE
from conformance.exchange.metadata.hl7 import Cx

TRIGGER: Final = "PRPA_TE201305UV02"
GENDERS: Final = "2.16.840.1.113883.5.1"
SCORE: Final = "POURCENTAGE"
_APPROXIMATE: Final = "SRCH"
_PARAMETERS: Final = ("controlActProcess", "queryByParameter", "parameterList")


@dataclass(frozen=True, slots=True)
class TraitsRequest:
    """The question: traits (empty: not asked), ``AAAAMMJJ`` or its beginning for the birth; asked by which system."""

    sender: str
    family: str = ""
    given: str = ""
    birth_date: str = ""
    sex: str = ""
    approximate: bool = False
    trigger: str = TRIGGER
    message: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the one looked for; ``score`` from 0 to 100."""

    identifier: Cx
    family: str
    given: str
    birth_date: str
    sex: str
    score: int = 100


@dataclass(frozen=True, slots=True)
class TraitsAnswer:
    """The answer: candidates, best first, or the code of an ``AE`` acknowledgement and its sentence."""

    candidates: tuple[Candidate, ...] = ()
    error: str = ""
    context: str = ""


def traits_request(request: TraitsRequest) -> etree._Element:
    """The payload of the question."""
    root = interaction("PRPA_IN201305UV02", request.sender, DMP_DEVICE)
    if request.message:
        root[0].set("root", request.message)
    act = add(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    add(act, "code", code=request.trigger)
    query = add(act, "queryByParameter")
    add(query, "queryId", root=request.query or f"2.25.{uuid.uuid4().int}")
    add(query, "statusCode", code="new")
    asked = add(query, "parameterList")
    if request.sex:
        _parameter(asked, "livingSubjectAdministrativeGender").set("code", request.sex)
    if request.birth_date:
        _parameter(asked, "livingSubjectBirthTime").set("value", request.birth_date)
    if request.family or request.given:
        name = _parameter(asked, "livingSubjectName")
        if request.approximate:
            name.set("use", _APPROXIMATE)
        for part, value in (("family", request.family), ("given", request.given)):
            if value:
                add(name, part).text = value
    return root


def _parameter(asked: etree._Element, name: str) -> etree._Element:
    parameter = add(asked, name)
    value = add(parameter, "value")
    add(parameter, "semanticsText").text = f"LivingSubject.{name.removeprefix('livingSubject')}"
    return value


def read_traits_request(payload: etree._Element) -> TraitsRequest:
    """The question that a payload holds; what is absent is empty."""
    name = payload.find(path(*_PARAMETERS, "livingSubjectName", "value"))
    return TraitsRequest(
        sender=get(payload, "root", "sender", "device", "id"),
        family=_text(name, "family"),
        given=_text(name, "given"),
        birth_date=get(payload, "value", *_PARAMETERS, "livingSubjectBirthTime", "value"),
        sex=get(payload, "code", *_PARAMETERS, "livingSubjectAdministrativeGender", "value"),
        approximate=name is not None and name.get("use") == _APPROXIMATE,
        trigger=get(payload, "code", "controlActProcess", "code"),
        message=get(payload, "root", "id"),
        query=get(payload, "root", "controlActProcess", "queryByParameter", "queryId"),
    )


def _text(node: etree._Element | None, *steps: str) -> str:
    return (node.findtext(path(*steps)) or "").strip() if node is not None else ""


def traits_answer(request: TraitsRequest, answer: TraitsAnswer) -> etree._Element:
    """The payload of the answer to ``request``."""
    root = interaction("PRPA_IN201306UV02", DMP_DEVICE, request.sender or "2.25.0")
    acknowledge(root, request.message, answer.error, answer.context)
    act = add(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    for one in answer.candidates:
        _candidate(act, one)
    back = add(act, "queryAck")
    add(back, "queryId", root=request.query or "2.25.0")
    add(back, "statusCode", code="deliveredResponse")
    add(back, "queryResponseCode", code="AE" if answer.error else "OK" if answer.candidates else "NF")
    add(back, "resultTotalQuantity", value=str(len(answer.candidates)))
    return root


def _candidate(act: etree._Element, one: Candidate) -> None:
    event = add(add(act, "subject", typeCode="SUBJ"), "registrationEvent", classCode="REG", moodCode="EVN")
    add(event, "statusCode", code="active")
    patient = add(add(event, "subject1", typeCode="SBJ"), "patient", classCode="PAT")
    add(patient, "id", root=one.identifier.authority, extension=one.identifier.id)
    add(patient, "statusCode", code="active")
    person = add(patient, "patientPerson", classCode="PSN", determinerCode="INSTANCE")
    name = add(person, "name")
    add(name, "family", qualifier="BR").text = one.family
    add(name, "given").text = one.given
    add(person, "administrativeGenderCode", code=one.sex, codeSystem=GENDERS)
    add(person, "birthTime", value=one.birth_date)
    match = add(add(patient, "subjectOf1", typeCode="SBJ"), "queryMatchObservation", classCode="COND", moodCode="EVN")
    add(match, "code", code=SCORE)
    add(match, "value", value=str(one.score)).set(f"{{{XSI}}}type", "INT")
    custodian = add(add(event, "custodian", typeCode="CST"), "assignedEntity", classCode="ASSIGNED")
    add(custodian, "id", root=DMP_DEVICE)


def read_traits_answer(payload: etree._Element) -> TraitsAnswer | None:
    """The answer that a payload holds; ``None`` when it is no ``PRPA_IN201306UV02``."""
    if payload.tag != hl7("PRPA_IN201306UV02"):
        return None
    detail = payload.find(path("acknowledgement", "acknowledgementDetail"))
    if detail is not None:
        return TraitsAnswer(error=get(detail, "code", "code"), context=_text(detail, "text"))
    found = payload.iterfind(path("controlActProcess", "subject", "registrationEvent", "subject1", "patient"))
    return TraitsAnswer(tuple(_read_candidate(patient) for patient in found))


def _read_candidate(patient: etree._Element) -> Candidate:
    score = get(patient, "value", "subjectOf1", "queryMatchObservation", "value")
    return Candidate(
        Cx(get(patient, "extension", "id"), get(patient, "root", "id"), "NH"),
        _text(patient, "patientPerson", "name", "family"),
        _text(patient, "patientPerson", "name", "given"),
        get(patient, "value", "patientPerson", "birthTime"),
        get(patient, "code", "patientPerson", "administrativeGenderCode"),
        whole_number(score) or 0,
    )
