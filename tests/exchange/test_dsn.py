"""Delivery notices: written and read back; a bounce of a patient's mailbox is understood."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.exchange.dsn import Action, Delivery, Dsn, read_dsn, write_dsn
from conformance.exchange.mail import read_message

ADDRESSES = st.from_regex(r"[a-z0-9]{1,15}@[a-z]{1,8}\.mssante\.fr", fullmatch=True)
WORDS = st.from_regex(r"[A-Za-z0-9]{1,8}( [A-Za-z0-9]{1,8}){0,4}", fullmatch=True)
DELIVERIES = st.builds(
    Delivery, ADDRESSES, st.sampled_from(Action), st.sampled_from(["2.0.0", "4.2.2", "5.1.1", "5.7.1"]), st.just("") | WORDS,
    st.just("") | ADDRESSES,
)  # fmt: skip
NOTICES = st.builds(
    Dsn, st.just("mta.quai.mssante.fr"), st.lists(DELIVERIES, min_size=1, max_size=4).map(tuple), st.just("") | WORDS,
    st.just("<1@port.mssante.fr>"),
)  # fmt: skip
ORIGINAL = b"Subject: Bonjour\r\nMessage-ID: <1@port.mssante.fr>\r\n"


@given(NOTICES)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(dsn: Dsn) -> None:
    written = write_dsn(
        dsn, sender="mta@quai.mssante.fr", recipient="a@port.mssante.fr", subject="Avis de remise", text="Non remis à tous",
        original_headers=ORIGINAL, message_id="<2@quai.mssante.fr>", date="Tue, 11 Jun 2024 09:00:00 +0000",
    )  # fmt: skip
    message = read_message(written)
    assert read_dsn(message) == dsn
    assert message.body.strip() == "Non remis à tous"


BOUNCE = (
    b"From: MAILER-DAEMON@mx.fr\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nnon remis\r\n"
    b"--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.fr\r\n\r\n"
    b"Final-Recipient: RFC822; 207058575627097@patient.mssante.fr\r\nAction: Failed\r\nStatus: 5.1.1\r\n"
    b"Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
    b"--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <1@port.mssante.fr>\r\n\r\nBonjour\r\n--x--\r\n"
)


def test_a_bounce_is_understood() -> None:
    dsn = read_dsn(read_message(BOUNCE))
    assert dsn is not None
    assert dsn.failed == ("207058575627097@patient.mssante.fr",)
    assert dsn.deliveries[0].diagnostic == "550 5.1.1 User unknown"
    assert dsn.original_message_id == "<1@port.mssante.fr>"


@pytest.mark.parametrize(
    "data",
    [
        b"From: a@b.fr\r\n\r\nBonjour\r\n",
        BOUNCE.replace(b"message/delivery-status", b"text/plain"),
        BOUNCE.replace(b"report-type=delivery-status", b"report-type=other"),
    ],
    ids=["message", "without-part", "other-report"],
)
def test_what_is_no_notice_is_none(data: bytes) -> None:
    assert read_dsn(read_message(data)) is None


def test_an_action_that_nobody_knows_is_none() -> None:
    dsn = read_dsn(read_message(BOUNCE.replace(b"Action: Failed", b"Action: evaporated")))
    assert dsn is not None
    assert dsn.deliveries[0].action is None
    assert dsn.failed == ()
