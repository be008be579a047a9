"""Writes compact XSLT 3.0 from a program and the rules that are wanted.

A stylesheet visits, for each group of rules, only the nodes that they could match, and writes one line for
each rule that fires (``R`` and its number) and for each assertion that fails (``A``, its number, a tab and the node).
A context that cannot be evaluated would match nothing, unseen: where that can be, it is tried apart (``X``, the rule's
number, the node, the reason).
Messages are written by a second stylesheet, for the failures alone. A failure of evaluation stops the first
kind of stylesheet; the careful kind catches it at each assertion (``E``, number, node, reason, between tabs).

A node is given by the positions of its ancestors among the child elements: ``1/3/2``; ``/`` is the document; a
comment or a processing instruction ends with its position among all nodes: ``1/3/n4``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from conformance.validation.packs.contexts import ELEMENTS, EVERYTHING
from conformance.validation.packs.markup import escaped, quoted
from conformance.validation.packs.probes import Probe
from conformance.validation.packs.program import Check, Program, RuleCode, Step
from conformance.validation.packs.xpath import OURS, variables

XSLT: Final = "http://www.w3.org/1999/XSL/Transform"
_REASON: Final = "$Q{http://www.w3.org/2005/xqt-errors}description"

END_OF_MESSAGE: Final = "\u2028"
"""After each message: a line separator, which no message holds once its spaces are made plain."""

LOAD: Final = "segur-load:"
"""Starts the reason of a failure that asks for a document of the pack, whose name only the run shows."""

MISSING: Final = "segur-missing:"
"""Starts the reason of a failure that asks for a document which the pack does not hold."""


def checking(program: Program, rules: Mapping[int, Sequence[int]], *, careful: bool = False) -> str:
    """The stylesheet that runs ``rules`` (group → numbers, in order).

    With ``careful``, a test that cannot be evaluated is told and the others go on.
    """
    writer = _Writer(program, careful)
    chosen = [number for numbers in rules.values() for number in numbers]
    calls = writer.abstract_closure(step for number in chosen for step in program.rules[number].steps)
    names = {name for number in chosen for name in program.rules[number].globals}
    names |= {name for number in calls for name in program.abstracts[number].globals}
    body = [writer.driver(rules)]
    for group, numbers in rules.items():
        # A document that no rule matches would be skipped with its content looked at: the driver gives each node once.
        body.append(
            f'<xsl:mode name="g{group}" on-no-match="deep-skip"/><xsl:template match="/" mode="g{group}" priority="0"/>'
        )
        body += [
            writer.rule(program.rules[number], number, f"g{group}", len(numbers) - rank)
            for rank, number in enumerate(numbers)
        ]
    body += [writer.abstract(number) for number in sorted(calls)]
    return writer.stylesheet(names, body)


def place_of_line(program: Program, xslt: str, line: int) -> tuple[str, int] | None:
    """The file and line of the pack from which a line of a stylesheet of ``checking`` was written, if it tells."""
    lines = xslt.split("\n")
    for text in lines[line - 1 :]:
        check = re.search(r":at\((\d+),", text)
        if check:
            found = program.checks[int(check.group(1))]
            return program.files[found.file], found.line
        rule = re.search(r"<xsl:text>R(\d+)&#10;", text)
        if rule:
            place = program.rules[int(rule.group(1))]
            return program.files[place.file], place.line
    return None


def explaining(program: Program, failures: Sequence[tuple[int, int, str]]) -> str:
    """The stylesheet that writes the messages of ``failures``: rule, assertion, node.

    They come in order, each followed by ``END_OF_MESSAGE``; a value that cannot be computed is shown as ``…``.
    """
    writer = _Writer(program, True)
    kinds = {kind: number for number, kind in enumerate(dict.fromkeys((rule, check) for rule, check, _ in failures))}
    names = {name for rule, check in kinds for name in (*program.rules[rule].globals, *program.checks[check].globals)}
    body = ['<xsl:template match="/">']
    for rule, check, node in failures:
        call = f'<xsl:call-template name="m{kinds[rule, check]}"/>'
        body.append(f'<xsl:for-each select="{_node(node)}">{call}</xsl:for-each><xsl:text>{END_OF_MESSAGE}</xsl:text>')
    body.append("</xsl:template>")
    for (rule, check), number in kinds.items():
        body.append(writer.message_template(number))
        for step in writer.inlined(program.rules[rule].steps):
            if step.kind == "let":
                body.append(f'<xsl:variable name="{step.target}" select={step.expression}/>')
            elif step.target == check:
                break
        body.append(f"{_message(program.checks[check])}</xsl:template>")
    return writer.stylesheet(names, body)


def _node(path: str) -> str:
    if path == "/":
        return "/"
    return "/" + "/".join(f"node()[{step[1:]}]" if step.startswith("n") else f"*[{step}]" for step in path.split("/"))


def _message(check: Check) -> str:
    out = []
    for text, is_expression in check.message:
        if is_expression:
            out.append(f"<xsl:try><xsl:value-of select={text}/><xsl:catch><xsl:text>…</xsl:text></xsl:catch></xsl:try>")
        else:
            out.append(f"<xsl:text>{escaped(text)}</xsl:text>")
    return "".join(out)


class _Writer:
    def __init__(self, program: Program, careful: bool) -> None:
        self._program = program
        self._careful = careful
        self._p = program.prefix
        self._version = "" if program.version == "3.0" else f' version="{program.version}"'
        self._probed: set[str] = set()
        """The global values that probes need, in a form whose failure can be caught."""

    def stylesheet(self, names: Iterable[str], body: Iterable[str]) -> str:
        program, p = self._program, self._p
        declared = "".join(
            f" xmlns:{prefix}={quoted(uri)}"
            for prefix, uri in program.namespaces.items()
            if prefix not in ("xsl", "xml", p)
        )
        head = [
            f'<xsl:stylesheet version="3.0" xmlns:xsl="{XSLT}" xmlns:{p}="{OURS}"{declared} exclude-result-prefixes="#all">',
            '<xsl:output method="text"/>',
            f'<xsl:param name="{p}:skip" select="\'\'"/>',
            _NODE.format(p=p, missing=MISSING),
        ]
        head += program.functions
        if program.dynamic:
            head.append(_DYNAMIC.format(p=p, load=LOAD, missing=MISSING))
        for name, match, use in program.keys:
            head.append(f'<xsl:key name="{name}" match={match} use={use}{self._version}/>')
        for number, use in enumerate(program.key_values):
            child = use.partition("/")[0]
            head.append(f'<xsl:key name="{p}:k{number}" match="*[{child}]" use={quoted(use)}/>')
        chosen = program.closure([*names, *program.function_globals])
        caught = set(chosen if self._careful else program.closure(self._probed))
        for name in chosen:
            value = program.values[name]
            kind = "param" if value.parameter or not value.expression else "variable"
            select = f" select={quoted(value.expression)}" if value.expression else ""
            head.append(f'<xsl:{kind} name="{name}"{select}{self._version}/>')
            if name in caught and self._is_let(name):
                head.append(self._careful_value(name))
        if caught:
            head.append(f'<xsl:variable name="{p}:document" select="/"/>')
        return "".join([*head, *body, "</xsl:stylesheet>"])

    def _is_let(self, name: str) -> bool:
        """Whether a global value is the pack's own, and not a document or a lookup in one."""
        return not name.startswith(f"{self._p}:")

    def _careful_value(self, name: str) -> str:
        """A function that computes a global value: the failure of a global variable cannot be caught."""
        value = self._program.values[name]
        return (
            f'<xsl:function name="{self._p}:let-{name.replace(":", ".")}" as="item()*"{self._version}>'
            f'<xsl:for-each select="${self._p}:document">{self._careful_lets(value.needs, name)}'
            f"<xsl:sequence select={quoted(value.expression)}/></xsl:for-each></xsl:function>"
        )

    def _careful_lets(self, names: Iterable[str], but: str = "") -> str:
        return "".join(
            f'<xsl:variable name="{name}" select="{self._p}:let-{name.replace(":", ".")}()"/>'
            for name in names
            if name in self._program.values and self._is_let(name) and name != but
        )

    def driver(self, rules: Mapping[int, Sequence[int]]) -> str:
        """Sends to each group the nodes that it could match."""
        out = ['<xsl:template match="/">']
        for group, numbers in rules.items():
            selects = dict.fromkeys(route.select for number in numbers for route in self._program.rules[number].routes)
            select = " | ".join(selects)
            if EVERYTHING in selects:
                select = EVERYTHING
            elif ELEMENTS in selects:
                select = f"/ | {ELEMENTS}" if "/" in selects else ELEMENTS
            apply = f'<xsl:apply-templates select={{}} mode="g{group}"/>'
            out.append(f"<xsl:if test=\"not(contains(${self._p}:skip, '|{group}|'))\">")
            if any(self._program.rules[number].positional for number in numbers):
                # Sent with their siblings, as the reference implementation does: a rule asks for its place among them.
                walk = f"<xsl:for-each select={quoted(ELEMENTS)}>{apply.format(quoted(self._program.siblings))}</xsl:for-each>"
                out.append(apply.format(quoted("/")) + apply.format(quoted("/node()")) + walk)
            else:
                out.append(apply.format(quoted(select)))
            out += [self._probe(number, probe) for number in numbers for probe in self._program.rules[number].probes]
            out.append("</xsl:if>")
        out.append("</xsl:template>")
        return "".join(out)

    def _probe(self, number: int, probe: Probe) -> str:
        """Tells where the context of a rule cannot be evaluated: at each node, else of the document as a whole."""
        p = self._p

        def failed(node: str) -> str:
            told = f"concat('X{number}&#9;', {node}, '&#9;', normalize-space({_REASON}), '&#10;')"
            return f'<xsl:sequence select="{told}"/>'

        def sequence(select: str) -> str:
            return f"<xsl:sequence select={quoted(select)}/>"

        near = ""
        lets = self._careful_lets(self._mentioned(probe))
        if probe.own:
            own = f"{lets}{sequence(f'string(exists({probe.own}))')}<xsl:catch>{failed(f'{p}:path(.)')}</xsl:catch>"
            near = f"<xsl:for-each select={quoted(probe.near)}><xsl:try>{own}</xsl:try></xsl:for-each>"
        told = quoted(f"for $x in ${p}:tried return string($x)[starts-with(., 'X')]")
        whole = "'/'"
        self._probed |= set(self._mentioned(probe))
        return (
            f'<xsl:variable name="{p}:tried" as="item()*"{self._version}><xsl:try>{lets}{sequence(f"count({probe.whole})")}'
            f"<xsl:catch>{near}{failed(whole)}</xsl:catch></xsl:try></xsl:variable>"
            f'<xsl:value-of select={told} separator=""/>'
        )

    def message_template(self, number: int) -> str:
        return f'<xsl:template name="m{number}"{self._version}>'

    def _mentioned(self, probe: Probe) -> list[str]:
        return sorted(variables(probe.whole) & self._program.values.keys())

    def rule(self, rule: RuleCode, number: int, mode: str, priority: int) -> str:
        return (
            f'\n<xsl:template match={rule.match} mode="{mode}" priority="{priority}"{self._version}>'
            f"<xsl:text>R{number}&#10;</xsl:text>{self._steps(rule.steps, rule.globals)}</xsl:template>"
        )

    def abstract(self, number: int) -> str:
        code = self._program.abstracts[number]
        return f'\n<xsl:template name="a{number}"{self._version}>{self._steps(code.steps, code.globals)}</xsl:template>'

    def abstract_closure(self, steps: Iterable[Step]) -> set[int]:
        """The abstract rules that ``steps`` run, those that these run included."""
        found: set[int] = set()
        waiting = [step.target for step in steps if step.kind == "call"]
        while waiting:
            number = waiting.pop()
            if isinstance(number, int) and number not in found:
                found.add(number)
                waiting += [s.target for s in self._program.abstracts[number].steps if s.kind == "call"]
        return found

    def inlined(self, steps: Iterable[Step]) -> list[Step]:
        """The steps with those of abstract rules in the place of each call."""
        out: list[Step] = []
        for step in steps:
            if step.kind == "call" and isinstance(step.target, int):
                out += self.inlined(self._program.abstracts[step.target].steps)
            else:
                out.append(step)
        return out

    def _steps(self, steps: Sequence[Step], names: Iterable[str]) -> str:
        if self._careful:
            return self._careful_steps(steps, self._careful_lets(names))
        return "".join(self._step(step) for step in steps)

    def _step(self, step: Step) -> str:
        if step.kind == "let":
            return f'\n<xsl:variable name="{step.target}" select={step.expression}/>'
        if step.kind == "call":
            return f'<xsl:call-template name="a{step.target}"/>'
        return f'\n<xsl:if test={step.expression}><xsl:value-of select="{self._p}:at({step.target}, .)"/></xsl:if>'

    def _careful_steps(self, steps: Sequence[Step], names: str) -> str:
        """Each assertion catches its own failure, that of the global values and of the lets before it included."""
        lets = [names]
        out: list[str] = []
        for step in steps:
            if step.kind == "let":
                lets.append(self._step(step))
            elif step.kind == "call":
                out.append(self._step(step))
            else:
                failed = f"concat('E{step.target}&#9;', {self._p}:path(.), '&#9;', normalize-space({_REASON}), '&#10;')"
                caught = f'<xsl:catch><xsl:value-of select="{failed}"/></xsl:catch>'
                out.append(f"<xsl:try>{''.join(lets)}{self._step(step)}{caught}</xsl:try>")
        return "".join(out)


_NODE = """<xsl:function name="{p}:path"><xsl:param name="n"/><xsl:sequence select="if ($n/..) then string-join(($n/ancestor-or-self::*!string(1 + count(preceding-sibling::*)), $n[not(self::*)]!('n' || (1 + count(preceding-sibling::node())))), '/') else '/'"/></xsl:function><xsl:function name="{p}:at"><xsl:param name="a"/><xsl:param name="n"/><xsl:sequence select="concat('A', $a, '&#9;', {p}:path($n), '&#10;')"/></xsl:function><xsl:function name="{p}:missing"><xsl:param name="h"/><xsl:sequence select="error((), concat('{missing}', $h))"/></xsl:function>"""

_DYNAMIC = """<xsl:param name="{p}:documents" select="map{{}}"/><xsl:function name="{p}:document"><xsl:param name="hrefs"/><xsl:sequence select="for $h in $hrefs!string(.) return if (empty(${p}:documents($h))) then error((), concat('{load}', $h)) else if (${p}:documents($h) instance of node()) then ${p}:documents($h) else error((), concat('{missing}', $h))"/></xsl:function><xsl:function name="{p}:available"><xsl:param name="h"/><xsl:sequence select="if (empty(${p}:documents(string($h)))) then error((), concat('{load}', $h)) else ${p}:documents(string($h)) instance of node()"/></xsl:function>"""
