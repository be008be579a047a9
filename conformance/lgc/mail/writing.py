"""Writes messages: subject, labels, X-MSS headers, archive, PDF twins, addresses of patients.

Each step is a method, so that a seeded fault changes one step and nothing else. Sources: Référentiel socle MSSanté #2
(ECO.2.1.x to ECO.2.4.x), messages of Mon espace santé (addresses, closing).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from conformance.cda.reading import read_document
from conformance.exchange.cda_header import CdaHeader, entry_of, patient_cx, read_header, utc
from conformance.exchange.mail import Address, Attachment
from conformance.exchange.mail_writing import Draft, write_message
from conformance.exchange.metadata import Association, Coded, RegistryObjects, SubmissionSet, names
from conformance.exchange.naming import from_label, patient_address, pdf_name_of, subject_of
from conformance.exchange.xdm_writing import Sender, document_name, with_files, write_xdm
from conformance.lgc.mail.pages import pages
from conformance.lgc.mail.reading import title_of
from conformance.lgc.refusals import Refused
from conformance.sut.contract import Identity, InsStatus, Organization, Professional

SOFTWARE_REFERENCE = "DEV000000"
"""The reference of the product (X-MSS-NIL) as long as the settings give no other."""

_OTHER_FORMAT = Coded("urn:asipSante:modelesHorsProfils:2011", "1.2.250.1.213.1.1.4.2.282")
_CONTENT_TYPE = Coded("07", "1.2.250.1.213.2.2", "Consultations, soins externes")


@dataclass(frozen=True, slots=True)
class Order:
    """All that a message needs."""

    mailbox: str
    practitioner: Professional
    organization: Organization
    practice_root: str
    recipients: tuple[str, ...]
    documents: tuple[bytes, ...] = ()
    subject: str = ""
    text: str = ""
    answered: tuple[str, ...] = ()
    """The Message-IDs of the thread, the one that is answered last."""
    closes: bool = False
    deletes: bool = False
    """The documents were deleted in the record: the message says so."""
    answer_to: str = ""
    """Where answers go when nobody reads the mailbox that sends (an applicative one)."""
    read_receipt: bool = False
    software: str = SOFTWARE_REFERENCE
    now: datetime | None = None


class Writer:
    """Makes the bytes of a message."""

    archival = True
    whole = True
    signed = True
    """What becomes of the PDF twins: PDF/A-1, with all that the document says, and who wrote it."""

    def write(self, order: Order) -> tuple[str, bytes]:
        """The Message-ID and the bytes."""
        headers = [_header(document) for document in order.documents]
        message_id = self.message_id(order)
        draft = Draft(
            sender=Address(self.label(order), order.mailbox),
            recipients=tuple(Address("", one) for one in order.recipients),
            subject=self.subject(order, headers),
            body=self.body(order, headers),
            attachments=(*self.archives(order, headers), *self.twins(order, headers)),
            date=order.now or datetime.now().astimezone(),
            message_id=message_id,
            in_reply_to=self.in_reply_to(order),
            references=self.references(order),
            reply_to=self.reply_to(order),
            code_cda=self.codes(headers),
            ins=self.ins(headers),
            software=self.software(order),
            closes=self.closes(order),
            read_receipt_to=self.read_receipt_to(order),
        )
        return message_id, self.finish(write_message(draft))

    def message_id(self, order: Order) -> str:
        """An id that no other message has (ECO.2.2.1)."""
        return f"<{uuid4()}@{order.mailbox.rpartition('@')[2]}>"

    def label(self, order: Order) -> str:
        """The words beside the sender's address (ECO.2.2.7)."""
        user = order.practitioner
        return from_label("Dr", user.given, user.family, order.organization.name)

    def subject(self, order: Order, headers: list[CdaHeader]) -> str:
        """``XDM/1.0/DDM+…`` with documents (ECO.2.1.3), else the words of the user."""
        return subject_of(headers) if headers else order.subject or "(sans objet)"

    def body(self, order: Order, headers: list[CdaHeader]) -> str:
        """The words of the user, then what is sent, what it replaces (AMBU.MSS/va1.02) or deletes (MSS/va1.30)."""
        lines = [order.text] if order.text else ["Bonjour,"]
        if headers:
            lines += ["", "Documents joints :", *(f"- {title_of(header)}" for header in headers)]
        if order.deletes:
            lines += ["", "Ces documents ont été supprimés par leur auteur : merci de les supprimer aussi."]
        elif any(header.replaces for header in headers):
            lines += ["", "Ce message annule et remplace une version précédente."]
        return "\n".join([*lines, *self.closing(order)]) + "\n"

    def closing(self, order: Order) -> list[str]:
        """What ends the message of a mailbox that nobody reads (MSS/va1.09)."""
        if not order.answer_to:
            return []
        return ["", f"Cette boîte n’est pas lue. Pour répondre, écrivez à {order.answer_to}."]

    def reply_to(self, order: Order) -> Address | None:
        """Where answers go, when not to the mailbox that sends (MSS/va1.09)."""
        return Address("", order.answer_to) if order.answer_to else None

    def archives(self, order: Order, headers: list[CdaHeader]) -> tuple[Attachment, ...]:
        """The archive IHE_XDM, when there are documents."""
        if not headers:
            return ()
        files = [(document_name(rank), document) for rank, document in enumerate(order.documents, 1)]
        sender = Sender(
            name=self.label(order),
            organisation=order.organization.name,
            address="",
            phone="",
            software="Logiciel témoin",
        )
        return (Attachment("IHE_XDM.zip", "application/zip", write_xdm(self.metadata(order, headers), files, sender)),)

    def metadata(self, order: Order, headers: list[CdaHeader]) -> RegistryObjects:
        """What METADATA.XML says of the documents."""
        entries = tuple(
            replace(entry, format_code=entry.format_code or _OTHER_FORMAT, action=self.action(order, entry.action))
            for entry in (entry_of(header, f"Document{rank:02d}") for rank, header in enumerate(headers, 1))
        )
        one = SubmissionSet(
            id="SubmissionSet01",
            unique_id=f"2.25.{uuid4().int}",
            source_id=order.practice_root,
            patient_id=patient_cx(headers[0].patient),
            submission_time=utc(f"{order.now or datetime.now().astimezone():%Y%m%d%H%M%S%z}"),
            content_type=_CONTENT_TYPE,
            authors=headers[0].authors[:1],
        )
        links = tuple(
            Association(
                id=f"Association{rank:02d}", type=names.HAS_MEMBER, source=one.id, target=entry.id,
                slots={names.SUBMISSION_SET_STATUS: ("Original",)},
            )
            for rank, entry in enumerate(entries, 1)
        )  # fmt: skip
        files = [(document_name(rank), document) for rank, document in enumerate(order.documents, 1)]
        return with_files(RegistryObjects(submission_sets=(one,), documents=entries, associations=links), files)

    def action(self, order: Order, action: str | None) -> str | None:
        """What the recipient is asked to do with a document: ``D`` deletes it, ``C`` replaces another by it."""
        return "D" if order.deletes else action

    def twins(self, order: Order, headers: list[CdaHeader]) -> tuple[Attachment, ...]:
        """The same documents as PDF/A-1, beside the archive (ECO.2.1.1, 2.1.6)."""
        return tuple(
            Attachment(self.pdf_name(header), "application/pdf", self.page(document))
            for header, document in zip(headers, order.documents, strict=True)
        )

    def page(self, document: bytes) -> bytes:
        """The PDF/A-1 of a document."""
        return pages(document, archival=self.archival, whole=self.whole, signed=self.signed)

    def pdf_name(self, header: CdaHeader) -> str:
        """The name of a twin."""
        return pdf_name_of(header)

    def in_reply_to(self, order: Order) -> str | None:
        """The message that is answered (ECO.2.2.2)."""
        return order.answered[-1] if order.answered else None

    def references(self, order: Order) -> tuple[str, ...]:
        """The thread (ECO.2.2.2)."""
        return order.answered

    def codes(self, headers: list[CdaHeader]) -> str | None:
        """X-MSS-CODECDA (ECO.2.4.1)."""
        return ",".join(header.code.code for header in headers) or None

    def ins(self, headers: list[CdaHeader]) -> str | None:
        """X-MSS-INS (ECO.2.4.2)."""
        return ("O" if all(header.patient.qualified for header in headers) else "N") if headers else None

    def software(self, order: Order) -> str | None:
        """X-MSS-NIL, in every message (ECO.2.4.3)."""
        return order.software

    def closes(self, order: Order) -> bool:
        """X-MSS-MES: FIN, only when the user asks for it (ECO.2.2.8)."""
        return order.closes

    def read_receipt_to(self, order: Order) -> str | None:
        """Who wants to know that the message was read (ECO.2.3.2)."""
        return order.mailbox if order.read_receipt else None

    def finish(self, message: bytes) -> bytes:
        """The bytes as they leave."""
        return message

    def address_of(self, identity: Identity) -> str:
        """The address of a patient, from a qualified INS only (ECO.2.2.6). Raises ``Refused``."""
        if identity.ins is None or not self.may_be_written_to(identity):
            raise Refused(409, "unqualified_ins", "Sans INS qualifiée, ce patient n’a pas d’adresse.")
        try:
            return patient_address(identity.ins.matricule)
        except ValueError as error:
            raise Refused(409, "ins_key", "La clé du matricule INS est fausse.") from error

    def may_be_written_to(self, identity: Identity) -> bool:
        """Whether the identity may name a mailbox."""
        return identity.ins_status is InsStatus.QUALIFIEE


def _header(document: bytes) -> CdaHeader:
    clinical = read_document(document).clinical
    if clinical is None:
        raise Refused(409, "not_a_cda", "Ce document n’est pas un document CDA.")
    return read_header(clinical)
