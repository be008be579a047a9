"""``segur run``: judge a product with one or more profiles."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from conformance.cli.options import playing_options
from conformance.cli.playing import play
from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.harness.config import DEFAULT_NAME, read_config, unknown_key
from conformance.harness.profile import all_profiles, profile
from conformance.harness.run import Selection
from conformance.reporting.views import DEFAULT_FORMATS, VIEWS


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


@click.command(
    name="run",
    help=_help(
        "Joue un ou plusieurs profils contre le produit décrit par segur.toml, et écrit le rapport.",
        "Play one or more profiles against the product that segur.toml describes, and write the report.",
    ),
    epilog=_help(
        "Codes de retour : 0 conforme, 1 non conforme, 2 usage ou configuration, 3 défaut du banc ou de l'adaptateur, "
        "4 incomplet. Les exigences laissées à une personne ne comptent qu'avec --strict.",
        "Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 bench or adapter error, 4 incomplete. "
        "Requirements left to a person count with --strict only.",
    ),
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path(DEFAULT_NAME),
    show_default=True,
    help=_help("Le fichier de configuration.", "The configuration file."),
)
@click.option(
    "--profile",
    "-p",
    "names",
    multiple=True,
    metavar="NAME",
    help=_help(
        "Profil à jouer (répétable) ; sinon ceux de segur.toml.",
        "Profile to play (repeatable); else those of segur.toml.",
    ),
)
@click.option(
    "--requirement",
    "-r",
    "requirements",
    multiple=True,
    metavar="ID",
    help=_help(
        "Seulement les tests de cette exigence (répétable).", "Only the tests of this requirement (repeatable)."
    ),
)
@click.option("--explore", is_flag=True, help=_help("Tirer avec une nouvelle graine.", "Draw with a new seed."))
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help=_help("Dossier du rapport.", "Folder of the report."),
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(sorted(VIEWS)),
    help=_help("Vue à écrire (répétable).", "View to write (repeatable)."),
)
@click.option(
    "--strict",
    is_flag=True,
    help=_help(
        "Compter aussi les exigences laissées à une personne.", "Count the requirements left to a person as well."
    ),
)
@click.option("--clear", is_flag=True, help=_help("Ne rien masquer dans le rapport.", "Mask nothing in the report."))
@playing_options
def command(
    config: Path, names: tuple[str, ...], requirements: tuple[str, ...], test: str, seed: int | None, explore: bool,
    record: Path | None, workers: int | None, folder: Path | None, formats: tuple[str, ...], strict: bool, clear: bool, verbose: bool,
) -> int:  # fmt: skip
    """See the help above."""
    settings = read_config(config)
    if settings.adapter is None:
        raise UsageError(
            "config.no-adapter",
            Text(
                f"{config} ne dit pas comment joindre le produit.", f"{config} does not say how to reach the product."
            ),
            Text(
                'Ajoutez une table [adapter] avec kind = "http" et url.',
                'Add a table [adapter] with kind = "http" and url.',
            ),
        )
    chosen = names or settings.selected or tuple(each.name for each in all_profiles())
    profiles = [profile(name) for name in chosen]
    for each in profiles:
        each.options_from(settings.profiles.get(each.name, {}), config)
    _known_tables(config, settings.profiles)
    selection = Selection(profiles, requirements, test, seed, explore, record, workers or 1, strict=strict)
    where = folder or config.resolve().parent / settings.report
    return play(config.resolve(), where.resolve(), selection, formats or DEFAULT_FORMATS, clear=clear, verbose=verbose)


def _known_tables(config: Path, tables: Iterable[str]) -> None:
    known = {each.name: None for each in all_profiles()}
    for name in tables:
        if name not in known:
            raise unknown_key(config, f"profile.{name}", name, known)
