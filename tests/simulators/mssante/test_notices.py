"""What comes back to the sender: delivered, relayed, late, failed, read, not integrated."""

from __future__ import annotations

import email
import time

import pytest

from conformance.exchange.mail import read_message
from conformance.exchange.mdn import read_mdn
from conformance.simulators.mssante import Fault, FaultKind, Operator, Settings, Stage
from conformance.simulators.mssante.model import StoredMessage
from conformance.simulators.pki import Pki
from tests.simulators.mssante.clients import CLOSED, ERWAN, PATIENT, UNKNOWN, send
from tests.simulators.mssante.conftest import people

GOOD = "anouk.brehier@quai.mssante.fr"


def returned(operator: Operator, mark: int, seconds: float = 5) -> StoredMessage:
    """The first notice that came since."""
    entry = operator.wait_for("mail.notice", seconds, mark, mailbox=ERWAN)
    assert entry is not None
    return next(one for one in operator.messages_of(ERWAN) if one.uid == entry.facts["uid"])


def nothing_returned(operator: Operator, mark: int) -> bool:
    return operator.wait_for("mail.notice", 0.5, mark, mailbox=ERWAN) is None


def report_of(message: StoredMessage) -> dict[str, str]:
    parsed = email.message_from_bytes(message.data)
    assert parsed.get_content_type() == "multipart/report"
    assert parsed["Return-Path"] == "<>"
    status = parsed.get_payload()[1]
    assert status.get_content_type() == "message/delivery-status"
    return {name: value for block in status.get_payload() for name, value in block.items()}


@pytest.mark.parametrize(
    ("to", "notify", "action", "status"),
    [
        (GOOD, "SUCCESS,FAILURE", "delivered", "2.0.0"),
        ("someone@port.mssante.fr", "SUCCESS", "relayed", "2.0.0"),
        ("anouk.brehier+delay@quai.mssante.fr", "DELAY", "delayed", "4.4.7"),
        ("anouk.brehier+bounce@quai.mssante.fr", "", "failed", "5.1.1"),
        ("anouk.brehier+bounce-5.7.1@quai.mssante.fr", "FAILURE", "failed", "5.7.1"),
        (UNKNOWN, "", "failed", "5.1.1"),
        (CLOSED, "", "failed", "5.2.1"),
        ("277076322082911@patient.mssante.fr", "", "failed", "5.1.3"),
        ("merci@patient.mssante.fr", "", "failed", "5.1.3"),
    ],
)
def test_a_notice_says_what_became_of_the_message(
    operator: Operator, to: str, notify: str, action: str, status: str
) -> None:
    mark = operator.last
    send(operator, to, notify)
    report = report_of(returned(operator, mark))
    assert (report["Action"], report["Status"]) == (action, status)
    assert report["Final-Recipient"] == f"rfc822; {to}"


@pytest.mark.parametrize(("to", "notify"), [(GOOD, ""), (GOOD, "FAILURE"), (UNKNOWN, "NEVER"), (UNKNOWN, "SUCCESS")])
def test_no_notice_comes_that_was_not_asked_for(operator: Operator, to: str, notify: str) -> None:
    mark = operator.last
    send(operator, to, notify)
    assert nothing_returned(operator, mark)


def test_a_bounce_brings_the_message_back_whole_or_its_header(operator: Operator) -> None:
    mark = operator.last
    data = send(operator, UNKNOWN)
    assert data in returned(operator, mark).data
    mark = operator.last
    data = send(operator, UNKNOWN, ret="HDRS")
    back = returned(operator, mark).data
    assert data not in back
    assert b"text/rfc822-headers" in back


def test_a_message_too_big_for_mon_espace_sante_bounces(pki: Pki) -> None:
    with Operator(Settings(patient_size_limit=50_000), pki=pki) as operator:
        people(operator)
        mark = operator.last
        send(operator, PATIENT, X_Padding="y" * 60_000)
        back = returned(operator, mark)
        assert report_of(back)["Status"] == "5.3.4"
        assert b"Undelivered Mail Returned to Sender" in back.data
        assert operator.messages_of(PATIENT) == []


def test_a_read_receipt_comes_when_it_was_asked_for_and_only_then(operator: Operator) -> None:
    mark = operator.last
    send(operator, "anouk.brehier+mdn@quai.mssante.fr")
    assert nothing_returned(operator, mark)
    send(operator, "anouk.brehier+mdn@quai.mssante.fr", Disposition_Notification_To=ERWAN, message_id="<read@quai>")
    receipt = read_mdn(read_message(returned(operator, mark).data))
    assert receipt is not None
    assert receipt.original_message_id == "<read@quai>"
    assert receipt.disposition is not None
    assert (receipt.disposition.type, receipt.disposition.failed) == ("displayed", False)


@pytest.mark.parametrize(("tag", "grammar"), [("mdn-904", "1.1.3"), ("mdn-old-902", "1.1.2")])
def test_a_negative_receipt_comes_in_either_grammar(operator: Operator, tag: str, grammar: str) -> None:
    mark = operator.last
    send(operator, f"anouk.brehier+{tag}@quai.mssante.fr", Disposition_Notification_To=ERWAN)
    message = read_message(returned(operator, mark).data)
    receipt = read_mdn(message)
    assert receipt is not None
    assert receipt.disposition is not None
    assert receipt.disposition.error is not None
    assert receipt.disposition.error.code == tag[-3:]
    assert receipt.disposition.grammar == grammar
    assert message.subject.startswith("[KO")


def test_a_late_receipt_comes_late(operator: Operator) -> None:
    operator.inject(Fault(FaultKind.RECEIPT, Stage.LATER, GOOD, seconds=0.7, times=1))
    mark, began = operator.last, time.monotonic()
    send(operator, GOOD, Disposition_Notification_To=ERWAN)
    returned(operator, mark)
    assert time.monotonic() - began >= 0.7
