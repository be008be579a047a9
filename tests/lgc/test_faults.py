"""The seeded faults: each shows in a day of use of the product, and says what it does."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from random import Random

import pytest
from click.testing import CliRunner

from conformance.cli.lgc import command
from conformance.core.errors import UsageError
from conformance.harness.records import detailed_record, file_for, rich_record
from conformance.identity.generate import make_professional_id
from conformance.lgc.faults import ALL, FAULTS, faulty_parts
from conformance.lgc.practice import PRACTITIONER, Practice
from conformance.sut.contract import (
    AllergyStatus,
    Category,
    ClinicalRecord,
    DocumentRequest,
    InsStatus,
    Note,
    PatientFile,
    Professional,
)
from tests.lgc.conftest import practice_with
from tests.lgc.reading import produce

NEW_EACH_TIME = re.compile(
    r"2\.25\.[0-9]+|pat-[0-9a-f]{12}|doc-[0-9a-f]{12}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}"
    r"|(?<![0-9])[0-9]{14}[+-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}[+-][0-9:]{5}"
)


def files() -> dict[str, PatientFile]:
    """Patients whose records make every fault show."""
    record = rich_record()
    ended = replace(record.past_problems[0], id="h2")
    allergies = (*record.allergies, replace(record.allergies[0], id="l2", status=AllergyStatus.RESOLVED))
    full = replace(record, past_problems=(*record.past_problems, ended), allergies=allergies)
    named = file_for(Random(2), full)
    identity = replace(
        named.identity,
        used_name="D’Été de La Très Longue Lignée du Val d'Oise",
        used_given_name="Anne-E\u0301lise",
    )
    return {
        "named": replace(named, identity=identity),
        "retrieved": file_for(Random(3), record, InsStatus.RECUPEREE),
        "empty": file_for(Random(4), ClinicalRecord()),
        "none": file_for(Random(5), ClinicalRecord(none_known=(Category.ALLERGIES, Category.TREATMENTS))),
        "detailed": replace(file_for(Random(7), detailed_record()), attending_physician=another_physician()),
        "last": file_for(Random(6), record),
    }


def another_physician() -> Professional:
    return replace(PRACTITIONER, national_id=make_professional_id(Random(8)), family="QUILVARNE")


def a_day_of_use(practice: Practice) -> str:
    """All that the product shows and writes in a day, with what is new each time numbered in its order."""
    said: list[str] = []
    created = {name: practice.create_patient(file).patient_id for name, file in files().items()}
    for name, file in files().items():
        first = produce(practice, file, patient_id=created[name])
        patient_id = first.view.patient_id
        proposed = practice.prefill_document(patient_id, "vsm").content
        edited = replace(
            proposed,
            treatments=proposed.treatments[:1],
            active_problems=tuple(replace(p, label=f"{p.label} (revu)") for p in proposed.active_problems),
        )
        second = produce(practice, file, edited, replaces=first.view.document_id, patient_id=patient_id)
        since = replace(file.record, points_of_attention=(Note(id="since", text="Noté depuis"),))
        practice.update_patient(patient_id, replace(file, record=since))
        third = produce(practice, file, replaces=second.view.document_id, patient_id=patient_id)
        draft = practice.generate_document(patient_id, DocumentRequest(type="vsm"))
        listed = practice.list_documents(patient_id)
        said += [*map(str, (first.content, proposed, second.content, third.content, draft, listed))]
    numbers: dict[str, str] = {}
    count = itertools.count()

    def numbered(found: re.Match[str]) -> str:
        if re.match(r"[0-9]{14}|[0-9]{4}-", found[0]):
            return "NOW"
        if found[0] not in numbers:
            numbers[found[0]] = f"#{next(count)}"
        return numbers[found[0]]

    shown = re.sub(r"datetime\.datetime\([^)]*\)+", "NOW", "\n".join(said))
    return NEW_EACH_TIME.sub(numbered, shown)


@pytest.fixture(scope="module")
def good_day() -> str:
    return a_day_of_use(practice_with())


def test_a_good_day_is_the_same_twice(good_day: str) -> None:
    assert a_day_of_use(practice_with()) == good_day


CRASHES = {"crashes_on_combining_marks"}


VSM = [fault.name for fault in FAULTS.values() if fault.domain == "vsm" and fault.name not in CRASHES]
"""The faults that a day of documents must show; those of other domains show in their profiles (tests/zoo)."""


@pytest.mark.parametrize("name", VSM)
def test_each_fault_shows(good_day: str, name: str) -> None:
    assert a_day_of_use(practice_with(name)) != good_day


@pytest.mark.parametrize("name", CRASHES)
def test_a_fault_that_crashes_does(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        a_day_of_use(practice_with(name))


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_says_what_it_does_in_both_languages(name: str) -> None:
    fault = FAULTS[name]
    for sentence in (fault.sentence.fr, fault.sentence.en):
        assert re.fullmatch(r"[A-ZÀÉ][^\n]+\.", sentence), sentence
    assert fault.sentence.fr != fault.sentence.en


def test_no_two_faults_have_one_name() -> None:
    assert len(FAULTS) == len(ALL)


def test_there_are_enough_faults_for_the_vsm() -> None:
    assert len([fault for fault in FAULTS.values() if fault.domain == "vsm"]) >= 20


def test_without_a_fault_the_parts_are_the_good_ones() -> None:
    assert faulty_parts(()) == replace(faulty_parts(()), practice=Practice)


def test_two_faults_work_together() -> None:
    vsm = produce(practice_with("forgets_allergies", "wrong_title"), files()["named"])
    assert "48765-2" not in vsm.sections
    assert vsm.one("/*/h:title/text()") == "Lettre de liaison à l'entrée"


def test_an_unknown_fault_is_said_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="forgets_everything"):
        faulty_parts(("forgets_everything",))


def test_the_command_lists_them() -> None:
    listed = CliRunner().invoke(command, ["faults"], standalone_mode=False)
    assert [line.split()[0] for line in listed.output.splitlines()] == list(FAULTS)
