"""Decides, from the report alone, what a product must make visible, and says why.

Three signals are kept apart, since three requirements speak of them: the interpretation code and the comment
(BIO/va1.05), the reference interval (BIO/va1.06); AA, HH and LL demand an immediate warning (BIO/va1.01). None
of them corrects another: where the code and the interval disagree, both stand and the disagreement is said.
What the sources leave open is an option (``OracleOptions``).
Source: requirements BIO/va1.01, BIO/va1.05, BIO/va1.06; reference « CR-BIO », §3.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from conformance.cda.lab import codes
from conformance.cda.lab.choosing import Choice, choose
from conformance.cda.lab.codes import ABNORMAL, CRITICAL, POSITIONS, Family, Position, family
from conformance.cda.lab.model import (
    Bound,
    Code,
    Comment,
    CommentLevel,
    LabReport,
    ReferenceRange,
    Result,
    Subject,
    Value,
    ValueKind,
)
from conformance.cda.lab.narrative import contradictions
from conformance.cda.lab.options import OracleOptions
from conformance.cda.lab.ranges import Comparison, compare, one_point, same_unit
from conformance.cda.lab.reading import as_date
from conformance.core.language import Text


class Signal(StrEnum):
    """Why a result must be seen."""

    INTERPRETATION = "interpretation"
    INTERVAL = "interval"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for one signal: « 6,8 mmol/L au-dessus de 5,1 (borne incluse) »."""

    signal: Signal
    text: Text


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is due for one result.

    ``position`` is where the value stands in its range (``None``: nothing could be decided); ``doubts`` are what
    a person should look at; ``notes`` what was assumed or left aside.
    """

    result: Result
    signals: tuple[Signal, ...] = ()
    critical: bool = False
    position: Position | None = None
    reasons: tuple[Reason, ...] = ()
    disagreement: Text | None = None
    doubts: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def flagged(self) -> bool:
        """Whether the product must make this result visible."""
        return bool(self.signals)


@dataclass(frozen=True, slots=True)
class ReportJudgement:
    """What is due for a report: the sum of its results, and its own comments.

    ``to_review`` holds what a person must read: a report whose results cannot be read, results with a doubt.
    """

    report: LabReport
    results: tuple[Judgement, ...]
    signals: tuple[Signal, ...]
    critical: bool
    to_review: tuple[Text, ...] = ()

    @property
    def flagged(self) -> tuple[Judgement, ...]:
        """The results that must be visible."""
        return tuple(one for one in self.results if one.flagged)


_RESISTANT: Final = frozenset({"R", "NS", "SYN-R"})
_NOT_DONE: Final = frozenset({"aborted", "obsolete", "cancelled", "nullified"})


def judge_report(report: LabReport, options: OracleOptions | None = None) -> ReportJudgement:
    """What a product must flag in ``report``."""
    options = options or OracleOptions()
    results = tuple(judge(result, report, options) for result in report.results)
    due = {signal for one in results for signal in one.signals}
    if any(comment.words for comment in report.comments):
        due.add(Signal.COMMENT)
    return ReportJudgement(
        report=report,
        results=results,
        signals=tuple(signal for signal in Signal if signal in due),
        critical=any(one.critical for one in results),
        to_review=tuple(_to_review(report, results)),
    )


def judge(result: Result, report: LabReport, options: OracleOptions | None = None) -> Judgement:
    """What a product must flag about one result of ``report``."""
    options = options or OracleOptions()
    if result.status in _NOT_DONE:
        said = Text(
            f"examen non réalisé ou annulé (statut {result.status})",
            f"not performed or cancelled (status {result.status})",
        )
        return Judgement(result, notes=(said,))
    notes: list[Text] = []
    if result.status == "active":
        notes.append(Text("résultat provisoire (statut active)", "provisional result (status active)"))
        if options.provisional == "ignore":
            return Judgement(result, notes=tuple(notes))
    reasons = [*_from_codes(result, options), *_from_comments(result, report, options)]
    outcome = _from_ranges(result, report.subject, options)
    if outcome.position in (Position.ABOVE, Position.BELOW) and outcome.reason is not None:
        reasons.append(Reason(Signal.INTERVAL, outcome.reason))
    due = {reason.signal for reason in reasons}
    return Judgement(
        result=result,
        signals=tuple(signal for signal in Signal if signal in due),
        critical=any(family(code) is Family.REFERENCE and code.code in CRITICAL for code in result.interpretations),
        position=outcome.position,
        reasons=tuple(sorted(reasons, key=lambda reason: list(Signal).index(reason.signal))),
        disagreement=_disagreement(result, outcome.position),
        doubts=(*_doubtful_codes(result), *outcome.doubts, *contradictions(result)),
        notes=(*notes, *outcome.notes),
    )


# The three signals ----------------------------------------------------------------------------------------


def _flags(code: Code, options: OracleOptions) -> bool:
    if family(code) is Family.UNKNOWN:
        return options.codes == "any" and code.code is not None
    if options.codes == "any":
        return code.code != "N"
    return code.code in ABNORMAL or (options.codes == "resistant" and code.code in _RESISTANT)


def _from_codes(result: Result, options: OracleOptions) -> Iterator[Reason]:
    for code in result.interpretations:
        if _flags(code, options):
            said = codes.said(code)
            yield Reason(Signal.INTERPRETATION, Text(f"code {said}", f"code {said}"))


def _from_comments(result: Result, report: LabReport, options: OracleOptions) -> Iterator[Reason]:
    told: list[Comment] = list(result.comments)
    if options.comments in ("group", "chapter", "report"):
        told.extend(result.group_comments)
    if options.comments in ("chapter", "report"):
        told.extend(result.chapter_comments)
    if options.comments == "report":
        told.extend(comment for comment in report.comments if comment.level is CommentLevel.REPORT)
    for comment in told:
        words = comment.words or "…"
        yield Reason(Signal.COMMENT, Text(f"commentaire : « {_short(words)} »", f"comment: “{_short(words)}”"))


def _short(words: str) -> str:
    return words if len(words) <= 120 else words[:117].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the ranges say."""

    position: Position | None = None
    reason: Text | None = None
    notes: tuple[Text, ...] = ()
    doubts: tuple[Text, ...] = ()


def _from_ranges(result: Result, subject: Subject, options: OracleOptions) -> _Outcome:
    if not result.ranges:
        return _Outcome()
    if not result.values:
        return _Outcome(doubts=(Text("le résultat n'a pas de valeur", "the result has no value"),))
    choice = choose(result.ranges, subject, as_date(result.time), options.unsaid_range == "normal")
    outcomes = [_against(value, choice, result, options) for value in result.values]
    decided = [one for one in outcomes if one.position is not None]
    outside = [one for one in decided if one.position is not Position.INSIDE]
    return (outside or decided or outcomes)[0]


def _against(value: Value, choice: Choice, result: Result, options: OracleOptions) -> _Outcome:
    """Compare one value with the ranges chosen: outside when it is in none of them."""
    if not choice.ranges:
        return _Outcome(notes=choice.notes)
    refusal = _not_comparable(value)
    if refusal is not None:
        return _Outcome(notes=(*choice.notes, refusal))
    limit = next((c.code for c in result.interpretations if family(c) is Family.OFF_SCALE), None)
    compared: list[Comparison] = []
    doubts: list[Text] = []
    for one in choice.ranges:
        if one.interval is None:
            doubts.append(_unreadable(one))
            continue
        state = one_point(one.interval, options.missing_unit)
        if state == "empty":
            doubts.append(Text(
                "l'intervalle est impossible : sa borne basse dépasse sa borne haute",
                "the range is impossible: its low bound is above its high bound"))  # fmt: skip
            continue
        if state == "point":
            doubts.append(Text(
                "l'intervalle est réduit à un point (borne basse = borne haute) : sans doute une erreur du compte rendu",
                "the range is reduced to one point (low = high): probably a mistake of the report"))  # fmt: skip
            if options.one_point_range == "review":
                continue
        compared.append(compare(value, one.interval, limit, options.missing_unit))
    if not compared:
        return _Outcome(notes=choice.notes, doubts=tuple(doubts))
    position = _together([one.position for one in compared], choice.certain)
    best = next((one for one in compared if one.position == position), compared[0])
    notes = (*choice.notes, *best.notes)
    if position is None:
        return _Outcome(None, notes=choice.notes, doubts=(*doubts, *best.notes) or tuple(doubts))
    reason = _passed(value, best, limit) if position is not Position.INSIDE else None
    return _Outcome(position, reason, notes, tuple(doubts))


def _unreadable(one: ReferenceRange) -> Text:
    """Why a range without bounds is not compared."""
    if one.words:
        return Text(f"l'intervalle est écrit en texte (« {one.words} ») : à lire",
                    f"the range is written as text (“{one.words}”): to be read")  # fmt: skip
    if one.value_type:
        return Text(f"un intervalle de type {one.value_type} ne se compare pas",
                    f"a range of the type {one.value_type} does not compare")  # fmt: skip
    return Text("l'intervalle de référence est vide", "the reference range is empty")


def _together(positions: list[Position | None], certain: bool) -> Position | None:
    """One verdict from several ranges: inside one of them is inside; otherwise they must agree."""
    if certain and Position.INSIDE in positions:
        return Position.INSIDE
    first = positions[0]
    return first if all(one == first for one in positions) else None


def _not_comparable(value: Value) -> Text | None:
    """Why a value is not compared with a range; ``None`` when it is."""
    match value.kind:
        case ValueKind.QUANTITY | ValueKind.NUMBER | ValueKind.INTERVAL:
            return None
        case ValueKind.NULL:
            return Text(f"pas de valeur (nullFlavor {value.null_flavor})", f"no value (nullFlavor {value.null_flavor})")
        case ValueKind.TITRE:
            return Text("un titre ne se compare pas à un intervalle sans règle du laboratoire",
                        "a titre does not compare with a range without a rule of the laboratory")  # fmt: skip
        case ValueKind.TEXT:
            return Text(f"valeur écrite en texte (« {value.written} ») : elle n'est pas comparée",
                        f"value written as text (“{value.written}”): it is not compared")  # fmt: skip
        case _:
            return Text("valeur qualitative : elle n'est pas comparée", "qualitative value: it is not compared")


# Sentences ------------------------------------------------------------------------------------------------


def french_number(written: str) -> str:
    """A number with the French decimal comma."""
    return written.replace(".", ",")


def signs(written: str) -> str:
    """Comparators as a reader writes them: ``≤ 1.0``."""
    return written.replace("<=", "≤ ").replace(">=", "≥ ").replace("<", "< ").replace(">", "> ")


def _amount(value: Value, compared: Comparison, limit: str | None) -> Text:
    quantity = compared.value
    if quantity is not None and value.kind is not ValueKind.INTERVAL:
        written = (limit or "") + (quantity.written or "")
        unit = f" {quantity.unit}" if quantity.unit and quantity.unit != "1" else ""
    else:
        written, unit = value.written, f" {value.unit}" if value.unit else ""
    return Text(f"{french_number(signs(written))}{unit}", f"{signs(written)}{unit}")


def _passed(value: Value, compared: Comparison, limit: str | None) -> Text:
    """« 6,8 mmol/L au-dessus de 5,1 (borne incluse) »."""
    bound: Bound | None = compared.bound
    assert bound is not None
    own = compared.value.unit if compared.value is not None else value.unit
    unit = "" if same_unit(own, bound.quantity.unit) or bound.quantity.unit is None else f" {bound.quantity.unit}"
    amount = _amount(value, compared, limit)
    written = bound.quantity.written or "?"
    side = Text("au-dessus de", "above") if compared.position is Position.ABOVE else Text("au-dessous de", "below")
    kind = Text("borne incluse", "bound included") if bound.inclusive else Text("borne exclue", "bound excluded")
    return Text(
        f"{amount.fr} {side.fr} {french_number(written)}{unit} ({kind.fr})",
        f"{amount.en} {side.en} {written}{unit} ({kind.en})",
    )


_PLACES: Final = {
    Position.BELOW: Text("au-dessous de l'intervalle", "below the range"),
    Position.INSIDE: Text("dans l'intervalle", "inside the range"),
    Position.ABOVE: Text("au-dessus de l'intervalle", "above the range"),
}


def _disagreement(result: Result, position: Position | None) -> Text | None:
    """The code and the interval say different things; both are shown, none is corrected."""
    if position is None:
        return None
    for code in result.interpretations:
        if family(code) is not Family.REFERENCE or code.code is None:
            continue
        told = POSITIONS[code.code]
        outside = position in (Position.ABOVE, Position.BELOW)
        if told is position or (told is Position.OUTSIDE and outside):
            continue
        place, said = _PLACES[position], codes.said(code)
        return Text(
            f"le code {said} et l'intervalle se contredisent : la valeur est {place.fr}",
            f"the code {said} and the range disagree: the value is {place.en}",
        )
    return None


def _doubtful_codes(result: Result) -> Iterator[Text]:
    for code in result.interpretations:
        if code.null_flavor is not None and code.code is None:
            yield Text(
                f"interprétation sans code (nullFlavor {code.null_flavor})",
                f"interpretation without code (nullFlavor {code.null_flavor})",
            )
        elif code.code is not None and code.system is None:
            yield Text(
                f"code d'interprétation « {code.code} » sans système de codes : lu comme celui du jeu de valeurs publié",
                f"interpretation code “{code.code}” without code system: read as that of the published value set",
            )
        elif family(code) is Family.UNKNOWN:
            yield Text(
                f"code d'interprétation « {code.code} » hors du jeu de valeurs publié",
                f"interpretation code “{code.code}” is not in the published value set",
            )


def _to_review(report: LabReport, results: tuple[Judgement, ...]) -> Iterator[Text]:
    if not report.structured:
        yield Text(
            "compte rendu non structuré : ses résultats ne se lisent que dans le fichier joint",
            "unstructured report: its results can only be read in the attached file",
        )
    for one in report.attachments:
        if one.role == "subcontracted":
            yield Text(
                f"examens sous-traités en fichier joint ({one.media_type}) : à lire",
                f"subcontracted examinations as an attached file ({one.media_type}): to be read",
            )
    for judgement in results:
        name = judgement.result.code.name or judgement.result.loinc or "?"
        said = (*judgement.doubts, *([judgement.disagreement] if judgement.disagreement else []))
        if said:
            fr, en = " ; ".join(one.fr for one in said), "; ".join(one.en for one in said)
            yield Text(f"{name} : {fr}", f"{name}: {en}")
