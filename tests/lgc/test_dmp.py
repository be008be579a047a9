"""What the reference product decides about the DMP by itself, without a DMP to speak to."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from conformance.harness.records import file_for
from conformance.lgc.practice import Practice
from conformance.lgc.refusals import Refused
from conformance.sut.contract import (
    DmpAccess,
    DmpQuery,
    DocumentRequest,
    DocumentView,
    Endpoint,
    EventKind,
    FeedingChoice,
    FeedingState,
    InsStatus,
    Oppositions,
    Settings,
    Visibility,
)
from tests.lgc.conftest import practice_with

NOWHERE = Endpoint(url="https://127.0.0.1:9/si-dmp-server/v2/services")
"""A port that nothing answers at: what is fed waits."""


@pytest.fixture
def connected() -> Iterator[Practice]:
    made = practice_with()
    made.configure(Settings(dmp=NOWHERE))
    yield made
    made.store.close()


def _validated(practice: Practice, status: InsStatus = InsStatus.QUALIFIEE, **choice: object) -> DocumentView:
    patient = practice.create_patient(file_for(Random(1), status=status))
    draft = practice.generate_document(patient.patient_id, DocumentRequest(type="vsm"))
    if choice:
        practice.choose_feeding(draft.document_id, FeedingChoice(**choice))  # type: ignore[arg-type]  # by name
    return practice.validate_document(draft.document_id)


def test_without_a_dmp_nothing_waits(practice: Practice) -> None:
    assert _validated(practice).feeding is FeedingState.NOT_CONCERNED
    assert practice.outgoing() == ()


def test_a_validated_document_waits_for_the_dmp(connected: Practice) -> None:
    view = _validated(connected)
    assert view.feeding is FeedingState.PENDING
    assert [one.document_id for one in connected.outgoing()] == [view.document_id]
    kinds = [event.kind for event in connected.document_history(view.document_id)]
    assert kinds == [EventKind.VALIDATED, EventKind.QUEUED]


def test_a_blocked_document_gives_no_order(connected: Practice) -> None:
    assert _validated(connected, blocked=True).feeding is FeedingState.BLOCKED
    assert connected.outgoing() == ()


@pytest.mark.parametrize("status", [InsStatus.PROVISOIRE, InsStatus.RECUPEREE, InsStatus.VALIDEE])
def test_an_unqualified_identity_gives_no_order(connected: Practice, status: InsStatus) -> None:
    assert _validated(connected, status).feeding is FeedingState.NOT_CONCERNED
    assert connected.outgoing() == ()


def test_a_document_that_is_no_draft_is_not_hidden_from_the_patient_later(connected: Practice) -> None:
    view = _validated(connected)
    connected.feeding.book.set_state(view.document_id, FeedingState.SENT)
    with pytest.raises(Refused, match="redevient"):
        connected.choose_feeding(view.document_id, FeedingChoice(visibility=Visibility(hidden_from_patient=True)))


def test_a_document_that_is_not_in_the_dmp_is_not_deleted_there(connected: Practice) -> None:
    view = _validated(connected, blocked=True)
    with pytest.raises(Refused, match="pas dans le DMP"):
        connected.remove_from_dmp(view.document_id)


def test_consultation_is_refused_when_the_patient_objects(connected: Practice) -> None:
    patient_id = _validated(connected).patient_id
    connected.set_oppositions(patient_id, Oppositions(dmp_consultation=True))
    with pytest.raises(Refused, match="refuse"):
        connected.search_dmp(patient_id, DmpQuery())


def test_an_emergency_is_explained(connected: Practice) -> None:
    patient_id = _validated(connected).patient_id
    with pytest.raises(Refused, match="motive"):
        connected.search_dmp(patient_id, DmpQuery(access=DmpAccess.EMERGENCY))


def test_a_dmp_that_does_not_answer_is_told_to_who_waits(connected: Practice) -> None:
    patient_id = _validated(connected).patient_id
    with pytest.raises(Refused, match="ne répond pas"):
        connected.search_dmp(patient_id, DmpQuery())
    assert connected.open_record(patient_id).has_dmp is None
