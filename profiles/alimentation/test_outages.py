"""Without a connection documents wait, nothing is lost, nothing goes twice; once it is back they leave by themselves."""

import pytest

from conformance.exchange.metadata import names
from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.marks import check
from conformance.simulators.dmp import FaultKind
from conformance.sut.contract import EventKind, FeedingChoice, FeedingState, Oppositions

WAITING = (FeedingState.PENDING,)


@check(
    "Pendant une panne les documents attendent ; ensuite ils partent d'eux-mêmes",
    "During an outage documents wait; afterwards they leave by themselves",
    requirements=("SC.DMP/ALI/PROG.06", "SC.DMP/ALI/PROG.07"),
    catches=(
        "gives_up_at_the_first_failure",
        "keeps_one_waiting_document",
        "forgets_what_waits",
        "feeds_every_other_document",
    ),
)
def test_documents_wait_and_leave_by_themselves(practice: DmpBench) -> None:
    case = practice.admit()
    with practice.outage():
        before = practice.dmp.journal.last
        views = [practice.validate(case)]
        practice.failed_tries(before, 2)  # the product knows of the outage when the others come
        views += [practice.validate(case) for _ in range(2)]
        practice.failed_tries(practice.dmp.journal.last, 1)
        for view in views:
            practice.told(case, view, FeedingState.PENDING)
    for view in views:
        practice.arrived(case, view)
        practice.told(case, view, FeedingState.SENT)


@pytest.mark.parametrize(
    "kind", [FaultKind.EXPIRED_CERTIFICATE, FaultKind.WRONG_HOST, FaultKind.UNKNOWN_AUTHORITY], ids=str
)
@check(
    "Un serveur dont le certificat n'est pas bon ne reçoit rien ; le document attend",
    "A server whose certificate is not right gets nothing; the document waits",
    requirements=("SC.DMP/ALI/PROG.06",),
    catches=(
        "trusts_any_server",
        "trusts_any_name",
        "gives_up_at_the_first_failure",
        "forgets_what_waits",
    ),
)
def test_a_wrong_certificate_is_refused(bench: Bench, practice: DmpBench, kind: FaultKind) -> None:
    case = practice.admit()
    with practice.fault(kind, "", times=0):
        before = practice.dmp.journal.last
        view = practice.validate(case)
        practice.failed_tries(before, 2, "dmp.certificate")
        bench.demand(
            not practice.requests(case),
            "Le logiciel a parlé à un serveur dont le certificat n'est pas bon.",
            "The product spoke to a server whose certificate is not right.",
        )
    practice.arrived(case, view)


@check(
    "Ce qui attend survit à un redémarrage du logiciel",
    "What waits survives a restart of the product",
    requirements=("SC.DMP/ALI/PROG.06", "SC.DMP/ALI/PROG.07"),
    catches=(
        "loses_the_queue_on_restart",
        "gives_up_at_the_first_failure",
        "forgets_what_waits",
    ),
)
def test_the_queue_survives_a_restart(practice: DmpBench) -> None:
    case = practice.admit()
    with practice.outage():
        view = practice.validate(case)
        practice.restart()
        practice.failed_tries(practice.dmp.journal.last, 1)  # the first attempt of the new process, if it makes one
    practice.arrived(case, view)


@check(
    "Ce que l'utilisateur et le patient ont décidé survit à un redémarrage du logiciel",
    "What the user and the patient decided survives a restart of the product",
    requirements=("SC.DMP/ALI/PROG.03", "SC.DMP/CONF.09"),
    catches=(
        "forgets_blocks_on_restart",
        "forgets_oppositions_on_restart",
        "ignores_the_block",
        "ignores_the_opposition",
    ),
)
def test_decisions_survive_a_restart(bench: Bench, practice: DmpBench) -> None:
    case, objecting = practice.admit(), practice.admit()
    held, other = practice.draft(case), practice.draft(objecting)
    bench.product.choose_feeding(held.document_id, FeedingChoice(blocked=True))
    bench.product.set_oppositions(objecting.id, Oppositions(dmp_feeding=True))
    practice.restart()
    views = [bench.product.validate_document(one.document_id) for one in (held, other)]
    practice.witness()
    found = [practice.status(case, views[0]), practice.status(objecting, views[1])]
    bench.demand(
        found == [None, None],
        "Le document retenu, ou celui du patient qui s'oppose, est dans le DMP après un redémarrage.",
        "The document held back, or that of the patient who objects, is in the DMP after a restart.",
    )


@check(
    "Une réponse perdue n'entraîne ni doublon ni faux échec",
    "An answer that got lost brings neither a duplicate nor a false failure",
    requirements=("SC.DMP/ALI/PROG.07", "SC.DMP/HISTO.01"),
    catches=(
        "sends_again_under_another_id",
        "takes_duplicates_for_failures",
        "gives_up_at_the_first_failure",
        "forgets_what_waits",
    ),
)
def test_a_lost_answer_does_not_feed_twice(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    with practice.fault(FaultKind.CUT_AFTER):
        view = practice.validate(case)
        practice.told(case, view, FeedingState.SENT, FeedingState.FAILED)
    found = practice.entries(case)
    bench.demand(
        [one.unique_id for one in found] == [view.unique_id],
        f"Un document validé, réponse du DMP perdue : le DMP en contient {len(found)}.",
        f"One document validated, the answer of the DMP lost: the DMP holds {len(found)}.",
    )
    practice.told(case, view, FeedingState.SENT)


@check(
    "Un DMP occupé n'est pas un refus : le document est renvoyé",
    "A DMP that is busy is no refusal: the document is sent again",
    requirements=("SC.DMP/ALI/PROG.07",),
    catches=(
        "takes_busy_for_refused",
        "gives_up_at_the_first_failure",
        "forgets_what_waits",
    ),
)
def test_a_busy_dmp_is_tried_again(practice: DmpBench) -> None:
    case = practice.admit()
    with practice.fault(FaultKind.ERROR, code="XDSRepositoryBusy"):
        view = practice.validate(case)
        practice.arrived(case, view)


@check(
    "Une redirection HTTPS du DMP est suivie",
    "An HTTPS redirection of the DMP is followed",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("does_not_follow_redirections",),
)
def test_a_redirection_is_followed(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    with practice.fault(FaultKind.REDIRECT, "", times=1):
        view = practice.validate(case)
        practice.comes(lambda: bool(practice.requests(case)))
        targets = [one.captured.target for one in practice.requests(case)]
    bench.demand(
        any("redirected" in target for target in targets),
        "Le DMP a redirigé une requête (HTTP 307) ; le logiciel n'a pas suivi.",
        "The DMP redirected a request (HTTP 307); the product did not follow.",
    )
    practice.arrived(case, view)


@check(
    "L'utilisateur voit, document par document, si l'envoi a réussi",
    "The user sees, document by document, whether the deposit succeeded",
    requirements=("SC.DMP/HISTO.01",),
    catches=("takes_refusals_for_successes", "hides_refusals", "feeds_every_other_document"),
)
def test_the_user_sees_what_became_of_each_document(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    sent = practice.validate(case)
    practice.arrived(case, sent)
    with practice.fault(FaultKind.ERROR, code="XDSRegistryMetadataError"):
        refused = practice.validate(case)
        practice.comes(
            lambda: practice.dmp.exchanges("td2.1", patient=case.ins, outcome="XDSRegistryMetadataError") != []
        )
    practice.told(case, refused, FeedingState.FAILED)
    practice.told(case, sent, FeedingState.SENT)
    bench.demand(
        practice.status(case, refused) is None and practice.status(case, sent) == names.APPROVED,
        "Le document refusé est dans le DMP, ou l'autre n'y est pas.",
        "The document that was refused is in the DMP, or the other one is not.",
    )


@check(
    "L'historique d'un document dit son dépôt au DMP",
    "The history of a document tells its deposit in the DMP",
    requirements=("SC.DMP/HISTO.01",),
    catches=("keeps_no_history",),
)
def test_the_history_tells_the_deposit(bench: Bench, practice: DmpBench) -> None:
    view = practice.fed(practice.admit())
    told = [one.kind for one in bench.product.document_history(view.document_id)]
    bench.demand(
        EventKind.DEPOSITED in told,
        f"Le document est au DMP ; son historique dit : {', '.join(told) or 'rien'}.",
        f"The document is in the DMP; its history says: {', '.join(told) or 'nothing'}.",
    )
