"""Access as clients know it: folders, flags, parts, search, what other sessions do, and waiting for mail."""

from __future__ import annotations

import email
import imaplib
import threading
import time
from collections.abc import Iterator

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientError

from conformance.simulators.mssante import MailboxKind, Operator, Settings
from conformance.simulators.pki import Pki
from tests.simulators.mssante.clients import (
    ANOUK,
    ANOUK_ID,
    ERWAN,
    ERWAN_ID,
    HOLDERS,
    LABO,
    LABO_ID,
    imap,
    letter,
    sasl,
    trusting,
)


@pytest.fixture
def operator(pki: Pki) -> Iterator[Operator]:
    """A fresh one for each test: these count messages."""
    with Operator(pki=pki) as made:
        made.add_mailbox(ERWAN, holders=[ERWAN_ID])
        made.add_mailbox(ANOUK, holders=[ANOUK_ID])
        made.add_mailbox(LABO, MailboxKind.APPLICATIVE, holders=[LABO_ID])
        yield made


def imapclient(operator: Operator, address: str = ERWAN) -> IMAPClient:
    client = IMAPClient("127.0.0.1", operator.imap_port, ssl=False, timeout=20)
    client.starttls(trusting(operator))
    client.oauth2_login(address, operator.token(HOLDERS[address]).access)
    return client


def test_nothing_is_opened_in_clear(operator: Operator) -> None:
    client = imaplib.IMAP4("127.0.0.1", operator.imap_port, timeout=20)
    assert "STARTTLS" in client.capabilities
    assert "LOGINDISABLED" in client.capabilities
    assert not [one for one in client.capabilities if one.startswith("AUTH=")]
    with pytest.raises(imaplib.IMAP4.error, match="STARTTLS first"):
        client.login(ERWAN, "password")
    with pytest.raises(imaplib.IMAP4.error):
        client.authenticate("XOAUTH2", lambda _: b"")
    client.logout()


def test_a_wrong_token_is_challenged_then_refused_and_the_right_one_still_accepted(operator: Operator) -> None:
    client = imaplib.IMAP4("127.0.0.1", operator.imap_port, timeout=20)
    client.starttls(trusting(operator))
    challenges: list[bytes] = []

    def answer(challenge: bytes) -> bytes:
        challenges.append(challenge)
        return sasl(ERWAN, "wrong").encode() if not challenge else b""

    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.authenticate("XOAUTH2", answer)
    assert b'"status": "401"' in challenges[-1]
    access = operator.token(ERWAN_ID).access
    client.authenticate("XOAUTH2", lambda _: sasl(ERWAN, access).encode())
    client.logout()


def test_the_certificate_of_the_structure_opens_its_mailbox(operator: Operator) -> None:
    client = imaplib.IMAP4("127.0.0.1", operator.imap_port, timeout=20)
    client.starttls(trusting(operator, operator.certificate("organisation", LABO_ID)))
    assert client.login(LABO, "anything")[0] == "OK"
    client.logout()


def test_folders_are_there_with_their_uses(operator: Operator) -> None:
    client = imapclient(operator)
    uses = {name: flags for flags, _, name in client.list_folders()}
    assert set(uses) == {"INBOX", "Sent", "Drafts", "Trash"}
    assert b"\\Sent" in uses["Sent"]
    assert b"\\Trash" in uses["Trash"]
    client.logout()


def test_folder_names_with_accents_travel(operator: Operator) -> None:
    client = imapclient(operator)
    for name in ("Reçus & lus", "Été/Juillet", "日本語"):
        client.create_folder(name)
    assert {"Reçus & lus", "Été/Juillet", "日本語"} <= {name for _, _, name in client.list_folders()}
    client.rename_folder("日本語", "Japon")
    client.delete_folder("Japon")
    assert "Japon" not in {name for _, _, name in client.list_folders()}
    client.logout()


def test_the_message_that_was_delivered_is_the_one_that_is_fetched(operator: Operator) -> None:
    data = letter([ERWAN], subject="Reçu", sender=ANOUK)
    uid = operator.deliver(data, ERWAN)
    client = imapclient(operator)
    client.select_folder("INBOX")
    found = client.fetch([uid], ["BODY.PEEK[]", "FLAGS", "RFC822.SIZE", "ENVELOPE", "BODY[TEXT]<2.5>"])[uid]
    assert found[b"BODY[]"] == data
    assert found[b"RFC822.SIZE"] == len(data)
    assert found[b"BODY[TEXT]<2>"] == data.partition(b"\r\n\r\n")[2][2:7]
    assert found[b"ENVELOPE"].from_[0].mailbox == ANOUK.partition("@")[0].encode()
    client.logout()


def test_reading_marks_seen_and_peeking_does_not(operator: Operator) -> None:
    operator.deliver(letter([ERWAN]), ERWAN)
    client = imap(operator)
    client.select()
    client.fetch("1", "(BODY.PEEK[HEADER])")
    assert operator.messages_of(ERWAN)[0].flags == ()
    client.fetch("1", "(BODY[])")
    assert operator.messages_of(ERWAN)[0].flags == ("\\Seen",)
    client.logout()


def test_a_folder_that_was_examined_is_not_changed(operator: Operator) -> None:
    operator.deliver(letter([ERWAN]), ERWAN)
    client = imap(operator)
    client.select(readonly=True)
    client.fetch("1", "(BODY[])")
    assert client.store("1", "+FLAGS", "\\Deleted")[0] == "NO"
    assert operator.messages_of(ERWAN)[0].flags == ()
    client.logout()


def test_sent_mail_is_filed_by_the_client_which_learns_its_uid(operator: Operator) -> None:
    client = imapclient(operator)
    answer = client.append("Sent", letter(), flags=[b"\\Seen"])
    (message,) = operator.messages_of(ERWAN, "Sent")
    assert f"APPENDUID {client.folder_status('Sent', ['UIDVALIDITY'])[b'UIDVALIDITY']} {message.uid}" in answer.decode()
    assert message.data == letter()
    assert message.flags == ("\\Seen",)
    client.logout()


def test_appending_to_a_missing_folder_says_try_create(operator: Operator) -> None:
    client = imap(operator)
    assert b"TRYCREATE" in client.append("Nowhere", None, None, letter())[1][0]
    client.logout()


def test_a_message_moves_to_the_trash_once(operator: Operator) -> None:
    uids = [operator.deliver(letter([ERWAN], subject=str(number)), ERWAN) for number in range(3)]
    client = imapclient(operator)
    client.select_folder("INBOX")
    client.move([uids[1]], "Trash")
    assert [one.uid for one in operator.messages_of(ERWAN)] == [uids[0], uids[2]]
    assert len(operator.messages_of(ERWAN, "Trash")) == 1
    assert client.search() == [uids[0], uids[2]]
    client.logout()


def test_expunging_some_uids_leaves_the_others_deletions(operator: Operator) -> None:
    uids = [operator.deliver(letter([ERWAN], subject=str(number)), ERWAN) for number in range(3)]
    client = imapclient(operator)
    client.select_folder("INBOX")
    client.delete_messages(uids)
    client.uid_expunge([uids[0]])
    assert [one.uid for one in operator.messages_of(ERWAN)] == uids[1:]
    client.expunge()
    assert operator.messages_of(ERWAN) == []
    client.logout()


def test_another_session_learns_of_removals_between_commands_that_allow_it(operator: Operator) -> None:
    for number in range(3):
        operator.deliver(letter([ERWAN], subject=str(number)), ERWAN)
    first, second = imap(operator), imap(operator)
    first.select()
    second.select()
    first.store("2", "+FLAGS", "\\Deleted")
    first.expunge()
    second.fetch("3", "(FLAGS)")
    assert second.response("EXPUNGE")[1] == [None]
    second.noop()
    assert second.response("EXPUNGE")[1] == [b"2"]
    first.logout()
    second.logout()


def test_uids_mean_nothing_any_more_after_a_renumbering(operator: Operator) -> None:
    uids = [operator.deliver(letter([ERWAN], subject=str(number)), ERWAN) for number in range(3)]
    client = imapclient(operator)
    before = client.select_folder("INBOX")[b"UIDVALIDITY"]
    client.delete_messages(uids[:1])
    client.expunge()
    operator.renumber(ERWAN)
    after = client.select_folder("INBOX")[b"UIDVALIDITY"]
    assert after > before
    assert client.search() == [1, 2]
    client.logout()


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (["ALL"], [1, 2, 3]),
        (["SUBJECT", "bilan"], [2]),
        (["NOT", "SUBJECT", "bilan"], [1, 3]),
        (["OR", "SUBJECT", "bilan", "FLAGGED"], [2, 3]),
        (["UNSEEN"], [1, 2, 3]),
        (["HEADER", "X-MSS-INS", "O"], [3]),
        (["FROM", "brehier"], [1, 2, 3]),
        (["TEXT", "x-mss-ins"], [3]),
        (["BODY", "Bonjour"], [1, 2, 3]),
        (["LARGER", "1000000"], []),
        (["SINCE", "01-Jan-2020"], [1, 2, 3]),
        (["SENTBEFORE", "01-Jan-2020"], []),
        (["UID", "2:*"], [2, 3]),
        (["2:3", "FLAGGED"], [3]),
        (["KEYWORD", "$Forwarded"], []),
    ],
)
def test_search_finds_what_is_asked(operator: Operator, criteria: list[str], found: list[int]) -> None:
    operator.deliver(letter([ERWAN], sender=ANOUK, subject="Un"), ERWAN)
    operator.deliver(letter([ERWAN], sender=ANOUK, subject="Bilan à revoir"), ERWAN)
    operator.deliver(letter([ERWAN], sender=ANOUK, subject="Trois", X_MSS_INS="O"), ERWAN, flags=["\\Flagged"])
    client = imapclient(operator)
    client.select_folder("INBOX")
    assert client.search(criteria) == found
    client.logout()


def test_waiting_ends_when_mail_comes(operator: Operator) -> None:
    client = imapclient(operator)
    client.select_folder("INBOX")
    client.idle()
    timer = threading.Timer(0.3, lambda: operator.deliver(letter([ERWAN]), ERWAN))
    timer.start()
    began = time.monotonic()
    said: list[tuple[object, ...]] = []
    while not said and time.monotonic() - began < 10:
        said = client.idle_check(timeout=5)
    assert (1, b"EXISTS") in said
    client.idle_done()
    assert client.search() == [1]
    timer.join()
    client.logout()


def test_what_the_mailbox_holds_is_told_with_its_quota(operator: Operator) -> None:
    operator.deliver(letter([ERWAN]) + b"x" * 50_000, ERWAN)
    client = imap(operator)
    used = client.getquotaroot("INBOX")[1][1][0]
    assert b"STORAGE 49" in used
    client.logout()


def test_parts_are_fetched_by_their_numbers(operator: Operator) -> None:
    inner = b"Subject: inner\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\ndeep\r\n--in--\r\n"
    data = (
        b"Subject: outer\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\npreamble\r\n--out\r\n"
        b"Content-Type: text/plain\r\n\r\nfirst\r\n\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n"
        + inner
        + b"\r\n--out\r\n"
        b'Content-Type: application/zip; name="IHE_XDM.zip"\r\nContent-Transfer-Encoding: base64\r\n'
        b"Content-Disposition: attachment; filename=IHE_XDM.zip\r\n\r\nUEsFBg==\r\n--out--\r\nepilogue\r\n"
    )
    uid = operator.deliver(data, ERWAN)
    client = imapclient(operator)
    client.select_folder("INBOX")
    wanted = {
        "BODY[1]": b"first\r\n",
        "BODY[1.MIME]": b"Content-Type: text/plain\r\n\r\n",
        "BODY[2]": inner,
        "BODY[2.HEADER]": inner.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
        "BODY[2.1]": b"deep",
        "BODY[3]": b"UEsFBg==",
        "BODY[9]": b"",
        "BODY[HEADER.FIELDS (SUBJECT)]": b"Subject: outer\r\n\r\n",
    }
    found = client.fetch([uid], list(wanted))[uid]
    assert {name: found[name.encode()] for name in wanted} == wanted
    structure = client.fetch([uid], ["BODYSTRUCTURE"])[uid][b"BODYSTRUCTURE"]
    assert [part[:2] for part in structure[0]] == [
        (b"TEXT", b"PLAIN"),
        (b"MESSAGE", b"RFC822"),
        (b"APPLICATION", b"ZIP"),
    ]
    assert email.message_from_bytes(found[b"BODY[2]"])["Subject"] == "inner"
    client.logout()


def test_capabilities_can_be_hidden_and_folders_named_otherwise(pki: Pki) -> None:
    settings = Settings(hidden=frozenset({"UIDPLUS", "MOVE", "SPECIAL-USE"}), folders=("SENT", "DRAFT", "TRASH"))
    with Operator(settings, pki=pki) as operator:
        operator.add_mailbox(ERWAN, holders=[ERWAN_ID])
        client = imapclient(operator)
        assert not {b"UIDPLUS", b"MOVE", b"SPECIAL-USE"} & set(client.capabilities())
        assert {name for _, _, name in client.list_folders()} == {"INBOX", "SENT", "DRAFT", "TRASH"}
        assert b"APPENDUID" not in client.append("SENT", letter())
        client.select_folder("INBOX")
        with pytest.raises(IMAPClientError):
            client.uid_expunge("1")
        with pytest.raises((IMAPClientError, CapabilityError)):
            client.move("1", "TRASH")
        client.logout()


@pytest.mark.parametrize(
    "line",
    [
        "FETCH 1 (NOTHING)", "FETCH x FLAGS", "FETCH 0 FLAGS", "STORE 1 FLAGS", "SEARCH", "SEARCH BEFORE yesterday",
        'SELECT "unfinished', "SELECT ((INBOX)", "STATUS INBOX MESSAGES", "WHATEVER", "FETCH 1 BODY[HEADER.FIELDS]",
        "UID", "SEARCH OR ALL", "COPY 1", "LIST",
    ],
)  # fmt: skip
def test_what_is_not_in_the_grammar_is_said_and_the_session_goes_on(operator: Operator, line: str) -> None:
    operator.deliver(letter([ERWAN]), ERWAN)
    client = imap(operator)
    client.select()
    client.send(b"t1 " + line.encode() + b"\r\n")
    answer = client.readline()
    while answer.startswith(b"*"):
        answer = client.readline()
    assert answer.startswith(b"t1 BAD")
    assert client.noop()[0] == "OK"
    client.logout()
