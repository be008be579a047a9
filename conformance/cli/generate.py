"""``segur generate``: valid and varied documents, the same for the same seed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode

KINDS = ("vsm", "cr-bio", "letter", "prescription")


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


@click.command(
    name="generate",
    help=_help(
        "Fabrique des documents valides et variés : synthèses (vsm), comptes rendus de biologie (cr-bio), lettres et "
        "ordonnances (PDF dans un CDA). Identités de test seulement. Sans --out, un seul document part sur la sortie standard.",
        "Make valid and varied documents: summaries (vsm), laboratory reports (cr-bio), letters and prescriptions (a PDF "
        "inside a CDA). Test identities only. Without --out, one document goes to the standard output.",
    ),
)
@click.argument("kind", type=click.Choice(KINDS))
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help=_help("Graine : la même donne le même document.", "Seed: the same gives the same document."),
)
@click.option(
    "--count",
    type=click.IntRange(1, 100_000),
    default=1,
    show_default=True,
    help=_help("Nombre de documents, de graine en graine.", "How many documents, from seed to seed."),
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=_help("Dossier où écrire ; créé s'il manque.", "Folder to write into; made when missing."),
)
def command(kind: str, seed: int, count: int, out: Path | None) -> int:
    """See the help above."""
    from conformance.generation import generate

    if out is None:
        if count > 1:
            raise UsageError(
                "generate.needs-out",
                Text("Plusieurs documents ne vont pas sur la sortie standard.", "Several documents cannot go to the standard output."),
                Text("Donnez un dossier avec --out.", "Give a folder with --out."),
            )  # fmt: skip
        sys.stdout.buffer.write(generate(kind, seed))
        return ExitCode.PASS
    try:
        out.mkdir(parents=True, exist_ok=True)
        for number in _shown(range(seed, seed + count)):
            (out / f"{kind}-{number}.xml").write_bytes(generate(kind, number))
    except OSError as error:
        raise UsageError(
            "generate.cannot-write",
            Text(
                f"Impossible d'écrire dans « {out} » : {error.strerror}.",
                f"Cannot write into “{out}”: {error.strerror}.",
            ),
            Text("Choisissez un autre dossier avec --out.", "Choose another folder with --out."),
        ) from error
    said = Text("{n} document(s) dans {d}, graines {a} à {b}.", "{n} document(s) in {d}, seeds {a} to {b}.")
    click.echo(said.format(n=count, d=out, a=seed, b=seed + count - 1), err=True)
    return ExitCode.PASS


def _shown(numbers: range) -> Iterable[int]:
    """The seeds, with a progress bar on a terminal when there are many."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    quiet = len(numbers) < 20 or not console.is_terminal
    return track(numbers, console=console, transient=True, disable=quiet, description="")
