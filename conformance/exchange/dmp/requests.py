"""Whole HTTP requests to the DMP, and its answers read: what a client has left to do is to send bytes.

>>> request = feed(base_url, assertion, objects, {"entry1": cda})
>>> answer = read_answer(*post(request.url, request.headers, request.body))
>>> answer.registry.succeeded
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from conformance.exchange import registry_messages as registry
from conformance.exchange.dmp import authorisations, demographics, existence, registration
from conformance.exchange.dmp import transactions as td
from conformance.exchange.dmp.authorisations import Action, ListMode, PatientListRequest
from conformance.exchange.dmp.demographics import TraitsRequest
from conformance.exchange.dmp.existence import ExistenceRequest
from conformance.exchange.dmp.registration import RegistrationRequest
from conformance.exchange.dmp.transactions import Transaction
from conformance.exchange.metadata import RegistryObjects
from conformance.exchange.mtom import Part, read_package, write_package
from conformance.exchange.registry_messages import RegistryAnswer, StoredQuery
from conformance.exchange.soap import MEDIA_TYPE, Envelope, Fault, read_envelope, read_fault, write_envelope


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """A request ready to be posted."""

    transaction: Transaction
    url: str
    content_type: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP headers that matter."""
        return {"Content-Type": self.content_type}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer taken apart. One of ``fault`` and ``registry`` may be there; ``payload`` is the body in any case."""

    envelope: Envelope
    payload: etree._Element
    fault: Fault | None = None
    registry: RegistryAnswer | None = None


def request_of(
    transaction: Transaction,
    base_url: str,
    assertion: etree._Element,
    payload: etree._Element,
    parts: Iterable[Part] | None = None,
) -> OutgoingRequest:
    """A request of ``transaction``; ``base_url`` ends before the service path; with ``parts`` (even none) it is MTOM."""
    url = base_url.rstrip("/") + transaction.path
    envelope = write_envelope(payload, transaction.action, to=url, security=assertion)
    if parts is None:
        content_type = f'{MEDIA_TYPE}; charset=UTF-8; action="{transaction.action}"'
        return OutgoingRequest(transaction, url, content_type, envelope)
    content_type, body = write_package(envelope, parts, transaction.action)
    return OutgoingRequest(transaction, url, content_type, body)


def feed(
    base_url: str, assertion: etree._Element, objects: RegistryObjects, documents: Mapping[str, bytes]
) -> OutgoingRequest:
    """TD2.1 or TD2.2; ``documents`` gives the bytes by the id of the entry."""
    payload, parts = registry.provide_and_register(objects, documents)
    return request_of(td.FEED, base_url, assertion, payload, parts)


def search(base_url: str, assertion: etree._Element, query: StoredQuery) -> OutgoingRequest:
    """TD3.1a or TD3.1b."""
    return request_of(td.SEARCH, base_url, assertion, registry.query_request(query))


def retrieve(base_url: str, assertion: etree._Element, unique_ids: Iterable[str]) -> OutgoingRequest:
    """TD3.2."""
    payload = registry.retrieve_request((td.REPOSITORY_ID, one) for one in unique_ids)
    return request_of(td.RETRIEVE, base_url, assertion, payload, ())


def update(base_url: str, assertion: etree._Element, objects: RegistryObjects) -> OutgoingRequest:
    """TD3.3: the submission set and its association (status), or its new version of the metadata (visibility)."""
    return request_of(td.UPDATE, base_url, assertion, registry.submit_objects(objects))


def ask_existence(base_url: str, assertion: etree._Element, request: ExistenceRequest) -> OutgoingRequest:
    """TD0.2 or TD1.3a, by the reason of the request."""
    transaction = td.ADMINISTRATIVE_DATA if request.reason == existence.READ_DATA else td.EXISTENCE
    return request_of(transaction, base_url, assertion, existence.existence_request(request))


def set_authorisation(base_url: str, assertion: etree._Element, action: Action, role: str = "") -> OutgoingRequest:
    """TD0.3."""
    payload = authorisations.set_authorisation_request(action, role)
    return request_of(td.SET_AUTHORISATION, base_url, assertion, payload)


def list_authorisations(base_url: str, assertion: etree._Element, mode: ListMode) -> OutgoingRequest:
    """TD1.6."""
    return request_of(td.LIST_AUTHORISATIONS, base_url, assertion, authorisations.list_authorisations_request(mode))


def list_patients(base_url: str, assertion: etree._Element, request: PatientListRequest) -> OutgoingRequest:
    """TD0.4."""
    return request_of(td.LIST_PATIENTS, base_url, assertion, authorisations.patient_list_request(request))


def find_patients(base_url: str, assertion: etree._Element, request: TraitsRequest) -> OutgoingRequest:
    """TD0.5."""
    return request_of(td.FIND_PATIENTS, base_url, assertion, demographics.traits_request(request))


def register(base_url: str, assertion: etree._Element, request: RegistrationRequest) -> OutgoingRequest:
    """TD1.3b or TD1.4, by the reason of the request."""
    transaction = td.CLOSE if request.reason == registration.CLOSE else td.CHANGE_DATA
    return request_of(transaction, base_url, assertion, registration.registration_request(request))


def read_answer(content_type: str, body: bytes) -> Answer:
    """Take an answer apart. Raises ``DocumentError`` when it is no SOAP message, or one that lacks a part."""
    package = read_package(content_type, body)
    envelope = read_envelope(package.envelope, "réponse du DMP")
    payload = envelope.payload
    if payload is None:
        payload = envelope.root
    return Answer(envelope, payload, read_fault(envelope), registry.read_registry_answer(payload, package))
