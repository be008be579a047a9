"""Checks of a read receipt (MDN): its parts, its mandatory fields, no demand for a receipt of the receipt.

Sources: RFC 8098; ANS, volet Transmission au LPS (v1.1.3 for the field Error).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.message import BOOK
from conformance.exchange.checks.rules import found_words
from conformance.exchange.mail import Message
from conformance.exchange.mdn import read_mdn

_RFC: Final = "RFC 8098 §3"
_VOLET: Final = "ANS, volet Transmission au LPS, MDN"
_REQUIREMENTS: Final = ("SC.MSS/UX.34",)

_PART: Final = BOOK.rule(
    "mdn-part", "un accusé de lecture contient une partie message/disposition-notification",
    "a read receipt holds a part message/disposition-notification", _RFC, requirements=_REQUIREMENTS,
)  # fmt: skip
_RECIPIENT: Final = BOOK.rule(
    "mdn-final-recipient", "un accusé de lecture donne Final-Recipient", "a read receipt gives Final-Recipient",
    _RFC, requirements=_REQUIREMENTS,
)  # fmt: skip
_DISPOSITION: Final = BOOK.rule(
    "mdn-disposition", "un accusé de lecture donne une Disposition : mode ; type, par exemple automatic-action/MDN-sent-automatically; processed",
    "a read receipt gives a Disposition: mode; type, for example automatic-action/MDN-sent-automatically; processed",
    _RFC, requirements=_REQUIREMENTS,
)  # fmt: skip
_ORIGINAL: Final = BOOK.rule(
    "mdn-original-message-id", "un accusé de lecture donne Original-Message-ID, par lequel l’expéditeur le rattache",
    "a read receipt gives Original-Message-ID, by which the sender ties it",
    _RFC, severity=Severity.WARNING, trust=Trust.SECOND_HAND, requirements=_REQUIREMENTS,
)  # fmt: skip
_LOOP: Final = BOOK.rule(
    "mdn-no-receipt", "un accusé de lecture ne demande pas d’accusé", "a read receipt asks for no receipt",
    "RFC 8098 §2.1", requirements=_REQUIREMENTS,
)  # fmt: skip
_ERROR: Final = BOOK.rule(
    "mdn-error", "un accusé d’échec (processed/error) dit l’erreur : code^libellé^…", "a receipt of failure (processed/error) tells the error: code^label^…",
    _VOLET, severity=Severity.WARNING, trust=Trust.SECOND_HAND, requirements=_REQUIREMENTS,
)  # fmt: skip
_GRAMMAR: Final = BOOK.rule(
    "mdn-grammar", "l’erreur d’un accusé est dans le champ Error (forme de la v1.1.3), pas dans Disposition",
    "the error of a receipt is in the field Error (form of v1.1.3), not in Disposition",
    _VOLET, severity=Severity.WARNING, trust=Trust.SECOND_HAND, requirements=_REQUIREMENTS,
)  # fmt: skip


def check_receipt(message: Message) -> Iterator[Finding]:
    """Every check on a message that says it is an MDN; nothing for any other."""
    if message.report_type != "disposition-notification":
        return
    if message.has("Disposition-Notification-To"):
        asked = message.header("Disposition-Notification-To")
        yield _LOOP.finding(found_words(asked), message.place("Disposition-Notification-To"))
    mdn = read_mdn(message)
    if mdn is None:
        yield _PART.finding(Text("elle n’y est pas", "it is not there"), message.place("Content-Type"))
        return
    if not mdn.final_recipient:
        yield _RECIPIENT.finding(Text("il n’y est pas", "it is not there"), message.place())
    if not mdn.original_message_id:
        yield _ORIGINAL.finding(Text("il n’y est pas", "it is not there"), message.place())
    disposition = mdn.disposition
    if disposition is None or not disposition.known_mode:
        yield _DISPOSITION.finding(found_words(mdn.written), message.place())
    elif disposition.error is not None and disposition.grammar == "1.1.2":
        yield _GRAMMAR.finding(found_words(mdn.written), message.place())
    elif "error" in disposition.modifiers and (disposition.error is None or not disposition.error.code.isdigit()):
        yield _ERROR.finding(Text("il n’y est pas", "it is not there"), message.place())
