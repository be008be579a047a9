"""What the user chose is fetched from the DMP ahead of the visit, and nothing else; it is shown without the DMP."""

from datetime import UTC, datetime, timedelta

from conformance.harness.bench import Bench
from conformance.harness.dmp import Case, DmpBench
from conformance.harness.dmp_colleague import CONSULTATION, LETTER, Fed
from conformance.harness.marks import check
from conformance.sut.contract import Coded, DmpPreload, Oppositions, Settings

DAYS = 30
LETTERS = DmpPreload(types=(Coded(code=LETTER[0], code_system=LETTER[1], label=LETTER[2]),), days=DAYS)


def _prepared(practice: DmpBench, case: Case) -> Fed:
    """A recent letter, and two documents that the setting does not name; the visit is prepared."""
    made, colleague = practice.made(case), practice.colleague()
    wanted = colleague.feed(made, case.ins, kind=LETTER, title="Lettre")
    colleague.feed(made, case.ins, kind=LETTER, created=datetime.now(UTC) - timedelta(days=2 * DAYS))
    colleague.feed(made, case.ins, kind=CONSULTATION)
    practice.bench.product.configure(Settings(dmp_preload=LETTERS))
    practice.bench.product.prepare_visit(case.id)
    return wanted


def _fetched(practice: DmpBench, case: Case) -> list[str]:
    return sorted(name for one in practice.requests(case, "td3.2") for name in one.entry.facts["unique_ids"])


@check(
    "Les documents du type et de l'âge réglés sont préchargés, et eux seuls",
    "Documents of the type and age of the setting are fetched in advance, and no other",
    requirements=("SC.DMP/UX.34",),
    catches=("preloads_nothing", "preloads_every_type", "preloads_old_documents_too"),
)
def test_what_the_setting_names_is_fetched(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    wanted = _prepared(practice, case)
    practice.comes(lambda: bool(_fetched(practice, case)))
    found = _fetched(practice, case)
    bench.demand(
        found == [wanted.unique_id],
        f"Un document a le type et l'âge réglés ; {len(found)} ont été demandés au DMP.",
        f"One document has the type and age of the setting; {len(found)} were asked of the DMP.",
    )


@check(
    "Un document préchargé se lit même si le DMP ne répond pas, et n'est pas rangé au dossier",
    "A document fetched in advance is read even if the DMP does not answer, and is not filed",
    requirements=("SC.DMP/UX.34",),
    catches=("preloads_nothing", "forgets_what_was_preloaded", "files_what_is_preloaded"),
)
def test_what_was_fetched_is_read_without_the_dmp(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    wanted = _prepared(practice, case)
    practice.comes(lambda: bool(_fetched(practice, case)))
    shown: list[bytes] = []
    with practice.outage():
        practice.refused(lambda: shown.append(bench.product.read_dmp_document(case.id, wanted.unique_id)))
    bench.demand(
        shown == [wanted.data],
        "Le DMP ne répond pas, et le document préchargé ne se lit pas tel quel.",
        "The DMP does not answer, and the document fetched in advance is not read as it is.",
    )
    filed = [one.unique_id for one in bench.product.list_documents(case.id)]
    bench.demand(
        wanted.unique_id not in filed,
        "Le document préchargé a été rangé au dossier sans que l'utilisateur le demande.",
        "The document fetched in advance was filed without the user asking.",
    )


@check(
    "Rien n'est préchargé quand le patient s'oppose à la consultation",
    "Nothing is fetched in advance when the patient objects to consultation",
    requirements=("SC.DMP/UX.34", "SC.DMP/CONF.06"),
    catches=("preloads_despite_an_opposition",),
)
def test_nothing_is_fetched_against_the_patients_will(bench: Bench, practice: DmpBench) -> None:
    case, willing = practice.admit(), practice.admit()
    for one in (case, willing):
        practice.authorise(one)
    bench.product.set_oppositions(case.id, Oppositions(dmp_consultation=True))
    for one in (case, willing):
        _prepared(practice, one)
    practice.comes(lambda: bool(_fetched(practice, willing)))
    asked = [event for event in practice.events(case) if event.startswith("dmp.td3")]
    bench.demand(
        not asked,
        f"Le patient s'oppose à la consultation ; le DMP a pourtant reçu {', '.join(asked)}.",
        f"The patient objects to consultation; yet the DMP received {', '.join(asked)}.",
    )
