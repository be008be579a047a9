from __future__ import annotations

from conformance.exchange.metadata import names
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpSimulator
from tests.simulators.dmp.practice import Doctor, cx


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
