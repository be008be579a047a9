"""Builds messages from clinical documents, step by step, so that a case may spoil any one step.

``Post.send(documents)`` is a good message: archive, metadata, PDF twins, subject, headers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from conformance.cda.reading import read_document
from conformance.exchange.cda_header import CdaHeader, entry_of, patient_cx, read_header, utc
from conformance.exchange.mail import Address, Attachment
from conformance.exchange.mail_writing import Draft, write_message
from conformance.exchange.metadata import Association, Coded, RegistryObjects, SubmissionSet, names
from conformance.exchange.naming import pdf_name_of, subject_of
from conformance.exchange.xdm_writing import document_name, with_files, write_xdm
from conformance.generation.messages.variants import level_1, level_3
from conformance.generation.pdf import Sheet, pdf

Files = Sequence[tuple[str, bytes]]

_OTHER_FORMAT = Coded("urn:asipSante:modelesHorsProfils:2011", "1.2.250.1.213.1.1.4.2.282")
_CONTENT_TYPE = Coded("07", "1.2.250.1.213.2.2", "Consultations, soins externes")
_SOURCE = "1.2.3.4.567.8.9.60"

SENDER = Address("Dr_Anouk_BREHIER_Cabinet des Tilleuls", "anouk.brehier@port.mssante.fr")
RECIPIENT = Address("Dr_Erwan_LOTISSIER_Cabinet du Port", "erwan.lotissier@quai.mssante.fr")


@dataclass(frozen=True)
class Post:
    """Where messages come from and go to, and the documents that they start from (any valid ones, of one patient)."""

    level_3: bytes = field(default_factory=level_3)
    level_1: bytes = field(default_factory=level_1)
    sender: Address = SENDER
    recipient: Address = RECIPIENT
    software: str = "DEV000000"

    def send(self, documents: Sequence[bytes], archive: bytes | None = None, **changes: Any) -> bytes:
        """The bytes of a message that carries these documents; ``changes`` are fields of ``Draft``."""
        return write_message(self.draft(documents, archive, **changes))

    def draft(self, documents: Sequence[bytes], archive: bytes | None = None, **changes: Any) -> Draft:
        """The message before it is written."""
        headers = [header_of(document) for document in documents]
        attachments = (
            Attachment("IHE_XDM.zip", "application/zip", self.archive(documents) if archive is None else archive),
            *(Attachment(pdf_name_of(header), "application/pdf", twin(document)) for header, document in zip(headers, documents, strict=True)),
        )  # fmt: skip
        draft = Draft(
            sender=self.sender,
            recipients=(self.recipient,),
            subject=subject_of(headers),
            body=_body(headers),
            attachments=attachments,
            code_cda=",".join(header.code.code for header in headers),
            ins="O" if all(header.patient.qualified for header in headers) else "N",
            software=self.software,
        )
        return replace(draft, **changes)

    def archive(self, documents: Sequence[bytes], objects: RegistryObjects | None = None, extra: Files = ()) -> bytes:
        """The archive of these documents, with metadata of its own making or ``objects`` as they are."""
        files = [*files_of(documents), *extra]
        return write_xdm(objects or self.metadata(documents), files)

    def metadata(self, documents: Sequence[bytes]) -> RegistryObjects:
        """The metadata that these documents imply, with URI, hash and size of their files."""
        headers = [header_of(document) for document in documents]
        entries = []
        for rank, header in enumerate(headers, 1):
            entry = entry_of(header, f"Document{rank:02d}")
            entries.append(replace(entry, format_code=entry.format_code or _OTHER_FORMAT))
        whole = hashlib.sha256(b"".join(documents)).digest()
        one = SubmissionSet(
            id="SubmissionSet01",
            unique_id=f"2.25.{int.from_bytes(whole[:16])}",
            source_id=_SOURCE,
            patient_id=patient_cx(headers[0].patient),
            submission_time=utc(headers[0].effective_time),
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
        objects = RegistryObjects(submission_sets=(one,), documents=tuple(entries), associations=links)
        return with_files(objects, files_of(documents))


def files_of(documents: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """The documents under the names that they have in an archive."""
    return [(document_name(rank), document) for rank, document in enumerate(documents, 1)]


@lru_cache(maxsize=64)
def header_of(document: bytes) -> CdaHeader:
    """The header of a clinical document. ``ValueError`` when it is none."""
    clinical = read_document(document).clinical
    if clinical is None:
        raise ValueError("not a clinical document")
    return read_header(clinical)


@lru_cache(maxsize=64)
def twin(document: bytes) -> bytes:
    """The PDF/A-1 that goes beside a document: the file of a level 1 body that is one, else a page made from it."""
    header = header_of(document)
    if header.body is not None and header.body_type == "application/pdf":
        return header.body
    clinical = read_document(document).clinical
    assert clinical is not None
    words = " ".join(str(clinical.xpath("string(//*[local-name()='structuredBody'])")).split())
    patient = header.patient
    return pdf(
        Sheet(
            title=header.title or header.code.label,
            sender=(header.custodian,),
            patient=(f"{patient.birth_name} {patient.first_given}", patient.birth_date, patient.sex),
            paragraphs=(words or "Document joint au format CDA.",),
            moment=datetime.strptime(header.effective_time[:8], "%Y%m%d"),
        )
    )


def _body(headers: Sequence[CdaHeader]) -> str:
    lines = ["Bonjour,", "", "Veuillez trouver ci-joint :"]
    lines.extend(f"- {header.title or header.code.label}" for header in headers)
    if any(header.replaces for header in headers):
        lines.extend(["", "Ce message annule et remplace une version précédente."])
    return "\n".join([*lines, "", "Bien confraternellement."]) + "\n"
