"""The pre-flight of a pack: its defects told aloud, each with file and line, before any document is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.core.errors import SegurError
from conformance.core.findings import Severity
from conformance.core.language import Language, Text
from conformance.validation.packs.cache import program_of
from conformance.validation.packs.coverage import Shape, covers, never_visited, shapes
from conformance.validation.packs.engine import Engine, LimitReached
from conformance.validation.packs.errors import DoesNotLoad, HostilePack
from conformance.validation.packs.manifest import SchematronInfo, empty_files, without_engines
from conformance.validation.packs.model import Assertion, Pattern, Rule, Schema
from conformance.validation.packs.pack import Pack
from conformance.validation.packs.problems import Problem, ProblemKind
from conformance.validation.packs.schematron import read_schema
from conformance.validation.packs.verifier import LoadFault, load_fault

Progress = Callable[[SchematronInfo], None]


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was looked at and what is wrong. ``loading``: how many of the ``schematrons`` load."""

    pack: str
    schematrons: int
    loading: int
    problems: tuple[Problem, ...]

    def of(self, kind: ProblemKind) -> tuple[Problem, ...]:
        """The problems of one kind."""
        return tuple(problem for problem in self.problems if problem.kind is kind)

    @property
    def worst(self) -> Severity | None:
        """The gravest severity among the problems; ``None`` when there are none."""
        for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO):
            if any(problem.severity is severity for problem in self.problems):
                return severity
        return None

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The pre-flight as ``--format json`` gives it."""
        return {
            "pack": self.pack,
            "schematrons": self.schematrons,
            "loading": self.loading,
            "problems": [problem.to_json(language) for problem in self.problems],
        }


def preflight(pack: Pack, progress: Progress | None = None) -> Preflight:
    """Look at every schematron of ``pack``: read it, compile all of it, look for rules that never fire.

    A hostile pack is told as a problem too. Raises ``MissingExtra`` when SaxonC is not installed.
    """
    found: dict[tuple[object, ...], Problem] = {}
    loading = 0

    def note(problem: Problem) -> None:
        key = (problem.kind, problem.file, problem.line, tuple(sorted(map(str, problem.details.values()))))
        found.setdefault(key, problem)

    for path in empty_files(pack.source, without_engines(pack.source.files())):
        note(Problem(ProblemKind.EMPTY_FILE, path, 1))
    unnamed: dict[str, list[int]] = {}
    with Engine() as engine:
        for info in pack.manifest.schematrons:
            if progress is not None:
                progress(info)
            try:
                program = program_of(pack.source, info.path)
                fault = load_fault(program, engine)
            except HostilePack as hostile:
                note(Problem(ProblemKind.HOSTILE, info.path, 1, {"reason": hostile.sentence}))
                continue
            except LimitReached as limit:  # the program is there: compiling it is what took too long
                fault = LoadFault(limit.reason, info.path, 1)
            for problem in program.problems:
                note(problem)
            if fault is None:
                loading += 1
            elif program.refusal is None:
                details = {"schematron": info.path, "reason": fault.reason}
                note(Problem(ProblemKind.DOES_NOT_COMPILE, fault.file, fault.line, details))
            for problem in _of_model(pack, info, unnamed):
                note(problem)
    for file, lines in unnamed.items():
        told = sorted(set(lines))
        note(Problem(ProblemKind.NO_ID, file, told[0], {"count": len(told), "line": told[0], "lines": told}))
    problems = sorted(found.values(), key=lambda p: (_rank(p), p.file, p.line))
    return Preflight(pack.name, len(pack.manifest.schematrons), loading, tuple(problems))


def _rank(problem: Problem) -> tuple[int, str]:
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    return order.index(problem.severity), str(problem.kind)


def _of_model(pack: Pack, info: SchematronInfo, unnamed: dict[str, list[int]]) -> Iterator[Problem]:
    """What the model of one schematron shows; assertions without id are gathered in ``unnamed`` (file → lines)."""
    try:
        schema = read_schema(pack.source, info.path)
    except (DoesNotLoad, SegurError):  # told already
        return
    active = schema.active
    for pattern in schema.patterns:
        for rule in pattern.rules:
            for item in rule.items:
                if isinstance(item, Assertion) and not item.id:
                    unnamed.setdefault(item.where.file, []).append(item.where.line)
        if not pattern.abstract and not any(one is pattern for one in active):
            details = {"pattern": pattern.id or pattern.title, "phase": schema.default_phase}
            yield Problem(ProblemKind.DEAD_PATTERN, pattern.where.file, pattern.where.line, details)
    for pattern in active:
        yield from dead_rules(pattern, schema)


def dead_rules(pattern: Pattern, schema: Schema) -> Iterator[Problem]:
    """The rules of a pattern that can never fire: earlier ones take every node that they match, or none is visited."""
    earlier: list[tuple[Rule, list[Shape]]] = []
    for rule in pattern.rules:
        if rule.abstract:
            continue
        shape = shapes(rule.context, schema.namespaces)
        words = " ".join(rule.context.split())
        takers = [next((taker for taker in earlier if covers([taker[1]], [one])), None) for one in shape]
        if never_visited(rule.context):
            yield Problem(ProblemKind.NOT_VISITED, rule.where.file, rule.where.line, {"context": words})
        elif takers and all(takers):
            names = list(dict.fromkeys(str(taker[0].where) for taker in takers if taker))
            same = len(names) == 1 and covers(shape, [taker[1] for taker in earlier if str(taker[0].where) == names[0]])
            details = {
                "context": words,
                "earlier": ", ".join(names),
                "relation": Text("égal", "the same") if same else Text("plus large", "a wider"),
            }
            yield Problem(ProblemKind.DEAD_RULE, rule.where.file, rule.where.line, details)
        earlier += [(rule, one) for one in shape]
