"""Whatever the order of what a practice does, the record holds what a simple model says."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from lxml import etree

from conformance.exchange.metadata import RegistryObjects, names
from conformance.exchange.metadata.rim import read_document_entry
from conformance.exchange.vihf import AccessMode
from conformance.generation.dmp import Note, Sender, lot_of, status_change, vihf_for, visibility_change, write_note
from conformance.generation.dmp.lots import new_oid
from conformance.generation.header import Numbering
from conformance.generation.people import make_doctor, make_patient
from conformance.simulators.dmp.changes import change
from conformance.simulators.dmp.gate import visit
from conformance.simulators.dmp.intake import Lot, feed
from conformance.simulators.dmp.model import DmpPatient, StoredAuthorisation
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.refusals import Refused
from conformance.simulators.dmp.store import Duplicate, Store
from conformance.simulators.dmp.users import User
from tests.simulators.dmp.practice import cx

PATIENT, DOCTOR = make_patient(Random("model")), make_doctor(Random("model"))
SENDER, INS = Sender(DOCTOR), cx(PATIENT)


@dataclass(frozen=True)
class Known:
    """A document as the model knows it; ``lineage`` are the documents that it replaces, newest first."""

    status: str
    masked: bool = False
    hidden: bool = False
    lineage: tuple[str, ...] = ()


class Record(RuleBasedStateMachine):
    documents = Bundle("documents")

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store.in_folder(Path(self.folder.name))
        self.known: dict[str, Known] = {}
        self.notes: dict[str, Note] = {}
        with self.store.writing() as records:
            records.add_patient(DmpPatient(patient=INS))
            records.authorise(StoredAuthorisation(patient=INS, holder=DOCTOR.national_id))

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def attempt(self, work: Any) -> bool:
        """Do it as the doctor; ``False`` when the record refuses."""
        try:
            with self.store.writing() as records:
                visitor = visit(records, User(vihf_for(SENDER, INS), AccessMode.NORMAL, INS), DmpOptions(), lock=True)
                work(records, visitor)
        except (Refused, Duplicate):
            return False
        return True

    def entry_id(self, unique_id: str) -> str:
        with self.store.reading() as records:
            entry = records.current(unique_id)
        assert entry is not None
        return entry.id

    def send(self, note: Note, target: str = "", visibility: tuple[str, ...] = ()) -> bool:
        replaced = [self.entry_id(target)] if target else []
        lot = lot_of(SENDER, [write_note(note)], replaces=replaced, visibility=visibility)
        return self.attempt(lambda records, visitor: feed(records, visitor, Lot(lot.objects, lot.documents)))

    @rule(target=documents, visibility=st.sampled_from([(), ("MASQUE_PS",), ("INVISIBLE_PATIENT",)]))
    def feeds(self, visibility: tuple[str, ...]) -> str:
        root = new_oid()
        note = Note(PATIENT, DOCTOR, Numbering(f"{root}.1", root), datetime(2026, 1, 1, tzinfo=UTC))
        assert self.send(note, visibility=visibility)
        self.notes[f"{root}.1"] = note
        self.known[f"{root}.1"] = Known(names.APPROVED, "MASQUE_PS" in visibility, "INVISIBLE_PATIENT" in visibility)
        return f"{root}.1"

    @rule(one=documents)
    def feeds_again(self, one: str) -> None:
        assert not self.send(self.notes[one])

    @rule(target=documents, one=documents, hide=st.booleans())
    def replaces(self, one: str, hide: bool) -> str:
        old, note = self.known[one], self.notes[one]
        root = note.numbering.set_id
        number = max(known.numbering.version for known in self.notes.values() if known.numbering.set_id == root) + 1
        new = replace(note, numbering=Numbering(f"{root}.{number}", root, number, one))
        done = self.send(new, one, ("INVISIBLE_PATIENT",) if hide else ())
        assert done == (old.status == names.APPROVED and (old.hidden or not hide))
        if not done:
            return one
        self.known[one] = replace(old, status=names.DEPRECATED)
        self.known[f"{root}.{number}"] = Known(names.APPROVED, False, hide, (one, *old.lineage))
        self.notes[f"{root}.{number}"] = new
        return f"{root}.{number}"

    @rule(one=documents, after=st.sampled_from([names.APPROVED, names.ARCHIVED, names.DELETED, names.DEPRECATED]))
    def moves(self, one: str, after: str) -> None:
        old = self.known[one]
        objects = status_change(SENDER, INS, self.entry_id(one), old.status, after)
        done = self.attempt(lambda records, visitor: change(records, visitor, objects))
        legal = {(names.APPROVED, names.ARCHIVED), (names.ARCHIVED, names.APPROVED), (names.APPROVED, names.DELETED), (names.ARCHIVED, names.DELETED)}  # fmt: skip
        assert done == ((old.status, after) in legal)
        if done:
            self.known[one] = replace(old, status=after)
            for former in old.lineage if after == names.DELETED else ():
                self.known[former] = replace(self.known[former], status=names.DELETED)

    @rule(one=documents, masked=st.booleans(), hidden=st.booleans())
    def shows(self, one: str, masked: bool, hidden: bool) -> None:
        old = self.known[one]
        with self.store.reading() as records:
            entry = records.current(one)
        assert entry is not None
        codes = [code for code, wanted in (("MASQUE_PS", masked), ("INVISIBLE_PATIENT", hidden)) if wanted]
        objects: RegistryObjects = visibility_change(
            SENDER, INS, read_document_entry(etree.fromstring(entry.xml)), codes
        )
        done = self.attempt(lambda records, visitor: change(records, visitor, objects))
        alive = old.status in (names.APPROVED, names.ARCHIVED)
        changes = (masked, hidden) != (old.masked, old.hidden)
        assert done == (alive and changes and not (hidden and not old.hidden) and not (masked and hidden))
        if done:
            self.known[one] = replace(old, masked=masked, hidden=hidden)

    @invariant()
    def the_record_is_the_model(self) -> None:
        if not hasattr(self, "known"):
            return
        statuses = (names.APPROVED, names.ARCHIVED, names.DEPRECATED, names.DELETED)
        with self.store.reading() as records:
            held = records.entries_of(INS, statuses=statuses, signatures=False)
        found = {entry.unique_id: (entry.status, entry.masked, entry.hidden_from_patient) for entry in held}
        assert len(found) == len(held)
        assert found == {key: (one.status, one.masked, one.hidden) for key, one in self.known.items()}
        for entry in held:
            assert f'status="{entry.status}"' in entry.xml


TestRecord = Record.TestCase
TestRecord.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
