"""Generated summaries, letters and prescriptions: valid in every layer, varied, the same for the same seed."""

from __future__ import annotations

import io
from collections import Counter
from random import Random

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from conformance.cda import kinds
from conformance.cda.embedded import decoded
from conformance.cda.namespaces import h
from conformance.core.errors import UsageError
from conformance.exchange.cda_header import read_header
from conformance.exchange.pdf import read_claim
from conformance.generation import KINDS, generate
from conformance.generation.level_1 import draw_letter, make_letter_setting
from conformance.generation.people import make_patient
from conformance.generation.strategies import VsmDocument, vsm_documents
from conformance.generation.vsm import VERSIONS, draw_vsm, make_vsm_setting
from conformance.identity.ins import INS_NIR_TEST
from conformance.validation.pipeline import validate

KEYS = {"2022.01": kinds.VSM_2022.key, "2023.01": kinds.VSM_2023.key}


def said(data: bytes) -> list[str]:
    return [str(finding.message) for layer in validate(data).layers for finding in layer.findings]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(100, 108))
def test_a_generated_document_raises_no_finding(kind: str, seed: int) -> None:
    assert said(generate(kind, seed)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes(kind: str) -> None:
    assert generate(kind, 3) == generate(kind, 3)
    assert generate(kind, 3) != generate(kind, 4)


def test_a_kind_that_does_not_exist_is_said() -> None:
    with pytest.raises(UsageError) as caught:
        generate("radio", 1)
    assert "vsm" in str(caught.value)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_summary_is_of_the_version_that_was_asked(version: str) -> None:
    random = Random(1)
    outcome = validate(draw_vsm(random, make_vsm_setting(random, version=version)))
    assert outcome.document_type is not None
    assert outcome.document_type.key == KEYS[version]


@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(vsm_documents())
def test_any_summary_raises_no_finding(drawn: VsmDocument) -> None:
    assert said(drawn.data) == []


def test_two_hundred_summaries_hold_every_section_and_every_way_of_saying_nothing() -> None:
    seen: Counter[str] = Counter()
    for seed in range(200):
        random = Random(seed)
        setting = make_vsm_setting(random)
        root = etree.fromstring(draw_vsm(random, setting))
        seen[setting.version] += 1
        seen.update(str(node.get("root")) for node in root.iter(h("templateId")))
        seen.update(
            str(node.get("code"))
            for node in root.iter(h("value"), h("code"))
            if (node.get("code") or "").startswith("no-")
        )
        seen["words only"] += sum(
            section.find(h("component")) is None and section.find(h("entry")) is None
            for section in root.iter(h("section"))
        )
    sections = [f"1.2.250.1.213.1.1.2.{n}" for n in (29, 30, 31, 32, 74, 132, 134, 136, 137, 139, 141, 143, 150, 1)]
    entries = [
        f"1.2.250.1.213.1.1.3.{n}"
        for n in (20, 29, 30, 32, 33, 37, 39, 40, 41, 42, 43, 44, 49, 51, 52, 59, 60, 62, 88, 171, 172)
    ]
    absences = [f"no-known-{what}" for what in ("problems", "allergies", "procedures", "medications")]
    absences += [f"no-{what}-info" for what in ("problem", "allergy", "procedure", "medication")]
    wanted = [*VERSIONS, *sections, *entries, *absences, "words only"]
    assert [one for one in wanted if not seen[one]] == []


@pytest.mark.parametrize("kind", ["letter", "prescription"])
def test_the_body_is_a_pdf_a_1_that_names_the_patient(kind: str) -> None:
    root = etree.fromstring(generate(kind, 5))
    text = root.find(f"{h('component')}/{h('nonXMLBody')}/{h('text')}")
    assert text is not None
    content = decoded(text)
    assert content is not None
    assert read_claim(content).pdfa_1
    printed = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    patient = read_header(root).patient
    assert patient.birth_name in printed
    assert patient.ins is not None
    assert patient.ins[1] in printed


def test_a_document_can_be_made_for_a_given_patient() -> None:
    patient = make_patient(Random(11))
    random = Random(12)
    header = read_header(etree.fromstring(draw_letter(random, make_letter_setting(random, patient))))
    assert header.patient.ins == (INS_NIR_TEST, patient.identity.matricule)


def test_only_test_identities_are_used() -> None:
    for kind in KINDS:
        for seed in range(5):
            ins = read_header(etree.fromstring(generate(kind, seed))).patient.ins
            assert ins is not None
            assert ins[0] == INS_NIR_TEST
