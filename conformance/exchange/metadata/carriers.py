"""Where a metadata value stands in ebRIM: an attribute, a slot, a name, a classification, an external identifier.

A carrier finds each occurrence with the node that holds it (for places in findings, and to count), and writes
a value. Source: IHE ITI TF-3 §4.2.3 (representation of each attribute).
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance.exchange.metadata import names
from conformance.exchange.metadata.model import Author, Coded
from conformance.exchange.metadata.names import XML_LANG, rim


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One value as found: ``node`` holds it; ``attribute`` when it is one of its attributes."""

    value: Any
    node: etree._Element
    attribute: str | None = None


class Carrier(ABC):
    """A place for a value in a RegistryObject."""

    @abstractmethod
    def find(self, owner: etree._Element) -> Iterator[Occurrence]:
        """Each occurrence in ``owner``, in order."""

    @abstractmethod
    def write(self, owner: etree._Element, value: Any) -> None:
        """Add one value (a slot: all its values at once) to ``owner``."""

    @property
    @abstractmethod
    def words(self) -> str:
        """How a person finds it in the file: ``Slot creationTime``."""


@dataclass(frozen=True, slots=True)
class AttributeCarrier(Carrier):
    """An XML attribute of the object."""

    name: str

    def find(self, owner: etree._Element) -> Iterator[Occurrence]:
        value = owner.get(self.name)
        if value is not None:
            yield Occurrence(value, owner, self.name)

    def write(self, owner: etree._Element, value: Any) -> None:
        owner.set(self.name, value)

    @property
    def words(self) -> str:
        return f"@{self.name}"


@dataclass(frozen=True, slots=True)
class SlotCarrier(Carrier):
    """A slot; one occurrence per value."""

    name: str

    def find(self, owner: etree._Element) -> Iterator[Occurrence]:
        for slot in owner.iterchildren(rim("Slot")):
            if slot.get("name") == self.name:
                for node in slot_values(slot):
                    yield Occurrence((node.text or "").strip(), node)

    def write(self, owner: etree._Element, value: Any) -> None:
        write_slot(owner, self.name, value if isinstance(value, tuple) else (str(value),))

    @property
    def words(self) -> str:
        return f"Slot {self.name}"


@dataclass(frozen=True, slots=True)
class TextCarrier(Carrier):
    """``Name`` or ``Description``, with one localized string."""

    name: str

    def find(self, owner: etree._Element) -> Iterator[Occurrence]:
        for node in owner.iterchildren(rim(self.name)):
            for string in node.iterchildren(rim("LocalizedString")):
                yield Occurrence(string.get("value", ""), string, "value")

    def write(self, owner: etree._Element, value: Any) -> None:
        write_text(owner, self.name, value)

    @property
    def words(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class VersionCarrier(Carrier):
    """``VersionInfo/@versionName``."""

    def find(self, owner: etree._Element) -> Iterator[Occurrence]:
        for node in owner.iterchildren(rim("VersionInfo")):
            if "versionName" in node.attrib:
                yield Occurrence(node.get("versionName"), node, "versionName")

    def write(self, owner: etree._Element, value: Any) -> None:
        etree.SubElement(owner, rim("VersionInfo"), versionName=value)

    @property
    def words(self) -> str:
        return "VersionInfo/@versionName"


@dataclass(frozen=True, slots=True)
class CodeCarrier(Carrier):
    """A classification by a code: representation, slot ``codingScheme``, label in ``Name``."""

    scheme: str

    def find(self, owner: etree._Element) -> Iterator[Occurrence]:
        for node in classifications(owner, self.scheme):
            label = next(TextCarrier("Name").find(node), None)
            system = next(SlotCarrier("codingScheme").find(node), None)
            code = Coded(
                node.get("nodeRepresentation", ""), system.value if system else "", label.value if label else ""
            )
            yield Occurrence(code, node, "nodeRepresentation")

    def write(self, owner: etree._Element, value: Any) -> None:
        node = _classification(owner, self.scheme, value.code)
        if value.system:
            write_slot(node, "codingScheme", (value.system,))
        if value.label:
            write_text(node, "Name", value.label)

    @property
    def words(self) -> str:
        return f"Classification {self.scheme}"


_AUTHOR_SLOTS = {
    "institutions": "authorInstitution",
    "person": "authorPerson",
    "roles": "authorRole",
    "specialties": "authorSpecialty",
    "telecoms": "authorTelecommunication",
}


@dataclass(frozen=True, slots=True)
class AuthorCarrier(Carrier):
    """A classification that holds an author in slots."""

    scheme: str

    def find(self, owner: etree._Element) -> Iterator[Occurrence]:
        for node in classifications(owner, self.scheme):
            values = {key: tuple(o.value for o in SlotCarrier(s).find(node)) for key, s in _AUTHOR_SLOTS.items()}
            person = values.pop("person")
            yield Occurrence(Author(person=person[0] if person else "", **values), node)

    def write(self, owner: etree._Element, value: Any) -> None:
        node = _classification(owner, self.scheme, "")
        for key, name in _AUTHOR_SLOTS.items():
            given = getattr(value, key)
            given = (given,) if isinstance(given, str) and given else given
            if given:
                write_slot(node, name, given)

    @property
    def words(self) -> str:
        return f"Classification {self.scheme}"


@dataclass(frozen=True, slots=True)
class IdentifierCarrier(Carrier):
    """An external identifier; ``label`` is its fixed ``Name``."""

    scheme: str
    label: str

    def find(self, owner: etree._Element) -> Iterator[Occurrence]:
        for node in owner.iterchildren(rim("ExternalIdentifier")):
            if node.get("identificationScheme") == self.scheme:
                yield Occurrence(node.get("value", "").strip(), node, "value")

    def write(self, owner: etree._Element, value: Any) -> None:
        node = etree.SubElement(
            owner,
            rim("ExternalIdentifier"),
            id=_id_for(owner, self.scheme),
            objectType=names.EXTERNAL_IDENTIFIER,
            registryObject=owner.get("id", ""),
            identificationScheme=self.scheme,
            value=value,
        )
        write_text(node, "Name", self.label)

    @property
    def words(self) -> str:
        return f"ExternalIdentifier {self.label}"


def classifications(owner: etree._Element, scheme: str) -> Iterator[etree._Element]:
    """The classifications of ``owner`` under ``scheme``; those of other objects that name it are not looked at."""
    for node in owner.iterchildren(rim("Classification")):
        if node.get("classificationScheme") == scheme:
            yield node


def slot_values(slot: etree._Element) -> Iterator[etree._Element]:
    """The ``Value`` nodes of a slot."""
    for values in slot.iterchildren(rim("ValueList")):
        yield from values.iterchildren(rim("Value"))


def write_slot(owner: etree._Element, name: str, values: tuple[str, ...]) -> None:
    """Add a slot with its values."""
    slot = etree.SubElement(owner, rim("Slot"), name=name)
    listed = etree.SubElement(slot, rim("ValueList"))
    for value in values:
        etree.SubElement(listed, rim("Value")).text = value


def write_text(owner: etree._Element, name: str, value: str) -> None:
    """Add a ``Name`` or ``Description``, marked as French."""
    node = etree.SubElement(owner, rim(name))
    etree.SubElement(node, rim("LocalizedString"), {XML_LANG: "FR", "charset": "UTF8", "value": value})


def _classification(owner: etree._Element, scheme: str, code: str) -> etree._Element:
    return etree.SubElement(
        owner,
        rim("Classification"),
        id=_id_for(owner, scheme),
        objectType=names.CLASSIFICATION,
        classifiedObject=owner.get("id", ""),
        classificationScheme=scheme,
        nodeRepresentation=code,
    )


def _id_for(owner: etree._Element, scheme: str) -> str:
    """An id of its own for a child of ``owner``, the same at each writing."""
    seed = f"{owner.get('id')}/{scheme}/{len(owner)}"
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, seed)}"
