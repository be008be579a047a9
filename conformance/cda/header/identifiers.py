"""Identifiers (II) of the header: form, uniqueness among siblings, length.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.7.2, §3.5.7.4; HL7 data types (DTr1_II).
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Final

from lxml import etree

from conformance.cda.header.kinds import WARN, distinct, each, found, is_oid, named
from conformance.cda.header.places import clinical_document
from conformance.cda.namespaces import h
from conformance.cda.rules import Constraint, Violation
from conformance.core.language import Text

_UUID: Final = re.compile(r"[A-Fa-f\d]{8}-[A-Fa-f\d]{4}-[A-Fa-f\d]{4}-[A-Fa-f\d]{4}-[A-Fa-f\d]{12}")


def is_root(value: str) -> bool:
    """Whether ``value`` has the form that the official rules accept as the root of an identifier."""
    return is_oid(value) or _UUID.fullmatch(value) is not None


def _root(element: etree._Element) -> Text | Violation | None:
    root = element.get("root")
    if root is None:
        return None if "nullFlavor" in element.attrib else Text("il manque root", "root is missing")
    if is_root(root):
        return None
    where, said = named(element), found(root)
    return Violation(element, Text(f"{where} : {said.fr}", f"{where}: {said.en}"), "root")


def _ordinary(element: etree._Element) -> bool:
    """An identifier whose root no rule of its own looks at."""
    return element.get("root", "").startswith("1.2.3.4.567.8.9.1")


def _break_root(element: etree._Element) -> bool:
    if not _ordinary(element):
        return False
    element.set("root", "abc")
    return True


def _extension(element: etree._Element) -> Text | None:
    return Text("extension vide", "empty extension") if element.get("extension") == "" else None


def _break_extension(element: etree._Element) -> bool:
    if element.getparent().tag == h("ClinicalDocument") and element.tag == h("typeId"):  # type: ignore[union-attr]  # never the top
        return False  # it has a rule of its own; every header element has a parent
    element.set("extension", "")
    return True


def _identifier_marks(element: etree._Element) -> tuple[Hashable, tuple[Hashable, ...]] | None:
    """An identifier without extension must be alone with its root; one with, alone with the two."""
    root, extension = element.get("root"), element.get("extension")
    if root is None:
        return None
    return (root if extension is None else (root, extension)), (root, (root, extension))


def _short_oid(element: etree._Element) -> Text | None:
    root = element.get("root", "")
    if element.tag == h("id") and clinical_document(element):
        return None  # a stricter rule speaks of the document's own identifier
    if len(root) > 64:
        return Text(f"root a {len(root)} caractères", f"root has {len(root)} characters")
    if _UUID.fullmatch(root):
        return Text("root est un UUID", "root is a UUID")
    return None


def _break_short_oid(element: etree._Element) -> bool:
    if not _ordinary(element):
        return False
    element.set("root", "1.2.3." + "4" * 60)
    return True


def _short_extension(element: etree._Element) -> Text | None:
    length = len(element.get("extension", ""))
    return Text(f"extension de {length} caractères", f"extension of {length} characters") if length > 64 else None


def _break_short_extension(element: etree._Element) -> bool:
    if element.get("extension") is None or element.get("root", "").startswith(("1.2.250.1", "2.16")):
        return False
    element.set("extension", "1" * 65)
    return True


_ALL_IDS: Final = "II II-"
IDENTIFIERS: Final[tuple[Constraint, ...]] = (
    each(
        "root",
        _ALL_IDS,
        Text("root doit être un OID (ou un UUID)", "root must be an OID (or a UUID)"),
        _root,
        _break_root,
        official="DTr1_II; §3.5.7.2",
        hint=Text(
            "Donnez l'OID de l'autorité qui attribue l'identifiant : chiffres et points, sans zéro en tête d'un nombre.",
            "Give the OID of the authority that assigns the identifier: digits and dots, no leading zero in a number.",
        ),
    ),
    each(
        "extension",
        "II",
        Text("extension, si elle figure, ne doit pas être vide", "extension, if present, must not be empty"),
        _extension,
        _break_extension,
        official="StrucMin; §3.5.7.2",
    ),
    each(
        "extension-elsewhere",
        "II-",
        Text("extension, si elle figure, ne doit pas être vide", "extension, if present, must not be empty"),
        _extension,
        _break_extension,
        beyond=Text(
            "Les règles officielles ne le demandent pas à cet identifiant ; vide, il n'identifie rien.",
            "The official rules do not ask it of this identifier; empty, it identifies nothing.",
        ),
    ),
    distinct(
        "distinct",
        _ALL_IDS,
        Text("les identifiants d'un même élément doivent différer", "the identifiers of one element must differ"),
        _identifier_marks,
        official="DTr1_II",
    ),
    each(
        "length",
        _ALL_IDS,
        Text("root doit être un OID de 64 caractères au plus", "root must be an OID of at most 64 characters"),
        _short_oid,
        _break_short_oid,
        severity=WARN,
        source="CI-SIS Structuration minimale v1.16.8 §3.5.7.4",
        beyond=Text(
            "Le texte veut un OID de 64 caractères au plus ; les règles officielles admettent 128 caractères et l'UUID.",
            "The text wants an OID of at most 64 characters; the official rules accept 128 and UUIDs.",
        ),
    ),
    each(
        "extension-length",
        _ALL_IDS,
        Text("extension doit avoir 64 caractères au plus", "extension must have at most 64 characters"),
        _short_extension,
        _break_short_extension,
        severity=WARN,
        official="DTr1_II (warning)",
    ),
)
