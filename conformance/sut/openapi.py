"""The OpenAPI 3.1 description of the contract, made from the models and the table of operations.

``openapi.json`` beside this file is what vendors read; a test holds that it says exactly this. Write it
again with ``python -m conformance.sut.openapi``.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from conformance.sut.codec import documented
from conformance.sut.contract import CONTRACT_VERSION, Product, Refusal
from conformance.sut.operations import OPERATIONS, Operation
from conformance.sut.record import ItemId

FILE = Path(__file__).with_name("openapi.json")

_REFERENCE = "#/components/schemas/{model}"


class _Plain(GenerateJsonSchema):
    """JSON Schema without the titles that only repeat the names of the fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def build() -> dict[str, Any]:
    """The whole description as JSON values."""
    with documented():
        schemas, definitions = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _path_item(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "segur-conformance: contract with the product under test",
            "version": CONTRACT_VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": (
                "What a product answers so that the kit can test it. An operation that it does not offer "
                "answers 501: its tests become questions to a person. Identities are test identities."
            ),
        },
        "paths": paths,
        "components": {"schemas": definitions},
    }


def as_text(description: dict[str, Any]) -> str:
    """The description as the file holds it."""
    return json.dumps(description, ensure_ascii=False, indent=2) + "\n"


def _schemas() -> tuple[dict[tuple[str, str], Any], dict[str, Any]]:
    """The schema of each body, by (operation, ``request`` or ``response``), and the shared definitions."""
    wanted: list[tuple[str, Literal["validation"], TypeAdapter[Any]]] = [
        ("refusal|body", "validation", TypeAdapter(Refusal)),
        ("item|id", "validation", TypeAdapter(ItemId)),
    ]
    for operation in OPERATIONS:
        for side, shape in (("request", operation.request), ("response", operation.response)):
            if shape is not None and shape is not bytes:
                wanted.append((f"{operation.name}|{side}", "validation", TypeAdapter(shape)))
    found, shared = TypeAdapter.json_schemas(wanted, ref_template=_REFERENCE, schema_generator=_Plain)
    by_body = {(key.partition("|")[0], key.partition("|")[2]): schema for (key, _), schema in found.items()}
    definitions = dict(sorted(shared["$defs"].items()))
    for schema in definitions.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    return by_body, definitions


def _path_item(operation: Operation, schemas: dict[tuple[str, str], Any]) -> dict[str, Any]:
    refusal = {"application/json": {"schema": schemas["refusal", "body"]}}
    item: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary.en,
        "description": f"{inspect.getdoc(getattr(Product, operation.name))}\n\n{operation.summary.fr}.",
        "responses": {
            str(operation.status): _answer(operation, schemas),
            "501": {"description": "Not offered by this product."},
        },
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schemas["item", "id"]}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    parameters += [
        {"name": name, "in": "query", "required": required, "schema": {"type": "string", "minLength": 1}}
        for name, required in operation.query
    ]
    if parameters:
        item["parameters"] = parameters
        item["responses"]["404"] = {"description": "Unknown here.", "content": refusal}
    if operation.request is not None:
        item["responses"]["404"] = {
            "description": "Something that the request names is unknown here.",
            "content": refusal,
        }
        item["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[operation.name, "request"]}},
        }
        item["responses"]["400"] = {"description": "Not JSON, or not of this contract.", "content": refusal}
    if operation.request is not None or operation.method != "GET" or operation.query:
        item["responses"]["409"] = {"description": "Not allowed in the present state.", "content": refusal}
        item["responses"]["422"] = {"description": "Understood, and refused for its content.", "content": refusal}
    return item


def _answer(operation: Operation, schemas: dict[tuple[str, str], Any]) -> dict[str, Any]:
    if operation.response is None:
        return {"description": "Done."}
    if operation.response is bytes:
        return {
            "description": "The document.",
            "content": {"application/xml": {"schema": {}}, "application/pdf": {"schema": {}}},
        }
    return {
        "description": "Done.",
        "content": {"application/json": {"schema": schemas[operation.name, "response"]}},
    }


if __name__ == "__main__":
    FILE.write_text(as_text(build()), encoding="utf-8")
