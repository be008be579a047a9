"""Draws values of the contract from its own models, whatever they are: for tests of the contract itself."""

from __future__ import annotations

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, timedelta, timezone
from enum import Enum
from functools import cache
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30))]))
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@cache
def values(shape: Any) -> st.SearchStrategy[Any]:
    """Values of ``shape``: a model, an annotation of a field, a tuple…"""
    origin = get_origin(shape)
    if origin is Annotated:
        base, *notes = get_args(shape)
        return _constrained(base, notes)
    if origin in (Union, types.UnionType):
        return st.one_of([st.none() if part is type(None) else values(part) for part in get_args(shape)])
    if origin is tuple:
        return st.lists(values(get_args(shape)[0]), max_size=2).map(tuple)
    if is_dataclass(shape):
        return _model(shape)
    if issubclass(shape, Enum):
        return st.sampled_from(list(shape))
    return {
        str: WORDS,
        int: st.integers(-1000, 1000),
        bool: st.booleans(),
        date: st.dates(),
        AwareDatetime: MOMENTS,
    }[shape]


def _model(shape: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(shape, include_extras=True)
    drawn = {
        field.name: values(hints[field.name])
        if field.default is MISSING
        else st.one_of(st.just(field.default), values(hints[field.name]))
        for field in fields(shape)
        if get_origin(hints[field.name]) is not ClassVar
    }
    return st.builds(shape, **drawn)


def _constrained(base: Any, notes: list[Any]) -> st.SearchStrategy[Any]:
    found = [each for note in notes if isinstance(note, FieldInfo) for each in note.metadata]
    if base is int:
        return st.integers(0, 1000)
    longest = min([note.max_length for note in found if getattr(note, "max_length", None)], default=60)
    for note in found:
        if getattr(note, "pattern", None):
            # Python's $ matches before a last newline; the contract's does not.
            drawn = st.from_regex(note.pattern.replace("$", r"\Z"), alphabet=st.characters(codec="ascii"))
            return drawn.filter(lambda text: len(text) <= longest)
    return WORDS
