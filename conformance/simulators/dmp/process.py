"""The simulated DMP as a process of its own: started from a command line, or from Python and driven over HTTP."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import requests

from conformance.core.child import Child, when_stdin_ends
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
            when_stdin_ends(lambda: loop.call_soon_threadsafe(stop.set))
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


class DmpProcess:
    """The simulated DMP, running apart: ``with DmpProcess(state) as dmp: dmp.url``.

    It ends with the ``with`` block, and with this process whatever happens to it. ``kill`` ends it as a power cut
    would, ``start`` starts it again on the same port. Raises ``BenchError`` when it does not start.
    """

    def __init__(self, state: Path | None = None, *, database: str = "", start_seconds: float = 60.0) -> None:
        self._state = state
        self._database = database
        name = Text("le DMP simulé", "the simulated DMP")
        module = "conformance.simulators.dmp"
        self._child = Child(module, "dmp.did-not-start", name, "segur serve dmp", start_seconds)

    def __enter__(self) -> DmpProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close()

    @property
    def info(self) -> dict[str, Any]:
        """What it said when it started: addresses and certificates."""
        return self._child.said

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
        arguments = ["--port", str(self._port("url")), "--control-port", str(self._port("control"))]
        arguments += ["--state", str(self._state)] if self._state else []
        arguments += ["--database", self._database] if self._database else []
        self._child.start(arguments)

    def stop(self) -> None:
        """End it, gently then firmly; a second call does nothing."""
        self._child.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._child.kill()

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
