"""A test PKI made on the fly, in the shape of the French health one: two branches under a root, and a foreign root.

Everything lies in one folder as PEM and PKCS#12 files with predictable names, so that any client can be pointed at
it. Opened again on the same folder, it gives the same certificates. Keys are RSA, as the allowed TLS suites want.
Sources: IGC-Santé, gamme « Élémentaire », branches « Organisations » and « Personnes »; ECO.1.1.5 to ECO.1.1.10 of
the référentiel socle MSSanté n° 2. Every name says TEST: nothing here can be taken for the real thing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from conformance.simulators.certificates import (
    Branch,
    Credential,
    Defect,
    Usage,
    alternatives,
    authority_identifier,
    crl_addresses_of,
    hosts_of,
    key_usage,
    named,
    validity,
)

__all__ = ["LOOPBACK_NAMES", "P12_PASSWORD", "Branch", "Credential", "Defect", "Pki", "Usage"]

P12_PASSWORD: Final = "segur-test"
"""Of every PKCS#12 file of the test PKI: there is nothing to protect."""
_P12_ROUNDS: Final = 2048
"""What OpenSSL takes. The ten times more of the library protect nothing here, the keys lie beside in clear, and cost."""

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1")

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Request:
    """What to put in a certificate."""

    subject: x509.Name
    usage: Usage
    branch: Branch
    defect: Defect = Defect.NONE
    hosts: tuple[str, ...] = ()

    @property
    def is_revoked_server(self) -> bool:
        """Whether it is the one server certificate whose number is on the lists before it is made."""
        return self.usage is Usage.SERVER and self.defect is Defect.REVOKED


class Pki:
    """The test authorities and what they issue, in ``folder`` (a temporary one, removed by ``close``, by default).

    ``crl_base`` is the address under which revocation lists are served (``<crl_base>/<branch>.crl``); it is written
    into the certificates issued from then on. Safe to share between threads and simulators.
    """

    def __init__(self, folder: Path | None = None, crl_base: str = "") -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="segur-pki-")
        self.folder = Path(self._temporary.name) if self._temporary else Path(folder or "")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.crl_base = crl_base.rstrip("/")
        self._lock = threading.RLock()
        self._known: dict[str, Credential] = {}
        self._revoked_file = self.folder / "revoked.json"
        self._revoked: dict[str, list[int]] = (
            json.loads(self._revoked_file.read_text("utf-8")) if self._revoked_file.exists() else {}
        )

    def __enter__(self) -> Pki:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove a temporary folder; a folder that was asked for stays."""
        if self._temporary:
            self._temporary.cleanup()

    # Authorities

    def root(self, foreign: bool = False) -> Credential:
        """The root to trust, or the foreign one."""
        name, words = ("root-foreign", "AUTRE RACINE") if foreign else ("root", "RACINE ELEMENTAIRE")
        with self._lock:
            return self._kept(name, "") or self._authority(name, f"TEST SEGUR AC {words}", None)

    def authority(self, branch: Branch) -> Credential:
        """The intermediate authority of ``branch``."""
        name = f"ca-{branch.value}"
        with self._lock:
            kept = self._kept(name, "")
            if kept:
                return kept
            root = self.root(foreign=branch is Branch.FOREIGN)
            return self._authority(name, f"TEST SEGUR AC ELEMENTAIRE {branch.value.upper()}", root)

    @property
    def trust_file(self) -> Path:
        """What a client trusts: the root and the two branches, PEM; never the foreign ones."""
        with self._lock:
            parts = [self.root(), self.authority(Branch.ORGANISATIONS), self.authority(Branch.PERSONS)]
            path = self.folder / "trust.pem"
            if not path.exists():
                _write(path, b"".join(part.certificate.public_bytes(Encoding.PEM) for part in parts))
            return path

    @property
    def root_file(self) -> Path:
        """The root alone, PEM: with it, a server must send its chain."""
        return self.root().chain_file

    # Certificates

    def server(self, *hosts: str, defect: Defect = Defect.NONE, name: str = "") -> Credential:
        """A server certificate for ``hosts`` (names or addresses) and the loopback, with the defect asked for."""
        names = hosts or LOOPBACK_NAMES
        names += tuple(one for one in LOOPBACK_NAMES if one not in names)
        if defect is Defect.WRONG_HOST:
            names = ("mail.autre-operateur.mssante.test",)
        subject = named(O="OPERATEUR TEST", OU="318751275100020", CN=names[0])
        branch = {Defect.WRONG_BRANCH: Branch.PERSONS, Defect.FOREIGN_ROOT: Branch.FOREIGN}.get(
            defect, Branch.ORGANISATIONS
        )
        file_name = f"{name or 'server-' + _safe(hosts[0] if hosts else 'localhost')}-{defect.value}"
        return self._issued(file_name, _Request(subject, Usage.SERVER, branch, defect, names))

    def organisation(
        self,
        identifier: str,
        label: str = "ORGANISATION TEST",
        usage: Usage = Usage.AUTHENTICATION,
        defect: Defect = Defect.NONE,
    ) -> Credential:
        """A certificate of a care organisation: ``ORG AUTH_CLI`` by default, or for signing.

        ``identifier`` is the national identifier of the structure, in ``OU`` (1 + FINESS, 3 + SIRET…).
        """
        subject = named(ST="Paris (75)", O=label, OU=identifier, CN=label)
        request = _Request(subject, usage, _client_branch(defect, Branch.ORGANISATIONS), defect)
        return self._issued(f"organisation-{_safe(identifier)}-{usage.value}-{defect.value}", request)

    def product(self, label: str = "LOGICIEL TEST", defect: Defect = Defect.NONE) -> Credential:
        """A certificate of a product, for client authentication."""
        subject = named(O="EDITEUR TEST", OU="318751275100020", CN=label)
        request = _Request(subject, Usage.AUTHENTICATION, _client_branch(defect, Branch.ORGANISATIONS), defect)
        return self._issued(f"product-{_safe(label)}-{defect.value}", request)

    def professional(
        self,
        rpps: str,
        family: str = "MARTIN",
        given: str = "Paul",
        usage: Usage = Usage.AUTHENTICATION,
        defect: Defect = Defect.NONE,
    ) -> Credential:
        """What a professional's card holds; ``rpps`` is the national identifier (``8`` then eleven digits), in ``CN``."""
        subject = named(O="PROFESSIONNELS TEST", OU="Médecin", CN=rpps, SN=family, GN=given)
        wrong = Branch.ORGANISATIONS if defect is Defect.WRONG_BRANCH else Branch.PERSONS
        branch = Branch.FOREIGN if defect is Defect.FOREIGN_ROOT else wrong
        return self._issued(
            f"professional-{_safe(rpps)}-{usage.value}-{defect.value}", _Request(subject, usage, branch, defect)
        )

    # Revocation

    def revoke(self, credential: Credential) -> None:
        """Put a certificate on the list of its branch."""
        with self._lock:
            branch = self._branch_of(credential)
            serials = self._revoked.setdefault(branch.value, [])
            if credential.certificate.serial_number not in serials:
                serials.append(credential.certificate.serial_number)
                _write(self._revoked_file, json.dumps(self._revoked).encode())

    def is_revoked(self, certificate: x509.Certificate) -> bool:
        """Whether an authority of this PKI revoked it."""
        with self._lock:
            return any(certificate.serial_number in serials for serials in self._revoked.values())

    def crl(self, branch: Branch, expired: bool = False) -> bytes:
        """The revocation list of ``branch``, DER, valid one day from now (or until an hour ago).

        That of the organisations names the revoked server certificate from the start, made or not: a client that
        keeps its list for as long as it is in force must know of it.
        """
        with self._lock:
            authority = self.authority(branch)
            now = datetime.now(UTC)
            end = now - timedelta(hours=1) if expired else now + _DAY
            builder = (
                x509.CertificateRevocationListBuilder()
                .issuer_name(authority.certificate.subject)
                .last_update(now - 2 * _DAY if expired else now - timedelta(minutes=5))
                .next_update(end)
                .add_extension(authority_identifier(authority), critical=False)
                .add_extension(x509.CRLNumber(len(self._revoked.get(branch.value, [])) + 1), critical=False)
            )
            reserved = [self._revoked_server()] if branch is Branch.ORGANISATIONS else []
            for serial in dict.fromkeys([*reserved, *self._revoked.get(branch.value, [])]):
                entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - _DAY)
                builder = builder.add_revoked_certificate(entry.build())
            return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)

    # How it is done

    def _revoked_server(self) -> int:
        """The serial number of the revoked server certificate, the same for as long as its authority is."""
        key = self.authority(Branch.ORGANISATIONS).key.public_key()
        said = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return int.from_bytes(hashlib.sha256(said).digest()[:16]) >> 1

    def _branch_of(self, credential: Credential) -> Branch:
        for branch in Branch:
            if self.authority(branch).certificate.subject == credential.certificate.issuer:
                return branch
        raise ValueError(f"no branch of this PKI issued {credential.name}")

    def _kept(self, name: str, crl_base: str) -> Credential | None:
        """What was made before, in this process or in the folder, unless it points to other revocation lists."""
        known = self._known.get(name) or self._read(name)
        if known is None or (crl_base and crl_base not in crl_addresses_of(known.certificate)):
            return None
        self._known[name] = known
        return known

    def _issued(self, name: str, request: _Request) -> Credential:
        with self._lock:
            kept = self._kept(name, self.crl_base)
            if (
                kept
                and kept.certificate.subject == request.subject
                and hosts_of(kept.certificate) == set(request.hosts)
            ):
                return kept
            made = self._issue(name, request)
            if request.defect is Defect.REVOKED:
                self.revoke(made)
            return made

    def _issue(self, name: str, request: _Request) -> Credential:
        authority = self.authority(request.branch)
        key = self._server_key() if request.usage is Usage.SERVER else generate_private_key(65537, 2048)
        start, end = validity(request.defect)
        self_signed = request.defect is Defect.SELF_SIGNED
        builder = (
            x509.CertificateBuilder()
            .subject_name(request.subject)
            .issuer_name(request.subject if self_signed else authority.certificate.subject)
            .public_key(key.public_key())
            .serial_number(self._revoked_server() if request.is_revoked_server else x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(key_usage(request.usage), critical=True)
        )
        if not self_signed:
            builder = builder.add_extension(authority_identifier(authority), critical=False)
            if self.crl_base:
                address = x509.UniformResourceIdentifier(f"{self.crl_base}/{request.branch.value}.crl")
                point = x509.DistributionPoint([address], None, None, None)
                builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        if request.usage is Usage.SERVER:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        elif request.usage is Usage.AUTHENTICATION:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        if request.hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives(request.hosts)), critical=False)
        certificate = builder.sign(key if self_signed else authority.key, hashes.SHA256())
        alone = self_signed or request.defect is Defect.CHAIN_MISSING
        return self._store(name, certificate, key, () if alone else (authority.certificate,))

    def _server_key(self) -> RSAPrivateKey:
        """One key for all server certificates, good and bad: only the certificate tells them apart, and keys cost."""
        known = next((one.key for name, one in self._known.items() if name.startswith("server-")), None)
        return known or generate_private_key(65537, 2048)

    def _authority(self, name: str, label: str, parent: Credential | None) -> Credential:
        key = generate_private_key(65537, 2048)
        subject = named(O="TEST SEGUR", CN=label)
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(parent.certificate.subject if parent else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 1000 * _DAY)
            .not_valid_after(now + 3650 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0 if parent else 1), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(key_usage(None), critical=True)
        )
        if parent:
            builder = builder.add_extension(authority_identifier(parent), critical=False)
        return self._store(name, builder.sign(parent.key if parent else key, hashes.SHA256()), key, ())

    def _store(
        self, name: str, certificate: x509.Certificate, key: RSAPrivateKey, chain: tuple[x509.Certificate, ...]
    ) -> Credential:
        made = self._credential(name, certificate, key, chain)
        secrecy = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(_P12_ROUNDS).build(P12_PASSWORD.encode())
        _write(made.key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _write(made.chain_file, b"".join(one.public_bytes(Encoding.PEM) for one in (certificate, *chain)))
        _write(
            made.p12_file,
            pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, chain or None, secrecy),
        )
        self._known[name] = made
        return made

    def _read(self, name: str) -> Credential | None:
        chain_file, key_file = self.folder / f"{name}.crt.pem", self.folder / f"{name}.key.pem"
        if not (chain_file.exists() and key_file.exists()):
            return None
        certificate, *chain = x509.load_pem_x509_certificates(chain_file.read_bytes())
        key = load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(key, RSAPrivateKey):
            return None
        return self._credential(name, certificate, key, tuple(chain))

    def _credential(
        self, name: str, certificate: x509.Certificate, key: RSAPrivateKey, chain: tuple[x509.Certificate, ...]
    ) -> Credential:
        paths = [self.folder / f"{name}.{end}" for end in ("crt.pem", "key.pem", "p12")]
        return Credential(name, certificate, key, chain, *paths)


def _client_branch(defect: Defect, right: Branch) -> Branch:
    return {Defect.WRONG_BRANCH: Branch.PERSONS, Defect.FOREIGN_ROOT: Branch.FOREIGN}.get(defect, right)


def _safe(text: str) -> str:
    return "".join(character if character.isalnum() or character in ".-" else "_" for character in text)


def _write(path: Path, data: bytes) -> None:
    """All or nothing: a crash in the middle leaves the former file, and keys are for their owner only."""
    partial = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
