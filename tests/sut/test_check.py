"""``segur sut check``: each fault of an adapter is found, said, and blamed on the adapter."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.sut import command
from conformance.core.verdicts import ExitCode
from conformance.lgc.process import ReferenceProduct
from conformance.sut.adapters import AdapterConfig, adapter_for
from conformance.sut.check import Result, Step, check, exit_code
from conformance.sut.contract import (
    About,
    DocumentView,
    Patient,
    PatientFile,
    ProductRefused,
)
from conformance.sut.http import HttpProduct
from conformance.sut.python import PythonProduct


class Simple:
    """A right adapter in a few lines, for tests to spoil."""

    def __init__(self) -> None:
        self.patients: dict[str, PatientFile] = {}
        self.created = 0

    def about(self) -> About:
        offered = ("about", "reset", "create_patient", "read_patient", "list_documents")
        return About(name="Simple", version="1", vendor="Essai", contract_version="1.3", operations=offered)

    def reset(self) -> None:
        self.patients.clear()

    def create_patient(self, file: PatientFile) -> Patient:
        self.created += 1
        self.patients[str(self.created)] = file
        return Patient(patient_id=str(self.created), file=file)

    def read_patient(self, patient_id: str) -> Patient:
        if patient_id not in self.patients:
            raise ProductRefused("read_patient", 404, "unknown", "Inconnu.")
        return Patient(patient_id=patient_id, file=self.patients[patient_id])

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        return ()


def failed(product: object) -> list[Step]:
    steps = check(PythonProduct(product))
    return [step for step in steps if step.result is Result.FAILED]


def test_the_reference_product_proves_its_adapter(reference: ReferenceProduct) -> None:
    steps = check(HttpProduct(reference.url))
    assert exit_code(steps) is ExitCode.PASS
    done = {step.operation for step in steps if step.result is Result.DONE}
    assert done == {"about", "reset", "create_patient", "read_patient", "list_documents", "worklist", "outgoing"}


def test_a_right_adapter_in_python_is_proven() -> None:
    assert failed(Simple()) == []


def spoiled(name: str, method: Callable[..., Any]) -> Simple:
    product = Simple()
    setattr(product, name, method.__get__(product))
    return product


def other_major(self: Simple) -> About:
    return replace(Simple.about(self), contract_version="2.0")


def strange_operation(self: Simple) -> About:
    return replace(Simple.about(self), operations=("about", "make_coffee"))


def announces_too_much(self: Simple) -> About:
    return replace(Simple.about(self), operations=("about", "outgoing"))


def same_id(self: Simple, file: PatientFile) -> Patient:
    self.patients["1"] = file
    return Patient(patient_id="1", file=file)


def loses_accents(self: Simple, patient_id: str) -> Patient:
    patient = Simple.read_patient(self, patient_id)
    identity = replace(patient.file.identity, used_name="D’Ete Segur")
    return replace(patient, file=replace(patient.file, identity=identity))


def forgets_the_record(self: Simple, patient_id: str) -> Patient:
    patient = Simple.read_patient(self, patient_id)
    return replace(patient, file=PatientFile(identity=patient.file.identity))


def invents_patients(self: Simple, patient_id: str) -> Patient:
    file = self.patients.get(patient_id) or next(iter(self.patients.values()))
    return Patient(patient_id=patient_id, file=file)


def does_not_reset(self: Simple) -> None:
    pass


def crashes(self: Simple, *_: object) -> None:
    raise RuntimeError("boom")


@pytest.mark.parametrize(
    ("name", "method", "operation", "said"),
    [
        ("about", other_major, "about", "2.0"),
        ("about", strange_operation, "about", "make_coffee"),
        ("about", announces_too_much, "outgoing", "501"),
        ("create_patient", same_id, "create_patient", "patient_id"),
        ("create_patient", crashes, "create_patient", "boom"),
        ("read_patient", loses_accents, "read_patient", "file.identity.used_name"),
        ("read_patient", forgets_the_record, "read_patient", "file.record.active_problems"),
        ("reset", does_not_reset, "reset", "reset"),
    ],
)
def test_each_fault_of_an_adapter_is_found_once(
    name: str, method: Callable[..., Any], operation: str, said: str
) -> None:
    found = failed(spoiled(name, method))
    assert [step.operation for step in found] == [operation]
    assert said in found[0].sentence.fr
    assert found[0].hint is not None


def test_a_product_that_invents_patients_is_found() -> None:
    found = failed(spoiled("read_patient", invents_patients))
    assert any("inconnu" in step.sentence.fr for step in found)


def test_a_product_that_offers_nothing_proves_nothing() -> None:
    steps = check(PythonProduct(object()))
    assert [step.result for step in steps] == [Result.NOT_OFFERED]
    assert exit_code(steps) is ExitCode.INCOMPLETE


def test_a_product_that_is_off_is_the_adapters_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    steps = check(adapter_for(AdapterConfig("http", url=f"http://127.0.0.1:{port}", timeout_seconds=2)))
    assert [step.result for step in steps] == [Result.FAILED]
    assert exit_code(steps) is ExitCode.BENCH_ERROR


def test_the_command_says_each_step(reference: ReferenceProduct) -> None:
    said = CliRunner().invoke(command, ["check", "--url", reference.url], standalone_mode=False)
    assert said.return_value == ExitCode.PASS
    assert "prouvé" in said.output or "proven" in said.output
    told = CliRunner().invoke(command, ["check", "--url", reference.url, "--format", "json"], standalone_mode=False)
    steps = json.loads(told.output)["steps"]
    assert [step["operation"] for step in steps][:3] == ["about", "reset", "create_patient"]
    assert all(step["sentence"]["fr"] for step in steps)


def test_the_command_prints_the_contract() -> None:
    printed = json.loads(CliRunner().invoke(command, ["contract"], standalone_mode=False).output)
    assert printed["openapi"] == "3.1.0"
