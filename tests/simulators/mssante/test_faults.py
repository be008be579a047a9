"""Misbehaviour on request, in the address or by the control API."""

from __future__ import annotations

import smtplib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.errors import BenchError
from conformance.simulators.mssante import Fault, FaultKind, Operator, Stage
from conformance.simulators.mssante.faults import SMTP_CODES, Faults, fault_in
from tests.simulators.mssante.clients import ANOUK, ERWAN, letter, smtp

CODES = sorted(SMTP_CODES)


def tagged(tag: str, address: str = ANOUK) -> str:
    local, _, domain = address.partition("@")
    return f"{local}+{tag}@{domain}"


def count(operator: Operator) -> int:
    return len(operator.messages_of(ANOUK, data=False))


@pytest.mark.parametrize("code", CODES)
def test_each_code_of_the_table_can_be_had_at_each_step(operator: Operator, code: int) -> None:
    before = count(operator)
    with smtp(operator) as client:
        assert client.mail(tagged(f"mail-{code}", ERWAN))[0] == code
        client.mail(ERWAN)
        assert client.rcpt(tagged(f"rcpt-{code}"))[0] == code
        client.rset()
        client.mail(ERWAN)
        client.rcpt(tagged(f"data-{code}"))
        assert client.docmd("DATA")[0] == code
        client.rset()
        client.mail(ERWAN)
        client.rcpt(tagged(f"end-{code}"))
        assert client.data(letter())[0] == code
    assert count(operator) == before


def test_a_fault_can_pass_after_some_attempts(operator: Operator) -> None:
    address = tagged("rcpt-451-x2")
    codes = []
    with smtp(operator) as client:
        for _ in range(3):
            client.rset()
            client.mail(ERWAN)
            codes.append(client.rcpt(address)[0])
    assert codes == [451, 451, 250]


def test_one_recipient_of_several_can_be_refused(operator: Operator) -> None:
    with smtp(operator) as client:
        failed = client.sendmail(ERWAN, [ANOUK, tagged("rcpt-550")], letter())
    assert list(failed) == [tagged("rcpt-550")]


def test_a_connection_cut_in_the_middle_of_data_delivers_nothing(operator: Operator) -> None:
    before, mark = count(operator), operator.last
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)), smtp(operator) as client:
        client.sendmail(ERWAN, [tagged("drop")], letter() + (b"y" * 98 + b"\r\n") * 2000)
    assert count(operator) == before
    assert operator.entries("smtp.data", after=mark)[0].facts["answer"] == "drop"
    assert operator.submissions(after=mark) == []


def test_a_short_message_is_cut_as_well(operator: Operator) -> None:
    before = count(operator)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)), smtp(operator) as client:
        client.sendmail(ERWAN, [tagged("drop")], b"Subject: short\r\n\r\n")
    assert count(operator) == before


def test_a_connection_cut_after_the_last_line_delivers_once(operator: Operator) -> None:
    before = count(operator)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)), smtp(operator) as client:
        client.sendmail(ERWAN, [tagged("drop-end")], letter())
    assert count(operator) == before + 1


def test_a_slow_answer_comes_late_and_is_good(operator: Operator) -> None:
    began = time.monotonic()
    with smtp(operator) as client:
        assert client.sendmail(ERWAN, [tagged("slow-0.5")], letter()) == {}
    assert time.monotonic() - began >= 0.5


def test_a_fault_of_the_api_hits_whom_it_names_as_often_as_it_says(operator: Operator) -> None:
    operator.inject(Fault(FaultKind.REFUSE, Stage.RCPT, ANOUK, code=452, words="Storage is full", times=1))
    with smtp(operator) as client:
        client.mail(ERWAN)
        assert client.rcpt(ERWAN)[0] == 250
        assert client.rcpt(ANOUK) == (452, b"4.3.0 Storage is full")
        assert client.rcpt(ANOUK)[0] == 250
    assert operator.faults() == []


def test_the_operator_can_refuse_connections_and_logins(operator: Operator) -> None:
    with operator.fault(Fault(FaultKind.REFUSE, Stage.CONNECT, code=421)):
        with pytest.raises(smtplib.SMTPConnectError) as error:
            smtplib.SMTP("127.0.0.1", operator.smtp_port, timeout=20)
        assert error.value.smtp_code == 421
    with operator.fault(Fault(FaultKind.REFUSE, Stage.AUTH, ERWAN, code=454)):
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            smtp(operator)
        assert refused.value.smtp_code == 454
    smtp(operator).quit()


def test_during_an_outage_nothing_answers_and_afterwards_the_same_ports_do(operator: Operator) -> None:
    client = smtp(operator)
    with operator.outage():
        with pytest.raises(ConnectionError):
            smtplib.SMTP("127.0.0.1", operator.smtp_port, timeout=5)
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            client.noop()
    smtp(operator).quit()


def test_what_is_no_fault_is_refused_with_a_sentence(operator: Operator) -> None:
    with pytest.raises(BenchError, match="code 20"):
        operator.inject(Fault(FaultKind.REFUSE, Stage.RCPT, code=20))


@given(st.from_regex(r"[a-z]{0,6}(-[0-9a-z.]{0,5}){0,3}", fullmatch=True))
def test_any_tag_is_a_fault_or_an_ordinary_address(tag: str) -> None:
    found = fault_in(tagged(tag))
    assert found is None or found.stage in Stage


@given(times=st.integers(1, 5), attempts=st.integers(0, 9))
def test_a_fault_happens_exactly_as_often_as_asked(times: int, attempts: int) -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.REFUSE, Stage.RCPT, "*@quai.mssante.fr", 451, times=times))
    happened = [faults.take(Stage.RCPT, ANOUK) for _ in range(attempts)]
    assert sum(one is not None for one in happened) == min(times, attempts)
    assert faults.take(Stage.MAIL, ANOUK) is None
