"""What the kit tells a product about a patient: identity, people around, clinical record.

Coded values carry code, code system (OID) and label. Clinical dates are a year, a day, or an instant with
its offset; months alone have no place in the documents (CI-SIS Structuration minimale, §3.5.7.1) and are
not used here.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from conformance.sut.codec import model

Oid = Annotated[str, Field(pattern=r"^[0-2](\.(0|[1-9][0-9]*))+$", max_length=64)]
"""An object identifier, as digits and dots."""

ItemId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
"""The name that the kit gives to one item of a record, unique in that record."""

ClinicalDate = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?([+-][0-9]{2}:[0-9]{2}|Z))?)?$"
    ),
]
"""``2012``, ``2012-03-14`` or ``2012-03-14T08:30+01:00``."""

Words = Annotated[str, Field(min_length=1, max_length=2000)]
"""Free text that is not empty."""


class InsStatus(StrEnum):
    """The four statuses of an identity (RNIV; Guide d'implémentation de l'INS, R20)."""

    PROVISOIRE = "provisoire"
    RECUPEREE = "recuperee"
    VALIDEE = "validee"
    QUALIFIEE = "qualifiee"


class Sex(StrEnum):
    """Codes of JDV_J143_AdministrativeGender_CISIS."""

    F = "F"
    M = "M"
    UN = "UN"


@model
class Coded:
    """A concept: its code, the OID of the code system, and the label of that code."""

    code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S+$")]
    code_system: Oid
    label: Words


@model
class Ins:
    """A matricule INS with its key (15 characters) and the OID of its authority."""

    matricule: Annotated[str, Field(pattern=r"^[0-9]{6}[0-9AB][0-9]{8}$")]
    oid: Oid


@model
class Address:
    """A postal address: free lines, then postal code and city."""

    lines: tuple[Words, ...] = ()
    postal_code: Words | None = None
    city: Words | None = None
    country: Words | None = None


@model
class Telecom:
    """A way to reach someone: ``tel:…`` or ``mailto:…``, with its use (H, HP, HV, WP, DIR, PUB, EC, MC, PG)."""

    value: Annotated[str, Field(pattern=r"^(tel|fax|mailto|http|ftp|mllp):\S+$")]
    use: Annotated[str, Field(pattern=r"^(H|HP|HV|WP|DIR|PUB|EC|MC|PG)$")] | None = None


@model
class Identity:
    """Who the patient is: strict traits, INS and its status, used names, addresses.

    Strict traits are those of the INS: upper case, no accents. ``birth_given_names`` is the whole list of
    the birth certificate, ``birth_place`` the COG code of the commune or country (``99999``: unknown).
    A product keeps the matricule whatever the status; sending it is another matter (INS/va1.53).
    """

    birth_name: Words
    birth_given_names: Words
    first_birth_given_name: Words
    birth_date: date
    sex: Sex
    birth_place: Annotated[str, Field(pattern=r"^[0-9][0-9AB][0-9]{3}$")]
    birth_place_name: Words | None = None
    used_name: Words | None = None
    used_given_name: Words | None = None
    ins_status: InsStatus = InsStatus.PROVISOIRE
    ins: Ins | None = None
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()


@model
class Organization:
    """A health structure: Struct_idNat (``1`` + FINESS, ``3`` + SIRET) and name."""

    national_id: Words
    name: Words


@model
class Professional:
    """A health professional: PS_IdNat (``8`` + RPPS), names, profession (JDV_J01), structure."""

    national_id: Words
    family: Words
    given: Words
    profession: Coded
    organization: Organization | None = None
    telecoms: tuple[Telecom, ...] = ()


class ProblemStatus(StrEnum):
    """Codes of JDV_HL7_ConditionClinical_CISIS."""

    ACTIVE = "active"
    RECURRENCE = "recurrence"
    RELAPSE = "relapse"
    INACTIVE = "inactive"
    REMISSION = "remission"
    RESOLVED = "resolved"


class AllergyStatus(StrEnum):
    """Codes of JDV_HL7_allergyintolerance_clinical_CISIS."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    RESOLVED = "resolved"


@model
class Problem:
    """A disease or a finding: ``label`` is what the physician wrote, ``code`` its coding (CIM-10…).

    ``category`` is the kind of problem (JDV_ProblemCodes_CISIS; none: the product chooses).
    """

    id: ItemId
    label: Words
    code: Coded
    category: Coded | None = None
    start: ClinicalDate | None = None
    end: ClinicalDate | None = None
    status: ProblemStatus = ProblemStatus.ACTIVE
    comment: Words | None = None


@model
class Allergy:
    """An allergy or intolerance: its type (JDV_TypeEvenementIndesirablePrevisible_CISIS), its agent."""

    id: ItemId
    label: Words
    type: Coded
    agent: Coded | None = None
    reactions: tuple[Coded, ...] = ()
    start: ClinicalDate | None = None
    end: ClinicalDate | None = None
    status: AllergyStatus = AllergyStatus.ACTIVE


@model
class Procedure:
    """A past act or operation, with its code (CCAM…)."""

    id: ItemId
    label: Words
    code: Coded
    date: ClinicalDate | None = None


@model
class Treatment:
    """A long-term treatment: product (CIS code when known), how it is taken, since when, until when."""

    id: ItemId
    label: Words
    product: Coded | None = None
    dosage: Words | None = None
    start: ClinicalDate | None = None
    end: ClinicalDate | None = None


@model
class Lifestyle:
    """A habit (tobacco, alcohol…): what it is (JDV_SocialHistoryCodes_CISIS) and what was found, in words."""

    id: ItemId
    code: Coded
    value: Words
    start: ClinicalDate | None = None
    end: ClinicalDate | None = None


@model
class FamilyHistory:
    """A disease of a relative: relationship (HL7 RoleCode), disease, when."""

    id: ItemId
    relationship: Coded
    label: Words
    code: Coded
    date: ClinicalDate | None = None


@model
class Note:
    """Something told in words only: a professional risk, a point of attention."""

    id: ItemId
    text: Words


class Category(StrEnum):
    """The lists of a record, under their names in ``ClinicalRecord``."""

    ACTIVE_PROBLEMS = "active_problems"
    PAST_PROBLEMS = "past_problems"
    PROCEDURES = "procedures"
    ALLERGIES = "allergies"
    LIFESTYLE = "lifestyle"
    PROFESSIONAL_RISKS = "professional_risks"
    FAMILY_HISTORY = "family_history"
    POINTS_OF_ATTENTION = "points_of_attention"
    TREATMENTS = "treatments"


@model
class ClinicalRecord:
    """The structured record. An empty list says nothing; ``none_known`` names the lists of which the
    physician stated that there is nothing to tell (no known allergy…), and those must be empty.
    """

    active_problems: tuple[Problem, ...] = ()
    past_problems: tuple[Problem, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    lifestyle: tuple[Lifestyle, ...] = ()
    professional_risks: tuple[Note, ...] = ()
    family_history: tuple[FamilyHistory, ...] = ()
    points_of_attention: tuple[Note, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    none_known: tuple[Category, ...] = ()


@model
class PatientFile:
    """What the kit gives to create or to update a patient: identity, record, médecin traitant.

    ``long_term_condition`` (since 1.2): the patient is in the scheme of long-term conditions (ALD).
    """

    identity: Identity
    record: ClinicalRecord = ClinicalRecord()
    attending_physician: Professional | None = None
    long_term_condition: bool = False


@model
class Patient:
    """A patient as the product holds it now; ``patient_id`` is the product's own."""

    patient_id: ItemId
    file: PatientFile
