"""The form of OIDs and UUIDs, as ``II/@root`` and identifiers of exchanges hold them.

Sources: CI-SIS structuration minimale §3.5.7.4 (digits and dots, no leading zero, 64 characters at most);
ITU-T X.660 for the first two arcs.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.identity.problems import Problem

LONGEST_OID: Final = 64

_OID: Final = re.compile(r"(?:[01]\.(?:[0-9]|[1-3][0-9])|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*")
_OID_LIKE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")


class Form(StrEnum):
    """What the text of an identifier is."""

    OID = "oid"
    UUID = "uuid"
    OTHER = "other"


def form_of(text: str) -> Form:
    """Is ``text`` a well-formed OID (whatever its length), a UUID, or neither?"""
    if _OID.fullmatch(text):
        return Form.OID
    return Form.UUID if _UUID.fullmatch(text) else Form.OTHER


def is_oid(text: str) -> bool:
    """Is ``text`` a well-formed OID of 64 characters at most?"""
    return len(text) <= LONGEST_OID and form_of(text) is Form.OID


def oid_problems(text: str) -> list[Problem]:
    """Why ``text`` is not an OID that the CI-SIS accepts; empty when it is one.

    A UUID is said apart (``oid.uuid``, a warning): the schema takes it, the CI-SIS asks for an OID.
    """
    match form_of(text):
        case Form.UUID:
            sentence = Text(
                "« {oid} » est un UUID ; un OID est attendu. Un UUID s’écrit en OID sous la forme 2.25. suivie de "
                "sa valeur décimale.",
                "“{oid}” is a UUID; an OID is expected. A UUID is written as an OID as 2.25. followed by its "
                "decimal value.",
            )
            return [Problem("oid.uuid", sentence.format(oid=text), Severity.WARNING)]
        case Form.OTHER:
            return [Problem("oid.form", _reason(text).format(oid=text))]
        case Form.OID if len(text) > LONGEST_OID:
            sentence = Text(
                "L’OID « {oid} » compte {length} caractères ; {most} au plus sont admis.",
                "The OID “{oid}” has {length} characters; {most} at most are allowed.",
            )
            return [Problem("oid.too-long", sentence.format(oid=text, length=len(text), most=LONGEST_OID))]
        case _:
            return []


def _reason(text: str) -> Text:
    if not text:
        return Text("L’OID est vide.", "The OID is empty.")
    if not _OID_LIKE.fullmatch(text):
        return Text(
            "« {oid} » n’est pas un OID : seuls des nombres séparés par des points sont admis.",
            "“{oid}” is not an OID: only numbers separated by dots are allowed.",
        )
    if any(len(arc) > 1 and arc.startswith("0") for arc in text.split(".")):
        return Text(
            "« {oid} » n’est pas un OID : un nombre y commence par un zéro de trop.",
            "“{oid}” is not an OID: one of its numbers has a leading zero.",
        )
    return Text(
        "« {oid} » n’est pas un OID : il doit commencer par 0, 1 ou 2, puis un second nombre (de 0 à 39 après 0 ou 1).",
        "“{oid}” is not an OID: it must start with 0, 1 or 2, then a second number (0 to 39 after 0 or 1).",
    )


def oid_of_uuid(uuid: str) -> str:
    """The OID form of a UUID: ``2.25.`` and its decimal value. ``ValueError`` when ``uuid`` is no UUID."""
    if form_of(uuid) is not Form.UUID:
        raise ValueError(f"not a UUID: {uuid!r}")
    return f"2.25.{int(uuid.replace('-', ''), 16)}"
