"""The ISO Schematron model: what is written in the files of a pack, nothing compiled yet.

Source: ISO/IEC 19757-3. Every part keeps the file and line that it was read from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from conformance.validation.packs.problems import Problem


@dataclass(frozen=True, slots=True)
class Where:
    """A line of a file of the pack."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Let:
    """A named value: an XPath expression."""

    name: str
    value: str
    where: Where


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a message: literal text, or an expression whose value is shown."""

    text: str
    is_expression: bool = False


@dataclass(frozen=True, slots=True)
class Assertion:
    """An ``assert`` (must be true) or a ``report`` (must not be)."""

    kind: Literal["assert", "report"]
    test: str
    message: tuple[Part, ...]
    where: Where
    id: str = ""
    role: str = ""
    diagnostics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extends:
    """Takes over everything of an abstract rule."""

    rule: str
    where: Where


Item = Let | Assertion | Extends


@dataclass(frozen=True, slots=True)
class Rule:
    """The assertions for the nodes that ``context`` matches; an abstract one has an id and no context."""

    context: str
    items: tuple[Item, ...]
    where: Where
    id: str = ""
    abstract: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rules of which only the first that matches a node speaks of it."""

    id: str
    title: str
    rules: tuple[Rule, ...]
    lets: tuple[Let, ...]
    where: Where
    abstract: bool = False
    is_a: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """An ``xsl:key``: looks nodes up by a value."""

    name: str
    match: str
    use: str
    where: Where


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """An ``xsl:function``, as it is written."""

    element: etree._Element
    where: Where


@dataclass(slots=True)
class Schema:
    """One schematron with all that it includes. ``files`` are those that were read, its own first."""

    path: str
    title: str
    namespaces: dict[str, str]
    lets: list[Let] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    version: str = "3.0"
    """Of XSLT, by which its expressions are read."""
    patterns: list[Pattern] = field(default_factory=list)
    phases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    default_phase: str = ""
    diagnostics: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def active(self) -> list[Pattern]:
        """The concrete patterns that the default phase runs (all of them when there is none)."""
        concrete = [pattern for pattern in self.patterns if not pattern.abstract]
        if self.default_phase in ("", "#ALL"):
            return concrete
        chosen = self.phases.get(self.default_phase, ())
        return [pattern for pattern in concrete if pattern.id in chosen]

    def abstract_rules(self) -> Iterator[tuple[Pattern, Rule]]:
        """Every abstract rule with the pattern that holds it."""
        return ((pattern, rule) for pattern in self.patterns for rule in pattern.rules if rule.abstract)
