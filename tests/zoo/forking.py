"""The command line in a process of its own, forked from one that has loaded everything: two seconds less for each run.

Where processes do not fork (Windows), it is a command like any other.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from conformance.cli.main import main

PROGRAM = [sys.executable, "-m", "conformance.cli.main"]


def segur(arguments: list[str], folder: Path, timeout: float) -> tuple[int, str]:
    """Run ``segur`` with these arguments: its exit code, and what it said (kept in ``folder``)."""
    mother = _mother()
    said = folder / "said.txt"
    if mother is None:
        with said.open("wb") as output:
            code = subprocess.run(
                [*PROGRAM, *arguments], stdout=output, stderr=output, timeout=timeout, check=False
            ).returncode
        return code, said.read_text("utf-8")
    process = mother.Process(target=_run, args=(arguments, str(said)))
    process.start()
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"segur {' '.join(arguments)}: {said.read_text('utf-8')[-2000:]}")
    return process.exitcode, said.read_text("utf-8")


def _run(arguments: list[str], said: str) -> None:
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    main(arguments)


@cache
def _mother() -> multiprocessing.context.ForkServerContext | None:
    """The process that loads everything, and starts no thread."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return None
    mother = multiprocessing.get_context("forkserver")
    mother.set_forkserver_preload(["tests.zoo.loaded"])
    return mother
