"""The user may hold one document back by a deliberate act, and that act counts for no other."""

from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.marks import check
from conformance.sut.contract import DocumentView, FeedingChoice, FeedingState

BLOCK = FeedingChoice(blocked=True)


def _blocked(practice: DmpBench, draft: DocumentView) -> DocumentView:
    practice.bench.product.choose_feeding(draft.document_id, BLOCK)
    return practice.bench.product.validate_document(draft.document_id)


@check(
    "Un document retenu ne va pas au DMP",
    "A document that is held back does not go to the DMP",
    requirements=("SC.DMP/ALI/PROG.03",),
    catches=("ignores_the_block",),
)
def test_a_blocked_document_is_not_fed(practice: DmpBench) -> None:
    case = practice.admit()
    practice.absent(case, _blocked(practice, practice.draft(case)))


@check(
    "Retenir un document n'en retient pas d'autre, du même patient ou d'un autre",
    "Holding a document back holds no other back, of the same patient or of another",
    requirements=("SC.DMP/ALI/PROG.03",),
    catches=("remembers_former_blocks",),
)
def test_a_block_counts_for_one_document(bench: Bench, practice: DmpBench) -> None:
    case, other = practice.admit(), practice.admit()
    before = practice.draft(case)
    _blocked(practice, practice.draft(case))
    practice.arrived(case, bench.product.validate_document(before.document_id))
    practice.arrived(case, practice.validate(case))
    practice.arrived(other, practice.validate(other))


@check(
    "La nouvelle version d'un document retenu n'est pas retenue d'office",
    "The new version of a document that was held back is not held back by itself",
    requirements=("SC.DMP/ALI/PROG.03",),
    catches=("blocks_the_next_versions", "remembers_former_blocks"),
)
def test_a_block_does_not_pass_to_the_next_version(practice: DmpBench) -> None:
    case = practice.admit()
    first = _blocked(practice, practice.draft(case))
    practice.arrived(case, practice.validate(case, replaces=first))


@check(
    "Un document retenu part quand l'utilisateur le décide",
    "A document that was held back leaves when the user decides so",
    requirements=("SC.DMP/ALI/PROG.03",),
    catches=("never_lets_go", "ignores_the_block"),
)
def test_a_block_can_be_lifted(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    view = _blocked(practice, practice.draft(case))
    practice.told(case, view, FeedingState.BLOCKED)
    bench.product.choose_feeding(view.document_id, FeedingChoice())
    practice.arrived(case, view)
    practice.told(case, view, FeedingState.SENT)


@check(
    "Un document ancien garde la date de l'acte quand il est déposé plus tard",
    "An old document keeps the date of the act when it is deposited later",
    requirements=("SC.DMP/HISTO.03",),
    catches=("dates_the_act_of_the_deposit", "never_lets_go", "ignores_the_block"),
)
def test_a_document_deposited_later_keeps_the_date_of_the_act(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    view = _blocked(practice, practice.draft(case))
    practice.told(case, view, FeedingState.BLOCKED)
    practice.witness()
    bench.product.choose_feeding(view.document_id, FeedingChoice())
    deposit = practice.deposit(case, view)
    expected = practice.header(deposit).service_start_time
    bench.demand(
        deposit.document.service_start_time == expected,
        f"serviceStartTime vaut {deposit.document.service_start_time} ; la date de l'acte est {expected} (UTC).",
        f"serviceStartTime is {deposit.document.service_start_time}; the date of the act is {expected} (UTC).",
    )
