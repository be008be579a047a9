"""Invented identities with right keys, the same for the same seed: for generated documents and fixtures.

Every function draws from a ``random.Random`` given by the caller (hypothesis gives one with ``st.randoms``).
Patients get matricules under the test root only; RPPS numbers start with 999, SIREN numbers with 999, FINESS numbers
with department 99: ranges that no register is known to use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from conformance.identity import ins, luhn
from conformance.identity.organisation import StructureId, StructureIdKind
from conformance.identity.professional import ProfessionalId, ProfessionalIdKind
from conformance.identity.traits import Traits

# Words of no dictionary: a report masks the names of its patients wherever they stand.
_BIRTH_NAMES: Final = (
    "ZORBECQ", "D'OSTREVALLE", "QUILVARNE", "LE BRUMIGNEC", "VELTRANE-OSMIER", "TAVROUX", "PLOUGASTRE-KERVAD", "DE LA MORVIGNE",
    "L'ESCANDRIEUX", "FENOUVRIER", "O'BRALLIGAN", "XANTROUVE", "GUERMALDE--TISSEVAL",
)  # fmt: skip
_GIVEN_NAMES: Final = {
    "F": ("JEANNE", "MARIE-LOUISE", "CLAIRE", "ANNE", "FATIMA", "DOMINIQUE", "ELISE", "NGOC ANH", "MAELLE"),
    "M": ("PAUL", "JEAN-PIERRE", "LUC", "DOMINIQUE", "KARIM", "THEO", "NOEL", "FRANCOIS", "ELOI"),
}
_PLACES: Final = ("75056", "51215", "2A004", "2B033", "97105", "97411", "13055", "69123", "99100", "99109", "99352")

UNUSED_RANGE: Final = "999"


@dataclass(frozen=True, slots=True)
class Identity:
    """An invented qualified identity: the matricule (15 characters), its root, and traits that agree with it."""

    matricule: str
    root: str
    traits: Traits


def make_matricule(
    random: Random, *, sex: str | None = None, born: date | None = None, place: str | None = None
) -> str:
    """A matricule of 15 characters with a right key, for this sex (``F``, ``M``), birth date and COG place."""
    sex = sex or random.choice("FM")
    born = born or make_birth_date(random)
    place = place or random.choice(_PLACES)
    body = f"{'1' if sex == 'M' else '2'}{born:%y%m}{place}{random.randint(1, 999):03d}"
    return body + ins.key_of(body)


def make_birth_date(random: Random, *, latest: date = date(2024, 12, 31)) -> date:
    """A birth date of a person of 0 to 100 years at ``latest``."""
    return latest - timedelta(days=random.randint(0, 36524))


def make_identity(random: Random, *, sex: str | None = None, born: date | None = None) -> Identity:
    """A qualified identity under the test root, traits and matricule in agreement."""
    sex = sex or random.choice("FM")
    born = born or make_birth_date(random)
    place = random.choice(_PLACES)
    names = random.sample(_GIVEN_NAMES[sex], k=random.randint(1, 3))
    traits = Traits(random.choice(_BIRTH_NAMES), " ".join(names), names[0], sex, f"{born:%Y%m%d}", place)
    return Identity(make_matricule(random, sex=sex, born=born, place=place), ins.INS_NIR_TEST, traits)


def make_rpps(random: Random) -> str:
    """An RPPS number of 11 digits with its key, without the prefix of a PS_IdNat."""
    return _with_key(random, UNUSED_RANGE, 11)


def make_professional_id(random: Random) -> str:
    """A PS_IdNat: ``8`` and an RPPS number."""
    return ProfessionalId(ProfessionalIdKind.RPPS, make_rpps(random)).text


def make_finess(random: Random) -> str:
    """A FINESS number of 9 digits with its key."""
    return _with_key(random, "99", 9)


def make_siren(random: Random) -> str:
    """A SIREN number of 9 digits with its key."""
    return _with_key(random, UNUSED_RANGE, 9)


def make_siret(random: Random) -> str:
    """A SIRET number of 14 digits: a SIREN, a rank and the key of the whole."""
    return _with_key(random, make_siren(random) + "0", 14)


def make_structure_id(random: Random, kind: StructureIdKind = StructureIdKind.FINESS) -> str:
    """A Struct_idNat of that kind. ``ValueError`` for the practices, which have no register of their own."""
    makers = {
        StructureIdKind.FINESS: make_finess,
        StructureIdKind.SIREN: make_siren,
        StructureIdKind.SIRET: make_siret,
    }
    if kind not in makers:
        raise ValueError(f"no maker for {kind.name}")
    return StructureId(kind, makers[kind](random)).text


def make_oid(random: Random, root: str = "2.25") -> str:
    """An OID of 64 characters at most under ``root``: a UUID in decimals under ``2.25``, else a smaller number."""
    return f"{root}.{random.getrandbits(128 if root == '2.25' else 60)}"


def _with_key(random: Random, start: str, length: int) -> str:
    body = start + "".join(str(random.randint(0, 9)) for _ in range(length - len(start) - 1))
    return body + luhn.key_of(body)
