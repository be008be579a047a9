"""TD2.1 and TD2.2: what is refused of a lot, and how it is kept. All or nothing.

Sources: IHE ITI TF-2 §3.41 and §3.42 (checks of a repository and a registry); test book of the CNDA for the author
rule (EX_2.1-1140), the types (EX_2.1-1010), the visibility (EX_2.1-1050).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from conformance.exchange.dmp.transactions import REPOSITORY_ID
from conformance.exchange.metadata import Association, Coded, DocumentEntry, RegistryObjects, SubmissionSet, names
from conformance.exchange.metadata.hl7 import Cx, Xcn, Xon, pid_fields
from conformance.exchange.metadata.rim import association_element, document_entry_element, submission_set_element
from conformance.exchange.vihf import AuthenticationMode, Vihf
from conformance.exchange.xdm_writing import file_hash
from conformance.identity.ins import INS_NIA
from conformance.identity.oid import Form, form_of
from conformance.simulators.dmp.document_rights import Use
from conformance.simulators.dmp.gate import Visitor
from conformance.simulators.dmp.model import Entry, Notification, now
from conformance.simulators.dmp.refusals import ACCESS_FORBIDDEN, Reason, Refused, refuse
from conformance.simulators.dmp.rights import Function, UserKind
from conformance.simulators.dmp.store import Records

SIGNATURE_TYPE: Final = "E1762"
REPLACEMENTS: Final = (names.REPLACES, names.REPLACES_2010)
LONGEST_UNIQUE_ID: Final = 128
_METADATA: Final = "XDSRegistryMetadataError"
_REQUIRED: Final = (
    ("uniqueId", "unique_id"), ("patientId", "patient_id"), ("mimeType", "mime_type"), ("classCode", "class_code"),
    ("typeCode", "type_code"), ("formatCode", "format_code"), ("healthcareFacilityTypeCode", "healthcare_facility_type"),
    ("practiceSettingCode", "practice_setting"), ("confidentialityCode", "confidentiality"), ("author", "authors"),
    ("creationTime", "creation_time"), ("languageCode", "language_code"), ("sourcePatientId", "source_patient_id"),
)  # fmt: skip
_SET_REQUIRED: Final = (
    ("uniqueId", "unique_id"), ("sourceId", "source_id"), ("patientId", "patient_id"),
    ("submissionTime", "submission_time"), ("contentTypeCode", "content_type"), ("author", "authors"),
)  # fmt: skip
MASKED: Final = "MASQUE_PS"
HIDDEN_FROM_PATIENT: Final = "INVISIBLE_PATIENT"
HIDDEN_FROM_REPRESENTATIVES: Final = "INVISIBLE_REPRESENTANTS_LEGAUX"


@dataclass(frozen=True, slots=True)
class Lot:
    """A submission taken out of its message: its objects, and the bytes by the id of the entry."""

    objects: RegistryObjects
    documents: Mapping[str, bytes]


def is_signature(entry: DocumentEntry) -> bool:
    """Whether an entry is that of the signature of the lot."""
    return entry.type_code is not None and entry.type_code.code == SIGNATURE_TYPE


def feed(records: Records, visitor: Visitor, lot: Lot) -> list[Entry]:
    """Keep a lot and give its entries. Raises ``Refused`` with every reason found; a ``Duplicate`` passes through."""
    visitor.require(Function.FEED)
    one = lot.objects.submission_set
    if one is None:
        raise refuse(
            _METADATA, f"Un lot a une fiche (RegistryPackage) et une seule ; trouvé {len(lot.objects.submission_sets)}."
        )
    reasons = [
        *set_reasons(one, visitor), *_parts_reasons(lot), *_link_reasons(lot.objects), *_author_reasons(lot, visitor)
    ]  # fmt: skip
    if visitor.options.require_lot_signature and not any(map(is_signature, lot.objects.documents)):
        reasons.append(Reason(_METADATA, "Le lot ne porte pas sa signature.", one.id))
    for entry in lot.objects.documents:
        reasons.extend(_entry_reasons(entry, visitor))
        reasons.extend(_visibility_reasons(entry, visitor))
    if reasons:
        raise Refused(*reasons)
    replaced = _replaced(records, visitor, lot)
    return _keep(records, visitor, lot, one, replaced)


# What is refused --------------------------------------------------------------------------------------------


def set_reasons(one: SubmissionSet, visitor: Visitor) -> Iterator[Reason]:
    """What is refused of a submission set, whatever it submits."""
    for name, attribute in _SET_REQUIRED:
        if not getattr(one, attribute):
            yield Reason(_METADATA, f"{name} manque dans la fiche du lot.", one.id)
    if len(one.authors) > 1:
        yield Reason(_METADATA, f"Le lot a un auteur et un seul ; trouvé {len(one.authors)}.", one.id)
    for name, value in (("uniqueId", one.unique_id), ("sourceId", one.source_id)):
        if value and not _is_unique_id(value):
            yield Reason(_METADATA, f"Le {name} du lot n’est pas un OID.", one.id)
    yield from _patient_reasons(one.patient_id, one.id, visitor)


def _patient_reasons(patient_id: str | None, where: str, visitor: Visitor) -> Iterator[Reason]:
    if not patient_id:
        return
    cx, expected = Cx.parse(patient_id), Cx.parse(visitor.record.patient)
    if cx.authority == INS_NIA and visitor.options.refuse_nia:
        yield Reason("XDSUnknownPatientId", "Le DMP ne s’ouvre pas avec un NIA.", where)
    elif (cx.id, cx.authority) != (expected.id, expected.authority):
        yield Reason("XDSPatientIdDoesNotMatch", "Le patient n’est pas celui du VIHF (resource-id).", where)


def _parts_reasons(lot: Lot) -> Iterator[Reason]:
    entries = {entry.id for entry in lot.objects.documents}
    if len(entries) < len(lot.objects.documents):
        yield Reason(_METADATA, "Deux documents du lot ont le même id.")
    if not entries:
        yield Reason(_METADATA, "Le lot ne contient aucun document.")
    for identifier in sorted(entries - set(lot.documents)):
        yield Reason("XDSMissingDocument", "Aucun Document du message ne porte l’id de cet objet.", identifier)
    for identifier in sorted(set(lot.documents) - entries):
        yield Reason("XDSMissingDocumentMetadata", "Aucun ExtrinsicObject ne porte l’id de ce Document.", identifier)
    seen: set[str] = set()
    for entry in lot.objects.documents:
        if entry.unique_id and entry.unique_id in seen:
            yield Reason(
                "XDSRepositoryDuplicateUniqueIdInMessage", "Deux documents du lot ont le même uniqueId.", entry.id
            )
        seen.add(entry.unique_id or "")
        data = lot.documents.get(entry.id)
        if data is not None and not data:
            yield Reason("XDSRepositoryError", "Le document est vide.", entry.id)
        if data is not None and entry.hash and entry.hash.lower() != file_hash(data):
            yield Reason("XDSNonIdenticalHash", "Le hash n’est pas celui du document reçu.", entry.id)
        if data is not None and entry.size is not None and entry.size != len(data):
            yield Reason("XDSNonIdenticalSize", "La taille n’est pas celle du document reçu.", entry.id)


def _link_reasons(objects: RegistryObjects) -> Iterator[Reason]:
    """A lot ties its own objects: whatever else it would tie is not its business."""
    own = {one.id for one in objects.submission_sets} | {one.id for one in objects.documents}
    for link in objects.associations:
        if link.source not in own:
            yield Reason(_METADATA, "Une association du lot part d’un objet du lot.", link.id)
        elif link.target not in own and link.type not in REPLACEMENTS:
            yield Reason("UnresolvedReferenceException", "Cette association ne mène à aucun objet du lot.", link.id)


def _is_unique_id(value: str) -> bool:
    return len(value) <= LONGEST_UNIQUE_ID and form_of(value) is Form.OID


def _entry_reasons(entry: DocumentEntry, visitor: Visitor) -> Iterator[Reason]:
    for name, attribute in _REQUIRED:
        if not getattr(entry, attribute):
            yield Reason(_METADATA, f"{name} manque.", entry.id)
    if entry.unique_id and not _is_unique_id(entry.unique_id):
        yield Reason(
            _METADATA, "L’uniqueId d’un document est un OID seul, sans extension, de 128 caractères au plus.", entry.id
        )
    yield from _patient_reasons(entry.patient_id, entry.id, visitor)
    if entry.source_patient_info and not any(pid_fields(entry.source_patient_info).get("PID-5", ())):
        yield Reason(_METADATA, "sourcePatientInfo est là sans PID-5, le nom du patient.", entry.id)
    if is_signature(entry):
        return
    if visitor.options.require_source_patient_info and not entry.source_patient_info:
        yield Reason(_METADATA, "sourcePatientInfo manque : un document médical le porte, avec PID-5.", entry.id)
    if not entry.title or not entry.service_start_time or not entry.legal_authenticator:
        yield Reason(_METADATA, "title, serviceStartTime et legalAuthenticator sont obligatoires.", entry.id)
    type_code = entry.type_code.code if entry.type_code else ""
    class_code = entry.class_code.code if entry.class_code else ""
    if not visitor.may(Use.DEPOSIT, type_code, class_code):
        yield Reason(ACCESS_FORBIDDEN, "Cet utilisateur ne dépose pas ce type de document (EX_2.1-1010).", entry.id)


def _visibility_reasons(entry: DocumentEntry, visitor: Visitor) -> Iterator[Reason]:
    codes = _codes(entry.confidentiality)
    if is_signature(entry):
        return
    if {MASKED, HIDDEN_FROM_PATIENT} <= codes and not visitor.options.masked_and_hidden_together:
        yield Reason(_METADATA, "MASQUE_PS et INVISIBLE_PATIENT ne vont pas ensemble.", entry.id)
    if visitor.user.vihf.secret and HIDDEN_FROM_REPRESENTATIVES not in codes:
        yield Reason(_METADATA, "En connexion secrète, chaque document est INVISIBLE_REPRESENTANTS_LEGAUX.", entry.id)


def _author_reasons(lot: Lot, visitor: Visitor) -> Iterator[Reason]:
    for entry in lot.objects.documents:
        if entry.authors and not author_matches(entry, visitor.user.vihf, staff=visitor.kind is UserKind.STAFF):
            yield Reason(
                _METADATA, "L’utilisateur du VIHF n’est ni auteur ni responsable du document (EX_2.1-1140).", entry.id
            )


def author_matches(entry: DocumentEntry, vihf: Vihf, *, staff: bool = False) -> bool:
    """EX_2.1-1140: the user is an author or the legal authenticator; staff and structures, by their structure."""
    if vihf.mode == AuthenticationMode.INDIRECT or staff:
        return vihf.structure in {Xon.parse(name).id for author in entry.authors for name in author.institutions}
    people = {Xcn.parse(author.person).id for author in entry.authors if author.person}
    if entry.legal_authenticator:
        people.add(Xcn.parse(entry.legal_authenticator).id)
    return vihf.name_id in people


def _replaced(records: Records, visitor: Visitor, lot: Lot) -> dict[str, Entry]:
    """The entry that each new one replaces, by the id of the new one."""
    found: dict[str, Entry] = {}
    for entry in lot.objects.documents:
        targets = lot.objects.replaced_by(entry)
        wrong_kind = any(
            link.type == names.REPLACES_2010 and link.source == entry.id for link in lot.objects.associations
        )
        if wrong_kind and visitor.options.refuse_rplc_2010:
            raise refuse(_METADATA, "L’association de remplacement est celle de 2007.", entry.id)
        if len(targets) > 1:
            raise refuse(_METADATA, "Un document en remplace un seul.", entry.id)
        if not targets:
            continue
        old = records.entry(targets[0])
        if old is None or old.patient != visitor.record.patient:
            raise refuse("UnresolvedReferenceException", "Le document à remplacer n’est pas dans ce DMP.", entry.id)
        if not old.current or old.status != names.APPROVED:
            raise refuse(
                "XDSRegistryDeprecatedDocumentError",
                "Le document à remplacer n’est plus la version en cours.",
                entry.id,
            )
        if not visitor.wrote(old):
            raise refuse(
                ACCESS_FORBIDDEN, "Seul un auteur du document, ou sa structure, le remplace (EX_2.1-1140).", entry.id
            )
        if old.id in {one.id for one in found.values()}:
            raise refuse(_METADATA, "Deux documents du lot remplacent le même.", entry.id)
        codes = _codes(entry.confidentiality)
        if HIDDEN_FROM_PATIENT in codes and not old.hidden_from_patient:
            raise refuse(_METADATA, "Un document visible du patient ne redevient pas invisible.", entry.id)
        if HIDDEN_FROM_REPRESENTATIVES in codes and not old.hidden_from_representatives:
            raise refuse(
                _METADATA, "Un document visible des représentants légaux ne redevient pas invisible.", entry.id
            )
        found[entry.id] = old
    return found


# How it is kept ---------------------------------------------------------------------------------------------


def _keep(
    records: Records, visitor: Visitor, lot: Lot, one: SubmissionSet, replaced: Mapping[str, Entry]
) -> list[Entry]:
    given = {identifier: f"urn:uuid:{uuid.uuid4()}" for identifier in (one.id, *(e.id for e in lot.objects.documents))}
    keep_submission(records, visitor, one, given[one.id])
    kept: list[Entry] = []
    for entry in lot.objects.documents:
        stored = replace(
            entry,
            id=given[entry.id],
            logical_id=given[entry.id],
            version="1",
            status=names.APPROVED,
            hash=file_hash(lot.documents[entry.id]),
            size=len(lot.documents[entry.id]),
            repository_unique_id=REPOSITORY_ID,
            element=None,
        )
        line = entry_of(stored, visitor.record.patient, given[one.id])
        records.add_content(line.unique_id, lot.documents[entry.id])
        records.add_entry(line)
        old = replaced.get(entry.id)
        if old is not None:
            records.set_status(old, names.DEPRECATED)
        if not line.signature and not line.hidden_from_patient:
            kind = "document_replaced" if old else "document_added"
            records.notify(
                Notification(patient=line.patient, kind=kind, user=visitor.user.person, unique_id=line.unique_id)
            )
        kept.append(line)
    for link in lot.objects.associations:
        keep_association(records, replace(
            link, id=f"urn:uuid:{uuid.uuid4()}", status=names.APPROVED,
            source=given.get(link.source, link.source), target=given.get(link.target, link.target),
        ))  # fmt: skip
    return kept


def keep_submission(records: Records, visitor: Visitor, one: SubmissionSet, identifier: str) -> None:
    """Record a submission set under the id given by the server."""
    stored = replace(one, id=identifier, status=names.APPROVED, element=None)
    records.add_submission(
        id=identifier,
        unique_id=one.unique_id,
        patient=visitor.record.patient,
        status=names.APPROVED,
        submission_time=one.submission_time or "",
        person=Xcn.parse(one.authors[0].person).id if one.authors else "",
        content_type=_code(one.content_type),
        xml=_text(submission_set_element(stored)),
    )


def keep_association(records: Records, link: Association) -> None:
    """Record an association whose ends are those of the server."""
    records.add_association(
        id=link.id, type=link.type, source=link.source, target=link.target, xml=_text(association_element(link))
    )


def entry_of(entry: DocumentEntry, patient: str, submission: str) -> Entry:
    """The row of a document entry whose ids the server has given."""
    codes = _codes(entry.confidentiality)
    return Entry(
        id=entry.id,
        logical_id=entry.logical_id or entry.id,
        version=int(entry.version or "1"),
        current=True,
        unique_id=entry.unique_id or "",
        submission=submission,
        patient=patient,
        status=entry.status or names.APPROVED,
        title=entry.title or "",
        mime_type=entry.mime_type or "",
        class_code=_code(entry.class_code),
        type_code=_code(entry.type_code),
        format_code=_code(entry.format_code),
        facility=_code(entry.healthcare_facility_type),
        practice=_code(entry.practice_setting),
        creation_time=entry.creation_time or "",
        service_start=entry.service_start_time or "",
        service_stop=entry.service_stop_time or "",
        masked=MASKED in codes,
        hidden_from_patient=HIDDEN_FROM_PATIENT in codes,
        hidden_from_representatives=HIDDEN_FROM_REPRESENTATIVES in codes,
        confidentiality=tuple(_code(one) for one in entry.confidentiality),
        events=tuple(_code(one) for one in entry.event_codes),
        references=entry.reference_ids,
        persons=tuple(
            dict.fromkeys(
                known
                for person in (*(author.person for author in entry.authors), entry.legal_authenticator or "")
                if (known := Xcn.parse(person).id)
            )
        ),
        institutions=tuple(
            dict.fromkeys(
                known for author in entry.authors for name in author.institutions if (known := Xon.parse(name).id)
            )
        ),
        signature=is_signature(entry),
        hash=entry.hash or "",
        size=entry.size or 0,
        deposited=now(),
        xml=_text(document_entry_element(entry)),
    )


def _codes(codes: tuple[Coded, ...]) -> set[str]:
    return {one.code for one in codes}


def _code(value: Coded | None) -> str:
    return f"{value.code}^^{value.system}" if value else ""


def _text(node: etree._Element) -> str:
    return etree.tostring(node, encoding="unicode")
