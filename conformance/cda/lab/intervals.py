"""What the reference ranges of a result say of it, and in which words.

Source: requirement BIO/va1.06; reference « CR-BIO », §3.7. What the sources leave open is in ``OracleOptions``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from conformance.cda.lab.choosing import Choice, choose
from conformance.cda.lab.codes import ABNORMAL, Family, Position, family, understood
from conformance.cda.lab.model import Bound, Interval, LabReport, ReferenceRange, Result, Subject, Value, ValueKind
from conformance.cda.lab.options import OracleOptions
from conformance.cda.lab.ranges import Comparison, compare, one_point, same_unit
from conformance.cda.lab.reading import as_date
from conformance.cda.lab.values import number_in_words
from conformance.core.language import Text

OUTSIDE: Final = (Position.ABOVE, Position.BELOW, Position.OUTSIDE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the ranges say."""

    position: Position | None = None
    reason: Text | None = None
    notes: tuple[Text, ...] = ()
    doubts: tuple[Text, ...] = ()


def place(result: Result, report: LabReport, options: OracleOptions) -> Outcome:
    """Where a result of ``report`` stands in its ranges, and what is to be said of that."""
    if not result.ranges:
        return Outcome()
    if not result.values:
        return Outcome(doubts=(Text("le résultat n'a pas de valeur", "the result has no value"),))
    subject = result.subject or report.subject
    day = as_date(result.time) or as_date(report.time)
    choice = choose(result.ranges, subject, day, options.unsaid_range == "normal")
    outcomes = [_against(value, choice, result, options) for value in result.values]
    zones = () if _is_judged(result) else tuple(_zones(result, subject, day, options))
    decided = [one for one in outcomes if one.position is not None]
    outside = [one for one in decided if one.position is not Position.INSIDE]
    found = (outside or decided or outcomes)[0]
    return replace(found, doubts=(*found.doubts, *zones))


def _zones(result: Result, subject: Subject, day: date | None, options: OracleOptions) -> Iterator[Text]:
    """The ranges whose code says that a value inside is out of limits, and that hold one of the values."""
    for one in result.ranges:
        code = understood(one.code) if one.code is not None else None
        if one.interval is None or code is None or code.code not in ABNORMAL or family(code) is Family.UNKNOWN:
            continue
        held = choose((replace(one, code=None),), subject, day, unsaid_is_normal=True)
        if held.ranges and any(_lies_in(value, one.interval, options) for value in result.values):
            yield Text(f"la valeur est dans un intervalle de code {code.code}",
                       f"the value is inside a range with the code {code.code}")  # fmt: skip


def _lies_in(value: Value, zone: Interval, options: OracleOptions) -> bool:
    return compare(value, zone, missing=options.missing_unit).position is Position.INSIDE


def _against(value: Value, choice: Choice, result: Result, options: OracleOptions) -> Outcome:
    """Compare one value with the ranges chosen: outside when it is in none of them."""
    if not choice.ranges:
        return Outcome(notes=choice.notes, doubts=choice.doubts)
    if choice.unsure and options.unsure_range == "review":
        return Outcome(notes=choice.notes, doubts=choice.doubts)
    doubts: list[Text] = list(choice.doubts)
    in_words = number_in_words(value.written) if value.kind is ValueKind.TEXT else None
    if in_words is not None and options.text_value == "compare":
        doubts.append(
            Text(f"valeur écrite en texte (« {value.written} »)", f"value written as text (“{value.written}”)")
        )
        value = in_words
    refusal = _not_comparable(value)
    if refusal is not None and not _is_judged(result):
        doubts.extend(_unreadable(one) for one in choice.ranges if one.words and one.interval is None)
        if _is_a_measure(value):
            return Outcome(notes=choice.notes, doubts=(*doubts, refusal))
    if refusal is not None:
        return Outcome(notes=(*choice.notes, refusal), doubts=tuple(doubts))
    limit = next((c.code for c in map(understood, result.interpretations) if family(c) is Family.OFF_SCALE), None)
    compared: list[Comparison] = []
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
        return Outcome(notes=choice.notes, doubts=tuple(doubts))
    position = _together([one.position for one in compared], choice.certain)
    best = next((one for one in compared if one.position == position), compared[0])
    doubts.extend(best.doubts)
    if position is None:
        return Outcome(None, notes=choice.notes, doubts=(*doubts, *_why_undecided(compared)))
    reason = _passed(value, best, limit, position) if position in OUTSIDE else None
    return Outcome(position, reason, (*choice.notes, *best.notes), tuple(doubts))


def _why_undecided(compared: list[Comparison]) -> tuple[Text, ...]:
    """Why no range decides, or that those which do contradict each other."""
    refused = dict.fromkeys(note for one in compared if one.position is None for note in one.notes)
    if refused:
        return tuple(refused)
    return (Text("les intervalles possibles ne donnent pas le même verdict",
                 "the possible ranges do not give the same verdict"),)  # fmt: skip


def _is_a_measure(value: Value) -> bool:
    """Whether a value that does not compare could be out of range all the same: a titre, a number in words."""
    return value.kind is ValueKind.TITRE or (
        value.kind is ValueKind.TEXT and number_in_words(value.written) is not None
    )


def _is_judged(result: Result) -> bool:
    """Whether the laboratory itself says where the result stands."""
    return any(family(understood(code)) is Family.REFERENCE for code in result.interpretations)


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
    """One verdict from several ranges: inside one that holds is inside, outside all is outside; else they must agree."""
    if certain and Position.INSIDE in positions:
        return Position.INSIDE
    if len(set(positions)) == 1:
        return positions[0]
    return None if None in positions or Position.INSIDE in positions else Position.OUTSIDE


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


def _passed(value: Value, compared: Comparison, limit: str | None, position: Position) -> Text:
    """« 6,8 mmol/L au-dessus de 5,1 (borne incluse) »."""
    amount = _amount(value, compared, limit)
    if position is Position.OUTSIDE:
        return Text(f"{amount.fr} hors de tous les intervalles", f"{amount.en} outside all the ranges")
    bound: Bound | None = compared.bound
    assert bound is not None
    own = compared.value.unit if compared.value is not None else value.unit
    unit = "" if same_unit(own, bound.quantity.unit) or bound.quantity.unit is None else f" {bound.quantity.unit}"
    written = bound.quantity.written or "?"
    side = Text("au-dessus de", "above") if compared.position is Position.ABOVE else Text("au-dessous de", "below")
    kind = Text("borne incluse", "bound included") if bound.inclusive else Text("borne exclue", "bound excluded")
    return Text(
        f"{amount.fr} {side.fr} {french_number(written)}{unit} ({kind.fr})",
        f"{amount.en} {side.en} {written}{unit} ({kind.en})",
    )
