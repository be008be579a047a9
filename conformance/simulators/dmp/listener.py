"""The sockets of the simulated DMP: mutual TLS, server names, certificates that go wrong on request, limits of reading.

TLS 1.2 with the three suites of the DMP (PDT-INF-579v4). Every request is in the journal, with what TLS knew of it.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web
from aiohttp.client_exceptions import ClientPayloadError
from cryptography import x509

from conformance.exchange.dmp.captured import CapturedRequest, TlsFacts
from conformance.exchange.soap import ANONYMOUS, MEDIA_TYPE, Fault, fault_element, write_envelope
from conformance.simulators.dmp.faults import FaultBox, FaultKind
from conformance.simulators.dmp.refusals import Faulted, fault
from conformance.simulators.dmp.service import DmpService, Reply
from conformance.simulators.journal import Journal
from conformance.simulators.pki import Credential, Defect, Pki

_log = logging.getLogger("dmp")

HOST: Final = "127.0.0.1"
SOURCE: Final = "dmp"
SUITES: Final = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384"
_READING_SECONDS: Final = 30.0
_WORKERS: Final = 8

_DEFECTS: Final = {
    FaultKind.EXPIRED_CERTIFICATE: Defect.EXPIRED,
    FaultKind.WRONG_HOST: Defect.WRONG_HOST,
    FaultKind.UNKNOWN_AUTHORITY: Defect.FOREIGN_ROOT,
}
TRAPS: Final = {
    "expired": Defect.EXPIRED,
    "wrong_host": Defect.WRONG_HOST,
    "unknown_authority": Defect.FOREIGN_ROOT,
}
"""Listeners that a product must refuse to speak to (test 0.1-050 of the CNDA), by the defect of their certificate."""


class Listener:
    """What answers on the sockets, for one service."""

    def __init__(self, service: DmpService, pki: Pki, journal: Journal, faults: FaultBox) -> None:
        self._service = service
        self._pki = pki
        self._journal = journal
        self._faults = faults
        self._names: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        self._wrong: weakref.WeakSet[Any] = weakref.WeakSet()
        """The connections that were given a wrong certificate."""
        self._contexts: dict[Defect, ssl.SSLContext] = {}
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="dmp")
        self.available = True

    def close(self) -> None:
        """End the workers."""
        self._workers.shutdown(wait=True, cancel_futures=True)

    def context(self, defect: Defect = Defect.NONE) -> ssl.SSLContext:
        """The TLS context with this certificate; connections may be given another one when they ask for a name."""
        if defect not in self._contexts:
            self._contexts[defect] = self._new_context(
                self._pki.server("localhost", HOST, "lps.dmp.test", defect=defect)
            )
        return self._contexts[defect]

    def _new_context(self, credential: Credential) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers(SUITES)
        # A client that resumes a session looks at no certificate: faults of certificates would pass unseen.
        made.options |= ssl.OP_NO_TICKET
        made.load_cert_chain(credential.chain_file, credential.key_file)
        made.load_verify_locations(self._pki.trust_file)
        required = self._service.options.require_client_certificate
        made.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
        made.sni_callback = self._on_name
        return made

    def _on_name(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        self._names[connection] = name or ""
        wrong = self._faults.take_certificate()
        if wrong is not None:
            self._journal.record(SOURCE, "dmp.certificate", defect=str(wrong), server_name=name or "")
            connection.context = self.context(_DEFECTS[wrong])
            self._wrong.add(connection)

    def application(self, trap: str = "") -> web.Application:
        """What answers behind the TLS of one listener; ``trap`` names the defect of its certificate."""
        made = web.Application(client_max_size=self._service.options.largest_message)
        made.router.add_route("*", "/{path:.*}", self._trapped(trap) if trap else self._serve)
        return made

    def _trapped(self, trap: str) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            self._journal.record(SOURCE, "dmp.trapped", trap=trap, target=request.path_qs)
            return web.Response(status=503, text="piège")

        return serve

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        received = datetime.now(UTC)
        if self._faults.certificate_waits and request.get_extra_info("ssl_object") not in self._wrong:
            # Opened before the certificate went wrong: a client that keeps its connections must meet it all the same.
            return self._hang_up(request)
        if not self.available:
            self._journal.record(SOURCE, "dmp.unavailable", target=request.path_qs)
            return _fault_response(Fault("Receiver", "", "Le service est indisponible."), 503)
        if request.method != "POST":
            return _fault_response(Fault("Sender", "", "Les services du DMP s’appellent par POST."), 405)
        try:
            body = await self._read(request)
        except Faulted as refused:
            self._journal.record(SOURCE, "dmp.refused", target=request.path_qs, reason=refused.fault.reason)
            response = _fault_response(refused.fault, refused.status)
            response.force_close()
            return response
        captured = CapturedRequest(
            request.method,
            request.path_qs,
            {name.lower(): value for name, value in request.headers.items()},
            body,
            self._tls(request),
            received,
        )
        redirected = self._redirect(request)
        return redirected if redirected is not None else await self._answer(request, captured)

    async def _answer(self, request: web.Request, captured: CapturedRequest) -> web.StreamResponse:
        taken: list[Any] = []

        def misbehave(transaction: str) -> Any:
            taken.append(self._faults.take(transaction))
            return taken[-1]

        loop = asyncio.get_running_loop()
        try:
            reply: Reply = await loop.run_in_executor(self._workers, lambda: self._service.answer(captured, misbehave))
        except Exception as error:  # a fault of ours: told as such, written down, and the next request is served
            _log.exception("%s", captured.target)
            self._journal.record(SOURCE, "dmp.broken", body=captured.to_bytes(), error=type(error).__name__)
            return _fault_response(Fault("Receiver", "", "Le simulateur a échoué ; voir son journal."), 500)
        wrong = taken[0] if taken else None
        session = self._record(captured, reply)
        if wrong is not None and wrong.kind in (FaultKind.CUT, FaultKind.CUT_AFTER):
            return self._hang_up(request)
        if wrong is not None and wrong.kind is FaultKind.SLOW:
            await asyncio.sleep(wrong.seconds)
        if wrong is not None and wrong.kind is FaultKind.GARBAGE:
            return web.Response(status=200, text="<html>maintenance</html>", content_type="text/html")
        self._journal.record(
            SOURCE, "dmp.answered", session, reply.body, status=reply.status, content_type=reply.content_type
        )
        return web.Response(status=reply.status, body=reply.body, headers={"Content-Type": reply.content_type})

    def _hang_up(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _record(self, captured: CapturedRequest, reply: Reply) -> str:
        """Write the request down, as the file that ``segur validate`` takes."""
        number = self._journal.record(
            SOURCE, f"dmp.{reply.transaction}", reply.facts.get("message_id", ""), captured.to_bytes(),
            outcome=reply.outcome, status=reply.status, target=captured.target, **reply.facts,
        )  # fmt: skip
        return str(reply.facts.get("message_id", "") or number)

    def _redirect(self, request: web.Request) -> web.Response | None:
        waiting = [one for one in self._faults.waiting() if one.kind is FaultKind.REDIRECT]
        if not waiting or "redirected" in request.query:
            return None
        self._faults.take(waiting[0].transaction)
        self._journal.record(SOURCE, "dmp.redirected", target=request.path_qs)
        return web.Response(status=int(waiting[0].code or 307), headers={"Location": f"{request.path}?redirected=1"})

    async def _read(self, request: web.Request) -> bytes:
        """The body, within the limits. Raises ``Faulted``."""
        limit = self._service.options.largest_message
        coding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            raise fault("", f"Le corps est codé ({coding[:20]}), et le DMP ne lit que des messages en clair.",
                        "Envoyer le message sans Content-Encoding.", status=415)  # fmt: skip
        declared = request.content_length
        if declared is not None and declared > limit:
            raise fault("", f"Le message annonce {declared} octets ; la limite est de {limit}.", status=413)
        read = bytearray()
        try:
            async with asyncio.timeout(_READING_SECONDS):
                async for chunk in request.content.iter_chunked(256 * 1024):
                    read += chunk
                    if len(read) > limit:
                        raise fault("", f"Le message dépasse {limit} octets.", status=413)
        except TimeoutError:
            raise fault("", "Le message n’est pas arrivé en entier.", status=408) from None
        except ClientPayloadError:
            raise fault("", "Le message a été coupé, ou son codage de transfert est faux.") from None
        return bytes(read)

    def _tls(self, request: web.Request) -> TlsFacts:
        connection = request.get_extra_info("ssl_object")
        if connection is None:
            return TlsFacts()
        der = connection.getpeercert(binary_form=True)
        cipher = connection.cipher()
        return TlsFacts(
            connection.version() or "",
            cipher[0] if cipher else "",
            self._names.get(connection, ""),
            x509.load_der_x509_certificate(der) if der else None,
        )


def _fault_response(said: Fault, status: int) -> web.Response:
    envelope = write_envelope(
        fault_element(said),
        "http://www.w3.org/2005/08/addressing/fault",
        to=ANONYMOUS,
        relates_to="urn:uuid:00000000-0000-0000-0000-000000000000",
    )
    return web.Response(status=status, body=envelope, headers={"Content-Type": f"{MEDIA_TYPE}; charset=UTF-8"})
