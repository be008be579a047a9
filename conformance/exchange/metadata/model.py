"""The metadata of documents, as XDS has them: submission set, document entries, associations.

One model for the archives of MSSanté (ITI-32) and for the DMP (ITI-41, 42, 18, 57). Values are kept as the
exchange writes them (times ``AAAAMMJJhhmmss``, identifiers in CX, people in XCN: see ``hl7``), so that what is
read can be written again, and judged. An absent value is ``None`` or empty. ``element`` is the node that an
object was read from; it does not take part in comparisons.
Source: IHE ITI TF-3 §4.2; the carriers of each value are in ``fields``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from conformance.exchange.metadata import names

Slots = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Coded:
    """A code, the OID of its system (the slot ``codingScheme``), its label."""

    code: str
    system: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """An author: ``person`` in XCN, ``institutions`` in XON, ``specialties`` as ``code^label^system``, ``roles`` as labels."""

    person: str = ""
    institutions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    telecoms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SubmissionSet:
    """What is sent at once, by whom, about whom."""

    id: str
    unique_id: str | None = None
    source_id: str | None = None
    patient_id: str | None = None
    submission_time: str | None = None
    content_type: Coded | None = None
    authors: tuple[Author, ...] = ()
    title: str | None = None
    comments: str | None = None
    intended_recipients: tuple[str, ...] = ()
    status: str | None = None
    home: str | None = None
    slots: Slots = field(default_factory=dict)
    """Further slots, by name."""
    element: etree._Element | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class DocumentEntry:
    """One document. ``hash`` is the SHA-1 of its bytes in hexadecimal, ``size`` their number."""

    id: str
    unique_id: str | None = None
    patient_id: str | None = None
    mime_type: str | None = None
    object_type: str | None = names.DOCUMENT_ENTRY
    title: str | None = None
    comments: str | None = None
    class_code: Coded | None = None
    type_code: Coded | None = None
    format_code: Coded | None = None
    healthcare_facility_type: Coded | None = None
    practice_setting: Coded | None = None
    confidentiality: tuple[Coded, ...] = ()
    event_codes: tuple[Coded, ...] = ()
    authors: tuple[Author, ...] = ()
    legal_authenticator: str | None = None
    creation_time: str | None = None
    service_start_time: str | None = None
    service_stop_time: str | None = None
    language_code: str | None = None
    source_patient_id: str | None = None
    source_patient_info: tuple[str, ...] = ()
    hash: str | None = None
    size: int | None = None
    uri: str | None = None
    repository_unique_id: str | None = None
    reference_ids: tuple[str, ...] = ()
    document_availability: str | None = None
    action: str | None = None
    """``C`` (replaces) or ``D`` (deletes) in an archive; absent otherwise."""
    logical_id: str | None = None
    version: str | None = None
    status: str | None = None
    home: str | None = None
    slots: Slots = field(default_factory=dict)
    """Further slots, by name."""
    element: etree._Element | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Association:
    """A link between two objects, by their ids."""

    id: str
    type: str
    source: str
    target: str
    status: str | None = None
    slots: Slots = field(default_factory=dict)
    element: etree._Element | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class ObjectRef:
    """The id of an object that is not told in full."""

    id: str
    home: str | None = None
    element: etree._Element | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class RegistryObjects:
    """The content of a RegistryObjectList: that of an archive, of a submission, or of an answer to a query."""

    submission_sets: tuple[SubmissionSet, ...] = ()
    documents: tuple[DocumentEntry, ...] = ()
    associations: tuple[Association, ...] = ()
    references: tuple[ObjectRef, ...] = ()

    @property
    def submission_set(self) -> SubmissionSet | None:
        """The submission set, when there is exactly one."""
        return self.submission_sets[0] if len(self.submission_sets) == 1 else None

    def members(self) -> tuple[DocumentEntry, ...]:
        """The documents that HasMember associations tie to a submission set.

        Some published tools tie them to nothing; a receiver looks at ``documents``.
        """
        targets = {link.target for link in self.associations if link.type == names.HAS_MEMBER}
        return tuple(document for document in self.documents if document.id in targets)

    def replaced_by(self, document: DocumentEntry) -> tuple[str, ...]:
        """The ids of the entries that ``document`` replaces."""
        kinds = (names.REPLACES, names.REPLACES_2010)
        return tuple(link.target for link in self.associations if link.type in kinds and link.source == document.id)
