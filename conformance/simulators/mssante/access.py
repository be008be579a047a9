"""Who may open which mailbox, for submission and access alike.

People's mailboxes: SASL XOAUTH2 with an access token (ECO.1.2.1). Applicative ones: a client certificate of the
structure, then SASL EXTERNAL or PLAIN, whose password means nothing (what real operators want after the certificate
is not published). A message of the operator never depends on what the client claims alone.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from conformance.simulators.journal import fingerprint
from conformance.simulators.mssante.model import Mailbox, MailboxKind, mailbox_address
from conformance.simulators.mssante.store import Store
from conformance.simulators.mssante.tokens import SCOPE, TokenServer
from conformance.simulators.pki import Pki

MECHANISMS: Final = ("XOAUTH2", "PLAIN", "EXTERNAL")

CHALLENGE: Final = json.dumps({"status": "401", "schemes": "bearer", "scope": SCOPE}).encode()
"""What a server says to a refused XOAUTH2; the client must answer with an empty line before the refusal comes."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened mailbox: how, by whom, and until when the token that opened it is good (0: no token)."""

    mailbox: Mailbox
    mechanism: str
    subject: str
    ends: float = 0.0
    token: str = ""


@dataclass(frozen=True, slots=True)
class Denied:
    """A refusal and its reason, for the journal; the client learns only that it is refused."""

    why: str
    claimed: str = ""
    token: str = ""


class Access:
    """Decides."""

    def __init__(self, store: Store, tokens: TokenServer, pki: Pki) -> None:
        self._store = store
        self._tokens = tokens
        self._pki = pki

    def decide(self, mechanism: str, answer: bytes, certificate: bytes | None) -> Opened | Denied:
        """Read the client's SASL answer (decoded). ``certificate``: that of the client, DER."""
        if mechanism == "XOAUTH2":
            return self._by_token(answer)
        if mechanism == "PLAIN":
            parts = answer.split(b"\0")
            if len(parts) != 3:
                return Denied("not the form of PLAIN")
            claimed = (parts[0] or parts[1]).decode("utf-8", "replace")
        else:
            claimed = answer.decode("utf-8", "replace")
        return self._by_certificate(mechanism, claimed, certificate)

    def still_good(self, opened: Opened) -> bool:
        """Whether the token that opened a session is good still."""
        return not opened.token or self._tokens.subject(opened.token) is not None

    def _by_token(self, answer: bytes) -> Opened | Denied:
        fields = dict(part.partition("=")[::2] for part in answer.decode("utf-8", "replace").split("\x01") if part)
        claimed = fields.get("user", "")
        scheme, _, token = fields.get("auth", "").partition(" ")
        if scheme.casefold() != "bearer" or not token:
            return Denied("not the form of XOAUTH2", claimed)
        name = fingerprint(token)
        found = self._tokens.subject(token)
        if found is None:
            return Denied("the token is unknown, has run out or was revoked", claimed, name)
        mailbox = self._store.mailbox(claimed)
        if mailbox is None:
            return Denied("no such mailbox", claimed, name)
        if mailbox.kind not in (MailboxKind.PERSONAL, MailboxKind.ORGANISATIONAL):
            return Denied(f"a mailbox of kind {mailbox.kind} is not opened with a token", claimed, name)
        if found[0] not in mailbox.holders:
            return Denied("the professional is no holder of this mailbox", claimed, name)
        return Opened(mailbox, "XOAUTH2", found[0], found[1], token)

    def _by_certificate(self, mechanism: str, claimed: str, certificate: bytes | None) -> Opened | Denied:
        if certificate is None:
            return Denied("no client certificate", claimed)
        read = x509.load_der_x509_certificate(certificate)
        if self._pki.is_revoked(read):
            return Denied("the client certificate was revoked", claimed)
        structure = _attribute(read, NameOID.ORGANIZATIONAL_UNIT_NAME)
        if claimed:
            mailbox = self._store.mailbox(claimed)
        else:
            mailbox = next((one for one in self._store.mailboxes() if _is_of(one, structure)), None)
        if mailbox is None:
            return Denied("no such mailbox", claimed)
        if not _is_of(mailbox, structure):
            return Denied("the certificate is not that of the structure of an applicative mailbox", claimed)
        return Opened(mailbox, mechanism, structure)


def _is_of(mailbox: Mailbox, structure: str) -> bool:
    return mailbox.kind is MailboxKind.APPLICATIVE and structure in mailbox.holders


def _attribute(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def subject_of(certificate: bytes | None) -> str:
    """The distinguished name of a DER certificate, empty without one."""
    return "" if certificate is None else x509.load_der_x509_certificate(certificate).subject.rfc4514_string()


def decoded(answer: bytes) -> bytes | None:
    """A SASL answer out of base64 (``=`` is the empty answer); ``None`` when it is no base64."""
    stripped = answer.strip()
    if stripped in (b"=", b""):
        return b""
    try:
        return base64.b64decode(stripped, validate=True)
    except binascii.Error:
        return None


def claimed_mailbox(address: str) -> str:
    """The mailbox part of what a client claims, for faults aimed at it."""
    return mailbox_address(address) if address else ""
