from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from conformance.core.errors import DocumentError
from conformance.exchange import xades
from conformance.exchange.metadata import Coded
from conformance.exchange.soap import read_envelope, write_envelope
from conformance.exchange.vihf import PROFESSIONS, AccessMode, Vihf, purpose_of, read_vihf, vihf_element
from conformance.exchange.vihf_signature import distinguished_name, same_name, sign_vihf, verify_vihf
from conformance.simulators.pki import Credential, Pki, Usage

NOW = "2026-11-22T09:00:00Z"
WORDS = st.text(st.characters(max_codepoint=0x2FF, exclude_categories=("C", "Z")), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Credential]:
    with Pki(tmp_path_factory.mktemp("pki")) as pki:
        yield pki.professional("899900000017", usage=Usage.SIGNATURE)


def made(**changes: Any) -> Vihf:
    return replace(
        Vihf(
            id="_1", issue_instant=NOW, authn_instant=NOW, issuer="C=FR, CN=X", name_id="899900000017", structure="1999999999",
            sector="SA07^1.2.250.1.71.4.2.4", subject="MARTIN Paul", roles=(Coded("10", PROFESSIONS, "Médecin"),),
            patient="1^^^&1.2&ISO^NH", purpose=purpose_of(AccessMode.NORMAL), lps_name="x", lps_version="1", approval="y",
        ),
        **changes,
    )  # fmt: skip


@given(st.fixed_dictionaries(dict.fromkeys(("name_id", "structure", "sector", "subject", "patient", "lps_name", "issuer"), WORDS)))  # fmt: skip
def test_a_vihf_is_read_as_it_was_written(changes: dict[str, str]) -> None:
    vihf = made(**changes)
    assert read_vihf(vihf_element(vihf)) == vihf


def test_a_signature_holds_inside_an_envelope(signing: Credential) -> None:
    signed = sign_vihf(vihf_element(made()), signing.key, signing.certificate)
    read = read_envelope(
        write_envelope(etree.Element("{urn:hl7-org:v3}x", nsmap={"ds": "urn:other"}), "urn:a", to="x", security=signed)
    )
    facts = verify_vihf(read.assertions[0])
    assert facts is not None
    assert facts.problem is None
    assert facts.certificate == signing.certificate


@pytest.mark.parametrize(("old", "new"), [(b"DIRECTE", b"INDIRECTE"), (b"899900000017", b"899900000018"), (b'Version="2.0"', b'Version="2.1"')])  # fmt: skip
def test_a_change_after_signing_is_seen(signing: Credential, old: bytes, new: bytes) -> None:
    signed = etree.tostring(sign_vihf(vihf_element(made()), signing.key, signing.certificate))
    facts = verify_vihf(etree.fromstring(signed.replace(old, new, 1)))
    assert facts is not None
    assert facts.problem is not None


def test_a_signature_of_something_else_inside_does_not_count(signing: Credential) -> None:
    """Wrapping: the signature covers a former assertion that was moved into the new one."""
    signed = sign_vihf(vihf_element(made()), signing.key, signing.certificate)
    forged = vihf_element(made(id="_2", name_id="899900000099"))
    signature = signed.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert signature is not None
    forged.insert(1, signature)
    etree.SubElement(forged, "hidden").append(signed)
    facts = verify_vihf(forged)
    assert facts is not None
    assert facts.problem is not None


def test_subjects_are_compared_whatever_their_writing(signing: Credential) -> None:
    name = signing.certificate.subject
    written = distinguished_name(name)
    assert written.startswith("C=FR, ")
    assert same_name(written, name.rfc4514_string())
    assert not same_name(written, written.replace("899900000017", "899900000018"))
    assert not same_name("", "")


def test_a_lot_signature_verifies_and_others_agree(signing: Credential, tmp_path: Path) -> None:
    document = b"<a><!-- said --><b x='1'/></a>"
    for digest in ("sha1", "sha256"):
        data = xades.sign_lot("1.2.3", {"1.2.4": document}, signing.key, signing.certificate, digest=digest)
        read = xades.read_lot_signature(data)
        assert (read.problem, read.purpose) == (None, xades.SOURCE_PURPOSE)
        assert [line.oid for line in read.references] == ["1.2.3", "1.2.4"]
        assert read.references[0].digest == xades.NO_DIGEST
        assert read.references[1].digest == xades.digest_of(b"<a ><!-- said --><b   x='1'></b></a>", digest)
    configuration = SignatureConfiguration(default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0)
    verified = XMLVerifier().verify(
        etree.fromstring(data),
        x509_cert=signing.certificate,
        id_attribute="Id",
        validate_schema=False,
        expect_config=configuration,
    )
    assert not isinstance(verified, list)
    assert verified.signed_xml is not None
    assert verified.signed_xml.get("Id") == xades.MANIFEST_ID


@pytest.mark.parametrize(
    "spoil",
    [
        (rb"urn:oid:1\.2\.4", b"urn:oid:1.2.5"),
        (rb"<ds:SignatureValue>....", b"<ds:SignatureValue>AAAA"),
        (rb'URI="#IHEManifest"', b'URI="#other"'),
        (rb"<ds:X509Certificate>[^<]*", b"<ds:X509Certificate>"),
        (
            rb"<ds:Object><ds:Manifest Id=\"IHEManifest\"/?>",
            b'<ds:Object><x Id="IHEManifest"/><ds:Manifest Id="IHEManifest">',
        ),
        (rb"rsa-sha256", b"rsa-unknown"),
    ],
)
def test_a_lot_signature_that_was_changed_does_not_verify(signing: Credential, spoil: tuple[bytes, bytes]) -> None:
    data = xades.sign_lot("1.2.3", {"1.2.4": b"<a/>"}, signing.key, signing.certificate)
    changed = re.sub(*spoil, data)
    assert changed != data
    assert xades.read_lot_signature(changed).problem is not None


def test_what_is_no_signature_says_so() -> None:
    with pytest.raises(DocumentError) as caught:
        xades.read_lot_signature(b"<a/>")
    assert caught.value.code == "xades.no-signature"
