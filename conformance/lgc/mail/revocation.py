"""Is the operator's certificate revoked? Asks for the list that it names, and keeps the latest one in force.

Sources: ECO.1.1.6 (the certificate is not revoked), ECO.1.1.7 (keep the last list that has not come to its end).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from conformance.lgc.shelf import Shelf

SECONDS = 8.0
"""How long the server of lists may take."""
MOST_BYTES = 20_000_000
FRESH = timedelta(hours=1)
"""For how long a list is not asked for again."""


class Unverified(Exception):
    """The certificate is revoked, or nothing says that it is not; the words are for the user."""


class Revocations(Shelf):
    """The revocation lists, one for each address, kept over restarts."""

    schema: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS revocation_lists (address TEXT PRIMARY KEY, fetched TEXT NOT NULL, list BLOB NOT NULL);
    """
    tables: ClassVar[tuple[str, ...]] = ("revocation_lists",)

    def check(self, certificate: bytes, trusted: str) -> None:
        """Raise ``Unverified`` unless a list in force, signed by the issuer, does not name the certificate (DER)."""
        read = x509.load_der_x509_certificate(certificate)
        issuer = _issuer_of(read, trusted)
        for address in _addresses_of(read):
            found = self.list_of(address, issuer)
            if found is None:
                continue
            if found.get_revoked_certificate_by_serial_number(read.serial_number) is not None:
                raise Unverified("Le certificat de l’opérateur est révoqué.")
            return
        raise Unverified("Aucune liste de révocation en vigueur ne dit ce que vaut le certificat de l’opérateur.")

    def list_of(self, address: str, issuer: x509.Certificate) -> x509.CertificateRevocationList | None:
        """The latest list in force: asked for again when the one that is kept has aged, kept when nothing comes."""
        row = self.database.execute("SELECT * FROM revocation_lists WHERE address = ?", (address,)).fetchone()
        kept = self.kept(bytes(row["list"])) if row else None
        if kept is not None and datetime.now(UTC) < datetime.fromisoformat(row["fetched"]) + FRESH:
            return kept
        data = self._fetched(address)
        fetched = _in_force(data, issuer) if data else None
        if data is None or fetched is None:
            return kept
        with self.store.writing() as database:
            values = (address, datetime.now(UTC).isoformat(), data)
            database.execute("INSERT OR REPLACE INTO revocation_lists VALUES (?, ?, ?)", values)
        return fetched

    def kept(self, data: bytes) -> x509.CertificateRevocationList | None:
        """A list that was kept, whose signature was verified then; ``None`` once it has come to its end."""
        return _in_force(data)

    def _fetched(self, address: str) -> bytes | None:
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(address, timeout=SECONDS, stream=True)
                data = answer.raw.read(MOST_BYTES, decode_content=True)
        except requests.RequestException:
            return None
        return bytes(data) if answer.status_code == 200 else None


def _in_force(data: bytes, issuer: x509.Certificate | None = None) -> x509.CertificateRevocationList | None:
    """A list (DER) that has not come to its end and, if asked, is signed by the issuer; else ``None``."""
    try:
        found = x509.load_der_x509_crl(data)
    except ValueError:
        return None
    if found.next_update_utc is None or found.next_update_utc <= datetime.now(UTC):
        return None
    key = issuer.public_key() if issuer else None
    if issuer is not None and not (isinstance(key, RSAPublicKey) and found.is_signature_valid(key)):
        return None
    return found


def _issuer_of(certificate: x509.Certificate, trusted: str) -> x509.Certificate:
    """The authority that signed. Raises ``Unverified`` when it is not among those that are trusted."""
    for authority in x509.load_pem_x509_certificates(trusted.encode("ascii")):
        if authority.subject == certificate.issuer:
            return authority
    raise Unverified("L’autorité du certificat de l’opérateur n’est pas connue.")


def _addresses_of(certificate: x509.Certificate) -> list[str]:
    """Where the certificate says that its list is (HTTP addresses only)."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    names = [name for point in points for name in point.full_name or []]
    return [
        name.value
        for name in names
        if isinstance(name, x509.UniformResourceIdentifier) and name.value.startswith("http://")
    ]
