"""The commands that people and CI share: ``.venv/bin/nox -l`` lists them, ``.venv/bin/nox -s lint`` runs one.

They run in the environment that called nox (made by ``bootstrap.py --tests``).
"""

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "floors"]


@nox.session
def lint(session: nox.Session) -> None:
    """Lint and format."""
    session.run("python", "-m", "ruff", "check", ".")
    session.run("python", "-m", "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Strict types on the package."""
    session.run("python", "-m", "mypy")


@nox.session
def floors(session: nox.Session) -> None:
    """Imports go downwards (ARCHITECTURE.md)."""
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests of the kit."""
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """The measurements that need nothing but the shared reference material."""
    session.run("python", "benchmarks/agreement.py", "--every", "10")
