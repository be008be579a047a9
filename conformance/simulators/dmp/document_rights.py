"""Which documents a professional may read, deposit or manage in the DMP: profession × type of document × access mode.

The lines that the sources state are in ``document_rights.tsv``. The whole table (« matrice d'habilitation », published
on dmp.fr) was not read: whoever has it writes it in the same form, and names the file in the option
``document_rights``; its lines come before the kit's. The first line that says something decides.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from conformance.core.errors import UsageError
from conformance.core.language import Text

ANY: Final = "*"
_CLASS: Final = "class:"
_COLUMNS: Final = ("who", "document", "access", "read", "deposit", "manage", "source")


class Use(StrEnum):
    """What is done with a document: read (TD3.1, TD3.2), deposited (TD2), deleted or archived (TD3.3c, TD3.3d)."""

    READ = "read"
    DEPOSIT = "deposit"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table. ``who``: a code of profession (``21``), of another role, or a kind of user
    (``attending_doctor``); ``document``: a type (``11369-6``), the beginning of types (``DOCPAT*``) or a class
    (``class:90``); ``access``: a code of TRE_R248. ``*`` is any. ``says``: the uses allowed or not; silent on others.
    """

    who: str
    document: str
    access: str
    says: dict[Use, bool]

    def concerns(self, names: Iterable[str], type_code: str, class_code: str, access: str) -> bool:
        """Whether the line is about this user (all that they are called), document and access."""
        if (self.who != ANY and self.who not in names) or self.access not in (ANY, access):
            return False
        if self.document.startswith(_CLASS):
            return self.document.removeprefix(_CLASS) == class_code
        if self.document.endswith(ANY):
            return type_code.startswith(self.document[:-1])
        return self.document == type_code


@dataclass(frozen=True, slots=True)
class DocumentRights:
    """The lines of the table, in their order."""

    lines: tuple[Line, ...]

    def allows(self, use: Use, names: Iterable[str], type_code: str, class_code: str, access: str) -> bool:
        """Whether the table allows it; what no line speaks of is allowed."""
        known = tuple(names)
        for line in self.lines:
            if use in line.says and line.concerns(known, type_code, class_code, access):
                return line.says[use]
        return True


@cache
def document_rights(path: str = "") -> DocumentRights:
    """The kit's table, after the lines of the file at ``path``. Raises ``UsageError`` for a file that is no table."""
    own = (files("conformance.simulators.dmp") / "document_rights.tsv").read_text("utf-8")
    given: tuple[Line, ...] = ()
    if path:
        try:
            given = tuple(_lines(Path(path).read_text("utf-8-sig")))
        except (OSError, ValueError) as error:
            raise _wrong(path, str(error)) from error
    return DocumentRights((*given, *_lines(own)))


def _lines(text: str) -> Iterator[Line]:
    rows = csv.DictReader(text.splitlines(), delimiter="\t", restval="")
    if tuple(rows.fieldnames or ())[:6] != _COLUMNS[:6]:
        raise ValueError(f"columns: {', '.join(_COLUMNS)}")
    for number, row in enumerate(rows, start=2):
        says: dict[Use, bool] = {}
        for use in Use:
            written = row[use].strip()
            if written not in ("", "y", "-"):
                raise ValueError(f"line {number}, {use}: “{written}” (y, -, or nothing)")
            if written:
                says[use] = written == "y"
        who, document, access = (row[name].strip() for name in _COLUMNS[:3])
        if not (who and document and access):
            raise ValueError(f"line {number}: who, document and access are wanted (* for any)")
        yield Line(who, document, access, says)


def _wrong(path: str, why: str) -> UsageError:
    return UsageError(
        "dmp.document-rights",
        Text(
            f"La table des droits {path} ne se lit pas ({why}).", f"The table of rights {path} cannot be read ({why})."
        ),
        Text(
            f"Un fichier à tabulations, de colonnes {', '.join(_COLUMNS)}.",
            f"A file with tabs, of columns {', '.join(_COLUMNS)}.",
        ),
    )
