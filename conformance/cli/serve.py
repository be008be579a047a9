"""``segur serve``: the simulators alone, as a sandbox for a product in development."""

from __future__ import annotations

import importlib
from typing import Final

import click

from conformance.core.language import Text

SIMULATORS: Final[dict[str, Text]] = {
    "mssante": Text("Un opérateur MSSanté : envoi, boîtes, jetons, défauts.", "An MSSanté operator: submission, mailboxes, tokens, faults."),
    "dmp": Text("Le DMP.", "The DMP."),
}  # fmt: skip


class _Simulators(click.Group):
    """Loads ``conformance.cli.serve_<name>`` and takes its ``command`` when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SIMULATORS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SIMULATORS:
            return None
        found: click.Command = importlib.import_module(f"conformance.cli.serve_{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(str(Text("Simulateurs", "Simulators"))):
            formatter.write_dl([(name, str(text)) for name, text in SIMULATORS.items()])


command = _Simulators(
    name="serve",
    help=str(Text("Les simulateurs seuls, pour développer.", "The simulators alone, for development.")),
)
