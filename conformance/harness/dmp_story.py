"""What went over the wire to the DMP during a test, in its story: each request and its answer, and when it was down.

The proof is the wire: an auditor reads there what the product did, whatever the verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from conformance.core.language import Text
from conformance.harness.dmp import DmpBench
from conformance.simulators.journal import Entry

MOST_EXCHANGES: Final = 60
"""Requests of one test that are kept: the last ones, those of the example that is told."""
MOST_MOMENTS: Final = 120
"""Moments of one time line."""

_DEPOSITS: Final = ("dmp.td2.", "dmp.td3.3")
_GONE_WELL: Final = "Success"


@contextmanager
def wire_told(practice: DmpBench) -> Iterator[None]:
    """Tell at the end of a test what the DMP saw meanwhile; only this test may use the DMP."""
    mark = practice.dmp.journal.last
    try:
        yield
    finally:
        seen = practice.dmp.journal.entries("dmp.", after=mark, bodies=True)
        _keep_exchanges(practice, seen)
        _tell_times(practice, [*seen, *practice.dmp.journal.entries("outage.", after=mark)])


def _keep_exchanges(practice: DmpBench, seen: Sequence[Entry]) -> None:
    story = practice.bench.story
    requests = [one for one in seen if one.body is not None and one.event != "dmp.answered"][-MOST_EXCHANGES:]
    answers = {one.session: one for one in seen if one.event == "dmp.answered"}
    if not requests:
        return
    with story.step(Text("Ce que le DMP a vu passer", "What the DMP saw")):
        for number, request in enumerate(requests, start=1):
            name = f"{number:02d}-{request.event.removeprefix('dmp.')}"
            story.attach(f"{name}.http", request.body or b"", "message/http", role="received")
            answer = answers.get(request.session) or answers.get(str(request.number))
            if answer is not None and answer.body is not None:
                kind = str(answer.facts["content_type"])
                ending = "mime" if kind.startswith("multipart/") else "xml"
                story.attach(f"{name}-answer.{ending}", answer.body, kind, role="sent")


def _tell_times(practice: DmpBench, seen: Sequence[Entry]) -> None:
    """The deposits and the outages as a time line, where there was an outage to show."""
    began: Entry | None = None
    told: list[tuple[str, str | None, str, str]] = []
    for one in sorted(seen, key=lambda entry: entry.number):
        at = one.at.isoformat()
        if one.event == "outage.began":
            began = began or one
        elif one.event == "outage.ended" and began is not None:
            told.append((began.at.isoformat(), at, "outage", "DMP"))
            began = None
        elif one.event == "dmp.unavailable":
            told.append((at, None, "unanswered", "–"))
        elif one.event.startswith(_DEPOSITS):
            state = "accepted" if one.facts.get("outcome") == _GONE_WELL else "refused"
            told.append((at, None, state, one.event.removeprefix("dmp.").upper()))
    if not any(state == "outage" for _, _, state, _ in told):
        return
    for start, end, state, label in told[-MOST_MOMENTS:]:
        practice.bench.story.figure(
            "dmp-times", 1, at=start, until=end, state=state, label=label,
            title=Text("Dépôts au DMP et pannes", "Deposits in the DMP and outages"),
        )  # fmt: skip
