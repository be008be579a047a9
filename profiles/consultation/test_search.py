"""A search shows what the DMP holds: which documents, of which type and time, hidden from whom."""

from datetime import UTC, datetime, timedelta

from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.dmp_colleague import CONSULTATION, LETTER
from conformance.harness.marks import check
from conformance.sut.contract import Coded, DmpQuery

LISTS = ("SC.DMP/UX.14", "SC.DMP/UX.15", "SC.DMP/UX.17", "SC.DMP/UX.27")
TWO_HOURS_AGO = timedelta(hours=2)


def _type(kind: tuple[str, str, str]) -> Coded:
    return Coded(code=kind[0], code_system=kind[1], label=kind[2])


@check(
    "La recherche montre tous les documents du DMP, avec titre et type",
    "The search shows every document of the DMP, with title and type",
    requirements=LISTS,
    catches=("shows_the_first_document_only",),
)
def test_a_search_shows_every_document(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    made, colleague = practice.made(case), practice.colleague()
    fed = [colleague.feed(made, case.ins, title=f"Consultation {rank}") for rank in (1, 2, 3)]
    shown = {one.unique_id: (one.title, one.type.code) for one in bench.product.search_dmp(case.id, DmpQuery())}
    expected = {one.unique_id: (one.note.title, one.note.kind[0]) for one in fed}
    bench.demand(
        shown == expected,
        f"Le DMP contient {sorted(expected.values())} ; le logiciel montre {sorted(shown.values())}.",
        f"The DMP holds {sorted(expected.values())}; the product shows {sorted(shown.values())}.",
    )


@check(
    "La recherche se restreint à des types de documents",
    "The search can be narrowed down to types of documents",
    requirements=LISTS,
    catches=("ignores_the_types_asked_for",),
)
def test_a_search_by_type(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    made, colleague = practice.made(case), practice.colleague()
    colleague.feed(made, case.ins, kind=CONSULTATION)
    wanted = colleague.feed(made, case.ins, kind=LETTER, title="Lettre")
    shown = [one.unique_id for one in bench.product.search_dmp(case.id, DmpQuery(types=(_type(LETTER),)))]
    bench.demand(
        shown == [wanted.unique_id],
        f"Un document est du type cherché ; le logiciel en montre {len(shown)}.",
        f"One document is of the type looked for; the product shows {len(shown)}.",
    )


@check(
    "La recherche se restreint à une période, à la bonne heure",
    "The search can be narrowed down to a period, at the right time",
    requirements=LISTS,
    catches=("searches_in_local_time",),
)
def test_a_search_by_period(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    made, colleague = practice.made(case), practice.colleague()
    now = datetime.now(UTC)
    colleague.feed(made, case.ins, created=now - 2 * TWO_HOURS_AGO)
    recent = colleague.feed(made, case.ins, created=now - TWO_HOURS_AGO / 2)
    query = DmpQuery(created_from=now - TWO_HOURS_AGO)
    shown = [one.unique_id for one in bench.product.search_dmp(case.id, query)]
    bench.demand(
        shown == [recent.unique_id],
        f"Un document a été créé depuis deux heures ; le logiciel en montre {len(shown)}.",
        f"One document was created in the last two hours; the product shows {len(shown)}.",
    )


@check(
    "L'heure montrée est celle du document",
    "The time that is shown is that of the document",
    requirements=LISTS,
    catches=("shows_universal_times_as_local",),
)
def test_times_are_those_of_the_documents(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    fed = practice.colleague().feed(practice.made(case), case.ins)
    shown = bench.product.search_dmp(case.id, DmpQuery())
    gap = abs(shown[0].created - fed.note.created) if shown else None
    bench.demand(
        gap is not None and gap < timedelta(minutes=2),
        f"L'écart entre l'heure montrée et celle du document est de {gap}.",
        f"The time shown and that of the document are {gap} apart.",
    )


@check(
    "L'utilisateur voit qu'un document est caché au patient",
    "The user sees that a document is hidden from the patient",
    requirements=LISTS,
    catches=("hides_the_visibility",),
)
def test_the_visibility_is_shown(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    practice.colleague().feed(practice.made(case), case.ins, visibility=("INVISIBLE_PATIENT",))
    shown = bench.product.search_dmp(case.id, DmpQuery())
    bench.demand(
        len(shown) == 1 and bool(shown[0].visibility),
        "Le document n'est pas visible par le patient, et rien ne le dit à l'utilisateur.",
        "The document is not visible to the patient, and nothing tells the user so.",
    )
