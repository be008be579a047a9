"""The compiled stylesheets of one schematron, kept in the worker from one document to the next.

The first document compiles the rules that it concerns. A later one compiles only the groups of which it
needs a rule that is not there yet; when too many small stylesheets have gathered, they become one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from conformance.validation.packs.engine import Engine
from conformance.validation.packs.program import Program
from conformance.validation.packs.stylesheet import checking

MOST_SHEETS: Final = 4


@dataclass(slots=True)
class Sheet:
    """One compiled stylesheet: its name in the worker, its groups with their rules."""

    name: str
    groups: dict[int, tuple[int, ...]]

    def values(self, program: Program) -> set[str]:
        """The global values that its rules use, and the abstract rules that these run."""
        return {name for rules in self.groups.values() for rule in rules for name in program.rules[rule].globals}


@dataclass(slots=True)
class Sheets:
    """What is compiled of one program in one worker."""

    program: Program
    engine: Engine
    _sheets: list[Sheet] = field(default_factory=list)
    _generation: int = 0
    _made: int = 0

    def covering(self, chosen: Mapping[int, tuple[int, ...]]) -> list[tuple[Sheet, list[int]]]:
        """Stylesheets that together run at least ``chosen``, each with the groups that it must skip.

        A stylesheet may hold more rules than this document needs: those match nothing in it.
        """
        if self._generation != self.engine.generation:
            self._sheets, self._generation = [], self.engine.generation
        owner = self._owners()
        lacking = {
            group: tuple(sorted({*rules, *(owner[group].groups[group] if group in owner else ())}))
            for group, rules in chosen.items()
            if group not in owner or not set(rules) <= set(owner[group].groups[group])
        }
        if lacking:
            self._add(lacking, owner)
            owner = self._owners()
        used: dict[str, Sheet] = {owner[group].name: owner[group] for group in chosen}
        return [(sheet, [g for g in sheet.groups if owner[g] is not sheet]) for sheet in used.values()]

    def careful(self, sheet: Sheet) -> Sheet:
        """The same rules, each catching its own failure of evaluation; compiled for this one use."""
        self._made += 1
        name = f"{self.program.path}!{self._made}"
        self.engine.ask(do="compile", name=name, xslt=checking(self.program, sheet.groups, careful=True))
        return Sheet(name, sheet.groups)

    def forget(self, sheet: Sheet) -> None:
        """Drop a stylesheet made by ``careful``."""
        self.engine.ask(do="forget", names=[sheet.name])

    def _owners(self) -> dict[int, Sheet]:
        # A later stylesheet was made because an earlier one lacked a rule of the group.
        return {group: sheet for sheet in self._sheets for group in sheet.groups}

    def _add(self, lacking: dict[int, tuple[int, ...]], owner: Mapping[int, Sheet]) -> None:
        old: list[Sheet] = []
        if len(self._sheets) >= MOST_SHEETS:
            whole = {group: sheet.groups[group] for group, sheet in owner.items()}
            lacking = {**whole, **lacking}
            old, self._sheets = self._sheets, []
        self._made += 1
        sheet = Sheet(f"{self.program.path}#{self._made}", dict(sorted(lacking.items())))
        self.engine.ask(do="compile", name=sheet.name, xslt=checking(self.program, sheet.groups))
        self._sheets.append(sheet)
        if old:
            self.engine.ask(do="forget", names=[s.name for s in old])
