"""``segur serve dmp``: the simulated DMP as a process of its own."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.options import while_stdin_open
from conformance.core.errors import UsageError
from conformance.core.language import Text


@click.command(
    name="dmp",
    help=str(
        Text(
            "Démarre le DMP simulé sur la boucle locale. Sa première ligne dit où, en JSON ; "
            "l’API de pilotage est décrite dans docs/dmp.fr.md.",
            "Start the simulated DMP on the loopback. Its first line says where, as JSON; "
            "the control API is described in docs/dmp.md.",
        )
    ),
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help=str(
        Text(
            "Dossier où dossiers, journal et certificats sont gardés ; sans lui, tout est oublié.",
            "Folder that keeps records, journal and certificates; without it, everything is forgotten.",
        )
    ),
)
@click.option(
    "--database",
    default="",
    metavar="URL",
    help=str(
        Text(
            "Base de données des dossiers (postgresql+psycopg://…), au lieu d’un fichier SQLite.",
            "Database of the records (postgresql+psycopg://…), instead of a SQLite file.",
        )
    ),
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 = libre / free")
@click.option("--control-port", type=click.IntRange(0, 65535), default=0, help="0 = libre / free")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help=str(
        Text(
            "Option là où les sources se contredisent (docs/dmp.fr.md) : true, false, un nombre ou un fichier.",
            "Option where the sources disagree (docs/dmp.md): true, false, a number or a file.",
        )
    ),
)
@click.option(
    "--traps",
    is_flag=True,
    help=str(
        Text(
            "Ouvre aussi des serveurs pièges, aux certificats faux, que le logiciel doit refuser.",
            "Open trap servers too, with wrong certificates, which the product must refuse.",
        )
    ),
)
@click.option(
    "--seed",
    "seeded",
    is_flag=True,
    help=str(
        Text(
            "Ouvre un dossier dont le nombre de documents par état et visibilité est connu.",
            "Open a record whose number of documents by status and visibility is known.",
        )
    ),
)
@while_stdin_open
def command(
    state: Path | None,
    database: str,
    port: int,
    control_port: int,
    options: tuple[str, ...],
    traps: bool,
    seeded: bool,
    while_stdin_open: bool,
) -> int:
    """Serve until interrupted."""
    # Loaded here: --help must not wait for the servers.
    from conformance.simulators.dmp.options import DmpOptions
    from conformance.simulators.dmp.process import run

    return run(
        state,
        database=database,
        options=DmpOptions.from_json(dict(_option(one) for one in options)),
        ports=(port, control_port),
        traps=traps,
        seeded=seeded,
        while_stdin_open=while_stdin_open,
    )


def _option(written: str) -> tuple[str, bool | int | str]:
    name, equals, value = written.partition("=")
    if equals and name == "document_rights":
        return name, value
    if equals and value in ("true", "false"):
        return name, value == "true"
    if equals and value.isascii() and value.isdigit():
        return name, int(value)
    raise UsageError(
        "dmp.option",
        Text(f"« {written} » n’est pas une option.", f"“{written}” is no option."),
        Text("Écrivez NOM=true, NOM=false ou NOM=30.", "Write NAME=true, NAME=false or NAME=30."),
    )
