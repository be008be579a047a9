"""``segur doctor``: checks everything that a run rests on, before any verdict."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from conformance import __version__
from conformance.core.errors import SegurError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.harness.config import DEFAULT_NAME, Config, read_config
from conformance.harness.profile import all_profiles, profile
from conformance.sut.adapters import adapter_for
from conformance.sut.check import Result, check


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was checked: what, how it went, what to do."""

    what: Text
    fine: bool
    said: Text
    code: ExitCode = ExitCode.USAGE


@click.command(
    name="doctor",
    help=str(Text(
        "Vérifie l'installation, segur.toml, l'horloge, les ports et l'adaptateur. N'efface les données du produit qu'avec --adapter.",
        "Check the installation, segur.toml, the clock, the ports and the adapter. Clears the product's data with --adapter only.",
    )),
)  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path), default=Path(DEFAULT_NAME), show_default=True)
@click.option(
    "--adapter",
    is_flag=True,
    help=str(Text("Prouver aussi l'adaptateur (segur sut check).", "Prove the adapter too (segur sut check).")),
)
def command(config: Path, adapter: bool) -> int:
    """See the help above."""
    worst = ExitCode.PASS
    for diagnosis in _diagnoses(config, adapter):
        click.echo(f"{'✓' if diagnosis.fine else '✗'} {diagnosis.what} : {diagnosis.said}")
        if not diagnosis.fine:
            worst = max(worst, diagnosis.code)
    return worst


def _diagnoses(path: Path, prove: bool) -> Iterator[Diagnosis]:
    yield _python()
    yield _folder()
    yield _clock()
    yield _guarded(Text("données du kit", "data of the kit"), lambda: Text(
        "{n} profils : {p}", "{n} profiles: {p}").format(n=len(all_profiles()), p=", ".join(p.name for p in all_profiles())))  # fmt: skip
    yield _guarded(Text("ports de la boucle locale", "loopback ports"), _port)
    settings: list[Config] = []

    def read() -> Text:
        settings.append(read_config(path))
        for name, options in settings[0].profiles.items():
            profile(name).options_from(options, path)
        for name in settings[0].selected:
            profile(name)
        return Text(f"{path} est correct", f"{path} is correct")

    yield _guarded(Text("configuration", "configuration"), read)
    if settings and (pack := settings[0].pack.get("name", "")):
        yield _guarded(Text("règles officielles", "official rules"), lambda: _pack(pack))
    if settings and settings[0].adapter:
        yield from _adapter(settings[0], prove)
    elif settings:
        yield Diagnosis(
            Text("adaptateur", "adapter"),
            False,
            Text("segur.toml n'a pas de table [adapter]", "segur.toml has no table [adapter]"),
        )


def _guarded(what: Text, work: Callable[[], Text]) -> Diagnosis:
    try:
        return Diagnosis(what, True, work())
    except SegurError as error:
        said = Text(f"{error.sentence.fr} {error.hint.fr}", f"{error.sentence.en} {error.hint.en}")
        return Diagnosis(what, False, said, error.exit_code)
    except OSError as error:
        return Diagnosis(what, False, Text(f"{error}", f"{error}"), ExitCode.BENCH_ERROR)


def _python() -> Diagnosis:
    told = f"segur-conformance {__version__}, Python {platform.python_version()}, {platform.system()}"
    return Diagnosis(Text("installation", "installation"), sys.version_info >= (3, 11), Text(told, told))


def _folder() -> Diagnosis:
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"segur")
        return Diagnosis(Text("dossier temporaire", "temporary folder"), True, Text("écriture possible", "writable"))
    except OSError as error:
        return Diagnosis(
            Text("dossier temporaire", "temporary folder"), False, Text(str(error), str(error)), ExitCode.BENCH_ERROR
        )


def _clock() -> Diagnosis:
    """A clock before this version was made gives documents and certificates impossible dates."""
    now = datetime.now(UTC)
    made = datetime(2026, 1, 1, tzinfo=UTC)
    said = Text(f"{now:%d/%m/%Y %H:%M} UTC", f"{now:%Y-%m-%d %H:%M} UTC")
    return Diagnosis(Text("horloge", "clock"), now > made, said, ExitCode.BENCH_ERROR)


def _port() -> Text:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Text(f"le port {probe.getsockname()[1]} est libre", f"port {probe.getsockname()[1]} is free")


def _pack(name: str) -> Text:
    """The pack that segur.toml names, and the engine that runs it. Raises ``UsageError`` without one or the other."""
    from conformance.validation.packs.engine import Engine, engine_version
    from conformance.validation.packs.registry import open_pack

    pack = open_pack(name)
    Engine()  # its process starts at the first document
    number = len(pack.manifest.schematrons)
    return Text(
        f"{pack.name}, {number} schématrons, SaxonC {engine_version()}",
        f"{pack.name}, {number} schematrons, SaxonC {engine_version()}",
    )


def _adapter(settings: Config, prove: bool) -> Iterator[Diagnosis]:
    assert settings.adapter is not None
    config = settings.adapter

    def who() -> Text:
        about = adapter_for(config).about()
        told = f"{about.name} {about.version} ({about.vendor})"
        return Text(
            f"{told}, {len(about.operations)} opérations offertes",
            f"{told}, {len(about.operations)} operations offered",
        )

    yield _guarded(Text("produit", "product"), who)
    if prove:
        for step in check(adapter_for(config)):
            yield Diagnosis(
                Text(step.operation, step.operation),
                step.result is not Result.FAILED,
                step.sentence,
                ExitCode.BENCH_ERROR,
            )
