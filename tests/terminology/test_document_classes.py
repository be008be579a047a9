"""The class of a document in the DMP."""

from __future__ import annotations

import pytest

from conformance.terminology import value_sets
from conformance.terminology.code_systems import LOINC, SNOMED_CT
from conformance.terminology.document_classes import dmp_class_of

WITHOUT_CLASS = {"28617-9", "34120-6", "60280-5", "78341-5", "89233-1", "101881-1"}


@pytest.mark.parametrize(
    ("type_code", "document_class"),
    [("SYNTH", "11"), ("60591-5", "11"), ("11502-2", "10"), ("18748-4", "31"), ("57833-6", "42"), ("87273-9", "52")],
)
def test_a_type_has_its_class(type_code: str, document_class: str) -> None:
    assert dmp_class_of(type_code) == document_class


def test_every_type_of_the_dmp_has_a_class_of_the_dmp_but_six() -> None:
    without = set()
    for concept in value_sets.XDS_TYPE_DMP.concepts.values():
        document_class = dmp_class_of(concept.code, concept.system)
        if document_class is None:
            without.add(concept.code)
        else:
            assert document_class in value_sets.XDS_CLASS_DMP
    assert without == WITHOUT_CLASS


def test_the_system_of_the_type_counts_when_given() -> None:
    assert dmp_class_of("11502-2", LOINC) == "10"
    assert dmp_class_of("11502-2", SNOMED_CT) is None


def test_a_type_that_the_dmp_does_not_take_has_no_class() -> None:
    assert dmp_class_of("PIECE-IDENTITE") is None


def test_the_types_of_the_dmp_are_types_of_the_ci_sis() -> None:
    assert set(value_sets.XDS_TYPE_DMP.concepts) < set(value_sets.DOCUMENT_TYPE.concepts)
