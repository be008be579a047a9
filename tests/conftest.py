"""What every test of the kit may ask for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.zoo.zoo import Played

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SEGUR_SHARED_DIR", ROOT.parent / "shared"))


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
    """The one run of every profile on the reference product: a minute that several rooms share."""
    from tests.zoo.zoo import play  # the product and its faults take a moment to load, and few tests want them

    return play([], tmp_path_factory.mktemp("reference"))
