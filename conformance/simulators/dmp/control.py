"""The control API: what tests, and people with curl, ask of the simulated DMP. JSON over HTTP, on the loopback."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any, Final

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from conformance.core.errors import SegurError, UsageError
from conformance.core.language import Text
from conformance.exchange.metadata import names
from conformance.exchange.metadata.hl7 import Cx
from conformance.identity.ins import matricule_problems
from conformance.simulators.dmp.faults import DmpFault
from conformance.simulators.dmp.model import DmpPatient, StoredAuthorisation, patient_cx
from conformance.simulators.dmp.seed import seed
from conformance.simulators.dmp.server import DmpServer
from conformance.simulators.dmp.store import DoesNotFit
from conformance.simulators.pki import Credential, Usage

_log = logging.getLogger("dmp")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class Control:
    """The routes of one server."""

    def __init__(self, server: DmpServer) -> None:
        self._server = server

    def application(self) -> web.Application:
        """The application that answers."""
        made = web.Application(middlewares=[_say_errors])
        made.add_routes(
            [
                web.get("/", self._info),
                web.get("/journal", self._journal),
                web.get("/journal/last", self._last),
                web.get("/journal/{number:[0-9]+}/body", self._body),
                web.get("/patients", self._patients),
                web.post("/patients", self._add_patient),
                web.get("/patients/{ins}/documents", self._documents),
                web.get("/patients/{ins}/authorisations", self._authorisations),
                web.post("/patients/{ins}/authorisations", self._authorise),
                web.get("/patients/{ins}/notifications", self._notifications),
                web.get("/patients/{ins}/traces", self._traces),
                web.get("/documents/{unique_id}", self._content),
                web.get("/faults", self._faults),
                web.post("/faults", self._add_fault),
                web.delete("/faults", self._lift),
                web.post("/outage", self._outage),
                web.post("/cards", self._card),
                web.post("/organisations", self._organisation),
                web.post("/seed", self._seed),
                web.post("/clear", self._clear),
            ]
        )
        return made

    async def _info(self, request: web.Request) -> web.Response:
        return _json(self._server.info())

    async def _journal(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        entries = self._server.journal.entries(
            request.query.get("event", ""), after=int(after) if after.isascii() and after.isdigit() else 0
        )
        return _json([entry.as_json() for entry in entries])

    async def _last(self, request: web.Request) -> web.Response:
        return _json(self._server.journal.last)

    async def _body(self, request: web.Request) -> web.Response:
        try:
            body = self._server.journal.body(int(request.match_info["number"]))
        except KeyError:
            raise web.HTTPNotFound from None
        return web.Response(body=body or b"", content_type="application/octet-stream")

    async def _patients(self, request: web.Request) -> web.Response:
        def read() -> list[dict[str, Any]]:
            with self._server.store.reading() as records:
                return [asdict(one) for one in records.patients()]

        return _json(await asyncio.to_thread(read))

    async def _add_patient(self, request: web.Request) -> web.Response:
        asked = await _object(request)
        cx = patient_cx(str(asked.pop("ins", "")))
        if Cx.parse(cx).type != "NH" or matricule_problems(Cx.parse(cx).id):
            raise _not_understood("ins")

        def write() -> dict[str, Any]:
            with self._server.store.writing() as records:
                known = records.patient(cx)
                made = replace(known, **asked) if known else DmpPatient(patient=cx, **asked)
                records.add_patient(made)
                return asdict(made)

        return _json(await _made(write), 201)

    async def _documents(self, request: web.Request) -> web.Response:
        def read() -> list[dict[str, Any]]:
            with self._server.store.reading() as records:
                statuses = (names.APPROVED, names.ARCHIVED, names.DEPRECATED, names.DELETED)
                return [
                    asdict(one) for one in records.entries_of(self._cx(request), statuses=statuses, signatures=False)
                ]

        return _json(await asyncio.to_thread(read))

    async def _authorisations(self, request: web.Request) -> web.Response:
        def read() -> list[dict[str, Any]]:
            with self._server.store.reading() as records:
                return [asdict(one) for one in records.authorisations(patient=self._cx(request))]

        return _json(await asyncio.to_thread(read))

    async def _authorise(self, request: web.Request) -> web.Response:
        asked = await _object(request)

        def write() -> dict[str, Any]:
            with self._server.store.writing() as records:
                made = StoredAuthorisation(patient=self._cx(request), **asked)
                records.authorise(made)
                return asdict(made)

        return _json(await _made(write), 201)

    async def _notifications(self, request: web.Request) -> web.Response:
        def read() -> list[dict[str, Any]]:
            with self._server.store.reading() as records:
                return [asdict(one) for one in records.notifications(self._cx(request))]

        return _json(await asyncio.to_thread(read))

    async def _traces(self, request: web.Request) -> web.Response:
        def read() -> list[dict[str, Any]]:
            with self._server.store.reading() as records:
                return [asdict(one) for one in records.traces(self._cx(request))]

        return _json(await asyncio.to_thread(read))

    async def _content(self, request: web.Request) -> web.Response:
        def read() -> bytes | None:
            with self._server.store.reading() as records:
                return records.content(request.match_info["unique_id"])

        found = await asyncio.to_thread(read)
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found, content_type="application/octet-stream")

    async def _faults(self, request: web.Request) -> web.Response:
        return _json([asdict(one) for one in self._server.faults.waiting()])

    async def _add_fault(self, request: web.Request) -> web.Response:
        fault = DmpFault.from_json(await _object(request))
        self._server.faults.add(fault)
        self._server.journal.record("dmp", "fault.armed", **asdict(fault))
        return _json(asdict(fault), 201)

    async def _lift(self, request: web.Request) -> web.Response:
        self._server.faults.clear()
        return _json({})

    async def _outage(self, request: web.Request) -> web.Response:
        down = bool((await _object(request)).get("down", True))
        self._server.listener.available = not down
        self._server.journal.record("dmp", "outage.began" if down else "outage.ended")
        return _json({"down": down})

    async def _card(self, request: web.Request) -> web.Response:
        asked = await _object(request)
        if not asked.get("national_id"):
            raise _not_understood("national_id")
        number, family, given = str(asked["national_id"]), str(asked.get("family", "MARTIN")), str(asked.get("given", "Paul"))  # fmt: skip
        pki = self._server.pki
        return await _issued(lambda usage: pki.professional(number, family, given, usage))

    async def _organisation(self, request: web.Request) -> web.Response:
        asked = await _object(request)
        if not asked.get("identifier"):
            raise _not_understood("identifier")
        identifier, label = str(asked["identifier"]), str(asked.get("label", "CABINET TEST"))
        pki = self._server.pki
        return await _issued(lambda usage: pki.organisation(identifier, label, usage))

    async def _seed(self, request: web.Request) -> web.Response:
        facts = await _made(lambda: seed(self._server.store))
        return _json(asdict(facts), 201)

    async def _clear(self, request: web.Request) -> web.Response:
        await asyncio.to_thread(self._server.store.clear)
        self._server.faults.clear()
        return _json({})

    def _cx(self, request: web.Request) -> str:
        return patient_cx(request.match_info["ins"])


async def _issued(issue: Callable[[Usage], Credential]) -> web.Response:
    """The certificates for TLS and for signing, as files."""
    uses = (Usage.AUTHENTICATION, Usage.SIGNATURE)
    made = await asyncio.to_thread(lambda: {str(usage): _files(issue(usage)) for usage in uses})
    return _json(made, 201)


def _files(one: Credential) -> dict[str, str]:
    return {
        "subject": one.subject, "chain_file": str(one.chain_file), "key_file": str(one.key_file), "p12_file": str(one.p12_file),
    }  # fmt: skip


def _json(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, dumps=lambda v: json.dumps(v, ensure_ascii=False))


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        value = await request.json() if request.can_read_body else {}
    except ValueError as error:
        raise _not_understood("JSON") from error
    if not isinstance(value, dict):
        raise _not_understood("JSON")
    return value


async def _made(work: Callable[[], Any]) -> Any:
    """Do it in a thread; a field that does not exist, or a value of a wrong type, is the caller's fault."""
    try:
        return await asyncio.to_thread(work)
    except DoesNotFit as error:
        raise _not_understood(f"{error.column} ≤ {error.longest}") from error
    except (TypeError, SQLAlchemyError) as error:
        raise _not_understood(type(error).__name__) from error


def _not_understood(what: str) -> UsageError:
    return UsageError(
        "dmp.control",
        Text(f"La demande n’est pas comprise ({what}).", f"The request is not understood ({what})."),
        Text("Voir docs/dmp.fr.md, « Piloter le simulateur ».", "See docs/dmp.md, “Driving the simulator”."),
    )


@web.middleware
async def _say_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal has the same form. A page of another site must not drive the simulator through a browser."""
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if host not in _LOOPBACK:
        return _json({"code": "dmp.host", "message": "loopback only"}, 403)
    try:
        return await handler(request)
    except SegurError as error:
        return _json({"code": error.code, "message": f"{error.sentence.fr} {error.hint.fr}"}, 422)
    except web.HTTPException as error:
        return _json({"code": "http", "message": error.reason}, error.status)
    except Exception:  # the API says that it failed, and goes on for the next request
        _log.exception("%s %s", request.method, request.path)
        return _json({"code": "internal", "message": "Le simulateur a échoué ; voir son journal."}, 500)
