"""The operator inside this process: ``with Operator() as operator: operator.smtp_port``."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from conformance.simulators.journal import Journal
from conformance.simulators.mssante.client import RemoteOperator
from conformance.simulators.mssante.control import Control
from conformance.simulators.mssante.model import Settings
from conformance.simulators.mssante.service import Service
from conformance.simulators.pki import Pki


class Operator(RemoteOperator):
    """An operator in a thread of this process, from construction to ``close`` (or the end of a ``with`` block).

    Without ``state`` everything is forgotten at the end. ``pki`` and ``journal`` may be shared with other simulators.
    ``ports``: submission, IMAP, control; 0 is a free one.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        state: Path | None = None,
        pki: Pki | None = None,
        journal: Journal | None = None,
        ports: tuple[int, int, int] = (0, 0, 0),
    ) -> None:
        self._service = Service(settings or Settings(), state, pki, journal, ports)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mssante", daemon=True)
        self._thread.start()
        try:
            self._run(self._service.start(Control(self._service).application()))
            super().__init__(self._service.control_url)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Operator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pki(self) -> Pki:
        """The certificates."""
        return self._service.pki

    @property
    def journal(self) -> Journal:
        """Everything that happened."""
        return self._service.journal

    def close(self) -> None:
        """End it; a second call does nothing."""
        if not self._loop.is_closed():
            self._run(self._service.close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _run(self, work: object) -> None:
        if asyncio.iscoroutine(work):
            asyncio.run_coroutine_threadsafe(work, self._loop).result(60)
