"""What tests of laboratory reports demand of a product, with sentences that say what was shown and what was due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from conformance.cda.lab import Judgement
from conformance.cda.lab.model import Bound, Result
from conformance.core.language import Text
from conformance.harness.biology import Admitted, LabDesk, Sent, kinds, told
from conformance.harness.judgement import Unmet
from conformance.harness.story import Story
from conformance.sut.contract import LabResult


def demand_flags(desk: LabDesk, due: Mapping[Result, bool | None], patient: Admitted | None = None) -> None:
    """Send these results in one report; fail unless exactly those that are due are flagged.

    ``None``: nothing is demanded. Each result has a LOINC code of its own.
    """
    sent = desk.send(*due, patient=patient)
    shown = desk.results_of(sent)
    for result, wanted in due.items():
        one = shown.get(result.loinc or "")
        if one is not None:
            _tell(desk.bench.story, result, flagged=told(kinds(one)), wanted=wanted)
    for result, wanted in due.items():
        if wanted is not None:
            one = shown_as(shown, result)
            said = described(sent, result)
            if told(kinds(one)) != wanted:
                raise Unmet(wrong_flag(said, one, wanted=wanted))


def _tell(story: Story, result: Result, *, flagged: bool, wanted: bool | None) -> None:
    """The result against its range as a figure, where it is a number and has one range, in its own unit."""
    interval = result.ranges[0].interval if len(result.ranges) == 1 else None
    value = result.value
    if interval is None or value is None or value.quantity is None or value.quantity.number is None:
        return
    bounds = {"low": interval.low, "high": interval.high}
    if any(bound is not None and bound.quantity.unit != value.unit for bound in bounds.values()):
        return
    if wanted is None or wanted == flagged:
        state = "flagged" if flagged else "not_flagged"
    else:
        state = "missed" if wanted else "unfounded"
    story.figure(
        "lab-results",
        float(value.quantity.number),
        value.unit or "1",
        label=result.code.words or result.code.name,
        state=state,
        title=Text(
            "Résultats de biologie, leurs bornes, ce que le logiciel signale",
            "Laboratory results, their bounds, what the product flags",
        ),
        **{
            side: float(bound.quantity.number)
            for side, bound in bounds.items()
            if bound is not None and bound.quantity.number is not None
        },
    )


def shown_as(shown: Mapping[str, LabResult], result: Result) -> LabResult:
    """The line of a result; fails when there is none."""
    found = shown.get(result.loinc or "")
    if found is None:
        raise Unmet(
            Text(
                f"Le résultat « {result.code.name} » ({result.loinc}) du compte rendu n'est pas montré.",
                f"The result “{result.code.name}” ({result.loinc}) of the report is not shown.",
            )
        )
    return found


def described(sent: Sent, result: Result) -> Judgement:
    """What the oracle says of a result that was sent."""
    return next(one for one in sent.judged.results if one.result.loinc == result.loinc)


def wrong_flag(said: Judgement, shown: LabResult, *, wanted: bool) -> Text:
    """A flag is missing, or is there without reason."""
    result = said.result
    unit = f" {result.value.unit}" if result.value and result.value.unit else ""
    what = f"{result.code.words or result.code.name} {result.value.written if result.value else ''}{unit}"
    why_fr = " ; ".join(reason.text.fr for reason in said.reasons) or "rien à signaler"
    why_en = "; ".join(reason.text.en for reason in said.reasons) or "nothing to tell"
    if wanted:
        return Text(
            f"{what} n'est pas signalé ({why_fr}).",
            f"{what} is not flagged ({why_en}).",
        )
    flags = ", ".join(f"{flag.kind} {flag.text}".strip() for flag in shown.flags)
    return Text(
        f"{what} est signalé à tort ({flags}) : {why_fr}.",
        f"{what} is flagged without reason ({flags}): {why_en}.",
    )


def same_number(one: str, other: str) -> bool:
    """Whether two numbers are one; a comma is read as a point, trailing zeros do not count."""
    try:
        return Decimal(one.replace(",", ".")) == Decimal(other.replace(",", "."))
    except InvalidOperation:
        return one.strip() == other.strip()


def demand_ranges(desk: LabDesk, results: Sequence[Result]) -> None:
    """Send these results (one range each); fail unless each range is shown as given: bounds, included or not."""
    shown = desk.results_of(desk.send(*results))
    for result in results:
        wanted = result.ranges[0].interval
        assert wanted is not None
        ranges = shown_as(shown, result).ranges
        given = ranges[0] if ranges else None
        for side, bound in (("low", wanted.low), ("high", wanted.high)):
            seen = getattr(given, side) if given is not None else None
            fr, en = (seen.value, seen.value) if seen is not None else ("rien", "nothing")
            if not _same_bound(bound, seen.value if seen else None, inclusive=seen is None or seen.inclusive):
                name = result.code.words or result.code.name
                raise Unmet(
                    Text(
                        f"{name} : la borne {side} est {_said(bound).fr} ; le logiciel montre {fr}.",
                        f"{name}: the {side} bound is {_said(bound).en}; the product shows {en}.",
                    )
                )


def _same_bound(bound: Bound | None, seen: str | None, *, inclusive: bool) -> bool:
    if bound is None or seen is None:
        return bound is None and seen is None
    return same_number(bound.quantity.written or "", seen) and bound.inclusive == inclusive


def _said(bound: Bound | None) -> Text:
    if bound is None:
        return Text("absente", "absent")
    kind = Text("incluse", "included") if bound.inclusive else Text("exclue", "excluded")
    return Text(f"{bound.quantity.written} ({kind.fr})", f"{bound.quantity.written} ({kind.en})")


def demand_value(shown: LabResult, value: str, unit: str) -> None:
    """Fail unless the result shows this value in this unit."""
    seen = shown.value
    if seen is None or not same_number(seen.value, value) or seen.unit != unit:
        said = f"{seen.value} {seen.unit}" if seen is not None else "—"
        raise Unmet(
            Text(
                f"{shown.label} : {value} {unit} attendu, le logiciel montre {said}.",
                f"{shown.label}: {value} {unit} expected, the product shows {said}.",
            )
        )
