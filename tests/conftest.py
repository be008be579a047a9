"""What every test of the kit may ask for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.zoo.zoo import Played

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SEGUR_SHARED_DIR", ROOT.parent / "shared"))

# No property has an absolute time: a machine may be slow. The rest stays as hypothesis chooses (under CI: no chance).
settings.register_profile("kit", settings(), deadline=None)
settings.load_profile("kit")


def need(name: str, present: bool, why: str) -> None:
    """Skip the test when something outside the checkout is absent; fail it when ``SEGUR_REQUIRE`` names it.

    ``.ci/run`` requires what the machine can have (``shared``, ``chromium``, ``postgresql``…), so that a test
    never stops being run without anybody noticing.
    """
    if present:
        return
    if name in os.environ.get("SEGUR_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required here and absent: {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material (published documents, verdicts); the test skips where it is absent."""
    present = (SHARED / "corpus").is_dir()
    need("shared", present, "needs the shared reference material beside the checkout (SEGUR_SHARED_DIR)")
    return SHARED


@pytest.fixture(scope="session")
def reference_run(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The one run of every profile on the reference product: a minute that several rooms share, and all processes."""
    from tests.zoo.zoo import Played, play  # the product and its faults take a moment to load, and few tests want them

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "reference-run"
    folder.mkdir(exist_ok=True)
    with _alone(folder / "lock"):
        told = folder / "played.json"
        if not told.exists():
            played = play([], folder)
            told.write_text(json.dumps([played.exit_code, played.said]), "utf-8")
        exit_code, said = json.loads(told.read_text("utf-8"))
    return Played(exit_code, folder / "report", said)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """No other process of this run of the tests is here meanwhile."""
    try:
        import fcntl
    except ImportError:  # Windows: each process for itself
        yield
        return
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
