"""Models of the contract: frozen dataclasses that are checked when they cross the wire.

One decorator makes a model; ``to_json`` writes it; ``from_json`` reads it and trusts nothing: unknown
keys, wrong types and missing values raise ``NotInContract`` with the place and the reason.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

from pydantic import ConfigDict, TypeAdapter, ValidationError

T = TypeVar("T")

_STRICT = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def model(cls: type[T]) -> type[T]:
    """Make ``cls`` a model of the contract: a frozen dataclass, by keyword only, strict on the wire."""
    cls.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]  # the name by which pydantic finds its settings
    cls.__annotations__ = {**cls.__annotations__, "__pydantic_config__": ClassVar[ConfigDict]}
    return dataclass(frozen=True, kw_only=True)(cls)


class NotInContract(ValueError):
    """A value that the contract does not allow; its text names the place and the reason."""


def adapter(shape: type[T]) -> TypeAdapter[T]:
    """The reader and writer of ``shape`` (a model, a tuple of models, a string…)."""
    return _adapter(cast(Hashable, shape))


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def to_json(value: Any, shape: Any = None) -> bytes:
    """``value`` as JSON in UTF-8; ``shape`` when it is not simply the type of ``value``."""
    written: bytes = adapter(shape or type(value)).dump_json(value)
    return written


def from_json(text: bytes | str, shape: type[T]) -> T:
    """Read JSON as ``shape``; raises ``NotInContract``."""
    try:
        return adapter(shape).validate_json(text)
    except ValidationError as error:
        raise NotInContract(_said(error)) from error


def checked(value: T, shape: type[T]) -> T:
    """The same value, after a journey through JSON: proves that a Python object keeps to the contract."""
    try:
        return from_json(adapter(shape).dump_json(value, warnings="error"), shape)
    except (ValueError, TypeError) as error:
        raise NotInContract(str(error)) from error


def _said(error: ValidationError, most: int = 3) -> str:
    """The first reasons of a refusal, each with its place (``identity.birth_date: …``)."""
    reasons = error.errors(include_url=False, include_input=False)
    lines = [f"{'.'.join(str(part) for part in r['loc']) or '(whole)'}: {r['msg']}" for r in reasons[:most]]
    if len(reasons) > most:
        lines.append(f"… and {len(reasons) - most} more")
    return "; ".join(lines)
