"""Who consults has the right to, and the patient's refusal stops every transaction."""

from conformance.exchange.vihf import AccessMode
from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.marks import check
from conformance.simulators.dmp import FaultKind
from conformance.sut.contract import DmpAccess, DmpQuery, InsStatus, Oppositions, ProductRefused

OBJECTS = Oppositions(dmp_consultation=True)


@check(
    "Les droits sont vérifiés (TD0.2 ou TD0.4) avant la première recherche",
    "The rights are checked (TD0.2 or TD0.4) before the first search",
    requirements=("SC.DMP/UX.08",),
    catches=("searches_without_checking_the_rights",),
)
def test_rights_are_checked_first(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    mark = practice.dmp.journal.last
    bench.product.search_dmp(case.id, DmpQuery())
    # The list of the user's records (TD0.4) tells rights too, and names no patient.
    seen = practice.dmp.exchanges(after=mark, user=practice.user.national_id)
    asked = [one.event for one in seen if one.facts.get("patient") in (case.ins, "")]
    bench.demand(
        "dmp.td3.1a" in asked and bool({"dmp.td0.2", "dmp.td0.4"} & {*asked[: asked.index("dmp.td3.1a")]}),
        f"Transactions, dans l'ordre : {', '.join(asked) or 'aucune'} ; TD0.2 ou TD0.4 devait précéder TD3.1.",
        f"Transactions, in order: {', '.join(asked) or 'none'}; TD0.2 or TD0.4 should come before TD3.1.",
    )


@check(
    "L'autorisation individuelle est posée d'elle-même (TD0.3)",
    "The individual authorisation is set by itself (TD0.3)",
    requirements=("SC.DMP/UX.50",),
    catches=("leaves_the_authorisation_to_the_user",),
)
def test_the_authorisation_is_set(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    fed = practice.colleague().feed(practice.made(case), case.ins)
    found = bench.product.search_dmp(case.id, DmpQuery())
    bench.demand(
        [one.unique_id for one in found] == [fed.unique_id],
        "L'utilisateur n'était pas encore autorisé : la recherche n'a pas donné le document.",
        "The user was not authorised yet: the search did not give the document.",
    )


@check(
    "Une autorisation en cours n'est pas posée de nouveau",
    "An authorisation that holds is not set again",
    requirements=("SC.DMP/UX.08", "SC.DMP/UX.50"),
    catches=("asks_for_the_authorisation_each_time", "searches_without_checking_the_rights"),
)
def test_an_authorisation_is_not_set_twice(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    bench.product.search_dmp(case.id, DmpQuery())
    bench.demand(
        not practice.requests(case, "td0.3"),
        "L'utilisateur était autorisé, et une autorisation (TD0.3) a été posée de nouveau.",
        "The user was authorised, and an authorisation (TD0.3) was set again.",
    )


@check(
    "Si le patient s'oppose, aucune transaction n'est lancée",
    "When the patient objects no transaction is started",
    requirements=("SC.DMP/CONF.06",),
    catches=("consults_despite_an_opposition",),
)
def test_an_opposition_stops_every_transaction(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    bench.product.set_oppositions(case.id, OBJECTS)
    practice.refused(lambda: bench.product.search_dmp(case.id, DmpQuery()))
    _nothing_asked(bench, practice, practice.events(case))


@check(
    "Si le patient s'oppose, ouvrir son dossier n'interroge pas le DMP",
    "When the patient objects, opening his record does not ask the DMP",
    requirements=("SC.DMP/CONF.06",),
    catches=("looks_into_the_dmp_at_opening_despite_an_opposition",),
)
def test_an_opposition_holds_when_the_record_is_opened(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    bench.product.set_oppositions(case.id, OBJECTS)
    bench.product.open_record(case.id)
    _nothing_asked(bench, practice, [event for event in practice.events(case) if event.startswith("dmp.td3")])


def _nothing_asked(bench: Bench, practice: DmpBench, asked: list[str]) -> None:
    bench.demand(
        not asked,
        f"Le patient s'oppose à la consultation ; le DMP a pourtant reçu {', '.join(asked)}.",
        f"The patient objects to consultation; yet the DMP received {', '.join(asked)}.",
    )


@check(
    "Le choix du patient se change à tout moment",
    "The patient's choice can be changed at any moment",
    requirements=("SC.DMP/UX.06",),
    catches=("never_forgets_an_opposition",),
)
def test_the_choice_can_be_changed(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    bench.product.set_oppositions(case.id, OBJECTS)
    practice.refused(lambda: bench.product.search_dmp(case.id, DmpQuery()))
    bench.product.set_oppositions(case.id, Oppositions())
    bench.product.search_dmp(case.id, DmpQuery())
    bench.demand(
        bool(practice.requests(case, "td3.1a")),
        "L'opposition est levée, et la recherche n'atteint pas le DMP.",
        "The objection is lifted, and the search does not reach the DMP.",
    )


@check(
    "Sans identité qualifiée, le DMP n'est pas interrogé",
    "Without a qualified identity the DMP is not asked",
    requirements=("INS/va1.53",),
    catches=("feeds_unqualified_identities",),
)
def test_an_unqualified_identity_asks_nothing(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit(InsStatus.VALIDEE)
    practice.authorise(case)
    practice.refused(lambda: bench.product.search_dmp(case.id, DmpQuery()))
    bench.demand(
        not practice.requests(case),
        "L'identité n'est pas qualifiée, et une requête au DMP porte pourtant son matricule.",
        "The identity is not qualified, and yet a request to the DMP carries its matricule.",
    )


@check(
    "Le bris de glace vaut pour une recherche, pas pour la suivante",
    "Emergency access counts for one search, not for the next",
    requirements=("SC.DMP/UX.08",),
    catches=("stays_in_emergency_access",),
)
def test_emergency_access_does_not_last(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    emergency = DmpQuery(access=DmpAccess.EMERGENCY, reason="Patient inconscient")
    bench.product.search_dmp(case.id, emergency)
    bench.product.search_dmp(case.id, DmpQuery())
    modes = [one.entry.facts["access"] for one in practice.requests(case, "td3.1a")]
    bench.demand(
        modes == [AccessMode.BREAK_GLASS, AccessMode.NORMAL],
        f"Une recherche en bris de glace, puis une ordinaire ; le DMP a vu : {', '.join(modes)}.",
        f"One search in emergency access, then an ordinary one; the DMP saw: {', '.join(modes)}.",
    )


@check(
    "Le bris de glace demande un motif",
    "Emergency access asks for a reason",
    requirements=("SC.DMP/UX.08",),
    catches=("asks_for_no_reason",),
)
def test_emergency_access_wants_a_reason(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    try:
        bench.product.search_dmp(case.id, DmpQuery(access=DmpAccess.EMERGENCY))
    except ProductRefused:
        return
    bench.demand(
        False,
        "Le DMP s'est ouvert en bris de glace sans motif.",
        "The DMP was opened in emergency access without a reason.",
    )


@check(
    "Un refus du DMP est dit à l'utilisateur, et non montré comme un DMP vide",
    "A refusal of the DMP is told to the user, and not shown as an empty DMP",
    requirements=("SC.DMP/UX.14",),
    catches=("shows_refusals_as_an_empty_dmp",),
)
def test_a_refusal_is_told(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    practice.colleague().feed(practice.made(case), case.ins)
    with practice.fault(FaultKind.ERROR, "td3.1a", times=0, code="DMPAccessForbidden"):
        try:
            shown = bench.product.search_dmp(case.id, DmpQuery())
        except ProductRefused:
            return
    bench.demand(
        False,
        f"Le DMP a refusé la recherche ; le logiciel montre une liste de {len(shown)} document(s), sans rien dire.",
        f"The DMP refused the search; the product shows a list of {len(shown)} document(s), and says nothing.",
    )


@check(
    "Trop de recherches n'empêchent pas d'alimenter",
    "Too many searches do not prevent feeding",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("stops_feeding_after_too_many_searches",),
)
def test_over_use_does_not_stop_the_feeding(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    with practice.fault(FaultKind.ERROR, "td3.1a", times=0, code="DMPAccessDeniedByExcededThreshold"):
        practice.refused(lambda: bench.product.search_dmp(case.id, DmpQuery()))
        practice.arrived(case, practice.validate(case))
