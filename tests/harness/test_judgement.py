"""From what ended a test to its verdict."""

from __future__ import annotations

import pytest

from conformance.core.errors import AdapterError, BenchError, DocumentError, OperationNotOffered, ProductError
from conformance.core.language import Text
from conformance.core.verdicts import NotApplicableReason, Verdict
from conformance.harness.judgement import NotApplicable, ToReview, Unmet, judge

WORDS = Text("mots", "words")


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [
        (Unmet(WORDS), Verdict.FAIL),
        (AssertionError("x"), Verdict.FAIL),
        (ProductError("p", WORDS, WORDS), Verdict.FAIL),
        (AdapterError("a", WORDS, WORDS), Verdict.BENCH_ERROR),
        (BenchError("b", WORDS, WORDS), Verdict.BENCH_ERROR),
        (DocumentError("d", WORDS, WORDS), Verdict.BENCH_ERROR),
        (OperationNotOffered("o", WORDS, WORDS), Verdict.NOT_CHECKED),
        (ToReview(WORDS), Verdict.TO_REVIEW),
        (NotApplicable(NotApplicableReason.OPTIONAL_NOT_OFFERED, WORDS), Verdict.NOT_APPLICABLE),
        (KeyError("ours"), Verdict.BENCH_ERROR),
        (pytest.skip.Exception("no"), Verdict.NOT_CHECKED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_end_has_its_verdict(raised: BaseException, verdict: Verdict) -> None:
    assert judge(raised, work=3).verdict is verdict


def test_a_test_that_asked_nothing_of_the_product_proves_nothing() -> None:
    assert judge(None, work=0).verdict is Verdict.BENCH_ERROR


def test_a_test_that_worked_to_its_end_passes() -> None:
    assert judge(None, work=1).verdict is Verdict.PASS


def test_several_failures_count_as_the_gravest() -> None:
    group = ExceptionGroup("two", [Unmet(WORDS), AdapterError("a", WORDS, WORDS)])
    assert judge(group, work=1).verdict is Verdict.BENCH_ERROR
