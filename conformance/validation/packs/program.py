"""A compiled schematron: what is kept on disk between runs, and what a stylesheet is written from.

Expressions are already safe (documents go through the pack's own) and ready to stand in an attribute.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from conformance.core.language import Text
from conformance.validation.packs.contexts import Need, Route
from conformance.validation.packs.probes import Probe
from conformance.validation.packs.problems import Problem, ProblemKind

FORMAT: Final = 8
"""Raised whenever what is stored changes: an older cache is not read."""

StepKind = Literal["let", "test", "call"]


@dataclass(slots=True)
class Step:
    """One thing that a rule does: name a value (``let``), test an assertion (``test``), run an abstract rule (``call``).

    ``target`` is the variable's name, the assertion's number or the abstract rule's number.
    """

    kind: StepKind
    target: str | int
    expression: str = ""


@dataclass(slots=True)
class Check:
    """An assertion. It fails when ``test`` is false (``assert``) or true (``report``)."""

    kind: Literal["assert", "report"]
    file: int
    line: int
    test: str
    id: str = ""
    role: str = ""
    message: list[tuple[str, bool]] = field(default_factory=list)
    """Pieces: text, or an expression (true) whose value is shown."""
    globals: list[str] = field(default_factory=list)
    """The global values that the message needs."""


@dataclass(slots=True)
class RuleCode:
    """A rule ready to run. ``globals`` are the names of the global values that it needs."""

    pattern: int
    file: int
    line: int
    context: str
    match: str
    routes: list[Route]
    steps: list[Step]
    globals: list[str]
    probes: list[Probe] = field(default_factory=list)
    """What shows that the context itself cannot be evaluated."""

    positional: bool = False
    """It asks for the position of its node among those that are visited with it."""


@dataclass(slots=True)
class AbstractCode:
    """An abstract rule that several rules run."""

    id: str
    steps: list[Step]
    globals: list[str]


@dataclass(slots=True)
class Value:
    """A global value: a ``let`` of the schema or of a pattern, or a lookup in a document done once.

    ``needs`` are the other global values, ``documents`` the numbers of the documents that it reads.
    """

    name: str
    expression: str
    needs: list[str] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)
    parameter: bool = False
    """Written as a parameter: the engine concludes nothing from its value before it runs."""


@dataclass(slots=True)
class PackDocument:
    """A document of the pack that rules read: as written, and where it is (empty: nowhere)."""

    href: str
    path: str
    file: int
    line: int
    substitute: bool = False
    """``path`` is another file of the pack, which holds the value set with the OID that was asked for."""


@dataclass(slots=True)
class Program:
    """A schematron compiled. ``refusal`` says why it does not load, else is ``None``.

    ``files`` with their ``stamps`` (size, time of change) are everything that it was made from; ``dynamic``
    says that it reads documents whose names only a run shows.
    """

    path: str
    title: str
    base: str
    namespaces: dict[str, str]
    prefix: str
    patterns: list[tuple[str, str]]
    files: list[str]
    stamps: list[list[int]]
    checks: list[Check] = field(default_factory=list)
    rules: list[RuleCode] = field(default_factory=list)
    abstracts: list[AbstractCode] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    documents: list[PackDocument] = field(default_factory=list)
    keys: list[tuple[str, str, str]] = field(default_factory=list)
    key_values: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    """Those of the schematron, as they stand in a stylesheet; ``function_globals`` are the values that they need."""
    function_globals: list[str] = field(default_factory=list)
    version: str = "3.0"
    """The version of XSLT by which expressions are read: 1.0 when the schematron asks for no other."""
    groups: list[list[int]] = field(default_factory=list)
    """Rules that must be run together, since the first that matches a node wins."""
    problems: list[Problem] = field(default_factory=list)
    refusal: tuple[str, str] | None = None
    siblings: str = "*"
    """The children of an element that the reference implementation visits, one after the other."""

    dynamic: bool = False
    loads: bool = False
    """Known to compile as a whole."""

    def to_json(self) -> dict[str, Any]:
        """Everything, for the cache: rows without names, since thousands of them are read at each start."""
        return {
            "format": FORMAT,
            "path": self.path,
            "title": self.title,
            "base": self.base,
            "namespaces": self.namespaces,
            "prefix": self.prefix,
            "patterns": self.patterns,
            "files": self.files,
            "stamps": self.stamps,
            "checks": [(c.kind, c.file, c.line, c.test, c.id, c.role, c.message, c.globals) for c in self.checks],
            "rules": [
                (
                    r.pattern,
                    r.file,
                    r.line,
                    r.context,
                    r.match,
                    [_route_row(x) for x in r.routes],
                    _rows(r.steps),
                    r.globals,
                    [(probe.whole, probe.near, probe.own) for probe in r.probes],
                    r.positional,
                )
                for r in self.rules
            ],
            "abstracts": [(a.id, _rows(a.steps), a.globals) for a in self.abstracts],
            "values": [(v.name, v.expression, v.needs, v.documents, v.parameter) for v in self.values.values()],
            "documents": [(d.href, d.path, d.file, d.line, d.substitute) for d in self.documents],
            "keys": self.keys,
            "key_values": self.key_values,
            "functions": self.functions,
            "function_globals": self.function_globals,
            "version": self.version,
            "groups": self.groups,
            "problems": [
                (str(p.kind), p.file, p.line, {k: _written(v) for k, v in p.details.items()}) for p in self.problems
            ],
            "refusal": self.refusal,
            "siblings": self.siblings,
            "dynamic": self.dynamic,
            "loads": self.loads,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Program:
        """A program out of the cache. Raises ``ValueError``, ``KeyError`` or ``TypeError`` when another version wrote it."""
        if data.pop("format", None) != FORMAT:
            raise ValueError("another format")
        data["patterns"] = [(identifier, title) for identifier, title in data["patterns"]]
        data["checks"] = [
            Check(kind, file, line, test, identifier, role, [(t, e) for t, e in message], names)
            for kind, file, line, test, identifier, role, message, names in data["checks"]
        ]
        data["rules"] = [
            RuleCode(
                *(pattern, file, line, context, match),
                [_route(*r) for r in routes],
                [Step(*s) for s in steps],
                names,
                [Probe(*p) for p in probes],
                positional,
            )
            for pattern, file, line, context, match, routes, steps, names, probes, positional in data["rules"]
        ]
        data["abstracts"] = [
            AbstractCode(name, [Step(*s) for s in steps], names) for name, steps, names in data["abstracts"]
        ]
        data["values"] = {row[0]: Value(*row) for row in data["values"]}
        data["documents"] = [PackDocument(*row) for row in data["documents"]]
        data["keys"] = [(name, match, use) for name, match, use in data["keys"]]
        data["problems"] = [
            Problem(ProblemKind(kind), file, line, {k: _read(v) for k, v in details.items()})
            for kind, file, line, details in data["problems"]
        ]
        data["refusal"] = tuple(data["refusal"]) if data["refusal"] else None
        return cls(**data)

    def closure(self, names: Iterable[str]) -> list[str]:
        """The global values ``names`` with all that they need, each after what it needs."""
        done: dict[str, None] = {}
        seen: set[str] = set()
        waiting = [(name, False) for name in reversed(list(names))]
        while waiting:
            name, ready = waiting.pop()
            if ready:
                done[name] = None
            elif name in self.values and name not in seen:
                seen.add(name)
                waiting.append((name, True))
                waiting += [(need, False) for need in reversed(self.values[name].needs)]
        return list(done)


def _rows(steps: list[Step]) -> list[tuple[str, str | int, str]]:
    return [(step.kind, step.target, step.expression) for step in steps]


def _route_row(route: Route) -> tuple[Any, ...]:
    needs = [(need.tag, need.attribute, need.value) for need in route.needs]
    return route.steps, route.anchored, needs, route.select, route.name


def _route(steps: list[list[str]], anchored: bool, needs: list[list[str]], select: str, name: str) -> Route:
    return Route(
        steps=[(separator, test) for separator, test in steps],
        anchored=anchored,
        needs=[Need(*need) for need in needs],
        select=select,
        name=name,
    )


def _written(value: Any) -> Any:
    return {"fr": value.fr, "en": value.en} if isinstance(value, Text) else value


def _read(value: Any) -> Any:
    return Text(**value) if isinstance(value, dict) else value
