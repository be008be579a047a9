"""The post office of one test."""

from collections.abc import Iterator

import pytest

from conformance.harness.bench import Bench
from conformance.harness.mssante import MailBench


@pytest.fixture
def mail(bench: Bench) -> Iterator[MailBench]:
    """The product with its mailbox, the operator, patients and correspondents of this test alone."""
    with bench.simulators.together():
        yield MailBench(bench)
