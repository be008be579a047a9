"""Records as the product accepts them: what could not be written faithfully is refused when it is entered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime

from conformance.lgc.refusals import Refused
from conformance.sut.contract import Category, ClinicalRecord

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_words(value: object) -> None:
    """Refuse characters that no XML document can carry, anywhere in ``value`` (422)."""
    for words in _words(value):
        found = _NOT_XML.search(words)
        if found:
            raise Refused(422, "character", f"Le caractère U+{ord(found[0]):04X} n’est pas admis.")
        if not words.strip():
            raise Refused(422, "empty_text", "Un texte ne contient que des espaces.")


def check_record(record: ClinicalRecord) -> None:
    """Refuse a record that contradicts itself (422): ids twice, impossible days, ends before starts."""
    seen: set[str] = set()
    for category in Category:
        items = getattr(record, category.value)
        if items and category in record.none_known:
            raise Refused(422, "none_known", f"« {category} » est dite vide et ne l’est pas.")
        for item in items:
            if item.id in seen:
                raise Refused(422, "item_twice", f"L’élément « {item.id} » est là deux fois.")
            seen.add(item.id)
            for name in ("start", "end", "date"):
                _check_day(getattr(item, name, None))
            start, end = getattr(item, "start", None), getattr(item, "end", None)
            if start and end and end[:10] < start[: len(end[:10])]:
                raise Refused(422, "end_before_start", f"L’élément « {item.id} » finit avant de commencer.")


def _check_day(written: str | None) -> None:
    if not written:
        return
    try:
        if len(written) == 4:
            date(int(written), 1, 1)
        else:
            datetime.fromisoformat(written)
    except ValueError as error:
        raise Refused(422, "impossible_date", f"« {written} » n’est pas une date possible.") from error


def _words(value: object) -> Iterator[str]:
    """Every text inside a model."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _words(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _words(getattr(value, field.name))
