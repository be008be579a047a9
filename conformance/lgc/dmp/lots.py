"""What is sent to the DMP: lots of one document with their metadata and signature, changes of status and visibility.

The metadata of a document follow from its header. Sources: CI-SIS (mapping CDA to XDS), IHE ITI TF-3 §4.2, example
messages of the DMP (signature of the lot), test book of the CNDA (EX_2.1-1050, visibility).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from conformance.cda.reading import read_document
from conformance.exchange.cda_header import CLASSES, entry_of, read_header
from conformance.exchange.metadata import Association, Coded, DocumentEntry, RegistryObjects, SubmissionSet, names
from conformance.exchange.xades import sign_lot
from conformance.lgc.dmp.user import DmpUser, Signer
from conformance.sut.contract import Visibility
from conformance.terminology.document_classes import dmp_class_of

VISIBILITY = "1.2.250.1.213.1.1.4.13"
CONTENT = Coded("07", "1.2.250.1.213.2.2", "Consultations, soins externes")
_HIDING = (
    ("masked_to_professionals", "MASQUE_PS", "Masqué aux professionnels de santé"),
    ("hidden_from_patient", "INVISIBLE_PATIENT", "Document non visible par le patient"),
    ("hidden_from_representatives", "INVISIBLE_REPRESENTANTS_LEGAUX", "Non visible par les représentants légaux"),
)


@dataclass(frozen=True, slots=True)
class Lot:
    """What one ITI-41 carries: the objects, and the bytes by the id of their entry."""

    objects: RegistryObjects
    documents: dict[str, bytes]


class Lots:
    """Makes what is sent."""

    def document(self, user: DmpUser, body: bytes, visibility: Visibility, replaced: str | None = None) -> Lot:
        """The lot of one document; ``replaced`` is the entryUUID of the version that it replaces."""
        entry = self.entry(body, visibility)
        submission = self.submission(user, entry.patient_id or "")
        links = [_member(submission, entry)]
        if replaced:
            links.append(Association(id="replaces", type=names.REPLACES, source=entry.id, target=replaced))
        entries, documents = [entry], {entry.id: body}
        if user.signer is not None:
            signature, signed = self.signature(user, user.signer, submission, entry, body)
            entries.append(signature)
            documents[signature.id] = signed
            links.append(_member(submission, signature))
            links.append(Association(id="signs", type=names.SIGNS, source=signature.id, target=submission.id))
        objects = RegistryObjects(submission_sets=(submission,), documents=tuple(entries), associations=tuple(links))
        return Lot(objects, documents)

    def entry(self, body: bytes, visibility: Visibility) -> DocumentEntry:
        """The metadata of a document."""
        clinical = read_document(body).clinical
        if clinical is None:
            raise ValueError("only CDA documents go to the DMP")
        entry = entry_of(read_header(clinical), "document")
        return replace(
            entry,
            action=None,
            class_code=self.class_of(entry),
            confidentiality=(*entry.confidentiality, *self.hiding(visibility)),
            hash=hashlib.sha1(body, usedforsecurity=False).hexdigest(),
            size=len(body),
        )

    def class_of(self, entry: DocumentEntry) -> Coded | None:
        """The class, which follows from the type."""
        code = dmp_class_of(entry.type_code.code) if entry.type_code else None
        return Coded(code, CLASSES) if code else None

    def hiding(self, visibility: Visibility) -> tuple[Coded, ...]:
        """The codes of who does not see the document."""
        return tuple(Coded(code, VISIBILITY, label) for name, code, label in _HIDING if getattr(visibility, name))

    def submission(self, user: DmpUser, patient: str) -> SubmissionSet:
        """The lot itself: its author is the user."""
        return SubmissionSet(
            id="lot",
            unique_id=f"2.25.{uuid4().int}",
            source_id=user.installation,
            patient_id=patient,
            submission_time=f"{datetime.now(UTC):%Y%m%d%H%M%S}",
            content_type=CONTENT,
            authors=(user.author,),
        )

    def signature(
        self, user: DmpUser, signer: Signer, submission: SubmissionSet, signed: DocumentEntry, body: bytes
    ) -> tuple[DocumentEntry, bytes]:
        """The signature of the lot, which travels as one more document."""
        moment = datetime.now(UTC)
        data = sign_lot(submission.unique_id or "", {signed.unique_id or "": body}, *signer, moment=moment)
        hidden = Visibility(masked_to_professionals=True, hidden_from_patient=True)
        entry = DocumentEntry(
            id="signature",
            unique_id=f"2.25.{uuid4().int}",
            patient_id=submission.patient_id,
            mime_type="text/xml",
            title="Source",
            class_code=Coded("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature"),
            type_code=Coded("E1762", "ASTM", "Full Document"),
            format_code=Coded("http://www.w3.org/2000/09/xmldsig#", "URN", "Default Signature Style"),
            healthcare_facility_type=signed.healthcare_facility_type,
            practice_setting=signed.practice_setting,
            confidentiality=(Coded("N", "2.16.840.1.113883.5.25", "Normal"), *Lots.hiding(self, hidden)),
            event_codes=(Coded("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12", "Source"),),
            authors=(user.author,),
            creation_time=f"{moment:%Y%m%d%H%M%S}",
            service_start_time=f"{moment:%Y%m%d%H%M%S}",
            language_code="art",
            legal_authenticator=user.author.person,
            source_patient_id=signed.source_patient_id,
        )
        return entry, data

    def status_change(self, user: DmpUser, patient: str, entry_id: str, before: str, after: str) -> RegistryObjects:
        """TD3.3c and TD3.3d: the change of status of one document."""
        submission = self.submission(user, patient)
        link = Association(
            id="update",
            type=names.UPDATES_STATUS,
            source=submission.id,
            target=entry_id,
            slots={"OriginalStatus": (before,), "NewStatus": (after,)},
        )
        return RegistryObjects(submission_sets=(submission,), associations=(link,))

    def visibility_change(
        self, user: DmpUser, patient: str, entry: DocumentEntry, visibility: Visibility
    ) -> RegistryObjects:
        """TD3.3a and TD3.3b: the next version of the metadata of ``entry``, as the DMP gave it."""
        submission = self.submission(user, patient)
        basic = tuple(code for code in entry.confidentiality if code.system != VISIBILITY)
        new = replace(
            entry, id="document", confidentiality=(*basic, *self.hiding(visibility)), status=None, element=None
        )
        link = replace(_member(submission, new), slots={**_ORIGINAL, "PreviousVersion": (entry.version or "1",)})
        return RegistryObjects(submission_sets=(submission,), documents=(new,), associations=(link,))


_ORIGINAL = {names.SUBMISSION_SET_STATUS: ("Original",)}


def _member(submission: SubmissionSet, entry: DocumentEntry) -> Association:
    return Association(
        id=f"member-{entry.id}", type=names.HAS_MEMBER, source=submission.id, target=entry.id, slots=_ORIGINAL
    )
