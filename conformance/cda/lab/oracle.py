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
from conformance.cda.lab.codes import ABNORMAL, CRITICAL, POSITIONS, WORTH_SEEING, Family, Position, family, understood
from conformance.cda.lab.intervals import OUTSIDE, place
from conformance.cda.lab.model import Code, Comment, CommentLevel, LabReport, Result
from conformance.cda.lab.narrative import contradictions
from conformance.cda.lab.options import OracleOptions
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
    if any(comment.says for comment in report.comments):
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
    notes: list[Text] = []
    not_given = _not_given(result)
    if not_given is None and result.status == "active":
        notes.append(Text("résultat provisoire (statut active)", "provisional result (status active)"))
        if options.provisional == "ignore":
            return Judgement(result, notes=tuple(notes))
    reasons = list(_from_comments(result, report, options))
    if not_given is not None:
        return _of_what_was_not_given(result, not_given, reasons)
    reasons.extend(_from_codes(result, options))
    outcome = place(result, report, options)
    if outcome.position in OUTSIDE and outcome.reason is not None:
        reasons.append(Reason(Signal.INTERVAL, outcome.reason))
    return Judgement(
        result=result,
        signals=_signals(reasons),
        critical=any(_is_critical(code) for code in result.interpretations),
        position=outcome.position,
        reasons=tuple(sorted(reasons, key=lambda reason: list(Signal).index(reason.signal))),
        disagreement=_disagreement(result, outcome.position),
        doubts=(*_about_another(result), *_doubtful_codes(result), *outcome.doubts, *contradictions(result)),
        notes=(*notes, *_other_codes(result, options), *outcome.notes),
    )


def _signals(reasons: list[Reason]) -> tuple[Signal, ...]:
    due = {reason.signal for reason in reasons}
    return tuple(signal for signal in Signal if signal in due)


def _is_critical(code: Code) -> bool:
    return family(understood(code)) is Family.REFERENCE and understood(code).code in CRITICAL


def _not_given(result: Result) -> Text | None:
    """Why an observation is no result: it was not made, it is denied, or only asked for."""
    if result.status in _NOT_DONE:
        return Text(
            f"examen non réalisé ou annulé (statut {result.status})",
            f"not performed or cancelled (status {result.status})",
        )
    if result.negated:
        return Text("résultat nié (negationInd)", "denied result (negationInd)")
    if result.mood != "EVN":
        return Text(f"pas encore un résultat (moodCode {result.mood})", f"not a result yet (moodCode {result.mood})")
    return None


def _of_what_was_not_given(result: Result, why: Text, comments: list[Reason]) -> Judgement:
    """Nothing is due but its comments: « non réalisé, tube hémolysé » is to be seen."""
    doubts: tuple[Text, ...] = ()
    out = [understood(code) for code in result.interpretations if understood(code).code in ABNORMAL]
    if out:
        said = codes.said(out[0])
        doubts = (Text(f"{why.fr}, et pourtant codé {said}", f"{why.en}, and yet coded {said}"),)
    return Judgement(result, signals=_signals(comments), reasons=tuple(comments), notes=(why,), doubts=doubts)


def _about_another(result: Result) -> Iterator[Text]:
    if result.subject is not None:
        who = result.subject.words or "?"
        yield Text(f"ce résultat n'est pas celui du patient, mais de « {who} »",
                   f"this result is not the patient's, but that of “{who}”")  # fmt: skip


# The three signals ----------------------------------------------------------------------------------------


def _flags(code: Code, options: OracleOptions) -> bool:
    if family(code) is Family.UNKNOWN:
        return options.codes == "any" and code.code is not None
    if options.codes == "any":
        return code.code != "N"
    return code.code in ABNORMAL or (options.codes == "resistant" and code.code in _RESISTANT)


def _from_codes(result: Result, options: OracleOptions) -> Iterator[Reason]:
    for code in map(understood, result.interpretations):
        if _flags(code, options):
            said = codes.said(code)
            yield Reason(Signal.INTERPRETATION, Text(f"code {said}", f"code {said}"))


def _other_codes(result: Result, options: OracleOptions) -> Iterator[Text]:
    """The codes that flag nothing by choice: the requirement, to the letter, speaks of any code."""
    for code in map(understood, result.interpretations):
        if code.code in WORTH_SEEING and family(code) is not Family.UNKNOWN and not _flags(code, options):
            said = codes.said(code)
            yield Text(f"le code {said} ne dit pas hors limites : il ne signale rien (option codes)",
                       f"the code {said} does not say out of limits: it flags nothing (option codes)")  # fmt: skip


def _from_comments(result: Result, report: LabReport, options: OracleOptions) -> Iterator[Reason]:
    told: list[Comment] = list(result.comments)
    if options.comments in ("group", "chapter", "report"):
        told.extend(result.group_comments)
    if options.comments in ("chapter", "report"):
        told.extend(result.chapter_comments)
    if options.comments == "report":
        told.extend(comment for comment in report.comments if comment.level is CommentLevel.REPORT)
    for comment in told:
        if not comment.says:
            continue
        words = comment.words or "…"
        yield Reason(Signal.COMMENT, Text(f"« {_short(words)} »", f"“{_short(words)}”"))


def _short(words: str) -> str:
    return words if len(words) <= 120 else words[:117].rstrip() + "…"


_PLACES: Final = {
    Position.BELOW: Text("au-dessous de l'intervalle", "below the range"),
    Position.INSIDE: Text("dans l'intervalle", "inside the range"),
    Position.ABOVE: Text("au-dessus de l'intervalle", "above the range"),
    Position.OUTSIDE: Text("hors de tous les intervalles", "outside all the ranges"),
}


def _disagreement(result: Result, position: Position | None) -> Text | None:
    """The code and the interval say different things; both are shown, none is corrected."""
    if position is None:
        return None
    for code in map(understood, result.interpretations):
        if family(code) is not Family.REFERENCE or code.code is None:
            continue
        told = POSITIONS[code.code]
        if told is position or (Position.OUTSIDE in (told, position) and Position.INSIDE not in (told, position)):
            continue
        place, said = _PLACES[position], codes.said(code)
        return Text(
            f"le code {said} et l'intervalle se contredisent : la valeur est {place.fr}",
            f"the code {said} and the range disagree: the value is {place.en}",
        )
    return None


def _doubtful_codes(result: Result) -> Iterator[Text]:
    for given in result.interpretations:
        code = understood(given)
        if code is not given:
            continue  # a translation says it in the published set
        if code.code is None:
            flavor = f" (nullFlavor {code.null_flavor})" if code.null_flavor is not None else ""
            yield Text(f"interprétation sans code{flavor}", f"interpretation without code{flavor}")
        elif family(code) is Family.UNKNOWN:
            yield Text(
                f"code d'interprétation « {code.code} » hors du jeu de valeurs publié",
                f"interpretation code “{code.code}” is not in the published value set",
            )
        elif code.system is None:
            yield Text(
                f"code d'interprétation « {code.code} » sans système de codes : lu comme celui du jeu de valeurs publié",
                f"interpretation code “{code.code}” without code system: read as that of the published value set",
            )
        elif code.system != codes.SYSTEM:
            yield Text(
                f"code d'interprétation « {code.code} » du système {code.system} : lu comme celui du jeu publié",
                f"interpretation code “{code.code}” of the system {code.system}: read as that of the published set",
            )
    yield from _codes_at_odds(result)


def _codes_at_odds(result: Result) -> Iterator[Text]:
    """Two codes of the laboratory that cannot both be true: N and H, H and L."""
    told = {
        code.code: POSITIONS[code.code or ""]
        for code in map(understood, result.interpretations)
        if family(code) is Family.REFERENCE
    }
    sides = set(told.values()) - {Position.OUTSIDE}
    if len(sides) > 1 or (Position.INSIDE in sides and len(set(told.values())) > 1):
        listed = ", ".join(str(code) for code in told)
        yield Text(
            f"les codes d'interprétation se contredisent ({listed})", f"the interpretation codes disagree ({listed})"
        )


def _to_review(report: LabReport, results: tuple[Judgement, ...]) -> Iterator[Text]:
    if any(comment.lost for comment in report.comments):
        yield Text(
            "un commentaire renvoie à un passage du texte qui n'existe pas",
            "a comment refers to a place of the narrative that does not exist",
        )
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
