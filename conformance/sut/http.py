"""The http adapter: the contract over HTTP, with time limits, and no trust in what comes back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import requests

from conformance.core.errors import SegurError
from conformance.core.language import Text, verbatim
from conformance.sut import errors
from conformance.sut.base import Adapter, Call
from conformance.sut.codec import NotInContract, from_json, to_json
from conformance.sut.contract import ProductRefused, Refusal
from conformance.sut.time_limit import within

MOST_BYTES = 64_000_000
"""No answer of the contract is longer; more is read as a fault of the adapter."""


class HttpProduct(Adapter):
    """A product that answers the contract at ``url``.

    ``timeout`` bounds each operation in seconds, from the connection to the last byte.
    """

    def __init__(self, url: str, timeout: float = 30.0, headers: dict[str, str] | None = None) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the environment must not see a loopback product
        self._session.headers.update({"Accept": "application/json", **(headers or {})})

    def call(self, call: Call) -> Any:
        """Send the request, read the answer, hold it against the contract."""
        operation, name = call.operation, call.operation.name
        try:
            # requests bounds each wait, not their sum: a product that drips would hold the run for ever.
            status, media_type, answer = within(self._timeout, lambda: self._exchange(call))
        except TimeoutError as error:
            raise errors.too_slow(name, self._timeout) from error
        if status == 501:
            raise errors.not_offered(name)
        if 400 <= status < 500:
            raise _refused(name, status, answer)
        if status >= 500:
            raise errors.failed(name, f"HTTP {status} {_words(answer)}")
        if not 200 <= status < 300:
            raise errors.garbage(name, verbatim(f"HTTP {status}"), _words(answer))
        if operation.response is None:
            return None
        if operation.response is bytes:
            if not answer:
                raise errors.garbage(name, Text("elle est vide", "it is empty"))
            return answer
        if "json" not in media_type:
            raise errors.garbage(name, verbatim(f"Content-Type: {media_type or '-'}"), _words(answer))
        try:
            return from_json(answer, operation.response)
        except NotInContract as error:
            raise errors.garbage(name, error.why, _words(answer)) from error

    def _exchange(self, call: Call) -> tuple[int, str, bytes]:
        """One request, one answer: status, media type, bytes."""
        name = call.operation.name
        path = call.operation.path.format(**{key: quote(part, safe="") for key, part in call.parts.items()})
        try:
            with self._session.request(
                call.operation.method,
                self._url + path,
                params={key: value for key, value in call.query.items() if value is not None},
                data=None if call.body is None else to_json(call.body, call.operation.request),
                headers={} if call.body is None else {"Content-Type": "application/json"},
                timeout=self._timeout,
                stream=True,
                allow_redirects=False,
            ) as response:
                media_type = response.headers.get("Content-Type", "")
                return response.status_code, media_type, _body(name, response)
        except requests.Timeout as error:
            raise errors.too_slow(name, self._timeout) from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise errors.unreachable(self._url, str(error)) from error
        except requests.ConnectionError as error:
            raise self._broken(name, error) from error
        except requests.RequestException as error:
            raise errors.cut(name, type(error).__name__) from error

    def _broken(self, name: str, error: requests.ConnectionError) -> SegurError:
        """Never reached, too slow, or cut in the middle: the reader needs to know which."""
        said = str(error)
        if "timed out" in said:
            return errors.too_slow(name, self._timeout)
        if "aborted" in said or "reset" in said.lower():
            return errors.cut(name, "connection aborted")
        return errors.unreachable(self._url, "connection refused" if "refused" in said else said[:100])


def _body(name: str, response: requests.Response) -> bytes:
    """The bytes of the answer, within the limit of size."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(65536):
        size += len(part)
        if size > MOST_BYTES:
            raise errors.too_long(name, MOST_BYTES)
        parts.append(part)
    return b"".join(parts)


def _refused(name: str, status: int, answer: bytes) -> SegurError:
    """A refusal of the product, or of something else that answered in its place."""
    try:
        refusal = from_json(answer, Refusal)
    except NotInContract as error:
        why = Text(f"HTTP {status}, {error.why.fr}", f"HTTP {status}, {error.why.en}")
        return errors.garbage(name, why, _words(answer))
    return ProductRefused(name, status, refusal.code, refusal.message)


def _words(answer: bytes) -> str:
    return answer[:400].decode("utf-8", "replace")
