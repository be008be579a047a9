"""Conversations with patients: who may answer, and until when."""

from __future__ import annotations

import pytest

from conformance.exchange.mail import read_message
from conformance.simulators.mssante import Operator, ReplyRefused
from tests.simulators.mssante.clients import CABINET, ERWAN, PATIENT, send


def test_a_patient_answers_in_the_thread(operator: Operator) -> None:
    send(operator, PATIENT, message_id="<one@quai>", subject="Résultats")
    uid = operator.answer_as_patient(PATIENT, "<one@quai>", "Merci docteur", [("photo.jpg", "image/jpeg", b"\xff\xd8")])
    answer = read_message(operator.messages_of(ERWAN)[-1].data)
    assert operator.messages_of(ERWAN)[-1].uid == uid
    assert answer.header("In-Reply-To") == "<one@quai>"
    assert answer.sender is not None
    assert answer.sender.address == PATIENT
    assert answer.subject == "Re: Résultats"
    assert [one.name for one in answer.attachments] == ["photo.jpg"]


def test_nobody_starts_but_a_professional(operator: Operator) -> None:
    with pytest.raises(ReplyRefused):
        operator.answer_as_patient(PATIENT, "<never@quai>")


def test_the_answer_goes_where_reply_to_says(operator: Operator) -> None:
    send(operator, PATIENT, message_id="<two@quai>", Reply_To=CABINET)
    before = len(operator.messages_of(CABINET))
    operator.answer_as_patient(PATIENT, "<two@quai>")
    assert len(operator.messages_of(CABINET)) == before + 1


def test_the_header_closes_its_own_message_only(operator: Operator) -> None:
    send(operator, PATIENT, message_id="<open@quai>")
    send(operator, PATIENT, message_id="<closed@quai>", X_MSS_MES="FIN")
    operator.answer_as_patient(PATIENT, "<open@quai>")
    with pytest.raises(ReplyRefused):
        operator.answer_as_patient(PATIENT, "<closed@quai>")


def test_the_subject_closes_all_that_was_before(operator: Operator) -> None:
    send(operator, PATIENT, message_id="<before@quai>")
    send(operator, PATIENT, message_id="<end@quai>", subject="[FIN]")
    for closed in ("<before@quai>", "<end@quai>"):
        with pytest.raises(ReplyRefused):
            operator.answer_as_patient(PATIENT, closed)
    send(operator, PATIENT, message_id="<again@quai>")
    operator.answer_as_patient(PATIENT, "<again@quai>")


@pytest.mark.parametrize(("subject", "header"), [("[Fin]", ""), ("Re: [FIN]", ""), ("Bonjour", "fin")])
def test_what_is_not_written_exactly_closes_nothing(operator: Operator, subject: str, header: str) -> None:
    send(operator, PATIENT, message_id="<kept@quai>")
    send(operator, PATIENT, subject=subject, **({"X_MSS_MES": header} if header else {}))
    operator.answer_as_patient(PATIENT, "<kept@quai>")
