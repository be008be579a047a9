"""Identities: what may be created, and which changes are legal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import nir

from conformance.harness.records import identity_for
from conformance.lgc.identities import NEXT, Identities, key
from conformance.lgc.practice import Practice
from conformance.lgc.refusals import Refused
from conformance.sut.contract import (
    Category,
    ClinicalRecord,
    DocumentRequest,
    Ins,
    InsStatus,
    Note,
    Patient,
    PatientFile,
)

IDENTITIES = Identities()


@given(st.randoms(use_true_random=False))
def test_the_key_is_the_one_of_an_independent_library(random: Any) -> None:
    identity = identity_for(random)
    assert identity.ins is not None
    assert key(identity.ins.matricule[:13]) == nir.calc_check_digits(identity.ins.matricule[:13])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ins": None}, "ins_missing"),
        ({"ins": Ins(matricule="279035121518990", oid="1.2.250.1.213.1.4.10")}, "ins_key"),
        ({"ins": Ins(matricule="279035121518989", oid="1.2.250.1.213.1.4.2")}, "ins_oid"),
        ({"ins": Ins(matricule="999999A99999999", oid="1.2.250.1.213.1.4.10")}, "ins_key"),
        ({"birth_date": date.today() + timedelta(days=1)}, "birth_date"),
        ({"used_name": "a\x00b"}, "character"),
        ({"used_name": "a\ufffeb"}, "character"),
        ({"used_name": " "}, "empty_text"),
    ],
)
def test_an_identity_that_cannot_be_recorded_is_refused(
    practice: Practice, file: PatientFile, changed: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as caught:
        practice.create_patient(replace(file, identity=replace(file.identity, **changed)))
    assert (caught.value.status, caught.value.code) == (422, code)
    assert practice.store.patients() == []


@pytest.mark.parametrize(("before", "after"), list(product(InsStatus, InsStatus)))
def test_only_legal_changes_of_status_are_made(
    practice: Practice, file: PatientFile, before: InsStatus, after: InsStatus
) -> None:
    patient = practice.create_patient(replace(file, identity=replace(file.identity, ins_status=before)))
    wanted = replace(file, identity=replace(file.identity, ins_status=after))
    if before is after or after in NEXT[before]:
        assert practice.update_patient(patient.patient_id, wanted).file == wanted
    else:
        assert (before, after) in {
            (InsStatus.PROVISOIRE, InsStatus.QUALIFIEE),
            (InsStatus.VALIDEE, InsStatus.RECUPEREE),
            (InsStatus.RECUPEREE, InsStatus.VALIDEE),
        }
        with pytest.raises(Refused) as caught:
            practice.update_patient(patient.patient_id, wanted)
        assert (caught.value.status, caught.value.code) == (409, "ins_status")
        assert practice.read_patient(patient.patient_id).file.identity.ins_status is before


@pytest.mark.parametrize("status", InsStatus)
def test_strict_traits_are_locked_once_the_ins_service_answered(
    practice: Practice, file: PatientFile, status: InsStatus
) -> None:
    identity = replace(file.identity, ins_status=status)
    patient = practice.create_patient(replace(file, identity=identity))
    changed = replace(file, identity=replace(identity, birth_name="AUTRE"))
    if status in {InsStatus.RECUPEREE, InsStatus.QUALIFIEE}:
        with pytest.raises(Refused) as caught:
            practice.update_patient(patient.patient_id, changed)
        assert (caught.value.status, caught.value.code) == (409, "traits_locked")
    else:
        assert practice.update_patient(patient.patient_id, changed).file == changed


def test_complementary_traits_stay_free(practice: Practice, patient: Patient, file: PatientFile) -> None:
    changed = replace(file, identity=replace(file.identity, used_name="Autre", telecoms=()))
    assert practice.update_patient(patient.patient_id, changed).file == changed


def records_refused(record: ClinicalRecord) -> list[tuple[str, ClinicalRecord]]:
    problem, allergy = record.active_problems[0], record.allergies[0]
    return [
        ("item_twice", replace(record, active_problems=(problem, problem))),
        ("item_twice", replace(record, allergies=(replace(allergy, id=problem.id),))),
        ("impossible_date", replace(record, active_problems=(replace(problem, start="2012-02-31"),))),
        ("impossible_date", replace(record, active_problems=(replace(problem, start="0000"),))),
        (
            "end_before_start",
            replace(record, active_problems=(replace(problem, start="2012-02-02", end="2012-02-01"),)),
        ),
        ("end_before_start", replace(record, active_problems=(replace(problem, start="2012-02-02", end="2011"),))),
        ("none_known", replace(record, none_known=(Category.ALLERGIES,))),
        ("character", replace(record, points_of_attention=(Note(id="n", text="a\x08"),))),
    ]


def test_a_record_that_contradicts_itself_is_refused(practice: Practice, file: PatientFile) -> None:
    for code, record in records_refused(file.record):
        with pytest.raises(Refused) as caught:
            practice.create_patient(replace(file, record=record))
        assert (caught.value.status, caught.value.code) == (422, code)


def test_an_edited_content_is_checked_as_a_record_is(practice: Practice, patient: Patient, file: PatientFile) -> None:
    for code, record in records_refused(file.record):
        with pytest.raises(Refused) as caught:
            practice.generate_document(patient.patient_id, DocumentRequest(type="vsm", content=record))
        assert caught.value.code == code
