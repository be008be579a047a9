"""The HTTP face of the product: the operations of the contract, on the loopback only."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from conformance.lgc.practice import OFFERED, TALKATIVE, Practice
from conformance.lgc.refusals import Refused
from conformance.sut.codec import NotInContract, from_json, to_json
from conformance.sut.contract import Refusal
from conformance.sut.operations import OPERATIONS, Operation

HOST = "127.0.0.1"
MOST_BYTES = 16_000_000

_log = logging.getLogger("lgc")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(practice: Practice) -> web.Application:
    """The routes of ``practice``, one for each operation of the contract."""
    made = web.Application(client_max_size=MOST_BYTES, middlewares=[_say_refusals])
    for operation in OPERATIONS:
        made.router.add_route(operation.method, operation.path, _handler(practice, operation))
    return made


def _handler(practice: Practice, operation: Operation) -> Handler:
    if operation.name not in OFFERED:

        async def not_offered(_: web.Request) -> web.Response:
            return _refusal(501, "not_offered", f"Le logiciel n’offre pas « {operation.name} ».")

        return not_offered

    method = getattr(practice, operation.name)

    async def handle(request: web.Request) -> web.Response:
        arguments: list[Any] = list(request.match_info.values())
        if operation.request is not None:
            arguments.append(await _body(request, operation))
        for name, required in operation.query:
            value = request.query.get(name)
            if required and not value:
                raise Refused(422, "missing_parameter", f"Le paramètre « {name} » manque.")
            arguments.append(value)
        if operation.name in TALKATIVE:
            return _answer(operation, await asyncio.to_thread(method, *arguments))
        return _answer(operation, method(*arguments))

    return handle


async def _body(request: web.Request, operation: Operation) -> Any:
    try:
        return from_json(await request.read(), operation.request)
    except NotInContract as error:
        raise Refused(400, "not_in_contract", str(error)) from error


def _answer(operation: Operation, value: Any) -> web.Response:
    if operation.response is None:
        return web.Response(status=operation.status)
    if operation.response is bytes:
        return web.Response(body=value, status=operation.status, content_type="application/xml")
    return web.Response(
        body=to_json(value, operation.response), status=operation.status, content_type="application/json"
    )


@web.middleware
async def _say_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal has the same form, whoever refuses."""
    try:
        return await handler(request)
    except Refused as refused:
        return _refusal(refused.status, refused.code, refused.message)
    except web.HTTPMethodNotAllowed as error:
        answer = _refusal(405, "method_not_allowed", f"{request.method} n’est pas admis ici.")
        answer.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return answer
    except web.HTTPException as error:
        return _refusal(error.status, "http_error", error.reason)
    except Exception:  # the product says that it failed, and goes on for the next request
        _log.exception("%s %s", request.method, request.path)
        return _refusal(500, "internal_error", "Le logiciel a échoué ; voir son journal.")


def _refusal(status: int, code: str, message: str) -> web.Response:
    return web.Response(
        body=to_json(Refusal(code=code, message=message)), status=status, content_type="application/json"
    )


def ready_line(port: int) -> str:
    """The first line of the product's output: where it answers, as JSON."""
    return json.dumps({"url": f"http://{HOST}:{port}"})
