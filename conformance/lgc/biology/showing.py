"""Shows a result to the user: in its unit or in the one that he asks for, with its range and its flags."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from conformance.lgc.biology.model import LOINC, Amount, LabResult, Limit, Normal, Span
from conformance.sut.contract import Bound, Coded, DocumentStatus, Flag, FlagKind, Measure, ReferenceRange
from conformance.sut.contract import LabResult as ShownResult
from conformance.terminology import units

_SEXES: Final = {"F": "femme", "M": "homme"}
_LONGEST: Final = 2000


class LabShowing:
    """Shows results. Each method shows one thing."""

    def shown(
        self, result: LabResult, result_id: str, document_id: str, status: DocumentStatus, unit: str | None
    ) -> ShownResult:
        """One result; in ``unit`` when it converts, else as the laboratory gave it."""
        value = self.value(result, unit)
        return ShownResult(
            result_id=result_id,
            document_id=document_id,
            label=self.label(result),
            code=self.code(result),
            date=self.date(result),
            value=value,
            others=self.others(result, value),
            ranges=tuple(self.range(one, value) for one in result.normals),
            interpretations=result.codes,
            comments=tuple(words[:_LONGEST] for words in result.comments if words),
            flags=self.flags(result),
            status=status,
        )

    def label(self, result: LabResult) -> str:
        """The name of the analysis, with the germ that it is about."""
        name = result.label or result.code or result.local_code or "Analyse sans nom"
        return f"{result.germ} : {name}"[:_LONGEST] if result.germ else name[:_LONGEST]

    def code(self, result: LabResult) -> Coded | None:
        """The LOINC code."""
        return Coded(code=result.code, code_system=LOINC, label=result.label or result.code) if result.code else None

    def date(self, result: LabResult) -> datetime | None:
        """When the result was obtained; a time without offset is that of the practice."""
        digits, sign, offset = _parts(result.time)
        try:
            moment = datetime.strptime(
                digits[:14], {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}[len(digits[:14])]
            )
            return (
                datetime.strptime(f"{moment:%Y%m%d%H%M%S}{sign}{offset}", "%Y%m%d%H%M%S%z")
                if sign
                else moment.astimezone()
            )
        except (KeyError, ValueError):
            return None

    def flags(self, result: LabResult) -> tuple[Flag, ...]:
        """What the user sees beside the result."""
        flags = []
        if result.critical:
            flags.append(Flag(kind=FlagKind.URGENT, text="à lire tout de suite"))
        if "interpretation" in result.signals or "interval" in result.signals:
            flags.append(Flag(kind=FlagKind.ABNORMAL, text=" ; ".join(result.reasons)))
        if "comment" in result.signals:
            flags.append(Flag(kind=FlagKind.COMMENT, text="commentaire du laboratoire"))
        return tuple(flags)

    # Values and units ---------------------------------------------------------------------------------

    def value(self, result: LabResult, unit: str | None) -> Measure | None:
        """The value, in ``unit`` when the laboratory gives it or when it converts."""
        if not result.text:
            return None
        own = self.measure(result, result.text, result.unit)
        if unit is None or unit == result.unit:
            return own
        given = next((one for one in result.others if one.unit == unit), None)
        if given is not None:
            return self.measure(result, given.text, unit)
        moved = self.converted(Amount(text=own.value, unit=result.unit), unit)
        return own if moved is None else Measure(value=moved, unit=unit, comparator=own.comparator)

    def measure(self, result: LabResult, text: str, unit: str | None) -> Measure:
        """A value as shown; the sign of a limit of measure stands beside it."""
        digits = text.lstrip("<>=")
        comparator = text[: len(text) - len(digits)]
        if result.span is not None and not comparator:
            comparator = next((code for code in result.codes if code in ("<", ">")), "")
        return Measure(value=digits, unit=unit or "", comparator=comparator)

    def others(self, result: LabResult, value: Measure | None) -> tuple[Measure, ...]:
        """The same result in the other units of the report."""
        amounts = (Amount(text=result.text, unit=result.unit), *result.others)
        told = value.unit if value is not None else ""
        return tuple(self.measure(result, one.text, one.unit) for one in amounts if result.others and one.unit != told)

    def converted(self, amount: Amount, unit: str) -> str | None:
        """Digits in another unit, exactly; ``None`` when it does not convert."""
        number = amount.number
        if number is None or amount.unit is None:
            return None
        moved = units.convert(number, amount.unit, unit)
        return _digits(moved) if moved is not None else None

    # Ranges -------------------------------------------------------------------------------------------

    def range(self, normal: Normal, value: Measure | None) -> ReferenceRange:
        """A reference range in the unit of the value; in words when it does not convert."""
        condition = self.condition(normal)
        if normal.span is None:
            return ReferenceRange(text=normal.words, condition=condition)
        unit = value.unit if value is not None else ""
        low, high = self.bound(normal.span.low, unit), self.bound(normal.span.high, unit)
        if (low is None and normal.span.low is not None) or (high is None and normal.span.high is not None):
            return ReferenceRange(text=self.in_words(normal.span), condition=condition)
        return ReferenceRange(low=low, high=high, text=normal.words, condition=condition)

    def bound(self, limit: Limit | None, unit: str) -> Bound | None:
        """One end of a range, in ``unit``."""
        if limit is None:
            return None
        if not unit or limit.amount.unit is None or limit.amount.unit == unit:
            return Bound(value=limit.amount.text, inclusive=limit.included)
        given = limit.in_unit(unit)
        digits = given.amount.text if given is not None else self.converted(limit.amount, unit)
        return Bound(value=digits, inclusive=limit.included) if digits is not None else None

    def condition(self, normal: Normal) -> str:
        """For whom a range holds."""
        parts = [_SEXES.get(normal.sex, normal.sex)] if normal.sex else []
        parts += [f"âge {self.in_words(normal.age)}"] if normal.age else []
        parts += [f"intervalle « {normal.code} »"] if normal.code not in (None, "N") else []
        return ", ".join([*parts, *([normal.condition] if normal.condition else [])])

    def in_words(self, span: Span) -> str:
        """An interval in words."""
        told = [f"{one.amount.text} {one.amount.unit or ''}".strip() if one else "…" for one in (span.low, span.high)]
        return f"de {told[0]} à {told[1]}"


def _digits(number: Decimal) -> str:
    written = format(number, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def _parts(stamp: str) -> tuple[str, str, str]:
    """Digits, sign and offset of an HL7 time."""
    for sign in "+-":
        digits, found, offset = stamp.partition(sign)
        if found:
            return digits.partition(".")[0], sign, offset
    return stamp.partition(".")[0], "", ""
