"""The class of a document in the DMP follows from its type (association ASS_X16 of the ANS, type to class)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def dmp_class_of(type_code: str, system: str | None = None) -> str | None:
    """The class (JDV_J57) that a document of this type (JDV_J66) has in the DMP.

    ``None`` for the types that the association leaves without a class (six of JDV_J66), and for any other.
    ``system`` is compared when given.
    """
    found = _association().get(type_code)
    if found is None or system not in (None, found[0]):
        return None
    return found[1]


@cache
def _association() -> Mapping[str, tuple[str, str]]:
    text = (files("conformance.terminology") / "type_to_class_dmp.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines()[1:])
    return {type_code: (system, document_class) for type_code, system, document_class in lines}
