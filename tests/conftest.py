"""What every test of the kit may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SEGUR_SHARED_DIR", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material (published documents, verdicts); the test skips where it is absent."""
    if not (SHARED / "corpus").is_dir():
        pytest.skip("needs the shared reference material beside the checkout (SEGUR_SHARED_DIR)")
    return SHARED
