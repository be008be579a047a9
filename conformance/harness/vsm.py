"""Producing a VSM on the bench, and reading it back."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from lxml import etree

from conformance.cda.namespaces import h
from conformance.cda.vsm_reading import VsmFacts, read_vsm
from conformance.core.language import Text
from conformance.harness.bench import Bench
from conformance.harness.judgement import Unmet
from conformance.sut.contract import (
    Category,
    ClinicalRecord,
    DocumentRequest,
    DocumentView,
    Patient,
    PatientFile,
)
from conformance.validation.outcome import DocumentOutcome

ALL_LAYERS: Final = ("decoding", "structure", "header", "content", "identity", "coherence")

SECTION_TITLES: Final = {
    Category.ACTIVE_PROBLEMS: Text("problèmes actifs", "active problems"),
    Category.PAST_PROBLEMS: Text("antécédents médicaux", "past problems"),
    Category.PROCEDURES: Text("actes et antécédents chirurgicaux", "procedures"),
    Category.ALLERGIES: Text("allergies et hypersensibilités", "allergies"),
    Category.LIFESTYLE: Text("habitus et mode de vie", "lifestyle"),
    Category.PROFESSIONAL_RISKS: Text("facteurs de risque professionnels", "professional risks"),
    Category.FAMILY_HISTORY: Text("antécédents familiaux", "family history"),
    Category.POINTS_OF_ATTENTION: Text("points de vigilance", "points of attention"),
    Category.TREATMENTS: Text("traitements au long cours", "long-term treatments"),
}


@dataclass(frozen=True, slots=True)
class Vsm:
    """A VSM made by the product: for whom, how the product shows it, its bytes, and what it says."""

    patient: Patient
    view: DocumentView
    data: bytes
    facts: VsmFacts
    outcome: DocumentOutcome


def produce(
    bench: Bench,
    file: PatientFile,
    *,
    version: str | None = None,
    content: ClinicalRecord | None = None,
    patient: Patient | None = None,
    replaces: str | None = None,
) -> Vsm:
    """Have the product create the patient (unless given), make a VSM and validate it; then read the document."""
    protect(bench, file)
    patient = patient or bench.product.create_patient(file)
    wanted = version or str(bench.options["version"])
    request = DocumentRequest(type="vsm", version=wanted, content=content, replaces=replaces)
    draft = bench.product.generate_document(patient.patient_id, request)
    view = bench.product.validate_document(draft.document_id)
    return read_back(bench, patient, view, wanted)


def read_back(bench: Bench, patient: Patient, view: DocumentView, version: str) -> Vsm:
    """Read a document from the product and judge it; what is not a VSM fails the test with the reason.

    Nothing can be proven on another document: asked whether it says too much, an empty one would pass.
    """
    data = bench.product.read_document(view.document_id)
    outcome = bench.judge_document(data, "vsm.xml", version)
    if outcome.error is not None:
        raise Unmet(outcome.error.sentence)
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    clinical = root if root.tag == h("ClinicalDocument") else root.find(f".//{h('ClinicalDocument')}")
    kind = outcome.document_type
    if clinical is None or kind is None or not kind.key.startswith("vsm-"):
        told = kind.title if kind else Text("?", "?")
        raise Unmet(
            Text(
                f"Le document produit est « {told.fr} », pas un VSM structuré.",
                f"The document made is “{told.en}”, not a structured VSM.",
            )
        )
    return Vsm(patient, view, data, read_vsm(clinical), outcome)


def protect(bench: Bench, file: PatientFile) -> None:
    """Name to the report what it must mask of this patient."""
    identity = file.identity
    words = [identity.birth_name, identity.birth_given_names, identity.used_name or "", identity.used_given_name or ""]
    bench.story.protect(*words, identity.ins.matricule if identity.ins else "")


def normal(text: str) -> str:
    """Text as it is compared: normal form C, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def without_accents(text: str) -> str:
    """Lower case, without accents: how a reader recognises a word."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
