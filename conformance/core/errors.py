"""One family of errors. Each says what happened, whose fault it is, and what to do about it."""

from __future__ import annotations

from enum import StrEnum

from conformance.core.language import Text
from conformance.core.verdicts import ExitCode


class Blame(StrEnum):
    """Who has to act. An engine fault is never a vendor's fault."""

    USER = "user"
    DOCUMENT = "document"
    ADAPTER = "adapter"
    PRODUCT = "product"
    KIT = "kit"


class SegurError(Exception):
    """An error that the kit foresaw: a sentence, a hint, an exit code; never a stack trace.

    ``code`` is a stable English identifier for machines (``config.unknown-key``).
    """

    blame = Blame.KIT
    exit_code = ExitCode.BENCH_ERROR

    def __init__(self, code: str, sentence: Text, hint: Text) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}"


class UsageError(SegurError):
    """A command or a configuration that cannot be understood. Exit 2."""

    blame = Blame.USER
    exit_code = ExitCode.USAGE


class DocumentError(SegurError):
    """A document that cannot be read at all (not XML, truncated, hostile…). Exit 1: the document is at fault."""

    blame = Blame.DOCUMENT
    exit_code = ExitCode.FAIL

    def __init__(self, code: str, sentence: Text, hint: Text, line: int | None = None, column: int | None = None):
        super().__init__(code, sentence, hint)
        self.line = line
        self.column = column


class AdapterError(SegurError):
    """The adapter to the product cannot be reached or breaks the contract. Exit 3, and never a verdict."""

    blame = Blame.ADAPTER
    exit_code = ExitCode.BENCH_ERROR


class ProductError(SegurError):
    """The product answered that it failed, where the contract allows it to succeed only."""

    blame = Blame.PRODUCT
    exit_code = ExitCode.FAIL


class OperationNotOffered(SegurError):
    """The product does not offer this operation of the contract (501): a question to a person, never a failure."""

    blame = Blame.PRODUCT
    exit_code = ExitCode.INCOMPLETE


class BenchError(SegurError):
    """Our own fault: the verdict is ``bench_error`` and the exit code 3."""
