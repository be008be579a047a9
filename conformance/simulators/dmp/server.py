"""The simulated DMP as a whole, inside one event loop: store, journal, certificates, listeners, control API."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import tempfile
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.exchange.dmp.transactions import BASE_PATH
from conformance.simulators.dmp.faults import FaultBox
from conformance.simulators.dmp.listener import HOST, TRAPS, Listener
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.service import DmpService
from conformance.simulators.dmp.store import Store
from conformance.simulators.journal import Journal
from conformance.simulators.pki import Defect, Pki

_LAST_SECONDS: Final = 3.0
"""How long the end waits for a request that is being served, or that does not arrive."""
_http_log: Final = logging.getLogger("dmp.http")
_http_log.addFilter(lambda record: not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError)))
"""What is no HTTP is answered 400: nothing of ours has failed, and no stack is shown."""


def _ready(folder: Path) -> Path:
    """The folder, made and open to writing. Raises ``UsageError``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise _not_kept(folder, error.strerror or type(error).__name__) from error


def _not_kept(folder: Path, why: str) -> UsageError:
    return UsageError(
        "dmp.state",
        Text(f"Le dossier d’état {folder} ne s’emploie pas ({why}).", f"The state folder {folder} cannot be used ({why})."),
        Text("Donnez un dossier où écrire, vide ou d’un DMP simulé.",
             "Give a folder to write into, empty or of a simulated DMP."),
    )  # fmt: skip


class DmpServer:
    """Everything of one DMP.

    ``state`` keeps records, journal and certificates over a restart; ``database`` (a URL of SQLAlchemy) keeps the
    records elsewhere. ``pki`` and ``journal`` may be shared with another simulator, and are then left open.
    """

    def __init__(
        self,
        state: Path | None = None,
        *,
        database: str = "",
        options: DmpOptions | None = None,
        pki: Pki | None = None,
        journal: Journal | None = None,
        ports: tuple[int, int] = (0, 0),
        traps: bool = False,
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="segur-dmp-") if state is None else None
        folder = Path(self._temporary.name) if self._temporary else _ready(Path(state or ""))
        self.options = options or DmpOptions()
        self.store = Store(database) if database else Store.in_folder(folder)
        self._own: list[Pki | Journal] = []
        try:
            self.pki = pki or self._owned(Pki(folder / "pki"))
            self.journal = journal or self._owned(Journal(folder))
        except (OSError, ValueError, sqlite3.Error) as error:
            raise _not_kept(folder, str(error)) from error
        self.faults = FaultBox()
        self.service = DmpService(self.store, self.pki, self.options)
        self.listener = Listener(self.service, self.pki, self.journal, self.faults)
        self._ports = ports
        self._with_traps = traps
        self._runners: list[web.AppRunner] = []
        self.port = 0
        self.control_port = 0
        self.traps: dict[str, str] = {}

    def _owned(self, part: Any) -> Any:
        self._own.append(part)
        return part

    @property
    def url(self) -> str:
        """The base of the services, to which ``/repository``… are added."""
        return f"https://localhost:{self.port}{BASE_PATH}"

    @property
    def control_url(self) -> str:
        """Where the control API answers, empty without one."""
        return f"http://{HOST}:{self.control_port}" if self.control_port else ""

    def info(self) -> dict[str, Any]:
        """What a client needs to know, as the first line of ``segur serve dmp`` says it."""
        return {
            "simulator": "dmp",
            "url": self.url,
            "control": self.control_url,
            "root": str(self.pki.root_file),
            "trust": str(self.pki.trust_file),
            "pki": str(self.pki.folder),
            "traps": self.traps,
        }

    async def start(self, control: web.Application | None = None) -> None:
        """Open the sockets."""
        main = self.listener.application()
        self.port = await self._open(main, self._ports[0], Defect.NONE)
        if self._with_traps:
            for name, defect in TRAPS.items():
                port = await self._open(self.listener.application(name), 0, defect)
                self.traps[name] = f"https://localhost:{port}{BASE_PATH}"
        if control is not None:
            runner = web.AppRunner(control, access_log=None)
            await runner.setup()
            self._runners.append(runner)
            await web.TCPSite(runner, HOST, self._ports[1]).start()
            self.control_port = runner.addresses[0][1]

    async def _open(self, application: web.Application, port: int, defect: Defect) -> int:
        runner = web.AppRunner(
            application, access_log=None, auto_decompress=False, logger=_http_log, shutdown_timeout=_LAST_SECONDS
        )
        await runner.setup()
        self._runners.append(runner)
        context = await asyncio.to_thread(self.listener.context, defect)
        await web.TCPSite(runner, HOST, port, ssl_context=context, backlog=256).start()
        return int(runner.addresses[0][1])

    async def close(self) -> None:
        """End everything; what is being served is finished first."""
        for runner in reversed(self._runners):
            await runner.cleanup()
        await asyncio.to_thread(self.listener.close)
        self.store.close()
        for part in self._own:
            part.close()
        if self._temporary:
            self._temporary.cleanup()
