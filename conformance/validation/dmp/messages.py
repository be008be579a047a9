"""The requests other than feeding: searches, retrievals, changes, existence, authorisations, lists of records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from conformance.core.findings import Finding, Trust
from conformance.core.language import Text
from conformance.exchange.checks import forms
from conformance.exchange.checks.rules import found_words
from conformance.exchange.dmp import authorisations, demographics, existence, registration
from conformance.exchange.dmp import transactions as td
from conformance.exchange.metadata import Association, names
from conformance.exchange.registry_messages import read_retrieve
from conformance.exchange.vihf import AccessMode
from conformance.identity.oid import is_oid
from conformance.validation.dmp.message_book import (
    BOOK,
    DELETES,
    EXAMPLES,
    PATIENT,
    SOFT,
    message_rule,
    same_patient,
)
from conformance.validation.dmp.opened import OpenedRequest
from conformance.validation.dmp.queries import check_query
from conformance.validation.dmp.values import SET_RULES

_REPOSITORY: Final = message_rule(
    "repository",
    f"le dépôt demandé est celui du DMP ({td.REPOSITORY_ID})",
    f"the repository asked for is that of the DMP ({td.REPOSITORY_ID})",
    EXAMPLES,
)
_DOCUMENT: Final = message_rule(
    "document-id", "le document demandé est désigné par un OID", "the document asked for is named by an OID", EXAMPLES
)
_SOMETHING: Final = message_rule(
    "something",
    "la requête demande au moins un document",
    "the request asks for at least one document",
    "IHE ITI TF-2 §3.43",
)
_ONE_CHANGE: Final = message_rule(
    "one-change",
    "un changement porte sur un document : une association partant du lot",
    "a change is about one document: one association from the set",
    EXAMPLES,
    requirements=DELETES,
)
_CHANGE_TYPE: Final = message_rule(
    "change-type",
    "l’association est UpdateAvailabilityStatus, ou HasMember avec la nouvelle version",
    "the association is UpdateAvailabilityStatus, or HasMember with the new version",
    EXAMPLES,
    requirements=DELETES,
)
_STATES: Final = message_rule(
    "states",
    "OriginalStatus et NewStatus sont deux états qui se suivent",
    "OriginalStatus and NewStatus are two states that follow each other",
    EXAMPLES,
    requirements=DELETES,
)
_TARGET: Final = message_rule(
    "target",
    "le document changé est désigné par son entryUUID (urn:uuid:)",
    "the document changed is named by its entryUUID (urn:uuid:)",
    EXAMPLES,
    requirements=DELETES,
)
_NEW_VERSION: Final = message_rule(
    "new-version",
    "une nouvelle version porte lid, et HasMember SubmissionSetStatus=Original et PreviousVersion",
    "a new version bears lid, and HasMember SubmissionSetStatus=Original and PreviousVersion",
    EXAMPLES,
    requirements=DELETES,
)
_EXCLUSIVE: Final = message_rule(
    "visibility-exclusive",
    "une nouvelle version n’est pas à la fois MASQUE_PS et INVISIBLE_PATIENT",
    "a new version is not both MASQUE_PS and INVISIBLE_PATIENT",
    "CNDA, EX_2.1-1050 (paramètre du DMP)",
    requirements=DELETES,
)
_REASON: Final = message_rule(
    "reason",
    "le motif est TEST_EXST ou CNSLT_DATA (lecture), MODIF_DATA ou FERM (modification)",
    "the reason is TEST_EXST or CNSLT_DATA (reading), MODIF_DATA or FERM (change)",
    EXAMPLES,
)
_SENDER: Final = message_rule(
    "sender", "l’émetteur donne son OID", "the sender gives its OID", EXAMPLES, trust=Trust.SECOND_HAND, severity=SOFT
)
_ACTION: Final = message_rule(
    "action", "action est AJOUT ou SUPPRESSION", "action is AJOUT or SUPPRESSION", "DMP, annexe WSDL 2.01.04"
)
_ATTENDING: Final = message_rule(
    "attending",
    "un logiciel ne déclare pas de médecin traitant (TD0.3c)",
    "a product declares no attending doctor (TD0.3c)",
    "PDT-INF-526 v1.8 ; le service existe encore",
    trust=Trust.SECOND_HAND,
    severity=SOFT,
)
_MODE: Final = message_rule(
    "mode", "mode est ACTIVE, INTERDITE ou TOUTE", "mode is ACTIVE, INTERDITE or TOUTE", "DMP, annexe WSDL 2.01.04"
)
_DATE_TYPE: Final = message_rule(
    "date-type",
    "dateType est LASTAUTORIZATION ou LASTDOC",
    "dateType is LASTAUTORIZATION or LASTDOC",
    "DMP, annexe WSDL 2.01.04",
)
_START: Final = message_rule(
    "start-date", "startDate s’écrit AAAAMMJJhhmmss", "startDate is written YYYYMMDDhhmmss", "DMP, annexe WSDL 2.01.04"
)
_CLOSING: Final = message_rule(
    "closing",
    f"une fermeture porte statusCode {registration.TERMINATED} et le motif {registration.ASKED_BY_THE_PATIENT}",
    f"a closing bears statusCode {registration.TERMINATED} and the motive {registration.ASKED_BY_THE_PATIENT}",
    EXAMPLES,
)
_REGULATION: Final = message_rule(
    "regulation",
    "la recherche par traits (TD0.5) se fait en centre de régulation (centre_15)",
    "the search by traits (TD0.5) is made in a régulation centre (centre_15)",
    "CNDA, tests 0.5 ; PDT-INF-526 v1.8",
)
_TRIGGER: Final = message_rule(
    "trigger",
    f"la recherche par traits porte le code {demographics.TRIGGER}",
    f"the search by traits bears the code {demographics.TRIGGER}",
    EXAMPLES,
)
_TRAITS: Final = message_rule(
    "traits",
    "la recherche par traits en donne au moins un : nom, prénom ou date de naissance",
    "the search by traits gives at least one: name, given name or date of birth",
    "déduit des tests 0.5 du CNDA",
    trust=Trust.OWN,
    severity=SOFT,
)

_MOVES: Final = frozenset(
    {
        (names.APPROVED, names.ARCHIVED), (names.ARCHIVED, names.APPROVED),
        (names.APPROVED, names.DELETED), (names.ARCHIVED, names.DELETED),
    }
)  # fmt: skip
_PAYLOAD_DATE: Final = re.compile(r"[0-9]{14}")


def check_message(request: OpenedRequest) -> Iterator[Finding]:
    """The checks of the payload, by transaction."""
    check = _CHECKS.get(request.transaction.key) if request.transaction else None
    if check is not None and request.payload is not None:
        yield from check(request, request.payload)


def _retrieve(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    place, asked = request.envelope.place(payload), read_retrieve(payload)
    if not asked:
        yield _SOMETHING.finding(Text("elle n’en demande aucun", "it asks for none"), place)
    for repository, document in asked:
        if repository != td.REPOSITORY_ID:
            yield _REPOSITORY.finding(found_words(repository), place)
        if not forms.OID.accepts(document):
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
        if {one.code for one in new.confidentiality} >= {"MASQUE_PS", "INVISIBLE_PATIENT"}:
            yield _EXCLUSIVE.finding(Text("elle l’est", "it is"), place)
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
    if request.vihf is not None and not same_patient(str(asked.patient), request.vihf.patient):
        yield PATIENT.finding(Text("il ne l’est pas", "it is not"), place)


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
    if request.vihf is not None and not same_patient(str(asked.patient), request.vihf.patient):
        yield PATIENT.finding(Text("il ne l’est pas", "it is not"), place)
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
    td.SEARCH.key: check_query,
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


__all__ = ["BOOK", "check_message"]
