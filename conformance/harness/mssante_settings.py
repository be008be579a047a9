"""Ways to set up a product that one test needs: an applicative mailbox, sending unasked, two patients alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from conformance.core.language import Text
from conformance.core.verdicts import NotApplicableReason
from conformance.harness.judgement import NotApplicable
from conformance.harness.mssante import Known, MailBench
from conformance.identity.ins import key_of
from conformance.simulators.mssante import MailboxKind
from conformance.sut.contract import Endpoint, Ins, OperationNotOffered, ProductRefused, Settings

STRUCTURE: Final = "1759999907"
"""The national identifier of the structure, in the certificate that opens its applicative mailbox."""
APPLICATIVE: Final = "resultats@quai.mssante.fr"
"""The applicative mailbox."""


def namesake(mail: MailBench, known: Known) -> Known:
    """Another patient of the product with the same traits and another INS.

    Raises ``NotApplicable`` for a product that refuses a second patient with these traits.
    """
    file = known.patient.file
    ins = file.identity.ins
    assert ins is not None
    order = int(ins.matricule[10:13]) % 998 + 1
    body = f"{ins.matricule[:10]}{order:03d}"
    other = replace(file.identity, ins=Ins(matricule=body + key_of(body), oid=ins.oid))
    try:
        patient = mail.bench.product.create_patient(replace(file, identity=other))
    except ProductRefused as refusal:
        raise NotApplicable(
            NotApplicableReason.CONDITION_NOT_MET,
            Text(
                "Le logiciel refuse un second patient qui a les mêmes traits.",
                "The product refuses a second patient with the same traits.",
            ),
        ) from refusal
    return Known(patient, replace(known.person, matricule=body + key_of(body)))


@contextmanager
def sending_unasked(mail: MailBench) -> Iterator[None]:
    """Validated documents leave for their patients by themselves, and no other test uses the operator meanwhile.

    A product that is set up by hand is left as it is: it must have been told so.
    """
    with mail.alone():
        _send_unasked(mail, True)
        try:
            yield
        finally:
            _send_unasked(mail, False)


def _send_unasked(mail: MailBench, wanted: bool) -> None:
    try:
        mail.bench.product.configure(Settings(documents_to_patients=wanted))
    except OperationNotOffered:
        if not mail.bench.options.get("control"):
            raise


@contextmanager
def applicative_mailbox(mail: MailBench, *, only: bool = True) -> Iterator[str]:
    """The product sends from an applicative mailbox, whose address is given, and fetches it too when it is the only one.

    No other test uses the operator meanwhile. Raises ``NotApplicable`` for a product that does not claim applicative
    mailboxes.
    """
    if not mail.bench.options.get("applicative"):
        raise NotApplicable(
            NotApplicableReason.PROFILE_NOT_CLAIMED,
            Text(
                "Le logiciel ne revendique pas la boîte applicative (option « applicative »).",
                "The product does not claim applicative mailboxes (option “applicative”).",
            ),
        )
    operator = mail.operator
    pair = operator.certificate("organisation", STRUCTURE)
    trusted, chain, key = (path.read_text("ascii") for path in (operator.trust_file, pair.chain_file, pair.key_file))

    def endpoint(url: str) -> Endpoint:
        return Endpoint(
            url=url, mailbox=APPLICATIVE, trusted_certificates=trusted, client_certificate=chain, client_key=key
        )

    with mail.alone():
        operator.add_mailbox(APPLICATIVE, MailboxKind.APPLICATIVE, holders=[STRUCTURE])
        submission = endpoint(f"smtp://{operator.host}:{operator.smtp_port}")
        retrieval = endpoint(f"imap://{operator.host}:{operator.imap_port}") if only else None
        mail.bench.product.configure(Settings(mssante_submission=submission, mssante_retrieval=retrieval))
        try:
            yield APPLICATIVE
        finally:
            mail.configure()
