"""The names of the ebRIM layer: namespaces, object types, classification and identification schemes, associations.

Sources: OASIS ebRIM 3.0; IHE ITI Technical Framework volume 3 §4 (metadata of XDS, XDM); the CI-SIS for the
action slot and the statuses of the DMP.
"""

from __future__ import annotations

from typing import Final

RIM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
RS: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
QUERY: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
XDS_B: Final = "urn:ihe:iti:xds-b:2007"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

NAMESPACES: Final = {"rim": RIM, "lcm": LCM, "rs": RS, "query": QUERY, "xds": XDS_B}

SUBMISSION_SET: Final = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
"""Classification node that makes a RegistryPackage a submission set."""
DOCUMENT_ENTRY: Final = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
"""``objectType`` of a stable document."""
CLASSIFICATION: Final = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Classification"
EXTERNAL_IDENTIFIER: Final = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:ExternalIdentifier"
ASSOCIATION: Final = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association"
REGISTRY_PACKAGE: Final = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage"

HAS_MEMBER: Final = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
REPLACES: Final = "urn:ihe:iti:2007:AssociationType:RPLC"
REPLACES_2010: Final = "urn:ihe:iti:2010:AssociationType:RPLC"
"""A form that some published code writes; the texts say 2007."""
SIGNS: Final = "urn:ihe:iti:2007:AssociationType:signs"
UPDATES_STATUS: Final = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"

APPROVED: Final = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED: Final = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVED: Final = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED: Final = "urn:asip:ci-sis:2010:StatusType:Deleted"

ACTION_SLOT: Final = "urn:action:extraMetadataSlot"
"""Slot of a document entry in an XDM archive: ``C`` when it replaces, ``D`` when it deletes; absent otherwise."""
REFERENCE_ID_SLOT: Final = "urn:ihe:iti:xds:2013:referenceIdList"
SUBMISSION_SET_STATUS: Final = "SubmissionSetStatus"
"""Slot of a HasMember association: ``Original`` for what this submission brings."""


def rim(name: str) -> str:
    """The Clark name of an ebRIM element."""
    return f"{{{RIM}}}{name}"
