"""What test certificates are made of: branches, defects, uses, names, extensions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import NameOID

_DAY: Final = timedelta(days=1)


class Branch(StrEnum):
    """Who signs. The foreign branch hangs from a root of its own, which no client should trust."""

    ORGANISATIONS = "organisations"
    PERSONS = "personnes"
    FOREIGN = "etrangere"


class Defect(StrEnum):
    """What is wrong with a certificate on request."""

    NONE = "none"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    REVOKED = "revoked"
    WRONG_BRANCH = "wrong-branch"
    FOREIGN_ROOT = "foreign-root"
    WRONG_HOST = "wrong-host"
    SELF_SIGNED = "self-signed"
    CHAIN_MISSING = "chain-missing"


class Usage(StrEnum):
    """What a certificate is for."""

    SERVER = "server"
    AUTHENTICATION = "authentication"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate, its key, and the intermediates that lead to the root.

    ``chain_file`` holds the certificate then its intermediates (PEM); ``key_file`` the key (PEM, not encrypted);
    ``p12_file`` all of them (PKCS#12, password ``P12_PASSWORD``).
    """

    name: str
    certificate: x509.Certificate
    key: RSAPrivateKey
    chain: tuple[x509.Certificate, ...]
    chain_file: Path
    key_file: Path
    p12_file: Path

    @property
    def subject(self) -> str:
        """The distinguished name, RFC 4514."""
        return self.certificate.subject.rfc4514_string()


def validity(defect: Defect) -> tuple[datetime, datetime]:
    """From when to when a certificate with that defect is good."""
    now = datetime.now(UTC)
    if defect is Defect.EXPIRED:
        return now - 400 * _DAY, now - _DAY
    if defect is Defect.NOT_YET_VALID:
        return now + 30 * _DAY, now + 400 * _DAY
    return now - _DAY, now + 730 * _DAY


_ATTRIBUTES: Final = {
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
    "SN": NameOID.SURNAME,
    "GN": NameOID.GIVEN_NAME,
}


def named(**parts: str) -> x509.Name:
    """A French distinguished name, in the order given: ``ST``, ``O``, ``OU``, ``CN``, ``SN``, ``GN``."""
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "FR")
    return x509.Name([country, *(x509.NameAttribute(_ATTRIBUTES[key], value) for key, value in parts.items())])


def key_usage(usage: Usage | None) -> x509.KeyUsage:
    """The bits of a leaf, or those of an authority (``None``)."""
    return x509.KeyUsage(
        digital_signature=usage is not None,
        content_commitment=usage is Usage.SIGNATURE,
        key_encipherment=usage in (Usage.SERVER, Usage.AUTHENTICATION),
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=usage is None,
        crl_sign=usage is None,
        encipher_only=False,
        decipher_only=False,
    )


def authority_identifier(authority: Credential) -> x509.AuthorityKeyIdentifier:
    """The extension that names the key of the issuer."""
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())


def alternatives(hosts: tuple[str, ...]) -> list[x509.GeneralName]:
    """Names and addresses as the alternative names of a certificate."""
    return [x509.IPAddress(ip_address(host)) if _is_address(host) else x509.DNSName(host) for host in hosts]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def hosts_of(certificate: x509.Certificate) -> set[str]:
    """The names and addresses that a certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in names}


def crl_addresses_of(certificate: x509.Certificate) -> str:
    """Where a certificate says that its revocation list is, separated by spaces."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ""
    return " ".join(str(name.value) for point in points for name in point.full_name or [])
