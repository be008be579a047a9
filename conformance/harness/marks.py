"""How a test of a profile says what it checks: title, requirements, scenarios, proofs, the faults that it catches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from conformance.core.language import Text

Test = TypeVar("Test", bound=Callable[..., object])

MARK = "segur"


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What a test states of itself. ``catches`` names the seeded faults that it, and its like, must catch.

    One that is ``long`` plays many examples, for seconds: processes that share the tests begin with those.
    """

    title: Text
    requirements: tuple[str, ...]
    description: Text
    scenarios: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    catches: tuple[str, ...] = ()
    long: bool = False


def check(
    fr: str,
    en: str,
    *,
    requirements: tuple[str, ...],
    why: Text | None = None,
    scenarios: tuple[str, ...] = (),
    proofs: tuple[str, ...] = (),
    catches: tuple[str, ...] = (),
    long: bool = False,
) -> Callable[[Test], Test]:
    """Mark a test of a profile: ``fr`` and ``en`` say what must hold, ``why`` explains it at length.

    Requirement ids are those of the catalogue; an unknown one stops the collection.
    """
    facts = CheckFacts(Text(fr, en), requirements, why or Text("", ""), scenarios, proofs, catches, long)

    def mark(test: Test) -> Test:
        marked: Test = getattr(pytest.mark, MARK)(facts)(test)
        return marked

    return mark


def facts_of(item: pytest.Item) -> CheckFacts | None:
    """What the test states of itself, or ``None`` for a test without the mark."""
    marker = item.get_closest_marker(MARK)
    return marker.args[0] if marker else None
