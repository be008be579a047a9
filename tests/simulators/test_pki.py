"""The test PKI: chains that hold, defects that are what they are called, and files that stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from conformance.simulators.pki import P12_PASSWORD, Branch, Credential, Defect, Pki, Usage


@pytest.fixture(scope="module")
def pki() -> Iterator[Pki]:
    with Pki(crl_base="http://127.0.0.1:1/crl") as made:
        yield made


def chain_problem(pki: Pki, credential: Credential) -> str:
    """What a verifier that trusts the root says of a server certificate; empty when it is content."""
    verifier = PolicyBuilder().store(Store([pki.root().certificate])).build_server_verifier(x509.DNSName("localhost"))
    try:
        verifier.verify(credential.certificate, list(credential.chain))
    except VerificationError as error:
        return str(error)
    return ""


def test_a_server_certificate_leads_to_the_root(pki: Pki) -> None:
    assert chain_problem(pki, pki.server()) == ""


@pytest.mark.parametrize(
    "defect", [one for one in Defect if one not in (Defect.NONE, Defect.REVOKED, Defect.WRONG_BRANCH)]
)
def test_a_defect_that_a_verifier_can_see_is_seen(pki: Pki, defect: Defect) -> None:
    assert chain_problem(pki, pki.server(defect=defect)) != ""


def test_a_wrong_branch_leads_to_the_same_root_by_another_authority(pki: Pki) -> None:
    wrong = pki.server(defect=Defect.WRONG_BRANCH)
    assert chain_problem(pki, wrong) == ""
    assert wrong.certificate.issuer == pki.authority(Branch.PERSONS).certificate.subject


def test_a_revoked_certificate_is_on_the_list_of_its_branch_and_a_good_one_is_not(pki: Pki) -> None:
    bad, good = pki.organisation("1750000001", defect=Defect.REVOKED), pki.organisation("1750000001")
    listed = x509.load_der_x509_crl(pki.crl(Branch.ORGANISATIONS))
    assert listed.is_signature_valid(pki.authority(Branch.ORGANISATIONS).key.public_key())
    assert listed.get_revoked_certificate_by_serial_number(bad.certificate.serial_number) is not None
    assert listed.get_revoked_certificate_by_serial_number(good.certificate.serial_number) is None
    assert pki.is_revoked(bad.certificate)
    assert not pki.is_revoked(good.certificate)


def test_an_old_list_is_out_of_date(pki: Pki) -> None:
    end = x509.load_der_x509_crl(pki.crl(Branch.PERSONS, expired=True)).next_update_utc
    assert end is not None
    assert end < datetime.now(UTC)


def test_names_are_predictable(pki: Pki) -> None:
    organisation = pki.organisation("1750000001", "LABO DU PORT")
    values = {one.oid: one.value for one in organisation.certificate.subject}
    assert values[NameOID.ORGANIZATIONAL_UNIT_NAME] == "1750000001"
    professional = pki.professional("899700000017", "MARTIN", "Paul")
    assert professional.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "899700000017"
    assert professional.chain_file == pki.folder / "professional-899700000017-authentication-none.crt.pem"


def test_what_signs_does_not_authenticate(pki: Pki) -> None:
    signing = pki.organisation("1750000001", usage=Usage.SIGNATURE)
    usage = signing.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment
    with pytest.raises(x509.ExtensionNotFound):
        signing.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)


def test_the_pkcs12_file_holds_key_certificate_and_chain(pki: Pki) -> None:
    credential = pki.organisation("1750000001")
    key, certificate, others = pkcs12.load_key_and_certificates(credential.p12_file.read_bytes(), P12_PASSWORD.encode())
    assert certificate == credential.certificate
    assert others == list(credential.chain)
    assert key is not None


def test_the_same_folder_gives_the_same_certificates(tmp_path: Path) -> None:
    with Pki(tmp_path) as first:
        server, root = first.server().certificate, first.root().certificate
        first.organisation("1", defect=Defect.REVOKED)
    with Pki(tmp_path) as again:
        assert again.server().certificate == server
        assert again.root().certificate == root
        assert again.is_revoked(again.organisation("1", defect=Defect.REVOKED).certificate)
        again.crl_base = "http://127.0.0.1:2/crl"
        assert again.server().certificate != server


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    with Pki(tmp_path) as pki:
        assert pki.server().key_file.stat().st_mode & 0o077 == 0


def test_the_revoked_server_is_on_the_list_before_it_is_made() -> None:
    with Pki(crl_base="http://127.0.0.1:1/crl") as made:
        before = x509.load_der_x509_crl(made.crl(Branch.ORGANISATIONS))
        bad = made.server(defect=Defect.REVOKED).certificate.serial_number
        good = made.server().certificate.serial_number
    assert before.get_revoked_certificate_by_serial_number(bad) is not None
    assert before.get_revoked_certificate_by_serial_number(good) is None
