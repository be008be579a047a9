"""Any day of a practice, as a state machine of hypothesis: its rules are what may happen, each when it can.

What happens is written down as a ``Day``, which is shortened, kept and played again when the DMP does not hold what it
must. The first course that hypothesis plays is the plainest one: consultations that end, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from conformance.harness.dmp import DmpBench
from conformance.harness.dmp_day import Day, Event, Happening, Practice

STEPS: Final = 8
"""How many things happen in one course."""

Made = TypeVar("Made")
_WHICH: Final = st.integers(0, 5)


class DayCourse(RuleBasedStateMachine):
    """The events of a day, chosen one after the other; ``failed`` is told the day so far and what went wrong."""

    def __init__(self, desk: DmpBench, failed: Callable[[Day, Exception], NoReturn]) -> None:
        super().__init__()
        self._desk = desk
        self._failed = failed
        self._events: list[Event] = []
        self._fails = False
        desk.bench.story.example().__enter__()  # what it tells takes the place of what the course before told
        self.practice = self._watched(lambda: Practice(desk))

    def teardown(self) -> None:
        """The day ends: the DMP is back, and holds what it must."""
        self.practice.close()
        if not self._fails:
            self._watched(self.practice.finish)

    def _watched(self, work: Callable[[], Made]) -> Made:
        try:
            return work()
        except Exception as error:  # whose fault it is, is judged by whoever is told
            self._fails = True
            self._desk.dmp.outage(False)
            self._failed(Day(events=tuple(self._events)), error)

    def _happens(self, kind: Happening, which: int = 0) -> None:
        event = Event(kind=kind, which=which)
        self._events.append(event)
        self._watched(lambda: self.practice.step(event))

    # Rules of as many arguments are tried in the order of their names: the first is the plainest.

    @rule(which=_WHICH)
    def a_consultation_ends(self, which: int) -> None:
        """A document is validated."""
        self._happens(Happening.VALIDATE, which)

    @rule(which=_WHICH)
    def a_document_is_held_back(self, which: int) -> None:
        """One is validated, and the user holds it back."""
        self._happens(Happening.BLOCK, which)

    @rule(which=_WHICH)
    def a_document_is_masked(self, which: int) -> None:
        """One is validated, masked from professionals."""
        self._happens(Happening.MASK, which)

    @rule(which=_WHICH)
    def a_draft_is_left(self, which: int) -> None:
        """One is begun, and not validated."""
        self._happens(Happening.DRAFT, which)

    @rule(which=_WHICH)
    def a_patient_objects(self, which: int) -> None:
        """To the feeding of their record."""
        self._happens(Happening.OBJECT, which)

    @precondition(lambda self: self.practice.objecting)
    @rule(which=_WHICH)
    def a_patient_objects_no_more(self, which: int) -> None:
        """One who did, or another."""
        self._happens(Happening.ACCEPT, which)

    @precondition(lambda self: any(one.held for one in self.practice.free))
    @rule(which=_WHICH)
    def one_held_back_is_let_go(self, which: int) -> None:
        """The user lets it go to the DMP."""
        self._happens(Happening.RELEASE, which)

    @precondition(lambda self: self.practice.free)
    @rule(which=_WHICH)
    def one_is_deleted_from_the_dmp(self, which: int) -> None:
        """And stays in the record of the practice."""
        self._happens(Happening.REMOVE, which)

    @precondition(lambda self: self.practice.free)
    @rule(which=_WHICH)
    def one_is_deleted_from_the_record(self, which: int) -> None:
        """And so from the DMP."""
        self._happens(Happening.DELETE, which)

    @precondition(lambda self: self.practice.free)
    @rule(which=_WHICH)
    def one_is_replaced(self, which: int) -> None:
        """By its next version."""
        self._happens(Happening.REPLACE, which)

    @precondition(lambda self: not self.practice.down)
    @rule(_=_WHICH)
    def the_dmp_goes_down(self, _: int) -> None:
        """Nothing answers any more."""
        self._happens(Happening.OUTAGE)

    @precondition(lambda self: self.practice.down)
    @rule(_=_WHICH)
    def the_dmp_is_back(self, _: int) -> None:
        """It answers again."""
        self._happens(Happening.BACK)

    @precondition(lambda self: self.practice.may_restart)
    @rule(_=_WHICH)
    def the_product_restarts(self, _: int) -> None:
        """Once a day at most: it takes long."""
        self._happens(Happening.RESTART)
