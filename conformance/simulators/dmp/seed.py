"""A record to rehearse searches in: its documents by status and visibility are known beforehand.

The identities are invented. The counts are those of no official test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from conformance.cda.reading import read_document
from conformance.exchange.cda_header import patient_cx as cx_of
from conformance.exchange.cda_header import read_patient
from conformance.exchange.metadata import names
from conformance.exchange.vihf import AccessMode
from conformance.generation.dmp import Note, Sender, lot_of, vihf_for, write_note
from conformance.generation.header import Numbering
from conformance.generation.people import make_doctor, make_patient
from conformance.simulators.dmp.gate import Visitor
from conformance.simulators.dmp.intake import Lot, feed
from conformance.simulators.dmp.model import DmpPatient, StoredAuthorisation
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.rights import UserKind
from conformance.simulators.dmp.store import Store
from conformance.simulators.dmp.users import User

_ROOT: Final = "1.2.250.1.999.77"
_GROUPS: Final = (
    ("visible", 31, (), names.APPROVED),
    ("masked", 7, ("MASQUE_PS",), names.APPROVED),
    ("hidden_from_patient", 5, ("INVISIBLE_PATIENT",), names.APPROVED),
    ("hidden_from_representatives", 3, ("INVISIBLE_REPRESENTANTS_LEGAUX",), names.APPROVED),
    ("archived", 4, (), names.ARCHIVED),
    ("deprecated", 6, (), names.DEPRECATED),
    ("deleted", 2, (), names.DELETED),
)


@dataclass(frozen=True, slots=True)
class SeededRecord:
    """The record that was made: its patient (CX), its attending doctor, an authorised one, and how many documents of each kind.

    Approved for the authorised doctor: all but the masked ones; for the attending doctor: all.
    """

    patient: str
    attending: str
    authorised: str
    counts: dict[str, int] = field(default_factory=dict)


def seed(store: Store) -> SeededRecord:
    """Make the record (once: a second call gives the same and adds nothing)."""
    random = Random("dmp-seed")
    patient, author, attending, other = (
        make_patient(random),
        make_doctor(random),
        make_doctor(random),
        make_doctor(random),
    )
    sender, day = Sender(author), datetime(2024, 1, 8, 9, tzinfo=UTC)
    cx, rank = "", 0
    counts = {name: count for name, count, _, _ in _GROUPS}
    with store.writing() as records:
        for _, count, visibility, status in _GROUPS:
            for _ in range(count):
                rank += 1
                numbering = Numbering(f"{_ROOT}.{rank}.1", f"{_ROOT}.{rank}")
                note = Note(patient, author, numbering, day + timedelta(days=rank), f"Consultation n° {rank}")
                data = write_note(note)
                if rank == 1:
                    clinical = read_document(data).clinical
                    assert clinical is not None
                    cx = cx_of(read_patient(clinical))
                    if records.patient(cx) is not None:
                        return SeededRecord(cx, attending.national_id, other.national_id, counts)
                    traits = patient.identity.traits
                    records.add_patient(
                        DmpPatient(
                            patient=cx, family=traits.birth_name or "", given=traits.first_given_name or "",
                            birth_date=traits.birth_date or "", sex=traits.sex or "",
                        )
                    )  # fmt: skip
                lot = lot_of(sender, [data], visibility=visibility)
                user = User(vihf_for(sender, cx), AccessMode.NORMAL, cx)
                record = records.patient(cx)
                assert record is not None
                visitor = Visitor(user, record, UserKind.DOCTOR, None, DmpOptions())
                for entry in feed(records, visitor, Lot(lot.objects, lot.documents)):
                    if status != names.APPROVED:
                        records.set_status(entry, status)
        records.authorise(StoredAuthorisation(patient=cx, holder=attending.national_id, attending=True, family=attending.family, given=attending.given))  # fmt: skip
        records.authorise(StoredAuthorisation(patient=cx, holder=other.national_id, family=other.family, given=other.given))  # fmt: skip
    return SeededRecord(cx, attending.national_id, other.national_id, counts)
