"""A message of the product, as the operator got it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from conformance.core.findings import Finding, Severity
from conformance.exchange import checks
from conformance.exchange.mail import Message
from conformance.exchange.xdm import Archive, read_archive
from conformance.simulators.mssante.client import Submitted
from conformance.sut.contract import Deposit


@dataclass(frozen=True)
class Sent:
    """A message of the product: what its user sees of it, what the operator got, what it says."""

    shown: Deposit | None
    submitted: Submitted
    message: Message

    @property
    def deposit(self) -> Deposit:
        """The message as the product lists it."""
        assert self.shown is not None
        return self.shown

    @cached_property
    def archives(self) -> tuple[Archive, ...]:
        """The archives that it carries. Raises ``DocumentError`` for one that cannot be read."""
        return tuple(read_archive(one.data, one.name) for one in self.message.archives)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the message, its archives, their metadata, and each against the others."""
        documents = tuple(one for archive in self.archives for one in checks.open_documents(archive))
        cdas = sum(archive.cdas for archive in self.archives)
        found = [*checks.check_message(self.message, sent=True, cdas=cdas), *checks.check_receipt(self.message)]
        found += checks.check_contents(self.message, documents)
        for archive in self.archives:
            found += checks.check_archive(archive)
            for subset in archive.subsets:
                found += checks.check_metadata(subset.metadata) if subset.metadata else ()
        for document in documents:
            found += checks.check_against_metadata(document)
        return tuple(found)

    def breaches(self, *rules: str) -> list[Finding]:
        """The errors against these rules, or families of rules (with a final dot)."""
        return [
            one
            for one in self.findings
            if one.severity is Severity.ERROR
            and any(one.rule.startswith(rule) if rule.endswith(".") else one.rule == rule for rule in rules)
        ]
