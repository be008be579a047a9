"""Tests of a run play in any order: processes that share them take them from each other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conformance.cli.demo import config_for
from conformance.lgc.process import ReferenceProduct


def test_mail_is_fetched_after_the_product_was_restarted(root: Path, tmp_path: Path) -> None:
    mail, dmp = "messagerie/test_display.py::test_{}", "alimentation/test_outages.py::test_{}"
    names = [
        dmp.format("documents_wait_and_leave_by_themselves"),  # gives the product its card
        mail.format("the_pdf_copy_comes_first"),
        dmp.format("the_queue_survives_a_restart"),
        mail.format("a_level_1_body_is_shown"),
    ]
    played = play(root, tmp_path, names)
    assert "4 passed" in played.stdout, played.stdout


def play(root: Path, folder: Path, names: list[str]) -> subprocess.CompletedProcess[str]:
    """These tests of the profiles, in this order, against the reference product."""
    profiles = root / "profiles"
    with ReferenceProduct((), store=folder / "store") as product:
        command = [sys.executable, "-m", "pytest", *names, "-c", "pytest.ini", "-q", "--tb", "line"]
        command += ["--segur", str(config_for(product, folder)), "--segur-report", str(folder / "report")]
        quiet = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
        return subprocess.run(
            command, cwd=profiles, env={**os.environ, **quiet}, capture_output=True, text=True, timeout=200, check=False
        )
