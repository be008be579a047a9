"""The payloads of TD1.3b (administrative data changed) and TD1.4 (record closed): HL7 V3, PRPA_IN201314 and its answer.

Sources: example messages of the DMP (reasons, status, motive of closing). That the oppositions which TD1.3a reads are
changed by the same observations is deduced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from conformance.exchange.dmp.demographics import GENDERS
from conformance.exchange.dmp.existence import OBSERVATIONS, REASONS
from conformance.exchange.dmp.interactions import XSI, acknowledge, add, get, hl7, interaction, path, reason_of
from conformance.exchange.dmp.transactions import DMP_DEVICE
from conformance.exchange.metadata.hl7 import Cx

CHANGE_DATA: Final = "MODIF_DATA"
CLOSE: Final = "FERM"
TERMINATED: Final = "terminated"
CLOSING_REASONS: Final = "1.2.250.1.213.4.1.2.4"
ASKED_BY_THE_PATIENT: Final = "FERMETURE_DEMANDE_PATIENT"

_PATIENT: Final = ("controlActProcess", "subject", "registrationRequest", "subject1", "patient")
_MOTIVE: Final = ("controlActProcess", "reasonOf", "detectedIssueEvent", "code")


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """What changes in a record: new traits (empty: as before), oppositions by code; or its closing and why."""

    patient: Cx
    sender: str
    reason: str = CHANGE_DATA
    family: str = ""
    given: str = ""
    birth_date: str = ""
    sex: str = ""
    flags: Mapping[str, bool] = field(default_factory=dict)
    status: str = "active"
    motive: str = ""
    message: str = ""


def registration_request(request: RegistrationRequest) -> etree._Element:
    """The payload of the request."""
    root = interaction("PRPA_IN201314UV02", request.sender, DMP_DEVICE)
    if request.message:
        root[0].set("root", request.message)
    act = add(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    add(act, "reasonCode", code=request.reason, codeSystem=REASONS)
    asked = add(add(act, "subject", typeCode="SUBJ"), "registrationRequest", classCode="REG", moodCode="RQO")
    add(asked, "statusCode", code="active")
    patient = add(add(asked, "subject1", typeCode="SBJ"), "patient", classCode="PAT")
    add(patient, "id", root=request.patient.authority, extension=request.patient.id)
    add(patient, "statusCode", code=request.status)
    _person(patient, request)
    for code, flag in request.flags.items():
        observation = add(add(patient, "subjectOf", typeCode="SBJ"), "administrativeObservation", classCode="OBS", moodCode="EVN")  # fmt: skip
        add(observation, "code", code=code, codeSystem=OBSERVATIONS)
        add(observation, "value", value=str(flag).lower()).set(f"{{{XSI}}}type", "BL")
    if request.motive:
        issue = add(add(act, "reasonOf", typeCode="RSON"), "detectedIssueEvent", classCode="ALRT", moodCode="EVN")
        add(issue, "code", code=request.motive, codeSystem=CLOSING_REASONS)
    return root


def _person(patient: etree._Element, request: RegistrationRequest) -> None:
    person = add(patient, "patientPerson", classCode="PSN", determinerCode="INSTANCE")
    if request.family or request.given:
        name = add(person, "name")
        for part, value in (("family", request.family), ("given", request.given)):
            if value:
                add(name, part).text = value
    if request.sex:
        add(person, "administrativeGenderCode", code=request.sex, codeSystem=GENDERS)
    if request.birth_date:
        add(person, "birthTime", value=request.birth_date)


def read_registration_request(payload: etree._Element) -> RegistrationRequest:
    """The request that a payload holds; what is absent is empty."""
    patient = payload.find(path(*_PATIENT))
    observations = patient.iter(hl7("administrativeObservation")) if patient is not None else ()
    return RegistrationRequest(
        Cx(get(payload, "extension", *_PATIENT, "id"), get(payload, "root", *_PATIENT, "id"), "NH"),
        get(payload, "root", "sender", "device", "id"),
        reason_of(payload),
        (payload.findtext(path(*_PATIENT, "patientPerson", "name", "family")) or "").strip(),
        (payload.findtext(path(*_PATIENT, "patientPerson", "name", "given")) or "").strip(),
        get(payload, "value", *_PATIENT, "patientPerson", "birthTime"),
        get(payload, "code", *_PATIENT, "patientPerson", "administrativeGenderCode"),
        {get(one, "code", "code"): get(one, "value", "value") == "true" for one in observations},
        get(payload, "code", *_PATIENT, "statusCode"),
        get(payload, "code", *_MOTIVE),
        get(payload, "root", "id"),
    )


def registration_answer(request: RegistrationRequest, error: str = "", context: str = "") -> etree._Element:
    """The payload of the answer: done, or the code of an error and its sentence."""
    root = interaction("PRPA_IN201314ResponseUV02", DMP_DEVICE, request.sender or "2.25.0")
    acknowledge(root, request.message, error, context)
    return root


def read_registration_answer(payload: etree._Element) -> str | None:
    """The code of the error, empty when all was done; ``None`` when the payload is no such answer."""
    if payload.tag != hl7("PRPA_IN201314ResponseUV02"):
        return None
    return get(payload, "code", "acknowledgement", "acknowledgementDetail", "code")
