"""Good requests to the DMP, made without any network, and the means to spoil one thing in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

from lxml import etree

from conformance.core.findings import Finding
from conformance.exchange.dmp import requests as messages
from conformance.exchange.dmp.authorisations import Action, DateType, ListMode, PatientListRequest
from conformance.exchange.dmp.captured import CapturedRequest, TlsFacts
from conformance.exchange.dmp.demographics import TraitsRequest
from conformance.exchange.dmp.existence import ExistenceRequest
from conformance.exchange.dmp.registration import ASKED_BY_THE_PATIENT, CLOSE, TERMINATED, RegistrationRequest
from conformance.exchange.dmp.requests import OutgoingRequest
from conformance.exchange.metadata import DocumentEntry, RegistryObjects, names
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.registry_messages import Queries, StoredQuery, quoted, single
from conformance.exchange.vihf import AccessMode, purpose_of, vihf_element
from conformance.exchange.vihf_signature import sign_vihf
from conformance.exchange.xades import sign_lot
from conformance.generation.dmp import Lot, Note, Sender, deletion, lot_of, vihf_for, visibility_change, write_note
from conformance.generation.header import Numbering
from conformance.generation.people import make_doctor, make_patient
from conformance.simulators.pki import Pki, Usage
from conformance.validation.dmp_requests import check_requests, findings_of

BASE = "https://localhost:1/si-dmp-server/v2/services"
PATIENT = make_patient(Random("rules"))
DOCTOR = make_doctor(Random("rules"))
SENDER = Sender(DOCTOR)
INS = str(Cx(PATIENT.identity.matricule, PATIENT.identity.root, "NH"))
CLOSING = RegistrationRequest(Cx.parse(INS), SENDER.source_id, CLOSE, status=TERMINATED, motive=ASKED_BY_THE_PATIENT)
TARGET = "urn:uuid:11111111-2222-3333-4444-555555555555"


@cache
def pki() -> Pki:
    return Pki(Path(mkdtemp(prefix="segur-rules-")))


def card(usage: Usage = Usage.AUTHENTICATION, number: str = DOCTOR.national_id) -> Any:
    return pki().professional(number, DOCTOR.family, DOCTOR.given, usage)


Spoil = Callable[[etree._Element], None]


@dataclass(frozen=True)
class Made:
    """How to make a request: changes of the VIHF, its signature, changes of the envelope and of what carries it."""

    vihf: dict[str, Any]
    signed: bool = True
    signer: Usage = Usage.SIGNATURE
    assertion: Spoil | None = None
    signed_assertion: Spoil | None = None
    http: dict[str, Any] | None = None
    tls: dict[str, Any] | None = None
    body: Callable[[bytes], bytes] | None = None


def assertion(made: Made, patient: str = INS) -> etree._Element:
    signing = card(made.signer)
    element = vihf_element(replace(vihf_for(SENDER, patient, signing.certificate), **made.vihf))
    if made.assertion:
        made.assertion(element)
    signed = sign_vihf(element, signing.key, signing.certificate) if made.signed else element
    if made.signed_assertion:
        made.signed_assertion(signed)
    return signed


def captured(request: OutgoingRequest, made: Made) -> CapturedRequest:
    tls = TlsFacts("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", "localhost", card().certificate)
    body = made.body(request.body) if made.body else request.body
    one = CapturedRequest("POST", request.url, {"content-type": request.content_type}, body, replace(tls, **(made.tls or {})), datetime.now(UTC) + timedelta(seconds=1))  # fmt: skip
    return replace(one, **(made.http or {}))


def note(version: int = 1, **changes: Any) -> bytes:
    numbering = Numbering(f"1.2.250.1.999.8.{version}", "1.2.250.1.999.8", version, f"1.2.250.1.999.8.{version - 1}" if version > 1 else None)  # fmt: skip
    return write_note(replace(Note(PATIENT, DOCTOR, numbering, datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)), **changes))


def good_lot(documents: Sequence[bytes] = (), **options: Any) -> Lot:
    signing = card(Usage.SIGNATURE)
    return lot_of(SENDER, documents or (note(),), **{"signer": (signing.key, signing.certificate), **options})


def feeding(lot: Lot | None = None, payload: Spoil | None = None, **made: Any) -> CapturedRequest:
    """A TD2.1; ``payload`` changes the request element before it is wrapped."""
    how, chosen = Made(**{"vihf": {}, **made}), lot or good_lot()
    element, parts = messages.registry.provide_and_register(chosen.objects, chosen.documents)
    if payload:
        payload(element)
    return captured(messages.request_of(messages.td.FEED, BASE, assertion(how), element, parts), how)


def of(transaction: str, objects: RegistryObjects | None = None, query: StoredQuery | None = None, payload: Spoil | None = None, **made: Any) -> CapturedRequest:  # fmt: skip
    """A good request of another transaction."""
    how = Made(**{"vihf": {}, **made})
    if transaction == "td0.5":
        how = Made(**{**made, "vihf": {"purpose": purpose_of(AccessMode.REGULATION), **made.get("vihf", {})}})
    signed = assertion(how, "" if transaction in ("td0.4", "td0.5") else INS)
    existence = ExistenceRequest(Cx.parse(INS), SENDER.source_id)
    requests: dict[str, Callable[[], OutgoingRequest]] = {
        "td0.2": lambda: messages.ask_existence(BASE, signed, existence),
        "td0.3": lambda: messages.set_authorisation(BASE, signed, Action.ADD),
        "td0.4": lambda: messages.list_patients(
            BASE, signed, PatientListRequest("20260101000000", DateType.LAST_DOCUMENT)
        ),
        "td0.5": lambda: messages.find_patients(
            BASE, signed, TraitsRequest(SENDER.source_id, family="ZORBECQ", birth_date="1970")
        ),
        "td1.3b": lambda: messages.register(BASE, signed, RegistrationRequest(Cx.parse(INS), SENDER.source_id)),
        "td1.4": lambda: messages.register(BASE, signed, CLOSING),
        "td1.6": lambda: messages.list_authorisations(BASE, signed, ListMode.ALL),
        "td3.1": lambda: messages.search(BASE, signed, query or good_query()),
        "td3.2": lambda: messages.retrieve(BASE, signed, ["1.2.250.1.999.8.1"]),
        "td3.3": lambda: messages.update(BASE, signed, objects or deletion(SENDER, INS, TARGET)),
    }
    request = requests[transaction]()
    if payload:
        envelope = etree.fromstring(request.body)
        payload(envelope)
        request = replace(request, body=etree.tostring(envelope))
    return captured(request, how)


def good_query(**parameters: tuple[str, ...]) -> StoredQuery:
    asked = {
        "$XDSDocumentEntryPatientId": (single(INS),),
        "$XDSDocumentEntryStatus": (quoted(names.APPROVED),),
        "$XDSDocumentEntryCreationTimeFrom": ("2026",),
    }
    return StoredQuery(Queries.FIND_DOCUMENTS, asked | {f"$XDSDocumentEntry{k}": v for k, v in parameters.items()})


def visibility() -> RegistryObjects:
    entry = replace(good_lot().objects.documents[0], id=TARGET, logical_id=TARGET, version="1")
    return visibility_change(SENDER, INS, entry, ["MASQUE_PS"])


def with_entry(**changes: Any) -> Lot:
    """The good lot with its document entry changed."""
    lot = good_lot()
    entries = tuple(replace(one, **changes) if one.id == "document1" else one for one in lot.objects.documents)
    return replace(lot, objects=replace(lot.objects, documents=entries))


def with_signature(**changes: Any) -> Lot:
    """The good lot with the entry of its signature changed."""
    lot = good_lot()
    entries = tuple(replace(one, **changes) if one.id == "signature1" else one for one in lot.objects.documents)
    return replace(lot, objects=replace(lot.objects, documents=entries))


def with_set(**changes: Any) -> Lot:
    lot = good_lot()
    one = replace(lot.objects.submission_sets[0], **changes)
    return replace(lot, objects=replace(lot.objects, submission_sets=(one,)))


def with_objects(change: Callable[[RegistryObjects], RegistryObjects]) -> Lot:
    lot = good_lot()
    return replace(lot, objects=change(lot.objects))


def entry(lot: Lot | None = None) -> DocumentEntry:
    return (lot or good_lot()).objects.documents[0]


def rules(request: CapturedRequest) -> set[str]:
    return {finding.rule for finding in findings_of(request)}


def session_rules(*requests: CapturedRequest) -> set[str]:
    return {finding.rule for finding in check_requests(requests)}


def findings(request: CapturedRequest) -> list[Finding]:
    return findings_of(request)


def signed_otherwise(lot: Lot, documents: dict[str, bytes]) -> Lot:
    """``lot`` with a signature made over other documents."""
    signing = card(Usage.SIGNATURE)
    submission = lot.objects.submission_sets[0].unique_id or ""
    return replace(
        lot,
        documents={**lot.documents, "signature1": sign_lot(submission, documents, signing.key, signing.certificate)},
    )
