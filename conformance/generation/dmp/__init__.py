"""What a product feeds into the DMP: short documents, and lots with their metadata, their VIHF, their signature."""

from conformance.generation.dmp.lots import Lot, Sender, deletion, lot_of, status_change, vihf_for, visibility_change
from conformance.generation.dmp.notes import Note, write_note

__all__ = [
    "Lot",
    "Note",
    "Sender",
    "deletion",
    "lot_of",
    "status_change",
    "vihf_for",
    "visibility_change",
    "write_note",
]
