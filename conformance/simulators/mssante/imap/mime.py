"""The parts of a message as slices of its very bytes: what IMAP gives must be what was delivered, octet by octet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

_DEEPEST = 20
_MOST_PARTS = 500


@dataclass(frozen=True, slots=True)
class Part:
    """A message or one of its parts. ``header`` ends with its empty line; ``lines`` counts those of the body."""

    header: bytes
    body: bytes
    fields: Message
    parts: tuple[Part, ...] = ()

    @property
    def type(self) -> str:
        """The media type, lower case."""
        return self.fields.get_content_type()

    @property
    def lines(self) -> int:
        """How many lines the body has."""
        return self.body.count(b"\n") + (0 if self.body.endswith(b"\n") or not self.body else 1)

    @property
    def is_message(self) -> bool:
        """Whether the body is a message; its only part is that message."""
        return self.type == "message/rfc822" and len(self.parts) == 1

    def at(self, path: Sequence[int]) -> Part | None:
        """The part of that number (``1.2``); ``None`` when there is none. The empty path is the message."""
        if not path:
            return self
        inner = self.parts[0] if self.is_message else self
        if inner.parts and not inner.is_message:
            number, rest = path[0], path[1:]
            return inner.parts[number - 1].at(rest) if 0 < number <= len(inner.parts) else None
        return inner.at(path[1:]) if path[0] == 1 and len(path) == 1 else None


def parse(data: bytes, depth: int = 0) -> Part:
    """Cut a message into its parts; whatever cannot be cut stays whole."""
    header, body = _header_and_body(data)
    fields = BytesHeaderParser(policy=compat32).parsebytes(header)
    if depth >= _DEEPEST:
        return Part(header, body, fields)
    kind = fields.get_content_type()
    boundary = fields.get_boundary()
    if kind.startswith("multipart/") and boundary:
        bodies = _between(body, boundary.encode("utf-8", "surrogateescape"))
        return Part(header, body, fields, tuple(parse(one, depth + 1) for one in bodies))
    encoding = str(fields.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    if kind == "message/rfc822" and encoding in ("7bit", "8bit", "binary"):
        return Part(header, body, fields, (parse(body, depth + 1),))
    return Part(header, body, fields)


def _header_and_body(data: bytes) -> tuple[bytes, bytes]:
    if data.startswith((b"\r\n", b"\n")):
        size = 2 if data.startswith(b"\r\n") else 1
        return data[:size], data[size:]
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := data.find(mark)) >= 0]
    if not ends:
        return data, b""
    at, size = min(ends)
    return data[: at + size], data[at + size :]


def _between(body: bytes, boundary: bytes) -> list[bytes]:
    """The bytes between the lines ``--boundary``; the line end before a boundary belongs to it (RFC 2046, 5.1.1)."""
    mark = b"--" + boundary
    found: list[bytes] = []
    start = -1
    at = 0 if body.startswith(mark) else _next(body, mark, 0)
    while at >= 0 and len(found) < _MOST_PARTS:
        if start >= 0:
            end = at - 1
            if end > start and body[end - 1 : end] == b"\r":
                end -= 1
            found.append(body[start : max(start, end)])
        after = at + len(mark)
        if body[after : after + 2] == b"--":
            return found
        line_end = body.find(b"\n", after)
        if line_end < 0:
            return found
        start = line_end + 1
        at = start if body.startswith(mark, start) else _next(body, mark, start)
    if start >= 0:
        found.append(body[start:])
    return found


def _next(body: bytes, mark: bytes, start: int) -> int:
    """Where the next boundary line begins; a longer boundary that begins the same is another one."""
    at = start
    while True:
        at = body.find(b"\n" + mark, max(0, at - 1))
        if at < 0:
            return -1
        tail = body[at + 1 + len(mark) : at + 3 + len(mark)]
        if not tail or tail[:1] in b" \t\r\n" or tail == b"--":
            return at + 1
        at += 2
