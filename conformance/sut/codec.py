"""Models of the contract: frozen dataclasses that are checked when they cross the wire.

One decorator makes a model; ``to_json`` writes it; ``from_json`` reads it and trusts nothing: unknown
keys, wrong types and missing values raise ``NotInContract`` with the place and the reason.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from conformance.core.language import Text

T = TypeVar("T")

_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def model(cls: type[T]) -> type[T]:
    """Make ``cls`` a model of the contract: a frozen dataclass, by keyword only, strict on the wire."""
    cls.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]  # the name by which pydantic finds its settings
    cls.__annotations__ = {**cls.__annotations__, "__pydantic_config__": ClassVar[ConfigDict]}
    return dataclass(frozen=True, kw_only=True)(cls)


@contextmanager
def documented() -> Iterator[None]:
    """Adapters made meanwhile know the words beside each field, for who describes the contract.

    They are read from the source of the models, which takes longer than all the rest of an adapter.
    """
    _STRICT["use_attribute_docstrings"] = True
    try:
        yield
    finally:
        del _STRICT["use_attribute_docstrings"]


class NotInContract(ValueError):
    """A value that the contract does not allow; ``why`` names the place and the reason."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why

    def __str__(self) -> str:
        return str(self.why)


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
        written = adapter(shape).dump_json(value, warnings="error")
    except (ValueError, TypeError, AttributeError) as error:
        seen = type(value).__name__
        raise NotInContract(
            Text(f"une valeur de type {seen} ({error})", f"a value of type {seen} ({error})")
        ) from error
    return from_json(written, shape)


_REASONS: dict[str, Text] = {
    "missing": Text("champ absent", "missing field"),
    "extra_forbidden": Text("champ inconnu du contrat", "field unknown to the contract"),
    "unexpected_keyword_argument": Text("champ inconnu du contrat", "field unknown to the contract"),
    "json_invalid": Text("ce n’est pas du JSON en UTF-8", "not JSON in UTF-8"),
    "dataclass_type": Text("un objet est attendu", "an object is expected"),
    "tuple_type": Text("une liste est attendue", "a list is expected"),
    "string_type": Text("un texte est attendu", "a text is expected"),
    "int_type": Text("un entier est attendu", "an integer is expected"),
    "bool_type": Text("true ou false est attendu", "true or false is expected"),
    "string_too_short": Text("texte trop court", "text too short"),
    "string_too_long": Text("texte trop long", "text too long"),
    "timezone_aware": Text("le décalage UTC manque", "the UTC offset is missing"),
}
"""What pydantic finds, in the words of the kit; the rest is said in its own."""

_MOST_REASONS = 3


def _said(error: ValidationError) -> Text:
    """The first reasons of a refusal, each with its place (``identity.birth_date : …``); what is wrong comes
    before what is missing, since a whole object of another kind lacks everything.
    """
    reasons = error.errors(include_url=False, include_input=False)
    reasons.sort(key=lambda reason: reason["type"] == "missing")
    told = [_reason(each) for each in reasons[:_MOST_REASONS]]
    more = len(reasons) - len(told)
    if more:
        told.append(Text(f"et {more} autres", f"and {more} more"))
    return Text("; ".join(text.fr for text in told), "; ".join(text.en for text in told))


def _reason(reason: ErrorDetails) -> Text:
    place = ".".join(str(part) for part in reason["loc"])
    why = _REASONS.get(reason["type"])
    if why is None and "pattern" in reason["type"]:
        pattern = reason.get("ctx", {}).get("pattern", "")
        why = Text(f"n’a pas la forme {pattern}", f"is not of the form {pattern}")
    if why is None and reason["type"] == "enum":
        expected = reason.get("ctx", {}).get("expected", "")
        why = Text(f"attendu : {expected}", f"expected: {expected}")
    why = why or Text(reason["msg"], reason["msg"])
    return Text(f"{place} : {why.fr}", f"{place}: {why.en}") if place else why
