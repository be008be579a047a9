"""The book of the rules on lots, which two files fill: the metadata of a lot, and its contents."""

from __future__ import annotations

from typing import Final

from conformance.core.findings import Severity, Trust
from conformance.exchange.checks.rules import ExchangeRule, RuleBook

BOOK: Final = RuleBook("dmp-lot")

REQUIREMENTS: Final = ("SC.DMP/CONF.08",)
SOFT: Final = Severity.WARNING
IHE: Final = "IHE ITI TF-3 §4.2, ITI TF-2 §3.41"
EXAMPLES: Final = "DMP, exemples de messages"


def lot_rule(
    key: str, fr: str, en: str, source: str, *, trust: Trust = Trust.PUBLISHED, severity: Severity = Severity.ERROR,
    requirements: tuple[str, ...] = REQUIREMENTS,
) -> ExchangeRule:  # fmt: skip
    """A rule on lots; of the approval of the DMP unless it says otherwise."""
    return BOOK.rule(key, fr, en, source, severity=severity, trust=trust, requirements=requirements)
