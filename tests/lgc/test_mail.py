"""The mail of the reference product on a real operator: restarts, and every incoming case by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conformance.exchange.mail import Address
from conformance.generation.messages import Outcome, Post, all_cases
from conformance.generation.messages.case import Case
from conformance.generation.messages.variants import KNOWN, OTHER, Person
from conformance.lgc.faults import faulty_parts
from conformance.lgc.practice import Practice
from conformance.lgc.store import Store
from conformance.simulators.mssante import Operator
from conformance.sut.contract import (
    DepositState,
    Endpoint,
    Ins,
    InsStatus,
    MessageRequest,
    PatientFile,
    Settings,
    Sex,
)

MAILBOX = "erwan.lotissier@quai.mssante.fr"
HOLDER = "899999000013"


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    with Operator() as running:
        yield running


def settings(operator: Operator, mailbox: str = MAILBOX) -> Settings:
    operator.add_mailbox(mailbox, holders=[HOLDER])
    trusted = operator.trust_file.read_text("ascii")

    def endpoint(url: str) -> Endpoint:
        return Endpoint(url=url, mailbox=mailbox, trusted_certificates=trusted)

    return Settings(
        mssante_submission=endpoint(f"smtp://127.0.0.1:{operator.smtp_port}"),
        mssante_retrieval=endpoint(f"imap://127.0.0.1:{operator.imap_port}"),
        tokens=Endpoint(url=operator.token_url, secret=operator.token(HOLDER).refresh),
    )


def opened(folder: Path | None = None) -> Practice:
    parts = faulty_parts(())
    return parts.practice(Store(folder), parts)


def admit(practice: Practice, file: PatientFile, person: Person) -> str:
    identity = replace(
        file.identity,
        birth_name=person.birth_name,
        birth_given_names="MAELLE" if person is KNOWN else person.given,
        first_birth_given_name="MAELLE" if person is KNOWN else person.given,
        birth_date=date.fromisoformat(person.birth_date),
        sex=Sex(person.sex),
        ins_status=InsStatus.QUALIFIEE,
        ins=Ins(matricule=person.matricule, oid=person.root),
    )
    return practice.create_patient(replace(file, identity=identity)).patient_id


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in all_cases()])
def test_each_incoming_case_comes_to_its_outcome(operator: Operator, file: PatientFile, one: Case) -> None:
    mailbox = f"essai.{one.name.replace('_', '-')}@quai.mssante.fr"
    practice = opened()
    practice.configure(settings(operator, mailbox))
    patients = [admit(practice, file, person) for person in (KNOWN, OTHER)]
    messages = one.messages(Post(recipient=Address("", mailbox)))
    for message in messages[:-1]:
        operator.deliver(message, mailbox)
        practice.poll_mailbox()
    before = [practice.list_documents(patient) for patient in patients]
    waiting = len(practice.worklist())
    operator.deliver(messages[-1], mailbox)
    practice.poll_mailbox()
    filed = sum(len(practice.list_documents(patient)) for patient in patients) - sum(map(len, before))
    told = len(practice.worklist()) - waiting
    if one.outcome is Outcome.FILED:
        assert filed >= 1
    elif one.sure and one.name != "closing_message":  # that one is for a patient, and is here by accident
        assert filed == 0
        assert told >= 1 or one.outcome is Outcome.IGNORED or one.name.startswith("receipt")
    practice.store.close()


def test_what_could_not_leave_survives_a_restart(operator: Operator, file: PatientFile, tmp_path: Path) -> None:
    mailbox = "essai.reprise@quai.mssante.fr"
    practice = opened(tmp_path)
    practice.configure(settings(operator, mailbox))
    with operator.outage():
        request = MessageRequest(recipients=("erwan.reprise@port.mssante.fr",), subject="Question", text="Oui ?")
        kept = practice.send_message(request)
    assert kept.state is DepositState.PENDING
    practice.store.close()
    again = opened(tmp_path)
    again.configure(settings(operator, mailbox))
    again.poll_mailbox()
    assert [one.state for one in again.outgoing()] == [DepositState.SENT]
    assert len(operator.messages_of("erwan.reprise@port.mssante.fr")) == 1
    again.store.close()


def test_a_restart_reads_nothing_twice(operator: Operator, file: PatientFile, tmp_path: Path) -> None:
    mailbox = "essai.relecture@quai.mssante.fr"
    practice = opened(tmp_path)
    practice.configure(settings(operator, mailbox))
    operator.deliver(Post(recipient=Address("", mailbox)).send([Post().level_3]), mailbox)
    practice.poll_mailbox()
    practice.store.close()
    again = opened(tmp_path)
    again.configure(settings(operator, mailbox))
    assert again.poll_mailbox().messages == 0
    assert len(again.worklist()) == 1
    again.store.close()
