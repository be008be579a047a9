"""The payloads of TD0.3 (set an authorisation), TD1.6 (list those of a record) and TD0.4 (list the records of a user).

Source: service descriptions of the DMP (annexe WSDL 2.01.04), names and spellings as they stand there
(``LASTAUTORIZATION``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from lxml import etree

from conformance.exchange.metadata.hl7 import Cx

AUTHORISATIONS: Final = "urn:si-dmp-habilitations"
PATIENTS: Final = "urn:si-dmp-patients"
OK: Final = "DMPOk"
ATTENDING: Final = "MEDECIN_TRAITANT"


class Action(StrEnum):
    """What TD0.3 does."""

    ADD = "AJOUT"
    REMOVE = "SUPPRESSION"


class ListMode(StrEnum):
    """Which authorisations TD1.6 lists."""

    ACTIVE = "ACTIVE"
    FORBIDDEN = "INTERDITE"
    ALL = "TOUTE"


class DateType(StrEnum):
    """What the date of TD0.4 is compared with."""

    LAST_AUTHORISATION = "LASTAUTORIZATION"
    LAST_DOCUMENT = "LASTDOC"


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """``status`` (``DMPOk`` or an error code) and its sentence."""

    status: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class ListedAuthorisation:
    """A line of TD1.6. Times ``AAAAMMJJhhmmss`` in UTC; ``mode`` is ``ACTIVE`` or ``INTERDITE``."""

    national_id: str
    last_name: str
    first_name: str
    mode: str
    start: str
    last_action: str
    rights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedPatient:
    """A line of TD0.4. Times as in ``ListedAuthorisation``, empty when there was nothing."""

    identifier: Cx
    last_name: str
    first_name: str
    birth_date: str
    attending: bool
    last_access: str = ""
    last_update: str = ""
    last_add: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class PatientListRequest:
    """The question of TD0.4; ``owner`` restricts to a professional of the structure."""

    start: str
    date_type: str
    owner: str = ""


def _add(owner: etree._Element, namespace: str, name: str, text: str | None = None) -> etree._Element:
    node = etree.SubElement(owner, f"{{{namespace}}}{name}")
    node.text = text
    return node


def _default(namespace: str) -> dict[Any, str]:
    """The namespace without prefix (the stubs of lxml do not know ``None`` as one)."""
    return {None: namespace}


def _root(namespace: str, name: str) -> etree._Element:
    return etree.Element(f"{{{namespace}}}{name}", nsmap=_default(namespace))


def _text(node: etree._Element, name: str) -> str:
    """The text of the child called ``name``, in whatever namespace: published messages differ."""
    return next(((child.text or "").strip() for child in node.iterchildren("{*}" + name)), "")


def set_authorisation_request(action: Action, role: str = "") -> etree._Element:
    """The payload of TD0.3; the patient is that of the VIHF."""
    root = _root(AUTHORISATIONS, "setAuthorization")
    _add(root, AUTHORISATIONS, "action", action)
    if role:
        _add(root, AUTHORISATIONS, "role", role)
    return root


def read_set_authorisation(payload: etree._Element) -> tuple[str, str]:
    """The action and the role that a request names."""
    return _text(payload, "action"), _text(payload, "role")


def list_authorisations_request(mode: ListMode) -> etree._Element:
    """The payload of TD1.6."""
    root = _root(AUTHORISATIONS, "listAuthorizationByPatient")
    _add(root, AUTHORISATIONS, "mode", mode)
    return root


def read_list_mode(payload: etree._Element) -> str:
    """The mode that a TD1.6 asks for."""
    return _text(payload, "mode")


def patient_list_request(request: PatientListRequest) -> etree._Element:
    """The payload of TD0.4."""
    root = _root(PATIENTS, "patientList")
    _add(root, PATIENTS, "startDate", request.start)
    _add(root, PATIENTS, "dateType", request.date_type)
    if request.owner:
        _add(root, PATIENTS, "psOwnerId", request.owner)
    return root


def read_patient_list_request(payload: etree._Element) -> PatientListRequest:
    """The question that a payload holds."""
    return PatientListRequest(_text(payload, "startDate"), _text(payload, "dateType"), _text(payload, "psOwnerId"))


def status_answer(name: str, answer: StatusAnswer) -> etree._Element:
    """The payload of an answer that says a status only; ``name`` is that of the operation."""
    root = _root(AUTHORISATIONS, f"{name}Response")
    _status(_add(root, AUTHORISATIONS, "output"), AUTHORISATIONS, answer)
    return root


def authorisations_answer(lines: Iterable[ListedAuthorisation], answer: StatusAnswer) -> etree._Element:
    """The payload of the answer of TD1.6."""
    root = _root(AUTHORISATIONS, "listAuthorizationByPatientResponse")
    output = _add(root, AUTHORISATIONS, "output")
    for line in lines:
        node = _add(output, AUTHORISATIONS, "listOfAuthorizationByPatient")
        facts = (
            ("nationalId", line.national_id), ("nationalIdType", "IDNPS"), ("firstName", line.first_name),
            ("lastName", line.last_name), ("startOfAuthorization", line.start), ("lastActionDate", line.last_action),
            ("mode", line.mode),
        )  # fmt: skip
        for name, text in facts:
            _add(node, AUTHORISATIONS, name, text)
        for right in line.rights:
            _add(node, AUTHORISATIONS, "specificRight", right)
    _status(output, AUTHORISATIONS, answer)
    return root


def patients_answer(lines: Iterable[ListedPatient], answer: StatusAnswer) -> etree._Element:
    """The payload of the answer of TD0.4."""
    root = _root(PATIENTS, "patientListResponse")
    output = _add(root, PATIENTS, "output")
    for line in lines:
        node = _add(output, PATIENTS, "patientlistData")
        identifier = _add(node, PATIENTS, "patientIdentifier")
        _add(identifier, PATIENTS, "nationalId", line.identifier.id)
        _add(identifier, PATIENTS, "nationalIdType", line.identifier.authority)
        facts = (
            ("lastName", line.last_name), ("firstName", line.first_name), ("dateOfBirth", line.birth_date),
            ("MT", str(line.attending).lower()), ("message", line.message), ("lastAccessDate", line.last_access),
            ("lastUpdateDate", line.last_update), ("lastAddDate", line.last_add),
        )  # fmt: skip
        for name, text in facts:
            _add(node, PATIENTS, name, text)
    _status(output, PATIENTS, answer)
    return root


def _status(output: etree._Element, namespace: str, answer: StatusAnswer) -> None:
    _add(output, namespace, "status", answer.status)
    _add(output, namespace, "context", answer.context)


def read_status(payload: etree._Element) -> StatusAnswer:
    """The status that an answer says; empty when it says none."""
    output = next(payload.iterchildren("{*}output"), payload)
    return StatusAnswer(_text(output, "status"), _text(output, "context"))


def read_authorisations(payload: etree._Element) -> list[ListedAuthorisation]:
    """The lines of an answer of TD1.6."""
    return [
        ListedAuthorisation(
            _text(node, "nationalId"), _text(node, "lastName"), _text(node, "firstName"), _text(node, "mode"),
            _text(node, "startOfAuthorization"), _text(node, "lastActionDate"),
            tuple((child.text or "").strip() for child in node.iterchildren("{*}specificRight")),
        )
        for node in payload.iter("{*}listOfAuthorizationByPatient")
    ]  # fmt: skip


def read_patients(payload: etree._Element) -> list[ListedPatient]:
    """The lines of an answer of TD0.4."""
    found = []
    for node in payload.iter("{*}patientlistData"):
        identifier = next(node.iterchildren("{*}patientIdentifier"), node)
        found.append(
            ListedPatient(
                Cx(_text(identifier, "nationalId"), _text(identifier, "nationalIdType"), "NH"),
                _text(node, "lastName"), _text(node, "firstName"), _text(node, "dateOfBirth"), _text(node, "MT") == "true",
                _text(node, "lastAccessDate"), _text(node, "lastUpdateDate"), _text(node, "lastAddDate"), _text(node, "message"),
            )
        )  # fmt: skip
    return found
