"""``segur demo``: the five-minute proof, on the reference product and the embedded simulators."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from conformance.cli.options import playing_options
from conformance.cli.playing import play
from conformance.core.language import Text
from conformance.harness.profile import all_profiles, profile
from conformance.harness.run import Selection
from conformance.lgc.process import ReferenceProduct
from conformance.reporting.views import DEFAULT_FORMATS


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


@click.command(
    name="demo",
    help=_help(
        "Juge le produit témoin, hors ligne, et écrit un rapport. Avec --fault, un défaut semé est attrapé.",
        "Judge the reference product, offline, and write a report. With --fault, a seeded fault is caught.",
    ),
)
@click.option(
    "--profile",
    "-p",
    "names",
    multiple=True,
    metavar="NAME",
    help=_help("Profil à jouer (répétable) ; sinon tous.", "Profile to play (repeatable); else all."),
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help=_help(
        "Défaut semé dans le produit (voir « segur lgc faults »).",
        "Fault seeded in the product (see “segur lgc faults”).",
    ),
)
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("segur-report"),
    show_default=True,
    help=_help("Dossier du rapport.", "Folder of the report."),
)
@playing_options
def command(
    names: tuple[str, ...], faults: tuple[str, ...], folder: Path, workers: int | None,
    test: str, seed: int | None, record: Path | None, verbose: bool,
) -> int:  # fmt: skip
    """See the help above."""
    profiles = [profile(name) for name in names] if names else list(all_profiles())
    workers = workers or _workers(whole=not (test or record))
    with TemporaryDirectory(prefix="segur-demo-") as place, ExitStack() as running:
        # Each process judges an instance of its own: none waits for what another one does to the product.
        folders = [Path(place) / str(number) for number in range(workers)]
        products = [ReferenceProduct(faults, store=folder_of / "store") for folder_of in folders]
        for product in products:
            running.callback(product.stop)
        with ThreadPoolExecutor() as starting:
            list(starting.map(ReferenceProduct.start, products))
        first, *others = map(config_for, products, folders)
        selection = Selection(
            profiles,
            test=test,
            seed=seed,
            record=record,
            workers=workers,
            instances=others,
            command=" ".join(["segur demo", *(f"--fault {fault}" for fault in faults)]),
        )
        return play(first, folder.resolve(), selection, DEFAULT_FORMATS, clear=False, verbose=verbose)


def config_for(product: ReferenceProduct, folder: Path) -> Path:
    """A ``segur.toml`` for this instance."""
    config = folder / "segur.toml"
    settings = f'[adapter]\nkind = "http"\nurl = "{product.url}"\n'
    # One profile restarts the product, to see what it keeps.
    settings += f"[profile.alimentation]\nrestart = {json.dumps(product.restart_command)}\n"
    config.write_text(settings, "utf-8")
    return config


def _workers(*, whole: bool) -> int:
    """Two where there are two processors and more to play than a test or two; the reference product bears it."""
    return 2 if whole and os.name == "posix" and (os.cpu_count() or 1) > 1 else 1
