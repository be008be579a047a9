"""Lots for the DMP, as a product without fault sends them: metadata from the CDA headers, VIHF, signature of the lot.

Sources: CI-SIS (metadata follow from the CDA header); example messages of the DMP for the signature entry; test book
of the CNDA for the author of the lot.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from conformance.cda.reading import read_document
from conformance.exchange.cda_header import entry_of, read_header
from conformance.exchange.metadata import (
    Association,
    Author,
    Coded,
    DocumentEntry,
    RegistryObjects,
    SubmissionSet,
    names,
)
from conformance.exchange.metadata.hl7 import Xcn, Xon
from conformance.exchange.vihf import (
    PROFESSIONS,
    SECTORS,
    SPECIALTIES,
    AccessMode,
    Vihf,
    instant,
    new_id,
    purpose_of,
)
from conformance.exchange.vihf_signature import distinguished_name
from conformance.exchange.xades import sign_lot
from conformance.generation.people import Professional
from conformance.identity.organisation import STRUCTURE_ROOT
from conformance.identity.professional import PS_ROOT

VISIBILITY: Final = "1.2.250.1.213.1.1.4.13"
OUTPATIENT_CONTENT: Final = Coded("07", "1.2.250.1.213.2.2", "Consultations, soins externes")
_DOCUMENT: Final = "document"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and from which installation (an OID)."""

    professional: Professional
    source_id: str = "2.25.329800735698586629295641978511506172918"

    @property
    def author(self) -> Author:
        """The author of the lots: the authenticated user."""
        one = self.professional
        code, label, system = one.profession[0], one.profession[1], "1.2.250.1.213.1.1.4.5"
        return Author(
            person=str(Xcn(one.national_id, one.family, one.given, PS_ROOT, "D", "IDNPS")),
            institutions=(str(Xon(one.structure.name, one.structure.national_id, STRUCTURE_ROOT, "IDNST")),),
            specialties=(f"{code}^{label}^{system}",),
        )


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot ready to be sent: its objects, and the bytes by the id of the entry."""

    objects: RegistryObjects
    documents: dict[str, bytes]

    @property
    def unique_ids(self) -> tuple[str, ...]:
        """The documents of the lot, its signature apart."""
        return tuple(e.unique_id or "" for e in self.objects.documents if e.type_code and e.type_code.code != "E1762")


def new_oid() -> str:
    """An OID that nothing else has."""
    return f"2.25.{uuid.uuid4().int}"


def vihf_for(sender: Sender, patient: str, signer: x509.Certificate | None = None, **changes: Any) -> Vihf:
    """The VIHF of a doctor in direct mode, made now; ``changes`` replace its values."""
    one, moment = sender.professional, instant(datetime.now(UTC))
    made = Vihf(
        id=new_id(),
        issue_instant=moment,
        authn_instant=moment,
        issuer=distinguished_name(signer.subject) if signer else f"CN={one.national_id}",
        name_id=one.national_id,
        structure=one.structure.national_id,
        sector=f"SA07^{SECTORS}",
        subject=f"{one.family} {one.given}",
        roles=(Coded("10", PROFESSIONS, "Médecin"), Coded("SM26", SPECIALTIES, "Qualifié en médecine générale (SM)")),
        patient=patient,
        purpose=purpose_of(AccessMode.NORMAL),
        lps_name="segur-conformance",
        lps_version="1",
        approval="TEST-0000",
    )
    return replace(made, **changes)


def lot_of(
    sender: Sender,
    documents: Sequence[bytes],
    *,
    replaces: Sequence[str] = (),
    visibility: Sequence[str] = (),
    signer: tuple[RSAPrivateKey, x509.Certificate] | None = None,
    **changes: Any,
) -> Lot:
    """A lot of CDA documents.

    ``replaces`` gives the entryUUID that each document replaces (in order, empty: none); ``visibility`` the codes
    added to each (``MASQUE_PS``…); ``signer`` signs the lot; ``changes`` replace values of every document entry.
    """
    entries: list[DocumentEntry] = []
    for rank, data in enumerate(documents, start=1):
        clinical = read_document(data).clinical
        if clinical is None:
            raise ValueError("a lot is made of CDA documents")
        entry = entry_of(read_header(clinical), f"{_DOCUMENT}{rank}")
        hidden = tuple(Coded(code, VISIBILITY, code) for code in visibility)
        changed: dict[str, Any] = {"action": None, "confidentiality": entry.confidentiality + hidden} | changes
        entries.append(replace(entry, **changed))
    contents = {entry.id: data for entry, data in zip(entries, documents, strict=True)}
    submission = _submission(sender, entries[0].patient_id or "", "lot1")
    links = [
        Association(id=f"member{rank}", type=names.HAS_MEMBER, source=submission.id, target=entry.id,
                    slots={names.SUBMISSION_SET_STATUS: ("Original",)})
        for rank, entry in enumerate(entries, start=1)
    ]  # fmt: skip
    links += [
        Association(id=f"replaces{rank}", type=names.REPLACES, source=entry.id, target=target)
        for rank, (entry, target) in enumerate(zip(entries, replaces, strict=False), start=1)
        if target
    ]
    if signer is not None:
        entry, data = _signature(sender, submission, entries, contents, signer)
        entries.append(entry)
        contents[entry.id] = data
        links.append(Association(id="member-signature", type=names.HAS_MEMBER, source=submission.id, target=entry.id,
                                 slots={names.SUBMISSION_SET_STATUS: ("Original",)}))  # fmt: skip
        links.append(Association(id="signs1", type=names.SIGNS, source=entry.id, target=submission.id))
    objects = RegistryObjects(submission_sets=(submission,), documents=tuple(entries), associations=tuple(links))
    return Lot(objects, contents)


def _submission(sender: Sender, patient: str, identifier: str) -> SubmissionSet:
    return SubmissionSet(
        id=identifier,
        unique_id=new_oid(),
        source_id=sender.source_id,
        patient_id=patient,
        submission_time=f"{datetime.now(UTC):%Y%m%d%H%M%S}",
        content_type=OUTPATIENT_CONTENT,
        authors=(sender.author,),
    )


def _signature(
    sender: Sender,
    submission: SubmissionSet,
    entries: Sequence[DocumentEntry],
    contents: dict[str, bytes],
    signer: tuple[RSAPrivateKey, x509.Certificate],
) -> tuple[DocumentEntry, bytes]:
    """The signature of the lot as one more document, with the metadata that the example messages give it."""
    moment = datetime.now(UTC)
    data = sign_lot(
        submission.unique_id or "", {e.unique_id or "": contents[e.id] for e in entries}, *signer, moment=moment
    )
    first = entries[0]
    entry = DocumentEntry(
        id="signature1",
        unique_id=new_oid(),
        patient_id=submission.patient_id,
        mime_type="text/xml",
        title="Source",
        class_code=Coded("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature"),
        type_code=Coded("E1762", "ASTM", "Full Document"),
        format_code=Coded("http://www.w3.org/2000/09/xmldsig#", "URN", "Default Signature Style"),
        healthcare_facility_type=first.healthcare_facility_type,
        practice_setting=first.practice_setting,
        confidentiality=(
            Coded("N", "2.16.840.1.113883.5.25", "Normal"),
            Coded("MASQUE_PS", VISIBILITY, "Masqué aux professionnels de santé"),
            Coded("INVISIBLE_PATIENT", VISIBILITY, "Non visible par le patient"),
        ),
        event_codes=(Coded("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12", "Source"),),
        authors=(sender.author,),
        creation_time=f"{moment:%Y%m%d%H%M%S}",
        service_start_time=f"{moment:%Y%m%d%H%M%S}",
        language_code="art",
        legal_authenticator=sender.author.person,
        source_patient_id=first.source_patient_id,
    )
    return entry, data


def status_change(sender: Sender, patient: str, entry_uuid: str, before: str, after: str) -> RegistryObjects:
    """TD3.3c or d: the change of status of one document."""
    submission = _submission(sender, patient, "lot1")
    link = Association(
        id="update1", type=names.UPDATES_STATUS, source=submission.id, target=entry_uuid,
        slots={"OriginalStatus": (before,), "NewStatus": (after,)},
    )  # fmt: skip
    return RegistryObjects(submission_sets=(submission,), associations=(link,))


def deletion(sender: Sender, patient: str, entry_uuid: str, before: str = names.APPROVED) -> RegistryObjects:
    """TD3.3c."""
    return status_change(sender, patient, entry_uuid, before, names.DELETED)


def visibility_change(sender: Sender, patient: str, entry: DocumentEntry, visibility: Sequence[str]) -> RegistryObjects:
    """TD3.3a or b: a new version of the metadata of ``entry`` (as TD3.1 gave it) with these visibility codes."""
    submission = _submission(sender, patient, "lot1")
    basic = tuple(code for code in entry.confidentiality if code.system != VISIBILITY)
    hidden = tuple(Coded(code, VISIBILITY, code) for code in visibility)
    new = replace(entry, id="document1", confidentiality=basic + hidden, status=None, element=None)
    link = Association(
        id="member1", type=names.HAS_MEMBER, source=submission.id, target=new.id,
        slots={names.SUBMISSION_SET_STATUS: ("Original",), "PreviousVersion": (entry.version or "1",)},
    )  # fmt: skip
    return RegistryObjects(submission_sets=(submission,), documents=(new,), associations=(link,))
