"""A practice that speaks to the simulated DMP over real sockets: what a product without fault would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import requests
from lxml import etree

from conformance.exchange.dmp import requests as dmp
from conformance.exchange.dmp.requests import Answer, OutgoingRequest
from conformance.exchange.metadata import DocumentEntry, names
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.registry_messages import Queries, ReturnType, StoredQuery, quoted, single
from conformance.exchange.vihf import Vihf, vihf_element
from conformance.exchange.vihf_signature import sign_vihf
from conformance.generation.dmp import (
    Lot,
    Note,
    Sender,
    deletion,
    lot_of,
    status_change,
    vihf_for,
    visibility_change,
    write_note,
)
from conformance.generation.dmp.lots import new_oid
from conformance.generation.header import Numbering
from conformance.generation.people import Patient, Professional, make_doctor, make_patient
from conformance.simulators.dmp import DmpSimulator, patient_cx
from conformance.simulators.pki import Credential


@dataclass
class Doctor:
    """A doctor with a card, at a simulated DMP given by its base URL and the root to trust."""

    url: str
    root_file: Path
    card: Credential
    signing: Credential
    professional: Professional
    session: requests.Session = field(default_factory=requests.Session)

    @classmethod
    def at(cls, simulator: DmpSimulator, seed: int = 1) -> Doctor:
        professional = make_doctor(Random(f"doctor-{seed}"))
        card, signing = simulator.card(professional.national_id, professional.family, professional.given)
        return cls(simulator.url, simulator.root_file, card, signing, professional)

    @classmethod
    def of_structure(cls, simulator: DmpSimulator, seed: int = 1) -> Doctor:
        """The same doctor, whose software shows the certificates of the structure: indirect and AIR modes."""
        made = cls.at(simulator, seed)
        made.card, made.signing = simulator.organisation(made.professional.structure.national_id)
        return made

    @property
    def sender(self) -> Sender:
        return Sender(self.professional)

    def assertion(self, patient: str, **changes: Any) -> etree._Element:
        vihf: Vihf = vihf_for(self.sender, patient, self.signing.certificate, **changes)
        return sign_vihf(vihf_element(vihf), self.signing.key, self.signing.certificate)

    def post(self, request: OutgoingRequest, **options: Any) -> requests.Response:
        return self.session.post(
            request.url, data=request.body, headers=request.headers, verify=str(self.root_file),
            cert=(str(self.card.chain_file), str(self.card.key_file)), timeout=30, **options,
        )  # fmt: skip

    def ask(self, request: OutgoingRequest) -> Answer:
        response = self.post(request)
        return dmp.read_answer(response.headers["Content-Type"], response.content)

    # What a product does

    def note(self, patient: Patient, **changes: Any) -> Note:
        root = new_oid()
        made = Note(patient, self.professional, Numbering(f"{root}.1", root), datetime.now(UTC))
        return replace(made, **changes)

    def next_version(self, note: Note, **changes: Any) -> Note:
        old = note.numbering
        number = old.version + 1
        numbering = Numbering(f"{old.set_id}.{number}", old.set_id, number, old.document_id)
        return replace(note, numbering=numbering, **changes)

    def lot(self, notes: Sequence[Note], **options: Any) -> Lot:
        signer = (self.signing.key, self.signing.certificate)
        return lot_of(self.sender, [write_note(note) for note in notes], **{"signer": signer, **options})

    def send(self, patient: str, lot: Lot, **vihf: Any) -> Answer:
        return self.ask(dmp.feed(self.url, self.assertion(patient, **vihf), lot.objects, lot.documents))

    def feed(self, patient: Patient, *notes: Note, **options: Any) -> Lot:
        lot = self.lot(notes or (self.note(patient),), **options)
        answer = self.send(cx(patient), lot)
        assert answer.registry is not None, answer.fault
        assert answer.registry.succeeded, answer.registry.errors
        return lot

    def query(self, patient: str, query: StoredQuery, **vihf: Any) -> Answer:
        return self.ask(dmp.search(self.url, self.assertion(patient, **vihf), query))

    def find(self, patient: str, *statuses: str, vihf: dict[str, Any] | None = None, **parameters: Any) -> Answer:
        asked = {
            "$XDSDocumentEntryPatientId": (single(patient),),
            "$XDSDocumentEntryStatus": (quoted(*(statuses or (names.APPROVED,))),),
        } | {f"$XDSDocumentEntry{name}": value for name, value in parameters.items()}
        return self.query(patient, StoredQuery(Queries.FIND_DOCUMENTS, asked), **(vihf or {}))

    def look_up(self, patient: str, unique_id: str) -> str:
        asked = StoredQuery(
            Queries.GET_DOCUMENTS, {"$XDSDocumentEntryUniqueId": (quoted(unique_id),)}, ReturnType.OBJECT_REF
        )
        answer = self.query(patient, asked)
        assert answer.registry is not None
        return answer.registry.objects.references[0].id

    def entry(self, patient: str, unique_id: str) -> DocumentEntry:
        answer = self.query(
            patient, StoredQuery(Queries.GET_DOCUMENTS, {"$XDSDocumentEntryUniqueId": (quoted(unique_id),)})
        )
        assert answer.registry is not None
        return answer.registry.objects.documents[0]

    def retrieve(self, patient: str, *unique_ids: str, **vihf: Any) -> Answer:
        return self.ask(dmp.retrieve(self.url, self.assertion(patient, **vihf), unique_ids))

    def delete(self, patient: str, unique_id: str, before: str = names.APPROVED) -> Answer:
        objects = deletion(self.sender, patient, self.look_up(patient, unique_id), before)
        return self.ask(dmp.update(self.url, self.assertion(patient), objects))

    def move(self, patient: str, unique_id: str, before: str, after: str) -> Answer:
        objects = status_change(self.sender, patient, self.look_up(patient, unique_id), before, after)
        return self.ask(dmp.update(self.url, self.assertion(patient), objects))

    def show(self, patient: str, unique_id: str, *visibility: str) -> Answer:
        objects = visibility_change(self.sender, patient, self.entry(patient, unique_id), visibility)
        return self.ask(dmp.update(self.url, self.assertion(patient), objects))


def cx(patient: Patient) -> str:
    return str(Cx(patient.identity.matricule, patient.identity.root, "NH"))


def open_record(simulator: DmpSimulator, seed: int = 1, **facts: Any) -> Patient:
    patient = make_patient(Random(f"patient-{seed}"))
    simulator.add_patient(patient_cx(cx(patient)), **facts)
    return patient


def changed(doctor: Doctor, patient: Patient, change: Callable[[DocumentEntry], DocumentEntry]) -> Lot:
    """A lot whose medical document has its metadata changed."""
    lot = doctor.lot([doctor.note(patient)])
    first, *others = lot.objects.documents
    return replace(lot, objects=replace(lot.objects, documents=(change(first), *others)))
