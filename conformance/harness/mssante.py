"""MSSanté on the bench: a product with a mailbox, an operator that watches, correspondents and patients of one test.

Every test has patients, documents and correspondents of its own (drawn from its name), so that tests may run in any
order, at once, on one product with one mailbox. The wire is the judge: what left is read from the operator's journal;
the product is asked only what its user sees.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any, Final, TypeVar

from conformance.core.findings import Finding, Severity
from conformance.exchange import checks
from conformance.exchange.cda_header import CdaHeader, utc
from conformance.exchange.mail import Address, Attachment, Message, read_message
from conformance.exchange.mail_writing import Draft, write_message
from conformance.exchange.naming import pdf_name_of, subject_of
from conformance.exchange.xdm import Archive, read_archive
from conformance.generation.messages.post import Post, header_of, twin
from conformance.generation.messages.variants import Changes, Person, level_1, level_3, vary
from conformance.harness.bench import Bench
from conformance.harness.judgement import Unmet
from conformance.harness.records import file_for
from conformance.harness.vsm import protect
from conformance.simulators.mssante import MailboxKind, RemoteOperator
from conformance.simulators.mssante.client import Submitted
from conformance.sut.contract import (
    ClinicalRecord,
    Deposit,
    DocumentRequest,
    DocumentStatus,
    DocumentView,
    Endpoint,
    Identity,
    InsStatus,
    IntegrationRequest,
    ItemDecision,
    MessageRequest,
    OperationNotOffered,
    Origin,
    Patient,
    ProductRefused,
    Settings,
    WorklistItem,
    WorklistReason,
)

HOLDER: Final = "899999000013"
"""The professional (PS_IdNat) whose session opens the mailbox of the product."""
MAILBOX: Final = "erwan.lotissier@quai.mssante.fr"
"""That of the product, when the profile has no option for it."""
SOFTWARE: Final = "DEV935997"
"""The reference that the product is told to send (X-MSS-NIL)."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Known:
    """A patient of the product, and how documents name the same person."""

    patient: Patient
    person: Person

    @property
    def id(self) -> str:
        """The product's own identifier."""
        return self.patient.patient_id


class MailBench:
    """The post office of one test: ``MailBench(bench)``."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._random = Random(f"mssante {bench.seed} {bench.test}")
        self.token = "".join(self._random.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(7))
        self.operator: RemoteOperator = bench.simulators.operator(str(bench.options.get("control", "")))
        self.mailbox = str(bench.options.get("mailbox", MAILBOX))
        self.patience = float(bench.options.get("patience", 10))
        self._drawn = 0
        self._set_up()
        self.started = self.operator.last
        """The number of the journal's entry before this test: what came earlier is not its own."""

    def _set_up(self) -> None:
        """Tell the product where its mailbox is, once in this process."""
        if "mssante" not in self.bench.simulators.configured:
            self.configure()
            self.bench.simulators.configured.add("mssante")

    def configure(self) -> None:
        """Give the product its mailbox, as a user who logs in. A product that is set up by hand is left as it is."""
        operator = self.operator
        operator.add_mailbox(self.mailbox, name="Essai", holders=[HOLDER])
        trusted = operator.trust_file.read_text("ascii")

        def endpoint(url: str) -> Endpoint:
            return Endpoint(url=url, mailbox=self.mailbox, trusted_certificates=trusted)

        settings = Settings(
            mssante_submission=endpoint(f"smtp://{operator.host}:{operator.smtp_port}"),
            mssante_retrieval=endpoint(f"imap://{operator.host}:{operator.imap_port}"),
            tokens=Endpoint(url=operator.token_url, secret=operator.token(HOLDER).refresh),
            software_reference=SOFTWARE,
        )
        try:
            self.bench.product.configure(settings)
        except OperationNotOffered:
            if not self.bench.options.get("control"):
                raise

    # Patients and documents ---------------------------------------------------------------------------

    def identity(self, status: InsStatus = InsStatus.QUALIFIEE) -> Identity:
        """An invented identity that no other test has."""
        return file_for(self._random, ClinicalRecord(), status).identity

    def admit(self, status: InsStatus = InsStatus.QUALIFIEE, record: ClinicalRecord | None = None) -> Known:
        """A new patient of the product."""
        file = file_for(self._random, record or ClinicalRecord(), status)
        protect(self.bench, file)
        return Known(self.bench.product.create_patient(file), person_of(file.identity))

    def stranger(self) -> Person:
        """Somebody whom the product does not know."""
        return person_of(self.identity())

    def document(self, person: Person | Known, base: bytes | None = None, **changes: object) -> bytes:
        """A document about someone, new unless ``changes`` (fields of ``Changes``) say otherwise.

        Its title is its own, so that the user's lists can be read.
        """
        self._drawn += 1
        oid = f"2.25.{self._random.getrandbits(100)}"
        made = Changes(
            id=(f"{oid}.1", ""),
            set_id=(oid, ""),
            version=1,
            person=person.person if isinstance(person, Known) else person,
            title=f"Compte rendu {self.token} {self._drawn}",
        )
        return vary(base or level_3(), replace(made, **changes))  # type: ignore[arg-type]  # fields by name

    def small_document(self, person: Person | Known, **changes: object) -> bytes:
        """A document of level 1 whose body is a PDF: quickly made, for messages by the dozen."""
        return self.document(person, level_1(), body=("application/pdf", twin(level_3())), **changes)

    def version(self, document: bytes, number: int) -> bytes:
        """Another version of a document, which says that it replaces the one before."""
        root = header_of(document).id[0].rpartition(".")[0]
        parent: tuple[str, str] | tuple[()] = (f"{root}.{number - 1}", "") if number > 1 else ()
        return vary(document, Changes(id=(f"{root}.{number}", ""), version=number, replaces=parent))

    def same_version(self, document: bytes) -> bytes:
        """The same version of a document under another id."""
        root = header_of(document).id[0].rpartition(".")[0]
        return vary(document, Changes(id=(f"{root}.99", "")))

    def without_ins(self, known: Known) -> Person:
        """A patient of the product as a document names him that carries no INS."""
        return replace(known.person, matricule="", root="")

    def header(self, document: bytes) -> CdaHeader:
        """What the header of a document says."""
        return header_of(document)

    def utc(self, time: str) -> str:
        """A time of a document in UTC, as metadata write it."""
        return utc(time)

    def unique_id(self, document: bytes) -> str:
        """The id of a document as the contract writes it."""
        return header_of(document).unique_id

    @property
    def correspondent(self) -> str:
        """The address of the professional who writes to the product in this test."""
        return f"anouk.brehier.{self.token.lower()}@port.mssante.fr"

    def post(self, level_3: bytes | None = None) -> Post:
        """How this test's correspondent sends; cases start from the document given."""
        sender = Address(f"Dr_Anouk_BREHIER_{self.token}", self.correspondent)
        post = Post(sender=sender, recipient=Address("", self.mailbox))
        return replace(post, level_3=level_3) if level_3 else post

    def letter(self, documents: Sequence[bytes], archive: bytes | None = None, **changes: object) -> bytes:
        """A message of the correspondent that carries these documents; ``changes`` are fields of ``Draft``.

        The PDF beside each document is one and the same page: what a product files is the document.
        """
        post = self.post()
        headers = [header_of(document) for document in documents]
        page = twin(level_3())
        files = (
            Attachment("IHE_XDM.zip", "application/zip", post.archive(documents) if archive is None else archive),
            *(Attachment(pdf_name_of(header), "application/pdf", page) for header in headers),
        )
        draft = Draft(
            sender=post.sender,
            recipients=(post.recipient,),
            subject=subject_of(headers),
            body="Bonjour,\n\nVeuillez trouver ci-joint le compte rendu.\n",
            attachments=files,
            date=datetime.now(UTC),
            message_id=f"<{self._random.getrandbits(96):x}@port.mssante.fr>",
            code_cda=",".join(header.code.code for header in headers),
            ins="O" if all(header.patient.qualified for header in headers) else "N",
        )
        return write_message(replace(draft, **changes))  # type: ignore[arg-type]  # fields by name

    def note(self, **changes: Any) -> bytes:
        """A message of the correspondent without document, with this test's token in its subject."""
        bare: dict[str, Any] = {"attachments": (), "code_cda": None, "ins": None}
        return self.letter([level_3()], **{**bare, "subject": f"Question {self.token}", **changes})

    def deletion(self, document: bytes) -> bytes:
        """A message that asks to delete a document."""
        post = self.post()
        objects = post.metadata([document])
        asked = replace(objects, documents=tuple(replace(entry, action="D") for entry in objects.documents))
        return self.letter([document], post.archive([document], asked), body="Merci de supprimer ce document.\n")

    # The product receives -----------------------------------------------------------------------------

    def receive(self, *messages: bytes) -> None:
        """Deliver messages to the product's mailbox, and have it look there."""
        uids = []
        for rank, message in enumerate(messages, 1):
            name = f"message-{rank}.eml"
            self.bench.story.attach(name, message, "message/rfc822", role="sent")
            uids.append(self.operator.deliver(message, self.mailbox))
        self.poll(uids)

    def poll(self, uids: Sequence[int] = ()) -> None:
        """Have the product look into its mailbox; one that looks by itself is waited for."""
        try:
            self.bench.product.poll_mailbox()
        except OperationNotOffered:
            for uid in uids:
                if self.operator.wait_for("imap.fetched", self.patience, self.started, uid=uid) is None:
                    raise
            time.sleep(min(2.0, self.patience))  # fetched is not yet filed

    def poll_refused_or_not(self) -> None:
        """Have the product look into its mailbox while the operator is in trouble: it may say so."""
        try:
            self.poll()
        except ProductRefused:
            self.bench.story.work += 1  # it answered: it says that it cannot

    # What the user sees -------------------------------------------------------------------------------

    def lines(self, known: Known) -> list[DocumentView]:
        """The documents from outside in a patient's list."""
        listed = self.bench.product.list_documents(known.id)
        return [view for view in listed if view.origin is not Origin.PRODUCED]

    def line(self, known: Known, document: bytes) -> DocumentView | None:
        """The line of a document in a patient's list; its last one when it stands there twice."""
        unique_id = self.unique_id(document)
        return next((view for view in reversed(self.lines(known)) if view.unique_id == unique_id), None)

    def filed(self, known: Known, document: bytes) -> DocumentView:
        """The line of a document that must be in the record, with one click of the user where the product wants it."""
        line = self.line(known, document)
        if line is None:
            for item in self.items(document):
                if item.patient_id == known.id and item.document_id is None:
                    self.bench.product.integrate(
                        IntegrationRequest(origin="worklist", reference=item.item_id, patient_id=known.id)
                    )
                    break
            line = self.line(known, document)
        title = header_of(document).title
        self.bench.demand(
            line is not None,
            f"Le document « {title} » n'est ni dans le dossier de son patient ni proposé pour lui.",
            f"The document “{title}” is neither in its patient's record nor proposed for it.",
        )
        assert line is not None
        return line

    def current(self, known: Known) -> set[str]:
        """The ids of the documents that are shown as current."""
        return {view.unique_id or "" for view in self.lines(known) if view.status is DocumentStatus.CURRENT}

    def items(self, about: bytes | str) -> list[WorklistItem]:
        """The items of the worklist about a document, or whose title holds these words."""
        listed = self.bench.product.worklist()
        if isinstance(about, str):
            return [item for item in listed if about in item.title]
        unique_id, title = self.unique_id(about), header_of(about).title
        return [item for item in listed if item.unique_id == unique_id or (not item.unique_id and title == item.title)]

    def deletions(self, document: bytes) -> list[WorklistItem]:
        """The items by which the user is asked to delete a document."""
        return [item for item in self.items(document) if item.reason is WorklistReason.DELETION]

    def confirm(self, document: bytes) -> None:
        """The user says yes to a new version, where the product asks."""
        for item in self.items(document):
            if item.reason is WorklistReason.NEW_VERSION:
                self.bench.product.settle_item(item.item_id, ItemDecision(accepted=True))

    def waiting(self, document: bytes) -> WorklistItem:
        """The item of a document that must wait for a person."""
        found = self.items(document)
        title = header_of(document).title
        self.bench.demand(
            bool(found),
            f"Le document « {title} » n'est pas dans la liste des tâches : l'utilisateur ne le verra pas.",
            f"The document “{title}” is not on the worklist: the user will not see it.",
        )
        return found[0]

    def demand_in_no_record(self, document: bytes, *known: Known) -> None:
        """Fail when a document entered one of these records of itself."""
        for each in known:
            line = self.line(each, document)
            self.bench.demand(
                line is None,
                f"Le document « {header_of(document).title} » est entré seul dans un dossier.",
                f"The document “{header_of(document).title}” entered a record by itself.",
            )

    # The product sends --------------------------------------------------------------------------------

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

    def until(self, found: Callable[[], Found]) -> Found:
        """Ask again until there is something, as long as the patience of the profile lasts."""
        end = time.monotonic() + self.patience
        while True:
            seen = found()
            if seen or time.monotonic() > end:
                return seen
            time.sleep(0.05)

    def until_sent(self, found: Callable[[], Found]) -> Found:
        """The same for a product that tries again: between two looks it is asked to send and receive."""

        def look() -> Found:
            self.poll_refused_or_not()
            return found()

        return self.until(look)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other test uses the operator meanwhile."""
        with self.bench.simulators.alone():
            yield

    def _is_mine(self, one: Submitted) -> bool:
        mine = (self.token.lower(), *self._patients)
        return any(word.casefold() in recipient.casefold() for recipient in one.recipients for word in mine)

    _patients: tuple[str, ...] = ()

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


@dataclass(frozen=True)
class Sent:
    """A message of the product: what its user sees of it, what the operator got, what it says."""

    shown: Deposit | None
    submitted: Submitted
    message: Message

    @property
    def deposit(self) -> Deposit:
        """The message as the product lists it."""
        assert self.shown is not None
        return self.shown

    @cached_property
    def archives(self) -> tuple[Archive, ...]:
        """The archives that it carries. Raises ``DocumentError`` for one that cannot be read."""
        return tuple(read_archive(one.data, one.name) for one in self.message.archives)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the message, its archives, their metadata, and each against the others."""
        documents = tuple(one for archive in self.archives for one in checks.open_documents(archive))
        has_cda = any(archive.holds_cda for archive in self.archives)
        found = [*checks.check_message(self.message, sent=True, has_cda=has_cda)]
        found += checks.check_contents(self.message, documents)
        for archive in self.archives:
            found += checks.check_archive(archive)
            for subset in archive.subsets:
                found += checks.check_metadata(subset.metadata) if subset.metadata else ()
        for document in documents:
            found += checks.check_against_metadata(document)
        return tuple(found)

    def breaches(self, *rules: str) -> list[Finding]:
        """The errors against these rules, or families of rules (with a final dot)."""
        return [
            one
            for one in self.findings
            if one.severity is Severity.ERROR
            and any(one.rule.startswith(rule) if rule.endswith(".") else one.rule == rule for rule in rules)
        ]


def person_of(identity: Identity) -> Person:
    """How documents name the person of an identity."""
    ins = identity.ins
    return Person(
        matricule=ins.matricule if ins else "",
        birth_name=identity.birth_name,
        given=identity.first_birth_given_name,
        birth_date=f"{identity.birth_date:%Y%m%d}",
        sex=identity.sex.value,
        root=ins.oid if ins else "",
        local="4071",
    )
