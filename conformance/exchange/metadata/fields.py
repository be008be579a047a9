"""Which carrier holds which value: the two tables that reading, writing and checking share.

Sources: IHE ITI TF-3 table 4.2.3.2-1 and following; the XDM archives of the CI-SIS for the action slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.exchange.metadata import names
from conformance.exchange.metadata.carriers import (
    AttributeCarrier,
    AuthorCarrier,
    Carrier,
    CodeCarrier,
    IdentifierCarrier,
    SlotCarrier,
    TextCarrier,
    VersionCarrier,
)


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the model: its attribute there, its name in the specifications, where it stands, how often in the model."""

    attribute: str
    name: str
    carrier: Carrier
    many: bool = False
    number: bool = False


_STATUS: Final = Field("status", "availabilityStatus", AttributeCarrier("status"))
_HOME: Final = Field("home", "homeCommunityId", AttributeCarrier("home"))
_TITLE: Final = Field("title", "title", TextCarrier("Name"))
_COMMENTS: Final = Field("comments", "comments", TextCarrier("Description"))


def _slot(attribute: str, name: str, slot: str = "", *, many: bool = False, number: bool = False) -> Field:
    return Field(attribute, name, SlotCarrier(slot or name), many, number)


def _code(attribute: str, name: str, scheme: str, *, many: bool = False) -> Field:
    return Field(attribute, name, CodeCarrier(f"urn:uuid:{scheme}"), many)


def _identifier(attribute: str, name: str, scheme: str, owner: str) -> Field:
    return Field(attribute, name, IdentifierCarrier(f"urn:uuid:{scheme}", f"{owner}.{name}"))


DOCUMENT_ENTRY_FIELDS: Final = (
    Field("id", "entryUUID", AttributeCarrier("id")),
    Field("logical_id", "logicalId", AttributeCarrier("lid")),
    Field("mime_type", "mimeType", AttributeCarrier("mimeType")),
    Field("object_type", "objectType", AttributeCarrier("objectType")),
    _STATUS,
    _HOME,
    _slot("action", "action", names.ACTION_SLOT),
    _slot("creation_time", "creationTime"),
    _slot("hash", "hash"),
    _slot("language_code", "languageCode"),
    _slot("legal_authenticator", "legalAuthenticator"),
    _slot("reference_ids", "referenceIdList", names.REFERENCE_ID_SLOT, many=True),
    _slot("repository_unique_id", "repositoryUniqueId"),
    _slot("service_start_time", "serviceStartTime"),
    _slot("service_stop_time", "serviceStopTime"),
    _slot("size", "size", number=True),
    _slot("source_patient_id", "sourcePatientId"),
    _slot("source_patient_info", "sourcePatientInfo", many=True),
    _slot("uri", "URI"),
    _slot("document_availability", "documentAvailability"),
    _TITLE,
    _COMMENTS,
    Field("version", "version", VersionCarrier()),
    Field("authors", "author", AuthorCarrier("urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"), many=True),
    _code("class_code", "classCode", "41a5887f-8865-4c09-adf7-e362475b143a"),
    _code("type_code", "typeCode", "f0306f51-975f-434e-a61c-c59651d33983"),
    _code("format_code", "formatCode", "a09d5840-386c-46f2-b5ad-9c3699a4309d"),
    _code("confidentiality", "confidentialityCode", "f4f85eac-e6cb-4883-b524-f2705394840f", many=True),
    _code("healthcare_facility_type", "healthcareFacilityTypeCode", "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"),
    _code("practice_setting", "practiceSettingCode", "cccf5598-8b07-4b77-a05e-ae952c785ead"),
    _code("event_codes", "eventCodeList", "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", many=True),
    _identifier("patient_id", "patientId", "58a6f841-87b3-4a3e-92fd-a8ffeff98427", "XDSDocumentEntry"),
    _identifier("unique_id", "uniqueId", "2e82c1f6-a085-4c72-9da3-8640a32e42ab", "XDSDocumentEntry"),
)
"""The values of an ExtrinsicObject, in the order in which the schema wants their carriers."""

SUBMISSION_SET_FIELDS: Final = (
    Field("id", "entryUUID", AttributeCarrier("id")),
    _STATUS,
    _HOME,
    _slot("intended_recipients", "intendedRecipient", many=True),
    _slot("submission_time", "submissionTime"),
    _TITLE,
    _COMMENTS,
    Field("authors", "author", AuthorCarrier("urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"), many=True),
    _code("content_type", "contentTypeCode", "aa543740-bdda-424e-8c96-df4873be8500"),
    _identifier("patient_id", "patientId", "6b5aea1a-874d-4603-a4bc-96a0a7b38446", "XDSSubmissionSet"),
    _identifier("source_id", "sourceId", "554ac39e-e3fe-47fe-b233-965d2a147832", "XDSSubmissionSet"),
    _identifier("unique_id", "uniqueId", "96fdda7c-d067-4183-912e-bf5ee74998a8", "XDSSubmissionSet"),
)
"""The values of a RegistryPackage that is a submission set, in the order in which the schema wants their carriers."""


def field_of(table: tuple[Field, ...], name: str) -> Field:
    """The field called ``name`` in the specifications; ``KeyError`` when the table has none."""
    for field in table:
        if field.name == name:
            return field
    raise KeyError(name)
