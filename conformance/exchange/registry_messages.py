"""The messages of the XDS services: ITI-41, ITI-18, ITI-43 and ITI-57, requests and answers, as payloads of SOAP.

Sources: IHE ITI TF-2 §3.18, §3.41, §3.43, §3.57; ebRS 3.0. The metadata inside are those of ``metadata``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from conformance.core.numbers import whole_number
from conformance.exchange.metadata import (
    RegistryObjects,
    read_objects,
    registry_object_list,
    submit_objects_request,
)
from conformance.exchange.metadata.carriers import slot_values, write_slot
from conformance.exchange.metadata.names import QUERY, RIM, RS, XDS_B, rim
from conformance.exchange.mtom import Content, Package, Part, content_of, include, new_content_id

SUCCESS: Final = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
FAILURE: Final = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"
PARTIAL: Final = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
ERROR: Final = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"
WARNING: Final = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Warning"

PROVIDE: Final = f"{{{XDS_B}}}ProvideAndRegisterDocumentSetRequest"
ADHOC: Final = f"{{{QUERY}}}AdhocQueryRequest"
RETRIEVE: Final = f"{{{XDS_B}}}RetrieveDocumentSetRequest"
RETRIEVED: Final = f"{{{XDS_B}}}RetrieveDocumentSetResponse"
DOCUMENT: Final = f"{{{XDS_B}}}Document"


class ReturnType:
    """What a query gives back: whole objects, or their ids."""

    LEAF_CLASS: Final = "LeafClass"
    OBJECT_REF: Final = "ObjectRef"


class Queries:
    """The ids of the stored queries (IHE ITI TF-2 §3.18.4.1.2.4)."""

    FIND_DOCUMENTS: Final = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
    FIND_SUBMISSION_SETS: Final = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
    GET_DOCUMENTS: Final = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
    FIND_BY_REFERENCE: Final = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"
    GET_ASSOCIATIONS: Final = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
    GET_SUBMISSION_SET_AND_CONTENTS: Final = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83"
    GET_DOCUMENTS_AND_ASSOCIATIONS: Final = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
    GET_RELATED_DOCUMENTS: Final = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6"
    GET_SUBMISSION_SETS: Final = "urn:uuid:51224314-5390-4169-9b91-b1980040715a"


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A query: its id, what it returns, its parameters.

    Each parameter has one value per ``Value`` element, as written (``'code^^system'``, ``('a','b')``).
    """

    id: str
    parameters: Mapping[str, tuple[str, ...]]
    return_type: str = ReturnType.LEAF_CLASS

    def one(self, name: str) -> str:
        """The single value of a parameter without its quotes; empty when absent."""
        values = self.values(name)
        return values[0] if values else ""

    def values(self, name: str) -> list[str]:
        """All values of a parameter, lists opened, quotes taken off."""
        return [value for written in self.parameters.get(name, ()) for value in literals(written)]


@dataclass(frozen=True, slots=True)
class RegistryError:
    """An error of the registry: code, sentence, severity, where."""

    code: str
    context: str
    severity: str = ERROR
    location: str = ""


@dataclass(frozen=True, slots=True)
class RetrievedDocument:
    """A document that ITI-43 gave."""

    unique_id: str
    mime_type: str
    data: bytes
    repository: str = ""


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """An answer of a registry or repository: ``status`` (a URN), errors, and what it brings."""

    status: str
    errors: tuple[RegistryError, ...] = ()
    objects: RegistryObjects = field(default_factory=RegistryObjects)
    documents: tuple[RetrievedDocument, ...] = ()
    total: int | None = None

    @property
    def succeeded(self) -> bool:
        """Whether all was done."""
        return self.status == SUCCESS

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the errors."""
        return tuple(error.code for error in self.errors)


# Requests ---------------------------------------------------------------------------------------------------


def provide_and_register(objects: RegistryObjects, documents: Mapping[str, bytes]) -> tuple[etree._Element, list[Part]]:
    """The payload of ITI-41 and its parts; ``documents`` gives the bytes by the id of the entry."""
    root = etree.Element(PROVIDE, nsmap={"xds": XDS_B})
    root.append(submit_objects_request(objects))
    parts: list[Part] = []
    for identifier, data in documents.items():
        part = Part(new_content_id(), "application/octet-stream", data)
        include(etree.SubElement(root, DOCUMENT, id=identifier), part.content_id)
        parts.append(part)
    return root, parts


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document of an ITI-41 request: the id that it bears, and its bytes, in a part or inline."""

    id: str
    content: Content
    element: etree._Element


def sent_documents(payload: etree._Element, package: Package) -> list[SentDocument]:
    """The documents of an ITI-41 request. Raises ``DocumentError`` (``mtom.…``) for one that cannot be found."""
    nodes = payload.iterchildren(DOCUMENT)
    return [SentDocument(node.get("id", ""), content_of(node, package), node) for node in nodes]


def submit_objects(objects: RegistryObjects) -> etree._Element:
    """The payload of ITI-57 (TD3.3)."""
    return submit_objects_request(objects)


def query_request(query: StoredQuery) -> etree._Element:
    """The payload of ITI-18."""
    root = etree.Element(ADHOC, nsmap={"query": QUERY, "rim": RIM})
    etree.SubElement(root, f"{{{QUERY}}}ResponseOption", returnComposedObjects="true", returnType=query.return_type)
    asked = etree.SubElement(root, rim("AdhocQuery"), id=query.id)
    for name, values in query.parameters.items():
        write_slot(asked, name, values)
    return root


def read_query(payload: etree._Element) -> StoredQuery:
    """The query that an ``AdhocQueryRequest`` holds; id and return type are empty when absent."""
    asked = payload.find(rim("AdhocQuery"))
    option = payload.find(f"{{{QUERY}}}ResponseOption")
    parameters: dict[str, tuple[str, ...]] = {}
    for slot in asked.iterchildren(rim("Slot")) if asked is not None else ():
        values = tuple((node.text or "").strip() for node in slot_values(slot))
        parameters[slot.get("name", "")] = parameters.get(slot.get("name", ""), ()) + values
    return StoredQuery(
        asked.get("id", "") if asked is not None else "",
        parameters,
        option.get("returnType", "") if option is not None else "",
    )


_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'")


def quoted(*values: str) -> str:
    """Values as a list parameter writes them: ``('a','b')``."""
    return "(" + ",".join("'" + value.replace("'", "''") + "'" for value in values) + ")"


def single(value: str) -> str:
    """A value as a parameter of one value writes it: ``'a'``."""
    return "'" + value.replace("'", "''") + "'"


def literals(written: str) -> list[str]:
    """The values in a parameter as written: quoted ones, else the number or word itself."""
    found = [value.replace("''", "'") for value in _QUOTED.findall(written)]
    bare = written.strip().strip("()").strip()
    return found or ([bare] if bare else [])


def retrieve_request(documents: Iterable[tuple[str, str]]) -> etree._Element:
    """The payload of ITI-43 for pairs of repository and document."""
    root = etree.Element(RETRIEVE, nsmap={"xds": XDS_B})
    for repository, document in documents:
        asked = etree.SubElement(root, f"{{{XDS_B}}}DocumentRequest")
        etree.SubElement(asked, f"{{{XDS_B}}}RepositoryUniqueId").text = repository
        etree.SubElement(asked, f"{{{XDS_B}}}DocumentUniqueId").text = document
    return root


def read_retrieve(payload: etree._Element) -> list[tuple[str, str]]:
    """The pairs of repository and document that a request asks for."""
    return [
        (
            (node.findtext(f"{{{XDS_B}}}RepositoryUniqueId") or "").strip(),
            (node.findtext(f"{{{XDS_B}}}DocumentUniqueId") or "").strip(),
        )
        for node in payload.iterchildren(f"{{{XDS_B}}}DocumentRequest")
    ]


# Answers ----------------------------------------------------------------------------------------------------


def registry_response(status: str, errors: Sequence[RegistryError] = ()) -> etree._Element:
    """A ``RegistryResponse``."""
    root = etree.Element(f"{{{RS}}}RegistryResponse", {"status": status}, nsmap={"rs": RS})
    _write_errors(root, errors)
    return root


def query_response(
    status: str, objects: Sequence[etree._Element] = (), errors: Sequence[RegistryError] = ()
) -> etree._Element:
    """An ``AdhocQueryResponse`` with the registry objects given as elements."""
    counts = {"startIndex": "0", "totalResultCount": str(len(objects))}
    root = etree.Element(
        f"{{{QUERY}}}AdhocQueryResponse", {"status": status, **counts}, nsmap={"query": QUERY, "rim": RIM}
    )
    _write_errors(root, errors)
    listed = registry_object_list(RegistryObjects())
    listed.extend(objects)
    root.append(listed)
    return root


def retrieve_response(
    status: str, documents: Sequence[RetrievedDocument] = (), errors: Sequence[RegistryError] = ()
) -> tuple[etree._Element, list[Part]]:
    """A ``RetrieveDocumentSetResponse`` and its parts."""
    root = etree.Element(RETRIEVED, nsmap={"xds": XDS_B})
    root.append(registry_response(status, errors))
    parts: list[Part] = []
    for document in documents:
        part = Part(new_content_id(), document.mime_type, document.data)
        node = etree.SubElement(root, f"{{{XDS_B}}}DocumentResponse")
        etree.SubElement(node, f"{{{XDS_B}}}RepositoryUniqueId").text = document.repository
        etree.SubElement(node, f"{{{XDS_B}}}DocumentUniqueId").text = document.unique_id
        etree.SubElement(node, f"{{{XDS_B}}}mimeType").text = document.mime_type
        include(etree.SubElement(node, DOCUMENT), part.content_id)
        parts.append(part)
    return root, parts


def read_registry_answer(payload: etree._Element, package: Package) -> RegistryAnswer | None:
    """The answer that a payload holds, or ``None`` when it is no answer of a registry.

    Raises ``DocumentError`` (``mtom.…``) for a document that the message announces and does not carry.
    """
    local = etree.QName(payload).localname
    if local not in ("RegistryResponse", "AdhocQueryResponse", "RetrieveDocumentSetResponse"):
        return None
    holder = payload if "status" in payload.attrib else payload.find(f"{{{RS}}}RegistryResponse")
    if holder is None:
        return None
    documents = tuple(
        RetrievedDocument(
            (node.findtext(f"{{{XDS_B}}}DocumentUniqueId") or "").strip(),
            (node.findtext(f"{{{XDS_B}}}mimeType") or "").strip(),
            content_of(found, package).data,
            (node.findtext(f"{{{XDS_B}}}RepositoryUniqueId") or "").strip(),
        )
        for node in payload.iterchildren(f"{{{XDS_B}}}DocumentResponse")
        if (found := node.find(DOCUMENT)) is not None
    )
    total = holder.get("totalResultCount", "")
    return RegistryAnswer(
        holder.get("status", ""),
        tuple(
            RegistryError(
                node.get("errorCode", ""),
                node.get("codeContext", ""),
                node.get("severity", ""),
                node.get("location", ""),
            )
            for node in holder.iter(f"{{{RS}}}RegistryError")
        ),
        read_objects(payload),
        documents,
        whole_number(total),
    )


def _write_errors(owner: etree._Element, errors: Sequence[RegistryError]) -> None:
    if not errors:
        return
    highest = ERROR if any(error.severity == ERROR for error in errors) else WARNING
    listed = etree.SubElement(owner, f"{{{RS}}}RegistryErrorList", {"highestSeverity": highest}, nsmap={"rs": RS})
    for error in errors:
        node = etree.SubElement(
            listed, f"{{{RS}}}RegistryError", errorCode=error.code, codeContext=error.context, severity=error.severity
        )
        if error.location:
            node.set("location", error.location)
