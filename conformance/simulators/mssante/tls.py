"""The TLS faces of the operator: the right one, those that a client must refuse, and the one that it may (1.3 only).

Right: TLS 1.2 with the four suites of ECO.1.1.3, and TLS 1.3. A client certificate is asked for, never demanded:
mailboxes of people are opened with a token, applicative ones with a certificate.
"""

from __future__ import annotations

import ssl
import warnings
from enum import StrEnum
from typing import Final

from conformance.simulators.pki import Credential, Pki

ALLOWED_SUITES: Final = {
    0xC030: "ECDHE-RSA-AES256-GCM-SHA384",
    0xC02F: "ECDHE-RSA-AES128-GCM-SHA256",
    0xC028: "ECDHE-RSA-AES256-SHA384",
    0xC027: "ECDHE-RSA-AES128-SHA256",
}
"""Suites of TLS 1.2, by number, under OpenSSL's names (ECO.1.1.3, référentiel socle MSSanté n° 2)."""


class Face(StrEnum):
    """How the server presents itself."""

    RIGHT = "right"
    TLS_1_1_ONLY = "tls-1.1-only"
    TLS_1_3_ONLY = "tls-1.3-only"
    FORBIDDEN_SUITE = "forbidden-suite"
    NO_STARTTLS = "no-starttls"


def server_context(pki: Pki, credential: Credential, face: Face = Face.RIGHT) -> ssl.SSLContext:
    """The context of a server that presents ``credential`` and recognises the clients of ``pki``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join(ALLOWED_SUITES.values()))
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_COMPRESSION
    if face is Face.TLS_1_1_ONLY:
        context.set_ciphers("ECDHE-RSA-AES256-SHA:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # old on purpose
            context.minimum_version = ssl.TLSVersion.TLSv1_1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    elif face is Face.TLS_1_3_ONLY:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    elif face is Face.FORBIDDEN_SUITE:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AES256-GCM-SHA384:AES128-SHA")
    context.load_cert_chain(credential.chain_file, credential.key_file)
    if credential.chain:
        # OpenSSL completes a missing chain from what it trusts: a server that must not send one trusts nobody.
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(pki.trust_file)
    return context


def reason_of(error: BaseException | None) -> str:
    """Why a handshake failed, in OpenSSL's words: ours (``NO_SHARED_CIPHER``), or the alert that the client sent
    (``TLSV1_ALERT_UNKNOWN_CA``, ``SSLV3_ALERT_CERTIFICATE_EXPIRED``). A client that just leaves gives ``CLOSED``."""
    if isinstance(error, ssl.SSLError):
        return error.reason or type(error).__name__
    return "CLOSED"
