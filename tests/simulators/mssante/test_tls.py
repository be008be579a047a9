"""What a client meets before it may say a word: versions, suites, certificates, revocation lists."""

from __future__ import annotations

import imaplib
import shutil
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conformance.simulators.mssante import Operator
from conformance.simulators.mssante.service import Lists
from conformance.simulators.mssante.tls import ALLOWED_SUITES, Face
from conformance.simulators.pki import Branch, Defect
from tests.conftest import need
from tests.simulators.mssante.clients import ERWAN, trusting
from tests.simulators.mssante.conftest import people

OTHER_SUITES = (
    "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES256-SHA", "ECDHE-RSA-AES128-SHA", "AES256-GCM-SHA384",
    "AES128-GCM-SHA256", "AES256-SHA256", "AES128-SHA", "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-CAMELLIA256-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", "NULL-SHA256", "ADH-AES256-GCM-SHA384",
)  # fmt: skip


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    """One with a PKI of its own: the certificates name its revocation lists."""
    with Operator() as made:
        people(made)
        yield made


@pytest.fixture
def openssl() -> str:
    need("openssl", shutil.which("openssl") is not None, "needs the openssl command")
    return "openssl"


def probe(operator: Operator, protocol: str, *options: str) -> tuple[str, str]:
    """What ``openssl s_client`` says, and why the server let the handshake fail (empty: it did not)."""
    mark = operator.last
    port = operator.smtp_port if protocol == "smtp" else operator.imap_port
    done = subprocess.run(
        ["openssl", "s_client", "-starttls", protocol, "-connect", f"127.0.0.1:{port}", "-CAfile", operator.root_file, *options],
        input=b"QUIT\r\n" if protocol == "smtp" else b"a LOGOUT\r\n",
        capture_output=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    ended = operator.wait_for(f"{protocol}.close", after=mark)
    assert ended is not None, said
    failed = operator.entries(f"{protocol}.tls-failed", after=mark)
    assert bool(failed) == ("Cipher is (NONE)" in said), said
    return said, failed[0].facts["reason"] if failed else ""


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_the_versions_in_force_are_accepted_with_a_good_chain(
    openssl: str, operator: Operator, protocol: str, version: str
) -> None:
    said, failed = probe(operator, protocol, version, "-verify_return_error", "-verify_hostname", "localhost")
    assert failed == ""
    assert "Verify return code: 0 (ok)" in said


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(openssl: str, operator: Operator, protocol: str, version: str) -> None:
    assert probe(operator, protocol, version, "-cipher", "ALL:@SECLEVEL=0")[1] == "UNSUPPORTED_PROTOCOL"


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
@pytest.mark.parametrize("suite", ALLOWED_SUITES.values())
def test_each_allowed_suite_is_accepted(openssl: str, operator: Operator, protocol: str, suite: str) -> None:
    said, failed = probe(operator, protocol, "-tls1_2", "-cipher", suite)
    assert failed == ""
    assert f"Cipher is {suite}" in said


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
@pytest.mark.parametrize("suite", OTHER_SUITES)
def test_every_other_suite_is_refused(openssl: str, operator: Operator, protocol: str, suite: str) -> None:
    assert probe(operator, protocol, "-tls1_2", "-cipher", f"{suite}:@SECLEVEL=0")[1] == "NO_SHARED_CIPHER"


def meet(operator: Operator, context: ssl.SSLContext, host: str = "localhost") -> None:
    """A handshake as a careful client makes it; raises ``ssl.SSLError`` when it refuses the server."""
    with socket.create_connection(("127.0.0.1", operator.smtp_port), timeout=20) as plain:
        file = plain.makefile("rb")
        file.readline()
        plain.sendall(b"EHLO me\r\n")
        while not file.readline().startswith(b"250 "):
            pass
        plain.sendall(b"STARTTLS\r\n")
        assert file.readline().startswith(b"220")
        with context.wrap_socket(plain, server_hostname=host):
            pass


def test_a_careful_client_accepts_the_right_certificate(operator: Operator) -> None:
    meet(operator, trusting(operator))
    meet(operator, trusting(operator), "mail.quai.mssante.fr")


@pytest.mark.parametrize(
    ("defect", "reason"),
    [
        (Defect.EXPIRED, "expired"),
        (Defect.NOT_YET_VALID, "not yet valid"),
        (Defect.WRONG_HOST, "Hostname mismatch"),
        (Defect.FOREIGN_ROOT, "unable to get local issuer"),
        (Defect.SELF_SIGNED, "self-signed"),
        (Defect.CHAIN_MISSING, "unable to get local issuer"),
    ],
)
def test_a_careful_client_refuses_a_bad_certificate(operator: Operator, defect: Defect, reason: str) -> None:
    with operator.shown(defect), pytest.raises(ssl.SSLCertVerificationError, match=reason):
        meet(operator, trusting(operator))
    meet(operator, trusting(operator))


def test_a_client_that_trusts_the_branch_alone_refuses_another_branch(operator: Operator) -> None:
    context = ssl.create_default_context(cafile=str(operator.pki.authority(Branch.ORGANISATIONS).chain_file))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    meet(operator, context)
    with operator.shown(Defect.WRONG_BRANCH):
        meet(operator, trusting(operator))
        with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
            meet(operator, context)


def list_of(operator: Operator, defect: Defect, folder: Path) -> ssl.SSLContext:
    """A client that fetched the list which the certificate names."""
    context = trusting(operator)
    certificate = operator.pki.server("localhost", "127.0.0.1", "mail.quai.mssante.fr", defect=defect).certificate
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    (address,) = [str(name.value) for point in points for name in point.full_name or []]
    answer = requests.get(address, timeout=10)
    answer.raise_for_status()
    file = folder / "list.pem"
    file.write_bytes(x509.load_der_x509_crl(answer.content).public_bytes(Encoding.PEM))
    context.load_verify_locations(file)
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


def test_a_revoked_certificate_is_on_the_list_that_it_names(operator: Operator, tmp_path: Path) -> None:
    meet(operator, list_of(operator, Defect.NONE, tmp_path))
    with operator.shown(Defect.REVOKED):
        with pytest.raises(ssl.SSLCertVerificationError, match="revoked"):
            meet(operator, list_of(operator, Defect.REVOKED, tmp_path))
        meet(operator, trusting(operator))
    assert operator.entries("crl.asked")


def test_the_journal_tells_why_a_client_left(operator: Operator) -> None:
    mark = operator.last
    with operator.shown(Defect.EXPIRED), pytest.raises(ssl.SSLCertVerificationError):
        meet(operator, trusting(operator))
    entry = operator.wait_for("smtp.tls-failed", after=mark)
    assert entry is not None
    assert "EXPIRED" in entry.facts["reason"]


def test_lists_can_be_cut_or_out_of_date(operator: Operator) -> None:
    address = f"{operator.control_url}/crl/organisations.crl"
    operator.serve_lists(Lists.CUT)
    assert requests.get(address, timeout=10).status_code == 503
    operator.serve_lists(Lists.EXPIRED)
    old = x509.load_der_x509_crl(requests.get(address, timeout=10).content)
    operator.serve_lists(Lists.SERVED)
    new = x509.load_der_x509_crl(requests.get(address, timeout=10).content)
    assert old.next_update_utc is not None
    assert new.next_update_utc is not None
    assert old.next_update_utc < new.last_update_utc < new.next_update_utc


def test_an_operator_of_tls_1_3_alone_leaves_older_clients_outside(operator: Operator) -> None:
    old = trusting(operator)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with operator.shown(face=Face.TLS_1_3_ONLY):
        meet(operator, trusting(operator))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            meet(operator, old)
    meet(operator, old)


def test_the_server_can_offer_what_a_client_must_refuse(openssl: str, operator: Operator) -> None:
    with operator.shown(face=Face.TLS_1_1_ONLY):
        with pytest.raises(ssl.SSLError):
            meet(operator, trusting(operator))
        assert probe(operator, "imap", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")[1] == ""
    with operator.shown(face=Face.FORBIDDEN_SUITE):
        assert "Cipher is AES256-GCM-SHA384" in probe(operator, "smtp", "-tls1_2")[0]
        allowed = ":".join(ALLOWED_SUITES.values())
        assert probe(operator, "smtp", "-tls1_2", "-cipher", allowed)[1] == "NO_SHARED_CIPHER"


def test_starttls_can_be_stripped(operator: Operator) -> None:
    with operator.shown(face=Face.NO_STARTTLS):
        with smtplib.SMTP("127.0.0.1", operator.smtp_port, timeout=20) as client:
            client.ehlo()
            assert "starttls" not in client.esmtp_features
            assert client.mail(ERWAN)[0] == 530
        access = imaplib.IMAP4("127.0.0.1", operator.imap_port, timeout=20)
        assert "STARTTLS" not in access.capabilities
        with pytest.raises(imaplib.IMAP4.error):
            access.login(ERWAN, "password")
        access.logout()


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_words_sent_in_clear_behind_starttls_are_thrown_away(operator: Operator, protocol: str) -> None:
    port = operator.smtp_port if protocol == "smtp" else operator.imap_port
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        file = plain.makefile("rb")
        file.readline()
        if protocol == "smtp":
            plain.sendall(b"EHLO me\r\n")
            while not file.readline().startswith(b"250 "):
                pass
            plain.sendall(b"STARTTLS\r\nNOOP\r\n")
        else:
            plain.sendall(b"a STARTTLS\r\nb NOOP\r\n")
        file.readline()
        with trusting(operator).wrap_socket(plain, server_hostname="localhost") as channel:
            channel.sendall(b"QUIT\r\n" if protocol == "smtp" else b"c LOGOUT\r\n")
            said = b""
            while part := channel.recv(4096):
                said += part
    assert said.startswith(b"221" if protocol == "smtp" else b"* BYE")
    assert b"b OK" not in said
