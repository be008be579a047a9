"""Signs and verifies a VIHF: an enveloped XML signature right after the issuer, with the certificate inside.

The chain of the certificate is a matter of whoever trusts authorities; here the certificate that comes with the
signature is the one that it is verified with.
Sources: SAML 2.0 core §5; W3C XML Signature 1.1; exclusive canonicalization 1.0.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from conformance.core.language import Text
from conformance.exchange.vihf import saml

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1: Final = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"


def ds(name: str) -> str:
    """The Clark name of an element of XML Signature."""
    return f"{{{DS}}}{name}"


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """What can be said of a signature.

    ``problem`` is ``None`` when it holds; ``element`` is the ``ds:Signature``; ``certificate`` the one that it
    carries, when it can be read; ``algorithm`` and ``digest`` the URIs that it names.
    """

    element: etree._Element
    certificate: x509.Certificate | None
    algorithm: str
    digest: str
    problem: Text | None = None


def sign_vihf(assertion: etree._Element, key: RSAPrivateKey, certificate: x509.Certificate) -> etree._Element:
    """A signed copy of ``assertion``: RSA-SHA256, exclusive canonicalization, the signature after the issuer."""
    copy = etree.fromstring(etree.tostring(assertion))
    issuer = copy.find(saml("Issuer"))
    holder = etree.Element(ds("Signature"), {"Id": "placeholder"}, nsmap={"ds": DS})
    copy.insert(copy.index(issuer) + 1 if issuer is not None else 0, holder)
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=EXCLUSIVE,
    )
    signed = signer.sign(copy, key=key, cert=[certificate], reference_uri=f"#{copy.get('ID')}", id_attribute="ID")
    return etree.fromstring(etree.tostring(signed))


def signature_of(assertion: etree._Element) -> etree._Element | None:
    """The signature that is a child of the assertion."""
    return assertion.find(ds("Signature"))


def verify_vihf(assertion: etree._Element) -> SignatureFacts | None:
    """The facts of the signature of ``assertion``, ``None`` when it carries none.

    Only a signature that is a child of the assertion and covers it whole counts.
    """
    signature = signature_of(assertion)
    if signature is None:
        return None
    certificate = certificate_of(signature)
    algorithm, digest = _uri(signature, "SignatureMethod"), _uri(signature, "DigestMethod")
    problem = _problem(assertion, certificate)
    return SignatureFacts(signature, certificate, algorithm, digest, problem)


def _problem(assertion: etree._Element, certificate: x509.Certificate | None) -> Text | None:
    if certificate is None:
        return Text("elle ne porte pas de certificat lisible (KeyInfo/X509Data)",
                    "it carries no readable certificate (KeyInfo/X509Data)")  # fmt: skip
    # Alone in its own document: a signature is judged on the bytes of the assertion, whatever surrounds it.
    alone = etree.fromstring(etree.tostring(assertion, with_tail=False))
    configuration = SignatureConfiguration(
        location="./",
        signature_methods=frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA1}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA1}),
        # Expiry is a fact of its own, told by the checks: the signature itself is judged within the validity.
        verification_time=certificate.not_valid_before_utc,
    )
    try:
        result = XMLVerifier().verify(alone, x509_cert=certificate, id_attribute="ID", expect_config=configuration)
    except (SignXMLException, ValueError, TypeError, etree.LxmlError) as error:
        return Text(f"elle ne se vérifie pas ({_said(error)})", f"it does not verify ({_said(error)})")
    signed = result.signed_xml if not isinstance(result, list) else None
    if signed is None or signed.tag != saml("Assertion") or signed.get("ID") != assertion.get("ID"):
        return Text("elle ne couvre pas l’assertion entière", "it does not cover the whole assertion")
    return None


def _said(error: Exception) -> str:
    """The reason in one line, without what a hostile message could put in it."""
    return re.sub(r"[^\w .,:/#'-]", " ", str(error) or type(error).__name__)[:160].strip()


def certificate_of(signature: etree._Element) -> x509.Certificate | None:
    """The first certificate that a signature carries, when it can be read."""
    found = next(signature.iter(ds("X509Certificate")), None)
    if found is None:
        return None
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join((found.text or "").split()), validate=True))
    except ValueError:
        return None


def _uri(signature: etree._Element, name: str) -> str:
    found = next(signature.iter(ds(name)), None)
    return found.get("Algorithm", "") if found is not None else ""


# Distinguished names ----------------------------------------------------------------------------------------

_SPLIT: Final = re.compile(r"(?<!\\)[,+/](?=\s*[A-Za-z0-9.]+\s*=)")
_ALIASES: Final = {
    "2.5.4.3": "CN", "2.5.4.4": "SN", "SURNAME": "SN", "2.5.4.42": "GN", "GIVENNAME": "GN", "2.5.4.12": "T", "TITLE": "T",
    "2.5.4.5": "SERIALNUMBER", "S": "ST", "OID.2.5.4.42": "GN", "OID.2.5.4.4": "SN", "2.5.4.97": "ORGANIZATIONIDENTIFIER",
}  # fmt: skip


_KEYS: Final = {NameOID.SURNAME: "SN", NameOID.GIVEN_NAME: "GN"}


def distinguished_name(name: x509.Name) -> str:
    """A subject as the VIHF writes it: from the country to the common name, ``C=FR, O=…, CN=…``."""
    return ", ".join(rdn.rfc4514_string(_KEYS) for rdn in name.rdns)


def same_name(one: str, other: str) -> bool:
    """Whether two writings name the same subject, whatever the order, the spaces and the aliases of the keys."""
    return bool(one.strip()) and _name_parts(one) == _name_parts(other)


def _name_parts(text: str) -> list[tuple[str, str]]:
    parts = []
    for part in _SPLIT.split(text):
        key, _, value = part.partition("=")
        key = key.strip().upper()
        parts.append((_ALIASES.get(key, key), " ".join(value.replace("\\", "").split())))
    return sorted(parts)
