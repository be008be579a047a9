"""``segur history``: the reports over time, from a folder or a database."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from conformance.core.language import Text, current_language
from conformance.core.verdicts import ExitCode
from conformance.reporting import words
from conformance.reporting.history import History, PastRun, is_database, runs_of_folder, trend
from conformance.reporting.html_page import moment
from conformance.reporting.reading import read_report
from conformance.reporting.trend_page import render

DEFAULT_DATABASE = "sqlite:///segur-history.db"


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


@click.group(
    name="history",
    help=_help(
        "L’évolution des rapports : dans un dossier, ou dans une base (SQLite par défaut, PostgreSQL).",
        "The reports over time: in a folder, or in a database (SQLite by default, PostgreSQL).",
    ),
)
def command() -> None:
    """The reports over time."""


@command.command(name="add", help=_help("Ajoute des exécutions à la base.", "Add runs to the database."))
@click.argument(
    "runs", metavar=_help("EXÉCUTION...", "RUN..."), nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--database", default=DEFAULT_DATABASE, show_default=True, metavar="URL", help=_help("La base.", "The database.")
)
def add(runs: tuple[Path, ...], database: str) -> int:
    """Add runs to the database."""
    past = [PastRun.of(read_report(path, with_evidence=False)) for path in runs]
    history = History(database)
    try:
        added = history.add(past)
    finally:
        history.close()
    said = Text("{n} exécution(s) ajoutée(s), {k} déjà connue(s)", "{n} run(s) added, {k} known already")
    click.echo(str(said.format(n=added, k=len(past) - added)))
    return ExitCode.PASS


@command.command(
    name="show",
    help=_help(
        "Montre l’évolution. SOURCE est un dossier qui contient des exécutions, ou une base.",
        "Show the trend. SOURCE is a folder that holds runs, or a database.",
    ),
)
@click.argument("source", default=DEFAULT_DATABASE)
@click.option("--product", metavar="NAME", help=_help("Ce produit seulement.", "This product only."))
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_help("Écrire la page d’évolution.", "Write the trend page."),
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def show(source: str, product: str | None, page: Path | None, form: str) -> int:
    """Show the trend."""
    runs = _runs(source, product)
    if page is not None:
        page.write_text(render(runs, current_language()), encoding="utf-8")
        click.echo(str(page))
    elif form == "json":
        click.echo(json.dumps([asdict(past) for past in runs], ensure_ascii=False, indent=1))
    else:
        _say(runs)
    return ExitCode.PASS


def _runs(source: str, product: str | None) -> list[PastRun]:
    if not is_database(source):
        return [past for past in runs_of_folder(Path(source)) if product in (None, past.product)]
    history = History(source, create=False)
    try:
        return history.runs(product)
    finally:
        history.close()


def _say(runs: list[PastRun]) -> None:
    language = current_language()
    if not runs:
        click.echo(str(Text("Aucune exécution.", "No run.")))
    for row in trend(runs):
        total = sum(row["counts"].values())
        line = f"{moment(row['started_at'])[:16]}  {row['product']} {row['version']}  {words.VERDICTS[row['verdict']].in_(language)}  {row['counts'].get('pass', 0)}/{total}"
        for key, sign in (("fixed", "+"), ("broken", "−")):
            if row[key]:
                line += f"  {sign} {', '.join(row[key])}"
        if row["rules_changed"]:
            line += f"  ({Text('règles changées', 'rules changed').in_(language)})"
        click.echo(line)
