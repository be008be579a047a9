"""``segur lgc``: the reference product and its seeded faults."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.lgc.__main__ import run
from conformance.lgc.faults import FAULTS, faulty_parts


@click.group(
    name="lgc",
    help=str(Text("Le produit témoin et ses défauts semés.", "The reference product and its seeded faults.")),
)
def command() -> None:
    """Group of the commands about the reference product."""


@command.command(
    name="serve",
    help=str(
        Text(
            "Démarre le produit témoin sur la boucle locale. Sa première ligne dit où, en JSON.",
            "Start the reference product on the loopback. Its first line says where, as JSON.",
        )
    ),
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 = libre / free")
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    help=str(
        Text("Dossier des données ; sans lui, rien n’est gardé.", "Folder of its data; without it, none is kept.")
    ),
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help=str(Text("Défaut semé (voir « segur lgc faults »).", "Seeded fault (see “segur lgc faults”).")),
)
def serve_command(port: int, store: Path | None, faults: tuple[str, ...]) -> int:
    """Serve until interrupted."""
    faulty_parts(faults)  # an unknown name is said before anything starts
    return run(port, store, faults)


@command.command(
    name="faults",
    help=str(Text("Liste les défauts semés.", "List the seeded faults.")),
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def faults_command(form: str) -> int:
    """Say each fault in its sentence."""
    if form == "json":
        listed = [
            {"name": f.name, "domain": f.domain, "part": f.part, "sentence": str(f.sentence)} for f in FAULTS.values()
        ]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    else:
        width = max(map(len, FAULTS))
        for fault in FAULTS.values():
            click.echo(f"{fault.name:{width}}  {fault.sentence}")
    return int(ExitCode.PASS)
