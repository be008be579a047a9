"""Checks of what travels: archives, metadata, messages, receipts, and each against the others."""

from conformance.exchange.checks.archive import check_archive, refusal
from conformance.exchange.checks.crosscheck import OpenedDocument, check_against_metadata, open_documents
from conformance.exchange.checks.message import check_message, from_patient
from conformance.exchange.checks.message_contents import check_contents
from conformance.exchange.checks.metadata import check_metadata
from conformance.exchange.checks.receipt import check_receipt
from conformance.exchange.checks.rules import ExchangeRule

__all__ = [
    "ExchangeRule",
    "OpenedDocument",
    "all_rules",
    "check_against_metadata",
    "check_archive",
    "check_contents",
    "check_message",
    "check_metadata",
    "check_receipt",
    "from_patient",
    "open_documents",
    "refusal",
]


def all_rules() -> tuple[ExchangeRule, ...]:
    """Every rule on archives, metadata, messages and receipts."""
    from conformance.exchange.checks import archive, archive_values, crosscheck, message

    books = (archive.BOOK, archive_values.BOOK, message.BOOK, crosscheck.BOOK)
    return tuple(rule for book in books for rule in book.rules.values())
