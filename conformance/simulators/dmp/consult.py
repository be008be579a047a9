"""TD3.2: the bytes of documents, for those who may read them; what cannot be given is said document by document."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.exchange.dmp.transactions import REPOSITORY_ID
from conformance.exchange.metadata import names
from conformance.exchange.registry_messages import RegistryError, RetrievedDocument
from conformance.simulators.dmp.document_rights import Use
from conformance.simulators.dmp.gate import Visitor
from conformance.simulators.dmp.refusals import ACCESS_FORBIDDEN, Reason, Refused
from conformance.simulators.dmp.rights import Function
from conformance.simulators.dmp.store import Records


def retrieve(
    records: Records, visitor: Visitor, asked: Sequence[tuple[str, str]]
) -> tuple[list[RetrievedDocument], list[RegistryError]]:
    """The documents that can be given, and why the others cannot. Raises ``Refused`` when none could ever be."""
    visitor.require(Function.RETRIEVE)
    given: list[RetrievedDocument] = []
    errors: list[RegistryError] = []
    for repository, unique_id in asked:
        try:
            given.append(_one(records, visitor, repository, unique_id))
        except Refused as refused:
            errors.extend(reason.as_registry_error() for reason in refused.reasons)
    if not asked:
        errors.append(Reason("XDSRepositoryError", "La requête ne demande aucun document.").as_registry_error())
    return given, errors


def _one(records: Records, visitor: Visitor, repository: str, unique_id: str) -> RetrievedDocument:
    if repository != REPOSITORY_ID:
        raise Refused(Reason("XDSUnknownRepositoryId", "Ce dépôt n’est pas celui du DMP.", unique_id))
    entry = records.current(unique_id)
    deleted = entry is not None and entry.status == names.DELETED and not visitor.options.retrieve_deleted
    if entry is None or deleted or entry.patient != visitor.record.patient:
        raise Refused(Reason("XDSDocumentUniqueIdError", "Aucun document de ce DMP n’a cet uniqueId.", unique_id))
    if not visitor.may_handle(Use.READ, entry):
        raise Refused(Reason(ACCESS_FORBIDDEN, "Cette profession ne lit pas ce type de document.", unique_id))
    if not visitor.sees_masked(entry):
        visitor.require(Function.RETRIEVE_MASKED, entry)
        raise Refused(Reason(ACCESS_FORBIDDEN, "Ce document est masqué aux professionnels.", unique_id))
    data = records.content(unique_id)
    if data is None:
        raise Refused(Reason("XDSRepositoryError", "Le contenu de ce document manque.", unique_id))
    return RetrievedDocument(unique_id, entry.mime_type, data, REPOSITORY_ID)
