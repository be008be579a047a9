"""The store, against a model of it: whatever is done, folders hold what they should and nothing is left behind."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from conformance.simulators.mssante.model import Mailbox
from conformance.simulators.mssante.store import Folder, Store

FOLDERS = ("INBOX", "Sent", "Trash")
folders = st.sampled_from(FOLDERS)


class Mail(RuleBasedStateMachine):
    """Adds, copies, moves, flags and removes; reopens now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = tempfile.TemporaryDirectory()
        self.path = Path(self.temporary.name)
        self.store = Store(self.path)
        self.store.add_mailbox(Mailbox("a@quai.mssante.fr"))
        self.model: dict[str, dict[int, tuple[bytes, str]]] = {name: {} for name in FOLDERS}
        self.highest = dict.fromkeys(FOLDERS, 0)

    def teardown(self) -> None:
        self.store.close()
        self.temporary.cleanup()

    def folder(self, name: str) -> Folder:
        found = self.store.folder("a@quai.mssante.fr", name)
        assert found is not None
        return found

    def new(self, name: str, uid: int, message: tuple[bytes, str]) -> None:
        assert uid > self.highest[name], "a UID must never come back"
        self.highest[name] = uid
        self.model[name][uid] = message

    @rule(names=st.sets(folders, min_size=1), data=st.binary(max_size=20), flags=st.sampled_from(["", "\\Seen"]))
    def add(self, names: set[str], data: bytes, flags: str) -> None:
        targets = sorted(names)
        uids = self.store.add([self.folder(name) for name in targets], data, flags.split())
        for name, uid in zip(targets, uids, strict=True):
            self.new(name, uid, (data, flags))

    @rule(source=folders, to=folders, move=st.booleans(), data=st.data())
    def copy(self, source: str, to: str, move: bool, data: st.DataObject) -> None:
        uids = sorted(data.draw(st.sets(st.sampled_from(sorted(self.model[source]))))) if self.model[source] else []
        made = self.store.copy(self.folder(source), uids, self.folder(to), move)
        copied = [self.model[source][uid] for uid in uids]
        for uid in uids if move else ():
            del self.model[source][uid]
        for uid, message in zip(made, copied, strict=True):
            self.new(to, uid, message)

    @rule(name=folders, data=st.data())
    def expunge(self, name: str, data: st.DataObject) -> None:
        if self.model[name]:
            uid = data.draw(st.sampled_from(sorted(self.model[name])))
            self.store.expunge(self.folder(name).id, [uid])
            del self.model[name][uid]

    @rule(name=folders, flags=st.sampled_from(["", "\\Seen", "\\Seen \\Deleted"]))
    def flag(self, name: str, flags: str) -> None:
        self.store.set_flags(self.folder(name).id, {uid: flags.split() for uid in self.model[name]})
        self.model[name] = {uid: (data, flags) for uid, (data, _) in self.model[name].items()}

    @rule(name=folders)
    def renumber(self, name: str) -> None:
        before = self.folder(name).validity
        self.store.renew_validity(self.folder(name))
        assert self.folder(name).validity > before
        messages = [self.model[name][uid] for uid in sorted(self.model[name])]
        self.model[name] = dict(enumerate(messages, 1))
        self.highest[name] = len(messages)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store(self.path)

    @invariant()
    def folders_hold_what_they_should(self) -> None:
        size = 0
        for name in FOLDERS:
            folder = self.folder(name)
            assert self.store.index(folder.id) == [(uid, self.model[name][uid][1]) for uid in sorted(self.model[name])]
            for uid, (data, _) in self.model[name].items():
                found = self.store.message(folder.id, uid)
                assert found is not None
                assert found.data == data
                size += len(data)
        assert self.store.used("a@quai.mssante.fr") == size

    @invariant()
    def nothing_is_left_behind(self) -> None:
        with sqlite3.connect(self.path / "mail.sqlite") as db:
            kept = db.execute("SELECT count(*) FROM content").fetchone()[0]
            used = db.execute("SELECT count(DISTINCT content) FROM message").fetchone()[0]
        db.close()
        assert kept == used


TestMail = Mail.TestCase
TestMail.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
