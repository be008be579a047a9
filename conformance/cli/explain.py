"""``segur explain``: one rule, where it comes from, what to do, and an example that keeps it and one that breaks it."""

from __future__ import annotations

import copy
import difflib
import json
from typing import cast

import click
from lxml import etree

from conformance.cda.proof import Demonstration
from conformance.cda.rules import Violation
from conformance.cli.rules import said_severity, said_trust
from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.validation.envelope_rules import EnvelopeEntry
from conformance.validation.rulebook import BookEntry, Entry, closest, entry_of, to_json

_AROUND = 3
"""Unchanged lines shown around what differs."""
_LONGEST = 160
"""Characters of a line of an example that are shown."""


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


@click.command(
    name="explain",
    help=_help(
        "Explique une règle : ce qu'elle demande, d'où elle vient, ce qu'il faut faire, un bon et un mauvais exemple. "
        "RÈGLE est l'identifiant entre crochets d'un constat, ou une ligne de « segur rules ».",
        "Explain a rule: what it asks, where it comes from, what to do, a good and a bad example. RULE is the identifier "
        "between brackets of a finding, or a line of “segur rules”.",
    ),
)
@click.argument("rule", metavar=str(Text("RÈGLE", "RULE")))
@click.option("--full", is_flag=True, help=_help("Montrer les exemples en entier.", "Show the whole examples."))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(rule: str, full: bool, form: str) -> int:
    """See the help above."""
    entry = entry_of(rule.strip("[]"))
    if entry is None:
        raise _unknown(rule)
    if isinstance(entry, EnvelopeEntry):
        return _explain_envelope(entry, form)
    assert isinstance(entry, Entry)
    shown = entry.demonstration()
    good, bad, marked = _examples(entry, shown)
    if form == "json":
        examples = {"good": "\n".join(good), "bad": "\n".join(bad), "proof": str(shown.proof)}
        click.echo(json.dumps(to_json(entry) | examples, ensure_ascii=False, indent=2))
        return ExitCode.PASS
    _say_rule(entry)
    _say_examples(good, bad, marked, full)
    return ExitCode.PASS


def _unknown(rule: str) -> UsageError:
    near = closest(rule)
    hint = (
        Text(f"Vouliez-vous dire : {', '.join(near)} ?", f"Did you mean: {', '.join(near)}?")
        if near
        else Text("« segur rules » les liste toutes.", "“segur rules” lists them all.")
    )
    return UsageError(
        "explain.unknown-rule", Text(f"La règle « {rule} » n'existe pas.", f"The rule “{rule}” does not exist."), hint
    )


def _explain_envelope(entry: EnvelopeEntry, form: str) -> int:
    """A rule that is code has no example to show, but what it says of the counterexample of its test."""
    if form == "json":
        said = {"finding": str(entry.finding) if entry.finding else None}
        click.echo(json.dumps(to_json(entry) | said, ensure_ascii=False, indent=2))
        return ExitCode.PASS
    _say_rule(entry)
    if entry.finding:
        click.echo(Text("\nCe que la règle dit de son contre-exemple", "\nWhat the rule says of its counterexample"))
        click.echo(f"  {entry.finding}")
    return ExitCode.PASS


def _say_rule(entry: BookEntry) -> None:
    click.echo(f"{entry.id} ({said_severity(entry)}, {entry.layer})\n")
    click.echo(f"{entry.name} : {entry.demand}.\n" if _french() else f"{entry.name}: {entry.demand}.\n")
    facts: list[tuple[Text, str]] = [
        (Text("Source", "Source"), entry.source),
        (Text("Confiance", "Trust"), str(said_trust(entry))),
    ]
    if entry.requirements:
        facts.append((Text("Exigences", "Requirements"), ", ".join(entry.requirements)))
    if entry.official:
        facts.append((Text("Règle officielle", "Official rule"), entry.official))
    if entry.beyond:
        facts.append((Text("Au-delà des règles officielles", "Beyond the official rules"), str(entry.beyond)))
    facts.append((Text("Documents", "Documents"), ", ".join(entry.kinds)))
    if isinstance(entry, Entry):
        facts.append((Text("Que faire", "What to do"), str(_advice(entry))))
    colon = " :" if _french() else ":"
    for name, value in facts:
        click.echo(f"{name}{colon} {value}")


def _advice(entry: Entry) -> Text:
    """The hint of the rule; without one, the comparison of the two examples says it."""
    if entry.constraint.hint:
        return entry.constraint.hint
    return Text(
        "Faites comme dans le bon exemple ; ce qui manque ou change est marqué ci-dessous.",
        "Do as in the good example; what is missing or different is marked below.",
    )


def _french() -> bool:
    return str(Text("fr", "en")) == "fr"


# Examples --------------------------------------------------------------------------------------------------


def _examples(entry: Entry, shown: Demonstration) -> tuple[list[str], list[str], set[int]]:
    """The lines of the good and of the bad example, and the lines of the bad one at which the rule points."""
    if shown.good is None or shown.bad is None:
        return _lines(shown.good), [], set()
    bad = copy.deepcopy(shown.bad)
    places = [breach.violation for breach in entry.rules.breaches(bad) if breach.rule == entry.id]
    text = _lines(bad)
    return _lines(shown.good), text, {_line_of(place, bad, text) for place in places}


def _lines(root: etree._Element | None) -> list[str]:
    """An example laid out with one element a line."""
    if root is None:
        return []
    tidy = copy.deepcopy(root)
    for element in tidy.iter("*"):
        if (
            len(element)
            and not (element.text or "").strip()
            and not any((child.tail or "").strip() for child in element)
        ):
            element.text = None
            for child in element:
                child.tail = None
    etree.indent(tidy)
    return str(etree.tostring(tidy, encoding="unicode")).splitlines()


def _line_of(violation: Violation, root: etree._Element, lines: list[str]) -> int:
    """The line where the start tag of the node at fault stands: the same rank in the laid-out text."""
    again = etree.fromstring("\n".join(lines).encode())
    found = again.xpath(_positional(violation.node))
    assert isinstance(found, list)
    first = found[0]
    assert isinstance(first, etree._Element)
    return (cast("int | None", first.sourceline) or 1) - 1


def _positional(element: etree._Element) -> str:
    """The path of an element by positions alone, whatever its namespaces."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        before = sum(1 for one in node.itersiblings("*", preceding=True)) + 1 if node.getparent() is not None else 1
        steps.append(f"*[{before}]")
        node = node.getparent()
    return "/" + "/".join(reversed(steps))


def _say_examples(good: list[str], bad: list[str], marked: set[int], full: bool) -> None:
    if not bad:
        click.echo(Text("\n(Cette règle n'a pas d'exemple.)", "\n(This rule has no example.)"))
        return
    matcher = difflib.SequenceMatcher(a=good, b=bad, autojunk=False)
    changed_good: set[int] = set()
    changed_bad: set[int] = set()
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag != "equal":
            changed_good.update(range(first, last) or [max(first - 1, 0)])
            changed_bad.update(range(start, end) or [max(start - 1, 0)])
    click.echo(Text("\nBon exemple", "\nGood example"))
    _say_lines(good, changed_good, set(), full)
    click.echo(Text("\nMauvais exemple (→ là où la règle parle)", "\nBad example (→ where the rule speaks)"))
    _say_lines(bad, changed_bad | marked, marked, full)


def _say_lines(lines: list[str], interesting: set[int], marked: set[int], full: bool) -> None:
    near = {line for one in interesting for line in range(one - _AROUND, one + _AROUND + 1)}
    hidden = False
    for number, line in enumerate(lines):
        if not full and number not in near:
            if not hidden:
                click.echo("      …")
            hidden = True
            continue
        hidden = False
        sign = "→" if number in marked else ("•" if number in interesting else " ")
        click.echo(f"  {sign}   {line if full or len(line) <= _LONGEST else line[:_LONGEST] + '…'}")
