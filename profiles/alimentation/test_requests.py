"""Every request of the life of a document in the DMP, judged on the wire by the checks of ``segur validate``."""

from conformance.exchange.metadata import names
from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.dmp_wire import Subject, Wire
from conformance.harness.marks import check
from conformance.sut.contract import FeedingChoice, Visibility

FED = "dmp.td2."
MASKED = FeedingChoice(visibility=Visibility(masked_to_professionals=True))


def _lived(practice: DmpBench) -> Wire:
    """A document is fed, replaced, masked and deleted; what does not come of it is the matter of other tests."""
    mark = practice.dmp.journal.last
    case = practice.admit()
    practice.authorise(case)
    product = practice.bench.product
    first = practice.validate(case)
    practice.settle(lambda: practice.status(case, first) is not None)
    second = practice.validate(case, replaces=first)
    practice.settle(lambda: practice.status(case, second) is not None)
    practice.refused(lambda: product.choose_feeding(second.document_id, MASKED))
    practice.settle(lambda: any(one.masked for one in practice.entries(case)))
    practice.refused(lambda: product.remove_from_dmp(second.document_id))
    practice.settle(lambda: practice.status(case, second) == names.DELETED)
    return Wire(practice, [case], mark)


@check(
    "Chaque requête voyage comme le DMP le demande",
    "Each request travels as the DMP asks",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("sends_documents_inside_the_envelope", "numbers_its_messages"),
)
def test_requests_travel_as_they_must(practice: DmpBench) -> None:
    _lived(practice).demand_sound(Subject.TRANSPORT, FED)


@check(
    "Le VIHF de chaque requête dit qui demande, pour qui, et vaut pour elle",
    "The VIHF of each request says who asks, about whom, and holds for it",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=(
        "dates_the_vihf_of_the_login",
        "uses_one_vihf_for_all",
        "does_not_sign_the_vihf",
        "hides_its_approval_number",
    ),
)
def test_each_request_has_a_sound_vihf(practice: DmpBench) -> None:
    _lived(practice).demand_sound(Subject.VIHF, FED)


@check(
    "Lots, fiches et signatures sont ceux que le DMP demande",
    "Lots, metadata and signatures are those that the DMP asks for",
    requirements=("SC.DMP/ALI/PROG.02", "DMP/va1.16", "DMP/va1.17"),
    catches=(
        "writes_one_class_for_all",
        "forgets_the_signature_of_the_lot",
        "signs_other_bytes",
        "names_another_author_of_the_lot",
        "keeps_the_hash_of_the_former_version",
    ),
)
def test_what_requests_say_is_sound(practice: DmpBench) -> None:
    _lived(practice).demand_sound(Subject.CONTENT, FED)


@check(
    "Les fiches disent ce que disent l'en-tête du document et le VIHF",
    "The metadata say what the header of the document and the VIHF say",
    requirements=("SC.DMP/ALI/PROG.02", "DMP/va1.16"),
    catches=("writes_local_times", "dates_the_act_of_the_deposit", "shortens_the_title"),
)
def test_metadata_agree_with_the_document(practice: DmpBench) -> None:
    _lived(practice).demand_sound(Subject.COHERENCE, FED)


@check(
    "Chaque document envoyé passe les contrôles des documents",
    "Each document sent passes the checks of documents",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("code_outside_value_set",),
)
def test_documents_sent_are_sound(practice: DmpBench) -> None:
    _lived(practice).demand_sound(Subject.DOCUMENT, FED)


@check(
    "Le document déposé est, octet pour octet, celui que l'utilisateur a validé",
    "The document deposited is, byte for byte, the one that the user validated",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("sends_another_writing",),
)
def test_the_document_is_the_one_that_was_validated(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    view = practice.validate(case)
    deposit = practice.deposit(case, view)
    bench.demand(
        deposit.content == bench.product.read_document(view.document_id),
        "Les octets déposés ne sont pas ceux du document validé.",
        "The bytes deposited are not those of the validated document.",
    )
