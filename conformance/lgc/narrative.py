"""The narrative blocks: what a person reads, and the targets of the references of the entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conformance.lgc.xml import Node, node


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its words, and the ``ID`` by which entries point to them."""

    words: str
    id: str | None = None


Row = tuple[Cell | tuple[Cell, ...], ...]
"""The cells of one line; a tuple of cells shares one place of the table."""


def table(columns: tuple[str, ...], rows: list[Row]) -> Node:
    """A narrative made of one table; an empty cell shows a dash."""
    head = node("thead", None, node("tr", None, [node("th", None, title) for title in columns]))
    body = node("tbody", None, [node("tr", None, [_cell(cell) for cell in row]) for row in rows])
    return node("text", None, node("table", {"border": "0"}, head, body))


def paragraph(words: str, id: str | None = None) -> Node:
    """A narrative made of one sentence."""
    return node("text", None, node("paragraph", None, _content(Cell(words, id))))


def _cell(cell: Cell | tuple[Cell, ...]) -> Node:
    pieces = [piece for piece in (cell if isinstance(cell, tuple) else (cell,)) if piece.words]
    shown: list[Node | str] = []
    for piece in pieces:
        shown += [", ", _content(piece)] if shown else [_content(piece)]
    return node("td", None, shown or "-")


def _content(cell: Cell) -> Node | str:
    return node("content", {"ID": cell.id}, cell.words) if cell.id else cell.words


def shown_date(written: str | None) -> str:
    """A clinical date (ISO) as a French reader expects it: ``14/03/2012``, ``2012``, ``14/03/2012 08:30``."""
    if not written:
        return ""
    day, _, hour = written.partition("T")
    reversed_day = "/".join(reversed(day.split("-")))
    return f"{reversed_day} {datetime.fromisoformat(written):%H:%M}" if hour else reversed_day
