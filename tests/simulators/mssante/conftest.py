"""One operator for the tests of a file, with people in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.simulators.mssante import MailboxKind, Operator, RemoteOperator
from conformance.simulators.pki import Pki
from tests.simulators.mssante.clients import ANOUK, ANOUK_ID, CABINET, CLOSED, ERWAN, ERWAN_ID, LABO, LABO_ID, PATIENT


def people(operator: RemoteOperator) -> None:
    """The mailboxes that the tests use."""
    operator.add_mailbox(ERWAN, name="Dr_Erwan_LOTISSIER", holders=[ERWAN_ID])
    operator.add_mailbox(ANOUK, name="Dr_Anouk_BREHIER", holders=[ANOUK_ID])
    operator.add_mailbox(CABINET, MailboxKind.ORGANISATIONAL, holders=[ERWAN_ID, ANOUK_ID])
    operator.add_mailbox(LABO, MailboxKind.APPLICATIVE, holders=[LABO_ID])
    operator.add_mailbox(PATIENT, MailboxKind.PATIENT, name="Nolwenn ECUME")
    operator.add_mailbox(CLOSED, MailboxKind.PATIENT, closed=True)


@pytest.fixture(scope="session")
def pki() -> Iterator[Pki]:
    """One PKI for all: its keys take most of the time of a start."""
    with Pki() as made:
        yield made


@pytest.fixture(scope="module")
def shared_operator(pki: Pki) -> Iterator[Operator]:
    with Operator(pki=pki) as made:
        people(made)
        yield made


@pytest.fixture
def operator(shared_operator: Operator) -> Iterator[Operator]:
    """The operator of the file, without leftover faults; mailboxes keep what earlier tests put there."""
    yield shared_operator
    shared_operator.clear_faults()
