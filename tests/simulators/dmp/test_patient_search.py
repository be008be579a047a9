"""TD0.5: the records that traits may be of, in régulation only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.exchange.dmp import requests as messages
from conformance.exchange.dmp.demographics import TraitsAnswer, TraitsRequest, read_traits_answer
from conformance.exchange.metadata import Coded
from conformance.exchange.vihf import PROFESSIONS, AccessMode, AuthenticationMode, purpose_of
from conformance.simulators.dmp import DmpOptions, DmpSimulator
from conformance.simulators.pki import Pki
from tests.simulators.dmp.practice import Doctor

PEOPLE = {
    "185029710552004": ("VELTRANE", "THEO", "19850203", "M"),
    "207058575627097": ("ZORBECQ", "CLAIRE", "19700105", "F"),
    "190017529710097": ("ZORBEC", "ALIX", "19700302", "F"),
}


@pytest.fixture(scope="module")
def desk(pki: Pki) -> Iterator[tuple[DmpSimulator, Doctor]]:
    with DmpSimulator(pki=pki, options=DmpOptions(patients_per_query=2)) as dmp:
        for ins, (family, given, birth, sex) in PEOPLE.items():
            dmp.add_patient(ins, family=family, given=given, birth_date=birth, sex=sex)
        yield dmp, Doctor.at(dmp)


def answer(doctor: Doctor, access: AccessMode = AccessMode.REGULATION, vihf: dict[str, Any] | None = None, **traits: Any) -> TraitsAnswer:  # fmt: skip
    signed = doctor.assertion("", **{"purpose": purpose_of(access), **(vihf or {})})
    request = messages.find_patients(doctor.url, signed, TraitsRequest(doctor.sender.source_id, **traits))
    read = read_traits_answer(doctor.ask(request).payload)
    assert read is not None
    return read


def names(found: TraitsAnswer) -> list[str]:
    return [one.family for one in found.candidates]


def test_traits_find_the_records_that_they_are_of(desk: tuple[DmpSimulator, Doctor]) -> None:
    _, doctor = desk
    assert names(answer(doctor, family="ZORBECQ")) == ["ZORBECQ"]
    assert names(answer(doctor, birth_date="1970")) == ["ZORBEC", "ZORBECQ"]
    assert names(answer(doctor, family="ZORBECQ", sex="F", approximate=True)) == ["ZORBECQ", "ZORBEC"]
    found = answer(doctor, family="zorbecq", given="claire", birth_date="19700105").candidates[0]
    assert (found.identifier.id, found.birth_date, found.score) == ("207058575627097", "19700105", 100)


def test_no_patient_is_no_error_and_too_many_are(desk: tuple[DmpSimulator, Doctor]) -> None:
    _, doctor = desk
    assert answer(doctor, family="NOBODY") == TraitsAnswer()
    assert answer(doctor, birth_date="19").error == "DMPTooManyResult"
    assert answer(doctor, sex="F").error == "DMPInvalidRequest"


@pytest.mark.parametrize("change", [{"open": False}, {"opposes_regulation": True}])
def test_closed_records_and_patients_who_object_are_not_found(
    desk: tuple[DmpSimulator, Doctor], change: dict[str, bool]
) -> None:
    dmp, doctor = desk
    dmp.add_patient("185029710552004", **change)
    assert names(answer(doctor, family="VELTRANE")) == []
    dmp.add_patient("185029710552004", open=True, opposes_regulation=False)
    assert names(answer(doctor, family="VELTRANE")) == ["VELTRANE"]


@pytest.mark.parametrize("access", [AccessMode.NORMAL, AccessMode.BREAK_GLASS])
def test_outside_regulation_nobody_searches_by_traits(desk: tuple[DmpSimulator, Doctor], access: AccessMode) -> None:
    assert answer(desk[1], access, family="ZORBECQ").error == "DMPAccessForbidden"


def test_a_nurse_of_the_regulation_searches_and_reinforced_mode_does_too(desk: tuple[DmpSimulator, Doctor]) -> None:
    dmp, doctor = desk
    assert names(answer(doctor, family="ZORBECQ", vihf={"roles": (Coded("60", PROFESSIONS),)})) == ["ZORBECQ"]
    reinforced = {"mode": AuthenticationMode.REINFORCED}
    assert names(answer(Doctor.of_structure(dmp), family="ZORBECQ", vihf=reinforced)) == ["ZORBECQ"]
