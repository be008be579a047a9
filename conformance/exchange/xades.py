"""The signature of a lot: a manifest of its documents, signed (XAdES), which travels as one more document.

The manifest names the submission set (digest value zero) then each document with the digest of its canonical form.
Sources: IHE ITI DSG (2009 supplement, IHEManifest) as the messages of the DMP show it; W3C XML Signature; ETSI TS
101 903 v1.1.1. The messages seen use SHA-1; whether the DMP takes SHA-256 is not published, so both are read and
the digest to write is an argument.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from conformance.cda.reading import Limits, read_document
from conformance.core.errors import DocumentError
from conformance.core.language import Text
from conformance.exchange.vihf_signature import DS, certificate_of, ds

C14N_COMMENTS: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
XADES: Final = "http://uri.etsi.org/01903/v1.1.1#"
MANIFEST_ID: Final = "IHEManifest"
MANIFEST_TYPE: Final = "http://www.w3.org/2000/09/xmldsig#Manifest"
SOURCE_PURPOSE: Final = "1.2.840.10065.1.12.1.14"
NO_DIGEST: Final = b"\x00"
"""What stands for the digest of the submission set, which is no document."""

_DIGESTS: Final = {
    "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
}
_DIGEST_URIS: Final = {name: uri for uri, name in _DIGESTS.items()}
_SIGNATURES: Final = {
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1": hashes.SHA1,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256,
}
_SIGNATURE_URIS: Final = {
    "sha1": "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    "sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
}
_LIMITS: Final = Limits(size=4 * 1024 * 1024, depth=40)


@dataclass(frozen=True, slots=True)
class ManifestReference:
    """A line of the manifest: the OID that it names, and the digest that it gives."""

    oid: str
    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class LotSignature:
    """A signature of a lot as read: its manifest, the certificate, and what is wrong with it cryptographically."""

    root: etree._Element
    references: tuple[ManifestReference, ...]
    certificate: x509.Certificate | None
    purpose: str
    problem: Text | None


def digest_of(document: bytes, digest: str = "sha256") -> bytes:
    """The digest of the canonical form (with comments) of a document; of its bytes when it is no XML."""
    try:
        data = etree.tostring(read_document(document).root.getroottree(), method="c14n", with_comments=True)
    except DocumentError:
        data = document
    return _hash(digest, data)


def sign_lot(
    submission_oid: str,
    documents: Mapping[str, bytes],
    key: RSAPrivateKey,
    certificate: x509.Certificate,
    *,
    moment: datetime | None = None,
    digest: str = "sha256",
) -> bytes:
    """The signature of a lot as an XML document. ``documents`` gives the bytes of each by its uniqueId."""
    root = etree.Element(ds("Signature"), {"Id": "signatureLot"}, nsmap={"ds": DS})
    info = etree.SubElement(root, ds("SignedInfo"))
    etree.SubElement(info, ds("CanonicalizationMethod"), Algorithm=C14N_COMMENTS)
    etree.SubElement(info, ds("SignatureMethod"), Algorithm=_SIGNATURE_URIS[digest])
    value = etree.SubElement(root, ds("SignatureValue"))
    _key_info(root, certificate)
    manifest = _manifest(root, submission_oid, documents, digest)
    _properties(root, certificate, moment or datetime.now(UTC), digest)
    reference = etree.SubElement(info, ds("Reference"), URI=f"#{MANIFEST_ID}", Type=MANIFEST_TYPE)
    _digest(reference, digest, _hash(digest, _canonical(manifest)))
    signed = key.sign(_canonical(info, comments=True), padding.PKCS1v15(), _SIGNATURES[_SIGNATURE_URIS[digest]]())
    value.text = base64.b64encode(signed).decode("ascii")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _key_info(root: etree._Element, certificate: x509.Certificate) -> None:
    data = etree.SubElement(etree.SubElement(root, ds("KeyInfo")), ds("X509Data"))
    encoded = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")
    etree.SubElement(data, ds("X509Certificate")).text = encoded


def _manifest(root: etree._Element, submission_oid: str, documents: Mapping[str, bytes], digest: str) -> etree._Element:
    manifest = etree.SubElement(etree.SubElement(root, ds("Object")), ds("Manifest"), Id=MANIFEST_ID)
    _digest(etree.SubElement(manifest, ds("Reference"), URI=f"urn:oid:{submission_oid}"), digest, NO_DIGEST)
    for oid, data in documents.items():
        reference = etree.SubElement(manifest, ds("Reference"), URI=f"urn:oid:{oid}")
        transforms = etree.SubElement(reference, ds("Transforms"))
        etree.SubElement(transforms, ds("Transform"), Algorithm=C14N_COMMENTS)
        _digest(reference, digest, digest_of(data, digest))
    return manifest


def _properties(root: etree._Element, certificate: x509.Certificate, moment: datetime, digest: str) -> None:
    purposes = etree.SubElement(etree.SubElement(root, ds("Object")), ds("SignatureProperties"))
    purpose = etree.SubElement(purposes, ds("SignatureProperty"), Id="purposeOfSignature", Target="#signatureLot")
    purpose.text = SOURCE_PURPOSE
    owner = etree.SubElement(root, ds("Object"))
    qualifying = etree.SubElement(
        owner, f"{{{XADES}}}QualifyingProperties", Target="#signatureLot", nsmap={"xad": XADES}
    )
    signed = etree.SubElement(
        etree.SubElement(qualifying, f"{{{XADES}}}SignedProperties"), f"{{{XADES}}}SignedSignatureProperties"
    )
    etree.SubElement(signed, f"{{{XADES}}}SigningTime").text = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    cert = etree.SubElement(etree.SubElement(signed, f"{{{XADES}}}SigningCertificate"), f"{{{XADES}}}Cert")
    held = etree.SubElement(cert, f"{{{XADES}}}CertDigest")
    etree.SubElement(held, f"{{{XADES}}}DigestMethod", Algorithm=_DIGEST_URIS[digest])
    encoded = _hash(digest, certificate.public_bytes(Encoding.DER))
    etree.SubElement(held, f"{{{XADES}}}DigestValue").text = base64.b64encode(encoded).decode("ascii")
    serial = etree.SubElement(cert, f"{{{XADES}}}IssuerSerial")
    etree.SubElement(serial, ds("X509IssuerName")).text = certificate.issuer.rfc4514_string()
    etree.SubElement(serial, ds("X509SerialNumber")).text = str(certificate.serial_number)
    policy = etree.SubElement(signed, f"{{{XADES}}}SignaturePolicyIdentifier")
    etree.SubElement(policy, f"{{{XADES}}}SignaturePolicyImplied")


def _digest(reference: etree._Element, digest: str, value: bytes) -> None:
    etree.SubElement(reference, ds("DigestMethod"), Algorithm=_DIGEST_URIS[digest])
    etree.SubElement(reference, ds("DigestValue")).text = base64.b64encode(value).decode("ascii")


def read_lot_signature(data: bytes) -> LotSignature:
    """Read and verify a signature of a lot: the manifest is what was signed, by the key of the certificate.

    Whether the manifest agrees with the documents is for the caller, who has them (``digest_of``).
    Raises ``DocumentError`` when the bytes are no XML, or no signature.
    """
    root = read_document(data, "signature du lot", _LIMITS).root
    if root.tag != ds("Signature"):
        raise DocumentError(
            "xades.no-signature",
            Text(
                f"L’élément de tête est {root.tag}, pas ds:Signature.",
                f"The top element is {root.tag}, not ds:Signature.",
            ),
            Text("Signer le lot par une signature XML.", "Sign the lot with an XML signature."),
        )
    manifest = _named(root, MANIFEST_ID)
    references = (
        tuple(_reference(node) for node in manifest.iterchildren(ds("Reference"))) if manifest is not None else ()
    )
    certificate = certificate_of(root)
    purpose = next(
        (node.text or "" for node in root.iter(ds("SignatureProperty")) if node.get("Id") == "purposeOfSignature"), ""
    )
    return LotSignature(root, references, certificate, "".join(purpose.split()), _problem(root, manifest, certificate))


def _reference(node: etree._Element) -> ManifestReference:
    method = node.find(ds("DigestMethod"))
    algorithm = _DIGESTS.get(method.get("Algorithm", ""), "") if method is not None else ""
    return ManifestReference(
        node.get("URI", "").removeprefix("urn:oid:"), algorithm, _bytes(node.findtext(ds("DigestValue")))
    )


def _problem(
    root: etree._Element, manifest: etree._Element | None, certificate: x509.Certificate | None
) -> Text | None:
    info = root.find(ds("SignedInfo"))
    if manifest is None or info is None:
        return Text(
            "elle ne contient pas de manifeste signé (IHEManifest)", "it holds no signed manifest (IHEManifest)"
        )
    reference = next((n for n in info.iterchildren(ds("Reference")) if n.get("URI") == f"#{MANIFEST_ID}"), None)
    if reference is None:
        return Text("ce qu’elle signe n’est pas le manifeste", "what it signs is not the manifest")
    line = _reference(reference)
    method = info.find(ds("SignatureMethod"))
    algorithm = _SIGNATURES.get(method.get("Algorithm", "") if method is not None else "")
    if not line.algorithm or algorithm is None:
        return Text("elle emploie un algorithme inconnu", "it uses an unknown algorithm")
    if line.digest not in (_hash(line.algorithm, _canonical(manifest, comments=c)) for c in (False, True)):
        return Text("le manifeste a changé depuis la signature", "the manifest has changed since it was signed")
    public = certificate.public_key() if certificate is not None else None
    if not isinstance(public, RSAPublicKey):
        return Text("elle ne porte pas de certificat RSA lisible", "it carries no readable RSA certificate")
    comments = "WithComments" in _algorithm(info, "CanonicalizationMethod")
    try:
        public.verify(
            _bytes(root.findtext(ds("SignatureValue"))),
            _canonical(info, comments=comments),
            padding.PKCS1v15(),
            algorithm(),
        )
    except InvalidSignature:
        return Text(
            "sa valeur n’est pas celle de la clé du certificat", "its value is not that of the key of the certificate"
        )
    return None


def _algorithm(owner: etree._Element, name: str) -> str:
    found = owner.find(ds(name))
    return found.get("Algorithm", "") if found is not None else ""


def _named(root: etree._Element, identifier: str) -> etree._Element | None:
    """The one element with this Id; two of them would let one be signed and the other be read."""
    found = [node for node in root.iter("*") if node.get("Id") == identifier]
    return found[0] if len(found) == 1 else None


def _canonical(node: etree._Element, *, comments: bool = False) -> bytes:
    return etree.tostring(node, method="c14n", with_comments=comments, with_tail=False)


def _hash(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()


def _bytes(text: str | None) -> bytes:
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except ValueError:
        return b""
