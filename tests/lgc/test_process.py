"""The reference product as a process: ready, stopped, killed, restarted, never left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from conformance.core.errors import AdapterError, BenchError
from conformance.lgc.process import ReferenceProduct
from conformance.sut.contract import DocumentRequest, PatientFile, ProductRefused
from conformance.sut.http import HttpProduct


def gone(pid: int, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_it_answers_and_ends_with_the_block(file: PatientFile) -> None:
    with ReferenceProduct() as lgc:
        pid = lgc.pid
        product = HttpProduct(lgc.url)
        patient = product.create_patient(file)
        assert product.read_patient(patient.patient_id).file == file
    assert pid is not None
    assert gone(pid)
    with pytest.raises(AdapterError):
        product.about()


def test_it_listens_on_the_loopback_only() -> None:
    with ReferenceProduct() as lgc:
        assert lgc.url.startswith("http://127.0.0.1:")
        port = int(lgc.url.rpartition(":")[2])
        with socket.socket() as other:
            other.settimeout(1)
            assert other.connect_ex(("127.0.0.2", port)) != 0


def test_its_faults_are_those_asked_for(file: PatientFile) -> None:
    with ReferenceProduct(faults=("forgets_allergies",)) as lgc:
        product = HttpProduct(lgc.url)
        patient = product.create_patient(file)
        view = product.generate_document(patient.patient_id, DocumentRequest(type="vsm"))
        assert b"48765-2" not in product.read_document(view.document_id)


def test_a_failure_inside_is_a_500_and_the_product_goes_on(file: PatientFile) -> None:
    with ReferenceProduct(faults=("crashes_on_combining_marks",)) as lgc:
        product = HttpProduct(lgc.url)
        identity = replace(file.identity, used_name="E\u0301te")
        patient = product.create_patient(replace(file, identity=identity))
        answer = requests.post(f"{lgc.url}/patients/{patient.patient_id}/documents", json={"type": "vsm"}, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert "Traceback" not in answer.text
        assert product.about().name
        assert "unexpected character" in lgc.log
    assert "unexpected character" in lgc.log


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, file: PatientFile) -> None:
    with ReferenceProduct(store=tmp_path) as lgc:
        product = HttpProduct(lgc.url)
        patient = product.create_patient(file)
        draft = product.generate_document(patient.patient_id, DocumentRequest(type="vsm"))
        view = product.validate_document(draft.document_id)
        content = product.read_document(view.document_id)
        lgc.kill()
    with ReferenceProduct(store=tmp_path) as lgc:
        product = HttpProduct(lgc.url)
        assert product.list_documents(patient.patient_id) == (view,)
        assert product.read_document(view.document_id) == content


def test_it_does_not_outlive_who_started_it() -> None:
    script = (
        "from conformance.lgc.process import ReferenceProduct; import os, signal\n"
        "lgc = ReferenceProduct(); lgc.start(); print(lgc.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert gone(int(done.stdout))


def test_stopping_twice_does_nothing() -> None:
    lgc = ReferenceProduct()
    lgc.start()
    lgc.stop()
    lgc.stop()
    assert lgc.pid is None


@pytest.mark.parametrize("why", ["store", "port"])
def test_a_product_that_cannot_start_is_said_in_a_sentence(tmp_path: Path, why: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        lgc = ReferenceProduct(port=port) if why == "port" else ReferenceProduct(store=tmp_path / "file")
        with pytest.raises(BenchError) as caught:
            lgc.start()
    assert caught.value.code == "lgc.did-not-start"
    assert "Traceback" not in caught.value.sentence.fr


def test_what_is_not_http_of_the_contract_gets_a_refusal() -> None:
    with ReferenceProduct() as lgc:
        for method, path, status in (
            ("GET", "/nowhere", 404),
            ("DELETE", "/about", 405),
            ("POST", "/patients", 400),
            ("GET", "/patients/..%2Fx", 404),
        ):
            answer = requests.request(method, lgc.url + path, timeout=10)
            assert (answer.status_code, set(answer.json())) == (status, {"code", "message"}), path
        too_long = requests.post(f"{lgc.url}/patients", data=b" " * 17_000_000, timeout=20)
        assert too_long.status_code == 413
        with pytest.raises(ProductRefused):
            HttpProduct(lgc.url).read_patient("nobody")


def test_the_command_line_serves_it_and_ends_at_a_signal() -> None:
    command = [sys.executable, "-m", "conformance.cli.main", "lgc", "serve", "--fault", "forgets_allergies"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as served:
        assert served.stdout is not None
        url = json.loads(served.stdout.readline())["url"]
        assert HttpProduct(url).about().name
        served.terminate()
        assert served.wait(timeout=20) == 0


def test_the_command_line_refuses_an_unknown_fault() -> None:
    command = [sys.executable, "-m", "conformance.cli.main", "lgc", "serve", "--fault", "nope"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nope" in done.stderr
