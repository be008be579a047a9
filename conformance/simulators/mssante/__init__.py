"""An MSSanté operator to test against: submission, mailboxes, tokens, faults, and a journal of everything.

``Operator`` runs one in this process, ``RemoteOperator`` speaks to one that runs elsewhere; both offer the same.
"""

from __future__ import annotations

from conformance.simulators.mssante.client import RemoteOperator
from conformance.simulators.mssante.faults import Fault, FaultKind, Stage
from conformance.simulators.mssante.model import Mailbox, MailboxKind, ReplyRefused, Settings, StoredMessage, Tokens
from conformance.simulators.mssante.operator import Operator

__all__ = [
    "Fault",
    "FaultKind",
    "Mailbox",
    "MailboxKind",
    "Operator",
    "RemoteOperator",
    "ReplyRefused",
    "Settings",
    "Stage",
    "StoredMessage",
    "Tokens",
]
