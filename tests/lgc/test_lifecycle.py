"""Drafts, validation, versions, edits, deletion: what a user does with documents, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.lgc.faults import faulty_parts
from conformance.lgc.practice import Practice
from conformance.lgc.refusals import Refused
from conformance.lgc.store import Store
from conformance.sut.contract import (
    ClinicalRecord,
    DocumentRequest,
    DocumentStatus,
    Organization,
    Patient,
    PatientFile,
    Settings,
)
from tests.lgc.reading import produce

VSM = DocumentRequest(type="vsm")


def refusal(caught: pytest.ExceptionInfo[Refused]) -> tuple[int, str]:
    return caught.value.status, caught.value.code


def test_a_draft_becomes_current_when_it_is_validated(practice: Practice, patient: Patient) -> None:
    draft = practice.generate_document(patient.patient_id, VSM)
    assert draft.status is DocumentStatus.DRAFT
    assert practice.validate_document(draft.document_id).status is DocumentStatus.CURRENT
    with pytest.raises(Refused) as caught:
        practice.validate_document(draft.document_id)
    assert refusal(caught) == (409, "not_a_draft")


def test_a_new_version_follows_the_one_before(practice: Practice, file: PatientFile) -> None:
    first = produce(practice, file)
    second = produce(practice, file, replaces=first.view.document_id, patient_id=first.view.patient_id)
    third = produce(practice, file, replaces=second.view.document_id, patient_id=first.view.patient_id)
    for rank, vsm in enumerate((first, second, third), start=1):
        assert vsm.one("/*/h:versionNumber/@value") == str(rank) == str(vsm.view.version_number)
        assert vsm.one("/*/h:setId/@root") == first.view.set_id
        assert vsm.one("/*/h:id/@root") == vsm.view.unique_id
        assert vsm.all("/*/h:id/@extension") == []
    assert first.all("//h:relatedDocument") == []
    assert second.one("//h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id/@root") == first.view.unique_id
    assert third.one("//h:relatedDocument/h:parentDocument/h:id/@root") == second.view.unique_id
    assert len({vsm.view.unique_id for vsm in (first, second, third)}) == 3
    statuses = [view.status for view in practice.list_documents(first.view.patient_id)]
    assert statuses == [DocumentStatus.REPLACED, DocumentStatus.REPLACED, DocumentStatus.CURRENT]


def test_a_draft_replaces_nothing_before_it_is_validated(practice: Practice, file: PatientFile) -> None:
    first = produce(practice, file).view
    practice.generate_document(first.patient_id, replace(VSM, replaces=first.document_id))
    assert practice.list_documents(first.patient_id)[0].status is DocumentStatus.CURRENT


def test_two_drafts_of_the_same_next_version_cannot_both_be_validated(practice: Practice, file: PatientFile) -> None:
    first = produce(practice, file).view
    request = replace(VSM, replaces=first.document_id)
    one = practice.generate_document(first.patient_id, request)
    two = practice.generate_document(first.patient_id, request)
    practice.validate_document(one.document_id)
    with pytest.raises(Refused) as caught:
        practice.validate_document(two.document_id)
    assert refusal(caught) == (409, "not_current")


def test_a_draft_is_not_replaced(practice: Practice, patient: Patient) -> None:
    draft = practice.generate_document(patient.patient_id, VSM)
    with pytest.raises(Refused) as caught:
        practice.generate_document(patient.patient_id, replace(VSM, replaces=draft.document_id))
    assert refusal(caught) == (409, "not_current")


def test_a_document_of_another_patient_is_not_replaced(practice: Practice, file: PatientFile) -> None:
    first = produce(practice, file).view
    other = practice.create_patient(file)
    with pytest.raises(Refused) as caught:
        practice.generate_document(other.patient_id, replace(VSM, replaces=first.document_id))
    assert refusal(caught) == (409, "other_patient")


def test_a_deleted_document_stays_listed_as_deleted(practice: Practice, file: PatientFile) -> None:
    view = produce(practice, file).view
    assert practice.delete_document(view.document_id).status is DocumentStatus.DELETED
    assert [each.status for each in practice.list_documents(view.patient_id)] == [DocumentStatus.DELETED]
    with pytest.raises(Refused) as caught:
        practice.delete_document(view.document_id)
    assert refusal(caught) == (409, "already_deleted")


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (DocumentRequest(type="cr-bio"), "unknown_document_type"),
        (DocumentRequest(type="vsm", version="1.3"), "unknown_version"),
    ],
)
def test_a_document_that_is_not_offered_is_refused(
    practice: Practice, patient: Patient, request_: DocumentRequest, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        practice.generate_document(patient.patient_id, request_)
    assert refusal(caught) == (422, code)


def test_the_prefill_is_the_record_and_the_document_is_what_the_user_left(
    practice: Practice, patient: Patient, file: PatientFile
) -> None:
    proposed = practice.prefill_document(patient.patient_id, "vsm").content
    assert proposed == file.record
    kept = replace(
        proposed,
        active_problems=(replace(proposed.active_problems[0], label="Libellé modifié"),),
        allergies=(),
    )
    vsm = produce(practice, file, content=kept)
    assert "Libellé modifié" in vsm.sections["11450-4"]
    assert proposed.active_problems[1].label not in vsm.content.decode()
    assert "48765-2" not in vsm.sections
    assert practice.read_patient(patient.patient_id).file.record == file.record


def test_a_record_changed_later_does_not_change_a_validated_document(practice: Practice, file: PatientFile) -> None:
    vsm = produce(practice, file)
    practice.update_patient(vsm.view.patient_id, replace(file, record=ClinicalRecord()))
    assert practice.read_document(vsm.view.document_id) == vsm.content
    later = produce(practice, file, patient_id=vsm.view.patient_id, replaces=vsm.view.document_id)
    assert later.all("//h:entry") == []


@pytest.mark.parametrize("name", ["read_patient", "list_documents"])
def test_an_unknown_patient_is_refused(practice: Practice, name: str) -> None:
    with pytest.raises(Refused) as caught:
        getattr(practice, name)("nobody")
    assert refusal(caught) == (404, "unknown_patient")


def test_settings_name_the_author_and_the_structure(practice: Practice, file: PatientFile) -> None:
    structure = Organization(national_id="1759999915", name="Maison de santé d’Été")
    practitioner = replace(practice.practitioner, family="ESSAI", national_id="899999000021")
    practice.configure(Settings(practitioner=practitioner))
    practice.configure(Settings(organization=structure))
    vsm = produce(practice, file)
    assert vsm.one("//h:author//h:assignedPerson/h:name/h:family/text()") == "ESSAI"
    assert vsm.one("//h:custodian//h:id/@extension") == structure.national_id


def test_the_store_survives_a_restart(tmp_path: Path, file: PatientFile) -> None:
    parts = faulty_parts(())
    before = Practice(Store(tmp_path), parts)
    vsm = produce(before, file)
    root = before.store.practice_root
    before.store.close()
    after = Practice(Store(tmp_path), parts)
    assert after.read_patient(vsm.view.patient_id).file == file
    assert after.list_documents(vsm.view.patient_id) == (vsm.view,)
    assert after.read_document(vsm.view.document_id) == vsm.content
    assert after.store.practice_root == root
    after.store.close()


def test_reset_forgets_patients_documents_and_settings(practice: Practice, file: PatientFile) -> None:
    practice.configure(Settings(organization=Organization(national_id="1759999915", name="Autre")))
    view = produce(practice, file).view
    practice.reset()
    assert practice.store.patients() == []
    assert practice.organization.name != "Autre"
    with pytest.raises(Refused):
        practice.read_document(view.document_id)
