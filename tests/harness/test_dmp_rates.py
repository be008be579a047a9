"""The figures of a day stand beside its verdict, and nothing is said of what did not happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from conformance.harness.dmp_day import Rates


@dataclass
class Story:
    told: dict[str, tuple[int, int]] = field(default_factory=dict)

    def figure(self, name: str, value: int, *, total: int, **_: Any) -> None:
        self.told[name] = (value, total)


@dataclass
class Bench:
    story: Story
    options: dict[str, str]


@pytest.mark.parametrize(
    ("rates", "document", "told"),
    [
        (Rates(11, 10, 12, 10, 2, 1), "vsm", {"dmp-fed": (10, 11), "dmp-consultations": (10, 12), "dmp-summaries": (1, 2)}),
        (Rates(1, 0, 1, 0, 2, 0), "letter", {"dmp-fed": (0, 1), "dmp-consultations": (0, 1)}),
        (Rates(0, 0, 0, 0, 0, 0), "vsm", {}),
    ],
)  # fmt: skip
def test_each_share_is_told_of_what_there_was(rates: Rates, document: str, told: dict[str, tuple[int, int]]) -> None:
    bench = Bench(Story(), {"document": document})
    rates.tell(bench)  # type: ignore[arg-type]  # as much of a bench as is asked
    assert bench.story.told == told
