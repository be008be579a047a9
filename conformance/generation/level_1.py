"""Letters and prescriptions: a header and a PDF/A-1 (CDA level 1). Words of our own; test identities only.

Source: CI-SIS Structuration minimale §3.1, §3.7.2; JDV_J07_XdsTypeCode_CISIS for the types.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from conformance.cda.kinds import XDS_SD
from conformance.generation.header import Header, Numbering, document, entity, recipient
from conformance.generation.nodes import PARIS, coded, el, to_minute
from conformance.generation.pdf import Sheet, pdf, told
from conformance.generation.people import PRACTICE, Patient, Professional, make_doctor, make_patient
from conformance.identity.generate import make_oid
from conformance.terminology.code_systems import HL7_ACT_CODE, LOINC

_DOCUMENTS: Final = "1.2.250.1.999.4"

_LETTERS: Final = (
    "Je vous adresse ce patient pour un avis spécialisé.",
    "Il se plaint depuis trois semaines d'une gêne à l'effort, sans douleur thoracique.",
    "L'examen de ce jour est sans particularité ; la tension est à 13/8.",
    "Je vous remercie de votre concours et reste à votre disposition.",
    "Les résultats de biologie vous parviendront séparément.",
    "Le traitement en cours est inchangé.",
)
_LINES: Final = (
    "PARACETAMOL 1000 mg : 1 comprimé toutes les 8 heures si douleur, pendant 5 jours",
    "AMOXICILLINE 1 g : 1 comprimé matin et soir, pendant 7 jours",
    "RAMIPRIL 5 mg : 1 comprimé le matin, pendant 3 mois",
    "Bas de contention de classe 2 : une paire",
)


@dataclass(frozen=True, slots=True)
class LetterSetting:
    """What surrounds a letter or a prescription."""

    patient: Patient
    author: Professional
    recipient: Professional
    numbering: Numbering
    created: datetime


def make_letter_setting(random: Random, patient: Patient | None = None) -> LetterSetting:
    """An invented author and addressee, for ``patient`` (or an invented one)."""
    root = make_oid(random, _DOCUMENTS)
    number = random.choice((1, 1, 1, 2))
    start = datetime(2024, 1, 2, 8, tzinfo=PARIS) + timedelta(days=random.randint(0, 700))
    return LetterSetting(
        patient=patient or make_patient(random),
        author=make_doctor(random),
        recipient=make_doctor(random),
        numbering=Numbering(f"{root}.{number}", f"{root}.0", number, f"{root}.{number - 1}" if number > 1 else None),
        created=start + timedelta(seconds=random.randint(0, 36000)),
    )


def draw_letter(random: Random, setting: LetterSetting) -> bytes:
    """A letter between doctors, as a PDF inside a document."""
    said = random.sample(_LETTERS, random.randint(2, 5))
    paragraphs = (f"{setting.recipient.full_name},", *said)
    return _written(setting, ("96349-6", "Lettre d'adressage"), "Lettre à un confrère", paragraphs)


def draw_prescription(random: Random, setting: LetterSetting) -> bytes:
    """A prescription, as a PDF inside a document."""
    lines = random.sample(_LINES, random.randint(1, 3))
    return _written(setting, ("57833-6", "Prescription de produits de santé"), "Ordonnance", tuple(lines))


def _written(setting: LetterSetting, kind: tuple[str, str], title: str, paragraphs: tuple[str, ...]) -> bytes:
    author = setting.author
    sheet = Sheet(
        title=title,
        sender=(author.full_name, author.profession[1], author.structure.name, f"Le {setting.created:%d/%m/%Y}"),
        patient=told(setting.patient),
        paragraphs=paragraphs,
        signature=author.full_name,
        moment=setting.created,
    )
    text = el("text", base64.b64encode(pdf(sheet)).decode(), mediaType="application/pdf", representation="B64")
    code, label = kind
    event = el(
        "serviceEvent",
        el("effectiveTime", el("low", value=to_minute(setting.created))),
        el("performer", entity(author), typeCode="PRF"),
    )
    facts = Header(
        models=((XDS_SD, None),),
        type=(code, LOINC, label),
        title=title,
        numbering=setting.numbering,
        created=setting.created,
        patient=setting.patient,
        author=author,
        custodian=author.structure,
        signer=author,
        facility=PRACTICE,
        recipients=(recipient(setting.recipient),),
        events=(el("documentationOf", event),),
        encounter=(
            coded("code", "AMB", HL7_ACT_CODE, "Ambulatoire (hors établissement)"),
            el("effectiveTime", el("low", value=to_minute(setting.created))),
        ),
    )
    return document(facts, el("component", el("nonXMLBody", text)))
