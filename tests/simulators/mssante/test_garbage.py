"""Whatever a client sends, the simulator answers or hangs up; it never fails, and goes on for the next one."""

from __future__ import annotations

import imaplib
import smtplib
import socket

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.simulators.mssante import Operator
from tests.simulators.mssante.clients import ANOUK, ERWAN, imap, letter, smtp

IMAP_WORDS = [
    "FETCH", "UID", "STORE", "SEARCH", "COPY", "MOVE", "EXPUNGE", "CLOSE", "SELECT", "EXAMINE", "LIST", "LSUB", "STATUS",
    "CREATE", "DELETE", "RENAME", "APPEND", "GETQUOTAROOT", "NAMESPACE", "ID", "UNSELECT", "CHECK", "NOOP", "INBOX", "Sent",
    "1", "1:*", "*", "2,4:1", "0", "99999999999999999999", "FLAGS", "(FLAGS)", "+FLAGS", "-FLAGS.SILENT", "BODY[]", "BODY[1.2.HEADER]",
    "BODY[HEADER.FIELDS (TO)]", "BODY.PEEK[1]<0.5>", "BODYSTRUCTURE", "ENVELOPE", "(", ")", "()", '"', '""', '"a b"', "\\Seen",
    "(\\Deleted)", "ALL", "NOT", "OR", "SUBJECT", "BEFORE", "1-Jan-2026", "31-Feb-2026", "HEADER", "CHARSET", "UTF-8", "{3+}", "&-", "&AAA",
    "(MESSAGES)", "%", "RFC822", "KEYWORD", "SENTSINCE", "LARGER", "UIDPLUS", "é", "\x00", "NIL",
]  # fmt: skip
SMTP_WORDS = [
    "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "HELP", "EXPN", "EHLO", "HELO", "AUTH", "XOAUTH2", "PLAIN", "=", "AAAA", "STARTTLS",
    f"FROM:<{ERWAN}>", f"TO:<{ANOUK}>", "FROM:<>", "TO:<", "FROM:", "TO:<a@b>", "SIZE=1", "SIZE=99999999999999999999", "BODY=8BITMIME",
    "NOTIFY=NEVER", "NOTIFY=,", "ORCPT=;", "RET=FULL", "ENVID=", "SMTPUTF8", "TO:<é@port.mssante.fr>", "TO:<@x:a@port.mssante.fr>",
    "TO:<anouk.brehier+mdn-late-9999999999999@quai.mssante.fr>", ".", "x" * 3000,
]  # fmt: skip

slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def lines(vocabulary: list[str]) -> st.SearchStrategy[list[str]]:
    line = st.lists(st.sampled_from(vocabulary), min_size=1, max_size=6).map(" ".join)
    return st.lists(line, min_size=1, max_size=6)


def talk(channel: socket.socket, said: bytes) -> None:
    """Say it, say goodbye, and read what comes until the end."""
    channel.settimeout(20)
    try:
        channel.sendall(said)
        while channel.recv(65_536):
            pass
    except ConnectionError:
        pass


@slow
@given(lines(IMAP_WORDS))
def test_imap_survives_any_words(operator: Operator, said: list[str]) -> None:
    if not operator.messages_of(ERWAN, data=False):
        operator.deliver(letter([ERWAN]), ERWAN)
    mark = operator.last
    client = imap(operator)
    client.select()
    words = "".join(f"t{number} {line}\r\n" for number, line in enumerate(said))
    # Two more lines: a literal may have swallowed the first goodbye.
    talk(client.sock, words.encode() + b"x LOGOUT\r\n" + b"\r\n" + b"y LOGOUT\r\n")
    client.shutdown()
    assert operator.entries("imap.error", after=mark) == []
    again = imaplib.IMAP4("127.0.0.1", operator.imap_port, timeout=20)
    assert again.noop()[0] == "OK"
    again.logout()


@slow
@given(lines(SMTP_WORDS))
def test_submission_survives_any_words(operator: Operator, said: list[str]) -> None:
    mark = operator.last
    client = smtp(operator)
    assert client.sock is not None
    words = "".join(f"{line}\r\n" for line in said)
    talk(client.sock, words.encode() + b"\r\n.\r\n*\r\nQUIT\r\n")
    client.close()
    assert operator.entries("smtp.error", after=mark) == []
    with smtplib.SMTP("127.0.0.1", operator.smtp_port, timeout=20) as again:
        assert again.noop()[0] == 250
