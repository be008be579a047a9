"""The INS matricule: 13 characters (NIR or NIA) and a key of two digits, under one of four roots.

Sources: CI-SIS structuration minimale §3.5.5.12.1 (roots, traits that go with a matricule); INSEE and the
assurance maladie for the composition of the NIR (sex, year, month, place by its COG code, order) and its key.
That the traits must agree with the matricule is a rule of the kit's own: no official rule looks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stdnum.fr import nir

from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.identity.problems import Problem

INS_NIR: Final = "1.2.250.1.213.1.4.8"
INS_NIA: Final = "1.2.250.1.213.1.4.9"
INS_NIR_TEST: Final = "1.2.250.1.213.1.4.10"
INS_NIR_DEMONSTRATION: Final = "1.2.250.1.213.1.4.11"
INS_C: Final = "1.2.250.1.213.1.4.2"
"""The former INS-C: obsolete, still returned beside the NIR by some services, never a root of an INS matricule."""

INS_ROOTS: Final = (INS_NIR, INS_NIA, INS_NIR_TEST, INS_NIR_DEMONSTRATION)
TEST_ROOTS: Final = (INS_NIR_TEST, INS_NIR_DEMONSTRATION)

_MATRICULE: Final = re.compile(r"([1-8])([0-9]{2})([0-9]{2})([0-9]{2}|2[AB])([0-9]{3})([0-9]{3})([0-9]{2})")
_CORSICA: Final = ("20", "2A", "2B")


class InsStatus(StrEnum):
    """The four statuses of a patient's identity (RNIV). Only a qualified one sends its matricule."""

    PROVISIONAL = "provisoire"
    RETRIEVED = "récupérée"
    VALIDATED = "validée"
    QUALIFIED = "qualifiée"

    @property
    def sends_matricule(self) -> bool:
        """May the matricule leave the product? (INS/va1.53)."""
        return self is InsStatus.QUALIFIED


@dataclass(frozen=True, slots=True)
class Matricule:
    """A matricule taken apart. All parts are text as written; ``place`` is the COG code (``51215``, ``2A004``…)."""

    sex_digit: str
    year: str
    month: str
    department: str
    commune: str
    order: str
    key: str

    @property
    def place(self) -> str:
        """The COG code of the place of birth: commune, or country (``99…``)."""
        return self.department + self.commune

    @property
    def sex(self) -> str:
        """``M`` or ``F``: an odd first digit is a man, an even one a woman, in every series."""
        return "M" if self.sex_digit in "1357" else "F"

    @property
    def body(self) -> str:
        """The 13 characters without the key."""
        return self.sex_digit + self.year + self.month + self.place + self.order


def parse_matricule(text: str) -> Matricule | None:
    """The parts of a matricule of 15 characters; ``None`` when ``text`` has not that form."""
    found = _MATRICULE.fullmatch(text)
    return Matricule(*found.groups()) if found else None


def key_of(body: str) -> str:
    """The key, two digits, of the 13 characters ``body`` (Corsica: 2A counts as 19, 2B as 18).

    Raises ``ValueError`` when ``body`` has not the form of a NIR.
    """
    if not _MATRICULE.fullmatch(body + "00"):
        raise ValueError(f"not the 13 characters of a matricule: {len(body)} characters")
    return nir.calc_check_digits(body)


def matricule_problems(text: str, root: str | None = None) -> list[Problem]:
    """What is wrong with the matricule ``text`` (and with its ``root`` when given), traits apart.

    Sentences never quote the matricule: it is an identity.
    """
    problems = root_problems(root) if root is not None else []
    if len(text) != 15:
        sentence = Text(
            "Le matricule INS compte {length} caractères ; il en faut 15 : les 13 du NIR ou du NIA, puis la clé "
            "sur deux chiffres.",
            "The INS matricule has {length} characters; 15 are needed: the 13 of the NIR or NIA, then the key "
            "of two digits.",
        )
        return [*problems, Problem("ins.length", sentence.format(length=len(text)))]
    parts = parse_matricule(text)
    if parts is None:
        return [*problems, Problem("ins.form", _FORM)]
    if not _possible_month(parts.month):
        problems.append(Problem("ins.month", _MONTH.format(month=parts.month)))
    if parts.order == "000":
        problems.append(Problem("ins.order", _ORDER))
    if root == INS_NIR and parts.sex_digit not in "12":
        problems.append(Problem("ins.not-a-nir", _NOT_A_NIR.format(digit=parts.sex_digit), Severity.WARNING))
    expected = key_of(parts.body)
    if parts.key != expected:
        problems.append(Problem("ins.wrong-key", _KEY.format(found=parts.key, expected=expected)))
    return problems


def root_problems(root: str) -> list[Problem]:
    """Is ``root`` one of the four roots of an INS matricule? Says the obsolete INS-C apart."""
    if root in INS_ROOTS:
        return []
    if root == INS_C:
        return [Problem("ins.obsolete-root", _OBSOLETE_ROOT)]
    return [Problem("ins.unknown-root", _UNKNOWN_ROOT.format(root=root, roots=", ".join(INS_ROOTS)))]


def _possible_month(month: str) -> bool:
    """01 to 12; 20 to 42 and 50 to 99 stand for births whose month the civil register does not give."""
    number = int(month)
    return 1 <= number <= 12 or 20 <= number <= 42 or 50 <= number <= 99


def birth_problems(matricule: Matricule, sex: str | None, birth_date: str | None, place: str | None) -> list[Problem]:
    """Where the traits of a patient disagree with the matricule. ``None``: a trait not known, not compared.

    ``sex``: the HL7 code (``F``, ``M``; any other is not compared). ``birth_date``: ``AAAA``, ``AAAAMM``,
    ``AAAAMMJJ`` or longer. ``place``: COG code. A place that differs is a warning: communes merge and change
    department, and people born in Algeria, Morocco or Tunisia before independence have codes of their own.
    """
    problems = []
    if sex in ("F", "M") and sex != matricule.sex:
        problems.append(Problem("ins.sex", _SEX.format(first=matricule.sex_digit, sex=sex)))
    if birth_date and birth_date[2:4] != matricule.year:
        problems.append(Problem("ins.year", _YEAR.format(found=matricule.year, year=birth_date[:4])))
    if birth_date and len(birth_date) >= 6 and int(matricule.month) <= 12 and birth_date[4:6] != matricule.month:
        problems.append(Problem("ins.birth-month", _BIRTH_MONTH.format(found=matricule.month, month=birth_date[4:6])))
    if place and not _same_place(place, matricule.place):
        sentence = _PLACE.format(found=matricule.place, place=place)
        problems.append(Problem("ins.place", sentence, Severity.WARNING))
    return problems


def _same_place(one: str, other: str) -> bool:
    if one[:2] in _CORSICA and other[:2] in _CORSICA and one[2:] == other[2:]:
        return "20" in (one[:2], other[:2]) or one[:2] == other[:2]
    return one == other


_FORM: Final = Text(
    "Le matricule INS n’a pas la forme d’un NIR ou d’un NIA : un chiffre de 1 à 8 (sexe), deux chiffres (année), "
    "deux (mois), le lieu de naissance sur cinq caractères (2A ou 2B pour la Corse), trois chiffres (ordre), "
    "puis la clé.",
    "The INS matricule has not the form of a NIR or NIA: one digit from 1 to 8 (sex), two digits (year), "
    "two (month), the place of birth in five characters (2A or 2B for Corsica), three digits (order), then the key.",
)
_KEY: Final = Text(
    "La clé du matricule INS est fausse : {found} au lieu de {expected}. Le matricule a été mal saisi ou altéré ; "
    "rappeler le téléservice INSi.",
    "The key of the INS matricule is wrong: {found} instead of {expected}. The matricule was mistyped or altered; "
    "call the INSi service again.",
)
_MONTH: Final = Text(
    "Le mois de naissance du matricule INS est « {month} » : 01 à 12 sont attendus, ou 20 à 42 et 50 à 99 quand le "
    "mois n’est pas connu.",
    "The month of birth in the INS matricule is “{month}”: 01 to 12 are expected, or 20 to 42 and 50 to 99 when "
    "the month is not known.",
)
_ORDER: Final = Text(
    "Le numéro d’ordre du matricule INS est 000 : il va de 001 à 999.",
    "The order number in the INS matricule is 000: it goes from 001 to 999.",
)
_NOT_A_NIR: Final = Text(
    "Le matricule est déclaré comme NIR, mais commence par {digit} : un NIR commence par 1 ou 2. S’il s’agit d’un "
    "numéro d’attente (NIA), la racine est 1.2.250.1.213.1.4.9.",
    "The matricule is declared as a NIR, but starts with {digit}: a NIR starts with 1 or 2. If it is a waiting "
    "number (NIA), the root is 1.2.250.1.213.1.4.9.",
)
_OBSOLETE_ROOT: Final = Text(
    "La racine 1.2.250.1.213.1.4.2 est celle de l’ancien INS-C, qui n’est plus utilisé : employer celle du NIR "
    "(1.2.250.1.213.1.4.8) ou du NIA (1.2.250.1.213.1.4.9).",
    "The root 1.2.250.1.213.1.4.2 is that of the former INS-C, no longer in use: use that of the NIR "
    "(1.2.250.1.213.1.4.8) or of the NIA (1.2.250.1.213.1.4.9).",
)
_UNKNOWN_ROOT: Final = Text(
    "« {root} » n’est pas une racine de matricule INS ; les racines sont {roots}.",
    "“{root}” is not a root of INS matricules; the roots are {roots}.",
)
_SEX: Final = Text(
    "Le sexe du patient est « {sex} », mais le matricule INS commence par {first} (impair : masculin, pair : "
    "féminin). L’un des deux n’est pas celui de ce patient.",
    "The patient’s sex is “{sex}”, but the INS matricule starts with {first} (odd: male, even: female). "
    "One of the two is not this patient’s.",
)
_YEAR: Final = Text(
    "Le patient est né en {year}, mais le matricule INS porte l’année {found}. L’un des deux n’est pas celui de ce "
    "patient.",
    "The patient was born in {year}, but the INS matricule has the year {found}. One of the two is not this patient’s.",
)
_BIRTH_MONTH: Final = Text(
    "Le patient est né au mois {month}, mais le matricule INS porte le mois {found}. L’un des deux n’est pas celui "
    "de ce patient.",
    "The patient was born in month {month}, but the INS matricule has the month {found}. One of the two is not "
    "this patient’s.",
)
_PLACE: Final = Text(
    "Le lieu de naissance du patient est {place} (code COG), mais le matricule INS porte {found}. Vérifier auprès "
    "du téléservice INSi ; un changement de commune ou de département peut l’expliquer.",
    "The patient’s place of birth is {place} (COG code), but the INS matricule has {found}. Check with the INSi "
    "service; a change of commune or department may explain it.",
)
