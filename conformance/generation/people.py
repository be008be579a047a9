"""Invented patients, professionals and structures, as documents describe them. All under test ranges.

The professions, settings and facilities are codes of the published value sets (J01, J04, J02).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Final

from conformance.identity.generate import Identity, make_identity, make_professional_id, make_structure_id

Concept = tuple[str, str]
"""A code and its label; the code system is that of the place where it is used."""

GENERAL_MEDICINE: Final = ("G15_10/SM26", "Médecin - Qualifié en Médecine Générale (SM)")
BIOLOGY: Final = ("G15_10/SM03", "Médecin - Biologie médicale (SM)")
NURSE: Final = ("G15_60", "Infirmier")
OUTPATIENT: Final = ("AMBULATOIRE", "Ambulatoire")
PRACTICE: Final = ("SA07", "Cabinet individuel")
LABORATORY: Final = ("SA25", "Laboratoire de biologie médicale")

_FAMILIES: Final = (
    "BRASVANE",
    "KERGOUTHIN",
    "DELMARQUE-ROZE",
    "TIVERNAUX",
    "OLLUVRAY",
    "SABRANTEIL",
    "L'HERMIVEL",
    "ZUNDERQ",
)
_GIVEN: Final = {
    "MME": ("Apolline", "Maëlys", "Zoé", "Anne-Cécile", "Yaëlle"),
    "M": ("Édouard", "Loïc", "Jean-Noël", "Gaël", "Benoît"),
}
_CITIES: Final = (("35000", "RENNES"), ("29200", "BREST"), ("67000", "STRASBOURG"), ("97410", "SAINT PIERRE"), ("75007", "PARIS 07"),
                  ("31000", "TOULOUSE"), ("20000", "AJACCIO"))  # fmt: skip
_STREETS: Final = (
    "Rue des Essais",
    "Quai de l'Épreuve",
    "Place du Modèle",
    "Allée des Témoins",
    "Chemin de l'Échantillon",
)
_COUNTRY: Final = "FRANCE"


@dataclass(frozen=True, slots=True)
class Address:
    """A French address by its parts; ``use`` as in HL7 (``H``, ``WP``)."""

    number: str
    street: str
    postal_code: str
    city: str
    use: str | None = None
    country: str | None = None
    as_lines: bool = False
    """Written as two lines instead of parts."""


@dataclass(frozen=True, slots=True)
class Structure:
    """A practice, a laboratory: its national identifier (Struct_idNat) and what is told of it."""

    national_id: str
    name: str
    address: Address
    telephone: str
    setting: Concept = OUTPATIENT


@dataclass(frozen=True, slots=True)
class Professional:
    """A professional: national identifier (PS_IdNat), name, profession, structure."""

    national_id: str
    civility: str
    given: str
    family: str
    profession: Concept
    structure: Structure
    title: str | None = None

    @property
    def full_name(self) -> str:
        """As a letter signs: « Dr Zoé TIVERNAUX »."""
        return f"{'Dr ' if self.title == 'DR' else ''}{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient: a qualified identity (test matricule), and what documents tell beside it."""

    identity: Identity
    local_id: tuple[str, str]
    addresses: tuple[Address, ...] = ()
    telephone: str | None = None
    used_name: str | None = None
    used_given: str | None = None
    birth_city: str | None = None
    mailbox: bool = False
    """Whether the header gives the patient's own MSSanté address."""

    @property
    def sex(self) -> str:
        """``F`` or ``M``."""
        return self.identity.traits.sex or "UN"

    @property
    def born(self) -> date:
        """The date of birth."""
        return date.fromisoformat(self.identity.traits.birth_date or "19700101")

    @property
    def full_name(self) -> str:
        """As letters and copies name the patient: first given name, used name if any, birth name."""
        traits = self.identity.traits
        used = f"{self.used_name}, née " if self.used_name and self.sex == "F" else ""
        return f"{traits.first_given_name} {used}{traits.birth_name}"


def make_address(random: Random, use: str | None = None, *, lines: bool = False) -> Address:
    """An invented address."""
    postal_code, city = random.choice(_CITIES)
    country = _COUNTRY if random.random() < 0.3 else None
    return Address(str(random.randint(1, 180)), random.choice(_STREETS), postal_code, city, use, country, lines)


def make_telephone(random: Random) -> str:
    """A number of the ranges that ARCEP keeps for fiction (01 99 00, 06 39 98)."""
    return f"{random.choice(('019900', '063998'))}{random.randint(0, 9999):04d}"


def make_structure(random: Random, name: str, setting: Concept = OUTPATIENT) -> Structure:
    """A structure with a FINESS number."""
    return Structure(make_structure_id(random), name, make_address(random, "WP"), make_telephone(random), setting)


def make_professional(
    random: Random, profession: Concept, structure: Structure, *, doctor: bool = True
) -> Professional:
    """A professional of that structure with an RPPS number."""
    civility = random.choice(("M", "MME"))
    given, family = random.choice(_GIVEN[civility]), random.choice(_FAMILIES)
    return Professional(
        make_professional_id(random), civility, given, family, profession, structure, "DR" if doctor else None
    )


def make_doctor(random: Random) -> Professional:
    """A general practitioner with a practice."""
    doctor = make_professional(random, GENERAL_MEDICINE, make_structure(random, ""))
    return replace(doctor, structure=replace(doctor.structure, name=f"Cabinet du DR {doctor.family}"))


def make_patient(random: Random, *, latest: date = date(2023, 6, 30)) -> Patient:
    """A patient born before ``latest``, who may have a used name, an address, a telephone, a mailbox."""
    identity = make_identity(random)
    while (identity.traits.birth_date or "") > f"{latest:%Y%m%d}":
        identity = make_identity(random)
    married = identity.traits.sex == "F" and random.random() < 0.4
    return Patient(
        identity=identity,
        local_id=(f"1.2.250.1.999.{random.randint(1, 99)}.2", str(random.randint(1000, 9_999_999))),
        addresses=(make_address(random, "H", lines=random.random() < 0.5),) if random.random() < 0.8 else (),
        telephone=make_telephone(random) if random.random() < 0.7 else None,
        used_name=random.choice(_FAMILIES) if married else None,
        used_given=identity.traits.first_given_name if random.random() < 0.3 else None,
        birth_city="VILLE D'ESSAI" if random.random() < 0.6 else None,
        mailbox=random.random() < 0.4,
    )
