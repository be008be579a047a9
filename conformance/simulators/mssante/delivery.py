"""From acceptance to the mailbox: who receives, who cannot, which notices follow, which conversations close.

One message is one transaction: its copies, the notices to come and the rights to answer are on the disk together, or
not at all, before the client hears 250.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import format_datetime, getaddresses
from functools import partial
from typing import Any, Final, TypeVar

from conformance.core.language import Text
from conformance.exchange.mdn import INTEGRATION_ERRORS, Disposition, IntegrationError, Mdn, write_mdn
from conformance.exchange.naming import CLOSING_SUBJECT, patient_of
from conformance.identity.ins import matricule_problems
from conformance.simulators.journal import Journal
from conformance.simulators.mssante.faults import Fault, FaultKind, Faults, Stage
from conformance.simulators.mssante.model import (
    INBOX,
    SOURCE,
    Mailbox,
    MailboxKind,
    ReplyRefused,
    Settings,
    mailbox_address,
    split,
)
from conformance.simulators.mssante.reports import Notice, write_notice
from conformance.simulators.mssante.store import Folder, Store

CLOSING_HEADER: Final = "X-MSS-MES"
CLOSING_VALUE: Final = "FIN"

_Result = TypeVar("_Result")

_Planned = tuple[float, str, bytes]
"""What is to be delivered later: when, in which mailbox, the message."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient as RCPT named it; ``notify`` in upper case, empty when not given (RFC 3461)."""

    address: str
    notify: frozenset[str] = frozenset()
    orcpt: str = ""

    def wants(self, event: str) -> bool:
        """Whether a notice of ``FAILURE``, ``SUCCESS`` or ``DELAY`` is wanted."""
        return event in (self.notify or {"FAILURE"})


@dataclass(frozen=True, slots=True)
class Submission:
    """A whole message as it was submitted; ``sender`` is empty for notices."""

    sender: str
    recipients: tuple[Recipient, ...]
    data: bytes
    session: str
    client: str = ""
    whole: bool | None = None
    """What notices carry back: the whole message, its header, or as usual (``RET``)."""
    envelope_id: str = ""


class Delivery:
    """Delivers at once or later."""

    def __init__(self, settings: Settings, store: Store, faults: Faults, journal: Journal) -> None:
        self._settings = settings
        self._store = store
        self._faults = faults
        self._journal = journal
        # Commits wait for the disk: in a thread of their own, the sessions go on meanwhile.
        self._writer = ThreadPoolExecutor(1, "mssante-writer")
        self._changed = asyncio.Event()

    def close(self) -> None:
        """Finish what is being written."""
        self._writer.shutdown()

    def refusal_of(self, address: str) -> str:
        """Why a recipient is refused at RCPT; empty when it is accepted."""
        domain = split(address)[2]
        if not domain:
            return "553 5.1.3 The address has no domain"
        if not self._settings.trusts(domain):
            return f"550 5.7.1 {domain} is not on the white list of the espace de confiance"
        if self._settings.runs(domain):
            if self._store.mailbox(address) is None:
                return f"550 5.1.1 <{address}>: no such mailbox here"
            if self._store.used(mailbox_address(address)) >= self._settings.quota:
                return f"452 4.2.2 <{address}>: mailbox over quota"
        return ""

    async def accept(self, submission: Submission) -> None:
        """Take charge of a message: when this returns, nothing can be lost."""
        await self.in_writer(lambda: self._accept(submission))
        self._changed.set()

    async def in_writer(self, work: Callable[[], _Result]) -> _Result:
        """Run what writes to the store outside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def later(self) -> None:
        """Deliver what is due, for ever."""
        while True:
            self._changed.clear()
            due = self._store.next_due()
            wait = None if due is None else max(0.0, due - time.time())
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                await self.in_writer(self._deliver_due)

    def _deliver_due(self) -> None:
        for number, address, data in self._store.due(time.time()):
            folder = self._store.folder(address, INBOX)
            uids = self._store.add([folder] if folder else [], data, also=partial(_forget, number))
            self._journal.record(SOURCE, "mail.notice", mailbox=address, uid=uids[0] if uids else 0, body=data)

    # One message

    def _accept(self, submission: Submission) -> None:
        message = _header(submission.data)
        traced = self._traced(submission)
        folders: list[Folder] = []
        planned: list[_Planned] = []
        rights: list[Callable[[sqlite3.Connection], None]] = []
        said: list[tuple[str, dict[str, Any]]] = []
        for recipient in submission.recipients:
            why = self._obstacle(recipient.address, len(submission.data))
            if why is not None:
                planned += self._notices(
                    submission, Notice("failed", why[0], recipient.address, why[1], recipient.orcpt)
                )
                said.append(("mail.bounced", {"recipient": recipient.address, "status": why[0], "words": why[1]}))
                continue
            mailbox = self._mailbox_of(recipient.address)
            folder = self._store.folder(mailbox.address, INBOX)
            if folder is None:
                raise KeyError(mailbox.address)
            folders.append(folder)
            said.append(("mail.delivered", {"recipient": recipient.address, "mailbox": mailbox.address}))
            planned += self._after_delivery(submission, recipient, mailbox, message)
            if mailbox.kind is MailboxKind.PATIENT and submission.sender:
                rights.append(_right(mailbox.address, submission.sender, message))

        identifier = _plain(message, "Message-ID")
        told: list[tuple[str, dict[str, Any]]] = []

        def also(db: sqlite3.Connection, uids: list[int]) -> None:
            for write in rights:
                write(db)
            left = iter(uids)
            for event, facts in said:
                uid = next(left) if event == "mail.delivered" else 0
                told.append((event, {"message_id": identifier, "uid": uid, **facts}))
            # What was told to the journal since the last message need not be kept for after a crash any more.
            db.execute("DELETE FROM told")
            db.executemany(
                "INSERT INTO told (event, session, facts) VALUES (?, ?, ?)",
                [(event, submission.session, json.dumps(facts)) for event, facts in told],
            )
            db.executemany("INSERT INTO later (due, address, data) VALUES (?, ?, ?)", planned)

        self._store.add(folders, traced, also=also)
        for event, facts in told:
            self._journal.record(SOURCE, event, submission.session, **facts)

    def tell_after_crash(self) -> None:
        """Tell the journal what a crash kept from it: mail that is in its mailbox and of which no entry speaks."""
        for event, session, facts in self._store.untold():
            if not self._journal.entries(event, session=session, **facts):
                self._journal.record(SOURCE, event, session, after_crash=True, **facts)

    def _mailbox_of(self, address: str) -> Mailbox:
        found = self._store.mailbox(address)
        if found is not None:
            return found
        # Another operator of the white list: what it received can be read here like any mailbox.
        return self._store.add_mailbox(Mailbox(mailbox_address(address), MailboxKind.ELSEWHERE))

    def _obstacle(self, address: str, size: int) -> tuple[str, str] | None:
        """Why an accepted message cannot be delivered: enhanced status and words."""
        fault = self._faults.take(Stage.LATER, address) if _is_bounce(self._faults, address) else None
        if fault is not None:
            return fault.status or "5.1.1", fault.words or "Bounced on request"
        local = patient_of(mailbox_address(address))
        if local is None:
            return None
        if matricule_problems(local.upper()):  # Corsica: 2A and 2B
            return "5.1.3", "Invalid patient address"
        mailbox = self._store.mailbox(address)
        if mailbox is None:
            return "5.1.1", "Patient not found"
        if mailbox.closed:
            return "5.2.1", "The patient's messaging is closed"
        if size > self._settings.patient_size_limit:
            return "5.3.4", f"Message of {size} bytes, the limit is {self._settings.patient_size_limit}"
        return None

    def _after_delivery(
        self, submission: Submission, recipient: Recipient, mailbox: Mailbox, message: Message
    ) -> list[_Planned]:
        planned: list[_Planned] = []
        fault = self._faults.take(Stage.LATER, recipient.address)
        if fault is not None and fault.kind is FaultKind.DELAY:
            notice = Notice("delayed", "4.4.7", recipient.address, "Delayed on request", recipient.orcpt)
            planned += self._notices(submission, notice)
        if fault is not None and fault.kind is FaultKind.RECEIPT:
            planned += self._receipt(fault, mailbox, message, submission.data)
        action: Notice = (
            Notice("relayed", "2.0.0", recipient.address, "Relayed", recipient.orcpt)
            if mailbox.kind is MailboxKind.ELSEWHERE
            else Notice("delivered", "2.0.0", recipient.address, "Delivered", recipient.orcpt)
        )
        return planned + self._notices(submission, action)

    def _notices(self, submission: Submission, notice: Notice) -> list[_Planned]:
        """The notice for the sender, if it is wanted and there is somebody to tell."""
        event = {"failed": "FAILURE", "delayed": "DELAY"}.get(notice.action, "SUCCESS")
        wanted = any(one.address == notice.recipient and one.wants(event) for one in submission.recipients)
        if not wanted or not submission.sender or self._store.mailbox(submission.sender) is None:
            return []
        whole = notice.action == "failed" if submission.whole is None else submission.whole
        data = write_notice(
            notice,
            host=self._settings.host,
            domain=self._settings.domain,
            to=submission.sender,
            original=submission.data,
            whole=whole,
            envelope_id=submission.envelope_id,
        )
        data = b"Return-Path: <>\r\n" + data
        return [(time.time(), mailbox_address(submission.sender), data)]

    def _receipt(self, fault: Fault, mailbox: Mailbox, message: Message, original: bytes) -> list[_Planned]:
        """What the recipient's product answers, when it was asked to."""
        asked = [address for _, address in getaddresses([_plain(message, "Disposition-Notification-To")]) if address]
        if not asked or self._store.mailbox(asked[0]) is None:
            return []
        if fault.code:
            label = INTEGRATION_ERRORS.get(str(fault.code), Text("Autre erreur", "Other error")).fr
            condition = "messageErrorCondition" if fault.old_grammar else "applicationErrorCondition"
            disposition = Disposition(
                "automatic-action/MDN-sent-automatically", "processed", ("error",),
                IntegrationError(str(fault.code), label, condition, "E"),
                "1.1.2" if fault.old_grammar else "1.1.3",
            )  # fmt: skip
            text = f"Le document n’a pas pu être intégré : {fault.code} {label}.\r\n"
        else:
            disposition = Disposition("manual-action/MDN-sent-manually", "displayed")
            text = "Votre message a été lu.\r\n"
        data = write_mdn(
            Mdn(mailbox.address, _plain(message, "Message-ID"), disposition, reporting_ua="segur; mssante"),
            sender=mailbox.address,
            recipient=asked[0],
            text=text,
            original=original,
            message_id=f"<{uuid.uuid4()}@{self._settings.host}>",
            date=format_datetime(datetime.now(UTC)),
        )
        return [(time.time() + fault.seconds, mailbox_address(asked[0]), b"Return-Path: <>\r\n" + data)]

    def _traced(self, submission: Submission) -> bytes:
        digest = hashlib.sha256(submission.session.encode()).hexdigest()[:10].upper()
        trace = (
            f"Return-Path: <{submission.sender}>\r\n"
            f"Received: from {submission.client or 'client'} by {self._settings.host} with ESMTPSA id {digest};\r\n"
            f" {format_datetime(datetime.now(UTC))}\r\n"
        )
        return trace.encode() + submission.data

    # Patients' answers

    def answer_to(self, patient: str, message_id: str, original: Message | None) -> str:
        """To whom a patient's answer goes; raises ``ReplyRefused`` when the patient has no right to answer."""
        sender = self._store.may_answer(patient, message_id)
        if sender is None:
            self._journal.record(SOURCE, "patient.answer-refused", patient=patient, message_id=message_id)
            raise ReplyRefused(
                "mssante.conversation-closed",
                Text("Le patient ne peut pas répondre à ce message.", "The patient cannot answer this message."),
                Text("Le professionnel a clos la conversation, ou ne l’a pas ouverte.", "The professional closed the conversation, or did not open it."),
            )  # fmt: skip
        reply_to = [one for _, one in getaddresses([_plain(original, "Reply-To")]) if one] if original else []
        return reply_to[0] if reply_to and self._settings.trusts(split(reply_to[0])[2]) else sender


def _is_bounce(faults: Faults, address: str) -> bool:
    return any(fault.kind is FaultKind.BOUNCE for fault in faults.at(Stage.LATER, address)[:1])


def _right(patient: str, sender: str, message: Message) -> Callable[[sqlite3.Connection], None]:
    """Record whether the patient may answer; a subject that is just ``[FIN]`` closes all that was before."""
    identifier = _plain(message, "Message-ID")
    closing = _plain(message, "Subject") == CLOSING_SUBJECT
    closed = closing or _plain(message, CLOSING_HEADER) == CLOSING_VALUE

    def write(db: sqlite3.Connection) -> None:
        if closing:
            db.execute(
                "UPDATE right_to_answer SET open = 0 WHERE patient = ? AND sender = ?",
                (patient, mailbox_address(sender)),
            )
        db.execute(
            "INSERT INTO right_to_answer (patient, sender, message_id, open) VALUES (?, ?, ?, ?)",
            (patient, mailbox_address(sender), identifier, not closed),
        )

    return write


def _forget(number: int, db: sqlite3.Connection, _: list[int]) -> None:
    db.execute("DELETE FROM later WHERE id = ?", (number,))


def _header(data: bytes) -> Message:
    return BytesHeaderParser().parsebytes(data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")


def _plain(message: Message, name: str) -> str:
    return str(message.get(name, "")).replace("\r", "").replace("\n", "").strip()
