"""Detached signatures (CMS, RFC 5652) of an evidence bundle: made and checked with X.509 keys.

What this writes, ``openssl cms -verify`` reads, and the other way round (RSA PKCS #1 v1.5 or ECDSA).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from conformance.core.errors import UsageError
from conformance.core.language import Text

_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: the subject of the certificate, and whether an authority that we trust vouches for it.

    ``trusted`` is ``None`` when no authority was given to check against.
    """

    subject: str
    trusted: bool | None


def sign(data: bytes, key: Path, certificate: Path, password: bytes | None = None) -> bytes:
    """The detached CMS signature of ``data``, in DER.

    Raises ``UsageError`` when the key or the certificate cannot be read, or do not belong together.
    """
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), password)
        cert = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise _wrong_key(Text(f"illisible ({error})", f"unreadable ({error})")) from error
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise _wrong_key(Text("ni RSA ni EC", "neither RSA nor EC"))
    if _public(private.public_key()) != _public(cert.public_key()):
        raise _wrong_key(Text("la clé n’est pas celle du certificat", "the key is not that of the certificate"))
    builder = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(cert, private, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])


def check(data: bytes, signature: bytes, authorities: Sequence[x509.Certificate] | None = None) -> Signer:
    """Check a detached CMS signature. Raises ``ValueError`` when it does not hold for ``data``."""
    certificates = pkcs7.load_der_pkcs7_certificates(signature)
    if not certificates:
        raise ValueError("no certificate in the signature")
    info = _signer_info(signature)
    problem: Exception = ValueError("no certificate fits the signature")
    for certificate in certificates:
        try:
            _check_with(certificate, data, info)
        except (InvalidSignature, ValueError) as error:
            problem = error
            continue
        return Signer(certificate.subject.rfc4514_string(), _trusted(certificate, certificates, authorities))
    raise ValueError(str(problem) or "the signature does not hold") from problem


def load_authorities(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises ``UsageError`` when there is none."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _wrong_key(Text(f"{path} : aucun certificat ({error})", f"{path}: no certificate ({error})")) from error


@dataclass(frozen=True, slots=True)
class _SignerInfo:
    digest: hashes.HashAlgorithm
    attributes: bytes | None
    """The signed attributes, as their own signature covers them."""
    message_digest: bytes | None
    signature: bytes


def _check_with(certificate: x509.Certificate, data: bytes, info: _SignerInfo) -> None:
    signed = data
    if info.attributes is not None:
        if hashlib.new(info.digest.name, data).digest() != info.message_digest:
            raise ValueError("the content is not what was signed")
        signed = info.attributes
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(info.signature, signed, padding.PKCS1v15(), info.digest)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(info.signature, signed, ec.ECDSA(info.digest))
    else:
        raise ValueError("neither RSA nor EC")


def _trusted(
    certificate: x509.Certificate, others: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate] | None
) -> bool | None:
    """True when a chain of issuers leads from the certificate to an authority (or to itself among them)."""
    if authorities is None:
        return None
    current, seen = certificate, 0
    while seen <= len(others):
        if current in authorities:
            return True
        if any(_issued(current, authority) for authority in authorities):
            return True
        above = next((one for one in others if one != current and _issued(current, one)), None)
        if above is None:
            return False
        current, seen = above, seen + 1
    return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _public(key: object) -> bytes:
    encoded: bytes = key.public_bytes(  # type: ignore[attr-defined]  # every public key has it
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def _wrong_key(why: Text) -> UsageError:
    return UsageError(
        "signature.key",
        Text(f"La clé ou le certificat ne convient pas : {why.fr}.", f"The key or certificate will not do: {why.en}."),
        Text("Donnez une clé et son certificat X.509, en PEM.", "Give a key and its X.509 certificate, in PEM."),
    )


# ---- The little of DER that it takes to find the signature. Shapes: RFC 5652, section 5.


def _signer_info(signature: bytes) -> _SignerInfo:
    try:
        content = list(_children(_value(signature)))
        signed_data = list(_children(_value(_value_of(content[1]))))
        infos = next(body for tag, body, _ in reversed(signed_data) if tag == 0x31)
        parts = list(_children(next(body for tag, body, _ in _children(infos) if tag == 0x30)))
        digest = _HASHES[next(body for tag, body, _ in _children(parts[2][1]) if tag == 0x06)]
        attributes, message_digest, rest = None, None, parts[3:]
        if rest[0][0] == 0xA0:
            # Signed as a SET, carried as [0]: only the first octet differs.
            attributes, message_digest = b"\x31" + rest[0][2][1:], _message_digest(rest[0][1])
            rest = rest[1:]
        return _SignerInfo(digest, attributes, message_digest, next(body for tag, body, _ in rest if tag == 0x04))
    except (IndexError, KeyError, StopIteration) as error:
        raise ValueError("not a CMS signature that this kit reads") from error


def _message_digest(attributes: bytes) -> bytes | None:
    for _, attribute, _ in _children(attributes):
        (_, identifier, _), (_, values, _) = list(_children(attribute))[:2]
        if identifier == _MESSAGE_DIGEST:
            return next(_children(values))[1]
    return None


def _children(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Tag, content and whole encoding of each element. Raises ``IndexError`` when the data is cut."""
    at = 0
    while at < len(data):
        start, tag, length = at, data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            if at + size > len(data):
                raise IndexError
            length, at = int.from_bytes(data[at : at + size]), at + size
        if at + length > len(data):
            raise IndexError
        yield tag, data[at : at + length], data[start : at + length]
        at += length


def _value(data: bytes) -> bytes:
    return next(_children(data))[1]


def _value_of(element: tuple[int, bytes, bytes]) -> bytes:
    return element[1]
