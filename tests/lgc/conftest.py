"""The reference product without its HTTP face, and with it."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from conformance.harness.records import file_for
from conformance.lgc.faults import faulty_parts
from conformance.lgc.practice import Practice
from conformance.lgc.store import Store
from conformance.sut.contract import Patient, PatientFile


def practice_with(*faults: str) -> Practice:
    """A product in memory, with these faults."""
    parts = faulty_parts(faults)
    return parts.practice(Store(), parts)


@pytest.fixture
def practice() -> Iterator[Practice]:
    made = practice_with()
    yield made
    made.store.close()


@pytest.fixture
def file() -> PatientFile:
    """A patient whose identity is qualified, with something in every list."""
    return file_for(Random(1))


@pytest.fixture
def patient(practice: Practice, file: PatientFile) -> Patient:
    return practice.create_patient(file)
