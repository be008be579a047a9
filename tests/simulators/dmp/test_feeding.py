"""What is fed is kept as it was, and what a lot may not say is refused whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.exchange.metadata import Association, names
from conformance.generation.header import Numbering
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpOptions, DmpSimulator
from conformance.simulators.pki import Pki
from tests.simulators.dmp.practice import Doctor, changed, cx, open_record
from tests.simulators.dmp.test_lifecycle import code


def test_what_is_fed_is_found_and_retrieved_as_it_was(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    lot = doctor.feed(patient)
    (entry,) = dmp.documents_of(cx(patient))
    assert entry.unique_id == lot.unique_ids[0]
    found = doctor.find(cx(patient)).registry
    assert found is not None
    assert [one.unique_id for one in found.objects.documents] == list(lot.unique_ids)
    got = doctor.retrieve(cx(patient), *lot.unique_ids).registry
    assert got is not None
    assert got.documents[0].data == lot.documents["document1"]


def test_a_replacement_deprecates_what_it_replaces(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    note = doctor.note(patient)
    first = doctor.feed(patient, note)
    old = doctor.look_up(cx(patient), first.unique_ids[0])
    doctor.feed(patient, doctor.next_version(note, text="Texte corrigé."), replaces=[old])
    assert [one.status for one in dmp.documents_of(cx(patient))] == [names.DEPRECATED, names.APPROVED]


# What a lot may say


def test_an_oid_of_128_characters_is_a_unique_id_and_one_more_is_none(doctor: Doctor, patient: Patient) -> None:
    for length, expected in ((128, "Success"), (129, "XDSRegistryMetadataError")):
        root = "1.2.250.1." + "123456789." * 11
        number = root + "1" * (length - len(root))
        lot = doctor.lot([doctor.note(patient, numbering=Numbering(number, root + "2"))])
        assert code(doctor.send(cx(patient), lot)) == expected


@pytest.mark.parametrize(
    ("required", "info", "expected"),
    [
        (True, ("PID-5|TEST^PAUL^^^^^L",), "Success"),
        (True, (), "XDSRegistryMetadataError"),
        (False, (), "Success"),
        (False, ("PID-8|M",), "XDSRegistryMetadataError"),
    ],
)
def test_the_name_of_the_patient(pki: Pki, required: bool, info: tuple[str, ...], expected: str) -> None:
    with DmpSimulator(pki=pki, options=DmpOptions(require_source_patient_info=required)) as dmp:
        patient, doctor = open_record(dmp), Doctor.at(dmp)
        lot = changed(doctor, patient, lambda entry: replace(entry, source_patient_info=info))
        assert code(doctor.send(cx(patient), lot)) == expected


@pytest.mark.parametrize(
    ("kind", "source", "target", "expected"),
    [
        (names.HAS_MEMBER, "lot", "nobody", "UnresolvedReferenceException"),
        (names.HAS_MEMBER, "nobody", "document1", "XDSRegistryMetadataError"),
        (names.REPLACES, "urn:uuid:0", "urn:uuid:1", "XDSRegistryMetadataError"),
        (names.REPLACES, "document1", "urn:uuid:1", "UnresolvedReferenceException"),
    ],
)
def test_an_association_ties_what_is_in_the_lot(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient, kind: str, source: str, target: str, expected: str
) -> None:
    lot = doctor.lot([doctor.note(patient)])
    first = lot.objects.submission_sets[0].id if source == "lot" else source
    links = (*lot.objects.associations, Association(id="more", type=kind, source=first, target=target))
    assert code(doctor.send(cx(patient), replace(lot, objects=replace(lot.objects, associations=links)))) == expected
    assert dmp.documents_of(cx(patient)) == []


def test_each_object_of_a_lot_has_an_id_of_its_own(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    lot = doctor.lot([doctor.note(patient), doctor.note(patient)])
    first, second, *others = lot.objects.documents
    same = replace(lot, objects=replace(lot.objects, documents=(first, replace(second, id=first.id), *others)))
    assert code(doctor.send(cx(patient), same)) == "XDSRegistryMetadataError"
    assert dmp.documents_of(cx(patient)) == []
