"""The same clinical document about someone else, in another version, replacing another: edits of a given one.

Works on any CDA document with a header; what is not asked for stays. The default documents are those of the
header's own example: invented people, test OID of the INS.
"""

from __future__ import annotations

import base64
import copy
from dataclasses import dataclass
from functools import cache
from typing import Final

from lxml import etree

from conformance.cda.header.example import EXAMPLE, LEVEL_1_EXAMPLE
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.identity.ins import INS_NIR_TEST, INS_ROOTS, key_of

Identifier = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """Who a document is about. ``root`` empty: no matricule, only the local number ``local``."""

    matricule: str
    birth_name: str
    given: str
    birth_date: str
    sex: str
    root: str = INS_NIR_TEST
    local: str = "4071"


def _person(body: str, birth_name: str, given: str, birth_date: str, sex: str, local: str) -> Person:
    return Person(body + key_of(body), birth_name, given, birth_date, sex, local=local)


KNOWN: Final = _person("2850735238042", "PRIGENT", "MAELLE", "19850714", "F", "4071")
"""The patient of the default documents; a product that is tested has her in its records."""
OTHER: Final = _person("1780235238043", "LE TEST", "YANN", "19780203", "M", "5120")
"""A second patient, known as well."""
STRANGER: Final = _person("2920535238044", "D'ESSAI", "NOLWENN", "19920518", "F", "9999")
"""A patient whom the product does not know."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What to change. ``None`` leaves as is; ``no_set_id`` takes ``setId`` away; ``replaces`` empty takes it away."""

    id: Identifier | None = None
    set_id: Identifier | None = None
    no_set_id: bool = False
    version: int | None = None
    replaces: Identifier | tuple[()] | None = None
    person: Person | None = None
    body: tuple[str, bytes] | None = None
    """Media type and bytes of a level 1 body."""
    style_sheet: str | None = None
    title: str | None = None
    code: tuple[str, str, str] | None = None
    """Code, system and label of the type."""


def vary(document: bytes, changes: Changes) -> bytes:
    """``document`` with the changes made, in UTF-8. ``ValueError`` when it holds no ClinicalDocument at the top."""
    root = copy.deepcopy(etree.fromstring(document))
    if root.tag != h("ClinicalDocument"):
        raise ValueError("not a ClinicalDocument")
    if changes.id:
        _identify(root, "id", changes.id)
    if changes.no_set_id:
        for node in path("setId").elements(root):
            root.remove(node)
    elif changes.set_id:
        _identify(root, "setId", changes.set_id)
    if changes.version is not None:
        _set(root, "versionNumber", "value", str(changes.version))
    if changes.replaces is not None:
        _replace(root, changes.replaces)
    if changes.title:
        for node in path("title").elements(root):
            node.text = changes.title
    if changes.code:
        for name, value in zip(("code", "codeSystem", "displayName"), changes.code, strict=True):
            _set(root, "code", name, value)
    if changes.person:
        _rename(root, changes.person)
    if changes.body:
        for node in path("component/nonXMLBody/text").elements(root):
            node.set("mediaType", changes.body[0])
            node.text = base64.b64encode(changes.body[1]).decode()
    instruction = b""
    if changes.style_sheet:
        instruction = f'<?xml-stylesheet type="text/xsl" href="{changes.style_sheet}"?>\n'.encode()
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + instruction + etree.tostring(root, encoding="UTF-8")


FIRST: Final = Changes(id=("1.2.3.4.567.8.9.40.1", ""), set_id=("1.2.3.4.567.8.9.40", ""), version=1, replaces=())
"""The identity of the default structured document: a first version that replaces nothing."""
_FIRST_FILE: Final = Changes(id=("1.2.3.4.567.8.9.41.1", ""), set_id=("1.2.3.4.567.8.9.41", ""), version=1, replaces=())


@cache
def level_3() -> bytes:
    """A structured document about ``KNOWN``, version 1, that replaces nothing."""
    return vary(EXAMPLE.encode(), FIRST)


@cache
def level_1() -> bytes:
    """A document of the same kind whose body is one file of text."""
    return vary(LEVEL_1_EXAMPLE.encode(), _FIRST_FILE)


def _identify(root: etree._Element, name: str, identifier: Identifier) -> None:
    for node in path(name).elements(root):
        node.set("root", identifier[0])
        if "extension" in node.attrib:
            del node.attrib["extension"]
        if identifier[1]:
            node.set("extension", identifier[1])


def _set(root: etree._Element, where: str, attribute: str, value: str) -> None:
    for node in path(where).elements(root):
        node.set(attribute, value)


def _replace(root: etree._Element, parent: Identifier | tuple[()]) -> None:
    related = path("relatedDocument").elements(root)
    for node in related:
        root.remove(node)
    if not parent:
        return
    link = etree.Element(h("relatedDocument"), typeCode="RPLC")
    holder = etree.SubElement(link, h("parentDocument"))
    attributes = {"root": parent[0], **({"extension": parent[1]} if parent[1] else {})}
    etree.SubElement(holder, h("id"), attributes)
    # The schema wants it before authorization, componentOf and component.
    after = next(node for name in ("authorization", "componentOf", "component") for node in path(name).elements(root))
    after.addprevious(link)


def _rename(root: etree._Element, person: Person) -> None:
    (role,) = path("recordTarget/patientRole").elements(root)
    ids = path("id").elements(role)
    for node in ids:
        if node.get("root") in INS_ROOTS:
            if not person.root:
                role.remove(node)
                continue
            node.set("root", person.root)
            node.set("extension", person.matricule)
        else:
            node.set("extension", person.local)
    for node in path("telecom").elements(role):
        if node.get("value", "").startswith("mailto:"):
            if person.root:
                node.set("value", f"mailto:{person.matricule}@patient.mssante.fr")
            else:
                role.remove(node)
    for name in path("patient/name").elements(role):
        for node in path("family").elements(name):
            node.text = person.birth_name
        for node in path("given").elements(name):
            node.text = person.given
    _set(role, "patient/administrativeGenderCode", "code", person.sex)
    _set(role, "patient/administrativeGenderCode", "displayName", "Féminin" if person.sex == "F" else "Masculin")
    _set(role, "patient/birthTime", "value", person.birth_date)
