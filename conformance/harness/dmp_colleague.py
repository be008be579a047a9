"""Another doctor who feeds the DMP of the patients of a test, so that there is something to consult."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import requests
from lxml import etree

from conformance.core.errors import BenchError
from conformance.core.language import Text
from conformance.exchange.dmp import requests as dmp
from conformance.exchange.dmp.requests import OutgoingRequest
from conformance.exchange.metadata import names
from conformance.exchange.vihf import Vihf, vihf_element
from conformance.exchange.vihf_signature import sign_vihf
from conformance.generation.dmp import Note, Sender, deletion, lot_of, vihf_for, write_note
from conformance.generation.dmp.lots import new_oid
from conformance.generation.header import Numbering
from conformance.generation.people import Patient, Professional, make_doctor
from conformance.simulators.dmp import DmpSimulator

CONSULTATION: Final = ("11488-4", "2.16.840.1.113883.6.1", "CR ou fiche de consultation ou de visite")
LETTER: Final = ("96349-6", "2.16.840.1.113883.6.1", "Lettre d'adressage")


@dataclass(frozen=True, slots=True)
class Fed:
    """A document of the colleague in the DMP: what it says, its bytes, in whose record (a CX)."""

    note: Note
    data: bytes
    record: str

    @property
    def unique_id(self) -> str:
        """Its identifier."""
        return self.note.numbering.document_id


class Colleague:
    """A doctor without fault, or another ``professional``, with a card."""

    def __init__(self, simulator: DmpSimulator, professional: Professional | None = None) -> None:
        self._dmp = simulator
        self.professional = professional or make_doctor(Random("the colleague of the DMP profiles"))
        one = self.professional
        self._card, self._signing = simulator.card(one.national_id, one.family, one.given)

    def feed(self, patient: Patient, record: str, visibility: Sequence[str] = (), **changes: Any) -> Fed:
        """A new document; ``changes`` are fields of ``Note`` (title, kind, created, text)."""
        root = new_oid()
        note = replace(Note(patient, self.professional, Numbering(f"{root}.1", root), datetime.now(UTC)), **changes)
        return self._send(note, record, visibility=visibility)

    def replace(self, fed: Fed) -> Fed:
        """The next version of a document, in its place."""
        old = fed.note.numbering
        number = old.version + 1
        numbering = Numbering(f"{old.set_id}.{number}", old.set_id, number, old.document_id)
        note = replace(fed.note, numbering=numbering, text="Texte corrigé.")
        return self._send(note, fed.record, replaces=[self.entry(fed.unique_id)])

    def delete(self, fed: Fed) -> None:
        """Take a document out of the DMP."""
        self.withdraw(fed.unique_id, fed.record)

    def withdraw(self, unique_id: str, record: str) -> None:
        """Take the document of this identifier out of a DMP."""
        objects = deletion(Sender(self.professional), record, self.entry(unique_id), names.APPROVED)
        self._ask(dmp.update(self._dmp.url, self._assertion(record), objects))

    def entry(self, unique_id: str) -> str:
        """How the DMP names a document (its entryUUID); empty when it does not hold it."""
        entry = self._dmp.document(unique_id)
        return entry.id if entry else ""

    def deposit(self, documents: Sequence[bytes], record: str, **options: Any) -> None:
        """Put documents as they are into a DMP, in one lot; ``options`` as for ``lot_of`` (replaces, visibility)."""
        signer = (self._signing.key, self._signing.certificate)
        lot = lot_of(Sender(self.professional), documents, signer=signer, **options)
        self._ask(dmp.feed(self._dmp.url, self._assertion(record), lot.objects, lot.documents))

    def _send(self, note: Note, record: str, **options: Any) -> Fed:
        data = write_note(note)
        self.deposit([data], record, **options)
        return Fed(note, data, record)

    def _vihf(self, record: str) -> Vihf:
        return vihf_for(Sender(self.professional), record, self._signing.certificate)

    def _assertion(self, record: str) -> etree._Element:
        vihf = self._vihf(record)
        return sign_vihf(vihf_element(vihf), self._signing.key, self._signing.certificate)

    def _ask(self, request: OutgoingRequest) -> None:
        response = requests.post(
            request.url,
            data=request.body,
            headers=request.headers,
            verify=str(self._dmp.root_file),
            cert=(str(self._card.chain_file), str(self._card.key_file)),
            timeout=30,
        )
        answer = dmp.read_answer(response.headers["Content-Type"], response.content)
        if answer.registry is None or not answer.registry.succeeded:
            why = answer.fault.reason if answer.fault else str(answer.registry.errors if answer.registry else "")
            raise BenchError(
                "dmp.colleague",
                Text(f"Le DMP simulé refuse ce que le kit y dépose : {why}", f"The simulated DMP refuses what the kit feeds: {why}"),
                Text("C'est un défaut du kit.", "This is a fault of the kit."),
            )  # fmt: skip
