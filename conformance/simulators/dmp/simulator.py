"""The simulated DMP inside this process: what profiles and tests use.

>>> with DmpSimulator() as dmp:
...     dmp.add_patient(ins)
...     product.feed(dmp.url, ca=dmp.root_file)
...     assert len(dmp.documents_of(ins)) == 1
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from conformance.exchange.dmp.captured import CapturedRequest, read_captured
from conformance.exchange.metadata import names
from conformance.simulators.dmp.control import Control
from conformance.simulators.dmp.faults import DmpFault
from conformance.simulators.dmp.model import (
    DmpPatient,
    Entry,
    Notification,
    StoredAuthorisation,
    Trace,
    patient_cx,
)
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.server import DmpServer
from conformance.simulators.journal import Entry as JournalEntry
from conformance.simulators.journal import Journal
from conformance.simulators.pki import Credential, Pki, Usage

_T = TypeVar("_T")


async def _end_others() -> None:
    """End what waits still: clients that opened a connection, and never spoke."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class DmpSimulator:
    """A DMP on the loopback, in a thread of this process.

    ``state`` keeps everything over a restart (without it, nothing is kept); ``database`` is the URL of another
    database (PostgreSQL). ``pki`` and ``journal`` may be shared with other simulators. ``control``: serve the HTTP
    control API too. ``traps``: open the listeners that a product must refuse.
    """

    def __init__(
        self,
        state: Path | None = None,
        *,
        database: str = "",
        options: DmpOptions | None = None,
        pki: Pki | None = None,
        journal: Journal | None = None,
        port: int = 0,
        traps: bool = False,
        control: bool = False,
    ) -> None:
        self._server = DmpServer(
            state, database=database, options=options, pki=pki, journal=journal, ports=(port, 0), traps=traps
        )
        self._control = control
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dmp-loop", daemon=True)

    def __enter__(self) -> DmpSimulator:
        self._thread.start()
        application = Control(self._server).application() if self._control else None
        self._run(lambda: self._server.start(application))
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._server.close)
        self._run(_end_others)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Callable[[], Awaitable[_T]]) -> _T:
        async def done() -> _T:
            return await work()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(60)

    # Where and with what

    @property
    def url(self) -> str:
        """The base of the services (``https://localhost:…/si-dmp-server/v2/services``)."""
        return self._server.url

    @property
    def control_url(self) -> str:
        """The control API, empty unless asked for."""
        return self._server.control_url

    @property
    def traps(self) -> dict[str, str]:
        """The bases of the listeners that a product must refuse, by what is wrong with them."""
        return self._server.traps

    @property
    def root_file(self) -> Path:
        """The certificate (PEM) that a client trusts."""
        return self._server.pki.root_file

    @property
    def pki(self) -> Pki:
        """The authorities and what they issue."""
        return self._server.pki

    @property
    def journal(self) -> Journal:
        """Everything that was exchanged: events ``dmp.td2.1``… (the request, as a file ``.http``), ``dmp.answered``."""
        return self._server.journal

    @property
    def options(self) -> DmpOptions:
        """The options in force."""
        return self._server.options

    def card(self, national_id: str, family: str = "MARTIN", given: str = "Paul") -> tuple[Credential, Credential]:
        """What a professional's card holds: the certificate for TLS, and the one that signs."""
        return (
            self.pki.professional(national_id, family, given),
            self.pki.professional(national_id, family, given, Usage.SIGNATURE),
        )

    def organisation(self, identifier: str, label: str = "CABINET TEST") -> tuple[Credential, Credential]:
        """The certificates of a structure: for TLS, and the one that signs."""
        return self.pki.organisation(identifier, label), self.pki.organisation(identifier, label, Usage.SIGNATURE)

    # Records

    def add_patient(self, ins: str, **facts: Any) -> DmpPatient:
        """Open a record for an INS (a matricule of the test root, or a CX), or change one; ``facts`` as in ``DmpPatient``."""
        with self._server.store.writing() as records:
            known = records.patient(patient_cx(ins))
            made = replace(known, **facts) if known else DmpPatient(patient=patient_cx(ins), **facts)
            records.add_patient(made)
        return made

    def close_record(self, ins: str) -> None:
        """Close a record."""
        self.add_patient(ins, open=False)

    def authorise(self, ins: str, national_id: str, **facts: Any) -> None:
        """Authorise a professional (``attending=True``: médecin traitant; ``state="INTERDITE"``: blocked)."""
        with self._server.store.writing() as records:
            records.authorise(StoredAuthorisation(patient=patient_cx(ins), holder=national_id, **facts))

    def authorisations_of(self, ins: str) -> list[StoredAuthorisation]:
        """The authorisations of a record."""
        with self._server.store.reading() as records:
            return records.authorisations(patient=patient_cx(ins))

    def documents_of(self, ins: str, *statuses: str, signatures: bool = False) -> list[Entry]:
        """The documents of a record, current versions of their metadata, in order of deposit.

        Without ``statuses``: those that are there for somebody (Approved, Archived, Deprecated), not the deleted ones.
        """
        wanted = statuses or (names.APPROVED, names.ARCHIVED, names.DEPRECATED)
        with self._server.store.reading() as records:
            return records.entries_of(patient_cx(ins), statuses=wanted, signatures=signatures)

    def document(self, unique_id: str) -> Entry | None:
        """A document by its uniqueId, whatever its status."""
        with self._server.store.reading() as records:
            return records.current(unique_id)

    def content(self, unique_id: str) -> bytes | None:
        """The bytes of a document."""
        with self._server.store.reading() as records:
            return records.content(unique_id)

    def notifications_of(self, ins: str) -> list[Notification]:
        """What the patient was told."""
        with self._server.store.reading() as records:
            return records.notifications(patient_cx(ins))

    def traces_of(self, ins: str) -> list[Trace]:
        """The access history of a record."""
        with self._server.store.reading() as records:
            return records.traces(patient_cx(ins))

    def clear(self) -> None:
        """Forget records and faults; the journal, which is append-only, stays."""
        self._server.store.clear()
        self.lift_faults()

    # Faults

    def inject(self, fault: DmpFault) -> None:
        """Let the next requests that it concerns meet ``fault``. Raises ``UsageError`` when it makes no sense."""
        self._server.faults.add(fault)
        self.journal.record(
            "dmp",
            "fault.armed",
            kind=str(fault.kind),
            transaction=fault.transaction,
            code=fault.code,
            times=fault.times,
        )

    def lift_faults(self) -> None:
        """Lift every fault."""
        self._server.faults.clear()

    def outage(self, down: bool = True) -> None:
        """Answer nothing but 503 from now on; ``False``: be back."""
        self._server.listener.available = not down
        self.journal.record("dmp", "outage.began" if down else "outage.ended")

    # What happened

    def exchanges(
        self, transaction: str = "", *, after: int = 0, bodies: bool = False, **facts: Any
    ) -> list[JournalEntry]:
        """The requests in order; ``transaction`` ``td2.1``, ``td3.1a``…, empty: all; ``facts`` must be equal."""
        event = f"dmp.{transaction}" if transaction else "dmp.td"
        found = self.journal.entries(event if transaction else "dmp.", after=after, bodies=bodies, **facts)
        return [one for one in found if one.event.startswith(event)]

    def request_of(self, entry: JournalEntry) -> CapturedRequest:
        """The request of a journal entry, for ``check_request``."""
        return read_captured(entry.body if entry.body is not None else self.journal.body(entry.number) or b"")
