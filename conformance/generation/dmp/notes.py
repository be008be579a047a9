"""Short reports in plain text (CDA level 1): small enough to be written by the thousand. Words of our own.

Source: CI-SIS Structuration minimale §3.1, §3.7.2; JDV_J07_XdsTypeCode_CISIS for the types.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from conformance.cda.kinds import XDS_SD
from conformance.generation.header import Header, Numbering, document, entity
from conformance.generation.nodes import coded, el, to_minute
from conformance.generation.people import PRACTICE, Patient, Professional
from conformance.terminology.code_systems import HL7_ACT_CODE, LOINC

CONSULTATION: Final = ("11488-4", LOINC, "CR ou fiche de consultation ou de visite")


@dataclass(frozen=True, slots=True)
class Note:
    """A report: about whom, by whom, which version, when, and what it says. ``kind`` is code, system and label."""

    patient: Patient
    author: Professional
    numbering: Numbering
    created: datetime
    title: str = "Compte rendu de consultation"
    text: str = "Examen de ce jour sans particularité. À revoir dans trois mois."
    kind: tuple[str, str, str] = CONSULTATION


def write_note(note: Note) -> bytes:
    """The document, in UTF-8."""
    body = el("text", base64.b64encode(note.text.encode()).decode(), mediaType="text/plain", representation="B64")
    event = el(
        "serviceEvent",
        el("effectiveTime", el("low", value=to_minute(note.created))),
        el("performer", entity(note.author), typeCode="PRF"),
    )
    facts = Header(
        models=((XDS_SD, None),),
        type=note.kind,
        title=note.title,
        numbering=note.numbering,
        created=note.created,
        patient=note.patient,
        author=note.author,
        custodian=note.author.structure,
        signer=note.author,
        facility=PRACTICE,
        events=(el("documentationOf", event),),
        encounter=(
            coded("code", "AMB", HL7_ACT_CODE, "Ambulatoire (hors établissement)"),
            el("effectiveTime", el("low", value=to_minute(note.created))),
        ),
    )
    return document(facts, el("component", el("nonXMLBody", body)))
