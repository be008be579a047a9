"""The operations of the contract on the wire: method, path, shapes. One table, from which come the OpenAPI
file, the http adapter and the routes of the reference product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from conformance.core.language import Text
from conformance.sut.contract import (
    About,
    Alert,
    Deposit,
    DmpEntry,
    DmpQuery,
    DocumentEvent,
    DocumentRequest,
    DocumentView,
    FeedingChoice,
    IntegrationRequest,
    ItemDecision,
    LabResult,
    MessageRequest,
    Oppositions,
    Patient,
    PatientFile,
    PollReport,
    Prefill,
    RecordOpening,
    Rendering,
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
    Operation(
        "send_message",
        "POST",
        "/messages",
        Text("Envoyer un message par MSSanté", "Send a message by MSSanté"),
        request=MessageRequest,
        response=Deposit,
        status=201,
    ),
    Operation(
        "read_oppositions",
        "GET",
        "/patients/{patient_id}/oppositions",
        Text("Ce que le patient refuse", "What the patient refuses"),
        response=Oppositions,
    ),
    Operation(
        "set_oppositions",
        "PUT",
        "/patients/{patient_id}/oppositions",
        Text("Noter ce que le patient refuse", "Record what the patient refuses"),
        request=Oppositions,
        response=Oppositions,
    ),
    Operation(
        "choose_feeding",
        "PUT",
        "/documents/{document_id}/feeding",
        Text("Décider du dépôt d’un document au DMP", "Decide about the deposit of a document in the DMP"),
        request=FeedingChoice,
        response=DocumentView,
    ),
    Operation(
        "remove_from_dmp",
        "DELETE",
        "/documents/{document_id}/feeding",
        Text("Supprimer un document du DMP", "Delete a document from the DMP"),
        response=DocumentView,
    ),
    Operation(
        "document_history",
        "GET",
        "/documents/{document_id}/history",
        Text("Ce qui est arrivé à un document", "What happened to a document"),
        response=tuple[DocumentEvent, ...],
    ),
    Operation(
        "mark_read",
        "POST",
        "/documents/{document_id}/reading",
        Text("Noter qu’un document reçu a été lu", "Note that a received document was read"),
        response=DocumentView,
    ),
    Operation(
        "render_document",
        "GET",
        "/documents/{document_id}/rendering",
        Text("Le document tel que l’utilisateur le lit", "The document as the user reads it"),
        response=Rendering,
    ),
    Operation(
        "settle_item",
        "POST",
        "/worklist/{item_id}/decision",
        Text("Décider d’un élément de la liste des tâches", "Decide about an item of the worklist"),
        request=ItemDecision,
        status=204,
    ),
    Operation(
        "open_record",
        "POST",
        "/patients/{patient_id}/opening",
        Text("Ouvrir le dossier d’un patient", "Open a patient's record"),
        response=RecordOpening,
    ),
    Operation(
        "read_dmp_document",
        "GET",
        "/patients/{patient_id}/dmp/content",
        Text("Consulter un document du DMP sans l’intégrer", "Look at a document of the DMP without integrating it"),
        response=bytes,
        query=(("unique_id", True),),
    ),
    Operation(
        "prepare_visit",
        "POST",
        "/patients/{patient_id}/preparation",
        Text(
            "Faire maintenant ce que le logiciel fait de lui-même avant une visite",
            "Do now what the product does by itself ahead of a visit",
        ),
        status=204,
    ),
    Operation(
        "list_results",
        "GET",
        "/patients/{patient_id}/results",
        Text("Les résultats de biologie d’un patient", "A patient's laboratory results"),
        response=tuple[LabResult, ...],
        query=(("code", False), ("unit", False)),
    ),
    Operation(
        "alerts",
        "GET",
        "/alerts",
        Text("Les alertes à lire tout de suite", "The warnings to be read at once"),
        response=tuple[Alert, ...],
    ),
    Operation(
        "acknowledge_alert",
        "POST",
        "/alerts/{alert_id}/acknowledgement",
        Text("Noter qu’une alerte a été vue", "Note that a warning was seen"),
        response=Alert,
    ),
)

BY_NAME: dict[str, Operation] = {operation.name: operation for operation in OPERATIONS}
