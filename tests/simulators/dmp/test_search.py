"""What each stored query gives, to whom: the current version of the metadata, and nothing that its reader may not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.exchange.metadata import RegistryObjects, names
from conformance.exchange.registry_messages import Queries, ReturnType, StoredQuery, quoted, single
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpSimulator
from tests.simulators.dmp.practice import Doctor, cx
from tests.simulators.dmp.test_lifecycle import code, uid

ENTRY, SET = "$XDSDocumentEntry", "$XDSSubmissionSet"


@pytest.fixture
def other(dmp: DmpSimulator, patient: Patient) -> Doctor:
    """An authorised doctor who wrote nothing."""
    made = Doctor.at(dmp, 2)
    dmp.authorise(cx(patient), made.professional.national_id)
    return made


def versions(objects: RegistryObjects) -> list[str | None]:
    return [one.version for one in objects.documents if one.title != "Source"]


BY_FORMER_ID: dict[str, Callable[[str, str], tuple[str, dict[str, str]]]] = {
    "GetDocuments": lambda old, _: (Queries.GET_DOCUMENTS, {f"{ENTRY}EntryUUID": quoted(old)}),
    "GetDocumentsAndAssociations": lambda old, _: (
        Queries.GET_DOCUMENTS_AND_ASSOCIATIONS, {f"{ENTRY}EntryUUID": quoted(old)},
    ),
    "GetRelatedDocuments": lambda old, _: (
        Queries.GET_RELATED_DOCUMENTS, {f"{ENTRY}EntryUUID": quoted(old), "$AssociationTypes": quoted(names.HAS_MEMBER)},
    ),
    "GetAssociations": lambda old, _: (Queries.GET_ASSOCIATIONS, {"$uuid": quoted(old)}),
    "GetSubmissionSets": lambda old, _: (Queries.GET_SUBMISSION_SETS, {"$uuid": quoted(old)}),
    "GetSubmissionSetAndContents": lambda _, lot: (
        Queries.GET_SUBMISSION_SET_AND_CONTENTS, {f"{SET}UniqueId": quoted(lot)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_FORMER_ID)
def test_a_mask_holds_whatever_the_query_and_the_version_it_names(
    doctor: Doctor, other: Doctor, patient: Patient, name: str
) -> None:
    lot = doctor.feed(patient)
    old = doctor.look_up(cx(patient), lot.unique_ids[0])
    assert code(doctor.show(cx(patient), lot.unique_ids[0], "MASQUE_PS")) == "Success"
    query, parameters = BY_FORMER_ID[name](old, lot.objects.submission_sets[0].unique_id or "")
    answer = other.query(cx(patient), StoredQuery(query, {key: (value,) for key, value in parameters.items()})).registry
    assert answer is not None
    assert (answer.succeeded, answer.objects.documents, answer.objects.associations) == (True, (), ())


def test_a_deleted_document_is_not_found_by_a_former_version(doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    old = doctor.look_up(cx(patient), one)
    assert code(doctor.show(cx(patient), one, "MASQUE_PS")) == "Success"
    assert code(doctor.delete(cx(patient), one)) == "Success"
    answer = doctor.query(cx(patient), StoredQuery(Queries.GET_DOCUMENTS, {f"{ENTRY}EntryUUID": (quoted(old),)}))
    assert answer.registry is not None
    assert answer.registry.objects.documents == ()


def test_the_contents_of_a_lot_are_the_current_versions_tied_to_it(doctor: Doctor, patient: Patient) -> None:
    lot = doctor.feed(patient)
    assert code(doctor.show(cx(patient), lot.unique_ids[0], "MASQUE_PS")) == "Success"
    unique_id = lot.objects.submission_sets[0].unique_id or ""
    query = StoredQuery(Queries.GET_SUBMISSION_SET_AND_CONTENTS, {f"{SET}UniqueId": (quoted(unique_id),)})
    answer = doctor.query(cx(patient), query).registry
    assert answer is not None
    assert versions(answer.objects) == ["2"]
    tied = {link.target for link in answer.objects.associations if link.type == names.HAS_MEMBER}
    assert {one.id for one in answer.objects.documents} <= tied


def test_a_version_that_was_masked_is_still_the_one_that_replaces(doctor: Doctor, patient: Patient) -> None:
    note = doctor.note(patient)
    first = doctor.feed(patient, note).unique_ids[0]
    second = doctor.next_version(note)
    doctor.feed(patient, second, replaces=[doctor.look_up(cx(patient), first)])
    assert code(doctor.show(cx(patient), second.numbering.document_id, "MASQUE_PS")) == "Success"
    parameters = {f"{ENTRY}UniqueId": (quoted(first),), "$AssociationTypes": (quoted(names.REPLACES),)}
    found = doctor.query(cx(patient), StoredQuery(Queries.GET_RELATED_DOCUMENTS, parameters)).registry
    assert found is not None
    (link,) = found.objects.associations
    assert {one.unique_id: one.id for one in found.objects.documents}[second.numbering.document_id] == link.source
    assert code(doctor.delete(cx(patient), second.numbering.document_id)) == "Success"
    left = doctor.find(cx(patient), names.APPROVED, names.DEPRECATED).registry
    assert left is not None
    assert left.objects.documents == ()


def references(doctor: Doctor, patient: Patient, *ids: str) -> str:
    lot = doctor.lot([doctor.note(patient)])
    objects = lot.objects
    documents = (replace(objects.documents[0], reference_ids=ids), *objects.documents[1:])
    assert code(doctor.send(cx(patient), replace(lot, objects=replace(objects, documents=documents)))) == "Success"
    return lot.unique_ids[0]


def test_values_of_the_reference_list_are_an_and_of_ors(doctor: Doctor, patient: Patient) -> None:
    first = references(doctor, patient, "A^^^^urn:x", "B^^^^urn:x")
    second = references(doctor, patient, "A^^^^urn:x", "C^^^^urn:x")

    def found(*values: str) -> set[str | None]:
        parameters = {f"{ENTRY}Status": (quoted(names.APPROVED),), f"{ENTRY}ReferenceIdList": values}
        answer = doctor.query(cx(patient), StoredQuery(Queries.FIND_BY_REFERENCE, parameters)).registry
        assert answer is not None
        return {one.unique_id for one in answer.objects.documents}

    assert found(quoted("A^^^^urn:x")) == {first, second}
    assert found(quoted("B^^^^urn:x", "C^^^^urn:x")) == {first, second}
    assert found(quoted("A^^^^urn:x"), quoted("B^^^^urn:x")) == {first}
    assert found(quoted("B^^^^urn:x"), quoted("C^^^^urn:x")) == set()
    assert found(quoted("%^^^^urn:x"), quoted("C%")) == {second}


def test_a_search_by_author_looks_at_the_authors(doctor: Doctor, other: Doctor, patient: Patient) -> None:
    mine = uid(doctor, patient)
    other.feed(patient)
    author = doctor.professional.national_id
    found = doctor.find(cx(patient), AuthorPerson=(quoted(f"{author}^%"),)).registry
    assert found is not None
    assert [one.unique_id for one in found.objects.documents] == [mine]
    sets = {f"{SET}Status": (quoted(names.APPROVED),), f"{SET}AuthorPerson": (single(f"{author}^%"),)}
    answer = doctor.query(cx(patient), StoredQuery(Queries.FIND_SUBMISSION_SETS, sets)).registry
    assert answer is not None
    assert len(answer.objects.submission_sets) == 1


def test_lots_are_found_by_their_source(doctor: Doctor, patient: Patient) -> None:
    doctor.feed(patient)
    for source, count in ((doctor.sender.source_id, 1), ("1.2.3", 0)):
        sets = {f"{SET}Status": (quoted(names.APPROVED),), f"{SET}SourceId": (quoted(source),)}
        answer = doctor.query(cx(patient), StoredQuery(Queries.FIND_SUBMISSION_SETS, sets)).registry
        assert answer is not None
        assert len(answer.objects.submission_sets) == count


def test_ids_alone_are_given_for_what_may_be_seen(doctor: Doctor, other: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient, visibility=["MASQUE_PS"])
    asked_for = StoredQuery(Queries.GET_DOCUMENTS, {f"{ENTRY}UniqueId": (quoted(one),)}, ReturnType.OBJECT_REF)
    for reader, count in ((doctor, 1), (other, 0)):
        answer = reader.query(cx(patient), asked_for).registry
        assert answer is not None
        assert len(answer.objects.references) == count
