"""What is filed from the DMP into the record, and what the user is told of it afterwards."""

from conformance.harness.bench import Bench
from conformance.harness.dmp import Case, DmpBench
from conformance.harness.dmp_colleague import CONSULTATION, LETTER, Colleague, Fed
from conformance.harness.marks import check
from conformance.sut.contract import (
    DmpQuery,
    DocumentStatus,
    DocumentView,
    IntegrationRequest,
    NoticeKind,
    Origin,
)


def _case(practice: DmpBench) -> tuple[Case, Colleague]:
    case = practice.admit()
    practice.authorise(case)
    return case, practice.colleague()


def _integrate(practice: DmpBench, case: Case, fed: Fed) -> DocumentView:
    request = IntegrationRequest(origin="dmp", reference=fed.unique_id, patient_id=case.id)
    return practice.bench.product.integrate(request)


def _listed(practice: DmpBench, case: Case) -> dict[str | None, DocumentView]:
    return {view.unique_id: view for view in practice.bench.product.list_documents(case.id)}


@check(
    "Regarder un document du DMP ne le range pas au dossier",
    "Looking at a document of the DMP does not file it",
    requirements=("SC.DMP/UX.14",),
    catches=("files_what_is_looked_at",),
)
def test_looking_at_a_document_files_nothing(bench: Bench, practice: DmpBench) -> None:
    case, colleague = _case(practice)
    fed = colleague.feed(practice.made(case), case.ins)
    data = bench.product.read_dmp_document(case.id, fed.unique_id)
    bench.demand(
        data == fed.data,
        "Le document montré n'est pas, octet pour octet, celui du DMP.",
        "The document shown is not, byte for byte, that of the DMP.",
    )
    bench.demand(
        fed.unique_id not in _listed(practice, case),
        "Le document a été rangé au dossier, et l'utilisateur n'a fait que le regarder.",
        "The document was filed, and the user only looked at it.",
    )


@check(
    "Plusieurs documents du DMP se rangent au dossier, tels quels, et l'on voit d'où ils viennent",
    "Several documents of the DMP are filed as they are, and one sees where they come from",
    requirements=("SC.DMP/UX.31", "SC.CDA/INT.08"),
    catches=("says_that_it_came_by_mail",),
)
def test_documents_are_filed_with_their_origin(bench: Bench, practice: DmpBench) -> None:
    case, colleague = _case(practice)
    fed = [colleague.feed(practice.made(case), case.ins, title=f"Consultation {rank}") for rank in (1, 2)]
    views = [_integrate(practice, case, one) for one in fed]
    for one, view in zip(fed, views, strict=True):
        bench.demand(
            bench.product.read_document(view.document_id) == one.data,
            "Le document rangé n'est pas, octet pour octet, celui du DMP.",
            "The document filed is not, byte for byte, that of the DMP.",
        )
        line = _listed(practice, case).get(one.unique_id)
        bench.demand(
            line is not None and line.origin is Origin.DMP,
            f"L'origine montrée est « {line.origin if line else 'aucune'} » ; le document vient du DMP.",
            f"The origin shown is “{line.origin if line else 'none'}”; the document comes from the DMP.",
        )


@check(
    "Un document déjà au dossier est signalé, et ne s'y range pas deux fois",
    "A document that is in the record already is told, and is not filed twice",
    requirements=("SC.CDA/DD.04",),
    catches=("does_not_say_what_is_there", "shows_the_first_document_only"),
)
def test_a_document_in_the_record_is_told(bench: Bench, practice: DmpBench) -> None:
    case, colleague = _case(practice)
    fed, other = (colleague.feed(practice.made(case), case.ins) for _ in range(2))
    _integrate(practice, case, fed)
    shown = {one.unique_id: one.in_record for one in bench.product.search_dmp(case.id, DmpQuery())}
    bench.demand(
        shown == {fed.unique_id: True, other.unique_id: False},
        "La liste du DMP ne dit pas lequel des deux documents est déjà au dossier.",
        "The list of the DMP does not say which of the two documents is in the record already.",
    )


@check(
    "Une version plus récente au DMP est signalée à l'ouverture du dossier",
    "A newer version in the DMP is told when the record is opened",
    requirements=("SC.CDA/DD.05",),
    catches=("tells_no_new_version",),
)
def test_a_new_version_is_told(bench: Bench, practice: DmpBench) -> None:
    case, colleague = _case(practice)
    fed = colleague.feed(practice.made(case), case.ins)
    view = _integrate(practice, case, fed)
    colleague.replace(fed)
    told = bench.product.open_record(case.id).notices
    bench.demand(
        any(one.kind is NoticeKind.NEW_VERSION and one.document_id == view.document_id for one in told),
        "Le document du dossier a une version plus récente au DMP, et rien ne le dit.",
        "The document of the record has a newer version in the DMP, and nothing says so.",
    )


@check(
    "La nouvelle version se range, et l'ancienne est gardée",
    "The new version is filed, and the former one is kept",
    requirements=("SC.CDA/DD.05",),
    catches=("does_not_say_what_is_newer",),
)
def test_the_new_version_is_filed_and_the_former_kept(bench: Bench, practice: DmpBench) -> None:
    case, colleague = _case(practice)
    fed = colleague.feed(practice.made(case), case.ins)
    _integrate(practice, case, fed)
    newer = colleague.replace(fed)
    shown = {one.unique_id: one.newer_than_record for one in bench.product.search_dmp(case.id, DmpQuery())}
    bench.demand(
        shown == {newer.unique_id: True},
        "La liste du DMP ne dit pas que ce document est plus récent que celui du dossier.",
        "The list of the DMP does not say that this document is newer than that of the record.",
    )
    _integrate(practice, case, newer)
    status = {unique_id: view.status for unique_id, view in _listed(practice, case).items()}
    bench.demand(
        status == {fed.unique_id: DocumentStatus.REPLACED, newer.unique_id: DocumentStatus.CURRENT},
        f"Attendu : l'ancienne version remplacée, la nouvelle en vigueur ; trouvé {sorted(status.values())}.",
        f"Expected: the former version replaced, the new one in force; found {sorted(status.values())}.",
    )


@check(
    "Une suppression au DMP est signalée à l'ouverture du dossier",
    "A deletion in the DMP is told when the record is opened",
    requirements=("SC.CDA/DD.05",),
    catches=("tells_no_deletion",),
)
def test_a_deletion_is_told(bench: Bench, practice: DmpBench) -> None:
    case, colleague = _case(practice)
    fed = colleague.feed(practice.made(case), case.ins)
    view = _integrate(practice, case, fed)
    colleague.delete(fed)
    told = bench.product.open_record(case.id).notices
    bench.demand(
        any(one.kind is NoticeKind.DELETED and one.document_id == view.document_id for one in told),
        "Le document du dossier a été supprimé du DMP, et rien ne le dit.",
        "The document of the record was deleted from the DMP, and nothing says so.",
    )


@check(
    "Les nouveaux documents sont comptés par type à l'ouverture, une fois",
    "New documents are counted by type when the record is opened, once",
    requirements=("SC.DMP/UX.14", "SC.DMP/UX.15", "SC.DMP/UX.17", "SC.DMP/UX.27"),
    catches=("counts_again_what_was_seen", "counts_all_types_together"),
)
def test_new_documents_are_counted_by_type(bench: Bench, practice: DmpBench) -> None:
    case, colleague = _case(practice)
    for kind in (CONSULTATION, CONSULTATION, LETTER):
        colleague.feed(practice.made(case), case.ins, kind=kind)
    for expected in ({CONSULTATION[0]: 2, LETTER[0]: 1}, {}):
        told = bench.product.open_record(case.id).notices
        counted = {
            one.type.code if one.type else "?": one.count for one in told if one.kind is NoticeKind.NEW_DOCUMENTS
        }
        bench.demand(
            counted == expected,
            f"Nouveaux documents par type : attendu {expected or 'aucun'} ; le logiciel dit {counted or 'aucun'}.",
            f"New documents by type: expected {expected or 'none'}; the product says {counted or 'none'}.",
        )


@check(
    "Ouvrir un dossier lance une recherche au plus, et ne consulte aucun document",
    "Opening a record starts one search at most, and retrieves no document",
    requirements=("SC.DMP/UX.14",),
    catches=("fetches_everything_at_the_opening",),
)
def test_opening_a_record_asks_little(bench: Bench, practice: DmpBench) -> None:
    case, colleague = _case(practice)
    for _ in range(2):
        colleague.feed(practice.made(case), case.ins)
    before = {name: len(practice.requests(case, name)) for name in ("td3.1a", "td3.2")}
    bench.product.open_record(case.id)
    asked = {name: len(practice.requests(case, name)) - before[name] for name in before}
    bench.demand(
        asked["td3.1a"] <= 1 and asked["td3.2"] == 0,
        f"À l'ouverture du dossier : {asked['td3.1a']} recherche(s), {asked['td3.2']} consultation(s).",
        f"When the record was opened: {asked['td3.1a']} search(es), {asked['td3.2']} retrieval(s).",
    )
