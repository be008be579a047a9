"""Deviations: failures that the vendor knows of and answers for. They explain a red, and never make it green.

``deviations.toml``, beside ``segur.toml``:

    [[deviation]]
    test = "profiles/vsm/test_content.py::test_allergies"     # * stands for any characters
    reason = "Arachide absente de la base de médicaments, corrigé en 4.3."
    owner = "Camille Test"
    link = "https://tracker.example/1234"
    expires = 2027-01-31

They are checked in both directions: a deviation whose test no longer fails, that matches no test, or that
has expired is itself wrong, and a run that is otherwise green then exits with 2 (configuration).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from conformance.core.declaring import read_tables
from conformance.core.events import DeviationFacts
from conformance.core.verdicts import Verdict

DEVIATIONS_FILE = "deviations.toml"


class DeviationState(StrEnum):
    """What a run makes of a declared deviation."""

    HOLDS = "holds"
    """At least one of its tests failed, as declared."""
    STALE = "stale"
    """Its tests were executed and none failed: remove the declaration."""
    EXPIRED = "expired"
    """Its date has passed."""
    UNKNOWN = "unknown"
    """No test of the whole profiles has this name."""
    NOT_PLAYED = "not_played"
    """Its tests were not among those selected, or were not executed: nothing can be said."""


WRONG = frozenset({DeviationState.STALE, DeviationState.EXPIRED, DeviationState.UNKNOWN})

_EXECUTED = frozenset({Verdict.PASS, Verdict.TO_REVIEW})


def read_deviations(path: Path) -> list[DeviationFacts]:
    """The deviations of ``path``, none when there is no such file.

    Raises ``UsageError`` that names the table and what is wrong with it.
    """
    found: list[DeviationFacts] = []
    for reader in read_tables(path, "deviation"):
        found.append(
            {
                "test": reader.text("test"),
                "reason": reader.text("reason"),
                "owner": reader.text("owner"),
                "link": reader.text("link", needed=False),
                "expires": reader.day("expires"),
            }
        )
        reader.finish()
    return found


def covers(deviation: DeviationFacts, test: str) -> bool:
    """True when the deviation names this test; only ``*`` is special, since ids hold brackets."""
    pattern = ".*".join(re.escape(part) for part in deviation["test"].split("*"))
    return re.fullmatch(pattern, test, re.S) is not None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run played: the day, the profiles, and whether only some of their tests were selected."""

    today: date
    profiles: frozenset[str]
    partial: bool

    @classmethod
    def of(cls, header: Mapping[str, Any], today: date) -> Scope:
        """The scope that the header of a run tells."""
        profiles = frozenset(one["id"] for one in header.get("profiles", []))
        return cls(today, profiles, bool(header.get("selection")))

    def leaves_out(self, deviation: DeviationFacts) -> bool:
        """True when tests of that name may exist without this run having them."""
        named = re.match(r"profiles/([^/*]+)/", deviation["test"])
        return self.partial or (named is not None and named[1] not in self.profiles)


def state_of(deviation: DeviationFacts, verdicts: Mapping[str, Verdict], scope: Scope) -> DeviationState:
    """What a run of this scope, with these verdicts, makes of the deviation."""
    its = [verdict for test, verdict in verdicts.items() if covers(deviation, test)]
    if date.fromisoformat(deviation["expires"]) < scope.today:
        return DeviationState.EXPIRED
    if not its:
        return DeviationState.NOT_PLAYED if scope.leaves_out(deviation) else DeviationState.UNKNOWN
    if Verdict.FAIL in its:
        return DeviationState.HOLDS
    return DeviationState.STALE if _EXECUTED & set(its) else DeviationState.NOT_PLAYED


def any_wrong(deviations: Iterable[DeviationFacts], verdicts: Mapping[str, Verdict], scope: Scope) -> bool:
    """True when a declaration contradicts the run: it must be corrected."""
    return any(state_of(one, verdicts, scope) in WRONG for one in deviations)
