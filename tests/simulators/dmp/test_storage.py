"""The same store on SQLite and on PostgreSQL: nothing lost, nothing twice, also when the process is killed."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import requests

from conformance.core.errors import UsageError
from conformance.exchange.metadata import names
from conformance.generation.people import make_patient
from conformance.simulators.dmp import DmpSimulator
from conformance.simulators.dmp.process import DmpProcess
from conformance.simulators.dmp.seed import seed
from conformance.simulators.dmp.store import Duplicate, Store
from conformance.simulators.pki import Pki, Usage
from tests.conftest import need
from tests.simulators import postgresql
from tests.simulators.dmp.practice import Doctor, changed, cx, make_doctor, open_record
from tests.simulators.dmp.test_lifecycle import code


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    folder = postgresql.programs()
    need("postgresql", folder is not None, "needs the PostgreSQL server of the system (Debian: postgresql)")
    assert folder is not None
    with postgresql.server(folder) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'dmp.sqlite'}"
    url: str = request.getfixturevalue("postgresql_url")
    store = Store(url)
    store.clear()
    store.close()
    return url


def test_a_day_in_the_life_of_a_record(database: str, pki: Pki) -> None:
    """Feeding, replacing, searching, masking, archiving, deleting: the same on every database."""
    with DmpSimulator(pki=pki, database=database) as dmp:
        patient, doctor = open_record(dmp), Doctor.at(dmp)
        dmp.authorise(cx(patient), doctor.professional.national_id)
        note = doctor.note(patient)
        first = doctor.feed(patient, note).unique_ids[0]
        doctor.feed(patient, doctor.next_version(note), replaces=[doctor.look_up(cx(patient), first)])
        masked = doctor.feed(patient).unique_ids[0]
        assert code(doctor.show(cx(patient), masked, "MASQUE_PS")) == "Success"
        archived = doctor.feed(patient).unique_ids[0]
        assert code(doctor.move(cx(patient), archived, names.APPROVED, names.ARCHIVED)) == "Success"
        deleted = doctor.feed(patient).unique_ids[0]
        assert code(doctor.delete(cx(patient), deleted)) == "Success"
        statuses = [entry.status.rpartition(":")[2] for entry in dmp.documents_of(cx(patient))]
        assert sorted(statuses) == ["Approved", "Approved", "Archived", "Deprecated"]
        found = doctor.find(cx(patient), CreationTimeFrom=("2020",), TypeCode=("('11488-4^^2.16.840.1.113883.6.1')",))
        assert found.registry is not None
        assert len(found.registry.objects.documents) == 2
        assert code(doctor.send(cx(patient), doctor.lot([note]))) == "XDSDuplicateUniqueIdInRegistry"


def test_the_seeded_record_has_the_counts_that_it_says(database: str, pki: Pki) -> None:
    store = Store(database)
    facts = seed(store)
    assert seed(store) == facts
    store.close()
    with DmpSimulator(pki=pki, database=database) as dmp:
        living = dmp.documents_of(facts.patient, names.APPROVED)
        assert sum(entry.masked for entry in living) == facts.counts["masked"]
        assert sum(entry.hidden_from_patient for entry in living) == facts.counts["hidden_from_patient"]
        for status, name in (
            (names.ARCHIVED, "archived"),
            (names.DEPRECATED, "deprecated"),
            (names.DELETED, "deleted"),
        ):
            assert len(dmp.documents_of(facts.patient, status)) == facts.counts[name]
        approved = ("visible", "masked", "hidden_from_patient", "hidden_from_representatives")
        for reader, count in (
            (facts.attending, sum(facts.counts[name] for name in approved)),
            (facts.authorised, sum(facts.counts[name] for name in approved if name != "masked")),
        ):
            doctor = Doctor.at(dmp)
            doctor.card, doctor.signing = dmp.card(reader)
            answer = doctor.find(facts.patient, vihf={"name_id": reader}).registry
            assert answer is not None
            assert len(answer.objects.documents) == count


def test_one_document_sent_by_eight_at_once_is_there_once(database: str, pki: Pki) -> None:
    with DmpSimulator(pki=pki, database=database) as dmp:
        patient = open_record(dmp)
        lots = [Doctor.at(dmp).lot([note]) for note in [Doctor.at(dmp).note(patient)] * 8]
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda lot: code(Doctor.at(dmp).send(cx(patient), lot)), lots))
        assert sorted(codes) == ["Success"] + ["XDSDuplicateUniqueIdInRegistry"] * 7
        assert len(dmp.documents_of(cx(patient))) == 1


def test_two_replacements_of_one_document_at_once_leave_one_winner(database: str, pki: Pki) -> None:
    with DmpSimulator(pki=pki, database=database) as dmp:
        patient, doctor = open_record(dmp), Doctor.at(dmp)
        dmp.authorise(cx(patient), doctor.professional.national_id)
        note = doctor.note(patient)
        old = doctor.look_up(cx(patient), doctor.feed(patient, note).unique_ids[0])
        lots = [doctor.lot([doctor.next_version(doctor.note(patient))], replaces=[old]) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            codes = list(pool.map(lambda lot: code(Doctor.at(dmp).send(cx(patient), lot)), lots))
        assert sorted(codes) == ["Success"] + ["XDSRegistryDeprecatedDocumentError"] * 3


@pytest.mark.parametrize("value", ["mime_type", "creation_time", "service_start_time"])
def test_a_value_that_is_too_long_is_refused_alike(database: str, pki: Pki, value: str) -> None:
    with DmpSimulator(pki=pki, database=database) as dmp:
        patient, doctor = open_record(dmp), Doctor.at(dmp)
        lot = changed(doctor, patient, lambda entry: replace(entry, **{value: "2" * 500}))
        assert code(doctor.send(cx(patient), lot)) == "XDSRegistryMetadataError"
        assert dmp.documents_of(cx(patient)) == []
        for identifier in ("structure", "id"):
            fault = doctor.find(cx(patient), vihf={identifier: "_" + "9" * 500}).fault
            assert fault is not None
            assert fault.subcode == "DMPInvalidVihf"
        dmp.authorise(cx(patient), doctor.professional.national_id)
        assert code(doctor.retrieve(cx(patient), "1." + "2" * 500)) == "XDSDocumentUniqueIdError"


def test_what_fails_in_the_middle_leaves_nothing(database: str) -> None:
    store = Store(database)

    def add_twice() -> None:
        with store.writing() as records:
            records.add_content("1.2.3", b"one")
            records.add_content("1.2.3", b"two")

    with pytest.raises(Duplicate):
        add_twice()
    with store.reading() as records:
        assert records.content("1.2.3") is None
    store.close()


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, database: str, pki: Pki) -> None:
    """The process is killed again and again while four clients feed; each goes on until each document is acknowledged."""
    doctors = [make_doctor(Random(f"killer-{rank}")) for rank in range(4)]
    cards = [
        (pki.professional(one.national_id), pki.professional(one.national_id, usage=Usage.SIGNATURE)) for one in doctors
    ]
    shutil.copytree(pki.folder, tmp_path / "state" / "pki")  # the same authorities: their keys take long to make
    patients = [make_patient(Random(f"kill-{rank}")) for rank in range(4)]
    with DmpProcess(tmp_path / "state", database=database) as dmp:
        for patient in patients:
            dmp.control("POST", "/patients", ins=cx(patient))
        sent: list[list[str]] = [[] for _ in patients]

        def work(rank: int) -> None:
            doctor = Doctor(dmp.url, dmp.root_file, *cards[rank], doctors[rank])
            for _ in range(12):
                lot = doctor.lot([doctor.note(patients[rank])], signer=None)
                sent[rank].extend(lot.unique_ids)
                while True:
                    try:
                        said = code(doctor.send(cx(patients[rank]), lot))
                    except (requests.exceptions.RequestException, OSError):
                        doctor.session.close()
                        doctor.session = requests.Session()
                        threading.Event().wait(0.05)
                        continue
                    assert said in ("Success", "XDSDuplicateUniqueIdInRegistry")
                    break

        with ThreadPoolExecutor(len(patients)) as pool:
            working = [pool.submit(work, rank) for rank in range(len(patients))]
            for _ in range(2):
                threading.Event().wait(0.6)
                dmp.kill()
                dmp.start()
            for one in working:
                one.result(120)
        for rank, patient in enumerate(patients):
            kept = [one["unique_id"] for one in dmp.control("GET", f"/patients/{cx(patient)}/documents")]
            assert sorted(kept) == sorted(sent[rank])


def test_a_database_that_does_not_open_is_a_sentence() -> None:
    with pytest.raises(UsageError) as caught:
        Store("sqlite:////no/such/folder/dmp.sqlite")
    assert caught.value.code == "dmp.store"
    with pytest.raises(UsageError):
        Store("nonsense")


@pytest.mark.parametrize("spoilt", ["dmp.sqlite", "journal.sqlite", "pki/revoked.json"])
def test_a_state_folder_of_something_else_is_a_sentence(tmp_path: Path, spoilt: str) -> None:
    (tmp_path / "pki").mkdir()
    (tmp_path / spoilt).write_bytes(b"this is no database, and no list either " * 100)
    with pytest.raises(UsageError):
        DmpSimulator(tmp_path)


def test_a_state_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError) as caught:
        DmpSimulator(tmp_path / "file" / "state")
    assert caught.value.code == "dmp.state"
