"""Every document that is validated goes to the DMP by itself, in the background; a draft never does."""

import time

from conformance.core.language import Text
from conformance.exchange.metadata import names
from conformance.exchange.vihf import AccessMode
from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.marks import check
from conformance.simulators.dmp import FaultKind
from conformance.sut.contract import InsStatus

DOCUMENTS = 4


@check(
    "Chaque document validé va au DMP, sans autre geste",
    "Every validated document goes to the DMP, with nothing more to do",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("feeds_every_other_document",),
)
def test_every_validated_document_is_fed(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    validated = [practice.validate(case) for _ in range(DOCUMENTS)]
    practice.comes(lambda: len(practice.entries(case, names.APPROVED)) >= DOCUMENTS, practice.patience)
    found = [one.unique_id for one in practice.entries(case)]
    bench.demand(
        sorted(found) == sorted(view.unique_id or "" for view in validated),
        f"{DOCUMENTS} documents validés ; {len(found)} dans le DMP.",
        f"{DOCUMENTS} documents validated; {len(found)} in the DMP.",
    )


@check(
    "Un brouillon ne va jamais au DMP",
    "A draft never goes to the DMP",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("feeds_drafts",),
)
def test_a_draft_is_not_fed(practice: DmpBench) -> None:
    case = practice.admit()
    practice.absent(case, practice.draft(case))


@check(
    "L'utilisateur n'attend pas la réponse du DMP",
    "The user does not wait for the answer of the DMP",
    requirements=("SC.DMP/ALI/PROG.05",),
    scenarios=("PROG.01.01",),
    catches=("waits_for_the_dmp",),
)
def test_the_screen_stays_usable_while_the_dmp_is_slow(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    draft = practice.draft(case)
    slowness = 2.0
    with practice.fault(FaultKind.SLOW, seconds=slowness):
        began = time.monotonic()
        view = bench.product.validate_document(draft.document_id)
        bench.product.list_documents(case.id)
        taken = time.monotonic() - began
        practice.arrived(case, view)
    bench.story.figure(
        "dmp-validation",
        round(taken, 3),
        "s",
        high=slowness * 0.75,
        title=Text("Temps de validation pendant que le DMP est lent", "Time to validate while the DMP is slow"),
    )
    bench.demand(
        taken < slowness * 0.75,
        f"Le DMP répond en {slowness:g} s : valider puis lire la liste a pris {taken:.1f} s.",
        f"The DMP answers in {slowness:g} s: validating, then reading the list, took {taken:.1f} s.",
    )


@check(
    "Alimenter ne demande aucune autorisation d'accès (TD0.3)",
    "Feeding asks for no access authorisation (TD0.3)",
    requirements=("SC.DMP/CONF.05",),
    catches=("asks_an_authorisation",),
)
def test_feeding_asks_for_no_authorisation(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.fed(case)
    bench.demand(
        not practice.requests(case, "td0.3"),
        "Une autorisation d'accès (TD0.3) a été posée pour alimenter.",
        "An access authorisation (TD0.3) was set in order to feed.",
    )


@check(
    "Alimenter se fait en accès ordinaire, jamais en bris de glace",
    "Feeding is done in ordinary access, never in emergency access",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("feeds_in_emergency_access",),
)
def test_feeding_is_ordinary_access(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.fed(case)
    modes = {str(one.entry.facts.get("access", "")) for one in practice.requests(case)}
    bench.demand(
        modes == {AccessMode.NORMAL},
        f"Modes d'accès vus pour alimenter : {', '.join(sorted(modes))} ; le patient est averti d'un bris de glace.",
        f"Access modes seen for feeding: {', '.join(sorted(modes))}; the patient is told of an emergency access.",
    )


@check(
    "Après un dépôt, le logiciel ne cherche pas de lui-même dans le DMP",
    "After a deposit the product does not search the DMP by itself",
    requirements=("SC.DMP/CONF.05",),
    catches=("searches_after_each_deposit",),
)
def test_feeding_does_not_search(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.dmp.authorise(case.ins, practice.user.national_id)
    practice.fed(case)
    practice.witness()
    bench.demand(
        not practice.requests(case, "td3.1a"),
        "Une recherche (TD3.1) a suivi le dépôt : elle est une consultation, que le patient voit.",
        "A search (TD3.1) followed the deposit: it is a consultation, which the patient sees.",
    )


@check(
    "Rien n'est programmé pour un patient sans DMP",
    "Nothing is scheduled for a patient without a DMP",
    requirements=("SC.DMP/ALI/PROG.02",),
    scenarios=("PROG.01.04",),
    catches=("feeds_without_looking_for_the_dmp",),
)
def test_nothing_is_sent_for_a_patient_without_dmp(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit(record=False)
    practice.validate(case)
    practice.witness()
    bench.demand(
        not practice.requests(case, "td2.1"),
        "Un dépôt a été tenté pour un patient qui n'a pas de DMP.",
        "A deposit was tried for a patient who has no DMP.",
    )


@check(
    "Sans identité qualifiée, rien ne part vers le DMP",
    "Without a qualified identity nothing leaves for the DMP",
    requirements=("INS/va1.53",),
    catches=("feeds_unqualified_identities",),
)
def test_nothing_leaves_without_a_qualified_identity(bench: Bench, practice: DmpBench) -> None:
    for status in (InsStatus.PROVISOIRE, InsStatus.RECUPEREE, InsStatus.VALIDEE):
        case = practice.admit(status)
        practice.validate(case)
        practice.witness()
        bench.demand(
            not practice.requests(case),
            f"L'identité est « {status} » et une requête au DMP porte pourtant son matricule.",
            f"The identity is “{status}”, and yet a request to the DMP carries its matricule.",
        )
