"""Start and stop the reference product as a process of its own, from Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType

from conformance.core.errors import BenchError
from conformance.core.language import Text
from conformance.core.redaction import redact


class ReferenceProduct:
    """The reference product, running: ``with ReferenceProduct(faults=("forgets_allergies",)) as lgc: lgc.url``.

    It answers on the loopback. It ends with the ``with`` block, and with this process whatever happens to it.
    ``store`` is the folder of its data; without it nothing is kept. Raises ``BenchError`` when it does not
    start within ``start_seconds``.
    """

    def __init__(
        self,
        faults: tuple[str, ...] = (),
        store: Path | None = None,
        port: int = 0,
        start_seconds: float = 30.0,
    ) -> None:
        self._command = [sys.executable, "-m", "conformance.lgc", "--port", str(port), "--while-stdin-open"]
        self._command += ["--store", str(store)] if store else []
        self._command += [part for fault in faults for part in ("--fault", fault)]
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 — closed by stop()
        self.url = ""

    def __enter__(self) -> ReferenceProduct:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process else None

    @property
    def restart_command(self) -> list[str]:
        """The command that starts it again at the same address, with what its store kept; ends when it answers."""
        return [sys.executable, "-m", "conformance.lgc.restart", str(self.pid), self.url]

    @property
    def log(self) -> str:
        """What the product wrote to its log so far, without what must not be shown."""
        if self._log.closed:
            return self._last_log
        self._log.seek(0)
        return redact(self._log.read().decode("utf-8", "replace"))

    def start(self) -> None:
        """Start it and wait until it answers."""
        # The child finds this package wherever the parent found it, installed or in a checkout.
        path = os.pathsep.join([str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": path.rstrip(os.pathsep), "PYTHONUTF8": "1"},
        )
        line = self._first_line(self._process)
        try:
            self.url = json.loads(line)["url"]
        except (ValueError, KeyError, TypeError) as error:
            log = self.log
            self.stop()
            raise _did_not_start(log or line.decode("utf-8", "replace")) from error

    def stop(self) -> None:
        """End it, gently then firmly; a second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            if process.stdin:
                process.stdin.close()
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
        if not self._log.closed:
            self._last_log = self.log
            self._log.close()

    def kill(self) -> None:
        """End it as a power cut would; ``stop`` still has to be called."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    _last_log = ""

    def _first_line(self, process: subprocess.Popen[bytes]) -> bytes:
        """The ready line; empty when the process ended or said nothing in time."""
        lines: Queue[bytes] = Queue()
        output = process.stdout
        if output is None:
            return b""
        threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
        try:
            return lines.get(timeout=self._start_seconds)
        except Empty:
            return b""


def _did_not_start(said: str) -> BenchError:
    last = " ".join(said.split())[-300:] or "-"
    return BenchError(
        "lgc.did-not-start",
        Text(
            f"Le logiciel témoin n’a pas démarré. Il dit : « {last} ».",
            f"The reference product did not start. It says: “{last}”.",
        ),
        Text(
            "Lancez « segur lgc serve » pour voir l’erreur en entier.",
            "Run “segur lgc serve” to see the whole error.",
        ),
    )
