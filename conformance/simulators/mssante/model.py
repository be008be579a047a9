"""What the operator knows: its settings, mailboxes, messages and tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from conformance.core.errors import BenchError, SegurError
from conformance.exchange.naming import PATIENT_DOMAIN

SOURCE: Final = "mssante"
"""Of the journal's entries."""

INBOX: Final = "INBOX"

MEGABYTE: Final = 1024 * 1024


class MailboxKind(StrEnum):
    """Whose mailbox it is (TRE_R257-TypeBAL), and the patients' and other operators' ones."""

    PERSONAL = "PER"
    ORGANISATIONAL = "ORG"
    APPLICATIVE = "APP"
    PATIENT = "PAT"
    ELSEWHERE = "EXT"


@dataclass(frozen=True, slots=True)
class Settings:
    """How the operator behaves. Sizes in bytes, times in seconds.

    ``domains`` are those that it runs, the first one being its own name; ``white_list`` those of other operators,
    to which it relays (what they receive can be read like any mailbox). ``size_limit`` is announced and enforced at
    DATA (the référentiel sets none; operators choose 10 to 25 MB); ``patient_size_limit`` is the 25 MB of Mon espace
    santé, answered by a bounce. ``folders`` are the names of the four folders, which differ between operators.
    ``hidden`` capabilities of IMAP are not announced. ``session_ends_with_token``: an IMAP session ends when the token
    that opened it runs out; otherwise it outlives it.
    """

    domains: tuple[str, ...] = ("quai.mssante.fr",)
    white_list: tuple[str, ...] = ("port.mssante.fr", "rivage.mssante.fr")
    host: str = "mail.quai.mssante.fr"
    size_limit: int = 30 * MEGABYTE
    patient_size_limit: int = 25 * MEGABYTE
    quota: int = 4096 * MEGABYTE
    token_seconds: float = 240.0
    refresh_seconds: float = 14_400.0
    folders: tuple[str, str, str] = ("Sent", "Drafts", "Trash")
    hidden: frozenset[str] = frozenset()
    session_ends_with_token: bool = False

    @property
    def domain(self) -> str:
        """The operator's own domain."""
        return self.domains[0]

    def runs(self, domain: str) -> bool:
        """Whether mailboxes of this domain live here."""
        return domain.casefold() in (one.casefold() for one in self.domains)

    def trusts(self, domain: str) -> bool:
        """Whether mail may go to this domain at all (white list of the espace de confiance)."""
        wanted = domain.casefold()
        return self.runs(wanted) or wanted == PATIENT_DOMAIN or wanted in (one.casefold() for one in self.white_list)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox.

    ``holders``: the national identifiers of the professionals who open it with a token; for an applicative mailbox,
    that of the structure (``OU`` of its certificate). ``closed``: of a patient who closed the messaging.
    """

    address: str
    kind: MailboxKind = MailboxKind.PERSONAL
    name: str = ""
    holders: tuple[str, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as it lies in a folder; ``data`` are its bytes, with the trace headers that delivery adds."""

    uid: int
    flags: tuple[str, ...]
    received: datetime
    size: int
    data: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token server gives: the access token, how to renew it, for how many seconds it is good."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: float


class NoSuchMailbox(BenchError):
    """A test speaks of a mailbox that nobody made."""


class ReplyRefused(SegurError):
    """The patient has no right to answer (any more): the conversation was closed, or never opened."""


def split(address: str) -> tuple[str, str, str]:
    """``martin+rcpt-550@quai.mssante.fr`` as mailbox local part, tag, domain."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    base, _, tag = local.partition("+")
    return base, tag, domain


def mailbox_address(address: str) -> str:
    """The mailbox that an address names: without its tag, in lower case."""
    base, _, domain = split(address)
    return f"{base}@{domain}".casefold()
