"""The words of a command: atoms, quoted strings, literals, lists; sequence sets; sections of FETCH."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


class BadCommand(Exception):
    """The command is not in the grammar: ``BAD``."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A string that was quoted or a literal: never a keyword."""

    text: bytes


_ATOM: Final = re.compile(rb'[^\s()"{\x00-\x1f\x7f]+')
_SECTION: Final = re.compile(rb"[A-Za-z0-9.]+\[[^\]]*\](?:<\d+(?:\.\d+)?>)?")
_LITERAL: Final = re.compile(rb"\{(\d{1,12})(\+?)\}\r?\n?\Z")


def literal_at_end(line: bytes) -> tuple[int, bool] | None:
    """The size of the literal that a line announces, and whether the client waits for no go-ahead."""
    match = _LITERAL.search(line)
    return (int(match[1]), match[2] == b"+") if match else None


Token = Quoted | bytes | list[object]


def words(pieces: list[bytes]) -> list[Token]:
    """The words of a command. ``pieces`` are lines and literals in turn, beginning with a line.

    An atom is ``bytes``; a string is ``Quoted``; a parenthesised list is a list.
    """
    stack: list[list[Token]] = [[]]
    for number, piece in enumerate(pieces):
        if number % 2:
            stack[-1].append(Quoted(piece))
            continue
        line = piece.rstrip(b"\r\n")
        if number < len(pieces) - 1:
            line = line[: line.rindex(b"{")]
        _words_of_line(line, stack)
    if len(stack) != 1:
        raise BadCommand("unbalanced parentheses")
    return stack[0]


def _words_of_line(line: bytes, stack: list[list[Token]]) -> None:
    at = 0
    while at < len(line):
        character = line[at : at + 1]
        if character == b" ":
            at += 1
        elif character == b"(":
            if len(stack) > 20:
                raise BadCommand("too many parentheses")
            stack.append([])
            at += 1
        elif character == b")":
            if len(stack) == 1:
                raise BadCommand("unbalanced parentheses")
            inner = stack.pop()
            stack[-1].append(list(inner))
            at += 1
        elif character == b'"':
            text, at = _quoted(line, at + 1)
            stack[-1].append(Quoted(text))
        else:
            match = _SECTION.match(line, at) or _ATOM.match(line, at)
            if match is None:
                raise BadCommand("not a word")
            stack[-1].append(match[0])
            at = match.end()


def _quoted(line: bytes, at: int) -> tuple[bytes, int]:
    text = bytearray()
    while at < len(line):
        character = line[at]
        if character == 0x22:
            return bytes(text), at + 1
        if character == 0x5C:
            at += 1
            if at >= len(line):
                break
            character = line[at]
        text.append(character)
        at += 1
    raise BadCommand("a quoted string without end")


def octets_of(token: Token) -> bytes:
    """An astring as it came."""
    if isinstance(token, list):
        raise BadCommand("a string was expected")
    return token.text if isinstance(token, Quoted) else token


def text_of(token: Token) -> str:
    """An astring as text."""
    return octets_of(token).decode("utf-8", "surrogateescape")


def number_of(text: str) -> int:
    """A number (RFC 3501: of 32 bits)."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise BadCommand("a number was expected")
    return int(text)


def atom(token: Token) -> str:
    """An atom in upper case."""
    if not isinstance(token, bytes):
        raise BadCommand("a keyword was expected")
    return token.decode("ascii", "replace").upper()


def sequence(text: str, last: int, known: Iterable[int]) -> list[int]:
    """The numbers of ``known`` that a sequence set names; ``*`` is ``last``."""
    ranges: list[tuple[int, int]] = []
    for part in text.split(","):
        ends = part.split(":")
        try:
            numbers = sorted(last if end == "*" else int(end) for end in ends)
        except ValueError as error:
            raise BadCommand(f"not a sequence set: {text}") from error
        if len(ends) > 2 or any(end != "*" and int(end) < 1 for end in ends):
            raise BadCommand(f"not a sequence set: {text}")
        ranges.append((numbers[0], numbers[-1]))
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        one = ranges[0][0]
        return [one] if one in known else []
    apart: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if apart and low <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(high, apart[-1][1]))
        else:
            apart.append((low, high))
    lows = [low for low, _ in apart]

    def named(number: int) -> bool:
        rank = bisect_right(lows, number) - 1
        return rank >= 0 and number <= apart[rank][1]

    return [number for number in known if named(number)]


def decode_name(name: str) -> str:
    """A folder name out of modified UTF-7 (RFC 3501, 5.1.3)."""

    def part(match: re.Match[str]) -> str:
        return "&" if not match[1] else ("+" + match[1].replace(",", "/") + "-").encode().decode("utf-7")

    try:
        decoded = re.sub(r"&([A-Za-z0-9+,]*)-", part, name)
        decoded.encode()  # neither octets that are no UTF-8, nor half a character
    except UnicodeError as error:
        raise BadCommand("not a folder name") from error
    return decoded


def encode_name(name: str) -> str:
    """A folder name in modified UTF-7."""

    def part(match: re.Match[str]) -> str:
        return "&" + match[0].encode("utf-7").decode()[1:].rstrip("-").replace("/", ",") + "-"

    return re.sub(r"[^\x20-\x7e]+", part, name.replace("&", "&-"))


def quote(text: str | bytes | None) -> bytes:
    """A string for an answer: ``NIL``, quoted, or a literal when it cannot be quoted."""
    if text is None:
        return b"NIL"
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    if len(data) < 1000 and all(32 <= byte < 127 for byte in data):
        return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return literal(data)


def literal(data: bytes) -> bytes:
    """A literal for an answer."""
    return b"{%d}\r\n" % len(data) + data
