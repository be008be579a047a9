"""Options that several commands have, with the same words in each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.core.errors import UsageError
from conformance.core.language import Text

Command = TypeVar("Command", bound=Callable[..., Any])


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


def _existing(_: click.Context, __: click.Parameter, record: Path | None) -> Path | None:
    """The file, whole path. Raises ``UsageError`` when there is none."""
    if record is not None and not record.is_file():
        raise UsageError(
            "run.no-record",
            Text(f"{record} n'existe pas.", f"{record} does not exist."),
            Text("Donnez le fichier nommé par la ligne « rejouer ».", "Give the file that the “replay” line names."),
        )
    return record and record.resolve()


_PLAYING = (
    click.option(
        "--test",
        default="",
        metavar="EXPR",
        help=_help("Seulement les tests dont le nom contient ceci.", "Only the tests whose name holds this."),
    ),
    click.option("--seed", type=int, help=_help("Graine de ce qui est tiré au sort.", "Seed of what is drawn.")),
    click.option(
        "--record",
        type=click.Path(path_type=Path),
        metavar="FILE",
        callback=_existing,
        help=_help(
            "Rejouer les tests de propriété sur ce contre-exemple seul.",
            "Replay property tests on this counterexample alone.",
        ),
    ),
    click.option(
        "-n",
        "workers",
        type=click.IntRange(1, 64),
        help=_help(
            "Nombre de processus : 1, et 2 pour la démonstration, si rien n'est dit.",
            "Number of processes: 1, and 2 for the demonstration, when nothing is said.",
        ),
    ),
    click.option(
        "--verbose", "-v", is_flag=True, help=_help("Montrer la sortie de pytest.", "Show pytest's own output.")
    ),
)


def playing_options(command: Command) -> Command:
    """How tests are played: ``test``, ``seed``, ``record``, ``workers``, ``verbose``."""
    for option in reversed(_PLAYING):
        command = option(command)
    return command


while_stdin_open = click.option(
    "--while-stdin-open",
    is_flag=True,
    help=_help("S’arrête quand l’entrée standard se ferme.", "Ends when the standard input closes."),
)
"""For a parent that must not leave a server behind: ``while_stdin_open``."""
