"""One request to the simulated DMP, from its bytes to the bytes of its answer. Knows nothing of sockets.

The order of the refusals is that of a server: packaging and envelope (SOAP fault), user (SOAP fault), then what the
service itself refuses, said where its clients look: RegistryErrorList, acknowledgement, or status.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from conformance.core.errors import DocumentError
from conformance.exchange import registry_messages as registry
from conformance.exchange.dmp import authorisations as words
from conformance.exchange.dmp import demographics
from conformance.exchange.dmp import existence as hl7
from conformance.exchange.dmp import registration as registrations
from conformance.exchange.dmp import transactions as td
from conformance.exchange.dmp.captured import CapturedRequest
from conformance.exchange.dmp.interactions import reason_of
from conformance.exchange.dmp.transactions import Transaction
from conformance.exchange.metadata import read_objects
from conformance.exchange.mtom import Package, Part, read_package, write_package
from conformance.exchange.registry_messages import PARTIAL, SUCCESS, WARNING, RegistryError, ReturnType
from conformance.exchange.soap import (
    ADDRESSING,
    ANONYMOUS,
    MEDIA_TYPE,
    SECURITY,
    SOAP,
    Envelope,
    Fault,
    fault_element,
    read_envelope,
    soap,
    write_envelope,
)
from conformance.exchange.vihf import AccessMode, read_vihf
from conformance.simulators.dmp import changes, consult, intake, people, refusals, search
from conformance.simulators.dmp.document_rights import document_rights
from conformance.simulators.dmp.faults import DmpFault, FaultKind
from conformance.simulators.dmp.gate import visit
from conformance.simulators.dmp.intake import LONGEST_UNIQUE_ID
from conformance.simulators.dmp.model import Notification, Trace
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.refusals import Faulted, Reason, Refused, fault
from conformance.simulators.dmp.rights import UserKind, kind_of
from conformance.simulators.dmp.store import DoesNotFit, Duplicate, Store
from conformance.simulators.dmp.users import Doorkeeper, User
from conformance.simulators.pki import Pki

_MTOM: Final = (td.FEED, td.RETRIEVE)
_REGISTRY_SERVICES: Final = (td.FEED, td.SEARCH, td.RETRIEVE, td.UPDATE)


@dataclass(slots=True)
class Reply:
    """An answer, and what the journal says of the exchange."""

    status: int
    content_type: str
    body: bytes
    transaction: str = "unknown"
    outcome: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Call:
    """A request as it is understood, step by step; what is known when it fails is what is said of it."""

    transaction: Transaction | None = None
    envelope: Envelope | None = None
    package: Package | None = None
    payload: etree._Element | None = None
    user: User | None = None
    key: str = "unknown"
    unique_ids: list[str] = field(default_factory=list)

    @property
    def node(self) -> etree._Element:
        """The payload, once read."""
        assert self.payload is not None
        return self.payload


_Made = tuple[etree._Element, list[Part], str]


class DmpService:
    """The services of the DMP over one store."""

    def __init__(self, store: Store, pki: Pki, options: DmpOptions) -> None:
        self.store = store
        self.options = options
        document_rights(options.document_rights)  # a file that is no table is told at the start
        self._door = Doorkeeper(pki, options)
        self._handlers: dict[str, Callable[[_Call, User], _Made]] = {
            td.EXISTENCE.key: self._existence,
            td.ADMINISTRATIVE_DATA.key: self._existence,
            td.CHANGE_DATA.key: self._register,
            td.CLOSE.key: self._register,
            td.SET_AUTHORISATION.key: self._set_authorisation,
            td.LIST_AUTHORISATIONS.key: self._list_authorisations,
            td.LIST_PATIENTS.key: self._list_patients,
            td.FIND_PATIENTS.key: self._find_patients,
            td.FEED.key: self._feed,
            td.SEARCH.key: self._search,
            td.RETRIEVE.key: self._retrieve,
            td.UPDATE.key: self._update,
        }

    def answer(self, request: CapturedRequest, misbehave: Callable[[str], DmpFault | None] | None = None) -> Reply:
        """Serve one request. ``misbehave`` gives the fault to commit, by transaction."""
        call, wrong = _Call(), None
        try:
            self._read(request, call)
            assert call.transaction is not None
            wrong = misbehave(call.key) if misbehave else None
            if wrong is not None and wrong.kind in (FaultKind.UNAVAILABLE, FaultKind.CUT):
                raise fault("", "Le service est indisponible.", status=503, receiver=True)
            self._admit(request, call)
            assert call.user is not None
            if wrong is not None and wrong.kind is FaultKind.ERROR:
                if wrong.code in refusals.FAULT_CODES:
                    raise fault(wrong.code, "Erreur demandée au simulateur.")
                raise Refused(Reason(wrong.code, "Erreur demandée au simulateur."))
            payload, parts, outcome = self._handlers[call.transaction.key](call, call.user)
            if wrong is not None:
                payload, outcome = _spoil(call, wrong, payload, outcome)
        except (Refused, DoesNotFit) as error:
            refused = error if isinstance(error, Refused) else _too_long(error)
            payload, parts = _refusal(call, refused.reasons)
            outcome = refused.reasons[0].code
        except Faulted as faulted:
            return self._done(request, call, faulted.status, fault_element(faulted.fault), [], faulted.fault.subcode or faulted.fault.code, wrong)  # fmt: skip
        return self._done(request, call, 200, payload, parts, outcome, wrong)

    # Understanding

    def _read(self, request: CapturedRequest, call: _Call) -> None:
        try:
            call.package = read_package(request.content_type, request.body)
            call.envelope = read_envelope(call.package.envelope)
        except DocumentError as error:
            raise fault("", error.sentence.fr, error.hint.fr) from None
        envelope = call.envelope
        if envelope.namespace != SOAP:
            raise fault("", "L’enveloppe est en SOAP 1.1 ; le DMP parle SOAP 1.2.", "Écrire l’enveloppe en SOAP 1.2.")
        call.payload = envelope.payload
        if call.payload is None:
            raise fault("", "Le corps de l’enveloppe est vide.", "Placer la requête dans Body.")
        name = etree.QName(call.payload).localname
        call.transaction = td.transaction_of(name, reason_of(call.payload))
        if call.transaction is None:
            raise fault("", f"Aucun service ne comprend l’élément {name}.", "Voir la liste des transactions.")
        call.key = _key(call.transaction, envelope)
        if not request.path.endswith(call.transaction.path):
            raise fault(
                "", f"Ce service n’est pas ici : {call.transaction.key.upper()} se demande à {call.transaction.path}."
            )
        if envelope.action != call.transaction.action:
            raise fault(
                "", "wsa:Action manque ou n’est pas celui de la transaction.", f"Écrire {call.transaction.action}."
            )
        if not envelope.message_id:
            raise fault("", "wsa:MessageID manque.", "Écrire urn:uuid: puis un UUID neuf.")
        if (header := _not_understood(envelope)) is not None:
            raise Faulted(
                Fault(
                    "MustUnderstand",
                    "",
                    f"L’en-tête {header} demande à être compris (mustUnderstand), et ne l’est pas.",
                )
            )

    def _admit(self, request: CapturedRequest, call: _Call) -> None:
        assert call.envelope is not None
        card = request.tls.client if request.tls else None

        def seen_before(identifier: str) -> bool:
            try:
                with self.store.writing() as records:
                    return records.seen_before(identifier)
            except Duplicate:  # twice at the same moment
                return True

        call.user = self._door.admit(call.envelope, card, seen_before)

    # Serving

    def _existence(self, call: _Call, user: User) -> _Made:
        request = hl7.read_existence_request(call.node)
        with self.store.reading() as records:
            answer = people.existence(records, user, request, self.options)
        return hl7.existence_answer(request, answer), [], "OK" if answer.exists else "NF"

    def _register(self, call: _Call, user: User) -> _Made:
        request = registrations.read_registration_request(call.node)
        with self.store.writing() as records:
            people.register(records, people.visitor_of(records, user, self.options), request)
        return registrations.registration_answer(request), [], "AA"

    def _set_authorisation(self, call: _Call, user: User) -> _Made:
        with self.store.writing() as records:
            visitor = people.visitor_of(records, user, self.options)
            answer = people.set_authorisation(records, visitor, *words.read_set_authorisation(call.node))
        return words.status_answer("setAuthorization", answer), [], answer.status

    def _list_authorisations(self, call: _Call, user: User) -> _Made:
        with self.store.reading() as records:
            visitor = people.visitor_of(records, user, self.options)
            lines = people.list_authorisations(records, visitor, words.read_list_mode(call.node))
        return words.authorisations_answer(lines, words.StatusAnswer(words.OK)), [], words.OK

    def _list_patients(self, call: _Call, user: User) -> _Made:
        with self.store.reading() as records:
            lines = people.list_patients(records, user, words.read_patient_list_request(call.node))
        return words.patients_answer(lines, words.StatusAnswer(words.OK)), [], words.OK

    def _find_patients(self, call: _Call, user: User) -> _Made:
        request = demographics.read_traits_request(call.node)
        with self.store.reading() as records:
            answer = people.find_patients(records, user, request, self.options)
        return demographics.traits_answer(request, answer), [], "OK" if answer.candidates else "NF"

    def _feed(self, call: _Call, user: User) -> _Made:
        assert call.package is not None
        objects = read_objects(call.node)
        call.unique_ids = [entry.unique_id or "" for entry in objects.documents if not intake.is_signature(entry)]
        try:
            documents = {one.id: one.content.data for one in registry.sent_documents(call.node, call.package)}
        except DocumentError as error:
            raise refusals.refuse("XDSMissingDocument", error.sentence.fr) from None
        try:
            with self.store.writing() as records:
                visitor = visit(records, user, self.options, lock=True)
                intake.feed(records, visitor, intake.Lot(objects, documents))
        except Duplicate:
            raise refusals.refuse(
                "XDSDuplicateUniqueIdInRegistry", "Un document ou un lot de cet uniqueId est déjà là."
            ) from None
        return registry.registry_response(SUCCESS), [], SUCCESS

    def _search(self, call: _Call, user: User) -> _Made:
        query = registry.read_query(call.node)
        with self.store.reading() as records:
            visitor = visit(records, user, self.options)
            found = search.run_query(records, visitor, query)
        if query.return_type == ReturnType.LEAF_CLASS:
            self._tell(user, "record_searched")
            if user.access is not AccessMode.NORMAL:
                self._tell(user, str(user.access))
        return registry.query_response(SUCCESS, found), [], SUCCESS

    def _retrieve(self, call: _Call, user: User) -> _Made:
        asked = registry.read_retrieve(call.node)
        call.unique_ids = [unique_id for _, unique_id in asked]
        with self.store.reading() as records:
            visitor = visit(records, user, self.options)
            given, errors = consult.retrieve(records, visitor, asked)
        status = SUCCESS if not errors else PARTIAL if given else registry.FAILURE
        payload, parts = registry.retrieve_response(status, given, errors)
        return payload, parts, status if not errors else errors[0].code

    def _update(self, call: _Call, user: User) -> _Made:
        try:
            with self.store.writing() as records:
                visitor = visit(records, user, self.options, lock=True)
                entry = changes.change(records, visitor, read_objects(call.node))
        except Duplicate:
            raise refusals.refuse("XDSDuplicateUniqueIdInRegistry", "Un lot de cet uniqueId est déjà là.") from None
        call.unique_ids = [entry.unique_id]
        return registry.registry_response(SUCCESS), [], SUCCESS

    def _tell(self, user: User, kind: str) -> None:
        with self.store.writing() as records:
            records.notify(Notification(patient=user.patient, kind=kind, user=user.person))

    # Answering

    def _done(
        self, request: CapturedRequest, call: _Call, status: int, payload: etree._Element, parts: list[Part],
        outcome: str, wrong: DmpFault | None,
    ) -> Reply:  # fmt: skip
        transaction, asked = call.transaction, call.envelope
        faulted = etree.QName(payload).localname == "Fault"
        action = transaction.answer_action if transaction else "http://www.w3.org/2005/08/addressing/fault"
        if faulted and transaction:
            action = f"{transaction.action}:Fault:SoapFault"
        envelope = write_envelope(payload, action, to=ANONYMOUS, relates_to=(asked.message_id if asked else "") or "urn:uuid:00000000-0000-0000-0000-000000000000")  # fmt: skip
        content_type, body = f'{MEDIA_TYPE}; charset=UTF-8; action="{action}"', envelope
        if transaction in _MTOM and asked is not None:
            content_type, body = write_package(envelope, parts, action)
        outcome = outcome.rpartition(":")[2]
        self._trace(call, outcome)
        return Reply(status, content_type, body, call.key, outcome, _facts(call, wrong))

    def _trace(self, call: _Call, outcome: str) -> None:
        user = call.user
        if user is None or not user.patient:
            return
        lines = [one[:LONGEST_UNIQUE_ID] for one in call.unique_ids] or [""]
        with self.store.writing() as records:
            for unique_id in lines:
                records.trace(
                    Trace(
                        patient=user.patient, user=user.person, structure=user.structure, transaction=call.key,
                        access=user.access, outcome=outcome, unique_id=unique_id,
                    )
                )  # fmt: skip


def _not_understood(envelope: Envelope) -> str | None:
    """The first header that must be understood and is not (W3C SOAP 1.2 part 1 §5.4.8); ``None`` when all are."""
    for one in envelope.header.iterchildren("*") if envelope.header is not None else ():
        name = etree.QName(one)
        if one.get(soap("mustUnderstand")) in ("true", "1") and name.namespace not in (ADDRESSING, SECURITY):
            return name.localname
    return None


def _key(transaction: Transaction, envelope: Envelope) -> str:
    """The transaction with its letter, as far as the payload and the VIHF tell it."""
    if transaction is td.SEARCH and envelope.payload is not None:
        return "td3.1b" if registry.read_query(envelope.payload).return_type == ReturnType.OBJECT_REF else "td3.1a"
    if transaction is td.FEED and envelope.assertions:
        staff = kind_of(read_vihf(envelope.assertions[0]), attending=False) is UserKind.STAFF
        return "td2.2" if staff else "td2.1"
    return transaction.key


def _too_long(error: DoesNotFit) -> Refused:
    words = f"Une valeur est trop longue ({error.column} : {error.longest} caractères au plus)."
    return refusals.refuse("XDSRegistryMetadataError", words)


def _facts(call: _Call, wrong: DmpFault | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"unique_ids": call.unique_ids, "fault": str(wrong.kind) if wrong else ""}
    if call.envelope is not None:
        facts["message_id"] = call.envelope.message_id
    if call.user is not None:
        vihf = call.user.vihf
        facts |= {
            "patient": call.user.patient, "user": call.user.person, "structure": call.user.structure,
            "mode": vihf.mode, "access": str(call.user.access), "assertion": vihf.id,
        }  # fmt: skip
    return facts


def _refusal(call: _Call, reasons: Sequence[Reason]) -> tuple[etree._Element, list[Part]]:
    """The answer that refuses, in the form of the service."""
    errors = [reason.as_registry_error() for reason in reasons]
    transaction, first = call.transaction, reasons[0]
    if transaction is td.SEARCH:
        return registry.query_response(registry.FAILURE, (), errors), []
    if transaction is td.RETRIEVE:
        return registry.retrieve_response(registry.FAILURE, (), errors)
    if transaction in _REGISTRY_SERVICES:
        return registry.registry_response(registry.FAILURE, errors), []
    if transaction in (td.EXISTENCE, td.ADMINISTRATIVE_DATA):
        answer = hl7.ExistenceAnswer(exists=False, error=first.code, context=first.sentence)
        return hl7.existence_answer(hl7.read_existence_request(call.node), answer), []
    if transaction in (td.CHANGE_DATA, td.CLOSE):
        change = registrations.read_registration_request(call.node)
        return registrations.registration_answer(change, first.code, first.sentence), []
    if transaction is td.FIND_PATIENTS:
        told = demographics.TraitsAnswer(error=first.code, context=first.sentence)
        return demographics.traits_answer(demographics.read_traits_request(call.node), told), []
    status = words.StatusAnswer(first.code, first.sentence)
    if transaction is td.LIST_PATIENTS:
        return words.patients_answer((), status), []
    return words.status_answer(etree.QName(call.node).localname, status), []


def _spoil(call: _Call, wrong: DmpFault, payload: etree._Element, outcome: str) -> tuple[etree._Element, str]:
    """The answer of a request that was served, made wrong as asked."""
    if wrong.kind is FaultKind.DUPLICATE and call.transaction is td.FEED:
        reason = Reason("XDSDuplicateUniqueIdInRegistry", "Un document ou un lot de cet uniqueId est déjà là.")
        return _refusal(call, [reason])[0], reason.code
    if wrong.kind is FaultKind.PARTIAL_SUCCESS and call.transaction in _REGISTRY_SERVICES:
        holder = payload if "status" in payload.attrib else payload[0]
        holder.set("status", PARTIAL)
        warning = RegistryError("XDSExtraMetadataNotSaved", "Succès partiel demandé au simulateur.", WARNING)
        errors = registry.registry_response(PARTIAL, [warning])[0]
        holder.insert(0, errors)
        return payload, PARTIAL
    return payload, outcome
