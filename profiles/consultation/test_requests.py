"""Every request of a consultation, judged on the wire by the checks of ``segur validate``."""

from datetime import UTC, datetime, timedelta

from conformance.harness.dmp import DmpBench
from conformance.harness.dmp_colleague import CONSULTATION, LETTER
from conformance.harness.dmp_wire import Subject, Wire
from conformance.harness.marks import check
from conformance.sut.contract import Coded, DmpQuery, IntegrationRequest

SEARCH, RETRIEVE = "dmp.td3.1a", "dmp.td3.2"


def _consulted(practice: DmpBench) -> Wire:
    """The DMP is searched, a document looked at, another filed, the record opened again; then somebody's for the first time."""
    mark = practice.dmp.journal.last
    case, unknown, colleague = practice.admit(), practice.admit(), practice.colleague()
    practice.authorise(case)
    product = practice.bench.product
    made = practice.made(case)
    looked_at, filed = (colleague.feed(made, case.ins, kind=kind) for kind in (CONSULTATION, LETTER))
    types = tuple(Coded(code=kind[0], code_system=kind[1], label=kind[2]) for kind in (CONSULTATION, LETTER))
    product.search_dmp(case.id, DmpQuery(types=types, created_from=datetime.now(UTC) - timedelta(days=1)))
    practice.refused(lambda: product.read_dmp_document(case.id, looked_at.unique_id))
    request = IntegrationRequest(origin="dmp", reference=filed.unique_id, patient_id=case.id)
    practice.refused(lambda: product.integrate(request))
    product.open_record(case.id)
    practice.refused(lambda: product.search_dmp(unknown.id, DmpQuery()))
    return Wire(practice, [case, unknown], mark, but=colleague.professional.national_id)


@check(
    "Chaque requête voyage comme le DMP le demande",
    "Each request travels as the DMP asks",
    requirements=("SC.DMP/UX.08", "SC.DMP/UX.14"),
    catches=("numbers_its_messages",),
)
def test_requests_travel_as_they_must(practice: DmpBench) -> None:
    _consulted(practice).demand_sound(Subject.TRANSPORT, SEARCH, RETRIEVE)


@check(
    "Le VIHF de chaque requête dit qui demande, pour qui, et vaut pour elle",
    "The VIHF of each request says who asks, about whom, and holds for it",
    requirements=("SC.DMP/UX.08", "SC.DMP/UX.14"),
    catches=(
        "dates_the_vihf_of_the_login",
        "uses_one_vihf_for_all",
        "does_not_sign_the_vihf",
        "hides_its_approval_number",
    ),
)
def test_each_request_has_a_sound_vihf(practice: DmpBench) -> None:
    _consulted(practice).demand_sound(Subject.VIHF, SEARCH, RETRIEVE)


@check(
    "Chaque requête demande ce que le DMP comprend",
    "Each request asks for what the DMP understands",
    requirements=("SC.DMP/UX.08", "SC.DMP/UX.14"),
    catches=("writes_lists_without_parentheses",),
)
def test_what_requests_ask_is_sound(practice: DmpBench) -> None:
    _consulted(practice).demand_sound(Subject.CONTENT, SEARCH, RETRIEVE)
