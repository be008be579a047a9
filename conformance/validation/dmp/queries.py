"""The stored queries of TD3.1: which, with which parameters, written how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.core.findings import Finding, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import found_words
from conformance.exchange.metadata import names
from conformance.exchange.registry_messages import Queries, ReturnType, StoredQuery, read_query
from conformance.validation.dmp.message_book import IHE, PATIENT, SOFT, message_rule, same_patient
from conformance.validation.dmp.opened import OpenedRequest

_QUERY: Final = message_rule("query", "la requête enregistrée existe", "the stored query exists", IHE)
_RETURN: Final = message_rule(
    "return-type", "returnType est LeafClass ou ObjectRef", "returnType is LeafClass or ObjectRef", IHE
)
_STATUS: Final = message_rule(
    "status",
    "une recherche de documents donne les statuts voulus",
    "a search of documents gives the statuses wanted",
    IHE,
)
_STATUS_VALUE: Final = message_rule(
    "status-value", "les statuts cherchés sont de JDV_J52", "the statuses searched are of JDV_J52", "ANS, JDV_J52"
)
_LIST: Final = message_rule(
    "list-parameter",
    "un paramètre à plusieurs valeurs s’écrit ('a','b')",
    "a parameter of several values is written ('a','b')",
    f"{IHE}.4.1.2.3.5",
)
_NEEDED: Final = message_rule(
    "needed-parameter",
    "la requête porte les paramètres sans lesquels elle ne se comprend pas",
    "the query bears the parameters without which it is not understood",
    f"{IHE}.4.1.2.3.7",
)
_UNKNOWN: Final = message_rule(
    "unknown-parameter",
    "chaque paramètre est de la requête : un serveur ignore les autres, et trouve autre chose que ce qui est cherché",
    "each parameter belongs to the query: a server ignores others, and finds something else than what is looked for",
    f"{IHE}.4.1.2.3.7 ; qu’un serveur les ignore est déduit",
    trust=Trust.OWN,
    severity=SOFT,
)
_DATES: Final = message_rule(
    "dates",
    "une date de recherche s’écrit AAAAMMJJhhmmss ou son début",
    "a date of search is written YYYYMMDDhhmmss or its beginning",
    IHE,
)
_TWENTY: Final = message_rule(
    "twenty",
    "une requête par identifiants en porte 20 au plus",
    "a query by identifiers carries 20 at most",
    "CNDA, test 3.1-010",
)
_KNOWN_QUERIES: Final = frozenset(value for name, value in vars(Queries).items() if not name.startswith("_"))
_BY_IDS: Final = frozenset(
    {Queries.GET_DOCUMENTS, Queries.GET_DOCUMENTS_AND_ASSOCIATIONS, Queries.GET_RELATED_DOCUMENTS, Queries.FIND_BY_REFERENCE}
)  # fmt: skip
_STATUSES: Final = frozenset({names.APPROVED, names.DEPRECATED, names.ARCHIVED, names.DELETED})
_IDS: Final = ("$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId")
_LISTS: Final = frozenset(
    f"$XDSDocumentEntry{name}"
    for name in ("Status", "TypeCode", "ClassCode", "FormatCode", "ConfidentialityCode", "EventCodeList", "UniqueId",
                 "EntryUUID", "ReferenceIdList", "HealthcareFacilityTypeCode", "PracticeSettingCode")
) | {"$XDSSubmissionSetStatus"}  # fmt: skip
_NEEDS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    Queries.FIND_SUBMISSION_SETS: (("$XDSSubmissionSetStatus",),),
    Queries.FIND_BY_REFERENCE: (("$XDSDocumentEntryReferenceIdList",),),
    Queries.GET_DOCUMENTS: (_IDS,),
    Queries.GET_DOCUMENTS_AND_ASSOCIATIONS: (_IDS,),
    Queries.GET_RELATED_DOCUMENTS: (_IDS, ("$AssociationTypes",)),
    Queries.GET_ASSOCIATIONS: (("$uuid",),),
    Queries.GET_SUBMISSION_SETS: (("$uuid",),),
    Queries.GET_SUBMISSION_SET_AND_CONTENTS: (("$XDSSubmissionSetEntryUUID", "$XDSSubmissionSetUniqueId"),),
}
"""Of each group, one parameter."""
_FINDS: Final = frozenset(
    f"$XDSDocumentEntry{name}"
    for name in ("PatientId", "Status", "Type", "ClassCode", "TypeCode", "PracticeSettingCode", "CreationTimeFrom",
                 "CreationTimeTo", "ServiceStartTimeFrom", "ServiceStartTimeTo", "ServiceStopTimeFrom",
                 "ServiceStopTimeTo", "HealthcareFacilityTypeCode", "EventCodeList", "ConfidentialityCode",
                 "AuthorPerson", "FormatCode")
)  # fmt: skip
_TAKES: Final[dict[str, frozenset[str]]] = {
    Queries.FIND_DOCUMENTS: _FINDS,
    Queries.FIND_BY_REFERENCE: _FINDS | {"$XDSDocumentEntryReferenceIdList"},
    Queries.FIND_SUBMISSION_SETS: frozenset(
        f"$XDSSubmissionSet{name}"
        for name in ("PatientId", "SourceId", "SubmissionTimeFrom", "SubmissionTimeTo", "AuthorPerson", "ContentType",
                     "Status")
    ),
}  # fmt: skip
"""The parameters of the searches; the queries by identifiers are told by ``_NEEDS``."""
_ANYWHERE: Final = frozenset({"$homeCommunityId", "$MetadataLevel"})
_QUERY_DATE: Final = re.compile(r"[0-9]{4}(?:[0-9]{2}){0,5}")


def check_query(request: OpenedRequest, payload: etree._Element) -> Iterator[Finding]:
    """The checks of a search or of a look-up."""
    query, place = read_query(payload), request.envelope.place(payload)
    if query.id not in _KNOWN_QUERIES:
        yield _QUERY.finding(found_words(query.id), place)
    if query.return_type not in (ReturnType.LEAF_CLASS, ReturnType.OBJECT_REF):
        yield _RETURN.finding(found_words(query.return_type), place)
    asked = query.one("$XDSDocumentEntryPatientId") or query.one("$XDSSubmissionSetPatientId")
    if asked and request.vihf is not None and not same_patient(asked, request.vihf.patient):
        yield PATIENT.finding(Text("il ne l’est pas", "it is not"), place)
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
    for group in _NEEDS.get(query.id, ()):
        if len([name for name in group if query.values(name)]) != 1:
            words = " / ".join(group)
            yield _NEEDED.finding(Text(f"il faut un de {words}", f"one of {words} is needed"), place)
    for name in sorted(set(query.parameters) - _ANYWHERE - _TAKES.get(query.id, frozenset(query.parameters))):
        yield _UNKNOWN.finding(found_words(name), place)
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
