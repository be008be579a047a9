"""What a product meets when it submits: encryption, then authentication, then the envelope."""

from __future__ import annotations

import smtplib
import ssl
import time

import pytest

from conformance.simulators.mssante import Operator, Settings
from conformance.simulators.pki import Defect, Pki
from tests.simulators.mssante.clients import (
    ANOUK,
    ANOUK_ID,
    CABINET,
    ERWAN,
    ERWAN_ID,
    LABO,
    LABO_ID,
    letter,
    sasl,
    smtp,
    trusting,
)
from tests.simulators.mssante.conftest import people


def encrypted(operator: Operator, context: ssl.SSLContext | None = None) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", operator.smtp_port, timeout=20)
    client.starttls(context=context or trusting(operator))
    client.ehlo()
    return client


def test_nothing_but_starttls_is_done_in_clear(operator: Operator) -> None:
    with smtplib.SMTP("127.0.0.1", operator.smtp_port, timeout=20) as client:
        client.ehlo()
        assert "starttls" in client.esmtp_features
        assert "auth" not in client.esmtp_features
        assert client.mail(ERWAN)[0] == 530
        assert client.docmd("AUTH", "XOAUTH2")[0] == 530


def test_mail_needs_authentication(operator: Operator) -> None:
    with encrypted(operator) as client:
        assert client.mail(ERWAN)[0] == 530


def test_the_server_announces_what_the_client_needs(operator: Operator) -> None:
    with encrypted(operator) as client:
        assert {"dsn", "size", "8bitmime", "smtputf8", "pipelining"} <= set(client.esmtp_features)
        assert "XOAUTH2" in client.esmtp_features["auth"]


@pytest.mark.parametrize("address", [ERWAN, CABINET])
def test_a_holder_opens_a_mailbox_with_a_token(operator: Operator, address: str) -> None:
    with smtp(operator, address) as client:
        assert client.mail(address)[0] == 250


def refused(operator: Operator, address: str, access: str) -> str:
    mark = operator.last
    with encrypted(operator) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError) as error:
            client.auth("XOAUTH2", lambda challenge=None: sasl(address, access) if challenge is None else "")
        assert error.value.smtp_code == 535
    entry = operator.wait_for("smtp.auth", after=mark)
    assert entry is not None
    assert not entry.facts["accepted"]
    return str(entry.facts["why"])


def test_a_token_of_somebody_else_opens_nothing(operator: Operator) -> None:
    assert "no holder" in refused(operator, ERWAN, operator.token(ANOUK_ID).access)


def test_a_token_that_ran_out_opens_nothing(operator: Operator) -> None:
    access = operator.token(ERWAN_ID, seconds=0.05).access
    time.sleep(0.1)
    assert "run out" in refused(operator, ERWAN, access)


def test_a_token_opens_no_applicative_mailbox(operator: Operator) -> None:
    assert "APP" in refused(operator, LABO, operator.token(ERWAN_ID).access)


def test_an_unknown_mailbox_is_refused_like_a_wrong_token(operator: Operator) -> None:
    assert "no such mailbox" in refused(operator, "nobody@quai.mssante.fr", operator.token(ERWAN_ID).access)


@pytest.mark.parametrize("mechanism", ["PLAIN", "EXTERNAL"])
def test_the_certificate_of_the_structure_opens_its_applicative_mailbox(operator: Operator, mechanism: str) -> None:
    files = operator.certificate("organisation", LABO_ID)
    with encrypted(operator, trusting(operator, files)) as client:
        answer = f"\0{LABO}\0" if mechanism == "PLAIN" else LABO
        client.auth(mechanism, lambda challenge=None: answer)
        assert client.mail(LABO)[0] == 250


def plain_is_refused(operator: Operator, context: ssl.SSLContext) -> str:
    mark = operator.last
    with encrypted(operator, context) as client, pytest.raises(smtplib.SMTPAuthenticationError):
        client.auth("PLAIN", lambda challenge=None: f"\0{LABO}\0password")
    entry = operator.wait_for("smtp.auth", after=mark)
    assert entry is not None
    return str(entry.facts["why"])


def test_a_password_alone_opens_nothing(operator: Operator) -> None:
    assert plain_is_refused(operator, trusting(operator)) == "no client certificate"


def test_the_certificate_of_another_structure_opens_nothing(operator: Operator) -> None:
    assert "structure" in plain_is_refused(
        operator, trusting(operator, operator.certificate("organisation", "1750000009"))
    )


def test_a_revoked_client_certificate_opens_nothing(operator: Operator) -> None:
    files = operator.certificate("organisation", LABO_ID, defect=Defect.REVOKED)
    assert "revoked" in plain_is_refused(operator, trusting(operator, files))


@pytest.mark.parametrize("defect", [Defect.EXPIRED, Defect.FOREIGN_ROOT, Defect.SELF_SIGNED])
def test_a_bad_client_certificate_ends_the_connection(operator: Operator, defect: Defect) -> None:
    context = trusting(operator, operator.certificate("organisation", LABO_ID, defect=defect))
    with pytest.raises((ssl.SSLError, ConnectionError, smtplib.SMTPException)):
        encrypted(operator, context)


def test_the_sender_is_the_opened_mailbox(operator: Operator) -> None:
    with smtp(operator) as client:
        assert client.mail(ANOUK)[0] == 553


def test_receipts_leave_with_a_null_sender(operator: Operator) -> None:
    with smtp(operator) as client:
        assert client.sendmail("", [ANOUK], letter(subject="Lu")) == {}
    assert operator.submissions()[-1].sender == ""


def test_unknown_recipients_and_domains_off_the_white_list_are_refused(operator: Operator) -> None:
    with smtp(operator) as client:
        client.mail(ERWAN)
        assert client.rcpt("nobody@quai.mssante.fr")[0] == 550
        code, words = client.rcpt("someone@example.com")
        assert code == 550
        assert b"white list" in words
        assert client.rcpt("elsewhere@port.mssante.fr")[0] == 250


def test_the_journal_keeps_what_notices_were_asked_for(operator: Operator) -> None:
    mark = operator.last
    with smtp(operator) as client:
        client.sendmail(
            ERWAN, [ANOUK], letter(), mail_options=["RET=HDRS", "ENVID=QQ314"],
            rcpt_options=["NOTIFY=SUCCESS,FAILURE", f"ORCPT=rfc822;{ANOUK}"],
        )  # fmt: skip
    (sent,) = operator.submissions(after=mark)
    assert sent.notify == {ANOUK: ("FAILURE", "SUCCESS")}
    (entry,) = operator.entries("smtp.mail", after=mark)
    assert entry.facts["parameters"]["ENVID"] == "QQ314"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("MAIL", f"FROM:<{ERWAN}> RET=SOME"),
        ("MAIL", f"FROM:<{ERWAN}> SIZE=big"),
        ("MAIL", f"FROM:<{ERWAN}> BODY=BINARY"),
        ("MAIL", f"FROM:{ERWAN}"),
        ("MAIL", "FROM:<no address>"),
        ("RCPT", f"TO:<{ANOUK}> NOTIFY=NEVER,SUCCESS"),
        ("RCPT", f"TO:<{ANOUK}> NOTIFY=OFTEN"),
        ("RCPT", f"TO:<{ANOUK}> ORCPT=nothing"),
        ("RCPT", "TO:<>"),
    ],
)
def test_a_malformed_envelope_is_a_syntax_error(operator: Operator, command: str, words: str) -> None:
    with smtp(operator) as client:
        if command == "RCPT":
            client.mail(ERWAN)
        assert client.docmd(command, words)[0] == 501


def test_parameters_that_nobody_announced_are_refused(operator: Operator) -> None:
    with smtp(operator) as client:
        assert client.docmd("MAIL", f"FROM:<{ERWAN}> HOLDFOR=3")[0] == 555


def test_what_is_too_big_is_refused_when_announced_and_when_not(operator: Operator) -> None:
    with smtp(operator) as client:
        limit = int(client.esmtp_features["size"])
        assert client.docmd("MAIL", f"FROM:<{ERWAN}> SIZE={limit + 1}")[0] == 552
        client.mail(ERWAN)
        client.rcpt(ANOUK)
        assert client.data(b"Subject: big\r\n\r\n" + (b"x" * 98 + b"\r\n") * (limit // 100 + 1))[0] == 552


def test_a_message_arrives_byte_for_byte(operator: Operator) -> None:
    data = letter(subject="Octets")
    with smtp(operator) as client:
        client.sendmail(ERWAN, [ANOUK], data)
    assert operator.messages_of(ANOUK)[-1].data.endswith(data)
    assert operator.submissions()[-1].data == data


@pytest.mark.parametrize("body", [b"\r\n", b".\r\n", b"..\r\n.x\r\n", b"\r\n.\r\n\r\n", b"a\r\n.b\r\n"])
def test_dots_at_the_beginning_of_lines_arrive_as_they_were(operator: Operator, body: bytes) -> None:
    with smtp(operator) as client:
        client.sendmail(ERWAN, [ANOUK], body)
    assert operator.submissions()[-1].data == body


def test_a_message_may_be_empty(operator: Operator) -> None:
    with smtp(operator) as client:
        client.mail(ERWAN)
        client.rcpt(ANOUK)
        client.docmd("DATA")
        assert client.docmd(".")[0] == 250
    assert operator.submissions()[-1].data == b""


def test_what_follows_the_last_line_at_once_is_the_next_command(operator: Operator) -> None:
    with smtp(operator) as client:
        client.mail(ERWAN)
        client.rcpt(ANOUK)
        client.docmd("DATA")
        client.send(b"Subject: first\r\n\r\nend\r\n.\r\nNOOP\r\nVRFY x\r\n")
        assert [client.getreply()[0] for _ in range(3)] == [250, 250, 252]
    assert operator.submissions()[-1].data == b"Subject: first\r\n\r\nend\r\n"


def test_a_dot_between_bare_line_feeds_ends_nothing(operator: Operator) -> None:
    """A second message must not be smuggled in behind it."""
    with smtp(operator) as client:
        client.mail(ERWAN)
        client.rcpt(ANOUK)
        client.docmd("DATA")
        client.send(b"Subject: one\r\n\r\nx\n.\nMAIL FROM:<x@y>\r\n.\r\n")
        assert client.getreply()[0] == 250
    assert operator.submissions()[-1].data.endswith(b"x\n.\nMAIL FROM:<x@y>\r\n")


def test_a_line_that_is_too_long_is_refused(operator: Operator) -> None:
    with smtp(operator) as client:
        client.mail(ERWAN)
        client.rcpt(ANOUK)
        assert client.data(b"Subject: long\r\n\r\n" + b"x" * 999 + b"\r\n")[0] == 500
        client.mail(ERWAN)
        client.rcpt(ANOUK)
        assert client.data(b"Subject: long\r\n\r\n" + b"x" * 998 + b"\r\n")[0] == 250


def test_mechanisms_are_read_in_any_case(operator: Operator) -> None:
    with encrypted(operator) as client:
        access = operator.token(ERWAN_ID).access
        client.auth("xoauth2", lambda challenge=None: sasl(ERWAN, access))
        assert client.mail(ERWAN)[0] == 250


def test_a_full_mailbox_is_refused_for_now(pki: Pki) -> None:
    with Operator(Settings(quota=2000), pki=pki) as operator:
        people(operator)
        operator.deliver(letter() + b"x" * 2000, ANOUK)
        with smtp(operator) as client:
            client.mail(ERWAN)
            code, words = client.rcpt(ANOUK)
            assert (code, words[:5]) == (452, b"4.2.2")
            assert client.rcpt(CABINET)[0] == 250
