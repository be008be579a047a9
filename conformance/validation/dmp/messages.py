"""The requests other than feeding: searches, retrievals, changes, existence, authorisations, lists of records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import ExchangeRule, RuleBook, found_words
from conformance.exchange.dmp import authorisations, demographics, existence, registration
from conformance.exchange.dmp import transactions as td
from conformance.exchange.metadata import Association, names
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.registry_messages import Queries, ReturnType, StoredQuery, read_query, read_retrieve
from conformance.exchange.vihf import AccessMode
from conformance.identity.oid import is_oid
from conformance.validation.dmp.opened import OpenedRequest
from conformance.validation.dmp.values import SET_RULES

BOOK: Final = RuleBook("dmp-request")

_CONSULTS: Final = ("SC.DMP/CONF.10",)
_DELETES: Final = ("SC.DMP/CONF.03",)
_SOFT: Final = Severity.WARNING
_IHE: Final = "IHE ITI TF-2 §3.18"
_EXAMPLES: Final = "DMP, exemples de messages"


def _rule(
    key: str, fr: str, en: str, source: str, *, trust: Trust = Trust.PUBLISHED, severity: Severity = Severity.ERROR,
    requirements: tuple[str, ...] = _CONSULTS,
) -> ExchangeRule:  # fmt: skip
    return BOOK.rule(key, fr, en, source, severity=severity, trust=trust, requirements=requirements)


_QUERY: Final = _rule("query", "la requête enregistrée existe", "the stored query exists", _IHE)
_RETURN: Final = _rule(
    "return-type", "returnType est LeafClass ou ObjectRef", "returnType is LeafClass or ObjectRef", _IHE
)
_STATUS: Final = _rule(
    "status",
    "une recherche de documents donne les statuts voulus",
    "a search of documents gives the statuses wanted",
    _IHE,
)
_STATUS_VALUE: Final = _rule(
    "status-value", "les statuts cherchés sont de JDV_J52", "the statuses searched are of JDV_J52", "ANS, JDV_J52"
)
_LIST: Final = _rule(
    "list-parameter",
    "un paramètre à plusieurs valeurs s’écrit ('a','b')",
    "a parameter of several values is written ('a','b')",
    f"{_IHE}.4.1.2.3.5",
)
_DATES: Final = _rule(
    "dates",
    "une date de recherche s’écrit AAAAMMJJhhmmss ou son début",
    "a date of search is written YYYYMMDDhhmmss or its beginning",
    _IHE,
)
_PATIENT: Final = _rule(
    "patient",
    "le patient demandé est celui du VIHF",
    "the patient asked for is that of the VIHF",
    "ANS, volet Transmission ; message d’erreur du DMP",
)
_TWENTY: Final = _rule(
    "twenty",
    "une requête par identifiants en porte 20 au plus",
    "a query by identifiers carries 20 at most",
    "CNDA, test 3.1-010",
)
_REPOSITORY: Final = _rule(
    "repository",
    f"le dépôt demandé est celui du DMP ({td.REPOSITORY_ID})",
    f"the repository asked for is that of the DMP ({td.REPOSITORY_ID})",
    _EXAMPLES,
)
_DOCUMENT: Final = _rule(
    "document-id", "le document demandé est désigné par un OID", "the document asked for is named by an OID", _EXAMPLES
)
_SOMETHING: Final = _rule(
    "something",
    "la requête demande au moins un document",
    "the request asks for at least one document",
    "IHE ITI TF-2 §3.43",
)
_ONE_CHANGE: Final = _rule(
    "one-change",
    "un changement porte sur un document : une association partant du lot",
    "a change is about one document: one association from the set",
    _EXAMPLES,
    requirements=_DELETES,
)
_CHANGE_TYPE: Final = _rule(
    "change-type",
    "l’association est UpdateAvailabilityStatus, ou HasMember avec la nouvelle version",
    "the association is UpdateAvailabilityStatus, or HasMember with the new version",
    _EXAMPLES,
    requirements=_DELETES,
)
_STATES: Final = _rule(
    "states",
    "OriginalStatus et NewStatus sont deux états qui se suivent",
    "OriginalStatus and NewStatus are two states that follow each other",
    _EXAMPLES,
    requirements=_DELETES,
)
_TARGET: Final = _rule(
    "target",
    "le document changé est désigné par son entryUUID (urn:uuid:)",
    "the document changed is named by its entryUUID (urn:uuid:)",
    _EXAMPLES,
    requirements=_DELETES,
)
_NEW_VERSION: Final = _rule(
    "new-version",
    "une nouvelle version porte lid, et HasMember SubmissionSetStatus=Original et PreviousVersion",
    "a new version bears lid, and HasMember SubmissionSetStatus=Original and PreviousVersion",
    _EXAMPLES,
    requirements=_DELETES,
)
_REASON: Final = _rule(
    "reason",
    "le motif est TEST_EXST ou CNSLT_DATA (lecture), MODIF_DATA ou FERM (modification)",
    "the reason is TEST_EXST or CNSLT_DATA (reading), MODIF_DATA or FERM (change)",
    _EXAMPLES,
)
_SENDER: Final = _rule(
    "sender", "l’émetteur donne son OID", "the sender gives its OID", _EXAMPLES, trust=Trust.SECOND_HAND, severity=_SOFT
)
_ACTION: Final = _rule(
    "action", "action est AJOUT ou SUPPRESSION", "action is AJOUT or SUPPRESSION", "DMP, annexe WSDL 2.01.04"
)
_ATTENDING: Final = _rule(
    "attending",
    "un logiciel ne déclare pas de médecin traitant (TD0.3c)",
    "a product declares no attending doctor (TD0.3c)",
    "PDT-INF-526 v1.8 ; le service existe encore",
    trust=Trust.SECOND_HAND,
    severity=_SOFT,
)
_MODE: Final = _rule(
    "mode", "mode est ACTIVE, INTERDITE ou TOUTE", "mode is ACTIVE, INTERDITE or TOUTE", "DMP, annexe WSDL 2.01.04"
)
_DATE_TYPE: Final = _rule(
    "date-type",
    "dateType est LASTAUTORIZATION ou LASTDOC",
    "dateType is LASTAUTORIZATION or LASTDOC",
    "DMP, annexe WSDL 2.01.04",
)
_START: Final = _rule(
    "start-date", "startDate s’écrit AAAAMMJJhhmmss", "startDate is written YYYYMMDDhhmmss", "DMP, annexe WSDL 2.01.04"
)
_CLOSING: Final = _rule(
    "closing",
    f"une fermeture porte statusCode {registration.TERMINATED} et le motif {registration.ASKED_BY_THE_PATIENT}",
    f"a closing bears statusCode {registration.TERMINATED} and the motive {registration.ASKED_BY_THE_PATIENT}",
    _EXAMPLES,
)
_REGULATION: Final = _rule(
    "regulation",
    "la recherche par traits (TD0.5) se fait en centre de régulation (centre_15)",
    "the search by traits (TD0.5) is made in a régulation centre (centre_15)",
    "CNDA, tests 0.5 ; PDT-INF-526 v1.8",
)
_TRIGGER: Final = _rule(
    "trigger",
    f"la recherche par traits porte le code {demographics.TRIGGER}",
    f"the search by traits bears the code {demographics.TRIGGER}",
    _EXAMPLES,
)
_TRAITS: Final = _rule(
    "traits",
    "la recherche par traits en donne au moins un : nom, prénom ou date de naissance",
    "the search by traits gives at least one: name, given name or date of birth",
    "déduit des tests 0.5 du CNDA",
    trust=Trust.OWN,
    severity=_SOFT,
)

_KNOWN_QUERIES: Final = frozenset(value for name, value in vars(Queries).items() if not name.startswith("_"))
_BY_IDS: Final = frozenset(
    {Queries.GET_DOCUMENTS, Queries.GET_DOCUMENTS_AND_ASSOCIATIONS, Queries.GET_RELATED_DOCUMENTS, Queries.FIND_BY_REFERENCE}
)  # fmt: skip
_STATUSES: Final = frozenset({names.APPROVED, names.DEPRECATED, names.ARCHIVED, names.DELETED})
_MOVES: Final = frozenset(
    {
        (names.APPROVED, names.ARCHIVED), (names.ARCHIVED, names.APPROVED),
        (names.APPROVED, names.DELETED), (names.ARCHIVED, names.DELETED),
    }
)  # fmt: skip
_LISTS: Final = frozenset(
    f"$XDSDocumentEntry{name}"
    for name in ("Status", "TypeCode", "ClassCode", "FormatCode", "ConfidentialityCode", "EventCodeList", "UniqueId",
                 "EntryUUID", "ReferenceIdList", "HealthcareFacilityTypeCode", "PracticeSettingCode")
) | {"$XDSSubmissionSetStatus"}  # fmt: skip
_PAYLOAD_DATE: Final = re.compile(r"[0-9]{14}")
_QUERY_DATE: Final = re.compile(r"[0-9]{4}(?:[0-9]{2}){0,5}")


def check_message(request: OpenedRequest) -> Iterator[Finding]:
    """The checks of the payload, by transaction."""
    check = _CHECKS.get(request.transaction.key) if request.transaction else None
    if check is not None and request.payload is not None:
        yield from check(request, request.payload)


def _query(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    query, place = read_query(payload), request.envelope.place(payload)
    if query.id not in _KNOWN_QUERIES:
        yield _QUERY.finding(found_words(query.id), place)
    if query.return_type not in (ReturnType.LEAF_CLASS, ReturnType.OBJECT_REF):
        yield _RETURN.finding(found_words(query.return_type), place)
    asked = query.one("$XDSDocumentEntryPatientId") or query.one("$XDSSubmissionSetPatientId")
    if asked and request.vihf is not None and not _same(asked, request.vihf.patient):
        yield _PATIENT.finding(Text("il ne l’est pas", "it is not"), place)
    if query.id in (Queries.FIND_DOCUMENTS, Queries.FIND_BY_REFERENCE):
        statuses = query.values("$XDSDocumentEntryStatus")
        if not statuses:
            yield _STATUS.finding(Text("$XDSDocumentEntryStatus manque", "$XDSDocumentEntryStatus is missing"), place)
        for status in statuses:
            if status not in _STATUSES:
                yield _STATUS_VALUE.finding(found_words(status), place)
    yield from _parameters(request, query, payload)


def _parameters(request: OpenedRequest, query: StoredQuery, payload: etree._Element) -> Iterator[Finding]:
    place = request.envelope.place(payload)
    for name, values in query.parameters.items():
        for value in values:
            if name in _LISTS and not re.fullmatch(r"\(\s*'.*'\s*\)", value, re.DOTALL):
                yield _LIST.finding(found_words(f"{name} = {value}"), place)
            if name.endswith(("From", "To")) and not _QUERY_DATE.fullmatch(value.strip("'")):
                yield _DATES.finding(found_words(f"{name} = {value}"), place)
    if query.id in _BY_IDS:
        names_of = ("UniqueId", "EntryUUID", "ReferenceIdList")
        count = sum(len(query.values(f"$XDSDocumentEntry{name}")) for name in names_of)
        if count > 20:
            yield _TWENTY.finding(Text(f"trouvé {count}", f"found {count}"), place)


def _same(one: str, other: str) -> bool:
    first, second = Cx.parse(one), Cx.parse(other)
    return (first.id, first.authority) == (second.id, second.authority)


def _retrieve(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    place, asked = request.envelope.place(payload), read_retrieve(payload)
    if not asked:
        yield _SOMETHING.finding(Text("elle n’en demande aucun", "it asks for none"), place)
    for repository, document in asked:
        if repository != td.REPOSITORY_ID:
            yield _REPOSITORY.finding(found_words(repository), place)
        if not is_oid(document):
            yield _DOCUMENT.finding(found_words(document), place)


def _update(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    objects, envelope = request.objects, request.envelope
    for one in objects.submission_sets:
        if one.element is not None:
            yield from SET_RULES.check(envelope, one.element)
    sets = {one.id for one in objects.submission_sets}
    links = [link for link in objects.associations if link.source in sets]
    if len(links) != 1 or len(sets) != 1:
        yield _ONE_CHANGE.finding(Text(f"trouvé {len(links)}", f"found {len(links)}"), envelope.place(payload))
        return
    link = links[0]
    place = envelope.place(link.element)
    if link.type == names.UPDATES_STATUS:
        if (_slot(link, "OriginalStatus"), _slot(link, "NewStatus")) not in _MOVES:
            yield _STATES.finding(found_words(f"{_slot(link, 'OriginalStatus')} → {_slot(link, 'NewStatus')}"), place)
        if not link.target.startswith("urn:uuid:"):
            yield _TARGET.finding(found_words(link.target), place)
    elif link.type == names.HAS_MEMBER and len(objects.documents) == 1:
        new = objects.documents[0]
        wrong = _slot(link, names.SUBMISSION_SET_STATUS) != "Original" or not _slot(link, "PreviousVersion").isdigit()
        if wrong or not new.logical_id or link.target != new.id:
            yield _NEW_VERSION.finding(Text("il en manque", "something is missing"), place)
    else:
        yield _CHANGE_TYPE.finding(found_words(link.type), place)


def _slot(link: Association, name: str) -> str:
    return next(iter(link.slots.get(name, ())), "")


def _existence(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    asked, place = existence.read_existence_request(payload), request.envelope.place(payload)
    if asked.reason not in (existence.TEST_EXISTENCE, existence.READ_DATA):
        yield _REASON.finding(found_words(asked.reason), place)
    if not is_oid(asked.sender):
        yield _SENDER.finding(found_words(asked.sender), place)
    if request.vihf is not None and not _same(str(asked.patient), request.vihf.patient):
        yield _PATIENT.finding(Text("il ne l’est pas", "it is not"), place)


def _set_authorisation(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    action, role = authorisations.read_set_authorisation(payload)
    if action not in set(authorisations.Action):
        yield _ACTION.finding(found_words(action), request.envelope.place(payload))
    if role:
        yield _ATTENDING.finding(found_words(role), request.envelope.place(payload))


def _list_authorisations(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    mode = authorisations.read_list_mode(payload)
    if mode not in set(authorisations.ListMode):
        yield _MODE.finding(found_words(mode), request.envelope.place(payload))


def _list_patients(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    asked, place = authorisations.read_patient_list_request(payload), request.envelope.place(payload)
    if asked.date_type not in set(authorisations.DateType):
        yield _DATE_TYPE.finding(found_words(asked.date_type), place)
    if not _PAYLOAD_DATE.fullmatch(asked.start):
        yield _START.finding(found_words(asked.start), place)


def _register(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    asked, place = registration.read_registration_request(payload), request.envelope.place(payload)
    if asked.reason not in (registration.CHANGE_DATA, registration.CLOSE):
        yield _REASON.finding(found_words(asked.reason), place)
    if not is_oid(asked.sender):
        yield _SENDER.finding(found_words(asked.sender), place)
    if request.vihf is not None and not _same(str(asked.patient), request.vihf.patient):
        yield _PATIENT.finding(Text("il ne l’est pas", "it is not"), place)
    closed = (asked.status, asked.motive) == (registration.TERMINATED, registration.ASKED_BY_THE_PATIENT)
    if asked.reason == registration.CLOSE and not closed:
        yield _CLOSING.finding(found_words(f"{asked.status} {asked.motive}".strip()), place)


def _find_patients(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    """Sentences quote no trait: they are an identity."""
    asked, place = demographics.read_traits_request(payload), request.envelope.place(payload)
    if request.vihf is not None and request.vihf.access is not AccessMode.REGULATION:
        yield _REGULATION.finding(found_words(request.vihf.purpose.code if request.vihf.purpose else ""), place)
    if asked.trigger != demographics.TRIGGER:
        yield _TRIGGER.finding(found_words(asked.trigger), place)
    if not (asked.family or asked.given or asked.birth_date):
        yield _TRAITS.finding(Text("elle n’en donne aucun", "it gives none"), place)
    if not is_oid(asked.sender):
        yield _SENDER.finding(found_words(asked.sender), place)


_CHECKS: Final[dict[str, Callable[[OpenedRequest, etree._Element], Iterator[Finding]]]] = {
    td.SEARCH.key: _query,
    td.RETRIEVE.key: _retrieve,
    td.UPDATE.key: _update,
    td.EXISTENCE.key: _existence,
    td.ADMINISTRATIVE_DATA.key: _existence,
    td.CHANGE_DATA.key: _register,
    td.CLOSE.key: _register,
    td.SET_AUTHORISATION.key: _set_authorisation,
    td.LIST_AUTHORISATIONS.key: _list_authorisations,
    td.LIST_PATIENTS.key: _list_patients,
    td.FIND_PATIENTS.key: _find_patients,
}
