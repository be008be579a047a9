"""A server of the kit as a process of its own: both ends of what keeps parent and child together.

The child says in its first line of output, as JSON, where it answers, and ends when its standard input does: the
parent holds the other end, so that the child never outlives it, whatever the reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from conformance.core.errors import BenchError
from conformance.core.language import Text
from conformance.core.redaction import redact

ROOT = Path(__file__).resolve().parents[2]
"""Where this package is imported from, installed or in a checkout."""


class Child:
    """A module of the kit, running apart. ``said`` is what its first line told.

    ``name`` is what the sentence of a failed start calls it; ``by_hand`` is the command that shows the whole error.
    """

    def __init__(self, module: str, code: str, name: Text, by_hand: str, start_seconds: float = 30.0) -> None:
        self._module = module
        self._code = code
        self._name = name
        self._by_hand = by_hand
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 — closed by close()
        self._last_log = ""
        self.said: dict[str, Any] = {}

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process else None

    @property
    def log(self) -> str:
        """What it wrote to its log so far, without what must not be shown."""
        if self._log.closed:
            return self._last_log
        self._log.seek(0)
        return redact(self._log.read().decode("utf-8", "replace"))

    def start(self, arguments: Sequence[str]) -> None:
        """Start it and wait for its first line. Raises ``BenchError`` when that is not what it should be."""
        # The child finds this package wherever the parent found it.
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": path.rstrip(os.pathsep), "PYTHONUTF8": "1"},
        )
        line = self._first_line(self._process)
        try:
            self.said = dict(json.loads(line))
        except (ValueError, TypeError) as error:
            said = self.log or line.decode("utf-8", "replace")
            self.stop()
            raise self._did_not_start(said) from error

    def stop(self) -> None:
        """End it, gently then firmly; a second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()

    def kill(self) -> None:
        """End it as a power cut would; it can be started again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self.stop()

    def close(self) -> None:
        """Stop it for good; its log can still be read."""
        self.stop()
        if not self._log.closed:
            self._last_log = self.log
            self._log.close()

    def _first_line(self, process: subprocess.Popen[bytes]) -> bytes:
        """Empty when the process ended or said nothing in time."""
        lines: Queue[bytes] = Queue()
        output = process.stdout
        if output is None:
            return b""
        threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
        try:
            return lines.get(timeout=self._start_seconds)
        except Empty:
            return b""

    def _did_not_start(self, said: str) -> BenchError:
        last = " ".join(said.split())[-300:] or "-"
        fr, en = self._name.fr, self._name.en
        return BenchError(
            self._code,
            Text(
                f"{fr[0].upper()}{fr[1:]} n’a pas démarré. Il dit : « {last} ».",
                f"{en[0].upper()}{en[1:]} did not start. It says: “{last}”.",
            ),
            Text(
                f"Lancez « {self._by_hand} » pour voir l’erreur en entier.",
                f"Run “{self._by_hand}” to see the whole error.",
            ),
        )


def when_stdin_ends(action: Callable[[], object]) -> None:
    """In the child: do this, in a thread, when the parent has gone or closed our standard input."""

    def wait() -> None:
        # Not sys.stdin: its lock, held by a thread, would abort the interpreter when it ends otherwise.
        while os.read(0, 65_536):
            pass
        action()

    threading.Thread(target=wait, daemon=True).start()
