"""A rule is data: templates, their constraints, and the one pass over the tree that runs them.

From one ``Constraint`` come the check, the sentence shown to the user, the line in the documentation and
its *counterexample*: a valid example with just that constraint broken (``spoil``). The kinds of constraint
are in ``conformance.cda.constraints``; what a constraint of data cannot say is a ``Rule`` there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

from lxml import etree

from conformance.cda.namespaces import h
from conformance.core.findings import Severity, Trust
from conformance.core.language import Text

_TEMPLATE_ID = h("templateId")
Remembered = TypeVar("Remembered")

OPEN_FILES: Final = "open_files"
"""The option of a context that lets rules open the files inside a structured document (slow); on unless ``False``."""


class Context:
    """What a constraint may ask about the whole document: its top element, its ``ID`` index, options.

    ``remembered`` keeps what was looked for, for several contexts of one document that share it.
    """

    def __init__(
        self,
        root: etree._Element,
        options: dict[str, Any] | None = None,
        remembered: dict[Callable[[etree._Element], Any], Any] | None = None,
    ) -> None:
        self.root = root
        self.options = options or {}
        self._remembered = {} if remembered is None else remembered

    @cached_property
    def ids(self) -> dict[str, etree._Element]:
        """The elements of the document by their ``ID`` attribute (the first one of each)."""
        found: dict[str, etree._Element] = {}
        for element in self.root.iter("*"):
            name = element.get("ID")
            if name is not None:
                found.setdefault(name, element)
        return found

    def remember(self, look: Callable[[etree._Element], Remembered]) -> Remembered:
        """What ``look`` finds in the document, looked for once and shared by the rules that ask for it."""
        if look not in self._remembered:
            self._remembered[look] = look(self.root)
        found: Remembered = self._remembered[look]
        return found


Condition = Callable[[etree._Element], bool]


@dataclass(frozen=True, slots=True)
class Violation:
    """Where a constraint is not met, and what was found there (the second half of the sentence)."""

    node: etree._Element
    found: Text
    attribute: str | None = None


@dataclass(frozen=True, kw_only=True)
class Constraint(ABC):
    """One demand on the node that carries a template.

    ``key`` names it within its template and never changes once published; ``when`` limits it to some
    nodes; ``official`` cites the official rules behind it (file and rank); ``beyond`` says why the kit asks
    more than the official rules do, and empty means that they ask the same; ``severity`` and ``trust`` as in
    ``conformance.core.findings``.
    """

    key: str = ""
    severity: Severity = Severity.ERROR
    trust: Trust | None = None
    when: Condition | None = None
    official: str = ""
    beyond: Text | None = None
    requirements: tuple[str, ...] = ()
    source: str = ""
    hint: Text | None = None

    @property
    def name(self) -> str:
        """``key``, or a name made from the kind and the path."""
        return self.key or self.default_key()

    @abstractmethod
    def default_key(self) -> str:
        """A stable name made from the constraint's own data."""

    @abstractmethod
    def demand(self) -> Text:
        """What is asked, as a sentence without the template's name: « l'élément id figure une fois »."""

    @abstractmethod
    def violations(self, node: etree._Element, context: Context) -> Iterable[Violation]:
        """Where ``node`` does not meet the demand."""

    def brings(self) -> tuple[Constraint, ...]:
        """Milder rules on the same data that go with this one wherever it stands (the label beside a code)."""
        return ()

    @abstractmethod
    def spoil(self, node: etree._Element) -> None:
        """Alter ``node``, a valid one, so that this constraint and no other is broken.

        Raises ``CannotSpoil`` when this node offers no hold (an optional part that it does not have).
        """


class CannotSpoil(Exception):
    """The example given does not let this constraint be broken: give the template a richer example."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """A section, an entry or a part of the header, and what it must hold.

    Found by its template id (``oid``), or by element name where it has none (``element`` alone: header
    parts, data types). ``oids`` may give several ids that mean the same. ``unless`` lists template ids whose
    presence on the same node takes the rules of this one away. ``example`` is a valid fragment of ours in
    the HL7 namespace (its own root or any descendant carries the template); the proof of each constraint
    starts from it.
    """

    key: str
    name: Text
    constraints: tuple[Constraint, ...]
    source: str
    oid: str = ""
    element: str = ""
    layer: str = "content"
    trust: Trust = Trust.PUBLISHED
    requirements: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    where: Condition | None = None
    example: str = ""

    def __post_init__(self) -> None:
        own = {constraint.name for constraint in self.constraints}
        with_brought = tuple(
            one
            for constraint in self.constraints
            for one in (constraint, *(brought for brought in constraint.brings() if brought.name not in own))
        )
        object.__setattr__(self, "constraints", with_brought)
        names = [constraint.name for constraint in self.constraints]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"template {self.key}: constraints with the same key {sorted(twice)}; give them a key")
        if not self.oid and not self.element:
            raise ValueError(f"template {self.key}: needs an oid or an element")

    @cached_property
    def tag(self) -> str:
        """The Clark name of ``element``; empty when any element may carry the template."""
        return h(self.element) if self.element else ""

    def rule_id(self, constraint: Constraint) -> str:
        """The stable identifier of one rule: ``<template key>.<constraint key>``."""
        return f"{self.key}.{constraint.name}"


@dataclass(frozen=True, slots=True)
class Breach:
    """One violation with the rule that it breaks."""

    template: Template
    constraint: Constraint
    violation: Violation

    @property
    def rule(self) -> str:
        """The stable identifier of the rule."""
        return self.template.rule_id(self.constraint)


@dataclass(frozen=True)
class RuleSet:
    """Templates compiled for one pass over a document; the order of the templates is that of the findings."""

    templates: tuple[Template, ...]
    _by_oid: dict[str, list[Template]] = field(default_factory=dict, init=False, repr=False)
    _by_element: dict[str, list[Template]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        keys = [template.key for template in self.templates]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"templates with the same key: {sorted(twice)}")
        for template in self.templates:
            if template.oid:
                self._by_oid.setdefault(template.oid, []).append(template)
            else:
                self._by_element.setdefault(template.tag, []).append(template)

    def __add__(self, other: RuleSet) -> RuleSet:
        return RuleSet(self.templates + other.templates)

    def breaches(self, root: etree._Element, context: Context | None = None) -> Iterator[Breach]:
        """Run every rule on ``root`` and below, in document order, in one pass over the tree."""
        context = context or Context(root)
        by_oid, by_element = self._by_oid, self._by_element
        tags = list(by_element)
        if by_oid:
            tags.append(_TEMPLATE_ID)
        if not tags:
            return
        for element in root.iter(*tags):
            tag = element.tag
            if tag == _TEMPLATE_ID and by_oid:
                carrier = element.getparent()
                oid = element.get("root")
                if carrier is not None and oid in by_oid and _first_of_its_kind(element, oid):
                    for template in by_oid[oid]:
                        if not template.tag or carrier.tag == template.tag:
                            yield from _check(template, carrier, context)
            for template in by_element.get(tag, ()):
                yield from _check(template, element, context)

    def rules(self) -> Iterator[tuple[Template, Constraint]]:
        """Every rule of the set with its template."""
        for template in self.templates:
            for constraint in template.constraints:
                yield template, constraint


def _first_of_its_kind(template_id: etree._Element, oid: str) -> bool:
    """Whether no earlier sibling declares the same template: a node is checked once."""
    return all(before.get("root") != oid for before in template_id.itersiblings(_TEMPLATE_ID, preceding=True))


def _check(template: Template, node: etree._Element, context: Context) -> Iterator[Breach]:
    if template.unless and carries(node, *template.unless):
        return
    if template.where is not None and not template.where(node):
        return
    for constraint in template.constraints:
        if constraint.when is not None and not constraint.when(node):
            continue
        for violation in constraint.violations(node, context):
            yield Breach(template, constraint, violation)


def template_ids(node: etree._Element) -> list[str]:
    """The template ids that ``node`` declares, in order."""
    return [child.get("root", "") for child in node.iterchildren(_TEMPLATE_ID)]


def carries(node: etree._Element | None, *oids: str) -> bool:
    """Whether ``node`` declares at least one of these template ids."""
    return node is not None and any(child.get("root") in oids for child in node.iterchildren(_TEMPLATE_ID))
