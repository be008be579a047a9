"""The results of a laboratory report as the product keeps them."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final

from conformance.sut.codec import model

LOINC: Final = "2.16.840.1.113883.6.1"

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?|[+-]?\.[0-9]+")


@model
class Amount:
    """A number as the laboratory wrote it, with its unit; no unit when none is given."""

    text: str
    unit: str | None = None

    @property
    def number(self) -> Decimal | None:
        """The number, exactly; ``None`` when what is written is no number."""
        return Decimal(self.text) if _NUMBER.fullmatch(self.text) else None


@model
class Limit:
    """One end of an interval. ``others`` are the same limit in other units."""

    amount: Amount
    included: bool = True
    others: tuple[Amount, ...] = ()

    def in_unit(self, unit: str | None) -> Limit | None:
        """The limit as the laboratory gives it in another unit."""
        return next((replace(self, amount=one, others=()) for one in self.others if one.unit == unit), None)


@model
class Span:
    """An interval; a side that is ``None`` has no limit."""

    low: Limit | None = None
    high: Limit | None = None


@model
class Normal:
    """A reference range and whom it is for. ``code`` is what the laboratory calls a value inside (N)."""

    span: Span | None = None
    code: str | None = None
    sex: str | None = None
    age: Span | None = None
    condition: str = ""
    words: str = ""


@model
class LabResult:
    """One result. ``span`` holds a number (both ends alike) or a limit of measure; ``None`` for words and codes.

    ``signals`` say why the user is told (``interpretation``, ``interval``, ``comment``), ``critical`` whether at
    once, ``reasons`` in which words.
    """

    code: str | None
    local_code: str | None
    label: str
    text: str
    unit: str | None = None
    others: tuple[Amount, ...] = ()
    span: Span | None = None
    normals: tuple[Normal, ...] = ()
    codes: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    status: str = "completed"
    time: str = ""
    germ: str = ""
    signals: tuple[str, ...] = ()
    critical: bool = False
    reasons: tuple[str, ...] = ()


@model
class LabReport:
    """A report: its results, and comments on more than one of them; ``type`` is the LOINC code of the document."""

    type: str = ""
    results: tuple[LabResult, ...] = ()
    remarks: tuple[str, ...] = ()
    sex: str | None = None
    born: str | None = None
    final: bool = True
    structured: bool = True

    @property
    def to_tell(self) -> bool:
        """Whether the user must be told of something outside the document."""
        return bool(self.remarks) or any(one.signals or one.comments for one in self.results)

    @property
    def critical(self) -> bool:
        """Whether the user must be told at once."""
        return any(one.critical for one in self.results)
