"""The control API says what it did not understand, and answers the loopback only."""

from __future__ import annotations

import pytest
import requests

from conformance.core.errors import BenchError
from conformance.simulators.mssante import Operator
from tests.simulators.mssante.clients import ERWAN, imap, letter, smtp


def test_a_missing_mailbox_or_folder_is_said(operator: Operator) -> None:
    with pytest.raises(BenchError, match="nobody@quai"):
        operator.deliver(b"", "nobody@quai.mssante.fr")
    with pytest.raises(BenchError):
        operator.messages_of(ERWAN, "Nowhere")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/mailboxes", "{"),
        ("POST", "/mailboxes", '{"kind": "PER"}'),
        ("POST", "/mailboxes", '{"address": "a@b.fr", "kind": "XXX"}'),
        ("POST", "/faults", "[]"),
        ("POST", "/faults", '{"kind": "refuse", "stage": "rcpt"}'),
        ("POST", "/faults", '{"kind": "refuse", "stage": "rcpt", "code": 550, "colour": "red"}'),
        ("POST", "/faults", '{"kind": "refuse", "stage": "rcpt", "code": "550"}'),
        ("POST", "/faults", '{"kind": "refuse", "stage": "rcpt", "code": 550, "address": 5}'),
        ("POST", "/faults", '{"kind": "refuse", "stage": "rcpt", "code": 550, "words": "a\\r\\nb"}'),
        ("POST", "/faults", '{"kind": "slow", "stage": "end", "seconds": "long"}'),
        ("POST", "/faults", '{"kind": "slow", "stage": "end", "seconds": -1}'),
        ("POST", "/mailboxes", '{"address": "nobody"}'),
        ("POST", "/mailboxes", '{"address": 5}'),
        ("POST", "/mailboxes", '{"address": "a@b.fr", "holders": "abc"}'),
        ("POST", "/announced", '{"hidden": 5}'),
        ("POST", "/announced", '{"size_limit": -1}'),
        ("POST", "/certificates", '{"kind": "organisation", "identifier": 5}'),
        ("POST", "/tls", '{"face": "pretty"}'),
        ("POST", "/certificates", '{"kind": "organisation"}'),
        ("POST", "/tokens", "{}"),
        ("POST", "/crl", '{"lists": "lost"}'),
        ("POST", "/announced", '{"size_limit": "much"}'),
        ("GET", "/journal?after=soon", ""),
        ("GET", "/journal?facts=[]", ""),
        ("DELETE", "/faults/first", ""),
    ],
)
def test_what_is_not_understood_is_refused(operator: Operator, method: str, path: str, body: str) -> None:
    answer = requests.request(method, operator.control_url + path, data=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["code"].startswith("mssante.")


def test_a_page_of_a_browser_that_borrows_the_address_gets_nothing(operator: Operator) -> None:
    answer = requests.get(operator.control_url, headers={"Host": "evil.example.com"}, timeout=10)
    assert answer.status_code == 403


def test_what_is_announced_changes_for_a_while(operator: Operator) -> None:
    with operator.announcing(size_limit=4096, hidden=["SASL-IR"]), smtp(operator) as sender:
        assert sender.esmtp_features["size"] == "4096"
        assert sender.mail(ERWAN, ["SIZE=5000"])[0] == 552
        reader = imap(operator)
        assert "SASL-IR" not in reader.capabilities
        reader.logout()
    with smtp(operator) as sender:
        assert int(sender.esmtp_features["size"]) > 4096


def test_the_journal_tells_whether_the_answer_came_with_the_command(operator: Operator) -> None:
    mark = operator.last
    with smtp(operator):
        pass
    imap(operator).logout()
    assert [entry.facts["initial"] for entry in operator.entries("smtp.auth", after=mark)] == [True]
    assert [entry.facts["initial"] for entry in operator.entries("imap.auth", after=mark)] == [False]


def test_a_message_put_by_hand_is_journalled(operator: Operator) -> None:
    mark = operator.last
    uid = operator.deliver(letter([ERWAN]), ERWAN, folder="Drafts", flags=["\\Draft"])
    (entry,) = operator.entries("mail.put", after=mark, bodies=True, folder="Drafts")
    assert entry.body == letter([ERWAN])
    assert operator.messages_of(ERWAN, "Drafts")[-1].uid == uid
