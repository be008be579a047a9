"""The control API: what tests, and people with curl, ask of the operator. JSON over HTTP, on the loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from conformance.core.errors import SegurError, UsageError
from conformance.core.language import Text
from conformance.simulators.mssante.faults import Fault
from conformance.simulators.mssante.model import (
    INBOX,
    SOURCE,
    Mailbox,
    MailboxKind,
    NoSuchMailbox,
    ReplyRefused,
    mailbox_address,
    split,
)
from conformance.simulators.mssante.patients import answer_of
from conformance.simulators.mssante.service import Lists, Service
from conformance.simulators.mssante.store import Folder
from conformance.simulators.mssante.tls import Face
from conformance.simulators.mssante.token_routes import TokenRoutes
from conformance.simulators.pki import Branch, Credential, Defect, Usage

MOST_BYTES: Final = 200_000_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """The routes of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def application(self) -> web.Application:
        """The application that answers."""
        made = web.Application(client_max_size=MOST_BYTES, middlewares=[_say_errors])
        made.add_routes(
            [
                web.get("/", self._info),
                web.get("/journal", self._journal),
                web.get("/journal/last", self._last),
                web.get("/journal/wait", self._wait),
                web.get("/mailboxes", self._mailboxes),
                web.post("/mailboxes", self._add_mailbox),
                web.get("/mailboxes/{address}/messages", self._messages),
                web.post("/mailboxes/{address}/messages", self._deliver),
                web.get("/mailboxes/{address}/messages/{uid}", self._message),
                web.post("/mailboxes/{address}/renumber", self._renumber),
                web.post("/mailboxes/{address}/answers", self._answer),
                web.get("/faults", self._faults),
                web.post("/faults", self._add_fault),
                web.delete("/faults", self._clear_faults),
                web.delete("/faults/{number}", self._remove_fault),
                web.post("/tokens", self._issue),
                web.delete("/tokens", self._end_tokens),
                web.post("/certificates", self._certificate),
                web.post("/tls", self._tls),
                web.post("/announced", self._announced),
                web.post("/outage", self._outage),
                web.post("/crl", self._lists),
                web.get("/crl/{branch}.crl", self._crl),
            ]
        )
        TokenRoutes(self._service.tokens, self._service.journal).add_to(made)
        return made

    async def _info(self, request: web.Request) -> web.Response:
        return web.json_response(self._service.info())

    # The journal

    async def _journal(self, request: web.Request) -> web.Response:
        asked = request.query
        entries = self._service.journal.entries(
            asked.get("event", ""),
            source=asked.get("source", ""),
            session=asked.get("session", ""),
            after=int(asked.get("after", "0")),
            bodies="bodies" in asked,
            most=int(asked.get("most", "1000000")),
            **_facts(asked.get("facts", "{}")),
        )
        return web.json_response([entry.as_json() for entry in entries])

    async def _last(self, request: web.Request) -> web.Response:
        return web.json_response(self._service.journal.last)

    async def _wait(self, request: web.Request) -> web.Response:
        asked = request.query
        found = await asyncio.to_thread(
            self._service.journal.wait_for,
            asked.get("event", ""),
            seconds=min(float(asked.get("seconds", "10")), 300),
            after=int(asked.get("after", "0")),
            **_facts(asked.get("facts", "{}")),
        )
        return web.json_response(None if found is None else found.as_json())

    # Mailboxes

    async def _mailboxes(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in self._service.store.mailboxes()])

    async def _add_mailbox(self, request: web.Request) -> web.Response:
        asked = await _object(request)
        try:
            mailbox = Mailbox(
                _address(asked["address"]),
                MailboxKind(asked.get("kind", MailboxKind.PERSONAL)),
                str(asked.get("name", "")),
                _texts(asked.get("holders", [])),
                bool(asked.get("closed", False)),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise _not_understood(str(error)) from error
        made = await self._service.delivery.in_writer(lambda: self._service.store.add_mailbox(mailbox))
        return web.json_response(asdict(made), status=201)

    async def _messages(self, request: web.Request) -> web.Response:
        folder = self._folder(request)
        said = []
        for uid, _ in self._service.store.index(folder.id):
            found = self._service.store.message(folder.id, uid, data=False)
            if found is not None:
                received = found.received.isoformat()
                said.append({"uid": uid, "flags": found.flags, "received": received, "size": found.size})
        return web.json_response(said)

    async def _message(self, request: web.Request) -> web.Response:
        found = self._service.store.message(self._folder(request).id, int(request.match_info["uid"]))
        if found is None:
            raise web.HTTPNotFound(reason="no such message")
        return web.Response(body=found.data, content_type="message/rfc822")

    async def _deliver(self, request: web.Request) -> web.Response:
        folder, data = self._folder(request), await request.read()
        trace = f"Return-Path: <{request.query.get('sender', '')}>\r\n".encode() if "sender" in request.query else b""
        flags = request.query.get("flags", "").split()
        (uid,) = await self._service.delivery.in_writer(lambda: self._service.store.add([folder], trace + data, flags))
        self._service.journal.record(SOURCE, "mail.put", body=data, mailbox=folder.address, folder=folder.name, uid=uid)
        return web.json_response({"uid": uid}, status=201)

    async def _renumber(self, request: web.Request) -> web.Response:
        folder = self._folder(request)
        await self._service.delivery.in_writer(lambda: self._service.store.renew_validity(folder))
        return web.json_response({})

    async def _answer(self, request: web.Request) -> web.Response:
        """A patient answers a message: refused when the conversation is closed."""
        asked, folder, service = await _object(request), self._folder(request), self._service
        original, data, to = answer_of(service.store, service.delivery, folder, asked)
        target = service.store.folder(mailbox_address(to), INBOX)
        if target is None:
            raise _no_mailbox(to)
        (uid,) = await service.delivery.in_writer(lambda: service.store.add([target], data))
        service.journal.record(
            SOURCE,
            "patient.answered",
            body=data,
            patient=folder.address,
            mailbox=target.address,
            uid=uid,
            original=original,
        )
        return web.json_response({"mailbox": target.address, "uid": uid}, status=201)

    def _folder(self, request: web.Request) -> Folder:
        address = mailbox_address(request.match_info["address"])
        found = self._service.store.folder(address, request.query.get("folder", INBOX))
        if found is None:
            raise _no_mailbox(address)
        return found

    # Faults, tokens, certificates

    async def _faults(self, request: web.Request) -> web.Response:
        waiting = self._service.faults.waiting()
        return web.json_response([{"number": number, **fault.as_json()} for number, fault in waiting.items()])

    async def _add_fault(self, request: web.Request) -> web.Response:
        fault = Fault.from_json(await _object(request))
        number = self._service.faults.add(fault)
        self._service.journal.record(SOURCE, "fault.armed", number=number, **fault.as_json())
        return web.json_response({"number": number}, status=201)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._service.faults.clear()
        return web.json_response({})

    async def _remove_fault(self, request: web.Request) -> web.Response:
        removed = self._service.faults.remove(int(request.match_info["number"]))
        return web.json_response({"removed": removed})

    async def _issue(self, request: web.Request) -> web.Response:
        asked = await _object(request)
        seconds = asked.get("seconds")
        tokens = self._service.tokens.issue(str(asked["subject"]), None if seconds is None else float(seconds))
        said = {"access": tokens.access, "refresh": tokens.refresh, "seconds": tokens.seconds}
        return web.json_response(said, status=201)

    async def _end_tokens(self, request: web.Request) -> web.Response:
        self._service.tokens.end(request.query.get("subject", ""), "refresh" in request.query)
        if "sessions" in request.query:
            self._service.cut_sessions()
        return web.json_response({})

    async def _certificate(self, request: web.Request) -> web.Response:
        made = await asyncio.to_thread(self._make, await _object(request))
        return web.json_response(
            {
                "name": made.name,
                "subject": made.subject,
                "chain_file": str(made.chain_file),
                "key_file": str(made.key_file),
                "p12_file": str(made.p12_file),
            },
            status=201,
        )

    def _make(self, asked: dict[str, Any]) -> Credential:
        try:
            defect = Defect(asked.get("defect", Defect.NONE))
            usage = Usage(asked.get("usage", Usage.AUTHENTICATION))
            if asked["kind"] == "organisation":
                return self._service.pki.organisation(asked["identifier"], usage=usage, defect=defect)
            if asked["kind"] == "professional":
                return self._service.pki.professional(asked["identifier"], usage=usage, defect=defect)
            return self._service.pki.product(asked["identifier"], defect=defect)
        except (KeyError, ValueError) as error:
            raise _not_understood(str(error)) from error

    async def _tls(self, request: web.Request) -> web.Response:
        asked = await _object(request)
        try:
            face, defect = Face(asked.get("face", Face.RIGHT)), Defect(asked.get("defect", Defect.NONE))
        except ValueError as error:
            raise _not_understood(str(error)) from error
        await self._service.show(face, defect)
        self._service.journal.record(SOURCE, "tls.shown", face=face.value, defect=defect.value)
        return web.json_response({})

    async def _announced(self, request: web.Request) -> web.Response:
        asked = await _object(request)
        limit, hidden = asked.get("size_limit"), _texts(asked.get("hidden", []))
        if limit is not None and int(limit) < 1:
            raise _not_understood(f"size_limit {limit}")
        self._service.announce(None if limit is None else int(limit), hidden)
        self._service.journal.record(SOURCE, "announced", size_limit=limit, hidden=hidden)
        return web.json_response({})

    async def _outage(self, request: web.Request) -> web.Response:
        on = bool((await _object(request)).get("on", True))
        await (self._service.pause() if on else self._service.resume())
        self._service.journal.record(SOURCE, "outage", on=on)
        return web.json_response({})

    async def _lists(self, request: web.Request) -> web.Response:
        try:
            self._service.lists = Lists((await _object(request)).get("lists", Lists.SERVED))
        except ValueError as error:
            raise _not_understood(str(error)) from error
        return web.json_response({})

    async def _crl(self, request: web.Request) -> web.Response:
        self._service.journal.record(SOURCE, "crl.asked", branch=request.match_info["branch"])
        if self._service.lists is Lists.CUT:
            raise web.HTTPServiceUnavailable(reason="cut on request")
        try:
            branch = Branch(request.match_info["branch"])
        except ValueError as error:
            raise web.HTTPNotFound(reason="no such branch") from error
        data = await asyncio.to_thread(self._service.pki.crl, branch, self._service.lists is Lists.EXPIRED)
        return web.Response(body=data, content_type="application/pkix-crl")


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        asked = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise _not_understood(str(error)) from error
    if not isinstance(asked, dict):
        raise _not_understood("not an object")
    return asked


def _address(value: Any) -> str:
    if not isinstance(value, str) or not all(split(value)[::2]):
        raise _not_understood(f"address {value!r}")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _not_understood(f"{value!r} is no list of texts")
    return tuple(value)


def _facts(text: str) -> dict[str, Any]:
    try:
        facts = json.loads(text)
    except ValueError as error:
        raise _not_understood(str(error)) from error
    if not isinstance(facts, dict):
        raise _not_understood("not an object")
    return facts


def _not_understood(why: str) -> UsageError:
    return UsageError(
        "mssante.not-understood",
        Text(f"La demande n’est pas comprise ({why}).", f"The request is not understood ({why})."),
        Text("Voir docs/mssante.fr.md.", "See docs/mssante.md."),
    )


def _no_mailbox(address: str) -> NoSuchMailbox:
    return NoSuchMailbox(
        "mssante.no-mailbox",
        Text(f"Il n’y a pas de boîte ou de dossier {address}.", f"There is no mailbox or folder {address}."),
        Text("Créez-la avec add_mailbox, ou POST /mailboxes.", "Make it with add_mailbox, or POST /mailboxes."),
    )


_STATUS: Final[tuple[tuple[type[SegurError], int], ...]] = (
    (NoSuchMailbox, 404),
    (ReplyRefused, 409),
    (UsageError, 400),
)


@web.middleware
async def _say_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors in one form; and only who asks for the loopback by name is answered (a page of a browser cannot)."""
    if request.url.host not in ("127.0.0.1", "localhost"):
        return web.json_response({"code": "mssante.not-loopback"}, status=403)
    try:
        return await handler(request)
    except SegurError as error:
        status = next((number for kind, number in _STATUS if isinstance(error, kind)), 500)
        said = {"code": error.code, "fr": error.sentence.fr, "en": error.sentence.en}
        return web.json_response(said, status=status)
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        wrong = _not_understood(str(error))
        said = {"code": wrong.code, "fr": wrong.sentence.fr, "en": wrong.sentence.en}
        return web.json_response(said, status=400)
