"""The transactions of the DMP: name, service path, wsa:Action of the request and of the answer.

Sources: service descriptions of the DMP (annexe WSDL 2.01.04) and example messages (values of wsa:Action).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.core.language import Text

BASE_PATH: Final = "/si-dmp-server/v2/services"
"""What comes before the service path."""

REPOSITORY: Final = "/repository"
REGISTRY: Final = "/registry"
PATIENTS: Final = "/patients"
AUTHORISATIONS: Final = "/habilitations"
PATIENT_LISTS: Final = "/patientsSpecific"
PATIENT_SEARCHES: Final = "/patientsPDQ"

REPOSITORY_ID: Final = "1.2.250.1.213.4.1.1.1.2"
"""repositoryUniqueId of the DMP."""
DMP_DEVICE: Final = "1.2.250.1.213.4.1.1.1"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction. ``key`` is what journals and rules call it; ``payload`` the local name of its request."""

    key: str
    title: Text
    path: str
    action: str
    answer_action: str
    payload: str


EXISTENCE: Final = Transaction(
    "td0.2", Text("test d’existence du DMP", "test of existence of the record"), PATIENTS,
    "urn:hl7-org:v3:PRPA_IN201307UV02", "urn:hl7-org:v3:PRPA_IN201308UV02", "PRPA_IN201307UV02",
)  # fmt: skip
ADMINISTRATIVE_DATA: Final = Transaction(
    "td1.3a", Text("lecture des données administratives", "reading the administrative data"), PATIENTS,
    "urn:hl7-org:v3:PRPA_IN201307UV02", "urn:hl7-org:v3:PRPA_IN201308UV02", "PRPA_IN201307UV02",
)  # fmt: skip
CHANGE_DATA: Final = Transaction(
    "td1.3b", Text("modification des données administratives", "change of the administrative data"), PATIENTS,
    "urn:hl7-org:v3:PRPA_IN201314UV02", "urn:hl7-org:v3:PRPA_IN201314ResponseUV02", "PRPA_IN201314UV02",
)  # fmt: skip
CLOSE: Final = Transaction(
    "td1.4", Text("fermeture du DMP", "closing of the record"), PATIENTS,
    "urn:hl7-org:v3:PRPA_IN201314UV02", "urn:hl7-org:v3:PRPA_IN201314ResponseUV02", "PRPA_IN201314UV02",
)  # fmt: skip
SET_AUTHORISATION: Final = Transaction(
    "td0.3", Text("mise à jour de l’autorisation", "update of the authorisation"), AUTHORISATIONS,
    "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization",
    "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorizationResponse", "setAuthorization",
)  # fmt: skip
LIST_AUTHORISATIONS: Final = Transaction(
    "td1.6", Text("liste des autorisations d’un DMP", "list of the authorisations of a record"), AUTHORISATIONS,
    "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient",
    "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatientResponse", "listAuthorizationByPatient",
)  # fmt: skip
LIST_PATIENTS: Final = Transaction(
    "td0.4", Text("liste des DMP autorisés", "list of the authorised records"), PATIENT_LISTS,
    "urn:si-dmp-patients:PatientSpecificEndPoint:patientList",
    "urn:si-dmp-patients:PatientSpecificEndPoint:patientListResponse", "patientList",
)  # fmt: skip
FIND_PATIENTS: Final = Transaction(
    "td0.5", Text("recherche de patients sans INS", "search of patients without the INS"), PATIENT_SEARCHES,
    "urn:hl7-org:v3:PRPA_IN201305UV02", "urn:hl7-org:v3:PRPA_IN201306UV02", "PRPA_IN201305UV02",
)  # fmt: skip
FEED: Final = Transaction(
    "td2.1", Text("alimentation du DMP", "feeding the record"), REPOSITORY,
    "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse",
    "ProvideAndRegisterDocumentSetRequest",
)  # fmt: skip
SEARCH: Final = Transaction(
    "td3.1", Text("recherche de documents", "search of documents"), REGISTRY,
    "urn:ihe:iti:2007:RegistryStoredQuery", "urn:ihe:iti:2007:RegistryStoredQueryResponse", "AdhocQueryRequest",
)  # fmt: skip
RETRIEVE: Final = Transaction(
    "td3.2", Text("consultation d’un document", "retrieval of a document"), REPOSITORY,
    "urn:ihe:iti:2007:RetrieveDocumentSet", "urn:ihe:iti:2007:RetrieveDocumentSetResponse", "RetrieveDocumentSetRequest",
)  # fmt: skip
UPDATE: Final = Transaction(
    "td3.3", Text("gestion des attributs d’un document", "change of the attributes of a document"), REGISTRY,
    "urn:ihe:iti:2010:UpdateDocumentSet", "urn:ihe:iti:2010:UpdateDocumentSet-Response", "SubmitObjectsRequest",
)  # fmt: skip

TRANSACTIONS: Final = (
    EXISTENCE, ADMINISTRATIVE_DATA, CHANGE_DATA, CLOSE, SET_AUTHORISATION, LIST_AUTHORISATIONS, LIST_PATIENTS, FIND_PATIENTS,
    FEED, SEARCH, RETRIEVE, UPDATE,
)  # fmt: skip


_BY_REASON: Final = {(ADMINISTRATIVE_DATA.payload, "CNSLT_DATA"): ADMINISTRATIVE_DATA, (CLOSE.payload, "FERM"): CLOSE}


def transaction_of(payload: str, reason: str = "") -> Transaction | None:
    """The transaction that a payload (its local name) belongs to; ``reason`` tells TD0.2 from TD1.3a, TD1.3b from TD1.4."""
    told = _BY_REASON.get((payload, reason))
    return told or next((one for one in TRANSACTIONS if one.payload == payload), None)
