"""Reads the documents of the reference product back, with plain XPath and nothing of the kit."""

from __future__ import annotations

from functools import cached_property

from lxml import etree

from conformance.lgc.practice import Practice
from conformance.sut.contract import ClinicalRecord, DocumentRequest, DocumentView, PatientFile

NAMES = {"h": "urn:hl7-org:v3", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}


class Vsm:
    """A VSM that was produced, and what is read in it."""

    def __init__(self, view: DocumentView, content: bytes) -> None:
        self.view = view
        self.content = content

    @cached_property
    def tree(self) -> etree._Element:
        """The document; raises when it is not XML."""
        return etree.fromstring(self.content)

    def all(self, path: str) -> list[str]:
        """The attribute values or texts at ``path``."""
        return [str(found) for found in self.tree.xpath(path, namespaces=NAMES)]

    def one(self, path: str) -> str:
        """The only value at ``path``."""
        found = self.all(path)
        assert len(found) == 1, f"{path}: {found}"
        return found[0]

    @property
    def sections(self) -> dict[str, str]:
        """LOINC code → narrative, for every section."""
        sections = self.tree.xpath("//h:section", namespaces=NAMES)
        return {
            s.xpath("string(h:code/@code)", namespaces=NAMES): s.xpath("string(h:text)", namespaces=NAMES)
            for s in sections
        }


def produce(
    practice: Practice,
    file: PatientFile,
    content: ClinicalRecord | None = None,
    replaces: str | None = None,
    version: str | None = None,
    patient_id: str | None = None,
) -> Vsm:
    """Create the patient, unless one is given, generate and validate a VSM."""
    patient_id = patient_id or practice.create_patient(file).patient_id
    request = DocumentRequest(type="vsm", version=version, content=content, replaces=replaces)
    draft = practice.generate_document(patient_id, request)
    view = practice.validate_document(draft.document_id)
    return Vsm(view, practice.read_document(view.document_id))
