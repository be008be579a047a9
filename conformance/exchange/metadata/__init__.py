"""The metadata of documents in ebRIM, one model for the archives of MSSanté and for the DMP.

``model``: what is said; ``fields`` and ``carriers``: where it stands in the XML; ``rim``: reading and writing;
``hl7``: the data types of the values; ``names``: the URNs.
"""

from conformance.exchange.metadata.model import (
    Association,
    Author,
    Coded,
    DocumentEntry,
    ObjectRef,
    RegistryObjects,
    SubmissionSet,
)
from conformance.exchange.metadata.rim import (
    MetadataFile,
    read_metadata,
    read_objects,
    registry_object_list,
    submit_objects_request,
    write_metadata,
)

__all__ = [
    "Association",
    "Author",
    "Coded",
    "DocumentEntry",
    "MetadataFile",
    "ObjectRef",
    "RegistryObjects",
    "SubmissionSet",
    "read_metadata",
    "read_objects",
    "registry_object_list",
    "submit_objects_request",
    "write_metadata",
]
