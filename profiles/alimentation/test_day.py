"""« Systematic » is a count: whatever happens during the day, the DMP holds exactly what it must at its end.

Any day is a state machine of hypothesis, whose rules act on the product. A failure is shortened to the shortest day
that fails, saved beside the report, and replayed with ``--record``.
"""

from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st

from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.dmp_course import STEPS, DayCourse
from conformance.harness.dmp_day import FULL_DAY, Day, Practice, Rates, shorter
from conformance.harness.marks import check


def _played(practice: DmpBench, rates: list[Rates]) -> Callable[[Day], None]:
    """Plays days at one desk: each has patients of its own; ``rates`` receives their figures."""

    def play(day: Day) -> None:
        day_of_practice = Practice(practice)
        try:
            day_of_practice.play(day)
        finally:
            rates.append(day_of_practice.rates())

    return play


@check(
    "À la fin d'une journée où tout arrive, le DMP contient exactement ce qu'il doit",
    "At the end of a day in which everything happens the DMP holds exactly what it must",
    requirements=("SC.DMP/ALI/PROG.02", "SC.DMP/ALI/PROG.03", "SC.DMP/ALI/PROG.07", "SC.DMP/CONF.09", "DMP/va1.16"),
    catches=(
        "feeds_every_other_document",
        "feeds_drafts",
        "ignores_the_block",
        "remembers_former_blocks",
        "never_lets_go",
        "ignores_the_opposition",
        "keeps_lifted_oppositions",
        "gives_up_at_the_first_failure",
        "keeps_one_waiting_document",
        "forgets_what_waits",
        "loses_the_queue_on_restart",
        "feeds_the_new_version_beside_the_old",
        "keeps_the_hash_of_the_former_version",
        "archives_instead_of_deleting",
        "says_deleted_without_deleting",
        "leaves_deleted_documents_in_the_dmp",
        "masks_by_default",
        "remembers_former_visibilities",
        "forgets_the_visibility",
    ),
    long=True,
)
def test_a_full_day_is_fed_exactly(bench: Bench, practice: DmpBench) -> None:
    rates: list[Rates] = []
    try:
        bench.for_any(st.just(FULL_DAY), Day, _played(practice, rates), smaller=shorter, examples=1)
    finally:
        bench.story.flush()
        if rates:  # the first is the whole day, the others what a failure is shortened to
            rates[0].tell(bench)


@check(
    "Quelle que soit la journée, le DMP contient à la fin exactement ce qu'il doit",
    "Whatever the day, the DMP holds at its end exactly what it must",
    requirements=("SC.DMP/ALI/PROG.02", "SC.DMP/ALI/PROG.03", "SC.DMP/ALI/PROG.07", "SC.DMP/CONF.09", "DMP/va1.16"),
    catches=("feeds_every_other_document", "masks_by_default"),
    long=True,
)
def test_any_day_is_fed_exactly(bench: Bench, practice: DmpBench) -> None:
    bench.for_any_course(partial(DayCourse, practice), Day, _played(practice, []), smaller=shorter, steps=STEPS)
