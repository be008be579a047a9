"""The six verdicts: how they add up, and what a command returns to the shell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conformance.core.verdicts import ExitCode, Verdict, combine, exit_code

VERDICTS = st.lists(st.sampled_from(Verdict), max_size=8)


def test_nothing_at_all_is_not_checked() -> None:
    assert combine([]) is Verdict.NOT_CHECKED
    assert exit_code([]) is ExitCode.INCOMPLETE


@given(VERDICTS)
def test_one_failure_fails_the_whole(verdicts: list[Verdict]) -> None:
    assert combine([*verdicts, Verdict.FAIL]) is Verdict.FAIL


@given(VERDICTS)
def test_the_whole_passes_only_when_something_passed_and_nothing_was_left(verdicts: list[Verdict]) -> None:
    passed = combine(verdicts) is Verdict.PASS
    assert passed == (Verdict.PASS in verdicts and set(verdicts) <= {Verdict.PASS, Verdict.NOT_APPLICABLE})


@given(VERDICTS)
def test_the_order_of_the_parts_does_not_matter(verdicts: list[Verdict]) -> None:
    assert combine(verdicts) is combine(reversed(verdicts))
    assert exit_code(verdicts) is exit_code(reversed(verdicts))


@given(VERDICTS)
def test_a_bench_error_is_never_a_green_and_never_the_vendor_s_fault(verdicts: list[Verdict]) -> None:
    assert exit_code([*verdicts, Verdict.BENCH_ERROR]) is ExitCode.BENCH_ERROR


@given(VERDICTS)
def test_green_needs_everything_checked(verdicts: list[Verdict]) -> None:
    unchecked = {Verdict.FAIL, Verdict.BENCH_ERROR, Verdict.NOT_CHECKED}
    assert (exit_code(verdicts) is ExitCode.PASS) == (bool(verdicts) and not set(verdicts) & unchecked)


@given(VERDICTS, VERDICTS)
def test_what_a_person_must_attest_counts_only_when_strict(verdicts: list[Verdict], attested: list[Verdict]) -> None:
    assert exit_code(verdicts, attested=attested) is exit_code(verdicts)
    assert exit_code(verdicts, attested=attested, strict=True) is exit_code([*verdicts, *attested], strict=True)


def test_an_exit_code_is_never_a_count() -> None:
    assert exit_code([Verdict.FAIL] * 300) == 1
