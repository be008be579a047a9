"""The strict traits of an identity (traits stricts): which, in which characters, and whether they agree.

Sources: CI-SIS structuration minimale §3.5.5.12 (the traits that a matricule demands); RNIV, second hand, for
the characters (capitals without accents, hyphen, apostrophe, space).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.identity.problems import Problem

_STRICT: Final = re.compile(r"(?=.*[A-Z])[A-Z'\-]+(?: [A-Z'\-]+)*")
_COG: Final = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_LOOKALIKES: Final = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‐": "-", "‑": "-", "–": "-", "—": "-"})
_LIGATURES: Final = str.maketrans({"Œ": "OE", "Æ": "AE", "ẞ": "SS"})


@dataclass(frozen=True, slots=True)
class Traits:
    """The strict traits as a document or a record gives them; ``None`` for one that is not given.

    ``given_names``: the whole list of the birth certificate, separated by spaces. ``sex``: HL7 code.
    ``birth_date``: ``AAAA``, ``AAAAMM``, ``AAAAMMJJ``. ``birth_place``: COG code of the commune or country.
    """

    birth_name: str | None
    given_names: str | None
    first_given_name: str | None
    sex: str | None
    birth_date: str | None
    birth_place: str | None


_NAMES: Final = {
    "birth_name": Text("le nom de naissance", "the birth name"),
    "given_names": Text("la liste des prénoms de naissance", "the list of given names at birth"),
    "first_given_name": Text("le premier prénom de naissance", "the first given name at birth"),
    "sex": Text("le sexe", "the sex"),
    "birth_date": Text("la date de naissance", "the date of birth"),
    "birth_place": Text("le lieu de naissance (code COG)", "the place of birth (COG code)"),
}


def missing_traits(traits: Traits) -> list[Problem]:
    """The traits that a document with an INS matricule must carry, and that are not there."""
    sentence = Text(
        "Avec un matricule INS, {trait} est obligatoire et manque ici.",
        "With an INS matricule, {trait} is mandatory and is missing here.",
    )
    return [
        Problem(f"traits.missing.{name.replace('_', '-')}", sentence.format(trait=words))
        for name, words in _NAMES.items()
        if not getattr(traits, name)
    ]


def strict_name(name: str) -> str:
    """``name`` in the characters of a strict trait: ``Émile-André`` gives ``EMILE-ANDRE``.

    Accents fall, ligatures open, typographic apostrophes and dashes become the plain ones, spaces single.
    """
    plain = unicodedata.normalize("NFD", name.upper().translate(_LOOKALIKES).translate(_LIGATURES))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def name_problems(name: str, trait: str = "birth_name") -> list[Problem]:
    """Is ``name`` written as a strict trait? ``trait`` is a field of ``Traits``, for the sentence.

    A warning by default: published examples write such names in small letters.
    """
    if _STRICT.fullmatch(name):
        return []
    sentence = Text(
        "« {name} » : {trait} s’écrit en capitales sans accent, avec seulement le tiret, l’apostrophe et l’espace "
        "simple. Écrire « {strict} ».",
        "“{name}”: {trait} is written in capitals without accents, with hyphen, apostrophe and single space only. "
        "Write “{strict}”.",
    )
    said = sentence.format(name=name, trait=_NAMES[trait], strict=strict_name(name))
    return [Problem("traits.characters", said, Severity.WARNING)]


def given_name_problems(given_names: str, first: str) -> list[Problem]:
    """Is ``first`` the first of ``given_names``? A compound first name may hold a space."""
    names, one = strict_name(given_names).replace(",", " ").split(), strict_name(first).split()
    if one and names[: len(one)] == one:
        return []
    sentence = Text(
        "Le premier prénom de naissance « {first} » n’est pas le premier de la liste « {given_names} ».",
        "The first given name “{first}” is not the first of the list “{given_names}”.",
    )
    return [Problem("traits.first-given-name", sentence.format(first=first, given_names=given_names))]


def birth_date_problems(value: str, today: date) -> list[Problem]:
    """Is ``value`` (``AAAA``, ``AAAAMM``, ``AAAAMMJJ``, perhaps with an hour) a real date, and not after ``today``?"""
    day = _first_day(value)
    if day is None:
        sentence = Text(
            "La date de naissance « {value} » n’existe pas ; attendu : AAAA, AAAAMM ou AAAAMMJJ.",
            "The date of birth “{value}” does not exist; expected: YYYY, YYYYMM or YYYYMMDD.",
        )
        return [Problem("traits.birth-date", sentence.format(value=value))]
    if day > today:
        sentence = Text(
            "La date de naissance « {value} » est dans l’avenir.", "The date of birth “{value}” is in the future."
        )
        return [Problem("traits.future-birth", sentence.format(value=value))]
    return []


def _first_day(value: str) -> date | None:
    if len(value) not in (4, 6, 8, 17, 19) or not (value.isascii() and value[:8].isdecimal()):
        return None
    try:
        return date(int(value[:4]), int(value[4:6] or 1), int(value[6:8] or 1))
    except ValueError:
        return None


def place_problems(code: str) -> list[Problem]:
    """Has ``code`` the form of a COG code (five characters; 2A or 2B for Corsica, 99 for a country)?"""
    if _COG.fullmatch(code):
        return []
    sentence = Text(
        "« {code} » n’est pas un code COG de commune ou de pays : cinq caractères sont attendus, par exemple 51215, "
        "2A004 ou 99100 à 99999 pour un pays.",
        "“{code}” is not a COG code of a commune or country: five characters are expected, for example 51215, 2A004, "
        "or 99100 to 99999 for a country.",
    )
    return [Problem("traits.place-form", sentence.format(code=code))]
