"""Real clients, as anybody has them: curl, swaks, mbsync."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from conformance.simulators.mssante import Operator
from tests.conftest import need
from tests.simulators.mssante.clients import ANOUK, ANOUK_ID, ERWAN, ERWAN_ID, LABO, LABO_ID, letter


def run(*command: str | Path, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=typed, capture_output=True, timeout=60, check=False)


def swaks_encrypts() -> bool:
    """Whether swaks is there, with the library without which it does not encrypt."""
    return shutil.which("swaks") is not None and b"TLS supported" in run("swaks", "--support").stdout


@pytest.fixture
def curl() -> None:
    need("curl", shutil.which("curl") is not None, "needs curl")


def test_curl_submits_with_a_token(curl: None, operator: Operator, tmp_path: Path) -> None:
    data = letter(subject="curl")
    (tmp_path / "letter.eml").write_bytes(data)
    done = run(
        "curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", operator.root_file,
        "--user", ERWAN, "--oauth2-bearer", operator.token(ERWAN_ID).access, "--login-options", "AUTH=XOAUTH2",
        "--mail-from", ERWAN, "--mail-rcpt", ANOUK, "--upload-file", tmp_path / "letter.eml",
        f"smtp://localhost:{operator.smtp_port}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert operator.messages_of(ANOUK)[-1].data.endswith(data)


def test_curl_reads_with_a_token(curl: None, operator: Operator) -> None:
    uid = operator.deliver(letter(subject="lu par curl"), ANOUK)
    options = [
        "curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", operator.root_file,
        "--user", ANOUK, "--oauth2-bearer", operator.token(ANOUK_ID).access, "--login-options", "AUTH=XOAUTH2",
    ]  # fmt: skip
    done = run(*options, f"imap://localhost:{operator.imap_port}/INBOX;UID={uid}")
    assert done.returncode == 0, done.stderr
    assert done.stdout == letter(subject="lu par curl")
    done = run(*options, f"imap://localhost:{operator.imap_port}/INBOX?SUBJECT%20curl")
    assert str(uid).encode() in done.stdout.split()


def test_curl_refuses_an_untrusted_server(curl: None, operator: Operator) -> None:
    done = run("curl", "--silent", "--ssl-reqd", f"imap://localhost:{operator.imap_port}/")
    assert done.returncode == 60


def test_swaks_submits_with_a_certificate(operator: Operator) -> None:
    need("swaks", swaks_encrypts(), "needs swaks and Net::SSLeay (libnet-ssleay-perl)")
    files = operator.certificate("organisation", LABO_ID)
    before = len(operator.messages_of(ERWAN, data=False))
    done = run(
        "swaks", "--server", "127.0.0.1", "--port", str(operator.smtp_port), "--tls", "--tls-verify",
        "--tls-ca-path", operator.root_file, "--tls-cert", files.chain_file, "--tls-key", files.key_file,
        "--auth", "PLAIN", "--auth-user", LABO, "--auth-password", "none", "--from", LABO, "--to", ERWAN,
        "--header", "Subject: swaks", "--attach-type", "application/zip", "--attach-name", "IHE_XDM.zip", "--attach", "@/dev/null",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(operator.messages_of(ERWAN, data=False)) == before + 1
    assert b"Subject: swaks" in operator.messages_of(ERWAN)[-1].data


def test_swaks_sees_a_refusal(operator: Operator) -> None:
    need("swaks", swaks_encrypts(), "needs swaks and Net::SSLeay (libnet-ssleay-perl)")
    files = operator.certificate("organisation", LABO_ID)
    done = run(
        "swaks", "--server", "127.0.0.1", "--port", str(operator.smtp_port), "--tls", "--tls-cert", files.chain_file,
        "--tls-key", files.key_file, "--auth", "PLAIN", "--auth-user", LABO, "--auth-password", "none",
        "--from", LABO, "--to", "anouk.brehier+end-552@quai.mssante.fr",
    )  # fmt: skip
    assert done.returncode == 26, done.stdout + done.stderr  # the error of DATA
    assert b"552" in done.stdout


def test_mbsync_keeps_a_copy_in_step(operator: Operator, tmp_path: Path) -> None:
    need("mbsync", shutil.which("mbsync") is not None, "needs mbsync (isync)")
    files = operator.certificate("organisation", LABO_ID)
    data = [letter([LABO], subject=f"message {number}") for number in range(3)]
    uids = [operator.deliver(one, LABO) for one in data]
    copy = tmp_path / "mail"
    copy.mkdir()
    configuration = tmp_path / "mbsyncrc"
    configuration.write_text(
        f"IMAPAccount a\nHost localhost\nPort {operator.imap_port}\nUser {LABO}\nPass none\nSSLType STARTTLS\n"
        f"AuthMechs LOGIN\nSystemCertificates no\nCertificateFile {operator.root_file}\n"
        f"ClientCertificate {files.chain_file}\nClientKey {files.key_file}\n\n"
        f"IMAPStore far\nAccount a\n\nMaildirStore near\nPath {copy}/\nInbox {copy}/INBOX\nSubFolders Verbatim\n\n"
        "Channel c\nFar :far:\nNear :near:\nPatterns INBOX Sent\nCreate Near\nExpunge Both\nSync All\nSyncState *\n"
    )
    done = run("mbsync", "-c", configuration, "c")
    assert done.returncode == 0, done.stderr
    kept = [path.read_bytes() for path in (copy / "INBOX").glob("*/*") if path.is_file()]
    # mbsync stores with line feeds, and adds a header of its own.
    assert sorted(one.replace(b"\r\n", b"\n").partition(b"\n\n")[2] for one in kept) == sorted(
        one.replace(b"\r\n", b"\n").partition(b"\n\n")[2] for one in data
    )
    (Path(copy / "INBOX" / "new" / "1.local")).write_bytes(b"Subject: from the copy\n\nhello\n")
    next(path for path in (copy / "INBOX").glob("*/*") if path.name != "1.local").unlink()
    done = run("mbsync", "-c", configuration, "c")
    assert done.returncode == 0, done.stderr
    left = operator.messages_of(LABO)
    assert len(left) == 3
    assert len({one.uid for one in left} & set(uids)) == 2
    assert b"Subject: from the copy" in left[-1].data
