"""What a value set answers."""

from __future__ import annotations

import inspect
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.core.errors import BenchError
from conformance.terminology import build, value_sets
from conformance.terminology.code_systems import (
    CIM_10,
    HL7_ADMINISTRATIVE_GENDER,
    HL7_CONFIDENTIALITY,
    HL7_PARTICIPATION_FUNCTION,
    LOINC,
    SNOMED_CT,
    TRE_A05_DOCUMENT_TYPE,
)
from conformance.terminology.value_sets import Concept, Status, ValueSet, all_value_sets, value_set

ALL = all_value_sets()


def made(*concepts: Concept, version: date | None = None, expires: date | None = None) -> ValueSet:
    """A value set that no file holds."""
    one = ValueSet("2.999.1", "made-up", version, None, expires)
    one.__dict__["concepts"] = {(c.code, c.system): c for c in concepts}
    return one


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_every_listed_code_is_answered_as_listed(one: ValueSet) -> None:
    assert len(one) > 0
    for concept in one.concepts.values():
        answer = one.look_up(concept.code, concept.system or None, label=concept.label)
        assert (answer.status, answer.concept) == (Status.LISTED, concept)


@pytest.mark.parametrize("name", build.SETS)
def test_a_set_holds_what_its_svs_file_holds(name: str, shared: Path) -> None:
    concepts = etree.parse(shared / "corpus" / "value-sets" / f"{name}.xml").iterfind("{*}ValueSet//{*}Concept")
    published = {(" ".join(c.get("code").split()), c.get("codeSystem")): c.get("displayName") for c in concepts}
    usable = {pair: label for pair, label in published.items() if pair[0] != build.PLACEHOLDER}
    held = value_set(name).concepts
    assert set(held) == set(usable)
    for pair, label in usable.items():
        assert held[pair].label == " ".join(label.split())


def test_the_committed_files_are_those_that_the_tool_writes(shared: Path, tmp_path: Path) -> None:
    build.build(shared / "corpus" / "value-sets", tmp_path)
    for fresh in tmp_path.iterdir():
        assert fresh.read_bytes() == (build.FOLDER / fresh.name).read_bytes(), fresh.name


def test_no_file_lies_there_that_the_index_does_not_name() -> None:
    files = {path.stem for path in build.FOLDER.glob("*.tsv")} - {"index", "withdrawn"}
    assert files == {one.name for one in ALL}


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("JDV_J07_XdsTypeCode_CISIS", 114),
        ("JDV_J01_XdsAuthorSpecialty_CISIS", 391),
        ("JDV_J02_XdsHealthcareFacilityTypeCode_CISIS", 69),
        ("JDV_J04_XdsPracticeSettingCode_CISIS", 12),
        ("JDV_J11_RelationPatient_CISIS", 37),
        ("JDV_HL7_ObservationInterpretation_CISIS", 39),
        ("JDV_HL7_SpecimenType_CISIS", 334),
        ("JDV_HL7_PersonalRelationshipRoleType_CISIS", 108),
        ("JDV_TechniqueBiologie_CISIS", 180),
        ("JDV_RouteofAdministration_CISIS", 82),
        ("jdv-hl7-v3-xBasicConfidentialityKind-cisis", 3),
        ("JDV_J57-ClassCode-DMP", 12),
        ("JDV_J58-ConfidentialityCode-DMP", 6),
        ("JDV_J66-TypeCode-DMP", 108),
    ],
)
def test_the_size_of_a_set_is_that_which_the_specification_states(name: str, count: int) -> None:
    assert len(value_set(name)) == count


def test_a_code_that_no_set_has_is_unknown() -> None:
    answer = value_sets.PROBLEMS.look_up("1234", SNOMED_CT)
    assert (answer.status, answer.accepted, answer.concept) == (Status.UNKNOWN_CODE, False, None)


def test_a_code_in_another_system_tells_the_right_one() -> None:
    answer = value_sets.PROBLEMS.look_up("55607006", CIM_10)
    assert (answer.status, answer.accepted) == (Status.OTHER_SYSTEM, False)
    assert answer.expected_systems == (SNOMED_CT,)


def test_a_code_without_a_system_where_one_is_given_as_empty_is_in_another_system() -> None:
    assert value_sets.PROBLEMS.look_up("55607006", "").status is Status.OTHER_SYSTEM


def test_the_case_of_a_code_counts() -> None:
    assert value_sets.ADMINISTRATIVE_GENDER.look_up("f", HL7_ADMINISTRATIVE_GENDER).status is Status.UNKNOWN_CODE


def test_an_attribute_code_stands_without_a_system() -> None:
    assert value_sets.PARTICIPATION_TYPE.look_up("INF").status is Status.LISTED
    assert value_sets.PARTICIPATION_TYPE.look_up("XYZ").status is Status.UNKNOWN_CODE


def test_a_set_whose_systems_are_not_published_takes_any_system() -> None:
    assert value_sets.XDS_FORMAT_DMP.look_up("urn:ihe:lab:xd-lab:2008", "1.3.6.1.4.1.19376.1.2.3").accepted


def test_the_label_that_differs_in_a_capital_is_the_same() -> None:
    answer = value_sets.FUNCTION.look_up("PCP", HL7_PARTICIPATION_FUNCTION, label="MEDECIN  TRAITANT")
    assert answer.status is Status.LISTED


def test_a_label_of_another_code_differs_and_the_code_stays_accepted() -> None:
    answer = value_sets.DOCUMENT_TYPE.look_up("SYNTH", TRE_A05_DOCUMENT_TYPE, label="Certificat")
    assert (answer.status, answer.accepted) == (Status.LABEL_DIFFERS, True)


def test_labels_are_those_of_the_code_in_its_system() -> None:
    assert value_sets.DOCUMENT_TYPE.labels("11502-2", LOINC) == ("CR d'examens biologiques",)
    assert value_sets.DOCUMENT_TYPE.labels("11502-2", SNOMED_CT) == ()
    assert value_sets.DOCUMENT_TYPE.label_agrees("11502-2", LOINC, "cr d’examens Biologiques")
    assert not value_sets.DOCUMENT_TYPE.label_agrees("11502-2", LOINC, "CR d'imagerie")


def test_confidentiality_follows_the_text_and_the_published_rules_apart() -> None:
    for code in "LMU":
        assert value_sets.CONFIDENTIALITY_HL7.look_up(code, HL7_CONFIDENTIALITY).accepted
        assert not value_sets.CONFIDENTIALITY_BASIC.look_up(code, HL7_CONFIDENTIALITY).accepted


ENDED = Concept("A", "2.999", "Ancien", valid_to=date(2024, 12, 13))
REPLACED = Concept("A", "2.998", "Nouveau")


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (date(2024, 12, 13), Status.LISTED),
        (date(2024, 12, 14), Status.WITHDRAWN),
        (None, Status.WITHDRAWN),
    ],
)
def test_a_code_is_withdrawn_after_its_last_day(on: date | None, status: Status) -> None:
    answer = made(ENDED, version=date(2025, 1, 31)).look_up("A", "2.999", on=on)
    assert (answer.status, answer.accepted) == (status, status is Status.LISTED)


def test_a_code_that_ends_after_the_version_of_the_set_is_still_valid_without_a_date() -> None:
    assert made(ENDED, version=date(2024, 1, 1)).look_up("A", "2.999").status is Status.LISTED


def test_a_set_that_ended_withdraws_all_its_codes() -> None:
    one = made(REPLACED, version=date(2025, 1, 31), expires=date(2025, 1, 31))
    assert one.look_up("A", "2.998", on=date(2025, 2, 1)).status is Status.WITHDRAWN
    assert one.look_up("A", "2.998", on=date(2025, 1, 1)).status is Status.LISTED


def test_a_code_withdrawn_in_one_system_and_valid_in_another_is_listed_without_a_system() -> None:
    answer = made(ENDED, REPLACED, version=date(2025, 1, 31)).look_up("A")
    assert (answer.status, answer.concept) == (Status.LISTED, REPLACED)


WITHDRAWN = [(one, concept) for one in ALL for concepts in one.withdrawn.values() for concept in concepts]


def test_every_withdrawn_code_is_known_as_such_and_no_part_of_its_set() -> None:
    assert len(WITHDRAWN) == 239
    for one, concept in WITHDRAWN:
        assert (concept.code, concept.system) not in one.concepts
        assert concept.valid_to is not None
        expected = Status.OTHER_SYSTEM if concept.code in one else Status.WITHDRAWN
        assert one.look_up(concept.code, concept.system).status is expected


def test_a_code_dropped_by_a_publication_was_valid_before_it() -> None:
    spo2 = value_sets.VITAL_SIGN.look_up("59408-5", LOINC, on=date(2023, 10, 1), label="Saturation en oxygène")
    assert spo2.status is Status.LISTED
    assert value_sets.VITAL_SIGN.look_up("59408-5", LOINC, on=date(2024, 4, 4)).status is Status.WITHDRAWN


def test_a_withdrawn_code_in_a_system_that_never_had_it_is_unknown() -> None:
    assert value_sets.VITAL_SIGN.look_up("59408-5", SNOMED_CT).status is Status.UNKNOWN_CODE


@given(st.sampled_from(ALL), st.text(max_size=12))
def test_no_code_makes_a_set_stumble(one: ValueSet, code: str) -> None:
    assert one.look_up(code, "2.999", label=code).status in Status
    assert (one.look_up(code).status is Status.UNKNOWN_CODE) == (code not in one and code not in one.withdrawn)


@pytest.mark.parametrize("key", ["1.2.250.1.213.1.1.5.172", "JDV_ProblemCodes_CISIS", "jdv-problemcodes-cisis"])
def test_a_set_is_found_by_oid_and_by_name(key: str) -> None:
    assert value_set(key) is value_sets.PROBLEMS


def test_the_set_of_specimens_answers_to_both_names_of_the_rules() -> None:
    assert value_set("JDV_SpecimenType_CISIS") is value_set("JDV_HL7_SpecimenType_CISIS")


def test_an_unknown_set_is_our_fault() -> None:
    with pytest.raises(BenchError, match=r"JDV_Nothing"):
        value_set("JDV_Nothing")


def test_every_set_has_a_name_that_rules_can_use() -> None:
    named = {one.oid for _, one in inspect.getmembers(value_sets) if isinstance(one, ValueSet)}
    assert named == {one.oid for one in ALL}
