"""What the processes of a run said, put in order."""

from __future__ import annotations

from pathlib import Path

from conformance.core.events import Event, read_event_file
from conformance.core.evidence import EVENTS_FOLDER


def read_events(folder: Path) -> list[Event]:
    """The events of all processes of the run in ``folder``, by date; those of one process keep their order.

    Raises ``ValueError`` when an event file is damaged before its end.
    """
    files = sorted((folder / EVENTS_FOLDER).glob("*.ndjson"))
    return sorted((event for path in files for event in read_event_file(path)), key=lambda event: event.at)
