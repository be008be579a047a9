"""The zoo: the reference product with one seeded fault, judged by a profile."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.lgc.process import ReferenceProduct

OPTIONS = {"vsm": "examples = 15\nshrink = false\n"}
"""Profile → options that make a run short: a fault must show, it need not be shrunk."""


@dataclass(frozen=True)
class Catch:
    """What a profile says of one faulty product: exit code, tests that fail, tests that the bench broke."""

    exit_code: int
    failed: frozenset[str]
    broken: frozenset[str]
    verdicts: dict[str, str]
    said: str


def function_of(test_id: str) -> str:
    """The test without its parameters: ``test_identity.py::test_birth_names``."""
    return test_id.rpartition("/")[2].partition("[")[0]


def judge(profile_name: str, faults: Iterable[str], folder: Path) -> Catch:
    """Play a profile against the reference product with these faults, both as processes of their own."""
    with ReferenceProduct(tuple(faults)) as product:
        config = folder / "segur.toml"
        options = OPTIONS.get(profile_name, "")
        config.write_text(
            f'[adapter]\nkind = "http"\nurl = "{product.url}"\n[profile.{profile_name}]\n{options}', encoding="utf-8"
        )
        command = [
            sys.executable,
            "-m",
            "conformance.cli.main",
            "run",
            "--config",
            str(config),
            "--profile",
            profile_name,
        ]
        command += ["--report", str(folder / "report"), "--format", "json", "--lang", "en"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    said = done.stdout + done.stderr
    path = folder / "report" / "report.json"
    if not path.exists():
        return Catch(done.returncode, frozenset(), frozenset(), {}, said)
    report = json.loads(path.read_text("utf-8"))
    verdicts = {test["id"]: test["verdict"] for test in report["tests"]}
    failed = frozenset(function_of(name) for name, verdict in verdicts.items() if verdict == "fail")
    broken = frozenset(
        function_of(name) for name, verdict in verdicts.items() if verdict in ("bench_error", "not_checked")
    )
    return Catch(done.returncode, failed, broken, verdicts, said)


@cache
def claims() -> dict[str, dict[str, set[str]]]:
    """Profile → fault → the tests that name it among what they catch."""
    command = [sys.executable, "-m", "conformance.cli.main", "list", "--dry-run", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, dict[str, set[str]]] = {}
    for test in json.loads(done.stdout):
        of_profile = found.setdefault(test["profile"], {})
        for fault in test["catches"]:
            of_profile.setdefault(fault, set()).add(function_of(test["id"]))
    return found
