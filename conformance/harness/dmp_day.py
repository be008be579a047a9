"""A day of a practice as a sequence of events, and what the DMP must hold at its end: nothing missing, twice or forbidden.

Any sequence is a possible day: an event that makes no sense at its moment (to replace a document when there is none)
does nothing. What the sources leave open is allowed either way: a document validated before an objection that was
lifted since may have gone or not; a version that was replaced before it ever left may be there, replaced, or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from conformance.core.language import Text
from conformance.exchange.metadata import names
from conformance.harness.bench import Bench
from conformance.harness.dmp import Case, DmpBench
from conformance.harness.judgement import Unmet
from conformance.sut.codec import model
from conformance.sut.contract import DocumentView, FeedingChoice, Oppositions, Visibility

PATIENTS: Final = 3
LONG_TERM: Final = frozenset({0, 2})
"""Which of them are in the scheme of long-term conditions (ALD)."""


class Happening(StrEnum):
    """What may happen. ``which`` of an event chooses the patient, or the document, round the list of those there are."""

    DRAFT = "draft"
    VALIDATE = "validate"
    BLOCK = "block"
    MASK = "mask"
    RELEASE = "release"
    REPLACE = "replace"
    REMOVE = "remove"
    DELETE = "delete"
    OBJECT = "object"
    ACCEPT = "accept"
    OUTAGE = "outage"
    BACK = "back"
    RESTART = "restart"


@model
class Event:
    """One event."""

    kind: Happening
    which: int = 0


@model
class Day:
    """The events of a day, in order."""

    events: tuple[Event, ...]


def _day(*events: tuple[Happening, int]) -> Day:
    return Day(events=tuple(Event(kind=kind, which=which) for kind, which in events))


FULL_DAY: Final = _day(
    (Happening.DRAFT, 0), (Happening.VALIDATE, 0), (Happening.VALIDATE, 0), (Happening.MASK, 0), (Happening.BLOCK, 0),
    (Happening.VALIDATE, 1), (Happening.REPLACE, 1), (Happening.REMOVE, 1), (Happening.OBJECT, 1),
    (Happening.VALIDATE, 1), (Happening.ACCEPT, 1), (Happening.VALIDATE, 1), (Happening.RELEASE, 1),
    (Happening.OUTAGE, 0), (Happening.VALIDATE, 0), (Happening.VALIDATE, 1), (Happening.RESTART, 0),
    (Happening.BACK, 0), (Happening.DELETE, 8), (Happening.VALIDATE, 0), (Happening.VALIDATE, 2),
)  # fmt: skip
"""A day in which everything happens."""


def shorter(day: Day) -> Iterator[Day]:
    """The day without one of its events."""
    for index in range(len(day.events)):
        yield Day(events=day.events[:index] + day.events[index + 1 :])


# What must be there -----------------------------------------------------------------------------------------

_IN_FORCE: Final = frozenset({names.APPROVED})
_REPLACED: Final = frozenset({names.DEPRECATED})
_DELETED: Final = frozenset({names.DELETED})
_NOWHERE: Final = frozenset({None})


@dataclass
class _Document:
    """A document of the day. ``allowed``: the statuses that it may have in the DMP (``None``: it is not there)."""

    case: Case
    view: DocumentView
    allowed: frozenset[str | None] = _NOWHERE
    masked: bool = False
    draft: bool = False
    held: bool = False
    waiting: bool = False
    closed: bool = False
    """Replaced, deleted, or uncertain: nothing more happens to it."""
    former: _Document | None = None


class Practice:
    """Plays a day, and knows what the DMP must hold."""

    def __init__(self, bench: DmpBench) -> None:
        self.desk = bench
        self.product = bench.bench.product
        self.cases = [bench.admit(long_term_condition=rank in LONG_TERM) for rank in range(PATIENTS)]
        self.objecting: set[str] = set()
        self.documents: list[_Document] = []
        self.down = False
        self.restarted = False

    @property
    def may_restart(self) -> bool:
        """Whether the product can be restarted, and was not today."""
        return self.desk.can_restart and not self.restarted

    def play(self, day: Day) -> None:
        """Let the events happen one after the other, then demand that the DMP holds exactly what it must."""
        try:
            for event in day.events:
                self.step(event)
        finally:
            self.close()
        self.finish()

    def step(self, event: Event) -> None:
        """Let one event happen, then demand that the DMP comes to hold what it must now."""
        self._happen(event)
        if not self.down:
            self._settle()
        elif any(one.waiting for one in self.documents):
            self.desk.failed_tries(self.desk.dmp.journal.last, 1)

    def close(self) -> None:
        """The DMP is back, whatever happened."""
        self.desk.dmp.outage(False)
        self.down = False
        for one in self.documents:
            one.waiting = False

    def finish(self) -> None:
        """The day is over and the DMP is back: demand that it holds exactly what it must."""
        self._settle()
        self.desk.witness()
        self._demand_exactly()

    @property
    def free(self) -> list[_Document]:
        """The documents that something may still happen to."""
        return [one for one in self.documents if not one.closed]

    # Events

    def _happen(self, event: Event) -> None:
        kind, case = event.kind, self.cases[event.which % PATIENTS]
        if kind is Happening.DRAFT:
            self.documents.append(_Document(case, self.desk.draft(case), draft=True, closed=True))
        elif kind in (Happening.VALIDATE, Happening.BLOCK, Happening.MASK):
            self._validate(kind, case)
        elif kind is Happening.OBJECT:
            self._object(case)
        elif kind is Happening.ACCEPT:
            self.objecting.discard(case.id)
            self.product.set_oppositions(case.id, Oppositions())
        elif kind is Happening.OUTAGE or kind is Happening.BACK:
            self.down = kind is Happening.OUTAGE
            self.desk.dmp.outage(self.down)
            for one in self.documents if not self.down else ():
                one.waiting = False
        elif kind is Happening.RESTART:
            if self.desk.can_restart:
                self.desk.restart()
                self.restarted = True
        else:
            self._change(kind, event.which)

    def _validate(self, kind: Happening, case: Case) -> None:
        draft = self.desk.draft(case)
        choice = FeedingChoice(
            blocked=kind is Happening.BLOCK, visibility=Visibility(masked_to_professionals=kind is Happening.MASK)
        )
        if kind is not Happening.VALIDATE:
            self.product.choose_feeding(draft.document_id, choice)
        view = self.product.validate_document(draft.document_id)
        self._validated(_Document(case, view, held=kind is Happening.BLOCK, masked=kind is Happening.MASK))

    def _validated(self, made: _Document) -> None:
        self.documents.append(made)
        if made.held:
            return
        if made.case.id in self.objecting:
            made.closed = True
            return
        made.allowed = _IN_FORCE
        made.waiting = self.down

    def _object(self, case: Case) -> None:
        self.objecting.add(case.id)
        self.product.set_oppositions(case.id, Oppositions(dmp_feeding=True))
        for one in self.documents:
            if one.case is case and one.waiting and one.allowed == _IN_FORCE:
                # Lifted before the end of the outage, the objection may have held it back or not.
                one.allowed, one.closed = frozenset({None, names.APPROVED}), True

    def _change(self, kind: Happening, which: int) -> None:
        free = self.free
        one = free[which % len(free)] if free else None
        if one is None or one.case.id in self.objecting:
            return
        if kind is Happening.RELEASE and one.held:
            self.product.choose_feeding(one.view.document_id, FeedingChoice())
            one.held, one.allowed, one.waiting = False, _IN_FORCE, self.down
        elif kind is Happening.REPLACE:
            view = self.desk.validate(one.case, one.view)
            self._close(one, frozenset({None, names.DEPRECATED}) if one.waiting else _REPLACED)
            self._validated(_Document(one.case, view, former=one))
        elif kind is Happening.REMOVE and not one.held and not (one.waiting and one.former):
            self.product.remove_from_dmp(one.view.document_id)
            self._delete(one)
        elif kind is Happening.DELETE and not (one.waiting and one.former):
            self.product.delete_document(one.view.document_id)
            self._delete(one)

    def _delete(self, one: _Document) -> None:
        self._close(one, frozenset({None, names.DELETED}) if one.waiting else _DELETED)
        former = one.former
        while former is not None:  # the versions that it replaced go with it
            if names.DEPRECATED in former.allowed:
                former.allowed = former.allowed - _REPLACED | _DELETED
            former = former.former

    def _close(self, one: _Document, allowed: frozenset[str | None]) -> None:
        one.closed = True
        if not one.held:
            one.allowed = allowed

    # What is there

    def _settle(self) -> None:
        """Wait until the DMP holds what it must hold now; fail when it does not come to that."""
        if not self.desk.comes(lambda: not any(self._wrong())):
            self._demand_exactly()

    def _wrong(self) -> Iterator[Text]:
        """Everything in the DMP that is not as it must be."""
        for case in self.cases:
            yield from self._wrong_for(case)

    def _wrong_for(self, case: Case) -> Iterator[Text]:
        there = {entry.unique_id: entry for entry in self.desk.entries(case)}
        for rank, one in enumerate(self.documents, start=1):
            if one.case is not case:
                continue
            entry = there.pop(one.view.unique_id or "", None)
            status = entry.status if entry else None
            allowed = self._allowed(one)
            if status not in allowed:
                wanted, found = " / ".join(sorted(map(_word, allowed))), _word(status)
                yield Text(
                    f"Document n° {rank} de la journée : dans le DMP il est « {found} » ; attendu : {wanted}.",
                    f"Document no. {rank} of the day: in the DMP it is “{found}”; expected: {wanted}.",
                )
            elif entry is not None and status == names.APPROVED and entry.masked != one.masked:
                yield Text(
                    f"Document n° {rank} de la journée : masqué = {entry.masked} ; choisi : {one.masked}.",
                    f"Document no. {rank} of the day: masked = {entry.masked}; chosen: {one.masked}.",
                )
        for entry in there.values():
            yield Text(
                f"Le DMP contient un document que personne n'a validé ({_word(entry.status)}).",
                f"The DMP holds a document that nobody validated ({_word(entry.status)}).",
            )

    def _allowed(self, one: _Document) -> frozenset[str | None]:
        if one.case.id in self.objecting and None in one.allowed:
            return one.allowed - _IN_FORCE
        return one.allowed

    def _demand_exactly(self) -> None:
        said = next(iter(self._wrong()), None)
        if said is not None:
            raise Unmet(said)

    def rates(self) -> Rates:
        """The figures of the day."""
        ended = [one for one in self.documents if not one.draft]
        due = [one for one in ended if None not in one.allowed]
        fed = [one for one in ended if self.desk.status(one.case, one.view) is not None]
        chronic = [self.cases[rank].id for rank in sorted(LONG_TERM)]
        summed_up = {one.case.id for one in fed if self.desk.status(one.case, one.view) == names.APPROVED}
        return Rates(
            due=len(due),
            fed=sum(one in due for one in fed),
            consultations=len(ended),
            consultations_fed=len(fed),
            chronic=len(chronic),
            chronic_fed=len(summed_up.intersection(chronic)),
        )


@dataclass(frozen=True, slots=True)
class Rates:
    """Figures of a day: documents due and fed; consultations (each ends with a document) and those that fed the DMP;
    patients in the scheme of long-term conditions, and those of whom a document is in force in the DMP.
    """

    due: int
    fed: int
    consultations: int
    consultations_fed: int
    chronic: int
    chronic_fed: int

    def tell(self, bench: Bench) -> None:
        """Say them beside the verdict, whatever it is: of a day that fails, those of its events until then.

        The targets are those of the national convention of the doctors.
        """
        summaries = self.chronic if bench.options["document"] == "vsm" else 0
        figures = (
            ("dmp-fed", self.fed, self.due,
             Text("Documents déposés, sur ceux qui devaient l’être", "Documents fed, of those due")),
            ("dmp-consultations", self.consultations_fed, self.consultations,
             Text("Consultations qui ont alimenté le DMP (convention : 20 %)",
                  "Consultations that fed the DMP (convention: 20%)")),
            ("dmp-summaries", self.chronic_fed, summaries,
             Text("Patients en ALD dont un VSM est au DMP (convention : 50 %, puis 90 %)",
                  "Patients with a long-term condition (ALD) and a VSM in the DMP (convention: 50%, then 90%)")),
        )  # fmt: skip
        for name, value, total, title in figures:
            if total:
                bench.story.figure(name, value, total=total, title=title)


_WORDS: Final = {
    None: "absent",
    names.APPROVED: "Approved",
    names.DEPRECATED: "Deprecated",
    names.ARCHIVED: "Archived",
    names.DELETED: "Deleted",
}


def _word(status: str | None) -> str:
    return _WORDS.get(status, str(status))
