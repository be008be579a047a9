"""Access that goes wrong on request."""

from __future__ import annotations

import imaplib
import time

import pytest

from conformance.simulators.mssante import Fault, FaultKind, Operator, Settings, Stage
from conformance.simulators.pki import Pki
from tests.simulators.mssante.clients import ERWAN, ERWAN_ID, imap, letter
from tests.simulators.mssante.conftest import people


def test_a_token_can_run_out_in_the_middle_of_a_session(operator: Operator) -> None:
    client = imap(operator)
    client.select()
    operator.inject(Fault(FaultKind.EXPIRE, Stage.IMAP_COMMAND, ERWAN, times=1))
    with pytest.raises(imaplib.IMAP4.abort, match="run out"):
        client.noop()
    imap(operator).logout()


def test_a_token_can_run_out_while_waiting(operator: Operator) -> None:
    client = imap(operator)
    client.select()
    mark = operator.last
    client.send(b"t1 IDLE\r\n")
    assert client.readline().startswith(b"+")
    operator.inject(Fault(FaultKind.EXPIRE, Stage.IMAP_IDLE, ERWAN, times=1))
    assert client.readline().startswith(b"* BYE")
    assert client.readline() == b""
    assert operator.wait_for("imap.expired", after=mark, mailbox=ERWAN) is not None


def test_a_session_outlives_its_token_unless_the_operator_is_strict(pki: Pki) -> None:
    for strict in (False, True):
        with Operator(Settings(session_ends_with_token=strict), pki=pki) as operator:
            people(operator)
            client = imap(operator)
            client.select()
            operator.end_tokens(ERWAN_ID)
            if strict:
                with pytest.raises(imaplib.IMAP4.abort):
                    client.noop()
            else:
                assert client.noop()[0] == "OK"
                client.logout()


def test_a_strict_operator_ends_a_waiting_session_when_the_token_runs_out(pki: Pki) -> None:
    with Operator(Settings(session_ends_with_token=True, token_seconds=1.0), pki=pki) as operator:
        people(operator)
        client = imap(operator)
        client.select()
        began = time.monotonic()
        client.send(b"t1 IDLE\r\n")
        assert client.readline().startswith(b"+")
        assert client.readline().startswith(b"* BYE")
        assert time.monotonic() - began < 5


def test_a_message_can_be_cut_in_the_middle(operator: Operator) -> None:
    operator.deliver(letter([ERWAN]) + b"x" * 100_000, ERWAN)
    client = imap(operator)
    client.select()
    operator.inject(Fault(FaultKind.DROP, Stage.IMAP_FETCH, ERWAN, times=1))
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        client.fetch("*", "(BODY.PEEK[])")
    again = imap(operator)
    again.select()
    assert again.fetch("*", "(BODY.PEEK[])")[0] == "OK"
    again.logout()


def test_logins_and_commands_can_be_refused_and_connections_cut(operator: Operator) -> None:
    with operator.fault(Fault(FaultKind.REFUSE, Stage.IMAP_AUTH, ERWAN)), pytest.raises(imaplib.IMAP4.error):
        imap(operator)
    client = imap(operator)
    with operator.fault(Fault(FaultKind.REFUSE, Stage.IMAP_COMMAND, ERWAN, words="[INUSE] Later")):
        assert client.status("INBOX", "(MESSAGES)") == ("NO", [b"[INUSE] Later"])
    with operator.fault(Fault(FaultKind.DROP, Stage.IMAP_CONNECT)), pytest.raises((imaplib.IMAP4.abort, OSError)):
        imaplib.IMAP4("127.0.0.1", operator.imap_port, timeout=10)
    with operator.outage(), pytest.raises((imaplib.IMAP4.abort, OSError)):
        client.noop()
