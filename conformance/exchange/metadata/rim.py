"""Reads and writes ebRIM: elements to the model, the model to elements.

Reading takes what is there, whatever the order and the cardinality: of a value that may stand once, the first
one counts; the checks tell the rest. ``read_metadata`` parses the bytes of a METADATA.XML safely.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree

from conformance.cda.locate import Locator
from conformance.cda.reading import Limits, read_document
from conformance.core.errors import DocumentError
from conformance.core.findings import Place
from conformance.core.language import Text
from conformance.core.numbers import whole_number
from conformance.exchange.metadata import names
from conformance.exchange.metadata.carriers import SlotCarrier, slot_values, write_slot
from conformance.exchange.metadata.fields import DOCUMENT_ENTRY_FIELDS, SUBMISSION_SET_FIELDS, Field
from conformance.exchange.metadata.model import (
    Association,
    DocumentEntry,
    ObjectRef,
    RegistryObjects,
    Slots,
    SubmissionSet,
)
from conformance.exchange.metadata.names import rim

METADATA_LIMITS = Limits(size=4 * 1024 * 1024, depth=60)
"""Far above what an archive of fifty documents needs."""


@dataclass(eq=False)
class MetadataFile:
    """A METADATA.XML that could be parsed: its UTF-8 text, its tree, what it says."""

    name: str
    data: bytes
    root: etree._Element
    objects: RegistryObjects

    @cached_property
    def locator(self) -> Locator:
        """Tells the place of the elements of this file."""
        return Locator(self.data, self.root)

    def place(self, element: etree._Element | None, attribute: str | None = None) -> Place:
        """The place of an element of this file, or of one of its attributes; of the top when ``None``."""
        return self.locator.place(self.root if element is None else element, attribute)


def read_metadata(data: bytes, name: str = "METADATA.XML", limits: Limits = METADATA_LIMITS) -> MetadataFile:
    """Parse a METADATA.XML without DTD, entities nor network.

    Raises ``DocumentError`` (``metadata.…``) with line and column when it cannot be read.
    """
    try:
        document = read_document(data, name, limits)
    except DocumentError as error:
        said = error.sentence
        raise DocumentError(
            f"metadata.{error.code.partition('.')[2]}",
            Text(f"{name} n’a pas pu être lu. {said.fr}", f"{name} could not be read. {said.en}"),
            Text(
                "Écrire le fichier en XML bien formé, en UTF-8, sans DOCTYPE.",
                "Write the file as well-formed XML, in UTF-8, without DOCTYPE.",
            ),
            error.line,
            error.column,
        ) from None
    return MetadataFile(name, document.data, document.root, read_objects(document.root))


def read_objects(root: etree._Element) -> RegistryObjects:
    """The registry objects in ``root`` or below: a SubmitObjectsRequest, an ITI-41 request, an answer to a query."""
    sets: list[SubmissionSet] = []
    documents: list[DocumentEntry] = []
    associations: list[Association] = []
    references: list[ObjectRef] = []
    lists = list(root.iter(rim("RegistryObjectList")))
    marked = {
        node.get("classifiedObject")
        for listed in lists
        for node in listed.iterchildren(rim("Classification"))
        if node.get("classificationNode") == names.SUBMISSION_SET
    }
    for node in (node for listed in lists for node in listed.iterchildren("*")):
        if node.tag == rim("ExtrinsicObject"):
            documents.append(read_document_entry(node))
        elif node.tag == rim("RegistryPackage"):
            if node.get("id") in marked or _is_submission_set(node):
                sets.append(SubmissionSet(**_read(node, SUBMISSION_SET_FIELDS)))
        elif node.tag == rim("Association"):
            associations.append(_read_association(node))
        elif node.tag == rim("ObjectRef"):
            references.append(ObjectRef(id=node.get("id", ""), home=node.get("home"), element=node))
    return RegistryObjects(
        submission_sets=tuple(sets),
        documents=tuple(documents),
        associations=tuple(associations),
        references=tuple(references),
    )


def read_document_entry(node: etree._Element) -> DocumentEntry:
    """The document entry that an ``ExtrinsicObject`` holds."""
    return DocumentEntry(**_read(node, DOCUMENT_ENTRY_FIELDS))


def _is_submission_set(package: etree._Element) -> bool:
    nodes = package.iterchildren(rim("Classification"))
    return any(node.get("classificationNode") == names.SUBMISSION_SET for node in nodes)


def _read(node: etree._Element, table: tuple[Field, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {"element": node, "slots": _other_slots(node, table)}
    for field in table:
        found = tuple(occurrence.value for occurrence in field.carrier.find(node))
        if field.many:
            values[field.attribute] = found
        elif field.number:
            values[field.attribute] = whole_number(found[0]) if found else None
        else:
            values[field.attribute] = found[0] if found else None
    values["id"] = values["id"] or ""
    return values


def _other_slots(node: etree._Element, table: tuple[Field, ...] = ()) -> Slots:
    known = {field.carrier.name for field in table if isinstance(field.carrier, SlotCarrier)}
    return {
        slot.get("name", ""): tuple((value.text or "").strip() for value in slot_values(slot))
        for slot in node.iterchildren(rim("Slot"))
        if slot.get("name", "") not in known
    }


def _read_association(node: etree._Element) -> Association:
    return Association(
        id=node.get("id", ""),
        type=node.get("associationType", ""),
        source=node.get("sourceObject", ""),
        target=node.get("targetObject", ""),
        status=node.get("status"),
        slots=_other_slots(node),
        element=node,
    )


# Writing ----------------------------------------------------------------------------------------------------


def write_metadata(objects: RegistryObjects) -> bytes:
    """A METADATA.XML: SubmitObjectsRequest, in UTF-8, the same bytes for the same objects."""
    root = submit_objects_request(objects)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def submit_objects_request(objects: RegistryObjects) -> etree._Element:
    """The ``SubmitObjectsRequest`` with these objects: alone in an archive, inside an ITI-41 or ITI-42 request."""
    root = etree.Element(f"{{{names.LCM}}}SubmitObjectsRequest", nsmap={"lcm": names.LCM, "rim": names.RIM})
    root.append(registry_object_list(objects))
    return root


def registry_object_list(objects: RegistryObjects) -> etree._Element:
    """The ``RegistryObjectList`` with these objects, as requests and answers hold it."""
    listed = etree.Element(rim("RegistryObjectList"), nsmap={"rim": names.RIM})
    for node in _elements(objects):
        listed.append(node)
    return listed


def _elements(objects: RegistryObjects) -> Iterator[etree._Element]:
    for reference in objects.references:
        node = etree.Element(rim("ObjectRef"), id=reference.id)
        if reference.home:
            node.set("home", reference.home)
        yield node
    for one in objects.submission_sets:
        yield submission_set_element(one)
    for document in objects.documents:
        yield document_entry_element(document)
    for link in objects.associations:
        yield association_element(link)


def submission_set_element(one: SubmissionSet) -> etree._Element:
    """The ``RegistryPackage`` of a submission set."""
    node = etree.Element(rim("RegistryPackage"), id=one.id, objectType=names.REGISTRY_PACKAGE)
    _write(node, one, SUBMISSION_SET_FIELDS)
    mark = etree.Element(
        rim("Classification"),
        id=f"{one.id}.kind",
        objectType=names.CLASSIFICATION,
        classifiedObject=one.id,
        classificationNode=names.SUBMISSION_SET,
    )
    first = node.find(rim("ExternalIdentifier"))
    node.insert(node.index(first) if first is not None else len(node), mark)
    return node


def document_entry_element(document: DocumentEntry) -> etree._Element:
    """The ``ExtrinsicObject`` of a document."""
    node = etree.Element(rim("ExtrinsicObject"), id=document.id)
    _write(node, document, DOCUMENT_ENTRY_FIELDS)
    return node


def association_element(link: Association) -> etree._Element:
    """The ``Association`` element of a link."""
    node = etree.Element(
        rim("Association"),
        id=link.id,
        objectType=names.ASSOCIATION,
        associationType=link.type,
        sourceObject=link.source,
        targetObject=link.target,
    )
    if link.status:
        node.set("status", link.status)
    _write_slots(node, link.slots.items())
    return node


def _write(node: etree._Element, one: SubmissionSet | DocumentEntry, table: tuple[Field, ...]) -> None:
    # The schema wants every slot, those that the model does not know included, before the rest.
    slots = [field for field in table if isinstance(field.carrier, SlotCarrier)]
    others = [field for field in table if not isinstance(field.carrier, SlotCarrier)]
    for field in slots:
        _write_field(node, one, field)
    _write_slots(node, one.slots.items())
    for field in others:
        _write_field(node, one, field)


def _write_field(node: etree._Element, one: SubmissionSet | DocumentEntry, field: Field) -> None:
    value = getattr(one, field.attribute)
    if value is None or value == ():
        return
    if field.many and not isinstance(field.carrier, SlotCarrier):
        for single in value:
            field.carrier.write(node, single)
    else:
        field.carrier.write(node, value)


def _write_slots(node: etree._Element, slots: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    for name, values in slots:
        write_slot(node, name, values)
