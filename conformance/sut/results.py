"""Laboratory results as structured data, and the warnings that they raise, as the user sees them (contract 1.1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from conformance.sut.codec import model
from conformance.sut.documents import DocumentStatus, Flag
from conformance.sut.record import Coded, ItemId, Words


@model
class Measure:
    """A value as shown: digits with a point (or words), and the unit beside it."""

    value: str
    unit: str = ""
    comparator: Annotated[str, Field(pattern=r"^(<|<=|>|>=)?$")] = ""


@model
class Bound:
    """One end of a reference range."""

    value: str
    inclusive: bool = True


@model
class ReferenceRange:
    """A reference range as shown: its ends (absent: open), or words; ``condition``: for whom it holds."""

    low: Bound | None = None
    high: Bound | None = None
    text: str = ""
    condition: str = ""


@model
class LabResult:
    """One result of a patient.

    ``value`` is in the unit asked for, or in that of the report; ``others`` the same result in its other units.
    ``interpretations`` are the codes of the report (``H``, ``LL``…); ``flags`` what the user sees beside the result.
    ``status`` tells a result of a report that was replaced or deleted since: its trace stays.
    """

    result_id: ItemId
    document_id: ItemId
    label: Words
    code: Coded | None = None
    date: AwareDatetime | None = None
    value: Measure | None = None
    others: tuple[Measure, ...] = ()
    ranges: tuple[ReferenceRange, ...] = ()
    interpretations: tuple[Words, ...] = ()
    comments: tuple[Words, ...] = ()
    flags: tuple[Flag, ...] = ()
    status: DocumentStatus = DocumentStatus.CURRENT


@model
class Alert:
    """A warning to be read at once, shown before any document is opened."""

    alert_id: ItemId
    text: Words
    raised: AwareDatetime
    patient_id: ItemId | None = None
    document_id: ItemId | None = None
    item_id: ItemId | None = None
    acknowledged: bool = False
