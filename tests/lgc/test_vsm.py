"""The VSM that a good product writes: valid, faithful, and right in every detail that the faults spoil."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from conformance.core.findings import Severity
from conformance.core.verdicts import Verdict
from conformance.harness.records import patient_files
from conformance.lgc.practice import Practice
from conformance.lgc.vsm import VERSIONS
from conformance.sut.contract import (
    Category,
    ClinicalRecord,
    Coded,
    InsStatus,
    PatientFile,
    Professional,
    Telecom,
    Treatment,
)
from conformance.terminology.code_systems import ATC, CIM_10
from conformance.validation.pipeline import validate
from tests.lgc.conftest import practice_with
from tests.lgc.reading import NAMES, Vsm, produce

LAYERS = {"decoding", "structure", "header", "content", "identity", "coherence"}


def assert_valid(content: bytes) -> None:
    outcome = validate(content)
    ran = {layer.name for layer in outcome.layers if str(layer.status) == "ran"}
    assert ran >= LAYERS
    # A record drawn at random may tell of things before the patient was born: the document says what it says.
    own = [
        f for f in outcome.findings if f.severity is not Severity.INFO and f.rule != "coherence.body-dates.after-birth"
    ]
    said = [f"{f.rule}: {f.message} ({f.place.xpath})" for f in own]
    assert said == []
    assert outcome.verdict is Verdict.PASS


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(file=patient_files())
def test_every_record_gives_a_document_without_any_finding(file: PatientFile) -> None:
    assert_valid(produce(practice_with(), file).content)


@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_are_told_apart_by_their_template(practice: Practice, file: PatientFile, version: str) -> None:
    vsm = produce(practice, file, version=version)
    assert vsm.one("/*/h:templateId[@root='1.2.250.1.213.1.1.1.13']/@extension") == VERSIONS[version]
    assert_valid(vsm.content)


def test_every_reference_points_to_words_of_its_own_section(practice: Practice, file: PatientFile) -> None:
    vsm = produce(practice, file)
    references = vsm.tree.xpath("//h:reference[@value]", namespaces=NAMES)
    assert len(references) > 20
    for reference in references:
        section = reference.xpath("ancestor::h:section[1]", namespaces=NAMES)[0]
        target = reference.get("value")[1:]
        words = section.xpath("h:text//h:content[@ID=$id]", namespaces=NAMES, id=target)
        assert len(words) == 1, target
        assert "".join(words[0].itertext()).strip()


def test_ids_of_the_narrative_are_unique(practice: Practice, file: PatientFile) -> None:
    ids = produce(practice, file).all("//@ID")
    assert len(ids) == len(set(ids)) > 10


def test_the_file_is_utf_8_without_style_sheet_or_schema_location(practice: Practice, file: PatientFile) -> None:
    content = produce(practice, file).content
    assert content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<ClinicalDocument ")
    assert b"schemaLocation" not in content
    assert b"xml-stylesheet" not in content
    content.decode("utf-8")


def test_the_same_draft_is_written_the_same_twice(practice: Practice, file: PatientFile) -> None:
    vsm = produce(practice, file)
    assert practice.read_document(vsm.view.document_id) == vsm.content


@pytest.mark.parametrize("status", InsStatus)
def test_the_matricule_leaves_only_when_the_identity_is_qualified(
    practice: Practice, file: PatientFile, status: InsStatus
) -> None:
    assert file.identity.ins is not None
    mailbox = Telecom(value=f"mailto:{file.identity.ins.matricule}@patient.mssante.fr")
    identity = replace(file.identity, ins_status=status, telecoms=(*file.identity.telecoms, mailbox))
    vsm = produce(practice, replace(file, identity=identity))
    matricule = file.identity.ins.matricule.encode()
    if status is InsStatus.QUALIFIEE:
        assert vsm.one("(//h:patientRole/h:id)[1]/@extension").encode() == matricule
        assert mailbox.value in vsm.all("//h:patientRole/h:telecom/@value")
    else:
        assert matricule not in vsm.content
        assert vsm.one("//h:patientRole/h:id/@root") == practice.store.practice_root
    assert vsm.one("//h:patient/h:name/h:family[@qualifier='BR']/text()") == file.identity.birth_name
    assert vsm.one("//h:birthplace//h:county/text()") == file.identity.birth_place


@pytest.mark.parametrize(
    "name",
    [
        "D'Été-L’Aïeul",
        'O&#39;Brien <b> & "Cie" ]]>',
        "Nguye\u0302\u0303n",
        "Zaz\u0307o\u0323lc\u0301",
        "a" * 120,
        "Łódź Þór ẞ œ",
        "李小龍 😀",
        "  double   blanc  ",
    ],
)
def test_names_are_written_as_they_were_given(practice: Practice, file: PatientFile, name: str) -> None:
    vsm = produce(practice, replace(file, identity=replace(file.identity, used_name=name)))
    assert vsm.one("//h:patient/h:name/h:family[@qualifier='CL']/text()") == name
    assert practice.read_patient(vsm.view.patient_id).file.identity.used_name == name


def test_times_are_to_the_second_with_their_offset(practice: Practice, file: PatientFile) -> None:
    vsm = produce(practice, file)
    for path in ("/*/h:effectiveTime/@value", "//h:author/h:time/@value", "//h:legalAuthenticator/h:time/@value"):
        assert re.fullmatch(r"\d{14}[+-]\d{4}", vsm.one(path)), path
    shown = vsm.view.created
    assert datetime.strptime(vsm.one("/*/h:effectiveTime/@value"), "%Y%m%d%H%M%S%z") == shown


def test_the_attending_physician_is_the_one_of_the_record(practice: Practice, file: PatientFile) -> None:
    other = Professional(
        national_id="899999000021", family="AUTRE", given="Dominique", profession=practice.practitioner.profession
    )
    vsm = produce(practice, replace(file, attending_physician=other))
    assert vsm.one("/*/h:participant[@typeCode='INF']//h:family/text()") == "AUTRE"
    assert vsm.all("//h:author/h:functionCode/@code") == []
    assert_valid(vsm.content)


def test_without_one_in_the_record_the_author_is_the_attending_physician(practice: Practice, file: PatientFile) -> None:
    vsm = produce(practice, file)
    assert vsm.one("/*/h:participant/*/h:id/@extension") == vsm.one("//h:author//h:assignedAuthor/h:id/@extension")
    assert vsm.one("//h:author/h:functionCode/@code") == "PCP"


def narrative(vsm: Vsm, code: str) -> str:
    return vsm.sections[code]


def test_an_empty_record_is_told_as_no_information(practice: Practice, file: PatientFile) -> None:
    vsm = produce(practice, replace(file, record=ClinicalRecord()))
    assert set(vsm.sections) == {"46612-8", "34117-2", "57207-3", "30954-2", "18776-5"}
    assert "Traitements : aucune information renseignée." in narrative(vsm, "18776-5")
    assert narrative(vsm, "34117-2").count("aucune information renseignée") == 4
    assert vsm.all("//h:entry") == []
    assert_valid(vsm.content)


def test_what_is_stated_to_be_none_is_coded_so(practice: Practice, file: PatientFile) -> None:
    vsm = produce(practice, replace(file, record=ClinicalRecord(none_known=tuple(Category))))
    codes = vsm.all("//*[@codeSystem='2.16.840.1.113883.5.1150.1']/@code")
    assert sorted(codes) == [
        "no-known-allergies",
        "no-known-medications",
        "no-known-problems",
        "no-known-problems",
        "no-known-problems",
        "no-known-procedures",
    ]
    assert "Pas d'allergie" in narrative(vsm, "48765-2")
    assert "Mode de vie : rien à signaler." in narrative(vsm, "57207-3")
    assert "Aucun point de vigilance." in narrative(vsm, "30954-2")
    assert_valid(vsm.content)


def test_a_product_that_has_no_cis_code_keeps_its_name_and_its_other_code(
    practice: Practice, file: PatientFile
) -> None:
    aspirin = Coded(code="B01AC06", code_system=ATC, label="Acide acétylsalicylique")
    treatments = (
        Treatment(id="a", label="Aspirine", product=aspirin, dosage="1 par jour"),
        Treatment(id="b", label="Tisane de thym"),
    )
    vsm = produce(practice, replace(file, record=ClinicalRecord(treatments=treatments)))
    assert vsm.all("//h:manufacturedMaterial/h:name/text()") == ["Aspirine", "Tisane de thym"]
    assert vsm.all("//h:manufacturedMaterial/h:code/@code") == []
    assert vsm.one("//h:manufacturedMaterial/h:code/h:translation/@code") == "B01AC06"
    assert "B01AC06" in narrative(vsm, "10160-0")
    assert_valid(vsm.content)


def test_reactions_and_instants_are_written(practice: Practice, file: PatientFile) -> None:
    rash = Coded(code="L50.0", code_system=CIM_10, label="Urticaire allergique")
    allergy = replace(file.record.allergies[0], reactions=(rash,), start="2018-06-03T10:15+02:00")
    vsm = produce(practice, replace(file, record=ClinicalRecord(allergies=(allergy,))))
    assert vsm.one("//h:entryRelationship[@typeCode='MFST']/h:observation/h:value/@code") == "L50.0"
    assert "201806031015+0200" in vsm.all("//h:act/h:effectiveTime/h:low/@value")
    assert "03/06/2018 10:15" in narrative(vsm, "48765-2")
    assert "Urticaire allergique" in narrative(vsm, "48765-2")
    assert_valid(vsm.content)


def test_a_comment_is_told_and_linked(practice: Practice, file: PatientFile) -> None:
    problem = replace(file.record.active_problems[0], comment="Bien suivie, s’améliore")
    vsm = produce(practice, replace(file, record=ClinicalRecord(active_problems=(problem,))))
    assert "Bien suivie, s’améliore" in narrative(vsm, "11450-4")
    assert vsm.one("//h:act[h:code/@code='48767-8']/h:text/h:reference/@value") == "#pathologie-1-commentaire"
    assert_valid(vsm.content)


def test_labels_of_codes_are_on_one_line(practice: Practice, file: PatientFile) -> None:
    code = Coded(code="I10", code_system=CIM_10, label="Hypertension\n\tessentielle")
    problem = replace(file.record.active_problems[0], code=code)
    vsm = produce(practice, replace(file, record=ClinicalRecord(active_problems=(problem,))))
    assert vsm.one("//h:value[@code='I10']/@displayName") == "Hypertension essentielle"


def test_the_whole_is_one_document_element(practice: Practice, file: PatientFile) -> None:
    root = etree.fromstring(produce(practice, file).content)
    assert root.tag == "{urn:hl7-org:v3}ClinicalDocument"
    assert root.getprevious() is None
