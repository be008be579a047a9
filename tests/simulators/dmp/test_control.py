"""The control API, and the command that serves it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import requests

from conformance.generation.people import make_doctor, make_patient
from conformance.simulators.dmp import DmpSimulator
from conformance.simulators.pki import Pki
from conformance.validation.envelopes import validate_any
from tests.simulators.dmp.practice import Doctor, cx
from tests.simulators.dmp.test_lifecycle import code


@pytest.fixture
def api(pki: Pki) -> Iterator[DmpSimulator]:
    with DmpSimulator(pki=pki, control=True) as made:
        yield made


def call(api: DmpSimulator, method: str, path: str, **values: object) -> requests.Response:
    return requests.request(method, api.control_url + path, json=values or None, timeout=60)


def test_a_record_is_opened_fed_and_read_over_http(api: DmpSimulator) -> None:
    patient, doctor = make_patient(Random(5)), Doctor.at(api, 5)
    number = doctor.professional.national_id
    assert call(api, "POST", "/patients", ins=patient.identity.matricule, family="X").status_code == 201
    assert (
        call(api, "POST", f"/patients/{cx(patient)}/authorisations", holder=number, attending=True).status_code == 201
    )
    lot = doctor.feed(patient)
    (document,) = call(api, "GET", f"/patients/{patient.identity.matricule}/documents").json()
    assert document["unique_id"] == lot.unique_ids[0]
    assert call(api, "GET", f"/documents/{lot.unique_ids[0]}").content == lot.documents["document1"]
    assert [one["kind"] for one in call(api, "GET", f"/patients/{cx(patient)}/notifications").json()] == [
        "document_added"
    ]
    assert [one["transaction"] for one in call(api, "GET", f"/patients/{cx(patient)}/traces").json()] == ["td2.1"]
    (entry,) = call(api, "GET", "/journal?event=dmp.td2.1").json()
    captured = call(api, "GET", f"/journal/{entry['number']}/body").content
    assert [str(one.verdict) for one in validate_any(captured, "fed.http")] == ["pass", "pass"]


def test_faults_are_armed_and_lifted_over_http(api: DmpSimulator) -> None:
    assert call(api, "POST", "/faults", kind="error", code="XDSRegistryBusy", times=0).status_code == 201
    assert len(call(api, "GET", "/faults").json()) == 1
    patient, doctor = make_patient(Random(6)), Doctor.at(api, 6)
    api.add_patient(cx(patient))
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]))) == "XDSRegistryBusy"
    call(api, "DELETE", "/faults")
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]))) == "Success"


@pytest.mark.parametrize(
    ("method", "path", "values", "status"),
    [
        ("POST", "/faults", {"kind": "explode"}, 422),
        ("POST", "/patients", {"ins": "207058575627097", "hair": "red"}, 422),
        ("POST", "/patients", {}, 422),
        ("POST", "/patients", {"ins": "207058575627098"}, 422),
        ("POST", "/cards", {"family": "X"}, 422),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/documents/1.2.3", {}, 404),
        ("GET", "/journal/99999/body", {}, 404),
    ],
)
def test_what_is_not_understood_is_told(api: DmpSimulator, method: str, path: str, values: dict[str, str], status: int) -> None:  # fmt: skip
    answer = call(api, method, path, **values)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_a_page_of_another_site_does_not_drive_the_simulator(api: DmpSimulator) -> None:
    answer = requests.get(api.control_url + "/patients", headers={"Host": "evil.example"}, timeout=30)
    assert answer.status_code == 403


def test_the_command_says_where_it_serves_and_issues_cards(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "conformance.cli.main", "serve", "dmp", "--state", str(tmp_path), "--seed", "--traps", "--while-stdin-open"]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        info = json.loads(process.stdout.readline())
        assert set(info["traps"]) == {"expired", "wrong_host", "unknown_authority"}
        assert requests.get(info["control"] + "/patients", timeout=30).json()[0]["patient"] == info["seeded"]
        number = make_doctor(Random(7)).national_id
        card = requests.post(info["control"] + "/cards", json={"national_id": number}, timeout=60).json()
        assert Path(card["signature"]["chain_file"]).is_file()
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
