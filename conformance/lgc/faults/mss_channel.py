"""Faults of secure mail: the channel with the operator."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from collections.abc import Callable

from cryptography import x509

from conformance.lgc.mail.courier import Channel, Courier
from conformance.lgc.mail.revocation import Revocations
from conformance.sut.contract import Endpoint, Settings


class AsksForNoNotice(Courier):
    """Asks the operator for no notice of delivery.

    Ne demande pas d’avis de remise à l’opérateur.
    """

    def receipt_options(self, smtp: smtplib.SMTP) -> list[str]:
        return []


class TrustsAnyCertificate(Courier):
    """Accepts any certificate of the operator.

    Accepte n’importe quel certificat de l’opérateur.
    """

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        context = super().context(endpoint)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def check_peer(self, channel: object) -> None:
        if isinstance(channel, ssl.SSLSocket) and channel.getpeercert():
            super().check_peer(channel)


class ChecksTheOperatorForRetrievalOnly(Courier):
    """Accepts any certificate of the operator when it sends.

    Accepte n’importe quel certificat de l’opérateur pour l’envoi.
    """

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        context = super().context(endpoint)
        if self._sends(endpoint):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def check_peer(self, channel: object) -> None:
        if isinstance(channel, ssl.SSLSocket) and channel.getpeercert():
            super().check_peer(channel)

    def check_revocation(self, channel: object, endpoint: Endpoint) -> None:
        if not self._sends(endpoint):
            super().check_revocation(channel, endpoint)

    def _sends(self, endpoint: Endpoint) -> bool:
        return endpoint.url.startswith("smtp:")


class TrustsAnyBranch(Courier):
    """Accepts a certificate of any branch of the authority.

    Accepte un certificat de n’importe quelle branche de l’autorité.
    """

    def check_peer(self, channel: object) -> None:
        return


class AcceptsAnySuite(Courier):
    """Accepts any cipher suite.

    Accepte n’importe quelle suite de chiffrement.
    """

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        context = super().context(endpoint)
        context.set_ciphers("ALL:@SECLEVEL=0")
        return context


class NeverRenewsItsToken(Courier):
    """Goes on with a token that the operator refuses.

    Continue avec un jeton que l’opérateur refuse.
    """

    _first = ""

    def forget(self) -> None:
        self._first = ""
        super().forget()

    def token(self, settings: Settings) -> str:
        self._first = self._first or super().token(settings)
        return self._first


class IgnoresTheSizeLimit(Courier):
    """Sends messages bigger than the operator allows.

    Envoie des messages plus gros que l’opérateur ne le permet.
    """

    def size_limit(self, smtp: smtplib.SMTP) -> int:
        return 0


class BreaksDownAtNewTls(Courier):
    """Speaks TLS 1.2 only, and breaks down when the operator wants another version or suite.

    Ne parle que TLS 1.2, et tombe en panne quand l’opérateur veut une autre version ou une autre suite.
    """

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        context = super().context(endpoint)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _again(self, open_channel: Callable[[], Channel]) -> Channel:
        try:
            return super()._again(open_channel)
        except ssl.SSLCertVerificationError:
            raise
        except ssl.SSLError as error:
            raise ValueError("unknown version") from error


class AlwaysAnswersAtOnce(Courier):
    """Sends the initial answer with AUTHENTICATE even to an operator that does not offer it.

    Joint la réponse initiale à AUTHENTICATE même si l’opérateur ne le propose pas.
    """

    def answers_at_once(self, imap: imaplib.IMAP4) -> bool:
        return True


class OpensApplicativeMailboxesByToken(Courier):
    """Opens an applicative mailbox with a token instead of PLAIN.

    Ouvre une boîte applicative avec un jeton au lieu de PLAIN.
    """

    def credentials(self, settings: Settings, endpoint: Endpoint) -> tuple[str, str]:
        mechanism, answer = super().credentials(settings, endpoint)
        if mechanism == "PLAIN":
            return "XOAUTH2", f"user={endpoint.mailbox}\x01auth=Bearer {self.token(settings)}\x01\x01"
        return mechanism, answer


class NeverAsksForRevocations(Revocations):
    """Never looks whether a certificate is revoked.

    Ne regarde jamais si un certificat est révoqué.
    """

    def check(self, certificate: bytes, trusted: str) -> None:
        return


class KeepsNoRevocationList(Revocations):
    """Does not keep the revocation list that is in force: without its server nothing is verified.

    Ne garde pas la liste de révocation en vigueur : sans son serveur, plus rien n’est vérifié.
    """

    def kept(self, data: bytes) -> x509.CertificateRevocationList | None:
        return None
