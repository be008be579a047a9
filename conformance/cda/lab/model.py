"""What a laboratory report says, as data: results, values, ranges, codes, comments, germs, files.

Nothing is judged here and nothing is rounded: numbers are ``Decimal``, and beside each stands the text as it is
written in the document. Source: CI-SIS, volet CR d'examens de biologie médicale; IHE PaLM; HL7 CDA R2 data types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from conformance.core.findings import Place

LOINC: Final = "2.16.840.1.113883.6.1"


class ValueKind(StrEnum):
    """The forms that a value takes."""

    QUANTITY = "quantity"
    """PQ: a number and its unit."""
    NUMBER = "number"
    """REAL, INT: a number without unit."""
    INTERVAL = "interval"
    """IVL_PQ (IVL_REAL, IVL_INT): a limit, or two; never a point."""
    TITRE = "titre"
    """RTO: numerator over denominator."""
    CODE = "code"
    """CD, CE, CO…: a code, or only words of the narrative."""
    TEXT = "text"
    """ST, ED."""
    OTHER = "other"
    """Dates, booleans and whatever the schema allows."""
    NULL = "null"
    """A nullFlavor stands for the value."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code as the document gives it; ``words`` are those of the narrative that it refers to."""

    code: str | None
    system: str | None = None
    label: str | None = None
    words: str = ""
    null_flavor: str | None = None
    translations: tuple[Code, ...] = ()

    @property
    def name(self) -> str:
        """The label, else the words of the narrative, else that of a translation, else the code."""
        others = (translation.name for translation in self.translations)
        return self.label or self.words or next(others, "") or self.code or ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit; ``number`` is ``None`` when ``written`` is no decimal number, or absent.

    ``unit`` is ``None`` when the document gives none (by the standard that means ``1``, in practice it is
    often forgotten). ``translations`` are the same quantity in other units.
    """

    written: str | None
    number: Decimal | None
    unit: str | None
    translations: tuple[Quantity, ...] = ()
    null_flavor: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of an interval. ``unbounded`` when the document says so (NINF, PINF)."""

    quantity: Quantity
    inclusive: bool = True
    unbounded: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval; a missing side is ``None``, that is without limit."""

    low: Bound | None = None
    high: Bound | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a result. ``written`` is what the document writes, with no unit."""

    kind: ValueKind
    written: str
    quantity: Quantity | None = None
    interval: Interval | None = None
    code: Code | None = None
    ratio: tuple[Quantity, Quantity] | None = None
    null_flavor: str | None = None

    @property
    def unit(self) -> str | None:
        """The unit: of the quantity, or the one that the bounds of the interval share."""
        if self.quantity is not None:
            return self.quantity.unit
        if self.interval is not None:
            units = {
                b.quantity.unit for b in (self.interval.low, self.interval.high) if b is not None and not b.unbounded
            }
            return units.pop() if len(units) == 1 else None
        return None

    @property
    def translations(self) -> tuple[Quantity, ...]:
        """The same value in other units."""
        return self.quantity.translations if self.quantity is not None else ()


class CriterionKind(StrEnum):
    """What a range may depend on."""

    SEX = "sex"
    AGE = "age"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition on a range: ``sex`` is M, F or I; ``age`` an interval in a unit of time; else ``words``."""

    kind: CriterionKind
    sex: str | None = None
    age: Interval | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """A reference range. ``code`` says what a value inside it means (N: normal); ``words`` replace numbers."""

    interval: Interval | None = None
    code: Code | None = None
    criteria: tuple[Criterion, ...] = ()
    words: str = ""
    value_type: str = ""


class CommentLevel(StrEnum):
    """What a comment speaks of."""

    REPORT = "report"
    CHAPTER = "chapter"
    GROUP = "group"
    """A battery or an isolate."""
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of the laboratory and where it stands.

    ``lost`` when it refers to a place of the narrative that does not exist: there is a comment, nobody knows which.
    """

    level: CommentLevel
    words: str
    place: Place = field(default_factory=Place)
    lost: bool = False

    @property
    def says(self) -> bool:
        """Whether it is more than an empty element."""
        return bool(self.words) or self.lost


@dataclass(frozen=True, slots=True)
class PreviousResult:
    """An earlier result of the same analysis, that the report recalls."""

    code: Code
    values: tuple[Value, ...]
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a result is about, for the ranges that depend on sex or age: the patient, or another (``words``)."""

    sex: str | None = None
    born: date | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One result and all that is said of it.

    ``time`` is an HL7 time stamp as written; ``status`` the code of its ``statusCode``; ``chapter`` the title
    of its section; ``group`` the name of its battery; ``germ`` the germ of the isolate that it belongs to.
    """

    code: Code
    values: tuple[Value, ...] = ()
    interpretations: tuple[Code, ...] = ()
    ranges: tuple[ReferenceRange, ...] = ()
    comments: tuple[Comment, ...] = ()
    methods: tuple[Code, ...] = ()
    previous: tuple[PreviousResult, ...] = ()
    status: str | None = None
    time: str | None = None
    chapter: str = ""
    group: str = ""
    germ: Code | None = None
    laboratory: str = ""
    """The executing laboratory when the act names another one than the header."""
    subject: Subject | None = None
    """Whom the result is about, when it is not the patient: an animal, a donor, a relative."""
    mood: str = "EVN"
    """``EVN``: observed. Anything else (asked for, a goal) is no result yet."""
    negated: bool = False
    told: str = ""
    """The line of the narrative that the name of the result refers to (what the biologist signs)."""
    group_comments: tuple[Comment, ...] = ()
    chapter_comments: tuple[Comment, ...] = ()
    place: Place = field(default_factory=Place)

    @property
    def loinc(self) -> str | None:
        """The LOINC code (of the result, or of a translation), or ``None``."""
        found = (one.code for one in (self.code, *self.code.translations) if one.system == LOINC)
        return next((code for code in found if code), None)

    @property
    def value(self) -> Value | None:
        """The first value: the examples give exactly one."""
        return self.values[0] if self.values else None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the report. ``role`` is ``body`` (level 1), ``copy``, ``subcontracted`` or ``image``."""

    role: str
    media_type: str
    size: int | None
    """Bytes once decoded; ``None`` when the base64 does not decode."""
    title: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class LabReport:
    """A whole report.

    ``structured`` is false for a level 1 document, whose results cannot be read. ``final`` is false when the act
    is still ``active``, ``None`` when nothing says it. ``replaces`` are the ids of the documents it replaces.
    """

    results: tuple[Result, ...]
    comments: tuple[Comment, ...]
    attachments: tuple[Attachment, ...] = ()
    subject: Subject = field(default_factory=Subject)
    structured: bool = True
    title: str = ""
    document_id: str = ""
    set_id: str = ""
    version: str = ""
    replaces: tuple[str, ...] = ()
    final: bool | None = None
    time: str | None = None
    laboratory: str = ""
    subcontractors: tuple[str, ...] = ()

    @property
    def corrects(self) -> bool:
        """Whether it takes the place of an earlier version."""
        return bool(self.replaces)
