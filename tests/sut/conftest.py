"""The reference product, running, for the tests of the adapters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.lgc.process import ReferenceProduct


@pytest.fixture(scope="session")
def reference() -> Iterator[ReferenceProduct]:
    """The reference product in a process of its own."""
    with ReferenceProduct() as product:
        yield product
