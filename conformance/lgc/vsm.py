"""The volet de synthèse médicale of the reference product: prefill, edit, number, write.

Each step is a method of ``Vsm``, so that a seeded fault changes one step and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from lxml import etree

from conformance.lgc.header import HeaderFacts, Numbering, header
from conformance.lgc.sections import Body
from conformance.lgc.xml import Node, node
from conformance.sut.contract import ClinicalRecord, Coded, Identity, InsStatus, Organization, Professional
from conformance.terminology.code_systems import TRE_A05_DOCUMENT_TYPE

TEMPLATE = "1.2.250.1.213.1.1.1.13"

VERSIONS = {"2022.01": "201310", "2023.01": "2023.01"}
"""Versions of the model (1.4 is that of 2022.01) → extension of the template id."""

DEFAULT_VERSION = "2022.01"


@dataclass(frozen=True, slots=True)
class Draft:
    """All that goes into one version of one document."""

    model_version: str
    numbering: Numbering
    created: datetime
    validated: datetime
    practice_root: str
    patient_id: str
    identity: Identity
    content: ClinicalRecord
    practitioner: Professional
    organization: Organization
    attending_physician: Professional | None


class Vsm:
    """Makes VSMs."""

    name = "vsm"
    concept = Coded(code="SYNTH", code_system=TRE_A05_DOCUMENT_TYPE, label="Synthèse")
    title = "Synthèse médicale"
    body: type[Body] = Body

    def prefill(self, record: ClinicalRecord) -> ClinicalRecord:
        """What is proposed to the user: the whole structured record (DOC.03)."""
        return record

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        """What the document will say: what the user left after edits, else the prefill."""
        return prefilled if edited is None else edited

    def number(self, previous: Numbering | None) -> Numbering:
        """The identifiers of a new document, or of the version after ``previous``."""
        if previous is None:
            return Numbering(self.new_oid(), self.new_oid(), 1)
        return Numbering(self.new_oid(), previous.set_id, previous.version_number + 1, replaced_id=previous.unique_id)

    def new_oid(self) -> str:
        """An OID that nobody else has (under 2.25, from a UUID)."""
        return f"2.25.{uuid4().int}"

    def identity_sent(self, identity: Identity) -> Identity:
        """The identity as a document may carry it: no matricule unless it is qualified (INS/va1.53).

        Neither in its own place, nor in a mailbox made from it.
        """
        if identity.ins is None or identity.ins_status is InsStatus.QUALIFIEE:
            return identity
        matricule = identity.ins.matricule
        telecoms = tuple(telecom for telecom in identity.telecoms if matricule not in telecom.value)
        return replace(identity, ins=None, telecoms=telecoms)

    def write(self, draft: Draft) -> bytes:
        """The document, in UTF-8."""
        return self.serialize(self.compose(draft))

    def compose(self, draft: Draft) -> Node:
        """The document as a tree."""
        facts = HeaderFacts(
            template=(TEMPLATE, VERSIONS[draft.model_version]),
            type=self.concept,
            title=self.title,
            numbering=draft.numbering,
            created=draft.created,
            validated=draft.validated,
            patient_root=draft.practice_root,
            patient_id=draft.patient_id,
            identity=self.identity_sent(draft.identity),
            practitioner=draft.practitioner,
            organization=draft.organization,
            # A VSM is the work of the médecin traitant: when the record names nobody else, it is its author.
            attending_physician=draft.attending_physician or draft.practitioner,
        )
        body = self.body(self.entry_ids(draft.numbering), draft.content).write()
        return node("ClinicalDocument", None, header(facts), node("component", None, body))

    def entry_ids(self, numbering: Numbering) -> UUID:
        """The name from which the ids of sections and entries are derived."""
        return uuid5(UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8"), numbering.set_id)

    def serialize(self, document: Node) -> bytes:
        """The bytes of a tree: UTF-8, with its declaration, without style sheet or schema location."""
        etree.cleanup_namespaces(document, keep_ns_prefixes=["xsi"])
        written: bytes = etree.tostring(document, encoding="UTF-8", xml_declaration=True, pretty_print=False)
        return written
