"""The operator as a whole, inside one event loop: its parts, its ports, its certificates."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Collection
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from conformance.simulators.journal import Journal
from conformance.simulators.mssante.access import Access
from conformance.simulators.mssante.delivery import Delivery
from conformance.simulators.mssante.faults import Faults
from conformance.simulators.mssante.imap import folders, messages
from conformance.simulators.mssante.imap.session import LONGEST_LINE, Command, Parts, Session
from conformance.simulators.mssante.model import SOURCE, Settings
from conformance.simulators.mssante.smtp import Submissions
from conformance.simulators.mssante.store import Store
from conformance.simulators.mssante.tls import Face, server_context
from conformance.simulators.mssante.tokens import TokenServer
from conformance.simulators.pki import Defect, Pki

HOST: Final = "127.0.0.1"

_log = logging.getLogger("mssante")

COMMANDS: Final[dict[str, Command]] = {**folders.COMMANDS, **messages.COMMANDS}


class Lists(StrEnum):
    """How revocation lists are served."""

    SERVED = "served"
    CUT = "cut"
    EXPIRED = "expired"


class Service:
    """Everything of one operator. ``state`` keeps mail, tokens, journal and certificates over a restart.

    ``pki`` and ``journal`` may be shared with another simulator, and are then left open. Ports of 0 are free ones,
    which stay the same until ``close``.
    """

    def __init__(
        self,
        settings: Settings,
        state: Path | None = None,
        pki: Pki | None = None,
        journal: Journal | None = None,
        ports: tuple[int, int, int] = (0, 0, 0),
    ) -> None:
        if state is not None:
            state.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self._usual = settings
        self._own: list[Journal | Pki] = []
        self.pki = pki or self._owned(Pki(state / "pki" if state else None))
        self.journal = journal or self._owned(Journal(state))
        self.store = Store(state, settings.folders)
        self.tokens = TokenServer(state, settings.token_seconds, settings.refresh_seconds)
        self.faults = Faults()
        self.access = Access(self.store, self.tokens, self.pki)
        self.delivery = Delivery(settings, self.store, self.faults, self.journal)
        self.smtp_port, self.imap_port, self.control_port = ports
        self.lists = Lists.SERVED
        self._context: ssl.SSLContext | None = None
        self._servers: list[asyncio.Server] = []
        self._sessions: set[Session] = set()
        self._submissions: set[Submissions] = set()
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def _owned(self, part: Any) -> Any:
        self._own.append(part)
        return part

    @property
    def control_url(self) -> str:
        """Where the control API answers."""
        return f"http://{HOST}:{self.control_port}"

    def info(self) -> dict[str, Any]:
        """What a client needs to know, as the first line of ``segur serve mssante`` says it."""
        return {
            "simulator": "mssante",
            "control": self.control_url,
            "host": HOST,
            "smtp": self.smtp_port,
            "imap": self.imap_port,
            "tokens": f"{self.control_url}/psc/token",
            "issuer": f"{self.control_url}/psc",
            "root": str(self.pki.root_file),
            "trust": str(self.pki.trust_file),
            "pki": str(self.pki.folder),
            "domains": list(self.settings.domains),
            "white_list": list(self.settings.white_list),
        }

    async def start(self, application: web.Application) -> None:
        """Open the ports; ``application`` is the control API."""
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.control_port).start()
        self.control_port = self._runner.addresses[0][1]
        if not self.pki.crl_base:
            self.pki.crl_base = f"{self.control_url}/crl"
        self.delivery.tell_after_crash()
        await self.show()
        await self.resume()
        self._keep(self.delivery.later())

    async def show(self, face: Face = Face.RIGHT, defect: Defect = Defect.NONE) -> None:
        """Change the TLS face and the certificate that the next connections meet."""
        credential = await asyncio.to_thread(
            self.pki.server, "localhost", "127.0.0.1", self.settings.host, defect=defect
        )
        self._context = None if face is Face.NO_STARTTLS else server_context(self.pki, credential, face)

    def announce(self, size_limit: int | None = None, hidden: Collection[str] = ()) -> None:
        """Change the size limit and the capabilities of IMAP that are kept back from the next connections.

        What is not said is as usual again.
        """
        usual = self._usual
        limit = usual.size_limit if size_limit is None else size_limit
        self.settings = replace(usual, size_limit=limit, hidden=usual.hidden | frozenset(hidden))

    async def resume(self) -> None:
        """Open the ports of mail."""
        if self._servers:
            return
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(self._submission, HOST, self.smtp_port)
        imap = await asyncio.start_server(self._session, HOST, self.imap_port, limit=LONGEST_LINE)
        self._servers = [smtp, imap]
        self.smtp_port, self.imap_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    async def pause(self) -> None:
        """Close the ports of mail and cut who is connected, as an outage does; the control API goes on."""
        for server in self._servers:
            server.close()
        self._servers = []
        self.cut_sessions()

    def cut_sessions(self) -> None:
        """Cut every connection without a word."""
        for session in list(self._sessions):
            session.abort()
        for submission in list(self._submissions):
            submission.cut()

    async def close(self) -> None:
        """End everything."""
        await self.pause()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.delivery.close()
        if self._runner:
            await self._runner.cleanup()
        self.store.close()
        self.tokens.close()
        for part in self._own:
            part.close()

    def _keep(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """Work that should go on for ever has ended: the journal must say so."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.journal.record(SOURCE, "error", error=repr(error))
            _log.error("the operator's own work ended", exc_info=error)

    def _submission(self) -> Submissions:
        made = Submissions(self.settings, self.access, self.delivery, self.faults, self.journal, self._context)
        self._submissions.add(made)
        made.gone = self._submissions.discard
        return made

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = Parts(
            self.settings, self.store, self.access, self.tokens, self.delivery, self.faults, self.journal,
            lambda: self._context,
        )  # fmt: skip
        session = Session(parts, COMMANDS, reader, writer)
        self._sessions.add(session)
        try:
            await session.run()
        except asyncio.CancelledError:  # the operator ends; asyncio would print a trace for each client still there
            session.abort()
        finally:
            self._sessions.discard(session)
