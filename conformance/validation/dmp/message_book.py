"""The book of the rules on requests other than feeding, which two files fill: the queries, and the rest."""

from __future__ import annotations

from typing import Final

from conformance.core.findings import Severity, Trust
from conformance.exchange.checks.rules import ExchangeRule, RuleBook
from conformance.exchange.metadata.hl7 import Cx

BOOK: Final = RuleBook("dmp-request")

CONSULTS: Final = ("SC.DMP/CONF.10",)
DELETES: Final = ("SC.DMP/CONF.03",)
SOFT: Final = Severity.WARNING
IHE: Final = "IHE ITI TF-2 §3.18"
EXAMPLES: Final = "DMP, exemples de messages"


def message_rule(
    key: str, fr: str, en: str, source: str, *, trust: Trust = Trust.PUBLISHED, severity: Severity = Severity.ERROR,
    requirements: tuple[str, ...] = CONSULTS,
) -> ExchangeRule:  # fmt: skip
    """A rule on requests; of consultation unless it says otherwise."""
    return BOOK.rule(key, fr, en, source, severity=severity, trust=trust, requirements=requirements)


PATIENT: Final = message_rule(
    "patient",
    "le patient demandé est celui du VIHF",
    "the patient asked for is that of the VIHF",
    "ANS, volet Transmission ; message d’erreur du DMP",
)


def same_patient(one: str, other: str) -> bool:
    """Whether two CX name one patient."""
    first, second = Cx.parse(one), Cx.parse(other)
    return (first.id, first.authority) == (second.id, second.authority)
