"""TD3.3: delete, archive, mask, make visible. One change in one message.

Sources: IHE ITI TF-2 §3.57; life cycle of documents in the reference (states, who may move them, what is final).
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Final

from lxml import etree

from conformance.exchange.metadata import Association, DocumentEntry, RegistryObjects, SubmissionSet, names
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.metadata.rim import read_document_entry
from conformance.simulators.dmp import tables as t
from conformance.simulators.dmp.document_rights import Use
from conformance.simulators.dmp.gate import Visitor
from conformance.simulators.dmp.intake import (
    MASKED,
    REPLACEMENTS,
    entry_of,
    keep_association,
    keep_submission,
    set_reasons,
)
from conformance.simulators.dmp.model import Entry, Notification
from conformance.simulators.dmp.refusals import ACCESS_FORBIDDEN, Refused, refuse
from conformance.simulators.dmp.rights import Function
from conformance.simulators.dmp.store import Records

ORIGINAL_STATUS: Final = "OriginalStatus"
NEW_STATUS: Final = "NewStatus"
PREVIOUS_VERSION: Final = "PreviousVersion"
_UPDATE: Final = "XDSMetadataUpdateError"
_OPERATION: Final = "XDSMetadataUpdateOperationError"

_KEPT: Final = (
    "unique_id", "title", "mime_type", "class_code", "type_code", "format_code", "facility", "practice", "creation_time",
    "service_start", "service_stop", "events", "references", "persons", "institutions",
)  # fmt: skip
"""What a new version of the metadata leaves as it was."""
_MOVES: Final = {
    (names.APPROVED, names.ARCHIVED): Function.ARCHIVE,
    (names.ARCHIVED, names.APPROVED): Function.ARCHIVE,
    (names.APPROVED, names.DELETED): Function.DELETE,
    (names.ARCHIVED, names.DELETED): Function.DELETE,
}


def change(records: Records, visitor: Visitor, objects: RegistryObjects) -> Entry:
    """Make the change that a submission asks for, and give the entry as it was. Raises ``Refused``."""
    one = objects.submission_set
    if one is None:
        raise refuse("XDSRegistryMetadataError", "La fiche du lot (RegistryPackage) manque.")
    if reasons := list(set_reasons(one, visitor)):
        raise Refused(*reasons)
    links = [link for link in objects.associations if link.source == one.id]
    if len(links) != 1:
        raise refuse(_OPERATION, f"Un changement à la fois : une association partant du lot ; trouvé {len(links)}.")
    if links[0].type == names.UPDATES_STATUS:
        return _change_status(records, visitor, one, links[0])
    if links[0].type == names.HAS_MEMBER and len(objects.documents) == 1:
        return _change_visibility(records, visitor, one, links[0], objects.documents[0])
    raise refuse(
        _OPERATION, "L’association est UpdateAvailabilityStatus, ou HasMember avec une version des métadonnées."
    )


def _change_status(records: Records, visitor: Visitor, one: SubmissionSet, link: Association) -> Entry:
    old = _target(records, visitor, link.target)
    before, after = _slot(link, ORIGINAL_STATUS), _slot(link, NEW_STATUS)
    if old.status == names.DELETED:
        raise refuse(_UPDATE, "Ce document est supprimé : cet état est définitif.", link.target)
    if before != old.status:
        raise refuse(_UPDATE, f"OriginalStatus n’est pas l’état du document, qui est {old.status}.", link.target)
    function = _MOVES.get((before, after))
    if function is None:
        raise refuse(_UPDATE, "Cette suite d’états n’existe pas.", link.target)
    visitor.require(function, old)
    if not visitor.may_handle(Use.MANAGE, old):
        raise refuse(ACCESS_FORBIDDEN, "Cet utilisateur ne gère pas ce type de document.", old.id)
    records.set_status(old, after)
    if function is Function.DELETE:
        for former in _former_versions(records, old):
            records.set_status(former, names.DELETED)
        if not old.hidden_from_patient:
            records.notify(
                Notification(
                    patient=old.patient, kind="document_deleted", user=visitor.user.person, unique_id=old.unique_id
                )
            )
    _keep(records, visitor, one, link, old.id)
    return old


def _former_versions(records: Records, entry: Entry) -> list[Entry]:
    """The documents that ``entry`` replaced, through all their versions."""
    found: dict[str, Entry] = {}
    waiting = [entry]
    while waiting:
        version = waiting.pop().id
        for row in records.associations([version]):
            former = records.entry(row["target"]) if row["type"] in REPLACEMENTS and row["source"] == version else None
            if former is not None and former.id not in found:
                found[former.id] = former
                waiting.append(former)
    return [former for former in found.values() if former.status == names.DEPRECATED]


def _change_visibility(
    records: Records, visitor: Visitor, one: SubmissionSet, link: Association, new: DocumentEntry
) -> Entry:
    if _slot(link, names.SUBMISSION_SET_STATUS) != "Original" or link.target != new.id:
        raise refuse(_UPDATE, "HasMember désigne la nouvelle version, avec SubmissionSetStatus=Original.", new.id)
    column = t.ENTRIES.c
    found = records.entries(column.logical_id == (new.logical_id or ""), column.current.is_(True))
    if not found or found[0].patient != visitor.record.patient:
        raise refuse("UnresolvedReferenceException", "lid ne désigne aucun document de ce DMP.", new.id)
    old = found[0]
    if _slot(link, PREVIOUS_VERSION) != str(old.version):
        raise refuse(
            "XDSMetadataVersionError", f"PreviousVersion n’est pas la version en cours, {old.version}.", new.id
        )
    if old.status not in (names.APPROVED, names.ARCHIVED):
        raise refuse(_UPDATE, "Ce document n’est plus en cours.", new.id)
    line = entry_of(
        replace(
            new, id=f"urn:uuid:{uuid.uuid4()}", version=str(old.version + 1), status=old.status, element=None,
            hash=old.hash, size=old.size, logical_id=old.logical_id,
            repository_unique_id=_read(old).repository_unique_id,
        ),
        old.patient,
        old.submission,
    )  # fmt: skip
    other = [name for name in _KEPT if getattr(line, name) != getattr(old, name)]
    if Cx.parse(new.patient_id or "") != Cx.parse(_read(old).patient_id or ""):
        other.append("patientId")
    if other:
        raise refuse(
            _UPDATE, f"Seule la confidentialité peut changer ; ceci change aussi : {', '.join(other)}.", new.id
        )
    _require_visibility(visitor, old, line)
    records.retire(old.id)
    records.add_entry(line)
    records.retarget(old.id, line.id)
    if old.hidden_from_patient and not line.hidden_from_patient:
        records.notify(
            Notification(
                patient=old.patient, kind="document_visible", user=visitor.user.person, unique_id=old.unique_id
            )
        )
    _keep(records, visitor, one, link, line.id)
    return old


def _require_visibility(visitor: Visitor, old: Entry, new: Entry) -> None:
    if (new.hidden_from_patient and not old.hidden_from_patient) or (
        new.hidden_from_representatives and not old.hidden_from_representatives
    ):
        raise refuse(_UPDATE, "Un document visible ne redevient pas invisible.", old.id)
    shown = (old.hidden_from_patient, old.hidden_from_representatives) != (
        new.hidden_from_patient,
        new.hidden_from_representatives,
    )
    if shown:
        visitor.require(Function.MAKE_VISIBLE, old)
    if new.masked != old.masked:
        visitor.require(Function.MASK if new.masked else Function.UNMASK, old)
    if new.masked and new.hidden_from_patient and not visitor.options.masked_and_hidden_together:
        raise refuse(_UPDATE, f"{MASKED} et INVISIBLE_PATIENT ne vont pas ensemble.", old.id)
    if not shown and new.masked == old.masked:
        raise refuse(_UPDATE, "Rien ne change.", old.id)


def _target(records: Records, visitor: Visitor, identifier: str) -> Entry:
    found = records.entry(identifier)
    if found is None or found.patient != visitor.record.patient:
        raise refuse("UnresolvedReferenceException", "Ce document n’est pas dans ce DMP.", identifier)
    if not found.current:
        raise refuse(
            _UPDATE, "Cette version des métadonnées n’est plus en cours : relire l’entryUUID (TD3.1b).", identifier
        )
    return found


def _read(entry: Entry) -> DocumentEntry:
    return read_document_entry(etree.fromstring(entry.xml))


def _slot(link: Association, name: str) -> str:
    return next(iter(link.slots.get(name, ())), "")


def _keep(records: Records, visitor: Visitor, one: SubmissionSet, link: Association, target: str) -> None:
    identifier = f"urn:uuid:{uuid.uuid4()}"
    keep_submission(records, visitor, one, identifier)
    kept = replace(link, id=f"urn:uuid:{uuid.uuid4()}", source=identifier, target=target, status=names.APPROVED)
    keep_association(records, kept)
