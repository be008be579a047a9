"""``segur compare``: what changed between two runs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.core.language import Language, Text, current_language
from conformance.core.verdicts import ExitCode
from conformance.reporting import words
from conformance.reporting.compare import Changes, Comparison, compare
from conformance.reporting.model import in_language
from conformance.reporting.reading import read_report

_KINDS = (
    ("broken", Text("Cassé", "Broken")),
    ("fixed", Text("Réparé", "Fixed")),
    ("otherwise", Text("Autrement", "Otherwise")),
    ("new", Text("Nouveau", "New")),
    ("gone", Text("Disparu", "Gone")),
)
_MOST = 40


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


@click.command(
    name="compare",
    help=_help(
        "Compare deux exécutions (dossiers ou report.json) : réparé, cassé, nouveau, disparu, règles changées. "
        "Identifiants, dates et ports n’y comptent pas.",
        "Compare two runs (folders or report.json): fixed, broken, new, gone, rules changed. Identifiers, dates and "
        "ports do not count.",
    ),
    epilog=_help(
        "Codes de retour : 0 rien n’est pire, 1 quelque chose s’est cassé, 2 usage.",
        "Exit codes: 0 nothing is worse, 1 something broke, 2 usage.",
    ),
)
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def command(a: Path, b: Path, form: str) -> int:
    """Compare two runs."""
    found = compare(read_report(a, with_evidence=False), read_report(b, with_evidence=False))
    if form == "json":
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_lines(found, current_language(), markdown=form == "markdown")))
    return ExitCode.FAIL if found.worse else ExitCode.PASS


def _lines(found: Comparison, language: Language, *, markdown: bool) -> list[str]:
    head = "### " if markdown else ""
    lines: list[str] = []
    if found.versions:
        lines.append(
            head
            + Text("Ce sur quoi reposent les verdicts a changé", "What the verdicts rest on has changed").in_(language)
        )
        lines += [f"- {name} : {before or '–'} → {after or '–'}" for name, before, after in found.versions]
        lines.append("")
    for title, changes in (
        (Text("Exigences", "Requirements"), found.requirements),
        (Text("Tests", "Tests"), found.tests),
    ):
        lines += _changes(head + title.in_(language), changes, language)
    for title, findings in (
        (Text("Constats nouveaux", "New findings"), found.new_findings),
        (Text("Constats disparus", "Findings gone"), found.gone_findings),
    ):
        if findings:
            lines += ["", f"{head}{title.in_(language)} ({len(findings)})"]
            lines += [f"- {one.rule} : {in_language(one.message, language)}" for one in findings[:_MOST]]
            if len(findings) > _MOST:
                lines.append(f"- … +{len(findings) - _MOST}")
    return lines


def _changes(title: str, changes: Changes, language: Language) -> list[str]:
    same = Text("sans changement", "unchanged").in_(language)
    lines = [f"{title} ({changes.same} {same})"]
    for kind, name in _KINDS:
        for one in getattr(changes, kind)[:_MOST]:
            before = words.VERDICTS[one.before].in_(language) if one.before else "–"
            after = words.VERDICTS[one.after].in_(language) if one.after else "–"
            lines.append(f"- {name.in_(language)} : {one.id} ({before} → {after})")
        left = len(getattr(changes, kind)) - _MOST
        if left > 0:
            lines.append(f"- {name.in_(language)} : … +{left}")
    return lines
