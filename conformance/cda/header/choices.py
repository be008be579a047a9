"""A choice between children: one of several elements, counted together."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance.cda.constraints import slug
from conformance.cda.header.kinds import MISSING
from conformance.cda.namespaces import h
from conformance.cda.paths import Path, path
from conformance.cda.rules import CannotSpoil, Constraint, Context, Violation
from conformance.core.language import Text


@dataclass(frozen=True)
class Choice(Constraint):
    """Under each element at a path, the children of these names number from ``least`` to one in all."""

    where: Path
    names: tuple[str, ...]
    asks: Text
    least: int = 1

    def default_key(self) -> str:
        return slug(str(self.where), *self.names) + ".choice"

    def demand(self) -> Text:
        return self.asks

    def _chosen(self, parent: etree._Element) -> list[etree._Element]:
        return list(parent.iterchildren(*(h(name) for name in self.names)))

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for parent in self.where.elements(node):
            chosen = self._chosen(parent)
            if len(chosen) < self.least:
                yield Violation(parent, MISSING)
            elif len(chosen) > 1:
                yield Violation(parent, Text(f"il y en a {len(chosen)}", f"there are {len(chosen)}"))

    def spoil(self, node: etree._Element) -> None:
        for parent in self.where.elements(node):
            chosen = self._chosen(parent)
            if chosen and self.least:
                for child in chosen:
                    parent.remove(child)
                return
            if chosen:
                chosen[0].addnext(copy.deepcopy(chosen[0]))
                return
        raise CannotSpoil(f"the example has none of {self.names}")


def choice(where: str, names: tuple[str, ...], asks: Text, least: int = 1, **options: Any) -> Choice:
    """Under each ``where``, the children ``names`` number from ``least`` to one in all."""
    return Choice(path(where), names, asks, least, **options)
