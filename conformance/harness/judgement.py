"""From what happened to a test to its verdict: an engine fault is never a vendor's, and never a green."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from conformance.core.errors import AdapterError, Blame, OperationNotOffered, SegurError
from conformance.core.language import Text, verbatim
from conformance.core.verdicts import NotApplicableReason, Verdict


class NotApplicable(Exception):
    """Raised by a test that does not concern this product, with a reason of the closed list."""

    def __init__(self, reason: NotApplicableReason, why: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.why = why


class ToReview(Exception):
    """Raised by a test whose result a person must look at, with what to look for."""

    def __init__(self, question: Text) -> None:
        super().__init__("to review")
        self.question = question


class Unmet(AssertionError):
    """What the product did is not what must hold; the sentence in both languages."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


class NotCheckable(Exception):
    """Raised by a test that could not be carried to its end for want of something which is not the product's to give."""

    def __init__(self, code: str, why: Text) -> None:
        super().__init__(str(why))
        self.code = code
        self.why = why


_NO_WORDS = verbatim("")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the stable name of its reason, and the sentence that goes with it."""

    verdict: Verdict
    reason: str = ""
    message: Text = _NO_WORDS


def judge(raised: BaseException | None, work: int) -> Judgement:
    """The verdict of a test from the exception that ended it (``None``: it came to its end) and its work.

    ``work`` counts what was done to the product: a test that comes to its end without any is a fault of ours.
    """
    if raised is None:
        if work:
            return Judgement(Verdict.PASS)
        return Judgement(
            Verdict.BENCH_ERROR,
            "no-work",
            Text(
                "Le test n'a rien demandé au produit : il ne prouve rien.",
                "The test asked nothing of the product: it proves nothing.",
            ),
        )
    if isinstance(raised, BaseExceptionGroup):
        return _gravest([judge(each, work) for each in raised.exceptions])
    if isinstance(raised, NotApplicable):
        return Judgement(Verdict.NOT_APPLICABLE, str(raised.reason), raised.why)
    if isinstance(raised, ToReview):
        return Judgement(Verdict.TO_REVIEW, "to-review", raised.question)
    if isinstance(raised, NotCheckable):
        return Judgement(Verdict.NOT_CHECKED, raised.code, raised.why)
    if isinstance(raised, OperationNotOffered):
        return Judgement(
            Verdict.NOT_CHECKED,
            raised.code,
            Text("{s} Question à une personne : {h}", "{s} A question to a person: {h}").format(
                s=raised.sentence, h=raised.hint
            ),
        )
    if isinstance(raised, AdapterError) or (isinstance(raised, SegurError) and raised.blame is not Blame.PRODUCT):
        return Judgement(Verdict.BENCH_ERROR, raised.code, _both(raised))
    if isinstance(raised, SegurError):
        return Judgement(Verdict.FAIL, raised.code, _both(raised))
    if isinstance(raised, Unmet):
        return Judgement(Verdict.FAIL, "unmet", raised.message)
    if isinstance(raised, AssertionError):
        return Judgement(Verdict.FAIL, "assertion", verbatim(str(raised).split("\n", 1)[0]))
    if isinstance(raised, pytest.skip.Exception):
        return Judgement(Verdict.NOT_CHECKED, "skipped", verbatim(str(raised)))
    name = type(raised).__name__
    return Judgement(
        Verdict.BENCH_ERROR,
        name,
        Text(f"Défaut du kit : {name}: {raised}", f"Fault of the kit: {name}: {raised}"),
    )


def _both(error: SegurError) -> Text:
    return Text(f"{error.sentence.fr} {error.hint.fr}", f"{error.sentence.en} {error.hint.en}")


_ORDER = (
    Verdict.BENCH_ERROR,
    Verdict.FAIL,
    Verdict.NOT_CHECKED,
    Verdict.TO_REVIEW,
    Verdict.NOT_APPLICABLE,
    Verdict.PASS,
)


def _gravest(judgements: list[Judgement]) -> Judgement:
    return min(judgements, key=lambda judgement: _ORDER.index(judgement.verdict))
