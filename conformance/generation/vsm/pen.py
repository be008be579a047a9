"""What all the sections of a summary are drawn and written with: dates that are possible, rows, entries, relations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from conformance.generation.chance import chance, several
from conformance.generation.nodes import Child, Ids, Node, coded, el, null, words

Drawn = TypeVar("Drawn")
Concept = tuple[str, str, str]
"""A code, its code system, its label."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a section tells: the line of the narrative and the entry (``None``: told in words only)."""

    row: Node
    entry: Node | None


class Pen:
    """Draws with ``random``; dates lie between the birth of the patient and ``today``.

    Identifiers come from ``key``, so that they differ from each other whatever is drawn.
    """

    def __init__(self, random: Random, born: date, today: date, key: str) -> None:
        self.random = random
        self.ids = Ids(Random(key))
        self._born = born
        self._today = today

    def choose(self, options: Sequence[Drawn]) -> Drawn:
        """One of ``options``."""
        return self.random.choice(options)

    def perhaps(self, probability: float, make: Callable[[], Drawn]) -> Drawn | None:
        """What ``make`` makes, or nothing."""
        return make() if chance(self.random, probability) else None

    def several(self, make: Callable[[], Drawn], least: int = 1, most: int = 4) -> list[Drawn]:
        """From ``least`` to ``most``: one more as long as a draw says so."""
        return several(self.random, make, least, most, 0.5)

    def day(self, after: date | None = None) -> date:
        """A day of the patient's life, from ``after`` on."""
        start = after or self._born
        return start + timedelta(days=self.random.randint(0, (self._today - start).days))

    def stamp(self, day: date) -> str:
        """A day as documents write it: to the day, sometimes the year alone."""
        return f"{day:%Y}" if chance(self.random, 0.25) else f"{day:%Y%m%d}"

    def concept(self, name: str, one: Concept, *inside: Child, xsi_type: str | None = None) -> Node:
        """A coded element."""
        code, system, label = one
        return coded(name, code, system, label, *inside, xsi_type=xsi_type)


def shown(stamp: str | None) -> str:
    """A date as a person reads it: ``14/03/2012``, ``2012``."""
    if stamp is None:
        return ""
    return f"{stamp[6:8]}/{stamp[4:6]}/{stamp[:4]}" if len(stamp) >= 8 else stamp


def bound(name: str, stamp: str | None, flavor: str = "UNK") -> Node:
    """The ``low`` or ``high`` of a period."""
    return el(name, value=stamp) if stamp else null(name, flavor)


def row(*cells: Child) -> Node:
    """A line of a table."""
    return el("tr", [el("td", cell) for cell in cells])


def cell(text: str, name: str) -> Node:
    """Words that an entry refers to."""
    return words(text, name)


def related(entry: Node, type_code: str, inversion: str | None = "false") -> Node:
    """An ``entryRelationship``."""
    return el("entryRelationship", entry, typeCode=type_code, inversionInd=inversion)
