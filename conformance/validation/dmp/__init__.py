"""Checks of what a product sends to the DMP, one file per subject.

Trust follows the marks of the reference: read in a primary source (``published``), read in one second-hand source or
in sources that disagree (``second_hand``), inferred (``own``, a warning at most). What is unknown has no rule.
"""

from conformance.exchange.checks.rules import ExchangeRule

__all__ = ["all_rules"]


def all_rules() -> tuple[ExchangeRule, ...]:
    """Every rule on requests to the DMP."""
    from conformance.validation.dmp import coherence, lot, messages, session, transport, values, vihf

    modules = (transport, vihf, values, lot, coherence, messages, session)
    return tuple(rule for module in modules for rule in module.BOOK.rules.values())
