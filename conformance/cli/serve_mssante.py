"""``segur serve mssante``: the MSSanté operator as a process of its own."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.options import while_stdin_open
from conformance.core.language import Text


@click.command(
    name="mssante",
    help=str(
        Text(
            "Démarre l’opérateur MSSanté simulé sur la boucle locale. Sa première ligne dit où, en JSON ; "
            "l’API de pilotage est décrite dans docs/mssante.fr.md.",
            "Start the simulated MSSanté operator on the loopback. Its first line says where, as JSON; "
            "the control API is described in docs/mssante.md.",
        )
    ),
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help=str(
        Text(
            "Dossier où courrier, jetons, journal et certificats sont gardés ; sans lui, tout est oublié.",
            "Folder that keeps mail, tokens, journal and certificates; without it, everything is forgotten.",
        )
    ),
)
@click.option("--smtp-port", type=click.IntRange(0, 65535), default=0, help="0 = libre / free")
@click.option("--imap-port", type=click.IntRange(0, 65535), default=0, help="0 = libre / free")
@click.option("--control-port", type=click.IntRange(0, 65535), default=0, help="0 = libre / free")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="DOMAIN",
    help=str(Text("Domaine que l’opérateur sert.", "Domain that the operator runs.")),
)
@click.option(
    "--white-list",
    "white_list",
    multiple=True,
    metavar="DOMAIN",
    help=str(Text("Domaine d’un autre opérateur de confiance.", "Domain of another trusted operator.")),
)
@click.option(
    "--mailbox",
    "mailboxes",
    multiple=True,
    metavar="ADDRESS=HOLDER",
    help=str(
        Text(
            "Boîte à créer, et l’identifiant national de qui l’ouvre.",
            "Mailbox to make, and the national identifier of who opens it.",
        )
    ),
)
@click.option("--size-limit", type=click.IntRange(1), help=str(Text("Taille admise, en octets.", "Size limit, bytes.")))
@while_stdin_open
def command(
    state: Path | None,
    smtp_port: int,
    imap_port: int,
    control_port: int,
    domains: tuple[str, ...],
    white_list: tuple[str, ...],
    mailboxes: tuple[str, ...],
    size_limit: int | None,
    while_stdin_open: bool,
) -> int:
    """Serve until interrupted."""
    # Loaded here: --help must not wait for the servers.
    from conformance.simulators.mssante.process import run, settings_from

    settings = settings_from(domains, white_list, size_limit)
    return run(settings, state, (smtp_port, imap_port, control_port), mailboxes, while_stdin_open)
