"""The reference product started again: same address, what its store kept, nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random

import pytest

from conformance.harness.records import file_for
from conformance.lgc.process import ReferenceProduct
from conformance.sut.http import HttpProduct

pytestmark = pytest.mark.skipif(not hasattr(__import__("signal"), "SIGHUP"), reason="needs SIGHUP")


def test_what_is_in_the_store_survives_at_the_same_address(tmp_path: Path) -> None:
    with ReferenceProduct(store=tmp_path) as running:
        product = HttpProduct(running.url)
        patient = product.create_patient(file_for(Random(1)))
        subprocess.run(running.restart_command, check=True, timeout=60)
        assert product.read_patient(patient.patient_id) == patient


def test_faults_are_there_again(tmp_path: Path) -> None:
    with ReferenceProduct(("keeps_replaced_document_current",), store=tmp_path) as running:
        subprocess.run(running.restart_command, check=True, timeout=60)
        command = Path(f"/proc/{running.pid}/cmdline")
        if command.exists():
            assert b"keeps_replaced_document_current" in command.read_bytes()
        assert HttpProduct(running.url).about().name
