"""The practice of one test, with its card and its DMP."""

from collections.abc import Iterator

import pytest

from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.dmp_story import wire_told


@pytest.fixture
def practice(bench: Bench) -> Iterator[DmpBench]:
    """The product and a simulated DMP that it speaks to; no other process uses them meanwhile."""
    with bench.simulators.together(), bench.simulators.alone():
        practice = DmpBench(bench)
        with wire_told(practice):
            yield practice
