"""The product and revocation lists: which it believes, how long it keeps them, what it does without any."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conformance.lgc.mail import revocation
from conformance.lgc.mail.revocation import Revocations, Unverified
from conformance.lgc.store import Store
from conformance.simulators.mssante import Operator
from conformance.simulators.mssante.service import Lists
from conformance.simulators.pki import Branch, Defect


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    with Operator() as running:
        yield running


@pytest.fixture
def served(operator: Operator) -> Iterator[Operator]:
    yield operator
    operator.serve_lists(Lists.SERVED)


def certificate(operator: Operator, defect: Defect = Defect.NONE) -> bytes:
    made = operator.pki.server("localhost", "127.0.0.1", "mail.quai.mssante.fr", defect=defect)
    return made.certificate.public_bytes(Encoding.DER)


def trusted(operator: Operator) -> str:
    return operator.trust_file.read_text("ascii")


def check(product: Revocations, operator: Operator, defect: Defect = Defect.NONE) -> None:
    product.check(certificate(operator, defect), trusted(operator))


def test_a_good_certificate_passes_and_a_revoked_one_does_not(served: Operator) -> None:
    product = Revocations(Store())
    check(product, served)
    with pytest.raises(Unverified, match="révoqué"):
        check(product, served, Defect.REVOKED)


@pytest.mark.parametrize("lists", [Lists.CUT, Lists.EXPIRED])
def test_without_a_list_in_force_nothing_is_believed(served: Operator, lists: Lists) -> None:
    served.serve_lists(lists)
    with pytest.raises(Unverified, match="Aucune liste"):
        check(Revocations(Store()), served)


def test_a_list_is_asked_for_once_and_kept_over_a_restart(served: Operator, tmp_path: Path) -> None:
    mark = served.last
    store = Store(tmp_path)
    for _ in range(3):
        check(Revocations(store), served)
    store.close()
    served.serve_lists(Lists.CUT)
    again = Revocations(Store(tmp_path))
    check(again, served)
    with pytest.raises(Unverified, match="révoqué"):
        check(again, served, Defect.REVOKED)
    assert len(served.entries("crl.asked", after=mark)) == 1


@pytest.mark.parametrize("lists", [Lists.CUT, Lists.EXPIRED])
def test_an_aged_list_stays_when_nothing_better_comes(
    served: Operator, lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = Revocations(Store())
    check(product, served)
    monkeypatch.setattr(revocation, "FRESH", timedelta(0))
    served.serve_lists(lists)
    mark = served.last
    check(product, served)
    assert served.entries("crl.asked", after=mark)


def test_a_list_that_has_come_to_its_end_is_not_believed(served: Operator) -> None:
    store = Store()
    product = Revocations(store)
    check(product, served)
    old = served.pki.crl(Branch.ORGANISATIONS, expired=True)
    with store.writing() as database:
        database.execute("UPDATE revocation_lists SET list = ?, fetched = ?", (old, datetime.now(UTC).isoformat()))
    served.serve_lists(Lists.CUT)
    with pytest.raises(Unverified, match="Aucune liste"):
        check(product, served)


def test_a_list_of_another_authority_is_not_believed(served: Operator) -> None:
    product = Revocations(Store())
    read = x509.load_der_x509_certificate(certificate(served))
    persons = served.pki.authority(Branch.PERSONS).certificate
    (address,) = revocation._addresses_of(read)
    assert product.list_of(address, persons) is None
    assert product.list_of(address, served.pki.authority(Branch.ORGANISATIONS).certificate) is not None


def test_an_authority_that_is_not_trusted_is_said(served: Operator) -> None:
    with pytest.raises(Unverified, match="autorité"):
        Revocations(Store()).check(certificate(served, Defect.FOREIGN_ROOT), trusted(served))
