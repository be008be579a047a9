"""What a received document is to those already there: new, known, newer, older.

Sources: CI-SIS Structuration minimale §3.5.5.10 (same id: reject; same setId and version: reject; another version may
be stored, and never hides a higher one); SC.CDA/INT.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.sut.contract import DocumentStatus, DocumentView


class Standing(StrEnum):
    """What a document is to the record."""

    NEW = "new"
    NEWER = "newer"
    OLDER = "older"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Placement:
    """What to do with a document: its status in the record (``None``: it stays out), and which are replaced by it."""

    standing: Standing
    status: DocumentStatus | None
    replaced: tuple[DocumentView, ...] = ()


class Versions:
    """Decides from identifiers and version numbers."""

    def place(
        self,
        new: DocumentView,
        known: DocumentView | None,
        versions: list[DocumentView],
        named: list[DocumentView],
        *,
        superseded: bool = False,
    ) -> Placement:
        """``known``: the document of the same id; ``versions``: those of the same set; ``named``: those that the new
        one says it replaces; ``superseded``: a document of the record says that it replaces the new one.
        """
        if known is not None:
            return self.twice()
        if self.same_version(new, versions):
            return self.twice()
        if superseded or any(_number(other) > _number(new) for other in versions):
            return self.late()
        current = tuple(other for other in (*versions, *named) if other.status is DocumentStatus.CURRENT)
        if current or versions:
            return self.newer(current)
        return Placement(Standing.NEW, DocumentStatus.CURRENT)

    def same_version(self, new: DocumentView, versions: list[DocumentView]) -> bool:
        """Whether this version of the document is there already, be it under another id."""
        return any(other.version_number == new.version_number for other in versions)

    def twice(self) -> Placement:
        """A document that is there already."""
        return Placement(Standing.KNOWN, None)

    def late(self) -> Placement:
        """A version older than one that is there: kept, and never shown as current."""
        return Placement(Standing.OLDER, DocumentStatus.REPLACED)

    def newer(self, current: tuple[DocumentView, ...]) -> Placement:
        """A version newer than those that are there."""
        return Placement(Standing.NEWER, DocumentStatus.CURRENT, current)


def _number(view: DocumentView) -> int:
    return view.version_number if view.version_number is not None else 1
