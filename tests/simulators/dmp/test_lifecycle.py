"""The states of a document, who may move them, and what is final."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.exchange.dmp import requests as messages
from conformance.exchange.metadata import Coded, names
from conformance.exchange.registry_messages import Queries, ReturnType, StoredQuery, quoted
from conformance.generation.dmp import deletion, status_change, visibility_change
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpOptions, DmpSimulator
from conformance.simulators.pki import Pki
from tests.simulators.dmp.practice import Answer, Doctor, cx, open_record


def code(answer: Answer) -> str:
    """The first error of an answer, or ``Success``."""
    assert answer.registry is not None, answer.fault
    return answer.registry.codes[0] if answer.registry.codes else answer.registry.status.rpartition(":")[2]


def uid(doctor: Doctor, patient: Patient, **options: object) -> str:
    return doctor.feed(patient, **options).unique_ids[0]


def test_a_deleted_document_is_neither_found_nor_given(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    assert code(doctor.delete(cx(patient), one)) == "Success"
    found = doctor.find(cx(patient), names.APPROVED, names.DELETED).registry
    assert found is not None
    assert found.objects.documents == ()
    assert code(doctor.retrieve(cx(patient), one)) == "XDSDocumentUniqueIdError"
    assert dmp.documents_of(cx(patient)) == []
    assert [one.status for one in dmp.documents_of(cx(patient), names.DELETED)] == [names.DELETED]


def test_deleted_documents_are_given_when_the_option_says_so(pki: Pki) -> None:
    with DmpSimulator(pki=pki, options=DmpOptions(retrieve_deleted=True)) as dmp:
        patient, doctor = open_record(dmp), Doctor.at(dmp)
        dmp.authorise(cx(patient), doctor.professional.national_id)
        one = uid(doctor, patient)
        doctor.delete(cx(patient), one)
        assert code(doctor.retrieve(cx(patient), one)) == "Success"


def test_deleting_takes_the_former_versions_along(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    note = doctor.note(patient)
    first = doctor.feed(patient, note).unique_ids[0]
    second = doctor.next_version(note)
    doctor.feed(patient, second, replaces=[doctor.look_up(cx(patient), first)])
    doctor.delete(cx(patient), second.numbering.document_id)
    assert dmp.documents_of(cx(patient)) == []


def test_a_deprecated_document_is_not_deleted_by_itself(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    note = doctor.note(patient)
    first = doctor.feed(patient, note).unique_ids[0]
    doctor.feed(patient, doctor.next_version(note), replaces=[doctor.look_up(cx(patient), first)])
    assert code(doctor.delete(cx(patient), first, before=names.DEPRECATED)) == "XDSMetadataUpdateError"


def test_deletion_is_final(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    entry = dmp.document(one)
    assert entry is not None
    doctor.delete(cx(patient), one)
    again = status_change(doctor.sender, cx(patient), entry.id, names.DELETED, names.APPROVED)
    assert (
        code(doctor.ask(messages.update(doctor.url, doctor.assertion(cx(patient)), again))) == "XDSMetadataUpdateError"
    )


def test_an_archived_document_must_be_asked_for(doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    assert code(doctor.move(cx(patient), one, names.APPROVED, names.ARCHIVED)) == "Success"
    for statuses, count in (((names.APPROVED,), 0), ((names.ARCHIVED,), 1)):
        found = doctor.find(cx(patient), *statuses).registry
        assert found is not None
        assert len(found.objects.documents) == count
    assert code(doctor.move(cx(patient), one, names.ARCHIVED, names.APPROVED)) == "Success"


def test_a_change_from_a_status_that_is_not_that_of_the_document_is_refused(doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    assert code(doctor.move(cx(patient), one, names.ARCHIVED, names.APPROVED)) == "XDSMetadataUpdateError"


def test_masking_changes_the_version_and_the_entry_uuid_not_the_logical_id(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    one = uid(doctor, patient)
    before = dmp.document(one)
    assert code(doctor.show(cx(patient), one, "MASQUE_PS")) == "Success"
    after = dmp.document(one)
    assert before is not None
    assert after is not None
    assert (after.version, after.logical_id, after.masked) == (2, before.logical_id, True)
    assert after.id != before.id


def test_a_stale_previous_version_is_refused(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    entry = doctor.entry(cx(patient), one)
    for expected in ("Success", "XDSMetadataVersionError"):
        objects = visibility_change(doctor.sender, cx(patient), entry, ["MASQUE_PS"])
        assert code(doctor.ask(messages.update(doctor.url, doctor.assertion(cx(patient)), objects))) == expected


@pytest.mark.parametrize("hidden", ["INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"])
def test_what_was_shown_is_not_hidden_again(dmp: DmpSimulator, doctor: Doctor, patient: Patient, hidden: str) -> None:
    one = uid(doctor, patient, visibility=[hidden])
    assert code(doctor.show(cx(patient), one)) == "Success"
    assert code(doctor.show(cx(patient), one, hidden)) == "XDSMetadataUpdateError"


def test_a_replacement_does_not_hide_what_was_visible(doctor: Doctor, patient: Patient) -> None:
    note = doctor.note(patient)
    one = doctor.feed(patient, note).unique_ids[0]
    lot = doctor.lot(
        [doctor.next_version(note)], replaces=[doctor.look_up(cx(patient), one)], visibility=["INVISIBLE_PATIENT"]
    )
    assert code(doctor.send(cx(patient), lot)) == "XDSRegistryMetadataError"


def test_replacing_what_is_deprecated_is_refused(doctor: Doctor, patient: Patient) -> None:
    note = doctor.note(patient)
    old = doctor.look_up(cx(patient), doctor.feed(patient, note).unique_ids[0])
    second = doctor.next_version(note)
    doctor.feed(patient, second, replaces=[old])
    lot = doctor.lot([doctor.next_version(second)], replaces=[old])
    assert code(doctor.send(cx(patient), lot)) == "XDSRegistryDeprecatedDocumentError"


def test_the_versions_of_a_document_are_related(doctor: Doctor, patient: Patient) -> None:
    note = doctor.note(patient)
    first = doctor.feed(patient, note).unique_ids[0]
    second = doctor.next_version(note)
    doctor.feed(patient, second, replaces=[doctor.look_up(cx(patient), first)])
    asked = {"$XDSDocumentEntryUniqueId": (quoted(first),), "$AssociationTypes": (quoted(names.REPLACES),)}
    found = doctor.query(cx(patient), StoredQuery(Queries.GET_RELATED_DOCUMENTS, asked)).registry
    assert found is not None
    assert {one.unique_id for one in found.objects.documents} == {first, second.numbering.document_id}
    assert [link.type for link in found.objects.associations] == [names.REPLACES]


def test_a_lookup_gives_ids_alone(doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    asked = StoredQuery(Queries.GET_DOCUMENTS, {"$XDSDocumentEntryUniqueId": (quoted(one),)}, ReturnType.OBJECT_REF)
    found = doctor.query(cx(patient), asked).registry
    assert found is not None
    assert (len(found.objects.references), found.objects.documents) == (1, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Autre"}, {"creation_time": "20200101000000"}, {"mime_type": "application/pdf"},
        {"class_code": Coded("42", "1.2.250.1.213.1.1.4.1")}, {"patient_id": "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"},
        {"authors": ()}, {"reference_ids": ("1^^^^urn:x",)},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_a_new_version_of_the_metadata_changes_the_confidentiality_alone(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient, changes: dict[str, Any]
) -> None:
    one = uid(doctor, patient)
    entry = replace(doctor.entry(cx(patient), one), **changes)
    objects = visibility_change(doctor.sender, cx(patient), entry, ["MASQUE_PS"])
    assert code(doctor.ask(messages.update(doctor.url, doctor.assertion(cx(patient)), objects))) == "XDSMetadataUpdateError"  # fmt: skip
    assert [entry.masked for entry in dmp.documents_of(cx(patient))] == [False]


@pytest.mark.parametrize("missing", ["source_id", "submission_time", "content_type", "unique_id", "patient_id", "authors"])  # fmt: skip
def test_a_change_is_submitted_as_a_lot_is(doctor: Doctor, patient: Patient, missing: str) -> None:
    one = uid(doctor, patient)
    objects = deletion(doctor.sender, cx(patient), doctor.look_up(cx(patient), one), names.APPROVED)
    bare = replace(objects.submission_sets[0], **{missing: () if missing == "authors" else None})
    changed = replace(objects, submission_sets=(bare,))
    answer = doctor.ask(messages.update(doctor.url, doctor.assertion(cx(patient)), changed))
    assert code(answer) == "XDSRegistryMetadataError"
