"""The names that the profile forms from a document: subject of a message, name of a PDF, address of a patient.

Sources, second hand: Référentiel socle MSSanté #2 v1.0.1 — ECO.2.1.3 (subject), ECO.2.1.6 (PDF), ECO.2.2.6
(address of a patient).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from conformance.exchange.cda_header import CdaHeader
from conformance.identity.ins import matricule_problems
from conformance.identity.traits import strict_name

PREFIX: Final = "XDM/1.0/DDM"
SUBJECT_START: Final = f"{PREFIX}+"
LONGEST_LABEL: Final = 40
PATIENT_DOMAIN: Final = "patient.mssante.fr"
CLOSING_SUBJECT: Final = "[FIN]"

_DATE: Final = re.compile(r"(?P<rest>.*?)\s+(?P<date>[0-9]{2}/[0-9]{2}/[0-9]{4})\s*\Z", re.S)
_DIGITS: Final = re.compile(r"[0-9]{4,8}")
_FORBIDDEN_IN_FILE_NAMES: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f_]+')


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject taken apart: ``tag`` is what stands before the prefix, ``words`` label and names, ``birth_date`` as written."""

    tag: str
    words: str
    birth_date: str


def parse_subject(subject: str) -> Subject | None:
    """The parts of a subject that holds the prefix ``XDM/1.0/DDM``; ``None`` when it does not."""
    before, found, after = subject.partition(PREFIX)
    if not found:
        return None
    rest = after.removeprefix("+").strip()
    dated = _DATE.fullmatch(rest)
    return Subject(before.strip(), dated["rest"] if dated else rest, dated["date"] if dated else "")


def subject_of(headers: Sequence[CdaHeader]) -> str:
    """The subject of a message that carries these documents, all of one patient."""
    patient = headers[0].patient
    label = label_of(headers[0]) if len(headers) == 1 else f"{len(headers)} documents"
    names = f"{strict_name(patient.birth_name)} {plain(patient.first_given)}".strip()
    return " ".join(part for part in (f"{SUBJECT_START}{label}", names, french_date(patient.birth_date)) if part)


def label_of(header: CdaHeader) -> str:
    """The label of a document's type, cut to forty characters."""
    return (header.code.label or header.title)[:LONGEST_LABEL].strip()


def pdf_name_of(header: CdaHeader, record_number: str = "") -> str:
    """The name of the PDF twin: ``20150802_CR d'examens biologiques_VIAL_Paul.pdf``."""
    date = (header.service_start or header.effective_time)[:8]
    names = (strict_name(header.patient.birth_name), plain(header.patient.first_given))
    parts = [date, label_of(header), *names, *([record_number] if record_number else [])]
    return "_".join(_FORBIDDEN_IN_FILE_NAMES.sub(" ", part).strip() for part in parts) + ".pdf"


PDF_NAME: Final = re.compile(r"(?P<date>[0-9]{8})_(?P<label>[^_]+)_(?P<family>[^_]+)_(?P<given>[^_]+)(?:_(?P<record>[^_]+))?\.pdf", re.I)  # fmt: skip
"""The parts of the name of a PDF twin; the number of the record is optional."""


def from_label(title: str, given: str, family: str, entity: str = "") -> str:
    """The label beside the sender's address: ``Dr_Paul_MARTIN_Cabinet du Port``."""
    return "_".join(part for part in (title, given, family.upper(), entity) if part)


def patient_address(matricule: str) -> str:
    """The address of the patient with this matricule.

    Raises ``ValueError`` when the matricule cannot be one (form, key): such an address would reach a stranger.
    """
    if matricule_problems(matricule):
        raise ValueError("not a matricule with a right key")
    return f"{matricule}@{PATIENT_DOMAIN}"


def patient_of(address: str) -> str | None:
    """The part before ``@patient.mssante.fr`` of a patient's address; ``None`` for any other address."""
    local, at, domain = address.rpartition("@")
    return local if at and domain.casefold() == PATIENT_DOMAIN else None


def plain(text: str) -> str:
    """``text`` without accents, case kept."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def french_date(digits: str) -> str:
    """``19781126`` as ``26/11/1978``; less than a day gives nothing."""
    return f"{digits[6:8]}/{digits[4:6]}/{digits[:4]}" if _DIGITS.fullmatch(digits) and len(digits) == 8 else ""
