"""Compiles the Schematron model to a ``Program``: the semantics of the standard, kept to the letter.

What decides verdicts, as in the reference implementation (``iso_svrl_for_xslt2``):

- in each pattern, the first rule whose context matches a node speaks of it, the later ones do not;
- only elements and the document node are visited, never attributes nor text;
- the lets of the schema and of every active pattern are global values, read with the document as context;
- ``extends`` puts the assertions and lets of the abstract rule in its place, one in the same pattern first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.core.language import Text
from conformance.validation.packs.contexts import ANY, Route, routes
from conformance.validation.packs.elements import swelling
from conformance.validation.packs.errors import DoesNotLoad, HostilePack
from conformance.validation.packs.expressions import Expressions, LetValues
from conformance.validation.packs.functions import name_of, written
from conformance.validation.packs.markup import quoted
from conformance.validation.packs.model import Assertion, Extends, Item, Let, Pattern, Rule, Schema
from conformance.validation.packs.probes import Probe, probes
from conformance.validation.packs.problems import Problem, ProblemKind
from conformance.validation.packs.program import AbstractCode, Check, Program, RuleCode, Step
from conformance.validation.packs.schematron import read_schema
from conformance.validation.packs.scopes import with_own_values
from conformance.validation.packs.source import PackSource
from conformance.validation.packs.substitutes import Substitutes
from conformance.validation.packs.xpath import XML_SCHEMA, bound_variables, counts_positions, variables

MOST_CHECKS: Final = 100_000
"""Assertions of one schematron, compiled; the largest of the published ones has some two thousand."""

MOST_ITEMS: Final = 20_000
"""Assertions and lets of a rule with everything that it extends."""


def compile_schematron(source: PackSource, path: str, substitutes: Substitutes | None = None) -> Program:
    """Compile the schematron ``path`` of a pack.

    Never raises for a defect of the schematron: a program that does not load says so in ``refusal``.
    Raises ``HostilePack`` when the pack tries what it may not.
    """
    try:
        compiler = _Compiler(source, read_schema(source, path), substitutes or Substitutes(source))
        try:
            return compiler.program()
        except DoesNotLoad as failure:
            failure.problems = compiler.problems
            raise
    except DoesNotLoad as failure:
        place = f" ({failure.file}:{failure.line})" if failure.file else ""
        problem = Problem(
            ProblemKind.DOES_NOT_COMPILE,
            failure.file or path,
            failure.line or 1,
            {"schematron": path, "reason": failure.reason},
        )
        known = [failure.file] if failure.file and failure.file != path else []
        files = [file for file in (path, *known) if (source.root / file).is_file()]
        return Program(
            path, "", path, {}, "", [], files, [source.stamp(file) for file in files],
            problems=[*failure.problems, problem], refusal=(failure.reason.fr + place, failure.reason.en + place),
        )  # fmt: skip


class _Compiler:
    def __init__(self, source: PackSource, schema: Schema, substitutes: Substitutes) -> None:
        self._source = source
        schema.patterns = with_own_values(schema)
        self._schema = schema
        self._prefix = _free_prefix(schema.namespaces)
        namespaces = {"xs": XML_SCHEMA, "xsd": XML_SCHEMA, **schema.namespaces}
        self._program = Program(
            path=schema.path,
            title=schema.title,
            base=schema.path,
            namespaces=namespaces,
            prefix=self._prefix,
            patterns=[(pattern.id, pattern.title) for pattern in schema.active],
            files=schema.files,
            stamps=[],
            problems=list(schema.problems),
            version=schema.version,
        )
        self._lets: dict[str, Let] = {}
        self._expressions = Expressions(self._program, source, substitutes, self._lets)
        self._abstract_rules: dict[str, list[tuple[Pattern, Rule]]] = {}
        for pattern, rule in schema.abstract_rules():
            self._abstract_rules.setdefault(rule.id, []).append((pattern, rule))
        self._abstract_numbers: dict[int, int] = {}

    @property
    def problems(self) -> list[Problem]:
        """What was noted so far."""
        return self._program.problems

    def program(self) -> Program:
        program, schema = self._program, self._schema
        if schema.default_phase not in ("", "#ALL") and schema.default_phase not in schema.phases:
            program.problems.append(Problem(ProblemKind.PHASE_UNKNOWN, schema.path, 1, {"phase": schema.default_phase}))
            raise DoesNotLoad(
                Text(f"la phase par défaut « {schema.default_phase} » n'existe pas",
                     f"the default phase “{schema.default_phase}” does not exist"),
                schema.path, 1,
            )  # fmt: skip
        self._expressions.declared |= {name_of(function, program.namespaces) for function in schema.functions}
        self._globals()
        for function in schema.functions:
            text, names = written(function, program.namespaces, self._prefix, self._expressions.guarded)
            program.functions.append(text)
            program.function_globals += self._globals_in(names)
        for key in schema.keys:
            program.keys.append(
                (key.name, quoted(self._safe(key.match, key.where)), quoted(self._safe(key.use, key.where)))
            )
        contexts = [rule.context for pattern in schema.active for rule in pattern.rules]
        if not any("(" in context for context in contexts):
            program.siblings = "* | comment() | processing-instruction()"
        for number, pattern in enumerate(schema.active):
            self._pattern(number, pattern)
        program.stamps = [self._source.stamp(file) for file in program.files]
        return program

    # Global values --------------------------------------------------------------------------------------

    def _globals(self) -> None:
        lets = [*self._schema.lets, *(let for pattern in self._schema.active for let in pattern.lets)]
        for let in lets:
            if let.name in self._lets:
                raise DoesNotLoad(
                    Text(f"la valeur globale « {let.name} » est définie deux fois",
                         f"the global value “{let.name}” is defined twice"),
                    let.where.file, let.where.line,
                )  # fmt: skip
            self._lets[let.name] = let
        for number, let in enumerate(lets):
            # As in the reference implementation: those of the schema are parameters, those of patterns variables.
            self._expressions.add_global(let, parameter=number < len(self._schema.lets))
        self._refuse_circles(lets)

    def _refuse_circles(self, lets: list[Let]) -> None:
        """Raise ``DoesNotLoad`` when a global value needs itself."""
        after = {
            let.name: {name for name in variables(let.value) - bound_variables(let.value) if name in self._lets}
            for let in lets
        }
        free = [name for name, needs in after.items() if not needs]
        users: dict[str, list[str]] = {}
        for name, needs in after.items():
            for need in needs:
                users.setdefault(need, []).append(name)
        while free:
            done = free.pop()
            del after[done]
            for user in users.get(done, ()):
                after[user].discard(done)
                if not after[user]:
                    free.append(user)
        for let in lets:
            if let.name in after:
                raise DoesNotLoad(
                    Text(f"la valeur globale « {let.name} » dépend d'elle-même",
                         f"the global value “{let.name}” depends on itself"),
                    let.where.file, let.where.line,
                )  # fmt: skip

    def _safe(self, expression: str, where: object) -> str:
        return self._expressions.safe(expression, where)

    # Rules ----------------------------------------------------------------------------------------------

    def _pattern(self, number: int, pattern: Pattern) -> None:
        program = self._program
        first = len(program.rules)
        for rule in pattern.rules:
            if rule.abstract:
                continue
            items = self._flattened(rule, pattern)
            steps, used = self._steps(items, pattern)
            match = self._expressions.compile(rule.context, rule.where, {})
            found = routes(rule.context, program.namespaces)
            for route in found:
                route.select, route.lookup = self._selection(route), None
            tried = [self._probe(probe, rule) for probe in probes(rule.context, program.namespaces)]
            used |= variables(match).union(
                *(variables(part) for one in tried for part in (one.whole, one.near, one.own))
            )
            program.rules.append(
                RuleCode(
                    pattern=number,
                    file=self._file(rule.where.file),
                    line=rule.where.line,
                    context=rule.context,
                    match=quoted(match),
                    routes=found,
                    steps=steps,
                    globals=self._globals_in(used),
                    probes=tried,
                    positional=self._counts_positions(rule, pattern),
                )
            )
        self._group(range(first, len(program.rules)))

    def _counts_positions(self, rule: Rule, pattern: Pattern) -> bool:
        for item in rule.items:
            inner = self._inside(item, pattern, (rule,)) if isinstance(item, Extends) else [item]
            for one in inner:
                texts = [one.value] if isinstance(one, Let) else [one.test] if isinstance(one, Assertion) else []
                if any(counts_positions(text) for text in texts):
                    return True
        return False

    def _probe(self, probe: Probe, rule: Rule) -> Probe:
        parts = (probe.whole, probe.near, probe.own)
        return Probe(*(self._expressions.compile(part, rule.where, {}) for part in parts))

    def _group(self, rules: range) -> None:
        """Rules for other names of element, or of its parent, never meet: they may be run, and left out, apart."""
        homes = [{_home(route) for route in self._program.rules[i].routes} for i in rules]
        kinds = {kind for found in homes for kind, _ in found}
        if len(kinds) != 1 or "any" in kinds or any(len(found) != 1 for found in homes):
            if rules:
                self._program.groups.append(list(rules))
            return
        by_home: dict[str, list[int]] = {}
        for i, ((_, name),) in zip(rules, homes, strict=True):
            by_home.setdefault(name, []).append(i)
        self._program.groups += by_home.values()

    def _selection(self, route: Route) -> str:
        """The expression that gives the nodes of a route; a lookup by a child's attribute becomes a key."""
        if route.lookup is None:
            return route.select
        use, value = route.lookup
        if use not in self._program.key_values:
            self._program.key_values.append(use)
        literal = "'" + value.replace("'", "''") + "'"
        return f"key('{self._prefix}:k{self._program.key_values.index(use)}', {literal})"

    def _steps(self, items: list[Item], pattern: Pattern) -> tuple[list[Step], set[str]]:
        program = self._program
        local: LetValues = {}
        steps: list[Step] = []
        used: set[str] = set()
        for item in items:
            if isinstance(item, Let):
                code = self._expressions.compile(item.value, item.where, local)
                used |= variables(code) - set(local)
                local[item.name] = item.value
                steps.append(Step("let", item.name, quoted(code)))
            elif isinstance(item, Assertion):
                code = self._expressions.compile(item.test, item.where, local)
                used |= variables(code) - set(local)
                if len(program.checks) >= MOST_CHECKS:
                    raise swelling(str(item.where))
                steps.append(Step("test", len(program.checks), quoted(_condition(item, code))))
                program.checks.append(self._check(item))
            else:
                for called in self._abstract(item, pattern):
                    steps.append(Step("call", called))
                    used |= set(program.abstracts[called].globals)
        return steps, used

    def _check(self, assertion: Assertion) -> Check:
        message = list(assertion.message)
        for name in assertion.diagnostics:
            message += self._schema.diagnostics.get(name, ())
        parts: list[tuple[str, bool]] = []
        names: set[str] = set()
        for part in message:
            code = self._expressions.safe(part.text, assertion.where) if part.is_expression else part.text
            names |= variables(code) if part.is_expression else set()
            parts.append((quoted(code) if part.is_expression else code, part.is_expression))
        return Check(
            kind=assertion.kind,
            file=self._file(assertion.where.file),
            line=assertion.where.line,
            test=" ".join(assertion.test.split()),
            id=assertion.id,
            role=assertion.role,
            message=parts,
            globals=self._globals_in(names),
        )

    def _file(self, path: str) -> int:
        if path not in self._program.files:
            self._program.files.append(path)
        return self._program.files.index(path)

    def _globals_in(self, names: Iterable[str]) -> list[str]:
        return sorted(name for name in names if name in self._program.values)

    # Abstract rules -------------------------------------------------------------------------------------

    def _find(self, extends: Extends, pattern: Pattern) -> list[tuple[Pattern, Rule]]:
        """The abstract rules that are meant: those of the same pattern, else all of the schema that have the id.

        An id should be unique; where it is not, the reference implementation takes every rule that has it.
        """
        known = self._abstract_rules.get(extends.rule, [])
        return [found for found in known if found[0] is pattern] or known

    def _abstract(self, extends: Extends, pattern: Pattern) -> list[int]:
        """The numbers of the abstract rules, compiled the first time that they are asked for."""
        found = self._find(extends, pattern)
        if not found:
            self._program.problems.append(
                Problem(ProblemKind.EXTENDS_UNKNOWN, extends.where.file, extends.where.line, {"rule": extends.rule})
            )
        return [self._abstract_number(home, rule) for home, rule in found]

    def _abstract_number(self, home: Pattern, rule: Rule) -> int:
        key = id(rule)
        if key not in self._abstract_numbers:
            number = len(self._program.abstracts)
            self._abstract_numbers[key] = number
            self._program.abstracts.append(AbstractCode(rule.id, [], []))
            steps, used = self._steps(self._flattened(rule, home), home)
            self._program.abstracts[number] = AbstractCode(rule.id, steps, self._globals_in(used))
        return self._abstract_numbers[key]

    def _flattened(self, rule: Rule, pattern: Pattern) -> list[Item]:
        """The items of a rule; an abstract rule is put in its place where it shares local names with it."""
        items: list[Item] = []
        for position, item in enumerate(rule.items):
            if not isinstance(item, Extends) or not self._find(item, pattern):
                items.append(item)
                continue
            inner = self._inside(item, pattern, (rule,))
            if self._share_names(inner, rule.items[position + 1 :], items):
                items += inner
            else:
                items.append(item)
        return items

    def _inside(self, extends: Extends, pattern: Pattern, above: tuple[Rule, ...]) -> list[Item]:
        """The items of the abstract rules that ``extends`` means, with everything that these extend put in its place."""
        items: list[Item] = []
        for home, rule in self._find(extends, pattern):
            if any(rule is one for one in above):
                raise HostilePack(
                    "endless-extends",
                    Text(f"{extends.where} : les règles abstraites s'étendent sans fin.",
                         f"{extends.where}: the abstract rules extend one another without end."),
                )  # fmt: skip
            for item in rule.items:
                inner = self._inside(item, home, (*above, rule)) if isinstance(item, Extends) else []
                items += inner or [item]
                if len(items) > MOST_ITEMS:
                    raise swelling(str(rule.where))
        return items

    def _share_names(self, inner: list[Item], later: tuple[Item, ...], before: list[Item]) -> bool:
        defined = {item.name for item in inner if isinstance(item, Let)}
        mentioned_later = set().union(*(_mentioned(item) for item in later)) if later else set()
        known_before = {item.name for item in before if isinstance(item, Let)}
        mentioned_inside = set().union(*(_mentioned(item) for item in inner)) if inner else set()
        return bool(defined & mentioned_later or known_before & mentioned_inside)


def _home(route: Route) -> tuple[str, str]:
    """What is known of the name of the elements that a route matches: their own, their parent's, or nothing."""
    if route.name != ANY:
        return ("name", route.name) if "*" not in route.name else ("any", "")
    if len(route.steps) > 1 and route.steps[-1][0] == "/" and "*" not in route.steps[-2][1]:
        return "parent", route.steps[-2][1]
    return "any", ""


def _mentioned(item: Item) -> frozenset[str]:
    if isinstance(item, Let):
        return variables(item.value)
    if isinstance(item, Assertion):
        names = variables(item.test)
        for part in item.message:
            if part.is_expression:
                names |= variables(part.text)
        return names
    return frozenset()


def _condition(item: Assertion, code: str) -> str:
    """The expression that is true when the assertion has something to say."""
    return f"not(({code}))" if item.kind == "assert" else code


def _free_prefix(namespaces: dict[str, str]) -> str:
    number = 0
    while f"segur{number or ''}" in namespaces:
        number += 1
    return f"segur{number or ''}"
