"""How fast the store of the simulated DMP answers when it is full, and whether concurrent feeding loses or doubles anything.

    python benchmarks/dmp.py store [--entries 1000000] [--database URL] [--json]
    python benchmarks/dmp.py feeding [--documents 10000] [--clients 50] [--kills 2] [--json]

``store``: searches of one record (FindDocuments, whole metadata) by the median, with ten thousand entries and with
``--entries``, records of fifty documents in both; aims: under 10 ms, and at most 1.5 times the smaller figure.
``feeding``: clients over TLS with signed VIHF feed one process, which is killed (SIGKILL) and started again in the
middle; each client repeats a lot until it is acknowledged; aims: none lost, none twice.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import requests
from sqlalchemy import insert

from conformance.exchange.dmp import requests as messages
from conformance.exchange.metadata import names
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.registry_messages import Queries, StoredQuery, quoted
from conformance.exchange.vihf import AccessMode, vihf_element
from conformance.exchange.vihf_signature import sign_vihf
from conformance.generation.dmp import Note, Sender, lot_of, vihf_for, write_note
from conformance.generation.dmp.lots import new_oid
from conformance.generation.header import Numbering
from conformance.generation.people import make_doctor, make_patient
from conformance.simulators.dmp import tables
from conformance.simulators.dmp.gate import Visitor
from conformance.simulators.dmp.intake import Lot, feed
from conformance.simulators.dmp.model import DmpPatient, Entry, StoredAuthorisation
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.process import DmpProcess
from conformance.simulators.dmp.rights import UserKind
from conformance.simulators.dmp.search import run_query
from conformance.simulators.dmp.store import Store
from conformance.simulators.dmp.users import User
from conformance.simulators.pki import Pki, Usage

DOCUMENTS_OF_A_RECORD = 50
SMALL = 10_000
SEARCHES = 400


def _cx(number: int) -> str:
    """A record that exists in the store only; its matricule is no identity."""
    return str(Cx(f"{number:015d}", "1.2.250.1.213.1.4.10", "NH"))


def _one_entry(store: Store) -> Entry:
    """A real entry, as feeding makes it."""
    random = Random("benchmark")
    patient, doctor = make_patient(random), make_doctor(random)
    sender = Sender(doctor)
    cx = str(Cx(patient.identity.matricule, patient.identity.root, "NH"))
    data = write_note(Note(patient, doctor, Numbering(new_oid(), new_oid()), datetime(2025, 1, 1, tzinfo=UTC)))
    lot = lot_of(sender, [data])
    with store.writing() as records:
        records.add_patient(DmpPatient(patient=cx))
        record = records.patient(cx)
        assert record is not None
        visitor = Visitor(
            User(vihf_for(sender, cx), AccessMode.NORMAL, cx), record, UserKind.DOCTOR, None, DmpOptions()
        )
        return feed(records, visitor, Lot(lot.objects, lot.documents))[0]


def _fill(store: Store, entries: int, told: bool) -> None:
    """``entries`` document entries, fifty to a record."""
    model = _one_entry(store)
    values = {one.name: getattr(model, one.name) for one in fields(Entry)}
    values |= {
        name: list(values[name]) for name in ("confidentiality", "events", "references", "persons", "institutions")
    }
    number = 0
    while number < entries:
        rows = []
        for _ in range(min(5000, entries - number)):
            cx = _cx(number // DOCUMENTS_OF_A_RECORD)
            unique, entry_id = f"1.2.250.1.999.5.{number}", f"urn:uuid:00000000-0000-4000-8000-{number:012d}"
            xml = model.xml.replace(model.id, entry_id).replace(model.unique_id, unique)
            rows.append(values | {"id": entry_id, "logical_id": entry_id, "unique_id": unique, "patient": cx, "xml": xml,
                                  "submission": entry_id, "creation_time": f"2025{number % 12 + 1:02d}01090000"})  # fmt: skip
            number += 1
        with store.writing() as records:
            records.connection.execute(insert(tables.ENTRIES), rows)
            patients = sorted({row["patient"] for row in rows})
            for one in patients:
                records.add_patient(DmpPatient(patient=one))
        if told and number % 100_000 == 0:
            print(f"  {number}", file=sys.stderr, flush=True)


def _search_times(store: Store, entries: int) -> tuple[list[float], list[float]]:
    """Seconds of each search over records chosen at random: in the store alone, and with its answer built."""
    random = Random(1)
    alone: list[float] = []
    times: list[float] = []
    doctor = make_doctor(random)
    query = StoredQuery(Queries.FIND_DOCUMENTS, {"$XDSDocumentEntryStatus": (quoted(names.APPROVED),)})
    for rank in range(SEARCHES + 20):
        cx = _cx(random.randrange(entries // DOCUMENTS_OF_A_RECORD))
        start = time.perf_counter()
        with store.reading() as records:
            assert len(records.entries_of(cx, statuses=(names.APPROVED,))) == DOCUMENTS_OF_A_RECORD
        in_store = time.perf_counter() - start
        start = time.perf_counter()
        with store.reading() as records:
            record = records.patient(cx)
            assert record is not None
            authorisation = StoredAuthorisation(patient=cx, holder=doctor.national_id)
            user = User(vihf_for(Sender(doctor), cx), AccessMode.NORMAL, cx)
            visitor = Visitor(user, record, UserKind.DOCTOR, authorisation, DmpOptions(searches_allowed=0))
            found = run_query(records, visitor, query)
        if rank >= 20:  # the first ones warm the caches
            times.append(time.perf_counter() - start)
            alone.append(in_store)
        assert len(found) == DOCUMENTS_OF_A_RECORD
    return alone, times


def measure_store(entries: int, database: str, told: bool) -> dict[str, Any]:
    """The figures of the store, small then full."""
    figures: dict[str, Any] = {}
    for name, size in (("small", SMALL), ("full", entries)):
        with tempfile.TemporaryDirectory(prefix="segur-bench-") as folder:
            store = Store(database) if database else Store.in_folder(Path(folder))
            store.clear()
            start = time.perf_counter()
            _fill(store, size, told)
            filled = time.perf_counter() - start
            alone, answered = _search_times(store, size)
            store.close()
        milliseconds = sorted(1000 * one for one in alone)
        figures[name] = {
            "entries": size,
            "fill_seconds": round(filled, 1),
            "median_ms": round(statistics.median(milliseconds), 2),
            "p95_ms": round(milliseconds[int(0.95 * len(milliseconds))], 2),
            "answered_median_ms": round(1000 * statistics.median(answered), 2),
        }
    figures["ratio"] = round(figures["full"]["median_ms"] / figures["small"]["median_ms"], 2)
    figures["aims_met"] = figures["full"]["median_ms"] < 10 and figures["ratio"] <= 1.5
    return figures


@dataclass
class _Client:
    """One client: a doctor with a card, a patient of their own."""

    rank: int
    url: str
    root: Path
    pki: Pki

    def __post_init__(self) -> None:
        self.patient = make_patient(Random(f"bench-{self.rank}"))
        self.cx = str(Cx(self.patient.identity.matricule, self.patient.identity.root, "NH"))
        self.doctor = make_doctor(Random(f"bench-{self.rank}"))
        number = self.doctor.national_id
        self.card, self.signing = self.pki.professional(number), self.pki.professional(number, usage=Usage.SIGNATURE)
        self.session = requests.Session()
        self.sent: list[str] = []
        self.repeats = 0

    def feed(self, count: int) -> None:
        """Feed ``count`` documents, each until it is acknowledged."""
        sender = Sender(self.doctor)
        root = new_oid()
        model = Note(self.patient, self.doctor, Numbering("", ""), datetime.now(UTC))
        for rank in range(count):
            note = replace(
                model, numbering=Numbering(f"{root[:40]}.{self.rank}.{rank}.1", f"{root[:40]}.{self.rank}.{rank}")
            )
            lot = lot_of(sender, [write_note(note)])
            self.sent.extend(lot.unique_ids)
            while not self._acknowledged(sender, lot):
                self.repeats += 1
                self.session.close()
                self.session = requests.Session()
                time.sleep(0.2)

    def _acknowledged(self, sender: Sender, lot: Any) -> bool:
        vihf = vihf_element(vihf_for(sender, self.cx, self.signing.certificate))
        signed = sign_vihf(vihf, self.signing.key, self.signing.certificate)
        request = messages.feed(self.url, signed, lot.objects, lot.documents)
        try:
            response = self.session.post(
                request.url, data=request.body, headers=request.headers, verify=str(self.root), timeout=60,
                cert=(str(self.card.chain_file), str(self.card.key_file)),
            )  # fmt: skip
        except requests.exceptions.RequestException:
            return False
        answer = messages.read_answer(response.headers["Content-Type"], response.content)
        codes = answer.registry.codes if answer.registry else ("fault",)
        return codes in ((), ("XDSDuplicateUniqueIdInRegistry",))


def measure_feeding(documents: int, clients: int, kills: int, database: str) -> dict[str, Any]:
    """The figures of concurrent feeding, with the process killed in the middle."""
    with (
        tempfile.TemporaryDirectory(prefix="segur-bench-") as folder,
        Pki(Path(folder) / "pki") as pki,
        DmpProcess(Path(folder), database=database) as dmp,
    ):
        users = [_Client(rank, dmp.url, dmp.root_file, pki) for rank in range(clients)]
        for user in users:
            dmp.control("POST", "/patients", ins=user.cx)
        start = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            share = [documents // clients + (rank < documents % clients) for rank in range(clients)]
            working = [pool.submit(user.feed, count) for user, count in zip(users, share, strict=True)]
            for one in range(kills):
                while sum(len(user.sent) for user in users) < documents * (one + 1) // (kills + 1):
                    threading.Event().wait(0.2)
                dmp.kill()
                dmp.start()
            for work in working:
                work.result()
        seconds = time.perf_counter() - start
        lost = doubled = 0
        for user in users:
            kept = [one["unique_id"] for one in dmp.control("GET", f"/patients/{user.cx}/documents")]
            lost += len(set(user.sent) - set(kept))
            doubled += len(kept) - len(set(kept))
    return {
        "documents": documents, "clients": clients, "kills": kills, "seconds": round(seconds, 1),
        "per_second": round(documents / seconds, 1), "repeats": sum(user.repeats for user in users),
        "lost": lost, "doubled": doubled, "aims_met": not lost and not doubled,
    }  # fmt: skip


def main() -> int:
    """Measure and print; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["store", "feeding"])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--database", default="")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.what == "store":
        figures = measure_store(asked.entries, asked.database, told=not asked.json)
    else:
        figures = measure_feeding(asked.documents, asked.clients, asked.kills, asked.database)
    if asked.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<12} {value}")
    return 0 if figures["aims_met"] else 1


if __name__ == "__main__":
    sys.exit(main())
