"""MSSanté on the bench: a product with a mailbox, an operator that watches, correspondents and patients of one test.

Every test has patients, documents and correspondents of its own (drawn from its name), so that tests may run in any
order, at once, on one product with one mailbox. The wire is the judge: what left is read from the operator's journal;
the product is asked only what its user sees.
"""

from __future__ import annotations

from conformance.exchange.mail import read_message
from conformance.harness.bench import Bench
from conformance.harness.judgement import Unmet
from conformance.harness.mssante_letters import Known
from conformance.harness.mssante_lists import Lists
from conformance.harness.mssante_sent import Sent
from conformance.harness.mssante_session import HOLDER, MAILBOX, SOFTWARE
from conformance.simulators.mssante import MailboxKind
from conformance.simulators.mssante.client import Submitted
from conformance.sut.contract import Deposit, DocumentRequest, DocumentView, MessageRequest, ProductRefused

__all__ = ["HOLDER", "MAILBOX", "SOFTWARE", "Known", "MailBench", "Sent"]


class MailBench(Lists):
    """The post office of one test: ``MailBench(bench)``. What the others send, what the user sees, what he sends."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self._patients: tuple[str, ...] = ()

    def colleague(self, tag: str = "") -> str:
        """The address of a professional of this test; ``tag`` asks the operator for a fault (``rcpt-550``…)."""
        return f"erwan.{self.token.lower()}{'+' + tag if tag else ''}@port.mssante.fr"

    def validated(self, known: Known, replaces: str | None = None) -> DocumentView:
        """A document of the product's own (a VSM), validated."""
        request = DocumentRequest(type="vsm", replaces=replaces)
        draft = self.bench.product.generate_document(known.id, request)
        return self.bench.product.validate_document(draft.document_id)

    def send(self, request: MessageRequest) -> Sent:
        """Have the user send a message; gives what left, which must be on the wire in time."""
        before = self.operator.last
        deposit = self.bench.product.send_message(request)
        found = self.until(lambda: self.accepted(before))
        self.bench.demand(bool(found), "Aucun message n'est parvenu à l'opérateur.", "No message reached the operator.")
        return self._sent(deposit, (found or [])[-1])

    def ask_for(self, request: MessageRequest) -> None:
        """Have the user ask for what must not leave. A product that does not refuse is given the time to send."""
        try:
            self.bench.product.send_message(request)
        except ProductRefused:
            return
        self.until(lambda: self.tried())

    def sent_copies(self) -> list[bytes]:
        """What lies in the folder of sent messages of the product."""
        return [one.data for one in self.operator.messages_of(self.mailbox, "Sent")]

    def read(self, submitted: Submitted) -> Sent:
        """A message that reached the operator, to be looked at."""
        return Sent(None, submitted, read_message(submitted.data))

    def accepted(self, after: int | None = None) -> list[Submitted]:
        """The messages of this test that the operator accepted (to its own correspondents and patients)."""
        since = self.started if after is None else after
        return [one for one in self.operator.submissions(since) if one.accepted and self._is_mine(one)]

    def tried(self, after: int | None = None) -> list[Submitted]:
        """The messages of this test that reached the operator, accepted or not."""
        since = self.started if after is None else after
        return [one for one in self.operator.submissions(since) if self._is_mine(one)]

    def demand_rules(self, sent: Sent, *rules: str) -> None:
        """Fail with the first error of a message against these rules (see ``Sent.breaches``)."""
        breaches = sent.breaches(*rules)
        if breaches:
            raise Unmet(breaches[0].message)

    def _is_mine(self, one: Submitted) -> bool:
        mine = (self.token.lower(), *self._patients)
        return any(word.casefold() in recipient.casefold() for recipient in one.recipients for word in mine)

    def watch(self, known: Known) -> str:
        """The address of a patient, whose mailbox is opened, and watched from now on."""
        address = f"{known.person.matricule}@patient.mssante.fr"
        # Without the key: a message to a misspelt address of the patient is this test's too.
        self._patients = (*self._patients, known.person.matricule[:13])
        self.operator.add_mailbox(
            address, kind=MailboxKind.PATIENT, name=f"{known.person.given} {known.person.birth_name}"
        )
        return address

    def _sent(self, deposit: Deposit, submitted: Submitted) -> Sent:
        self.bench.story.attach("message.eml", submitted.data, "message/rfc822", role="produced")
        return Sent(deposit, submitted, read_message(submitted.data))
