"""TD1.3b and TD1.4: a record that is not tied to Mon espace santé is changed and closed by who may open it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.exchange.dmp import requests as messages
from conformance.exchange.dmp.registration import (
    ASKED_BY_THE_PATIENT,
    CLOSE,
    TERMINATED,
    RegistrationRequest,
    read_registration_answer,
)
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.vihf import AccessMode, purpose_of
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpSimulator
from tests.simulators.dmp.practice import Doctor, cx
from tests.simulators.dmp.test_lifecycle import code
from tests.simulators.dmp.test_rights import existence

CLOSING = {"reason": CLOSE, "status": TERMINATED, "motive": ASKED_BY_THE_PATIENT}


def register(doctor: Doctor, patient: str, *, vihf: dict[str, Any] | None = None, **what: Any) -> str | None:
    """The code of the error, empty when it is done."""
    request = RegistrationRequest(Cx.parse(patient), doctor.sender.source_id, **what)
    answer = doctor.ask(messages.register(doctor.url, doctor.assertion(patient, **(vihf or {})), request))
    return read_registration_answer(answer.payload)


@pytest.fixture
def apart(dmp: DmpSimulator, patient: Patient) -> str:
    """A record that is not tied to Mon espace santé."""
    dmp.add_patient(cx(patient), attached=False)
    return cx(patient)


def test_administrative_data_are_changed_where_something_is_said(doctor: Doctor, apart: str) -> None:
    before = existence(doctor, apart)
    assert register(doctor, apart, family="NOUVEAU", flags={"OPPOSITION_BRIS_DE_GLACE": True}) == ""
    after = existence(doctor, apart, reason="CNSLT_DATA")
    assert (after.family, after.given, after.birth_date) == ("NOUVEAU", before.given, before.birth_date)
    assert after.flags["OPPOSITION_BRIS_DE_GLACE"]


def test_a_closed_record_is_fed_no_more_and_the_patient_is_told(dmp: DmpSimulator, doctor: Doctor, apart: str, patient: Patient) -> None:  # fmt: skip
    assert register(doctor, apart, **CLOSING) == ""
    assert existence(doctor, apart).open is False
    assert code(doctor.send(apart, doctor.lot([doctor.note(patient)]))) == "DMPClosed"
    assert [one.kind for one in dmp.notifications_of(apart)] == ["record_closed"]
    assert register(doctor, apart, family="NOUVEAU") == "DMPClosed"


@pytest.mark.parametrize("what", [{"family": "NOUVEAU"}, CLOSING])
def test_a_record_tied_to_mon_espace_sante_is_the_patients_alone(dmp: DmpSimulator, doctor: Doctor, patient: Patient, what: dict[str, str]) -> None:  # fmt: skip
    assert register(doctor, cx(patient), **what) == "DMPAccessForbidden"
    assert existence(doctor, cx(patient)).open


def test_a_closing_says_why_and_is_not_made_in_break_glass(doctor: Doctor, apart: str) -> None:
    assert register(doctor, apart, reason=CLOSE, status=TERMINATED) == "DMPInvalidRequest"
    assert register(doctor, apart, reason="AUTRE") == "DMPInvalidRequest"
    break_glass = {"purpose": purpose_of(AccessMode.BREAK_GLASS)}
    assert register(doctor, apart, vihf=break_glass, **CLOSING) == "DMPAccessForbidden"
    assert existence(doctor, apart).open
