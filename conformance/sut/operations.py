"""The operations of the contract on the wire: method, path, shapes. One table, from which come the OpenAPI
file, the http adapter and the routes of the reference product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from conformance.core.language import Text
from conformance.sut.contract import (
    About,
    Deposit,
    DmpEntry,
    DmpQuery,
    DocumentRequest,
    DocumentView,
    IntegrationRequest,
    Patient,
    PatientFile,
    PollReport,
    Prefill,
    Settings,
    WorklistItem,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: how it is called over HTTP, what it takes, what it gives.

    ``response`` is a shape; ``bytes`` for the document itself; ``None`` for nothing (204).
    ``core`` operations are those without which no profile can say anything.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    summary: Text
    request: Any = None
    response: Any = None
    query: tuple[tuple[str, bool], ...] = ()
    """Names of the query parameters, each with: is it required?"""
    status: int = 200
    core: bool = False


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "about",
        "GET",
        "/about",
        Text("Qui est le logiciel, et ce qu’il offre du contrat", "Who the product is, and what it offers"),
        response=About,
        core=True,
    ),
    Operation(
        "reset",
        "POST",
        "/reset",
        Text("Oublier patients, documents, files et réglages", "Forget patients, documents, queues and settings"),
        status=204,
        core=True,
    ),
    Operation(
        "configure",
        "PUT",
        "/settings",
        Text("Régler le praticien, la structure et les services", "Set practitioner, structure and services"),
        request=Settings,
        status=204,
    ),
    Operation(
        "create_patient",
        "POST",
        "/patients",
        Text("Créer un patient, avec son identité et son dossier", "Create a patient with identity and record"),
        request=PatientFile,
        response=Patient,
        status=201,
        core=True,
    ),
    Operation(
        "read_patient",
        "GET",
        "/patients/{patient_id}",
        Text("Relire un patient", "Read a patient back"),
        response=Patient,
        core=True,
    ),
    Operation(
        "update_patient",
        "PUT",
        "/patients/{patient_id}",
        Text("Remplacer l’identité et le dossier d’un patient", "Replace a patient's identity and record"),
        request=PatientFile,
        response=Patient,
    ),
    Operation(
        "prefill_document",
        "GET",
        "/patients/{patient_id}/prefill",
        Text("Ce que le logiciel propose avant toute modification", "What the product proposes before any edit"),
        response=Prefill,
        query=(("type", True), ("version", False)),
    ),
    Operation(
        "generate_document",
        "POST",
        "/patients/{patient_id}/documents",
        Text("Préparer le brouillon d’un document", "Make a draft of a document"),
        request=DocumentRequest,
        response=DocumentView,
        status=201,
    ),
    Operation(
        "list_documents",
        "GET",
        "/patients/{patient_id}/documents",
        Text(
            "Les documents d’un patient, tels que l’utilisateur les voit", "A patient's documents as the user sees them"
        ),
        response=tuple[DocumentView, ...],
    ),
    Operation(
        "read_document",
        "GET",
        "/documents/{document_id}/content",
        Text("Le document, octet pour octet", "The document, byte for byte"),
        response=bytes,
    ),
    Operation(
        "validate_document",
        "POST",
        "/documents/{document_id}/validation",
        Text("Valider (signer) un brouillon", "Validate (sign) a draft"),
        response=DocumentView,
    ),
    Operation(
        "delete_document",
        "DELETE",
        "/documents/{document_id}",
        Text("Supprimer un document du dossier", "Delete a document from the record"),
        response=DocumentView,
    ),
    Operation(
        "worklist",
        "GET",
        "/worklist",
        Text("Ce qui attend une personne", "What waits for a person"),
        response=tuple[WorklistItem, ...],
    ),
    Operation(
        "poll_mailbox",
        "POST",
        "/mailbox/poll",
        Text("Relever la boîte MSSanté maintenant", "Look into the MSSanté mailbox now"),
        response=PollReport,
    ),
    Operation(
        "search_dmp",
        "POST",
        "/patients/{patient_id}/dmp/search",
        Text("Chercher dans le DMP du patient", "Search the patient's DMP"),
        request=DmpQuery,
        response=tuple[DmpEntry, ...],
    ),
    Operation(
        "integrate",
        "POST",
        "/integrations",
        Text("Classer un élément dans un dossier", "File an item into a record"),
        request=IntegrationRequest,
        response=DocumentView,
        status=201,
    ),
    Operation(
        "outgoing",
        "GET",
        "/outgoing",
        Text("L’état des envois et dépôts", "The state of deposits and messages"),
        response=tuple[Deposit, ...],
    ),
)

BY_NAME: dict[str, Operation] = {operation.name: operation for operation in OPERATIONS}
