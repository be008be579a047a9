"""What others send to the product: patients, documents about them, messages that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from conformance.exchange.cda_header import CdaHeader, utc
from conformance.exchange.mail import Address, Attachment
from conformance.exchange.mail_writing import Draft, write_message
from conformance.exchange.naming import pdf_name_of, subject_of
from conformance.generation.messages.post import Post, header_of, twin
from conformance.generation.messages.variants import Changes, Person, level_1, level_3, vary
from conformance.harness.bench import Bench
from conformance.harness.mssante_session import MailSession
from conformance.harness.records import file_for
from conformance.harness.vsm import protect
from conformance.resources import data_folder
from conformance.sut.contract import ClinicalRecord, Identity, InsStatus, Patient


@dataclass(frozen=True, slots=True)
class Known:
    """A patient of the product, and how documents name the same person."""

    patient: Patient
    person: Person

    @property
    def id(self) -> str:
        """The product's own identifier."""
        return self.patient.patient_id


@cache
def _page() -> bytes:
    """The PDF beside each document: what a product files is the document."""
    return (data_folder("fixtures") / "biology" / "copie.pdf").read_bytes()


class Letters(MailSession):
    """The correspondent of one test, and the patients that he writes about."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self._drawn = 0

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

        The PDF beside each document is one and the same page.
        """
        post = self.post()
        headers = [header_of(document) for document in documents]
        page = _page()
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

    def receive(self, *messages: bytes) -> None:
        """Deliver messages to the product's mailbox, and have it look there."""
        uids = []
        for rank, message in enumerate(messages, 1):
            name = f"message-{rank}.eml"
            self.bench.story.attach(name, message, "message/rfc822", role="sent")
            uids.append(self.operator.deliver(message, self.mailbox))
        self.poll(uids)


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
