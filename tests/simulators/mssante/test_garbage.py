"""Whatever a client sends, the simulator answers or hangs up; it never fails, and goes on for the next one."""

from __future__ import annotations

import imaplib
import re
import smtplib
import socket

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.simulators.mssante import Operator
from conformance.simulators.mssante.imap.folders import _matches
from tests.simulators.mssante.clients import ANOUK, ERWAN, imap, letter, smtp, trusting

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


DIGITS = "9" * 5000
MONSTERS = [
    b'SELECT "\xff"', b"SELECT &2D0-", b'CREATE "\xff"', b"CREATE " + b"a/" * 5000, b"SELECT {%s}" % DIGITS.encode(),
    b"SEARCH " + b"NOT " * 10_000 + b"ALL", b"SEARCH " + b"OR ALL " * 8000 + b"ALL", b"SEARCH LARGER " + DIGITS.encode(),
    b"SEARCH " + b"1:9," * 15_000 + b"1", b"FETCH 1 BODY[]<%s.1>" % DIGITS.encode(), b"FETCH 1 BODY[%s]" % DIGITS.encode(),
    b"FETCH 1:* FULL", b"FETCH 1:* BODYSTRUCTURE", b'COPY 1 "\xff"', b'LIST "" ' + b"%*" * 20 + b"z", b'LIST "" ' + b"*" * 3000,
    b'APPEND INBOX " 1-Jan-0001 00:00:00 +2359" {1+}\r\na', b'APPEND INBOX "31-Dec-9999 23:59:59 -2359" {1+}\r\na', b"\xff\xfe NOOP",
]  # fmt: skip


def test_monsters_are_answered_each_in_its_turn(operator: Operator) -> None:
    """What would keep a careless server busy for ever, or break it: one line is the answer, and the session goes on."""
    operator.deliver(b"To: " + b"(" * 20_000 + b"\r\nContent-Type: text/plain; charset=undefined\r\n\r\n\xe9", ERWAN)
    mark = operator.last
    client = imap(operator)
    client.select()
    for monster in MONSTERS:
        client.sock.sendall(b"m " + monster + b"\r\n")
        while not (line := client.readline()).startswith(b"m "):
            assert line, monster[:40]
        assert line.startswith((b"m OK", b"m BAD", b"m NO [CANNOT]")), (monster[:40], line)
    client.logout()
    assert operator.entries("imap.error", after=mark) == []


def test_octets_that_are_no_text_are_answered(operator: Operator) -> None:
    mark = operator.last
    client = smtp(operator)
    assert client.sock is not None
    for said, answer in ((b"EHLO \xff", 250), (b"MAIL FROM:<\xff@a>", 501), (b"AUTH XOAUTH2 \xff", 503)):
        client.sock.sendall(said + b"\r\n")
        assert client.getreply()[0] == answer, said
    client.close()
    with smtplib.SMTP("127.0.0.1", operator.smtp_port, timeout=20) as plain:
        plain.starttls(context=trusting(operator))
        plain.ehlo()
        assert plain.sock is not None
        plain.sock.sendall(b"AUTH XOAUTH2 \xff\r\n")
        assert plain.getreply()[0] == 501
    assert operator.entries("smtp.error", after=mark) == []


def test_a_client_that_leaves_while_encrypting_is_no_fault(operator: Operator) -> None:
    mark = operator.last
    with socket.create_connection(("127.0.0.1", operator.imap_port), timeout=20) as channel:
        channel.recv(1000)
        channel.sendall(b"a STARTTLS\r\n")
        assert channel.recv(1000).startswith(b"a OK")
        channel.sendall(b"\x16")
    assert operator.wait_for("imap.tls-failed", after=mark)
    assert operator.wait_for("imap.close", after=mark)
    assert operator.entries("imap.error", after=mark) == []


def test_an_unknown_client_may_announce_no_large_literal(operator: Operator) -> None:
    client = imaplib.IMAP4("127.0.0.1", operator.imap_port, timeout=20)
    client.starttls(trusting(operator))
    client.sock.sendall(b"m LOGIN {1000000+}\r\n")
    assert client.readline().startswith(b"* BYE [TOOBIG]")
    client.shutdown()


@given(st.text("ab/", max_size=8), st.text("ab/*%", max_size=8))
def test_patterns_name_folders_as_the_standard_says(name: str, pattern: str) -> None:
    expression = re.escape(pattern).replace(r"\*", ".*").replace("%", "[^/]*")
    assert _matches(pattern, name) is (re.fullmatch(expression, name) is not None)
