from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpSimulator
from conformance.simulators.pki import Pki
from tests.simulators.dmp.practice import Doctor, cx, open_record


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with Pki(tmp_path_factory.mktemp("pki")) as made:
        yield made


@pytest.fixture
def dmp(pki: Pki) -> Iterator[DmpSimulator]:
    with DmpSimulator(pki=pki) as made:
        yield made


@pytest.fixture
def patient(dmp: DmpSimulator) -> Patient:
    return open_record(dmp)


@pytest.fixture
def doctor(dmp: DmpSimulator, patient: Patient) -> Doctor:
    made = Doctor.at(dmp)
    dmp.authorise(cx(patient), made.professional.national_id)
    return made
