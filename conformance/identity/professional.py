"""PS_IdNat: the national identifier of a professional (or of a system of a structure), a prefix then a number.

Sources: CI-SIS structuration minimale §3.5.5.13.3.1 (root ``1.2.250.1.71.4.2.1``); the prefixes are those of
the annexe that it points to (TRE_G08): second hand here. The RPPS number ends with a Luhn key; most of the
published examples have made-up numbers, so a wrong key is a warning by default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.identity import luhn
from conformance.identity.problems import Problem

PS_ROOT: Final = "1.2.250.1.71.4.2.1"
AM_ROOT: Final = "1.2.250.1.215.300.5"
"""Root of the billing number (N° AM) that may stand beside the PS_IdNat."""


class ProfessionalIdKind(StrEnum):
    """What stands behind the prefix digit; the value is that digit."""

    ADELI = "0"
    ADELI_PRACTICE_MEMBER = "1"
    FINESS_MEMBER = "3"
    SIREN_MEMBER = "4"
    SIRET_MEMBER = "5"
    RPPS_PRACTICE_MEMBER = "6"
    RPPS = "8"


@dataclass(frozen=True, slots=True)
class ProfessionalId:
    """A PS_IdNat taken apart: its kind, the number, and after ``/`` the internal identifier where the kind has one."""

    kind: ProfessionalIdKind
    number: str
    internal: str | None = None

    @property
    def text(self) -> str:
        """The identifier as written in ``id/@extension``."""
        return self.kind + self.number + (f"/{self.internal}" if self.internal is not None else "")


_NUMBERS: Final = {
    ProfessionalIdKind.ADELI: (re.compile(r"[0-9A-Z]{9}"), "ADELI", 9),
    ProfessionalIdKind.ADELI_PRACTICE_MEMBER: (re.compile(r"[0-9A-Z]{9,11}"), "ADELI / FINESS", 9),
    ProfessionalIdKind.FINESS_MEMBER: (re.compile(r"[0-9][0-9AB][0-9]{7}"), "FINESS", 9),
    ProfessionalIdKind.SIREN_MEMBER: (re.compile(r"[0-9]{9}"), "SIREN", 9),
    ProfessionalIdKind.SIRET_MEMBER: (re.compile(r"[0-9]{14}"), "SIRET", 14),
    ProfessionalIdKind.RPPS_PRACTICE_MEMBER: (re.compile(r"[0-9]{11,14}"), "RPPS", 11),
    ProfessionalIdKind.RPPS: (re.compile(r"[0-9]{11}"), "RPPS", 11),
}
_ALONE: Final = (ProfessionalIdKind.ADELI, ProfessionalIdKind.RPPS)
_KEYED: Final = (
    ProfessionalIdKind.FINESS_MEMBER,
    ProfessionalIdKind.SIREN_MEMBER,
    ProfessionalIdKind.SIRET_MEMBER,
    ProfessionalIdKind.RPPS,
)


def parse_professional_id(text: str) -> ProfessionalId | None:
    """The parts of a PS_IdNat, whatever its key; ``None`` when its form is wrong."""
    number, slash, internal = text[1:].partition("/")
    try:
        kind = ProfessionalIdKind(text[:1])
    except ValueError:
        return None
    if not _NUMBERS[kind][0].fullmatch(number):
        return None
    if (kind in _ALONE) == bool(slash) or (slash and not internal):
        return None
    return ProfessionalId(kind, number, internal if slash else None)


def professional_id_problems(text: str) -> list[Problem]:
    """What is wrong with the PS_IdNat ``text``: prefix, length, internal part, key."""
    parts = parse_professional_id(text)
    if parts is None:
        return [_form_problem(text)]
    if parts.kind in _KEYED and not luhn.agrees(parts.number):
        name, expected = _NUMBERS[parts.kind][1], luhn.key_of(parts.number[:-1])
        sentence = Text(
            "La clé du numéro {name} « {number} » est fausse : le dernier chiffre devrait être {expected}.",
            "The key of the {name} number “{number}” is wrong: the last digit should be {expected}.",
        ).format(name=name, number=parts.number, expected=expected)
        return [Problem("professional.wrong-key", sentence, Severity.WARNING)]
    return []


def _form_problem(text: str) -> Problem:
    try:
        kind = ProfessionalIdKind(text[:1])
    except ValueError:
        sentence = Text(
            "« {text} » n’est pas un identifiant national de professionnel (PS_IdNat) : il commence par un préfixe, "
            "8 pour un numéro RPPS, 0 pour ADELI, 3, 4 ou 5 pour un FINESS, un SIREN ou un SIRET suivi de « / ».",
            "“{text}” is not a national identifier of a professional (PS_IdNat): it starts with a prefix, 8 for an "
            "RPPS number, 0 for ADELI, 3, 4 or 5 for a FINESS, SIREN or SIRET followed by “/”.",
        )
        return Problem("professional.prefix", sentence.format(text=text))
    _, name, length = _NUMBERS[kind]
    if kind in _ALONE:
        tail = Text("rien d’autre", "nothing else")
    else:
        tail = Text("« / » et un identifiant interne", "“/” and an internal identifier")
    sentence = Text(
        "« {text} » n’est pas un identifiant national de professionnel (PS_IdNat) : après le préfixe {prefix} viennent "
        "les {length} caractères du numéro {name}, puis {tail}.",
        "“{text}” is not a national identifier of a professional (PS_IdNat): after the prefix {prefix} come the "
        "{length} characters of the {name} number, then {tail}.",
    )
    return Problem(
        "professional.form", sentence.format(text=text, prefix=str(kind), length=length, name=name, tail=tail)
    )
