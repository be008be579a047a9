"""Runs profiles with pytest in this process, for ``segur run`` and ``segur demo``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest

from conformance.core.errors import BenchError, UsageError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.harness.plugin import state_of
from conformance.harness.profile import Profile
from conformance.resources import data_folder


@dataclass(frozen=True, slots=True)
class Selection:
    """What to run and how. ``test`` is a pytest ``-k`` expression.

    ``workers``: how many processes. They share the product, and each waits when another one disturbs it; unless
    ``instances`` names the configurations of more instances, one for each process after the first.
    """

    profiles: Sequence[Profile]
    requirements: Sequence[str] = ()
    test: str = ""
    seed: int | None = None
    explore: bool = False
    record: Path | None = None
    workers: int = 1
    instances: Sequence[Path] = ()
    strict: bool = False
    command: str = ""
    """What the replay lines begin with, when it is not ``segur run --config …``."""
    extra: Sequence[str] = field(default_factory=tuple)


class _Ear:
    """Hears each test end, for a progress bar, and what the run came to."""

    def __init__(self, advance: Callable[[str], None] | None) -> None:
        self._advance = advance
        self.code: int | None = None

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        if self._advance:
            self._advance(nodeid)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        state = state_of(config)
        if state is not None and state.controller:
            self.code = state.exit_code


def run_profiles(
    config: Path,
    folder: Path,
    selection: Selection,
    *,
    verbose: bool = False,
    advance: Callable[[str], None] | None = None,
) -> ExitCode:
    """Play the selected tests against the product of ``config``; the run's events and evidence go to ``folder``.

    Returns the exit code of the run; ``INCOMPLETE`` when it was interrupted. Raises ``UsageError`` when
    the configuration or a declaration is refused, ``BenchError`` when pytest itself could not do its work.
    """
    profiles = data_folder("profiles")
    arguments = [
        *(str(profile.folder) for profile in selection.profiles),
        "-c", str(profiles / "pytest.ini"), "--rootdir", str(profiles),
        "--segur", str(config), "--segur-report", str(folder),
    ]  # fmt: skip
    if selection.seed is not None:
        arguments += ["--segur-seed", str(selection.seed)]
    if selection.explore:
        arguments.append("--explore")
    if selection.record:
        arguments += ["--record", str(selection.record)]
    if selection.command:
        arguments += ["--segur-command", selection.command]
    if selection.strict:
        arguments.append("--segur-strict")
    if selection.test:
        arguments += ["-k", selection.test]
    for name in selection.requirements:
        arguments += ["--requirement", name]
    if selection.workers > 1:
        arguments += ["-p", "xdist.plugin", "-n", str(selection.workers), "--dist", "worksteal"]
        for instance in selection.instances:
            arguments += ["--segur-instance", str(instance)]
    if not verbose:
        arguments += ["--tb", "native"]  # nobody reads pytest's own account, and the long one is slow to make
    arguments += ["-q", "--no-header", *selection.extra]
    # A verdict must not depend on the pytest plugins that happen to be installed beside the kit, nor on options
    # that the environment holds for other tests.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    ear = _Ear(advance)
    said = StringIO()
    if verbose:
        status = pytest.main(arguments, plugins=[ear])
    else:
        with redirect_stdout(said):
            status = pytest.main(arguments, plugins=[ear])
    if status == pytest.ExitCode.USAGE_ERROR and ear.code is None:
        # A configuration, a declaration or an option that was refused before any test: pytest has said which.
        raise UsageError(
            "run.refused",
            Text("La configuration a été refusée (voir ci-dessus).", "The configuration was refused (see above)."),
            Text("Corrigez-la, puis relancez.", "Correct it, then run again."),
        )
    if status == pytest.ExitCode.INTERNAL_ERROR and ear.code is None:
        print(said.getvalue(), file=sys.stderr)
        raise BenchError(
            "run.pytest",
            Text("pytest n'a pas pu jouer les tests (voir ci-dessus).", "pytest could not play the tests (see above)."),
            Text(
                "Vérifiez la sélection, puis l'installation (segur doctor).",
                "Check the selection, then the installation (segur doctor).",
            ),
        )
    return ExitCode.INCOMPLETE if ear.code is None else ExitCode(ear.code)
