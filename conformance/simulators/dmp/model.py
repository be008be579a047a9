"""What the simulated DMP holds, as Python objects: patients, entries, authorisations, traces, notifications."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from conformance.exchange.dmp.existence import Authorisation
from conformance.exchange.metadata import names
from conformance.exchange.metadata.hl7 import Cx
from conformance.identity.ins import INS_NIR_TEST

PATIENT_CLASS: Final = "90"
"""classCode of the documents that patients put into their records (JDV_J57)."""


def now() -> str:
    """This moment, as the store writes moments: UTC, ISO 8601, comparable as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def compact(moment: str) -> str:
    """A moment of the store as the messages write it: ``AAAAMMJJhhmmss``; empty stays empty."""
    return f"{datetime.fromisoformat(moment):%Y%m%d%H%M%S}" if moment else ""


def patient_cx(ins: str, oid: str = INS_NIR_TEST) -> str:
    """The CX by which a patient is named; ``ins`` may be one already."""
    return ins if "^" in ins else str(Cx(ins, oid, "NH"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DmpPatient:
    """The record of a patient. ``patient`` is the CX of the INS; ``attached``: tied to Mon espace santé."""

    patient: str
    open: bool = True
    family: str = "ZORBECQ"
    given: str = "CLAIRE"
    birth_date: str = "19700101"
    sex: str = "F"
    attached: bool = True
    web_account: bool = True
    opposes_break_glass: bool = False
    opposes_regulation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One version of the metadata of a document. Codes are written ``code^^system``; ``xml`` is its ExtrinsicObject."""

    id: str
    logical_id: str
    version: int
    current: bool
    unique_id: str
    submission: str
    patient: str
    status: str
    title: str
    mime_type: str
    class_code: str
    type_code: str
    format_code: str
    facility: str
    practice: str
    creation_time: str
    service_start: str
    service_stop: str
    masked: bool
    hidden_from_patient: bool
    hidden_from_representatives: bool
    confidentiality: tuple[str, ...]
    events: tuple[str, ...]
    references: tuple[str, ...]
    persons: tuple[str, ...]
    institutions: tuple[str, ...]
    signature: bool
    hash: str
    size: int
    deposited: str
    xml: str = field(repr=False)

    @property
    def approved(self) -> bool:
        """Whether it is the living version."""
        return self.status == names.APPROVED

    def written_by(self, person: str, structure: str) -> bool:
        """Whether this person, or this structure, is one of its authors; nobody is, without an identifier."""
        return bool((person and person in self.persons) or (structure and structure in self.institutions))

    @property
    def of_patient(self) -> bool:
        """Whether the patient put it there (classCode 90)."""
        return self.class_code.partition("^^")[0] == PATIENT_CLASS


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAuthorisation:
    """What ties a professional (or a structure) to a record. ``state`` is ``ACTIVE``, ``INTERDITE`` or ``SUPPRIMEE``."""

    patient: str
    holder: str
    state: str = "ACTIVE"
    attending: bool = False
    family: str = ""
    given: str = ""
    start: str = field(default_factory=now)
    last_action: str = field(default_factory=now)
    expires: str = ""

    def status(self) -> Authorisation:
        """What TD0.2 says of it now."""
        if self.state == "INTERDITE":
            return Authorisation.FORBIDDEN
        if self.state != "ACTIVE":
            return Authorisation.NONE
        return Authorisation.EXPIRED if self.expires and self.expires < now() else Authorisation.VALID


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A line of the access history that the patient can read."""

    patient: str
    user: str
    structure: str
    transaction: str
    access: str
    outcome: str
    unique_id: str = ""
    at: str = field(default_factory=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What the patient is told: ``document_added``, ``document_replaced``, ``document_visible``, ``document_deleted``,
    ``authorisation_added``, ``record_searched`` (and ``bris_de_glace`` or ``centre_15``), ``record_closed``."""

    patient: str
    kind: str
    user: str
    unique_id: str = ""
    at: str = field(default_factory=now)
