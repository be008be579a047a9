"""TD3.1: the stored queries, filtered by what the reader may see.

LeafClass is a consultation and needs an authorisation; ObjectRef only looks ids up, for those who replace, archive
or delete (EX_3.1-2030). Sources: IHE ITI TF-2 §3.18; test book of the CNDA for the limits and the filters.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree
from sqlalchemy import Column, ColumnElement, RowMapping

from conformance.exchange.metadata import names
from conformance.exchange.metadata.carriers import slot_values
from conformance.exchange.metadata.fields import SUBMISSION_SET_FIELDS, field_of
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.metadata.names import rim
from conformance.exchange.registry_messages import Queries, ReturnType, StoredQuery
from conformance.simulators.dmp import tables as t
from conformance.simulators.dmp.gate import Visitor, refuse_overuse
from conformance.simulators.dmp.model import Entry
from conformance.simulators.dmp.refusals import refuse
from conformance.simulators.dmp.rights import Function
from conformance.simulators.dmp.store import Records

_D: Final = "$XDSDocumentEntry"
_S: Final = "$XDSSubmissionSet"


@dataclass(slots=True)
class Found:
    """What a query finds: entries, submission sets as XML by id, associations as rows."""

    entries: list[Entry] = field(default_factory=list)
    submissions: dict[str, str] = field(default_factory=dict)
    associations: list[RowMapping] = field(default_factory=list)


def run_query(records: Records, visitor: Visitor, query: StoredQuery) -> list[etree._Element]:
    """The registry objects that answer ``query``, for this reader. Raises ``Refused``."""
    look_up = query.return_type == ReturnType.OBJECT_REF
    if not look_up and query.return_type != ReturnType.LEAF_CLASS:
        raise refuse("XDSRegistryError", "returnType est LeafClass ou ObjectRef.")
    visitor.require(Function.LOOK_UP if look_up else Function.SEARCH)
    if not look_up:
        refuse_overuse(records, visitor)
    _same_patient(visitor, query)
    runner = _QUERIES.get(query.id)
    if runner is None:
        raise refuse("XDSUnknownStoredQuery", "Cette requête enregistrée n’existe pas.")
    found = runner(records, visitor, query)
    entries = [entry for entry in found.entries if visitor.sees(entry)]
    links = _shown_links(records, visitor, found.associations)
    if look_up:
        ids = [*(entry.id for entry in entries), *found.submissions, *(row["id"] for row in links)]
        return [etree.Element(rim("ObjectRef"), id=one) for one in ids]
    return _parsed([*found.submissions.values(), *(entry.xml for entry in entries), *(row["xml"] for row in links)])


def _shown_links(records: Records, visitor: Visitor, rows: Sequence[RowMapping]) -> list[RowMapping]:
    """The associations whose ends the reader may know of: a masked or deleted document does not show itself by its links."""
    c, ends = t.ENTRIES.c, {row[end] for row in rows for end in ("source", "target")}
    if not ends:
        return []
    documents = records.entries(c.id.in_(ends))
    hidden = {one.id for one in documents if not (_living(one) and visitor.sees(one))}
    return [row for row in rows if not {row["source"], row["target"]} & hidden]


def _living(entry: Entry) -> bool:
    return entry.current and entry.status != names.DELETED


def _parsed(texts: Iterable[str]) -> list[etree._Element]:
    """The elements of these texts: parsed together, which costs a fraction of one by one."""
    return list(etree.fromstring(f"<r>{''.join(texts)}</r>"))


def _same_patient(visitor: Visitor, query: StoredQuery) -> None:
    asked = query.one(f"{_D}PatientId") or query.one(f"{_S}PatientId")
    if asked:
        cx, own = Cx.parse(asked), Cx.parse(visitor.record.patient)
        if (cx.id, cx.authority) != (own.id, own.authority):
            raise refuse("XDSPatientIdDoesNotMatch", "Le patient cherché n’est pas celui du VIHF (resource-id).")


# By search --------------------------------------------------------------------------------------------------


def _find_documents(records: Records, visitor: Visitor, query: StoredQuery) -> Found:
    return Found(_documents(records, visitor, query))


def _documents(records: Records, visitor: Visitor, query: StoredQuery) -> list[Entry]:
    c = t.ENTRIES.c
    statuses = query.values(f"{_D}Status")
    if not statuses:
        raise refuse("XDSStoredQueryMissingParam", f"{_D}Status manque.")
    asked_types = query.values(f"{_D}TypeCode")
    conditions: list[ColumnElement[bool]] = [
        c.patient == visitor.record.patient,
        c.current.is_(True),
        c.status.in_([one for one in statuses if one != names.DELETED]),
    ]
    if not any(one.startswith("E1762") for one in asked_types):
        conditions.append(c.signature.is_(False))
    for name, column in (("TypeCode", c.type_code), ("ClassCode", c.class_code), ("FormatCode", c.format_code),
                         ("HealthcareFacilityTypeCode", c.facility), ("PracticeSettingCode", c.practice)):  # fmt: skip
        wanted = query.values(_D + name)
        if wanted:
            conditions.append(_one_of(column, wanted))
    for name, column in (("CreationTime", c.creation_time), ("ServiceStartTime", c.service_start), ("ServiceStopTime", c.service_stop)):  # fmt: skip
        start, stop = query.one(f"{_D}{name}From"), query.one(f"{_D}{name}To")
        if start:
            conditions.append(column >= _digits(start))
        if stop:
            conditions.append(column < _digits(stop))
        if start or stop:
            conditions.append(column != "")
    found = records.entries(*conditions)
    found = _by_author(found, query.values(f"{_D}AuthorPerson"))
    found = _with_all(found, query, f"{_D}ConfidentialityCode", lambda entry: entry.confidentiality)
    return _with_all(found, query, f"{_D}EventCodeList", lambda entry: entry.events)


def _digits(time: str) -> str:
    if not time.isascii() or not time.isdigit():
        raise refuse("XDSRegistryError", "Une date de recherche s’écrit AAAAMMJJhhmmss, ou son début.")
    return time


def _one_of(column: Column[Any], wanted: Sequence[str]) -> ColumnElement[bool]:
    """A code with its system is compared whole, a code alone by its beginning."""
    whole: ColumnElement[bool] = column.in_([one for one in wanted if "^^" in one])
    for code in (one for one in wanted if "^^" not in one):
        whole = whole | column.startswith(f"{code}^^", autoescape=True)
    return whole


def _with_all(
    entries: list[Entry],
    query: StoredQuery,
    name: str,
    values: Callable[[Entry], Iterable[str]],
    same: Callable[[str, str], bool] | None = None,
) -> list[Entry]:
    """Several ``Value`` of a list parameter are an AND of ORs (IHE ITI TF-2 §3.18.4.1.2.3.5)."""
    fits = same or _same_code
    for written in query.parameters.get(name, ()):
        wanted = StoredQuery("", {name: (written,)}).values(name)
        entries = [e for e in entries if any(fits(one, value) for one in wanted for value in values(e))]
    return entries


def _by_author(entries: list[Entry], wanted: Sequence[str]) -> list[Entry]:
    """Those of whom one authorPerson is like one of ``wanted``, as written in the metadata."""
    if not wanted:
        return entries
    return [e for e in entries if any(_like(one, person) for one in wanted for person in _author_persons(e.xml))]


def _author_persons(xml: str) -> list[str]:
    """The values of authorPerson in a registry object."""
    slots = etree.fromstring(xml).iter(rim("Slot"))
    return [node.text or "" for slot in slots if slot.get("name") == "authorPerson" for node in slot_values(slot)]


def _same_code(wanted: str, value: str) -> bool:
    return wanted == value if "^^" in wanted else value.split("^^")[0] == wanted


def _find_by_reference(records: Records, visitor: Visitor, query: StoredQuery) -> Found:
    wanted = query.values(f"{_D}ReferenceIdList")
    if not wanted:
        raise refuse("XDSStoredQueryMissingParam", f"{_D}ReferenceIdList manque.")
    _limit(visitor, wanted)
    found = _documents(records, visitor, query)
    return Found(_with_all(found, query, f"{_D}ReferenceIdList", lambda entry: entry.references, _like))


def _like(pattern: str, value: str) -> bool:
    """``%`` and ``_`` as in SQL; the syntax of LIKE at the DMP is not published."""
    if "%" not in pattern:
        return value == pattern
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]").replace("%", "*").replace("_", "?"))


def _find_submissions(records: Records, visitor: Visitor, query: StoredQuery) -> Found:
    c = t.SUBMISSIONS.c
    if not query.values(f"{_S}Status"):
        raise refuse("XDSStoredQueryMissingParam", f"{_S}Status manque.")
    conditions: list[ColumnElement[bool]] = [
        c.patient == visitor.record.patient,
        c.status.in_(query.values(f"{_S}Status")),
    ]
    start, stop = query.one(f"{_S}SubmissionTimeFrom"), query.one(f"{_S}SubmissionTimeTo")
    if start:
        conditions.append(c.submission_time >= _digits(start))
    if stop:
        conditions.append(c.submission_time < _digits(stop))
    if query.values(f"{_S}ContentType"):
        conditions.append(_one_of(c.content_type, query.values(f"{_S}ContentType")))
    wanted = query.values(f"{_S}AuthorPerson")
    rows = [
        row
        for row in records.submissions(*conditions)
        if not wanted or any(_like(one, person) for one in wanted for person in _author_persons(row["xml"]))
    ]
    sources = query.values(f"{_S}SourceId")
    if sources:
        rows = [row for row in rows if _source_of(row["xml"]) in sources]
    return Found(submissions={row["id"]: row["xml"] for row in rows})


def _source_of(xml: str) -> str:
    """The sourceId of a submission set."""
    carrier = field_of(SUBMISSION_SET_FIELDS, "sourceId").carrier
    return next((str(one.value) for one in carrier.find(etree.fromstring(xml))), "")


# By identifiers ---------------------------------------------------------------------------------------------


def _limit(visitor: Visitor, ids: Sequence[str]) -> None:
    most = visitor.options.documents_per_query
    if most and len(ids) > most:
        raise refuse("XDSTooManyResults", f"Une requête par identifiants en porte {most} au plus ; trouvé {len(ids)}.")


def _by_ids(records: Records, visitor: Visitor, query: StoredQuery) -> list[Entry]:
    uuids, unique = query.values(f"{_D}EntryUUID"), query.values(f"{_D}UniqueId")
    if bool(uuids) == bool(unique):
        raise refuse("XDSStoredQueryParamNumber", "Donner des entryUUID ou des uniqueId, l’un des deux.")
    _limit(visitor, uuids or unique)
    c = t.ENTRIES.c
    return _living_entries(records, visitor, c.id.in_(uuids) if uuids else c.unique_id.in_(unique))


def _living_entries(records: Records, visitor: Visitor, chosen: ColumnElement[bool]) -> list[Entry]:
    """The documents of the record that are not deleted, by the current version of their metadata: a former one says
    nothing of who may see the document now."""
    c = t.ENTRIES.c
    return records.entries(chosen, c.patient == visitor.record.patient, c.current.is_(True), c.status != names.DELETED)


def _get_documents(records: Records, visitor: Visitor, query: StoredQuery) -> Found:
    return Found(_by_ids(records, visitor, query))


def _get_documents_and_associations(records: Records, visitor: Visitor, query: StoredQuery) -> Found:
    entries = _by_ids(records, visitor, query)
    return Found(entries, associations=records.associations([entry.id for entry in entries]))


def _get_associations(records: Records, visitor: Visitor, query: StoredQuery) -> Found:
    wanted = query.values("$uuid")
    if not wanted:
        raise refuse("XDSStoredQueryMissingParam", "$uuid manque.")
    c = t.ENTRIES.c
    own = {entry.id for entry in records.entries(c.id.in_(wanted), c.patient == visitor.record.patient)}
    s = t.SUBMISSIONS.c
    own |= {row["id"] for row in records.submissions(s.id.in_(wanted), s.patient == visitor.record.patient)}
    return Found(associations=records.associations(own))


def _get_related(records: Records, visitor: Visitor, query: StoredQuery) -> Found:
    kinds = query.values("$AssociationTypes")
    if not kinds:
        raise refuse("XDSStoredQueryMissingParam", "$AssociationTypes manque.")
    entries = _by_ids(records, visitor, query)
    rows = [row for row in records.associations([entry.id for entry in entries]) if row["type"] in kinds]
    ends = {row[end] for row in rows for end in ("source", "target")}
    return Found(_living_entries(records, visitor, t.ENTRIES.c.id.in_(ends)), associations=rows)


def _get_set_and_contents(records: Records, visitor: Visitor, query: StoredQuery) -> Found:
    s = t.SUBMISSIONS.c
    uuids, unique = query.values(f"{_S}EntryUUID"), query.values(f"{_S}UniqueId")
    if bool(uuids) == bool(unique):
        raise refuse("XDSStoredQueryParamNumber", "Donner un entryUUID ou un uniqueId de lot, l’un des deux.")
    chosen = s.id.in_(uuids) if uuids else s.unique_id.in_(unique)
    rows = records.submissions(chosen, s.patient == visitor.record.patient)
    ids = [row["id"] for row in rows]
    entries = _living_entries(records, visitor, t.ENTRIES.c.submission.in_(ids))
    entries = _with_all(entries, query, f"{_D}ConfidentialityCode", lambda entry: entry.confidentiality)
    entries = _with_all(entries, query, f"{_D}FormatCode", lambda entry: (entry.format_code,))
    return Found(entries, {row["id"]: row["xml"] for row in rows}, records.associations(ids))


def _get_sets(records: Records, visitor: Visitor, query: StoredQuery) -> Found:
    wanted = query.values("$uuid")
    if not wanted:
        raise refuse("XDSStoredQueryMissingParam", "$uuid manque.")
    c, s = t.ENTRIES.c, t.SUBMISSIONS.c
    entries = [one for one in _living_entries(records, visitor, c.id.in_(wanted)) if visitor.sees(one)]
    rows = records.submissions(s.id.in_([entry.submission for entry in entries]))
    links = [row for row in records.associations([row["id"] for row in rows]) if row["target"] in wanted]
    return Found(submissions={row["id"]: row["xml"] for row in rows}, associations=links)


_QUERIES: Final[dict[str, Callable[[Records, Visitor, StoredQuery], Found]]] = {
    Queries.FIND_DOCUMENTS: _find_documents,
    Queries.FIND_SUBMISSION_SETS: _find_submissions,
    Queries.FIND_BY_REFERENCE: _find_by_reference,
    Queries.GET_DOCUMENTS: _get_documents,
    Queries.GET_DOCUMENTS_AND_ASSOCIATIONS: _get_documents_and_associations,
    Queries.GET_ASSOCIATIONS: _get_associations,
    Queries.GET_RELATED_DOCUMENTS: _get_related,
    Queries.GET_SUBMISSION_SET_AND_CONTENTS: _get_set_and_contents,
    Queries.GET_SUBMISSION_SETS: _get_sets,
}
