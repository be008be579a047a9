"""Submission: aiosmtpd, taught DSN (RFC 3461), XOAUTH2, client certificates, the null sender, and to misbehave.

STARTTLS first, then authentication, then mail (ECO.1.0.1, ECO.1.2.1). Every step is journalled, refused or not.
"""

from __future__ import annotations

import asyncio
import collections
import hashlib
import logging
import ssl
import traceback
import uuid
from collections.abc import Callable
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session, TLSSetupException

from conformance.simulators.journal import Journal
from conformance.simulators.mssante.access import CHALLENGE, Access, Denied, Opened, decoded, subject_of
from conformance.simulators.mssante.delivery import Delivery, Recipient, Submission
from conformance.simulators.mssante.envelope import path_of, problem_of_mail, recipient_of
from conformance.simulators.mssante.faults import Fault, FaultKind, Faults, Stage
from conformance.simulators.mssante.model import SOURCE, Settings, mailbox_address
from conformance.simulators.mssante.tls import reason_of

_log = logging.getLogger("mssante")

# What matters is in the journal; aiosmtpd's own log would warn of its old interfaces at every login.
logging.getLogger("mail.log").setLevel(logging.ERROR)

LONGEST_LINE: Final = 998
"""Octets of a line of a message, its end apart (RFC 5322, 2.1.1)."""

_NULL_SENDER: Final = "<>"


class _Hooks:
    """What aiosmtpd calls while it speaks with a client."""

    def handle_STARTTLS(self, server: Submissions, session: Session, envelope: Envelope) -> bool:
        server.encrypted()
        return True

    async def handle_EHLO(
        self, server: Submissions, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return server.announced(hostname, responses)


class Submissions(SMTP):
    """One connection of a client. Parameters beyond those of aiosmtpd are the parts of the operator."""

    line_length_limit = 65_536
    """Of the stream, not of the lines: those of commands and of messages have limits of their own."""

    def __init__(
        self,
        settings: Settings,
        access: Access,
        delivery: Delivery,
        faults: Faults,
        journal: Journal,
        tls_context: ssl.SSLContext | None,
    ) -> None:
        self._settings = settings
        self._access = access
        self._delivery = delivery
        self._faults = faults
        self._journal = journal
        self._id = f"smtp-{uuid.uuid4().hex[:12]}"
        self._opened: Opened | None = None
        self._recipients: list[Recipient] = []
        self._ret: str = ""
        self._envelope_id = ""
        self._lost = False
        self.gone: Callable[[Submissions], None] = lambda _: None
        # A token may be long; aiosmtpd writes into this at each EHLO.
        self.command_size_limits = collections.defaultdict(lambda: 2048, {"AUTH": 12_288})
        super().__init__(
            _Hooks(),
            data_size_limit=settings.size_limit,
            enable_SMTPUTF8=True,
            hostname=settings.host,
            ident="ESMTP segur",
            tls_context=tls_context,
            require_starttls=True,
            auth_required=True,
            auth_exclude_mechanism=["LOGIN"],
            timeout=300,
        )

    def _say(self, event: str, **facts: Any) -> None:
        self._journal.record(SOURCE, f"smtp.{event}", self._id, **facts)

    # The connection

    async def _handle_client(self) -> None:
        fault = self._faults.take(Stage.CONNECT)
        self._say("connect", fault=fault is not None)
        if fault is not None:
            await self._misbehave(fault)
            if fault.kind is not FaultKind.SLOW:
                if self.transport is not None:
                    self.transport.close()
                return
        await super()._handle_client()

    def encrypted(self) -> None:
        """Called once the channel is encrypted."""
        tls = self._tls
        cipher = tls.cipher() if tls else None
        self._say(
            "tls",
            version=tls.version() if tls else "",
            suite=cipher[0] if cipher else "",
            certificate=subject_of(self._certificate),
        )
        self._opened = None

    @property
    def _tls(self) -> ssl.SSLObject | None:
        found: ssl.SSLObject | None = (self.session.ssl or {}).get("ssl_object") if self.session else None
        return found

    @property
    def _certificate(self) -> bytes | None:
        return self._tls.getpeercert(True) if self._tls else None

    async def handle_exception(self, error: Exception) -> str:
        """A handshake that failed is journalled with its reason; anything else is a fault of ours, said as such."""
        if isinstance(error, TLSSetupException):
            self._say("tls-failed", reason=reason_of(error.__cause__))
        else:
            self._say("error", error=repr(error), trace="".join(traceback.format_exception(error)))
            _log.error("%s: fault of the simulator, see smtp.error in the journal", self._id)
        return "451 4.3.0 Fault of the simulator"

    def connection_lost(self, error: Exception | None) -> None:
        if not self._lost:  # aiosmtpd calls this itself after a failed handshake
            self._lost = True
            self._say("close", error=type(error).__name__ if error else "")
            self.gone(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """End the connection without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def _misbehave(self, fault: Fault) -> bool:
        """Do what the fault says; true when the step is over with it."""
        if fault.kind is FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
            return False
        if fault.kind is FaultKind.DROP:
            self.cut()
            return True
        await self.push(fault.answer)
        return True

    # EHLO and AUTH

    def announced(self, hostname: str, responses: list[str]) -> list[str]:
        """What EHLO announces: aiosmtpd's, and what is added here."""
        self._say("ehlo", name=hostname, encrypted=self._tls_protocol is not None)
        return [*responses[:-1], "250-DSN", "250-PIPELINING", responses[-1]]

    async def smtp_STARTTLS(self, arg: str) -> None:
        """STARTTLS, once (aiosmtpd would begin again inside the encrypted channel)."""
        if self._tls_protocol:
            await self.push("503 5.5.1 Already encrypted")
        else:
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str | None) -> None:
        """AUTH; the names of mechanisms are read in any case (RFC 4954)."""
        mechanism, _, rest = (arg or "").partition(" ")
        await super().smtp_AUTH(f"{mechanism.upper()} {rest}".strip())

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """SASL XOAUTH2, with an initial answer or after an empty challenge."""
        return await self._auth("XOAUTH2", args)

    async def auth_PLAIN(self, _: SMTP, args: list[str]) -> AuthResult:
        """SASL PLAIN, which needs the client certificate."""
        return await self._auth("PLAIN", args)

    async def auth_EXTERNAL(self, server: SMTP, args: list[str]) -> AuthResult:
        """SASL EXTERNAL: the client certificate says who."""
        return await self._auth("EXTERNAL", args)

    async def _auth(self, mechanism: str, args: list[str]) -> AuthResult:
        if len(args) > 1:
            answer = decoded(args[1].encode("utf-8", "surrogateescape"))
            if answer is None:
                return AuthResult(success=False, handled=False, message="501 5.5.2 Can't decode base64")
        else:
            said = await self.challenge_auth(b"")
            if not isinstance(said, bytes):  # aborted or not base64: already answered
                return AuthResult(success=False, handled=True)
            answer = said
        decision = self._access.decide(mechanism, answer, self._certificate)
        claimed = decision.claimed if isinstance(decision, Denied) else decision.mailbox.address
        fault = self._faults.take(Stage.AUTH, claimed)
        denied = decision if isinstance(decision, Denied) else None
        self._say(
            "auth",
            mechanism=mechanism,
            initial=len(args) > 1,
            mailbox=mailbox_address(claimed) if claimed else "",
            accepted=denied is None and fault is None,
            why="fault on request" if fault else denied.why if denied else "",
            subject="" if isinstance(decision, Denied) else decision.subject,
        )
        if fault is not None and await self._misbehave(fault):
            return AuthResult(success=False, handled=True)
        if isinstance(decision, Opened):
            self._opened = decision
            return AuthResult(success=True, auth_data=decision)
        if mechanism == "XOAUTH2":
            await self.challenge_auth(CHALLENGE)
        return AuthResult(success=False, handled=False, message="535 5.7.8 Authentication failed")

    # The envelope

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL FROM, with SIZE, BODY, SMTPUTF8, RET and ENVID; the sender is the opened mailbox, or null."""
        if await self.check_helo_needed() or await self.check_auth_needed("MAIL"):
            return
        rest = self._strip_command_keyword("FROM:", arg) if arg else None
        sender, parameters = path_of(rest)
        answer = self._refusal_of_sender(sender, parameters)
        fault = self._faults.take(Stage.MAIL, sender) if sender is not None else None
        if fault is not None and fault.kind is not FaultKind.SLOW:
            answer = fault.answer
        self._say("mail", sender=sender, parameters=parameters, answer=answer or "250 OK", fault=fault is not None)
        if fault is not None and await self._misbehave(fault):
            return
        if answer or sender is None or parameters is None or self.envelope is None:
            await self.push(answer)
            return
        self.envelope.mail_from = sender or _NULL_SENDER
        self.envelope.smtp_utf8 = "SMTPUTF8" in parameters
        self._recipients = []
        self._ret, self._envelope_id = parameters.get("RET", "").upper(), parameters.get("ENVID", "")
        await self.push("250 2.1.0 OK")

    def _refusal_of_sender(self, sender: str | None, parameters: dict[str, str] | None) -> str:
        if sender is None or parameters is None:
            return "501 5.5.4 Syntax: MAIL FROM:<address> [parameters]"
        if self.envelope is None or self.envelope.mail_from:
            return "503 5.5.1 Nested MAIL command"
        wrong = problem_of_mail(parameters, self._settings.size_limit)
        if not wrong and sender and self._opened and mailbox_address(sender) != self._opened.mailbox.address:
            return f"553 5.7.1 <{sender}>: the opened mailbox is another one"
        return wrong

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT TO, with NOTIFY and ORCPT."""
        if await self.check_helo_needed() or await self.check_auth_needed("RCPT"):
            return
        if self.envelope is None or not self.envelope.mail_from:
            await self.push("503 5.5.1 MAIL first")
            return
        rest = self._strip_command_keyword("TO:", arg) if arg else None
        address, parameters = path_of(rest)
        recipient, answer = recipient_of(address, parameters)
        if recipient is not None:
            answer = self._delivery.refusal_of(recipient.address)
        fault = self._faults.take(Stage.RCPT, address) if address else None
        if fault is not None and fault.kind is not FaultKind.SLOW:
            answer = fault.answer
        self._say(
            "rcpt",
            recipient=address,
            notify=sorted(recipient.notify) if recipient else [],
            orcpt=recipient.orcpt if recipient else "",
            answer=answer or "250 OK",
            fault=fault is not None,
        )
        if fault is not None and await self._misbehave(fault):
            return
        if answer or recipient is None:
            await self.push(answer)
            return
        self._recipients.append(recipient)
        self.envelope.rcpt_tos.append(recipient.address)
        await self.push("250 2.1.5 OK")

    # The message

    async def smtp_DATA(self, arg: str) -> None:
        """DATA; a fault may come before the message, in the middle of it, or after its last line.

        Not aiosmtpd's: it reads line by line, which a load of large messages feels.
        """
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if arg or self.envelope is None or self.session is None:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 RCPT first")
            return
        fault = self._fault_of_any(Stage.DATA)
        if fault is not None:
            self._say("data", answer=_said(fault), fault=True, recipients=self.envelope.rcpt_tos)
            if fault.kind is FaultKind.DROP:
                await self.push("354 End data with <CR><LF>.<CR><LF>")
                await self._message(fault.octets)
            if await self._misbehave(fault):
                return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        data = await self._message()
        if data is None:
            answer = f"552 5.3.4 The limit is {self._settings.size_limit} bytes"
            self._say("data", answer=answer, accepted=False, fault=False, recipients=self.envelope.rcpt_tos)
        elif any(len(line) > LONGEST_LINE for line in data.split(b"\r\n")):
            answer = "500 5.5.2 A line is longer than 998 octets"
            self._say("data", answer=answer, accepted=False, fault=False, recipients=self.envelope.rcpt_tos)
        else:
            sender = "" if self.envelope.mail_from in (None, _NULL_SENDER) else str(self.envelope.mail_from)
            answer = await self.received(sender, data, self.session.host_name or "")
        self.envelope = self._create_envelope()
        await self.push(answer)

    async def _message(self, most: int | None = None) -> bytes | None:
        """What the client sends up to the line with a dot; ``None`` when it is bigger than the operator allows.

        With ``most``, only as many octets, or the whole message if it has less.
        """
        # So that a dot on the very first line is found like any other. What the client may send next stays in place.
        self._reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]  # StreamReader has no public way
        limit = self._settings.size_limit
        parts: list[bytes] = []
        size = 0
        while True:
            ended = True
            try:
                part = await self._reader.readuntil(b"\r\n.\r\n")
            except asyncio.LimitOverrunError as error:
                part, ended = await self._reader.readexactly(error.consumed), False
            size += len(part)
            if size <= limit:
                parts.append(part)
            else:
                parts.clear()
            if ended or (most is not None and size >= most):
                break
        if size > limit:
            return None
        return b"".join(parts).removesuffix(b".\r\n").replace(b"\r\n.", b"\r\n")[2:]

    async def received(self, sender: str, data: bytes, client: str) -> str:
        """The whole message is here: deliver it, or do what was asked for; gives the answer."""
        fault = self._fault_of_any(Stage.END)
        accepted = fault is None or fault.kind in (FaultKind.SLOW, FaultKind.DROP)
        if accepted:
            whole = {"FULL": True, "HDRS": False}.get(self._ret)
            await self._delivery.accept(
                Submission(sender, tuple(self._recipients), data, self._id, client, whole, self._envelope_id)
            )
        answer = _said(fault) if fault is not None else "250 2.0.0 Accepted"
        self._say(
            "data",
            body=data,
            sender=sender,
            recipients=[one.address for one in self._recipients],
            notify={one.address: sorted(one.notify) for one in self._recipients},
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            accepted=accepted,
            answer=answer,
            fault=fault is not None,
        )
        if fault is None:
            return answer
        if fault.kind is FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
            return "250 2.0.0 Accepted"
        if fault.kind is FaultKind.DROP:
            self.cut()
            return answer
        return fault.answer

    def _fault_of_any(self, stage: Stage) -> Fault | None:
        for recipient in self._recipients:
            fault = self._faults.take(stage, recipient.address)
            if fault is not None:
                return fault
        return None

    async def push(self, status: Any) -> None:
        """Answer, unless the connection was just cut on request."""
        if self.transport is not None and not self.transport.is_closing():
            await super().push(status)


def _said(fault: Fault) -> str:
    return fault.answer if fault.kind is FaultKind.REFUSE else fault.kind.value
