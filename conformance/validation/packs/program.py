"""A compiled schematron: what is kept on disk between runs, and what a stylesheet is written from.

Expressions are already safe (documents go through the pack's own) and ready to stand in an attribute.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from conformance.core.language import Text
from conformance.validation.packs.contexts import Need, Route
from conformance.validation.packs.problems import Problem, ProblemKind

FORMAT: Final = 2
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
    groups: list[list[int]] = field(default_factory=list)
    """Rules that must be run together, since the first that matches a node wins."""
    problems: list[Problem] = field(default_factory=list)
    refusal: tuple[str, str] | None = None
    dynamic: bool = False

    def to_json(self) -> dict[str, Any]:
        """Everything, for the cache."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Program:
        """A program out of the cache. Raises ``ValueError`` or ``KeyError`` when it was written by another version."""
        if data.pop("format", None) != FORMAT:
            raise ValueError("another format")
        data["checks"] = [Check(**{**c, "message": [(t, e) for t, e in c["message"]]}) for c in data["checks"]]
        data["rules"] = [
            RuleCode(**{**r, "routes": [_route(x) for x in r["routes"]], "steps": _steps(r["steps"])})
            for r in data["rules"]
        ]
        data["abstracts"] = [AbstractCode(**{**a, "steps": _steps(a["steps"])}) for a in data["abstracts"]]
        data["values"] = {name: Value(**v) for name, v in data["values"].items()}
        data["documents"] = [PackDocument(**d) for d in data["documents"]]
        data["problems"] = [
            Problem(ProblemKind(p["kind"]), p["file"], p["line"], {k: _detail(v) for k, v in p["details"].items()})
            for p in data["problems"]
        ]
        for name in ("patterns", "keys"):
            data[name] = [tuple(item) for item in data[name]]
        data["refusal"] = tuple(data["refusal"]) if data["refusal"] else None
        return cls(**data)

    def closure(self, names: Iterable[str]) -> list[str]:
        """The global values ``names`` with all that they need, each after what it needs."""
        done: list[str] = []

        def visit(name: str) -> None:
            if name in self.values and name not in done:
                for need in self.values[name].needs:
                    if need != name:
                        visit(need)
                done.append(name)

        for name in names:
            visit(name)
        return done


def _detail(value: Any) -> Any:
    return Text(**value) if isinstance(value, dict) else value


def _steps(items: list[dict[str, Any]]) -> list[Step]:
    return [Step(**item) for item in items]


def _route(item: dict[str, Any]) -> Route:
    return Route(
        **{
            **item,
            "steps": [(s, n) for s, n in item["steps"]],
            "needs": [Need(**need) for need in item["needs"]],
        }
    )
