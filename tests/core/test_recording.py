"""The event stream and its files: what is said is kept, in order, from any thread and process."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from conformance.core.events import Event, EventFile, EventStream, Kind, read_event_file
from conformance.core.evidence import EvidenceStore, extension_for


def test_event_reads_back_from_its_line() -> None:
    event = EventStream().emit(Kind.FIGURE, "a::b", name="x", value=1.5)
    assert Event.from_json(event.to_json()) == event


def test_file_keeps_the_order_of_many_threads(tmp_path: Path) -> None:
    stream = EventStream()
    file = EventFile(tmp_path / "main.ndjson")
    stream.listen(file)
    threads = [
        threading.Thread(target=lambda name=name: [stream.emit(Kind.STEP, name, number=n) for n in range(50)])
        for name in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file.close()
    events = list(read_event_file(tmp_path / "main.ndjson"))
    assert len(events) == 200
    assert [event.at for event in events] == sorted(event.at for event in events)


@pytest.mark.parametrize(
    ("media_type", "extension"),
    [("text/xml; charset=utf-8", ".xml"), ("application/zip", ".zip"), ("application/x-nothing", ".bin")],
)
def test_evidence_has_the_extension_of_its_type(media_type: str, extension: str) -> None:
    assert extension_for(media_type) == extension


def test_evidence_is_kept_octet_for_octet(tmp_path: Path) -> None:
    data = bytes(range(256))
    store = EvidenceStore(tmp_path)
    stored = store.put(data, "application/octet-stream")
    assert store.get(stored.path) == data
    assert stored.size == 256
    assert store.put(data, "application/octet-stream") == stored
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(stored.path).name]
