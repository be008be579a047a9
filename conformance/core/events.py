"""The event stream: all that a run says, in order, before any view of it.

A run emits a header, then events, then a footer; a stream without a footer was interrupted. The run
report is their sum (``conformance/reporting``), and every view is derived from it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The kinds of event."""

    RUN_STARTED = "run_started"
    TEST_STARTED = "test_started"
    STEP = "step"
    EVIDENCE = "evidence"
    FINDING = "finding"
    FIGURE = "figure"
    TEST_FINISHED = "test_finished"
    RUN_FINISHED = "run_finished"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when (UTC), what, in which test, with which details (JSON values)."""

    kind: Kind
    at: datetime
    test: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The event as one line of the stream."""
        return {"kind": str(self.kind), "at": self.at.isoformat(), "test": self.test, "details": self.details}


Listener = Callable[[Event], None]


class EventStream:
    """Emits events to its listeners, in order, from any thread."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` with every event from now on."""
        self._listeners.append(listener)

    def emit(self, kind: Kind, test: str | None = None, **details: Any) -> Event:
        """Say that something happened now."""
        event = Event(kind, datetime.now(UTC), test, details)
        with self._lock:
            for listener in self._listeners:
                listener(event)
        return event
