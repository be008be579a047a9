"""Whether a value read from a file keeps to a published schema of ``reports/``: what others write is never trusted."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.resources import data_folder

REPORT = "run-report.schema.json"
MANIFEST = "evidence-bundle.schema.json"

_LONGEST = 200


def read_json(data: bytes) -> Any:
    """The JSON value of ``data``.

    Raises ``ValueError`` also for what JSON libraries let through and no view can show: numbers without end,
    half characters (lone surrogates), brackets nested without end.
    """
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def complaint(value: Any, schema: str) -> str:
    """The first thing that does not keep to the schema: where, and what; empty when all does."""
    error = next(_validator(schema).iter_errors(value), None)
    if error is None:
        return ""
    where = "/".join(map(str, error.instance_path)) or "/"
    said = " ".join(error.message.split())
    return f"{where} – {said if len(said) <= _LONGEST else said[: _LONGEST - 1] + '…'}"


@lru_cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema_file(schema).read_bytes()), validate_formats=True)


def schema_file(schema: str) -> Path:
    """Where a published schema lies."""
    return data_folder("reports") / schema


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")
