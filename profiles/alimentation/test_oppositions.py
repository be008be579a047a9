"""As long as the patient objects, nothing is fed; afterwards, everything is again."""

from conformance.exchange.metadata import names
from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.marks import check
from conformance.sut.contract import Oppositions

OBJECTS = Oppositions(dmp_feeding=True)


@check(
    "Tant que le patient s'oppose, rien ne part ; l'opposition levée, tout repart",
    "As long as the patient objects nothing leaves; once the objection is lifted, everything does again",
    requirements=("SC.DMP/CONF.09",),
    scenarios=("PROG.01.04",),
    catches=("feeds_every_other_document", "ignores_the_opposition", "keeps_lifted_oppositions"),
)
def test_an_opposition_stops_the_feeding_until_it_is_lifted(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    bench.product.set_oppositions(case.id, OBJECTS)
    practice.absent(case, practice.validate(case))
    bench.product.set_oppositions(case.id, Oppositions())
    practice.arrived(case, practice.validate(case))


@check(
    "Une opposition exprimée pendant une panne retient ce qui attendait",
    "An objection made during an outage holds back what was waiting",
    requirements=("SC.DMP/CONF.09",),
    catches=("ignores_an_opposition_that_comes_later", "ignores_the_opposition"),
)
def test_what_waits_is_held_back_by_an_opposition(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    with practice.outage():
        view = practice.validate(case)
        bench.product.set_oppositions(case.id, OBJECTS)
        practice.failed_tries(practice.dmp.journal.last, 1)  # what was under way before is over
    practice.absent(case, view)


@check(
    "L'opposition n'empêche pas de supprimer du DMP un document qui y est",
    "The objection does not prevent deleting from the DMP a document that is there",
    requirements=("SC.DMP/CONF.09", "SC.DMP/CONF.03"),
    catches=("deletes_nothing_under_an_opposition", "archives_instead_of_deleting", "says_deleted_without_deleting"),
)
def test_an_opposition_does_not_prevent_deletion(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    view = practice.fed(case)
    bench.product.set_oppositions(case.id, OBJECTS)
    bench.product.remove_from_dmp(view.document_id)
    practice.becomes(case, view, names.DELETED)
