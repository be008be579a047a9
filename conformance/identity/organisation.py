"""Struct_idNat: the national identifier of a structure, a prefix digit then a FINESS, SIREN, SIRET or practice number.

Sources: CI-SIS structuration minimale §3.5.5.13.3.7.1 (root ``1.2.250.1.71.4.2.2``); the prefixes are those of
TRE_G07. FINESS, SIREN and SIRET end with a Luhn key. The published examples break both form and key here and
there, so both are warnings by default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stdnum.fr import siret

from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.identity import luhn
from conformance.identity.problems import Problem

STRUCTURE_ROOT: Final = "1.2.250.1.71.4.2.2"
SIRENE_ROOT: Final = "1.3.2"
"""Root under which the editor of a system gives its SIREN."""
DMP_CUSTODIAN: Final = "1.2.250.1.213.4.1"
"""The DMP as custodian in the text of the CI-SIS; it has no extension."""
DMP_DEVICE: Final = "1.2.250.1.213.4.1.1.1"
"""The DMP in the message samples of its own specification."""


class StructureIdKind(StrEnum):
    """What stands behind the prefix digit; the value is that digit."""

    ADELI_PRACTICE = "0"
    FINESS = "1"
    SIREN = "2"
    SIRET = "3"
    RPPS_PRACTICE = "4"


@dataclass(frozen=True, slots=True)
class StructureId:
    """A Struct_idNat taken apart: its kind and the number."""

    kind: StructureIdKind
    number: str

    @property
    def text(self) -> str:
        """The identifier as written in ``id/@extension``."""
        return self.kind + self.number


_NUMBERS: Final = {
    StructureIdKind.ADELI_PRACTICE: (re.compile(r"[0-9A-Z]{9}[0-9]{2}"), Text("cabinet ADELI", "ADELI practice"), 11),
    StructureIdKind.FINESS: (re.compile(r"[0-9][0-9AB][0-9]{7}"), Text("FINESS", "FINESS"), 9),
    StructureIdKind.SIREN: (re.compile(r"[0-9]{9}"), Text("SIREN", "SIREN"), 9),
    StructureIdKind.SIRET: (re.compile(r"[0-9]{14}"), Text("SIRET", "SIRET"), 14),
    StructureIdKind.RPPS_PRACTICE: (re.compile(r"[0-9]{13,14}"), Text("cabinet RPPS", "RPPS practice"), 14),
}
_PRACTICES: Final = (StructureIdKind.ADELI_PRACTICE, StructureIdKind.RPPS_PRACTICE)


def parse_structure_id(text: str) -> StructureId | None:
    """The parts of a Struct_idNat, whatever its key; ``None`` when its form is wrong."""
    try:
        kind = StructureIdKind(text[:1])
    except ValueError:
        return None
    return StructureId(kind, text[1:]) if _NUMBERS[kind][0].fullmatch(text[1:]) else None


def structure_id_problems(text: str) -> list[Problem]:
    """What is wrong with the Struct_idNat ``text``: prefix, length, key."""
    parts = parse_structure_id(text)
    if parts is None:
        return [_form_problem(text)]
    if parts.kind in _PRACTICES or _key_agrees(parts):
        return []
    sentence = Text(
        "La clé du numéro {name} « {number} » est fausse : le dernier chiffre devrait être {expected}.",
        "The key of the {name} number “{number}” is wrong: the last digit should be {expected}.",
    ).format(name=_NUMBERS[parts.kind][1], number=parts.number, expected=luhn.key_of(parts.number[:-1]))
    return [Problem("structure.wrong-key", sentence, Severity.WARNING)]


def _key_agrees(parts: StructureId) -> bool:
    if parts.kind is StructureIdKind.SIRET:  # La Poste has a key of its own, which the library knows
        return siret.is_valid(parts.number)
    return luhn.agrees(parts.number)


def _form_problem(text: str) -> Problem:
    try:
        kind = StructureIdKind(text[:1])
    except ValueError:
        sentence = Text(
            "« {text} » n’est pas un identifiant national de structure (Struct_idNat) : il commence par un préfixe, "
            "1 pour un FINESS, 2 pour un SIREN, 3 pour un SIRET, 0 ou 4 pour un cabinet (ADELI, RPPS).",
            "“{text}” is not a national identifier of a structure (Struct_idNat): it starts with a prefix, 1 for a "
            "FINESS, 2 for a SIREN, 3 for a SIRET, 0 or 4 for a practice (ADELI, RPPS).",
        )
        return Problem("structure.prefix", sentence.format(text=text), Severity.WARNING)
    _, name, length = _NUMBERS[kind]
    sentence = Text(
        "« {text} » n’est pas un identifiant national de structure (Struct_idNat) : après le préfixe {prefix} viennent "
        "les {length} caractères du numéro ({name}), et rien d’autre.",
        "“{text}” is not a national identifier of a structure (Struct_idNat): after the prefix {prefix} come the "
        "{length} characters of the number ({name}), and nothing else.",
    ).format(text=text, prefix=str(kind), length=length, name=name)
    return Problem("structure.form", sentence, Severity.WARNING)
