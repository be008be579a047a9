"""Which rules can fire on a document: those whose contexts ask for what it holds.

A document of one volet concerns a sixth of the rules. Leaving the others out changes no verdict, since a
rule is left out only when its context can match nothing in this document, and makes the stylesheet small
enough to be compiled in a moment: the engine cannot keep compiled stylesheets on disk.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from lxml import etree

from conformance.validation.packs.contexts import ANY, Need, Route
from conformance.validation.packs.program import Program


@dataclass(slots=True)
class Facts:
    """What a document holds: the paths of its elements, and the attributes that contexts ask for."""

    paths: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    """Name of an element → every chain of names from the root down to such an element."""
    held: set[tuple[str, str, str]] = field(default_factory=set)
    """Element, attribute, value."""


def facts_of(root: etree._Element) -> Facts:
    """Read the facts of a document: one pass over its elements."""
    facts = Facts()
    above: dict[etree._Element, tuple[str, ...]] = {}
    for element in root.iter(etree.Element):
        parent = element.getparent()
        tag = str(element.tag)
        path = (*above[parent], tag) if parent is not None else (tag,)
        if len(element):
            above[element] = path
        facts.paths.setdefault(tag, set()).add(path)
        for name, value in element.items():
            facts.held.add((tag, str(name), str(value)))
    return facts


def chosen_rules(program: Program, facts: Facts) -> dict[int, tuple[int, ...]]:
    """For each group of which a rule can fire: those rules, in order."""
    tags = facts.paths.keys()
    chosen = {}
    for number, group in enumerate(program.groups):
        rules = tuple(
            rule for rule in group if any(_possible(route, facts, tags) for route in program.rules[rule].routes)
        )
        if rules:
            chosen[number] = rules
    return chosen


def _possible(route: Route, facts: Facts, tags: Collection[str]) -> bool:
    steps = route.steps
    if not steps:
        return True
    if not all(name in tags or "*" in name for _, name in steps):
        return False
    if not all(_holds(need, facts, tags) for need in route.needs):
        return False
    # Any child of an element of this name: the parent's own paths tell enough, and are far fewer.
    if len(steps) > 1 and steps[-1] == ("/", ANY) and "*" not in steps[-2][1]:
        steps = steps[:-1]
    last = steps[-1][1]
    if "*" not in last:
        return any(_leads(steps, route.anchored, path) for path in facts.paths[last])
    return any(_leads(steps, route.anchored, path) for tag in tags if _is(last, tag) for path in facts.paths[tag])


def _holds(need: Need, facts: Facts, tags: Collection[str]) -> bool:
    if "*" in need.tag:
        return any(_is(need.tag, tag) for tag in tags)
    if need.attribute:
        return (need.tag, need.attribute, need.value) in facts.held
    return need.tag in tags


def _is(test: str, tag: str) -> bool:
    """Whether an element named ``tag`` passes the name test ``test`` (``*``, ``*:local``, ``{uri}*``, a name)."""
    if test in (ANY, tag):
        return True
    if test.startswith("*:"):
        return tag.rpartition("}")[2] == test[2:]
    return test.endswith("}*") and tag.startswith(test[:-1])


def _leads(steps: list[tuple[str, str]], anchored: bool, path: tuple[str, ...]) -> bool:
    """Whether ``steps`` can lie along ``path``, the last on its end."""

    def fits(step: int, position: int) -> bool:
        separator, test = steps[step]
        if position < 0 or not (test == path[position] or _is(test, path[position])):
            return False
        if step == 0:
            return not anchored or position == 0
        if separator == "/":
            return fits(step - 1, position - 1)
        return any(fits(step - 1, earlier) for earlier in range(position))

    return fits(len(steps) - 1, len(path) - 1)
