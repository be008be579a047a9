"""Speaks with the DMP: mutual TLS with the card, SOAP over HTTPS, redirects followed.

Sources: PDT-INF-579v4 (suites), test book of the CNDA (EX_0.X-1031 server name, EX_0.X-1055 redirects, EX_0.X-1070
validation of the certificate of the server).
"""

from __future__ import annotations

import http.client
import ssl
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from conformance.core.errors import DocumentError
from conformance.exchange.dmp.requests import Answer, OutgoingRequest, read_answer
from conformance.lgc.pair import load_pair
from conformance.sut.contract import Endpoint

SUITES = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384"
SECONDS = 10.0
"""How long the DMP may take to answer."""
MOST_REDIRECTS = 3
MOST_BYTES = 64 * 1024 * 1024

BUSY = frozenset(
    {
        "XDSRegistryBusy",
        "XDSRepositoryBusy",
        "XDSRegistryNotAvailable",
        "XDSRegistryOutOfResources",
        "XDSRepositoryOutOfResources",
    }
)
"""Errors that pass by themselves: the same request is tried again later."""


class Unreachable(Exception):
    """No answer that can be used: the request may have been served, or not. It is tried again later."""


class DmpRefusal(Exception):
    """The DMP understood and refused: its codes, and its words."""

    def __init__(self, codes: tuple[str, ...], words: str) -> None:
        super().__init__(f"{', '.join(codes)} : {words}".strip(" :"))
        self.codes = codes


class DmpClient:
    """One request, one answer."""

    def ask(self, endpoint: Endpoint, request: OutgoingRequest) -> Answer:
        """Send a request and give an answer that holds no error. Raises ``Unreachable``, ``DmpRefusal``."""
        content_type, body = self.exchange(endpoint, request)
        try:
            answer = read_answer(content_type, body)
        except DocumentError as error:
            raise Unreachable(f"La réponse du DMP ne se lit pas ({error.code}).") from error
        if answer.fault is not None:
            if answer.fault.code == "Receiver":
                raise Unreachable(answer.fault.reason)
            raise DmpRefusal((answer.fault.subcode or answer.fault.code,), answer.fault.reason)
        registry = answer.registry
        if registry is not None and not registry.succeeded and registry.errors:
            self.judge_errors(registry.codes, registry.errors[0].context)
        return answer

    def judge_errors(self, codes: tuple[str, ...], words: str) -> None:
        """What the errors of the registry mean for the request. Raises ``Unreachable``, ``DmpRefusal``."""
        if set(codes) <= BUSY:
            raise Unreachable(words)
        raise DmpRefusal(codes, words)

    def exchange(self, endpoint: Endpoint, request: OutgoingRequest) -> tuple[str, bytes]:
        """The Content-Type and the body of the answer. Raises ``Unreachable``."""
        url = request.url
        try:
            for _ in range(MOST_REDIRECTS + 1):
                status, headers, body = self.post(endpoint, url, request)
                if status in (301, 302, 307, 308) and headers.get("Location"):
                    url = urljoin(url, headers["Location"])
                    if urlsplit(url).scheme != "https":
                        raise Unreachable("Le DMP renvoie vers une adresse qui n’est pas en HTTPS.")
                    continue
                if status in (502, 503, 504) or not body:
                    raise Unreachable(f"Le DMP est indisponible (HTTP {status}).")
                return headers.get("Content-Type", ""), body
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"Le DMP ne répond pas ({type(error).__name__}).") from error
        raise Unreachable("Le DMP redirige sans fin.")

    def post(
        self, endpoint: Endpoint, url: str, request: OutgoingRequest
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """One exchange: status, headers and body of the answer."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port or 443, timeout=SECONDS, context=self.context(endpoint)
        )
        try:
            connection.request("POST", target, request.body, request.headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read(MOST_BYTES)
        finally:
            connection.close()

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        """What is asked of the channel, and shown on it."""
        return _context(
            endpoint.trusted_certificates or "", endpoint.client_certificate or "", endpoint.client_key or ""
        )


@lru_cache(maxsize=4)
def _context(trusted: str, certificate: str, key: str) -> ssl.SSLContext:
    made = ssl.create_default_context(cadata=trusted or None)
    made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(SUITES)
    load_pair(made, certificate, key)
    return made
