"""The selected folder as one client knows it: sequence numbers stay what it was told until it is told otherwise."""

from __future__ import annotations

from bisect import bisect_left

from conformance.simulators.mssante.imap.parsing import sequence
from conformance.simulators.mssante.store import Folder, Store


class View:
    """The numbers and flags that a client was told of a folder."""

    def __init__(self, store: Store, folder: Folder, read_only: bool) -> None:
        self.folder = folder
        self.read_only = read_only
        self._store = store
        self._version = store.version(folder.id)
        self._flags: dict[int, str] = dict(store.index(folder.id))
        self.uids: list[int] = list(self._flags)

    def number(self, uid: int) -> int:
        """The sequence number of a message that is known."""
        return bisect_left(self.uids, uid) + 1

    def flags(self, uid: int) -> str:
        """The flags as told."""
        return self._flags.get(uid, "")

    def told(self, uid: int, flags: str) -> None:
        """The client was just told these flags."""
        self._flags[uid] = flags

    def chosen(self, text: str, by_uid: bool) -> list[int]:
        """The UIDs that a sequence set names."""
        if by_uid:
            return sequence(text, self.uids[-1] if self.uids else 0, self.uids)
        numbers = sequence(text, len(self.uids), range(1, len(self.uids) + 1))
        return [self.uids[number - 1] for number in numbers]

    def news(self, removals: bool) -> list[bytes]:
        """What the client must be told since last time; removals only when the command allows them."""
        version = self._store.version(self.folder.id)
        if version == self._version:
            return []
        now = dict(self._store.index(self.folder.id))
        said: list[bytes] = []
        gone = [uid for uid in self.uids if uid not in now]
        if removals:
            for uid in reversed(gone):
                said.append(b"* %d EXPUNGE" % self.number(uid))
                self.uids.remove(uid)
                self._flags.pop(uid, None)
        last = self.uids[-1] if self.uids else 0
        fresh = [uid for uid in now if uid > last]
        if fresh:
            self.uids += fresh
            said.append(b"* %d EXISTS" % len(self.uids))
            self._flags.update((uid, now[uid]) for uid in fresh)
        for uid, flags in now.items():
            if self._flags.get(uid) != flags:
                self._flags[uid] = flags
                said.append(b"* %d FETCH (UID %d FLAGS (%s))" % (self.number(uid), uid, flags.encode()))
        if removals or not gone:
            self._version = version
        return said
