"""Says what the oracle decided: as text for a person, as JSON for a machine.

The JSON holds, per result, ``code`` (LOINC or null), ``value`` as written in the document, ``unit``, ``signals``
and ``critical``; then everything that the decision rests on. Both languages are in the JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.cda.lab.intervals import french_number, signs
from conformance.cda.lab.model import Bound, Code, Comment, Interval, Quantity, ReferenceRange, Result, Value, ValueKind
from conformance.cda.lab.oracle import Judgement, ReportJudgement
from conformance.cda.lab.ranges import unit_of
from conformance.cda.lab.values import written_interval
from conformance.core.findings import Place
from conformance.core.language import Text


def as_json(judged: ReportJudgement, path: str = "-") -> dict[str, Any]:
    """The whole explanation of one report, ready for ``json.dumps``."""
    report = judged.report
    return {
        "path": path,
        "report": {
            "title": report.title,
            "id": report.document_id,
            "set_id": report.set_id,
            "version": report.version,
            "replaces": list(report.replaces),
            "corrects": report.corrects,
            "final": report.final,
            "structured": report.structured,
            "time": report.time,
            "laboratory": report.laboratory,
            "subcontractors": list(report.subcontractors),
        },
        "signals": [str(signal) for signal in judged.signals],
        "critical": judged.critical,
        "flagged": len(judged.flagged),
        "disagreements": sum(1 for one in judged.results if one.disagreement is not None),
        "results": [_result(one) for one in judged.results],
        "comments": [_comment(one) for one in report.comments],
        "attachments": [
            {"role": one.role, "media_type": one.media_type, "bytes": one.size, "title": one.title, **_at(one.place)}
            for one in report.attachments
        ],
        "to_review": [_both(text) for text in judged.to_review],
    }


def _both(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en}


def _at(place: Place) -> dict[str, Any]:
    return {"line": place.line, "xpath": place.xpath}


def _comment(one: Comment) -> dict[str, Any]:
    return {"level": str(one.level), "text": one.words, **_at(one.place)}


def _code(one: Code) -> dict[str, Any]:
    return {"code": one.code, "system": one.system, "label": one.label}


def _quantity(one: Quantity) -> dict[str, Any]:
    return {"value": one.written, "unit": one.unit}


def _value(one: Value) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": str(one.kind), "value": one.written, "unit": one.unit}
    if one.interval is not None:
        found |= _interval(one.interval)
    if one.translations:
        found["translations"] = [_quantity(translation) for translation in one.translations]
    if one.code is not None:
        found["code"] = _code(one.code)
    if one.null_flavor is not None:
        found["null_flavor"] = one.null_flavor
    return found


def _bound(one: Bound | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {**_quantity(one.quantity), "inclusive": one.inclusive, "unbounded": one.unbounded}


def _interval(one: Interval) -> dict[str, Any]:
    return {"low": _bound(one.low), "high": _bound(one.high)}


def _range(one: ReferenceRange) -> dict[str, Any]:
    found: dict[str, Any] = {"code": one.code.code if one.code is not None else None, "text": one.words}
    found |= _interval(one.interval) if one.interval is not None else {"low": None, "high": None}
    found["criteria"] = [
        {"kind": str(criterion.kind), "sex": criterion.sex, "text": criterion.words}
        | (_interval(criterion.age) if criterion.age is not None else {})
        for criterion in one.criteria
    ]
    return found


def _result(one: Judgement) -> dict[str, Any]:
    result, value = one.result, one.result.value
    return {
        "code": result.loinc,
        "value": (value.written or None) if value is not None else None,
        "unit": value.unit if value is not None else None,
        "signals": [str(signal) for signal in one.signals],
        "critical": one.critical,
        "name": result.code.name,
        "kind": str(value.kind) if value is not None else None,
        "position": str(one.position) if one.position is not None else None,
        "reasons": [{"signal": str(reason.signal), **_both(reason.text)} for reason in one.reasons],
        "disagreement": _both(one.disagreement) if one.disagreement is not None else None,
        "doubts": [_both(doubt) for doubt in one.doubts],
        "notes": [_both(note) for note in one.notes],
        "values": [_value(each) for each in result.values],
        "interpretations": [_code(code) for code in result.interpretations],
        "ranges": [_range(each) for each in result.ranges],
        "comments": [_comment(comment) for comment in result.comments],
        "group_comments": [_comment(comment) for comment in result.group_comments],
        "chapter_comments": [_comment(comment) for comment in result.chapter_comments],
        "local_codes": [_code(code) for code in result.code.translations],
        "methods": [method.name for method in result.methods],
        "previous": [
            {"time": old.time, "values": [_value(each) for each in old.values]} for old in result.previous
        ],
        "status": result.status,
        "time": result.time,
        "chapter": result.chapter,
        "group": result.group,
        "subject": result.subject.words if result.subject is not None else None,
        "germ": result.germ.name if result.germ is not None else None,
        "laboratory": result.laboratory,
        **_at(result.place),
    }  # fmt: skip


# Text -----------------------------------------------------------------------------------------------------


def as_text(judged: ReportJudgement, path: str = "-") -> str:
    """The explanation as lines, in the language of the run."""
    return "\n".join(str(line) for line in _lines(judged, path))


def _lines(judged: ReportJudgement, path: str) -> Iterator[Text | str]:
    report = judged.report
    version = Text(f", version {report.version}", f", version {report.version}") if report.version else ""
    yield f"{path} — {report.title or '?'}{version}"
    if report.corrects:
        yield Text(
            f"  Remplace : {', '.join(report.replaces)} (les résultats changés doivent rester tracés).",
            f"  Replaces: {', '.join(report.replaces)} (changed results must keep their trace).",
        )
    if report.final is False:
        yield Text("  Compte rendu provisoire.", "  Provisional report.")
    if report.subcontractors:
        names = ", ".join(report.subcontractors)
        yield Text(f"  Sous-traitance : {names}.", f"  Subcontracted: {names}.")
    chapter = None
    for one in judged.results:
        if one.result.chapter != chapter:
            chapter = one.result.chapter
            yield f"  {chapter or '—'}"
        yield from _result_lines(one)
    for comment in report.comments:
        words = comment.words if len(comment.words) <= 200 else comment.words[:197] + "…"
        yield Text(
            f"  Commentaire ({_LEVELS[comment.level].fr}) : {words}",
            f"  Comment ({_LEVELS[comment.level].en}): {words}",
        )
    for file in report.attachments:
        size = "?" if file.size is None else str(file.size)
        yield Text(f"  Fichier ({_ROLES[file.role].fr}) : {file.media_type}, {size} octets",
                   f"  File ({_ROLES[file.role].en}): {file.media_type}, {size} bytes")  # fmt: skip
    yield from _summary(judged)


_LEVELS = {
    "report": Text("compte rendu", "report"), "chapter": Text("chapitre", "chapter"),
    "group": Text("batterie ou isolat", "battery or isolate"), "result": Text("résultat", "result"),
}  # fmt: skip
_ROLES = {
    "body": Text("corps du document", "body of the document"), "copy": Text("copie du compte rendu", "copy of the report"),
    "subcontracted": Text("examens sous-traités", "subcontracted examinations"), "image": Text("image", "image"),
}  # fmt: skip
_SIGNALS = {
    "interpretation": Text("interprétation", "interpretation"), "interval": Text("intervalle", "interval"),
    "comment": Text("commentaire", "comment"),
}  # fmt: skip


def written(value: Value | None) -> Text:
    """A value with its unit, as a reader writes it."""
    if value is None:
        return Text("sans valeur", "no value")
    if value.kind is ValueKind.NULL:
        return Text(f"sans valeur ({value.null_flavor})", f"no value ({value.null_flavor})")
    unit = f" {value.unit}" if value.unit and value.unit != "1" else ""
    number = value.written
    if value.kind in (ValueKind.QUANTITY, ValueKind.NUMBER, ValueKind.INTERVAL):
        number = signs(number)
        return Text(french_number(number) + unit, number + unit)
    return Text(number + unit, number + unit)


def _range_text(result: Result) -> Text | None:
    """The ranges, with their unit where it is not that of the value."""
    own = result.value.unit if result.value is not None else None
    said: list[str] = []
    for one in result.ranges:
        written_range = written_interval(one.interval) if one.interval is not None else one.words
        unit = unit_of(one.interval) if one.interval is not None else None
        if written_range:
            said.append(written_range + (f" {unit}" if unit and unit != own else ""))
    listed = signs(" | ".join(said))
    return Text(french_number(listed), listed) if listed else None


def _result_lines(one: Judgement) -> Iterator[Text]:
    result = one.result
    mark = "‼" if one.critical else "!" if one.flagged else "·"
    germ = f" [{result.germ.name}]" if result.germ is not None else ""
    value, span = written(result.value), _range_text(result)
    shown = ", ".join(code.code or "?" for code in result.interpretations)
    tail_fr = (f" ({span.fr})" if span else "") + (f" {shown}" if shown else "")
    tail_en = (f" ({span.en})" if span else "") + (f" {shown}" if shown else "")
    name = result.code.name or "?"
    yield Text(f"    {mark} {name}{germ} : {value.fr}{tail_fr}", f"    {mark} {name}{germ}: {value.en}{tail_en}")
    for reason in one.reasons:
        signal = _SIGNALS[reason.signal]
        yield Text(f"        → {signal.fr} : {reason.text.fr}", f"        → {signal.en}: {reason.text.en}")
    if one.critical:
        yield Text("        → à lire tout de suite (AA, HH ou LL)", "        → to be read at once (AA, HH or LL)")
    if one.disagreement is not None:
        yield Text(f"        ≠ {one.disagreement.fr}", f"        ≠ {one.disagreement.en}")
    for sign, said in (*(("?", doubt) for doubt in one.doubts), *(("–", note) for note in one.notes)):
        yield Text(f"        {sign} {said.fr}", f"        {sign} {said.en}")


def _summary(judged: ReportJudgement) -> Iterator[Text]:
    total, flagged = len(judged.results), len(judged.flagged)
    critical = sum(1 for one in judged.results if one.critical)
    disagreements = sum(1 for one in judged.results if one.disagreement is not None)
    fr = ", ".join(_SIGNALS[signal].fr for signal in judged.signals) or "aucun"
    en = ", ".join(_SIGNALS[signal].en for signal in judged.signals) or "none"
    yield Text(
        f"  Résultats : {total} ; à signaler : {flagged} ; à lire tout de suite : {critical} ; "
        f"contradictions entre code et intervalle : {disagreements} ; signaux du compte rendu : {fr}.",
        f"  Results: {total}; to flag: {flagged}; to read at once: {critical}; "
        f"code and range disagree: {disagreements}; signals of the report: {en}.",
    )
    for text in judged.to_review:
        yield Text(f"  À relire : {text.fr}.", f"  To review: {text.en}.")
