"""The commands that people and CI share: ``.venv/bin/nox -l`` lists them, ``.venv/bin/nox -s lint`` runs one.

They run in the environment that called nox (made by ``bootstrap.py --tests``).
"""

import sys
from pathlib import Path

import nox

HERE = Path(sys.executable).parent

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "floors"]


@nox.session
def lint(session: nox.Session) -> None:
    """Lint and format."""
    session.run(sys.executable, "-m", "ruff", "check", ".")
    session.run(sys.executable, "-m", "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Strict types on the package."""
    session.run(sys.executable, "-m", "mypy")


@nox.session
def floors(session: nox.Session) -> None:
    """Imports go downwards (ARCHITECTURE.md)."""
    session.run(str(HERE / "lint-imports"))


@nox.session
def tests(session: nox.Session) -> None:
    """The tests of the kit."""
    session.run(sys.executable, "-m", "pytest", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """The measurements that need nothing but the shared reference material."""
    session.run(sys.executable, "benchmarks/agreement.py", "--every", "10")
