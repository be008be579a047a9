"""One connection: reads commands, authenticates, answers, tells what is new, misbehaves on request."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from conformance.simulators.journal import Journal
from conformance.simulators.mssante.access import (
    CHALLENGE,
    MECHANISMS,
    Access,
    Denied,
    Opened,
    claimed_mailbox,
    decoded,
    subject_of,
)
from conformance.simulators.mssante.delivery import Delivery
from conformance.simulators.mssante.faults import Fault, FaultKind, Faults, Stage
from conformance.simulators.mssante.imap.parsing import BadCommand, Token, atom, literal_at_end, octets_of, words
from conformance.simulators.mssante.imap.view import View
from conformance.simulators.mssante.model import SOURCE, Settings
from conformance.simulators.mssante.store import Store
from conformance.simulators.mssante.tls import reason_of
from conformance.simulators.mssante.tokens import TokenServer

_log = logging.getLogger("mssante")

LONGEST_LINE: Final = 65_536

_CAPABILITIES: Final = (
    "IMAP4rev1", "LITERAL+", "SASL-IR", "ID", "IDLE", "UIDPLUS", "MOVE", "UNSELECT", "NAMESPACE", "CHILDREN",
    "SPECIAL-USE", "QUOTA",
)  # fmt: skip

_KEEPS_NUMBERS: Final = frozenset({"FETCH", "STORE", "SEARCH"})
"""Commands during which no message may be said to be gone (RFC 3501, 7.4.1)."""


class Refused(Exception):
    """``NO``: understood, and not done. The text may begin with a response code in brackets."""


class Ended(Exception):
    """The connection is over."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session needs of the operator."""

    settings: Settings
    store: Store
    access: Access
    tokens: TokenServer
    delivery: Delivery
    faults: Faults
    journal: Journal
    tls_context: Callable[[], ssl.SSLContext | None]


Command = Callable[["Session", list[Token]], Awaitable[str]]
"""Does a command; gives what follows ``OK``. May raise ``Refused`` or ``BadCommand``."""


class Session:
    """The state of one connection."""

    def __init__(
        self, parts: Parts, commands: dict[str, Command], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.parts = parts
        self.opened: Opened | None = None
        self.view: View | None = None
        self.by_uid = False
        self._commands = commands
        self._reader = reader
        self._writer = writer
        self._id = f"imap-{uuid.uuid4().hex[:12]}"

    def say(self, event: str, body: bytes | None = None, **facts: Any) -> None:
        """Write into the journal."""
        self.parts.journal.record(SOURCE, f"imap.{event}", self._id, body, **facts)

    # The connection

    async def run(self) -> None:
        """Serve until the client leaves, or has to."""
        why = ""
        try:
            fault = self.parts.faults.take(Stage.IMAP_CONNECT)
            self.say("connect", fault=fault is not None)
            if fault is not None:
                await self.misbehave(fault)
            await self.send(b"* OK [CAPABILITY " + self.capabilities() + b"] segur IMAP4rev1 ready")
            while True:
                await self._one_command()
        except Ended as ended:
            why = str(ended)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError) as error:
            why = type(error).__name__
        except Exception as error:  # a fault of ours must stand in the journal, and end this session alone
            why = "fault of the simulator"
            self.fault_of_ours(error)
        finally:
            self.say("close", why=why)
            self._writer.close()

    def fault_of_ours(self, error: Exception) -> None:
        """Say in the journal, trace and all, what broke; the log tells where to look."""
        self.say("error", error=repr(error), trace="".join(traceback.format_exception(error)))
        _log.error("%s: fault of the simulator, see imap.error in the journal", self._id)

    def abort(self) -> None:
        """Cut the connection without a word."""
        self._writer.transport.abort()

    async def send(self, *lines: bytes) -> None:
        """Send whole lines."""
        self._writer.write(b"".join(line + b"\r\n" for line in lines))
        await self._writer.drain()

    async def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def line(self) -> bytes:
        """The next line of the client, without its end."""
        try:
            line = await self._reader.readline()
        except ValueError as error:
            await self.send(b"* BYE Line too long")
            raise Ended("line too long") from error
        if not line.endswith(b"\n"):
            raise Ended("the client left")
        return line.rstrip(b"\r\n")

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The encrypted channel, once there is one."""
        found: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return found

    def capabilities(self) -> bytes:
        """What is announced in this state."""
        hidden = self.parts.settings.hidden
        said = [name for name in _CAPABILITIES if name not in hidden]
        if self.tls is None:
            said += ["STARTTLS"] if self.parts.tls_context() else []
            said.append("LOGINDISABLED")
        elif self.opened is None:
            said += [f"AUTH={name}" for name in MECHANISMS if f"AUTH={name}" not in hidden]
        return " ".join(said).encode()

    # Commands

    async def _one_command(self) -> None:
        pieces = [await self.line()]
        if not pieces[0]:
            return
        tag, _, rest = pieces[0].partition(b" ")
        pieces[0] = rest
        left = LONGEST_LINE + (self.parts.settings.size_limit if self.opened else 0)
        while (announced := literal_at_end(pieces[-1])) is not None:
            size, at_once = announced
            left -= size
            if left < 0:
                if at_once:
                    await self.send(b"* BYE [TOOBIG] Literal too big")
                    raise Ended("literal too big")
                await self.send(tag + b" NO [TOOBIG] Literal too big")
                return
            if not at_once:
                await self.send(b"+ Ready")
            pieces.append(await self._reader.readexactly(size))
            pieces.append(await self.line())
            left -= len(pieces[-1])
        name = "?"
        try:
            tokens = words(pieces)
            if not tokens:
                raise BadCommand("no command")
            name, self.by_uid = atom(tokens.pop(0)), False
            if name == "UID" and tokens:
                name, self.by_uid = atom(tokens.pop(0)), True
            if name == "STARTTLS":
                await self.start_tls(tag)
                return
            said = "OK " + await self._do(name, tokens)
        except BadCommand as error:
            said = f"BAD {error}"
        except Refused as error:
            said = f"NO {error}"
        except (Ended, OSError, EOFError):
            raise
        except Exception as error:  # a fault of ours: it stands in the journal, and the session goes on
            self.fault_of_ours(error)
            said = "NO [SERVERBUG] Fault of the simulator"
        if name == "LOGOUT":
            await self.send(tag + b" " + said.encode())
            raise Ended("logout")
        if self.view is not None:
            await self.send(*self.view.news(removals=self.by_uid or name not in _KEEPS_NUMBERS))
        await self.send(tag + b" " + said.encode("utf-8", "replace"))

    async def _do(self, name: str, tokens: list[Token]) -> str:
        if name == "LOGOUT":
            await self.send(b"* BYE Goodbye")
            return "done"
        if name == "CAPABILITY":
            await self.send(b"* CAPABILITY " + self.capabilities())
            return "done"
        if name == "NOOP" and self.opened is None:
            return "done"
        if name in ("AUTHENTICATE", "LOGIN"):
            return await self._authenticate(name, tokens)
        command = self._commands.get(name)
        if command is None:
            self.say("command", command=name, unknown=True)
            raise BadCommand(f"unknown command {name}")
        if self.opened is None and name != "ID":
            raise BadCommand("authenticate first")
        await self._before(name)
        self.say("command", command=("UID " if self.by_uid else "") + name, mailbox=self.address)
        return await command(self, tokens)

    @property
    def address(self) -> str:
        """The opened mailbox."""
        return self.opened.mailbox.address if self.opened else ""

    async def _before(self, name: str) -> None:
        """What may befall a session before a command is done."""
        if self.opened is None:
            return
        if self.parts.settings.session_ends_with_token and not self.parts.access.still_good(self.opened):
            await self.expire()
        fault = self.parts.faults.take(Stage.IMAP_COMMAND, self.address)
        if fault is not None:
            self.say("fault", kind=fault.kind.value, command=name, mailbox=self.address)
            await self.misbehave(fault)

    async def misbehave(self, fault: Fault) -> None:
        """Do what the fault says."""
        if fault.kind is FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
        elif fault.kind is FaultKind.EXPIRE:
            if self.opened is not None:
                self.parts.tokens.end(self.opened.subject)
            await self.expire()
        elif fault.kind is FaultKind.REFUSE:
            raise Refused(fault.words or "[UNAVAILABLE] Refused on request")
        else:
            self.abort()
            raise Ended("cut on request")

    async def expire(self) -> None:
        """The token that opened the session is no good any more: say so and leave."""
        self.say("expired", mailbox=self.address)
        await self.send(b"* BYE [AUTHENTICATIONFAILED] The access token has run out")
        raise Ended("the access token has run out")

    @property
    def seconds_left(self) -> float | None:
        """How long the session may last still; ``None``: as long as it likes."""
        if self.parts.settings.session_ends_with_token and self.opened is not None and self.opened.ends:
            return max(0.0, self.opened.ends - time.time())
        return None

    # STARTTLS and authentication

    async def start_tls(self, tag: bytes) -> None:
        """Encrypt the channel; what the client had sent ahead in clear is thrown away."""
        context = self.parts.tls_context()
        if context is None or self.tls is not None:
            await self.send(tag + b" BAD STARTTLS is not offered here")
            return
        await self.send(tag + b" OK Begin TLS negotiation now")
        # Words sent ahead in clear must not be read as if they had come encrypted; asyncio offers no other way.
        self._reader._buffer.clear()  # type: ignore[attr-defined]  # private, and what aiosmtpd does as well
        before = self._writer.transport
        try:
            await self._writer.start_tls(context)
        except (OSError, EOFError) as error:
            self.say("tls-failed", reason=reason_of(error))
            raise Ended("the handshake failed") from error
        finally:
            if self._writer.transport is None:  # asyncio's way to say that the client left meanwhile
                self._writer._transport = before  # so that it can be closed
        if self.tls is None:
            self.say("tls-failed", reason=reason_of(None))
            raise Ended("the handshake failed")
        cipher = self.tls.cipher() if self.tls else None
        self.say(
            "tls",
            version=(self.tls.version() or "") if self.tls else "",
            suite=cipher[0] if cipher else "",
            certificate=subject_of(self._certificate),
        )

    @property
    def _certificate(self) -> bytes | None:
        return self.tls.getpeercert(True) if self.tls else None

    async def _authenticate(self, name: str, tokens: list[Token]) -> str:
        if self.tls is None:
            raise Refused("[PRIVACYREQUIRED] STARTTLS first")
        if self.opened is not None:
            raise BadCommand("already authenticated")
        if name == "LOGIN":
            if len(tokens) != 2:
                raise BadCommand("LOGIN user password")
            mechanism = "PLAIN"
            answer: bytes | None = b"\0" + octets_of(tokens[0]) + b"\0" + octets_of(tokens[1])
        else:
            mechanism = atom(tokens[0]) if tokens else ""
            if mechanism not in MECHANISMS:
                raise Refused(f"[CANNOT] Mechanisms: {' '.join(MECHANISMS)}")
            if len(tokens) > 1:
                given = octets_of(tokens[1])
            else:
                await self.send(b"+ ")
                given = await self.line()
            if given == b"*":
                raise BadCommand("aborted")
            answer = decoded(given)
        if answer is None:
            raise BadCommand("not base64")
        decision = self.parts.access.decide(mechanism, answer, self._certificate)
        claimed = decision.claimed if isinstance(decision, Denied) else decision.mailbox.address
        fault = self.parts.faults.take(Stage.IMAP_AUTH, claimed_mailbox(claimed))
        accepted = isinstance(decision, Opened) and (fault is None or fault.kind is FaultKind.SLOW)
        self.say(
            "auth",
            mechanism=mechanism if name != "LOGIN" else "LOGIN",
            initial=name != "LOGIN" and len(tokens) > 1,
            mailbox=claimed_mailbox(claimed),
            accepted=accepted,
            why=decision.why if isinstance(decision, Denied) else "fault on request" if not accepted else "",
        )
        if fault is not None and fault.kind is not FaultKind.REFUSE:
            await self.misbehave(fault)
        if not accepted or isinstance(decision, Denied):
            if mechanism == "XOAUTH2":
                await self.send(b"+ " + base64.b64encode(CHALLENGE))
                await self.line()
            raise Refused("[AUTHENTICATIONFAILED] Authentication failed")
        self.opened = decision
        return f"[CAPABILITY {self.capabilities().decode()}] {mechanism} authentication successful"
