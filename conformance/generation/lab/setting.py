"""What surrounds the results of a report: patient, laboratory, biologists, prescriber, dates, version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from conformance.generation.header import Numbering
from conformance.generation.nodes import PARIS
from conformance.generation.people import (
    BIOLOGY,
    NURSE,
    Patient,
    Professional,
    Structure,
    make_doctor,
    make_patient,
    make_professional,
    make_structure,
)
from conformance.identity.generate import make_oid

DOCUMENTS = "1.2.250.1.999.1"
"""An invented arc for the documents of the kit."""


@dataclass(frozen=True, slots=True)
class LabSetting:
    """Everything of a report that is not a result.

    ``collected``, ``created``: when the specimen was taken and the report released. The flags say which optional
    parts the document has: the entry of the collection, the biologist who validated each chapter, the treating
    doctor. ``copy`` is the PDF copy; ``None`` makes one that tells the results.
    """

    patient: Patient
    laboratory: Structure
    biologist: Professional
    prescriber: Professional
    sampler: Professional
    subcontractor: Professional
    numbering: Numbering
    order_number: str
    ordered: date
    collected: datetime
    created: datetime
    collection: bool = True
    validation: bool = True
    treating_doctor: bool = False
    recipient: bool = False
    device: tuple[str, str] | None = None
    copy: bytes | None = None


def make_setting(random: Random, patient: Patient | None = None) -> LabSetting:
    """An invented laboratory and its report for ``patient`` (or an invented one), on a day of 2024 or 2025."""
    patient = patient or make_patient(random)
    laboratory = make_structure(
        random, random.choice(("Laboratoire des Témoins", "Laboratoire du Grand Essai", "Biologie de l'Échantillon"))
    )
    day = datetime(2024, 1, 2, 7, tzinfo=PARIS) + timedelta(days=random.randint(0, 700))
    collected = day + timedelta(minutes=random.randint(0, 240))
    created = collected + timedelta(hours=random.randint(2, 8), seconds=random.randint(0, 3599))
    other = make_structure(random, "Laboratoire spécialisé de l'Épreuve")
    root = make_oid(random, DOCUMENTS)
    corrected = random.random() < 0.25
    version = random.randint(2, 4) if corrected else 1
    return LabSetting(
        patient=patient,
        laboratory=laboratory,
        biologist=make_professional(random, BIOLOGY, laboratory),
        prescriber=make_doctor(random),
        sampler=make_professional(random, NURSE, make_structure(random, "Cabinet de soins des Essais"), doctor=False),
        subcontractor=make_professional(random, BIOLOGY, other),
        numbering=Numbering(f"{root}.{version}", f"{root}.0", version, f"{root}.{version - 1}" if corrected else None),
        order_number=f"{created:%Y}{random.randint(10**8, 10**9 - 1)}",
        ordered=(collected - timedelta(days=random.randint(0, 20))).date(),
        collected=collected,
        created=created,
        collection=random.random() < 0.6,
        validation=random.random() < 0.5,
        treating_doctor=random.random() < 0.3,
        recipient=random.random() < 0.2,
        device=("Automates du Témoin", "SIL Essai 7") if random.random() < 0.2 else None,
    )
