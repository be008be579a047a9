"""The models of the contract: what goes over the wire comes back the same, and nothing else comes in."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.sut.codec import NotInContract, checked, from_json, to_json
from conformance.sut.contract import Identity, Ins, Patient, PatientFile, Problem, Product, Sex
from conformance.sut.openapi import FILE, as_text, build
from conformance.sut.operations import OPERATIONS
from tests.sut.drawing import values

BODIES = [
    pytest.param(shape, id=f"{operation.name} {side}")
    for operation in OPERATIONS
    for side, shape in (("request", operation.request), ("response", operation.response))
    if shape not in (None, bytes)
]

IDENTITY = Identity(
    birth_name="D'ARC",
    birth_given_names="JEANNE",
    first_birth_given_name="JEANNE",
    birth_date=date(1979, 3, 28),
    sex=Sex.F,
    birth_place="2A004",
)


@pytest.mark.parametrize("shape", BODIES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_body_survives_the_wire(shape: Any, data: st.DataObject) -> None:
    value = data.draw(values(shape))
    assert from_json(to_json(value, shape), shape) == value


@pytest.mark.parametrize("shape", BODIES)
def test_every_body_refuses_what_is_not_of_it(shape: Any) -> None:
    for wrong in (b"", b"<html>", b"null", b"3", b'"text"', b'[{"no_such_key": 1}]', b'{"no_such_key": 1}', b"\xff"):
        with pytest.raises(NotInContract):
            from_json(wrong, shape)


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        ("birth_date", "28/03/1979", "birth_date"),
        ("birth_date", "1979-02-30", "birth_date"),
        ("sex", "Féminin", "sex"),
        ("birth_place", "Paris", "birth_place"),
        ("birth_name", "", "birth_name"),
        ("ins_status", "qualifiée", "ins_status"),
        ("birth_nom", "D'ARC", "birth_nom"),
        ("ins", {"matricule": "12", "oid": "1.2"}, "ins.matricule"),
        ("ins", {"matricule": "279035121518989", "oid": "01.2"}, "ins.oid"),
    ],
)
def test_a_wrong_field_is_named(place: str, value: Any, named: str) -> None:
    written = json.loads(to_json(IDENTITY))
    written[place] = value
    with pytest.raises(NotInContract, match=named):
        from_json(json.dumps(written), Identity)


@pytest.mark.parametrize("written", ["2012", "2012-03-14", "2012-03-14T08:30+01:00", "2012-03-14T08:30:15Z"])
def test_clinical_dates_are_years_days_and_instants(written: str) -> None:
    assert problem_starting(written)["start"] == written


@pytest.mark.parametrize(
    "written", ["2012-03", "14/03/2012", "2012-3-1", "2012-13-01", "2012-03-14T08:30", "", "2012\n"]
)
def test_other_clinical_dates_are_refused(written: str) -> None:
    with pytest.raises(NotInContract, match="start"):
        problem_starting(written)


def problem_starting(written: str) -> dict[str, Any]:
    code = {"code": "I10", "code_system": "2.16.840.1.113883.6.3", "label": "HTA"}
    problem = from_json(json.dumps({"id": "p", "label": "HTA", "code": code, "start": written}), Problem)
    read: dict[str, Any] = json.loads(to_json(problem))
    return read


def test_python_objects_are_held_against_the_contract_too() -> None:
    patient = Patient(patient_id="p", file=PatientFile(identity=IDENTITY))
    assert checked(patient, Patient) == patient
    wrong = Patient(patient_id="p", file=PatientFile(identity=IDENTITY, attending_physician=Ins(matricule="", oid="")))  # type: ignore[arg-type]
    with pytest.raises(NotInContract):
        checked(wrong, Patient)


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return build()


def test_the_openapi_file_says_what_the_models_say(description: dict[str, Any]) -> None:
    assert FILE.read_text("utf-8") == as_text(description), "run: python -m conformance.sut.openapi"


def test_the_openapi_file_describes_each_operation_of_the_protocol(description: dict[str, Any]) -> None:
    described = {item["operationId"] for path in description["paths"].values() for item in path.values()}
    offered = {name for name in vars(Product) if not name.startswith("_")}
    assert described == offered == {operation.name for operation in OPERATIONS}


def test_every_operation_may_answer_501(description: dict[str, Any]) -> None:
    for operation in OPERATIONS:
        described = description["paths"][operation.path][operation.method.lower()]
        assert "501" in described["responses"], operation.name


@pytest.mark.parametrize(
    ("wrong", "fr", "en"),
    [
        (b"{}", "birth_name : champ absent", "birth_name: missing field"),
        (b"<html>", "ce n’est pas du JSON en UTF-8", "not JSON in UTF-8"),
        (b"[]", "un objet est attendu", "an object is expected"),
        (b'{"birth_nom": "x"}', "birth_nom : champ inconnu du contrat", "birth_nom: field unknown to the contract"),
        (b'{"birth_place": "Paris"}', "birth_place : n’a pas la forme", "birth_place: is not of the form"),
        (b'{"sex": "X"}', "sex : attendu", "sex: expected"),
        (b"{}", "et 3 autres", "and 3 more"),
    ],
)
def test_a_refusal_is_said_in_both_languages(wrong: bytes, fr: str, en: str) -> None:
    said = []
    for shape in (Identity, Ins):
        with pytest.raises(NotInContract) as caught:
            from_json(wrong, shape)
        said.append(caught.value.why)
    assert any(fr in why.fr for why in said), said
    assert any(en in why.en for why in said), said
