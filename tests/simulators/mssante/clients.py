"""Python's own mail clients, opened as a product would, and the people of the tests."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from conformance.simulators.mssante import RemoteOperator
from conformance.simulators.mssante.client import CertificateFiles

ERWAN, ERWAN_ID = "erwan.lotissier@quai.mssante.fr", "899700000017"
ANOUK, ANOUK_ID = "anouk.brehier@quai.mssante.fr", "899700000025"
CABINET = "cabinet@quai.mssante.fr"
LABO, LABO_ID = "labo@quai.mssante.fr", "1750000001"
PATIENT = "277076322082910@patient.mssante.fr"
CLOSED = "207058575627097@patient.mssante.fr"
UNKNOWN = "279035121518989@patient.mssante.fr"
HOLDERS = {ERWAN: ERWAN_ID, ANOUK: ANOUK_ID, CABINET: ERWAN_ID}


def sasl(address: str, access: str) -> str:
    """The XOAUTH2 answer."""
    return f"user={address}\x01auth=Bearer {access}\x01\x01"


def trusting(operator: RemoteOperator, certificate: CertificateFiles | None = None) -> ssl.SSLContext:
    """A client context that trusts the operator's root."""
    context = ssl.create_default_context(cafile=str(operator.root_file))
    if certificate:
        context.load_cert_chain(certificate.chain_file, certificate.key_file)
    return context


def smtp(operator: RemoteOperator, address: str = ERWAN, seconds: float = 20) -> smtplib.SMTP:
    """An authenticated submission."""
    client = smtplib.SMTP("127.0.0.1", operator.smtp_port, timeout=seconds)
    client.starttls(context=trusting(operator))
    client.ehlo()
    access = operator.token(HOLDERS[address]).access
    client.auth("XOAUTH2", lambda challenge=None: sasl(address, access))
    return client


def imap(operator: RemoteOperator, address: str = ERWAN) -> imaplib.IMAP4:
    """An authenticated access."""
    client = imaplib.IMAP4("127.0.0.1", operator.imap_port, timeout=20)
    client.starttls(trusting(operator))
    access = operator.token(HOLDERS[address]).access
    client.authenticate("XOAUTH2", lambda _: sasl(address, access).encode())
    return client


def letter(to: Sequence[str] = (ANOUK,), sender: str = ERWAN, subject: str = "Bonjour", **headers: str) -> bytes:
    """A small message; ``headers`` with underscores for hyphens."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, ", ".join(to), subject
    message["Message-ID"] = headers.pop("message_id", f"<{abs(hash((subject, tuple(to))))}@quai.mssante.fr>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Bonjour,\n.\nÀ bientôt.\n")
    return message.as_bytes()


def send(operator: RemoteOperator, to: str, notify: str = "", ret: str = "", **headers: str) -> bytes:
    """Send one letter from Erwan; gives its bytes."""
    data = letter([to], **headers)
    with smtp(operator) as client:
        client.sendmail(
            ERWAN,
            [to],
            data,
            mail_options=[f"RET={ret}"] if ret else [],
            rcpt_options=[f"NOTIFY={notify}"] if notify else [],
        )
    return data
