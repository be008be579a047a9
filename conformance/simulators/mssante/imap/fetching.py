"""The items of FETCH: which are wanted, and their answer for one message."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from conformance.simulators.mssante.imap.describing import envelope, structure
from conformance.simulators.mssante.imap.mime import Part, parse
from conformance.simulators.mssante.imap.parsing import BadCommand, Token, literal
from conformance.simulators.mssante.model import StoredMessage

MACROS: Final = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_BODY: Final = re.compile(
    r"BODY(?P<peek>\.PEEK)?\[(?P<section>[^\]]*)\](?:<(?P<start>\d{1,10})(?:\.(?P<size>\d{1,10}))?>)?\Z", re.I
)
_SECTION: Final = re.compile(
    r"(?P<path>\d{1,10}(?:\.\d{1,10})*)?\.?(?P<what>HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME)?(?:\s*\((?P<names>[^)]*)\))?\Z",
    re.I,
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORT: Final = {"RFC822": "BODY[]", "RFC822.HEADER": "BODY.PEEK[HEADER]", "RFC822.TEXT": "BODY[TEXT]"}


class Fetched:
    """One message of an answer; its bytes are read and cut only when an item needs them."""

    def __init__(self, load: Callable[[bool], StoredMessage]) -> None:
        self._load = load

    @cached_property
    def facts(self) -> StoredMessage:
        """The message without its bytes."""
        return self._load(False)

    @cached_property
    def data(self) -> bytes:
        """Its bytes."""
        return self._load(True).data

    @cached_property
    def whole(self) -> Part:
        """Its parts."""
        return parse(self.data)


@dataclass(frozen=True, slots=True)
class Item:
    """One wanted item: its name in the answer, whether reading it sets ``\\Seen``, and how it is made."""

    name: bytes
    seen: bool
    make: Callable[[Fetched], bytes]


def items(token: Token) -> list[Item]:
    """The items of a FETCH command: one, a list, or a macro. Raises ``BadCommand``."""
    if isinstance(token, bytes):
        name = token.decode("ascii", "replace").upper()
        names = list(MACROS.get(name, (token.decode("ascii", "replace"),)))
    elif isinstance(token, list):
        names = [one.decode("ascii", "replace") for one in token if isinstance(one, bytes)]
        if len(names) != len(token) or not names:
            raise BadCommand("items are atoms")
    else:
        raise BadCommand("items were expected")
    return [_item(name) for name in names]


def _item(name: str) -> Item:
    upper = name.upper()
    if upper in _SIMPLE:
        return Item(upper.encode(), False, _SIMPLE[upper])
    asked = _SHORT.get(upper, name)
    match = _BODY.match(asked)
    if match is None:
        raise BadCommand(f"unknown item {name}")
    make = _section(match["section"])
    start, size = match["start"], match["size"]
    if start is not None:
        first, last = int(start), int(start) + int(size) if size else None
        whole = make

        def make(message: Fetched) -> bytes:
            return whole(message)[first:last]

    said = upper if upper in _SHORT else f"BODY[{match['section'].upper()}]" + (f"<{start}>" if start else "")

    def answer(message: Fetched) -> bytes:
        return literal(make(message))

    return Item(said.encode(), match["peek"] is None, answer)


def _section(section: str) -> Callable[[Fetched], bytes]:
    match = _SECTION.match(section.strip())
    if match is None:
        raise BadCommand(f"unknown section {section}")
    path = [int(number) for number in match["path"].split(".")] if match["path"] else []
    what = (match["what"] or "").upper()
    names = [name.strip('"').casefold() for name in (match["names"] or "").split()]
    if what.startswith("HEADER.FIELDS") != bool(names) or (what == "MIME" and not path):
        raise BadCommand(f"unknown section {section}")

    def make(message: Fetched) -> bytes:
        if not path and not what:
            return message.data
        part = message.whole.at(path)
        if part is None:
            return b""
        if what == "MIME":
            return part.header
        if what and path:
            part = part.parts[0] if part.is_message else part
        if not what:
            return part.body
        if what == "TEXT":
            return part.body
        if what == "HEADER":
            return part.header
        return _chosen(part.header, names, keep=what == "HEADER.FIELDS")

    return make


def _chosen(header: bytes, names: list[str], keep: bool) -> bytes:
    """Some fields of a header, folded lines with them, and the empty line."""
    chosen = b""
    taking = False
    for line in header.splitlines(keepends=True):
        if not line.strip(b"\r\n"):
            break
        if not line.startswith((b" ", b"\t")):
            name = line.partition(b":")[0].strip().decode("ascii", "replace").casefold()
            taking = (name in names) is keep
        if taking:
            chosen += line
    return chosen + b"\r\n"


def internal_date(moment: datetime) -> bytes:
    """``"22-Nov-2026 08:00:00 +0000"``."""
    return f'"{moment.day:2d}-{_MONTHS[moment.month - 1]}-{moment:%Y %H:%M:%S %z}"'.encode()


_SIMPLE: Final[dict[str, Callable[[Fetched], bytes]]] = {
    "FLAGS": lambda message: ("(" + " ".join(message.facts.flags) + ")").encode(),
    "UID": lambda message: b"%d" % message.facts.uid,
    "INTERNALDATE": lambda message: internal_date(message.facts.received),
    "RFC822.SIZE": lambda message: b"%d" % message.facts.size,
    "ENVELOPE": lambda message: envelope(message.whole.fields),
    "BODYSTRUCTURE": lambda message: structure(message.whole),
    "BODY": lambda message: structure(message.whole, extended=False),
}
