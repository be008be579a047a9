"""The simulated DMP as a process of its own: started from a command line, or from Python and driven over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import requests

from conformance.core.errors import BenchError, UsageError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.simulators.dmp.control import Control
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.seed import seed
from conformance.simulators.dmp.server import DmpServer


def run(
    state: Path | None = None,
    *,
    database: str = "",
    options: DmpOptions | None = None,
    ports: tuple[int, int] = (0, 0),
    traps: bool = False,
    seeded: bool = False,
    while_stdin_open: bool = False,
) -> int:
    """Serve until interrupted (SIGINT, SIGTERM, or the end of standard input). The first line says where, as JSON."""
    server = DmpServer(state, database=database, options=options, ports=ports, traps=traps)
    facts = seed(server.store) if seeded else None

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        if while_stdin_open:
            # The parent holds the other end: its death, whatever the reason, ends us.
            threading.Thread(target=_when_stdin_ends, args=(loop, stop), daemon=True).start()
        try:
            await server.start(Control(server).application())
        except OSError as error:
            raise UsageError(
                "dmp.port",
                Text(
                    f"Le port demandé est pris ({error.strerror}).", f"The port asked for is taken ({error.strerror})."
                ),
                Text("Choisissez-en un autre, ou 0.", "Choose another one, or 0."),
            ) from error
        said = server.info() | ({"seeded": facts.patient} if facts else {})
        print(json.dumps(said, ensure_ascii=False), flush=True)
        await stop.wait()
        await server.close()

    asyncio.run(serve())
    return int(ExitCode.PASS)


def _when_stdin_ends(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # Not sys.stdin: its lock, held by a thread, would abort the interpreter when it ends otherwise.
    while os.read(0, 65_536):
        pass
    loop.call_soon_threadsafe(stop.set)


class DmpProcess:
    """The simulated DMP, running apart: ``with DmpProcess(state) as dmp: dmp.url``.

    It ends with the ``with`` block, and with this process whatever happens to it. ``kill`` ends it as a power cut
    would, ``start`` starts it again on the same port. Raises ``BenchError`` when it does not start.
    """

    def __init__(self, state: Path | None = None, *, database: str = "", start_seconds: float = 60.0) -> None:
        self._state = state
        self._database = database
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 — closed by __exit__
        self.info: dict[str, Any] = {}

    def __enter__(self) -> DmpProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._log.close()

    @property
    def url(self) -> str:
        """The base of the services."""
        return str(self.info["url"])

    @property
    def root_file(self) -> Path:
        """The certificate (PEM) that a client trusts."""
        return Path(self.info["root"])

    def start(self) -> None:
        """Start it and wait until it answers; after a ``kill``, on the same ports."""
        ports = [str(self._port("url")), str(self._port("control"))]
        command = [sys.executable, "-m", "conformance.simulators.dmp", "--port", ports[0], "--control-port", ports[1]]
        command += ["--state", str(self._state)] if self._state else []
        command += ["--database", self._database] if self._database else []
        path = os.pathsep.join([str(Path(__file__).resolve().parents[3]), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": path.rstrip(os.pathsep), "PYTHONUTF8": "1"},
        )
        try:
            self.info = json.loads(self._first_line(self._process))
        except ValueError as error:
            self.stop()
            self._log.seek(0)
            said = " ".join(self._log.read().decode("utf-8", "replace").split())[-300:] or "-"
            raise BenchError(
                "dmp.did-not-start",
                Text(
                    f"Le DMP simulé n’a pas démarré. Il dit : « {said} ».",
                    f"The simulated DMP did not start. It says: “{said}”.",
                ),
                Text(
                    "Lancez « segur serve dmp » pour voir l’erreur en entier.",
                    "Run “segur serve dmp” to see the whole error.",
                ),
            ) from error

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
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self.stop()

    def control(self, method: str, path: str, **values: Any) -> Any:
        """Ask the control API: ``dmp.control("POST", "/patients", ins=…)``. Raises ``BenchError`` when it refuses."""
        answer = requests.request(method, f"{self.info['control']}{path}", json=values or None, timeout=60)
        if answer.status_code >= 400:
            raise BenchError(
                "dmp.control",
                Text(f"Le DMP simulé refuse {method} {path}.", f"The simulated DMP refuses {method} {path}."),
                Text(answer.text[:200], answer.text[:200]),
            )
        return answer.json()

    def _port(self, name: str) -> int:
        """The port that it had before, 0 at the first start."""
        address = str(self.info.get(name, "")).partition("://")[2].partition("/")[0]
        return int(address.rpartition(":")[2] or 0)

    def _first_line(self, process: subprocess.Popen[bytes]) -> bytes:
        lines: Queue[bytes] = Queue()
        output = process.stdout
        if output is None:
            return b""
        threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
        try:
            return lines.get(timeout=self._start_seconds)
        except Empty:
            return b""
