"""schemathesis runs the OpenAPI file against the reference product, on a real socket.

Whatever it sends, right or wrong, the product answers with a status and a body that the file foresees.
"""

from __future__ import annotations

import itertools
import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from conformance.lgc.practice import OFFERED
from conformance.lgc.process import ReferenceProduct
from conformance.sut.check import PROBE
from conformance.sut.contract import DocumentRequest
from conformance.sut.http import HttpProduct
from conformance.sut.openapi import FILE
from conformance.sut.operations import BY_NAME
from tests.sut.hostile import hostile_product, says

DESCRIPTION = json.loads(FILE.read_text("utf-8"))


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]

PAIRS = [
    pytest.param(name, mode, id=f"{name} {mode.value}")
    for name in OFFERED
    for mode in GenerationMode
    # An operation that takes nothing cannot be sent anything wrong.
    if mode is GenerationMode.POSITIVE or BY_NAME[name].request or BY_NAME[name].query or "{" in BY_NAME[name].path
]


def described(url: str) -> BaseSchema:
    """The description, pointed at a running product."""
    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    schema.config.update(base_url=url)
    return schema


@pytest.fixture(scope="session")
def api(reference: ReferenceProduct) -> BaseSchema:
    return described(reference.url)


@pytest.fixture
def known(reference: ReferenceProduct) -> dict[str, str]:
    """Ids that the product knows: without them it would only ever say 404."""
    product = HttpProduct(reference.url)
    patient = product.create_patient(PROBE)
    document = product.generate_document(patient.patient_id, DocumentRequest(type="vsm"))
    return {"patient_id": patient.patient_id, "document_id": document.document_id}


def conforming(api: BaseSchema, name: str, mode: GenerationMode, known: dict[str, str]) -> None:
    """Send what hypothesis draws to one operation; every other time with ids that exist."""
    turns = itertools.cycle([True, False])

    @settings(max_examples=16, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=api.find_operation_by_id(name).as_strategy(generation_mode=mode))
    def conforms(case: Case) -> None:
        if mode is GenerationMode.POSITIVE and case.path_parameters and next(turns):
            case.path_parameters = {key: known.get(key, drawn) for key, drawn in case.path_parameters.items()}
        case.call_and_validate(checks=CHECKS, timeout=20)

    conforms()


@pytest.mark.parametrize(("name", "mode"), PAIRS)
def test_what_the_product_offers_keeps_to_the_file(
    api: BaseSchema, known: dict[str, str], name: str, mode: GenerationMode
) -> None:
    conforming(api, name, mode, known)


def test_an_answer_outside_the_file_is_found() -> None:
    wrong = says("200 OK", b'{"name": "Doc"}')
    with hostile_product(wrong) as url, pytest.raises(FailureGroup, match="vendor"):
        conforming(described(url), "about", GenerationMode.POSITIVE, {})


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - set(OFFERED)))
def test_what_the_product_does_not_offer_answers_501(api: BaseSchema, name: str) -> None:
    @settings(max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=api.find_operation_by_id(name).as_strategy())
    def answers_501(case: Case) -> None:
        assert case.call(timeout=20).status_code == 501

    answers_501()
