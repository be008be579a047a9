"""What is wrong with an identifier: a code for machines, a sentence for people, and how grave it is by default."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.core.findings import Severity
from conformance.core.language import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one identifier.

    ``code`` is stable (``ins.wrong-key``); ``severity`` what the kit proposes to a rule that has no reason of
    its own to choose: ``error`` only for what makes the identifier unusable in a published, trusted way.
    """

    code: str
    message: Text
    severity: Severity = Severity.ERROR


def codes(problems: list[Problem]) -> set[str]:
    """The codes of ``problems``."""
    return {problem.code for problem in problems}
