"""Speaks with the operator: tokens, submission (SMTP), retrieval (IMAP), always encrypted first.

Sources: ECO.1.0.1, 1.0.2 (protocols), ECO.1.1.1, 1.1.3, 1.1.10 (TLS, suites, authority), ECO.1.1.6, 1.1.7 (revocation),
ECO.1.2.1 (XOAUTH2); SC.MSS/CONF.09 (SASL-IR), SC.MSS/CONF.12 (applicative mailboxes).
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from conformance.lgc.mail.revocation import Revocations, Unverified
from conformance.lgc.pair import load_pair
from conformance.sut.contract import Endpoint, Settings

SUITES = (
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256"
    ":DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256"
)
BRANCH = "ORGANISATIONS"
"""What the name of the authority of an operator's certificate must hold (IGC-Santé Élémentaire Organisations)."""
SECONDS = 8.0
"""How long one answer of the operator may take."""


Channel = TypeVar("Channel", smtplib.SMTP, imaplib.IMAP4)


class Unreachable(Exception):
    """The operator cannot be used now; its words are for the user. What waits is tried again."""


class NotSent(Exception):
    """A message was refused for good."""


@dataclass(slots=True)
class Sending:
    """What became of a message at the operator's: recipients accepted, those refused with its words."""

    accepted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    postponed: dict[str, str] = field(default_factory=dict)


class Courier:
    """Connects for the user whose settings it is given. Tokens live in memory only (ECO.1.2.5)."""

    def __init__(self, revocations: Revocations) -> None:
        self.revocations = revocations
        self._access = ""
        self._access_ends = 0.0
        self._refresh = ""
        self._session = requests.Session()
        self._session.trust_env = False

    def forget(self) -> None:
        """Forget the session of the user."""
        self._access, self._access_ends, self._refresh = "", 0.0, ""

    # Tokens

    def token(self, settings: Settings) -> str:
        """An access token that is good still; asked for again a little before its end. Raises ``Unreachable``."""
        if self._access and time.monotonic() < self._access_ends - 5:
            return self._access
        endpoint = settings.tokens
        if endpoint is None or not (self._refresh or endpoint.secret):
            raise Unreachable("Pro Santé Connect n’est pas réglé.")
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh or endpoint.secret or ""}
        try:
            answer = self._session.post(endpoint.url, data=form, timeout=SECONDS)
            given = answer.json() if answer.status_code == 200 else {}
        except (requests.RequestException, ValueError) as error:
            raise Unreachable(f"Pro Santé Connect ne répond pas ({type(error).__name__}).") from error
        if "access_token" not in given:
            self.forget()
            raise Unreachable("La session Pro Santé Connect est finie : reconnectez-vous.")
        self._access = str(given["access_token"])
        self._refresh = str(given.get("refresh_token") or self._refresh)
        self._access_ends = time.monotonic() + float(given.get("expires_in", 60))
        return self._access

    # TLS

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        """What is asked of the operator's channel, and shown on it for an applicative mailbox."""
        return _context(endpoint.trusted_certificates, endpoint.client_certificate, endpoint.client_key)

    def check_peer(self, channel: object) -> None:
        """The certificate must come from the branch of the organisations (ECO.1.1.10). Raises ``Unreachable``."""
        certificate = channel.getpeercert() if isinstance(channel, ssl.SSLSocket) else None
        names: Any = (certificate or {}).get("issuer", ())
        issuer = " ".join(value for part in names for _, value in part)
        if BRANCH not in issuer.upper():
            raise Unreachable("Le certificat de l’opérateur ne vient pas de la branche Organisations de l’IGC-Santé.")

    def check_revocation(self, channel: object, endpoint: Endpoint) -> None:
        """The certificate must not be revoked (ECO.1.1.6). Raises ``Unreachable``."""
        certificate = channel.getpeercert(binary_form=True) if isinstance(channel, ssl.SSLSocket) else None
        try:
            self.revocations.check(certificate or b"", endpoint.trusted_certificates or "")
        except Unverified as error:
            raise Unreachable(str(error)) from error

    # Submission

    def send(self, settings: Settings, sender: str, recipients: list[str], data: bytes) -> Sending:
        """Submit one message. Raises ``Unreachable`` when nothing was accepted and it may be tried again, ``NotSent``
        when the message itself is refused.
        """
        result = Sending()
        with self._submission(settings) as smtp:
            limit = self.size_limit(smtp)
            if limit and len(data) > limit:
                raise NotSent(f"Le message fait {len(data)} octets ; l’opérateur en accepte {limit}.")
            self._demand(*smtp.mail(sender, [f"SIZE={len(data)}"] if limit else []))
            for recipient in recipients:
                code, words = smtp.rcpt(recipient, self.receipt_options(smtp))
                where = None if 200 <= code < 300 else result.postponed if 400 <= code < 500 else result.refused
                if where is None:
                    result.accepted.append(recipient)
                else:
                    where[recipient] = _said(code, words)
            if result.accepted:
                self._demand(*smtp.data(data))
        return result

    def size_limit(self, smtp: smtplib.SMTP) -> int:
        """How many bytes a message may have (MSS/va1.13); 0 when the operator does not say."""
        return int(smtp.esmtp_features.get("size") or 0)

    def receipt_options(self, smtp: smtplib.SMTP) -> list[str]:
        """Ask for notices of delivery (ECO.2.3.1)."""
        return ["NOTIFY=SUCCESS,FAILURE,DELAY"] if smtp.has_extn("dsn") else []

    @contextmanager
    def _submission(self, settings: Settings) -> Iterator[smtplib.SMTP]:
        endpoint = _known(settings.mssante_submission, "L’envoi")
        try:
            with self._again(lambda: self._open_submission(settings, endpoint)) as smtp:
                yield smtp
        except smtplib.SMTPResponseException as error:
            raise Unreachable(_said(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"L’opérateur ne répond plus ({type(error).__name__}).") from error

    def _open_submission(self, settings: Settings, endpoint: Endpoint) -> smtplib.SMTP:
        mechanism, answer = self.credentials(settings, endpoint)
        smtp = smtplib.SMTP(*_where(endpoint), timeout=SECONDS)
        try:
            smtp.starttls(context=self.context(endpoint))
            self.check_peer(smtp.sock)
            self.check_revocation(smtp.sock, endpoint)
            smtp.ehlo()
            smtp.auth(mechanism, lambda challenge=None: "" if challenge else answer)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _again(self, open_channel: Callable[[], Channel]) -> Channel:
        """Open a channel; when the token in memory is refused, once more with a new one (ECO.1.2.7)."""
        known = bool(self._access)
        try:
            return open_channel()
        except (smtplib.SMTPAuthenticationError, imaplib.IMAP4.error):
            self._access = ""
            if not known:
                raise
        return open_channel()

    def _demand(self, code: int, words: bytes) -> None:
        if 400 <= code < 500:
            raise Unreachable(_said(code, words))
        if not 200 <= code < 300:
            raise NotSent(_said(code, words))

    # Retrieval

    @contextmanager
    def mailbox(self, settings: Settings) -> Iterator[Mailbox]:
        """The user's mailbox, open. Raises ``Unreachable``."""
        endpoint = _known(settings.mssante_retrieval, "La relève")
        try:
            with self._again(lambda: self._open_retrieval(settings, endpoint)) as imap:
                yield Mailbox(imap)
        except (imaplib.IMAP4.error, OSError) as error:
            # imaplib gives its own error for a refusal, a broken line and a lost connection alike.
            raise Unreachable(f"La boîte ne répond plus ({error}).") from error

    def _open_retrieval(self, settings: Settings, endpoint: Endpoint) -> imaplib.IMAP4:
        mechanism, answer = self.credentials(settings, endpoint)
        imap = imaplib.IMAP4(*_where(endpoint), timeout=SECONDS)
        try:
            imap.starttls(self.context(endpoint))
            self.check_peer(imap.sock)
            self.check_revocation(imap.sock, endpoint)
            if self.answers_at_once(imap):
                _log_in_at_once(imap, mechanism, answer)
            else:
                imap.authenticate(mechanism, lambda said: b"" if said else answer.encode())
        except BaseException:
            with contextlib.suppress(OSError):  # a handshake that failed has closed the channel already
                imap.shutdown()
            raise
        return imap

    def credentials(self, settings: Settings, endpoint: Endpoint) -> tuple[str, str]:
        """How a mailbox is opened: by its certificate and PLAIN, else with a token. Raises ``Unreachable``."""
        if endpoint.client_certificate:
            return "PLAIN", f"\0{endpoint.mailbox}\0"
        return "XOAUTH2", f"user={endpoint.mailbox}\x01auth=Bearer {self.token(settings)}\x01\x01"

    def answers_at_once(self, imap: imaplib.IMAP4) -> bool:
        """Whether the first answer goes with the command (RFC 4959), as the operator must have announced."""
        return "SASL-IR" in imap.capabilities


class Mailbox:
    """An opened mailbox."""

    def __init__(self, imap: imaplib.IMAP4) -> None:
        self._imap = imap

    def select(self) -> int:
        """Open the inbox; gives its UIDVALIDITY."""
        self._imap.select("INBOX")
        said = self._imap.response("UIDVALIDITY")[1]
        return int(said[0]) if said and said[0] else 0

    def after(self, uid: int) -> list[int]:
        """The UIDs above ``uid``, in order."""
        _, found = self._imap.uid("SEARCH", f"UID {uid + 1}:*")
        uids = [int(each) for each in (found[0] or b"").split()]
        return sorted(each for each in uids if each > uid)

    def fetch(self, uid: int) -> bytes | None:
        """The bytes of a message, without marking it as seen."""
        _, parts = self._imap.uid("FETCH", str(uid), "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in parts or [] if isinstance(part, tuple)), None)

    def mark_seen(self, uid: int) -> None:
        """The message was treated."""
        self._imap.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)")

    def keep_sent(self, data: bytes) -> None:
        """Put a copy of what was sent among the sent messages: operators do not."""
        self._imap.append(f'"{self._sent_folder()}"', "(\\Seen)", "", data)

    def _sent_folder(self) -> str:
        """The folder of sent messages: by its use, else by a usual name (operators differ)."""
        _, lines = self._imap.list()
        names: dict[str, str] = {}
        for line in lines:
            found = re.match(
                rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) "?(?P<name>[^"]+)"?$', line if isinstance(line, bytes) else b""
            )
            if found:
                name = found["name"].decode("ascii", "replace")
                if b"\\sent" in found["flags"].lower():
                    return name
                names[name.upper()] = name
        return next((names[usual] for usual in ("SENT", "ENVOYES", "INBOX.SENT") if usual in names), "Sent")


def _known(endpoint: Endpoint | None, what: str) -> Endpoint:
    if endpoint is None or not endpoint.mailbox:
        raise Unreachable(f"{what} par MSSanté n’est pas réglé.")
    return endpoint


def _where(endpoint: Endpoint) -> tuple[str, int]:
    parts = urlsplit(endpoint.url)
    if not parts.hostname or not parts.port:
        raise Unreachable(f"« {endpoint.url} » n’est pas l’adresse d’un serveur.")
    return parts.hostname, parts.port


@lru_cache(maxsize=4)
def _context(trusted: str | None, certificate: str | None, key: str | None) -> ssl.SSLContext:
    made = ssl.create_default_context(cadata=trusted)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(SUITES)
    load_pair(made, certificate, key)
    return made


def _log_in_at_once(imap: imaplib.IMAP4, mechanism: str, answer: str) -> None:
    """AUTHENTICATE with its initial answer, which ``imaplib`` does not know. Raises its error when refused."""
    said = base64.b64encode(answer.encode()).decode()
    imap.send(f"LGC AUTHENTICATE {mechanism} {said}\r\n".encode())
    while not (line := imap.readline()).startswith(b"LGC "):
        if not line:
            raise imap.abort("the connection was closed")
        if line.startswith(b"+"):  # why it is refused; the refusal comes after an empty line
            imap.send(b"\r\n")
    if not line.upper().startswith(b"LGC OK"):
        raise imap.error(line.decode("utf-8", "replace").strip())
    imap.state = "AUTH"


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"
