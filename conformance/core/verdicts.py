"""The six verdicts, how they add up, and the exit codes of every command."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Verdict(StrEnum):
    """What the kit says of a test, a requirement or a document.

    A verdict needs proof of work: ``pass`` is said only of something that was executed.
    """

    PASS = "pass"
    FAIL = "fail"
    NOT_CHECKED = "not_checked"
    NOT_APPLICABLE = "not_applicable"
    TO_REVIEW = "to_review"
    BENCH_ERROR = "bench_error"


class NotApplicableReason(StrEnum):
    """The closed list of reasons for which something does not apply to a product."""

    PROFILE_NOT_CLAIMED = "profile_not_claimed"
    CONDITION_NOT_MET = "condition_not_met"
    OPTIONAL_NOT_OFFERED = "optional_not_offered"
    REPLACED_BY_CERTIFICATE = "replaced_by_certificate"


class ExitCode(IntEnum):
    """What a command returns to the shell; never a count."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    BENCH_ERROR = 3
    INCOMPLETE = 4


_GRAVITY = (
    Verdict.BENCH_ERROR,
    Verdict.FAIL,
    Verdict.NOT_CHECKED,
    Verdict.TO_REVIEW,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole from those of its parts: the gravest one; nothing at all is ``not_checked``.

    ``fail`` outranks ``not_checked`` (what failed has failed, whatever was left undone), and
    ``pass`` outranks ``not_applicable`` only.
    """
    found = set(verdicts)
    # A failure stays one even when the bench broke elsewhere.
    if Verdict.FAIL in found:
        return Verdict.FAIL
    for verdict in _GRAVITY:
        if verdict in found:
            return verdict
    return Verdict.NOT_CHECKED


def exit_code(verdicts: Iterable[Verdict], *, attested: Iterable[Verdict] = (), strict: bool = False) -> ExitCode:
    """The exit code of a run.

    ``verdicts`` are those of the tests selected; ``attested`` those of the requirements that only a
    person can judge, which count with ``strict`` alone. A bench error outranks a failure here: with
    a broken bench the run must be done again.
    """
    found = set(verdicts) | (set(attested) if strict else set())
    if Verdict.BENCH_ERROR in found:
        return ExitCode.BENCH_ERROR
    if Verdict.FAIL in found:
        return ExitCode.FAIL
    if not found or found & {Verdict.NOT_CHECKED} or (strict and Verdict.TO_REVIEW in found):
        return ExitCode.INCOMPLETE
    return ExitCode.PASS
