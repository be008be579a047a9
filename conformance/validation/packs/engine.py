"""Drives the worker process: starts it, hands it requests, and stops it when it takes too long or dies."""

from __future__ import annotations

import importlib.util
import os
import re
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from conformance.core.language import Text
from conformance.validation.packs.errors import MissingExtra
from conformance.validation.packs.worker import receive, send

_STYLESHEET_LINE: Final = re.compile(r" on line (\d+)(?: column \d+)?(?: of \S+?)?(?=:? |:?$)")
_WORKER: Final = Path(__file__).with_name("worker.py")


START_SECONDS: Final = 60.0
"""What the engine may take to start, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: seconds, and MiB of memory for the process."""

    seconds: float = 60.0
    memory: int = 3072


class LimitReached(Exception):
    """The worker was stopped: out of time, out of memory, or it died. ``reason`` says which."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class EngineFault(Exception):
    """The engine refused a request: ``args[0]`` is its own sentence, ``line`` that of the stylesheet it speaks of."""

    def __init__(self, sentence: str) -> None:
        found = _STYLESHEET_LINE.search(sentence)
        super().__init__(_STYLESHEET_LINE.sub("", sentence))
        self.line = int(found.group(1)) if found else None


def _homes(*names: str) -> list[str]:
    """The folders from which this process imports ``names``: the worker does not inherit its search path."""
    folders = []
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            origin = Path(spec.origin).parent
            folders.append(str(origin.parent if spec.submodule_search_locations else origin))
    return list(dict.fromkeys(folders))


@cache
def engine_version() -> str:
    """The version of SaxonC that is installed: what is known of a schematron is known of it. Empty when there is none."""
    for folder in _homes("saxonche"):
        for name in os.listdir(folder):
            if name.startswith("saxonche-") and name.endswith(".dist-info"):
                return name.removeprefix("saxonche-").removesuffix(".dist-info")
    return ""


def _wait(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait until the worker answers, or has ended; false when it takes longer, and then it is stopped."""
    assert process.stdout is not None
    if os.name == "posix":
        # One request is answered at a time, so that nothing of the answer can wait in the reader's buffer.
        ready = bool(select.select([process.stdout], [], [], seconds)[0])
        if not ready:
            process.kill()
        return ready
    out_of_time = threading.Event()

    def stop() -> None:
        out_of_time.set()
        process.kill()

    timer = threading.Timer(seconds, stop)
    timer.start()
    process.stdout.peek(1)  # type: ignore[attr-defined]  # a BufferedReader: blocks until there is something
    timer.cancel()
    return not out_of_time.is_set()


class Engine:
    """One worker process, started when it is first needed and started anew after a limit was reached.

    ``generation`` changes with each start: what was compiled before is gone.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if importlib.util.find_spec("saxonche") is None:
            raise MissingExtra
        self.limits = limits or Limits()
        self.generation = 0
        self._ready = False
        """Whether this process has said that it is: its start is not counted in what a document may take."""
        self._deadline = time.monotonic() + self.limits.seconds

    def start(self) -> None:
        """Start the worker now, so that it warms up while the caller does something else."""
        if self._process is None:
            # -I: neither the caller's folder nor its environment decides what the worker imports.
            arguments = [sys.executable, "-I", str(_WORKER), str(self.limits.memory), *_homes("saxonche", "lxml")]
            self._process = subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self.generation += 1
            self._ready = False

    def begin(self) -> None:
        """Give the requests that follow, all together, the seconds of one document."""
        self._deadline = time.monotonic() + self.limits.seconds

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises ``EngineFault`` when the engine fails on it, ``LimitReached`` when it was stopped.
        """
        self.start()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if not self._ready:
                self._await_start(process)
            send(process.stdin, request)  # type: ignore[arg-type]  # IO[bytes] is a BinaryIO
            in_time = _wait(process, max(0.0, self._deadline - time.monotonic()))
            answer = receive(process.stdout) if in_time else None  # type: ignore[arg-type]  # opened as a pipe
        except OSError:  # the worker is gone: told below
            in_time, answer = True, None
        if answer is None:
            self.close()
            raise LimitReached(self._reason(not in_time))
        if "error" in answer:
            raise EngineFault(answer["error"])
        return answer

    def _await_start(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._ready = _wait(process, START_SECONDS) and receive(process.stdout) is not None  # type: ignore[arg-type]
        if not self._ready:
            self.close()
            reason = Text("le moteur SaxonC n'a pas pu démarrer", "the engine SaxonC could not start")
            raise LimitReached(reason)
        self.begin()

    def _reason(self, out_of_time: bool) -> Text:
        if out_of_time:
            return Text(
                f"arrêté après {self.limits.seconds:g} s : la limite de temps est atteinte",
                f"stopped after {self.limits.seconds:g} s: the time limit is reached",
            )
        return Text(
            f"le moteur s'est arrêté (mémoire limitée à {self.limits.memory} Mio ?)",
            f"the engine stopped (memory limited to {self.limits.memory} MiB?)",
        )

    def close(self) -> None:
        """Stop the worker."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # it is gone already
                    continue
        process.kill()
        process.wait()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()
