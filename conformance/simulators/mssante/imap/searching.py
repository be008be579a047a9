"""The keys of SEARCH (RFC 3501, 6.4.4) as questions to one message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from conformance.exchange.mail import decoded_header
from conformance.simulators.mssante.imap.fetching import Fetched
from conformance.simulators.mssante.imap.parsing import BadCommand, Quoted, Token, atom, number_of, sequence, text_of

Question = Callable[["Candidate"], bool]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message of the selected folder: its sequence number and all that FETCH can read."""

    number: int
    uid: int
    flags: frozenset[str]
    message: Fetched


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of the folder, which sequence sets need."""

    count: int
    uids: tuple[int, ...]


_FLAGS: Final = {
    "ANSWERED": "\\Answered",
    "DELETED": "\\Deleted",
    "DRAFT": "\\Draft",
    "FLAGGED": "\\Flagged",
    "SEEN": "\\Seen",
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


_DEEPEST: Final = 50
"""How many keys may hold one another (``NOT``, ``OR``, parentheses)."""


def question(tokens: list[Token], numbers: Numbers, depth: int = 0) -> Question:
    """What the keys ask together. Raises ``BadCommand``."""
    rest = list(tokens)
    if rest and isinstance(rest[0], bytes) and rest[0].upper() == b"CHARSET":
        if len(rest) < 2 or text_of(rest[1]).upper() not in ("UTF-8", "US-ASCII"):
            raise BadCommand("charsets: UTF-8, US-ASCII")
        rest = rest[2:]
    if not rest:
        raise BadCommand("a key was expected")
    asked = []
    while rest:
        asked.append(_key(rest, numbers, depth))
    return lambda one: all(ask(one) for ask in asked)


def _key(rest: list[Token], numbers: Numbers, depth: int) -> Question:
    if depth > _DEEPEST:
        raise BadCommand("too many keys inside one another")
    token = rest.pop(0)
    if isinstance(token, list):
        held: list[Token] = [one for one in token if isinstance(one, (bytes, list, Quoted))]
        return question(held, numbers, depth + 1)
    key = atom(token)
    if key in ("ALL", "OLD"):
        return lambda one: True
    if key in ("NEW", "RECENT"):
        return lambda one: False
    if key in _FLAGS:
        return lambda one: _FLAGS[key] in one.flags
    if key.startswith("UN") and key[2:] in _FLAGS:
        return lambda one: _FLAGS[key[2:]] not in one.flags
    if key == "NOT":
        inner = _key(_need(rest), numbers, depth + 1)
        return lambda one: not inner(one)
    if key == "OR":
        first, second = _key(_need(rest), numbers, depth + 1), _key(_need(rest), numbers, depth + 1)
        return lambda one: first(one) or second(one)
    if key[0].isdigit() or key[0] == "*":
        wanted = set(sequence(key, numbers.count, range(1, numbers.count + 1)))
        return lambda one: one.number in wanted
    return _with_argument(key, rest, numbers)


def _with_argument(key: str, rest: list[Token], numbers: Numbers) -> Question:
    value = text_of(_need(rest).pop(0))
    if key == "UID":
        wanted = set(sequence(value, numbers.uids[-1] if numbers.uids else 0, numbers.uids))
        return lambda one: one.uid in wanted
    if key in ("KEYWORD", "UNKEYWORD"):
        return lambda one: (value in one.flags) is (key == "KEYWORD")
    if key in ("LARGER", "SMALLER"):
        size = number_of(value)
        return lambda one: one.message.facts.size > size if key == "LARGER" else one.message.facts.size < size
    if key in ("BEFORE", "ON", "SINCE"):
        return _by_date(key, _date(value), lambda one: one.message.facts.received.date())
    if key in ("SENTBEFORE", "SENTON", "SENTSINCE"):
        return _by_date(key[4:], _date(value), _sent)
    if key in ("FROM", "TO", "CC", "BCC", "SUBJECT"):
        return lambda one: _in_header(one, key, value)
    if key == "HEADER":
        wanted_text = text_of(_need(rest).pop(0))
        return lambda one: _in_header(one, value, wanted_text)
    if key in ("TEXT", "BODY"):
        needle = value.encode("utf-8", "surrogateescape").lower()
        return lambda one: needle in (one.message.data if key == "TEXT" else one.message.whole.body).lower()
    raise BadCommand(f"unknown key {key}")


def _need(rest: list[Token]) -> list[Token]:
    if not rest:
        raise BadCommand("the key lacks its argument")
    return rest


def _in_header(one: Candidate, name: str, value: str) -> bool:
    found = one.message.whole.fields.get_all(name, [])
    return any(value.casefold() in decoded_header(str(field)).casefold() for field in found)


def _by_date(key: str, day: date, of: Callable[[Candidate], date | None]) -> Question:
    def ask(one: Candidate) -> bool:
        found = of(one)
        if found is None:
            return False
        return found < day if key == "BEFORE" else found >= day if key == "SINCE" else found == day

    return ask


def _sent(one: Candidate) -> date | None:
    try:
        return parsedate_to_datetime(str(one.message.whole.fields.get("Date", ""))).date()
    except (ValueError, OverflowError):
        return None


def _date(text: str) -> date:
    try:
        day, month, year = text.strip('"').split("-")
        return datetime(int(year), _MONTHS.index(month.lower()) + 1, int(day), tzinfo=UTC).date()
    except ValueError as error:
        raise BadCommand(f"not a date: {text}") from error
