"""From what a stylesheet writes to findings: the rule, the words of its message, the place of the node."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from conformance.cda.reading import Document
from conformance.core.findings import Finding, Place, Severity, Trust
from conformance.core.language import Text, verbatim
from conformance.validation.packs.engine import EngineFault
from conformance.validation.packs.manifest import SchematronInfo
from conformance.validation.packs.program import Check, Program, RuleCode
from conformance.validation.packs.results import OfficialFinding
from conformance.validation.packs.stylesheet import END_OF_MESSAGE, MISSING

Wanted = tuple[int, int, str]
"""A rule, an assertion, the node for which its message is wanted."""

MOST_NODES: Final = 200
"""Messages that one stylesheet writes."""

_SEVERITIES: Final = {
    "warning": Severity.WARNING,
    "warn": Severity.WARNING,
    "info": Severity.INFO,
    "information": Severity.INFO,
}


CONTEXT: Final = -1
"""Stands for an assertion where the context of a rule could not be evaluated."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An assertion that has something to say of a node; ``reason``: why it could not be evaluated, if so.

    ``check`` is ``CONTEXT`` when it is the context of the rule that could not be.
    """

    rule: int
    check: int
    node: str
    reason: str = ""

    @property
    def missing(self) -> str:
        """The document that the pack should hold and does not, when that is the reason."""
        return self.reason.partition(MISSING)[2]


def read_output(text: str) -> tuple[int, list[Failure]]:
    """How many rules fired, and what failed: the lines that ``stylesheet.checking`` writes."""
    fired, rule = 0, -1
    failures: list[Failure] = []
    contexts: dict[int, list[Failure]] = {}
    for line in text.split("\n"):
        if line.startswith("R"):
            fired, rule = fired + 1, int(line[1:])
        elif line.startswith("A"):
            check, node = line[1:].split("\t")
            failures.append(Failure(rule, int(check), node))
        elif line.startswith("E"):
            check, node, reason = line[1:].split("\t", 2)
            failures.append(Failure(rule, int(check), node, reason or "?"))
        elif line.startswith("X"):
            number, node, reason = line[1:].split("\t", 2)
            contexts.setdefault(int(number), []).append(Failure(int(number), CONTEXT, node, reason or "?"))
    for found in contexts.values():
        # The document as a whole is named when no single node can be.
        failures += [one for one in found if one.node != "/"] or found[:1]
    return fired, failures


def messages(program: Program, failures: Sequence[Failure], explain: Callable[[list[Wanted]], str]) -> list[str]:
    """The message of each failure, in order. ``explain`` writes those that show values of the document."""
    said: list[str] = []
    wanted: list[Wanted] = []
    numbers: list[int] = []
    for number, failure in enumerate(failures):
        if failure.check == CONTEXT:
            said.append("")
            continue
        parts = program.checks[failure.check].message
        said.append(_plain("".join("…" if is_expression else text for text, is_expression in parts)))
        if any(is_expression for _, is_expression in parts):
            wanted.append((failure.rule, failure.check, failure.node))
            numbers.append(number)
    for start in range(0, len(wanted), MOST_NODES):
        try:
            words = explain(wanted[start : start + MOST_NODES]).split(END_OF_MESSAGE)
        except EngineFault:  # the values cannot be shown: the fixed words are, with "…"
            continue
        for number, text in zip(numbers[start : start + MOST_NODES], words, strict=False):
            said[number] = _plain(text)
    return said


def findings(
    info: SchematronInfo, program: Program, failures: Sequence[tuple[Failure, str]], document: Document, pack: str
) -> Iterator[OfficialFinding]:
    """The findings of one schematron on one document; each failure comes with the words of its message."""
    for failure, words in failures:
        rule = program.rules[failure.rule]
        check = program.checks[failure.check] if failure.check != CONTEXT else _context_check(rule)
        identifier, title = program.patterns[rule.pattern]
        file = program.files[check.file]
        message, severity = verbatim(words), _SEVERITIES.get(check.role.lower(), Severity.ERROR)
        if failure.reason:
            message, severity = _not_evaluated(failure, words)
        # A stable id that neither a new line in the file nor a better message changes.
        own = check.id or hashlib.sha256(f"{rule.context}\n{check.kind}\n{check.test}".encode()).hexdigest()[:8]
        home = identifier or title or file.rpartition("/")[2].removesuffix(".sch")
        yield OfficialFinding(
            finding=Finding(
                rule=f"official.{info.layer}.{_identifier(home)}.{own}",
                severity=severity,
                layer=f"official.{info.layer}",
                message=message,
                place=place_of(document, failure.node),
                trust=Trust.PUBLISHED,
                source=f"{pack}: {file}:{check.line}",
            ),
            schematron=info.path,
            pattern=identifier or title,
            file=file,
            line=check.line,
            role=check.role,
            context=_plain(rule.context),
            test=check.test,
            evaluated=not failure.reason,
        )


def _context_check(rule: RuleCode) -> Check:
    """What stands for the assertion when the context of its rule could not be evaluated."""
    return Check("assert", rule.file, rule.line, _plain(rule.context))


def place_of(document: Document, node: str) -> Place:
    """The place of the node at ``node`` (see ``stylesheet``); a node that is no element has that of the one around it."""
    element = document.root
    for step in node.split("/")[1:]:
        if step.isdecimal():
            element = next(islice(element.iterchildren("*"), int(step) - 1, None))
    return document.place(element)


def missing_documents(failures: Iterable[Failure]) -> list[str]:
    """The documents that rules asked for and that the pack does not hold, sorted."""
    return sorted({failure.missing for failure in failures if failure.missing})


def _not_evaluated(failure: Failure, words: str) -> tuple[Text, Severity]:
    if failure.missing:
        says = Text(f" Elle dit : {words}", f" It says: {words}") if words else Text("", "")
        return Text(
            f"Règle non évaluable : le paquet ne contient pas « {failure.missing} ».{says.fr}",
            f"The rule cannot be evaluated: the pack does not hold “{failure.missing}”.{says.en}",
        ), Severity.WARNING  # the pack is at fault, not the document
    if failure.check == CONTEXT:
        return Text(
            f"Règle non évaluable sur ce nœud : son contexte ne peut pas être calculé ({failure.reason}).",
            f"The rule cannot be evaluated on this node: its context cannot be computed ({failure.reason}).",
        ), Severity.ERROR
    return Text(
        f"Règle non évaluable sur ce nœud ({failure.reason}). Elle dit : {words}",
        f"The rule cannot be evaluated on this node ({failure.reason}). It says: {words}",
    ), Severity.ERROR


def _plain(text: str) -> str:
    return " ".join(text.split())


def _identifier(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-")
