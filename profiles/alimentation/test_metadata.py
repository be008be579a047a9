"""What a deposit says of itself: who, when, which class, the document as it is, signed, beside the envelope."""

from dataclasses import replace
from datetime import timedelta

from conformance.exchange.cda_header import CLASSES
from conformance.exchange.vihf_signature import verify_vihf
from conformance.exchange.xades import digest_of, read_lot_signature
from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.dmp_request import Request
from conformance.harness.marks import check
from conformance.terminology.document_classes import dmp_class_of

TIMES = ("creation_time", "service_start_time", "service_stop_time")
REPEATED = ("unique_id", "patient_id", "title", "type_code", "format_code", "healthcare_facility_type",
            "practice_setting", "authors", "legal_authenticator", "language_code")  # fmt: skip
TOLERANCE = timedelta(minutes=5)


def _deposit(practice: DmpBench) -> Request:
    case = practice.admit()
    return practice.deposit(case, practice.validate(case))


@check(
    "La classe du document se déduit de son type",
    "The class of the document follows from its type",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("writes_one_class_for_all",),
)
def test_the_class_follows_from_the_type(bench: Bench, practice: DmpBench) -> None:
    entry = _deposit(practice).document
    wanted = dmp_class_of(entry.type_code.code if entry.type_code else "")
    found = entry.class_code
    bench.demand(
        found is not None and (found.code, found.system) == (wanted, CLASSES),
        f"La classe est {found.code if found else 'absente'} ; celle de ce type est {wanted}.",
        f"The class is {found.code if found else 'absent'}; that of this type is {wanted}.",
    )


@check(
    "Les dates des métadonnées sont celles du document, en temps universel",
    "The times of the metadata are those of the document, in universal time",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("writes_local_times", "dates_the_act_of_the_deposit"),
)
def test_times_are_universal(bench: Bench, practice: DmpBench) -> None:
    deposit = _deposit(practice)
    expected = practice.header(deposit)
    for name in TIMES:
        found, wanted = getattr(deposit.document, name), getattr(expected, name)
        bench.demand(
            found == wanted,
            f"{name} vaut {found} ; le document dit {wanted} (UTC).",
            f"{name} is {found}; the document says {wanted} (UTC).",
        )


@check(
    "Les métadonnées redisent l'en-tête du document",
    "The metadata repeat the header of the document",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("shortens_the_title",),
)
def test_metadata_repeat_the_header(bench: Bench, practice: DmpBench) -> None:
    deposit = _deposit(practice)
    expected, found = practice.header(deposit), deposit.document
    for name in REPEATED:
        wanted, said = getattr(expected, name), getattr(found, name)
        if hasattr(wanted, "label"):  # a code is the same with another wording
            wanted, said = replace(wanted, label=""), replace(said, label="") if said else said
        bench.demand(
            said == wanted,
            f"{name} : les métadonnées disent {said}, l'en-tête du document {wanted}.",
            f"{name}: the metadata say {said}, the header of the document {wanted}.",
        )


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


@check(
    "Les documents voyagent à côté de l'enveloppe (MTOM, XOP)",
    "Documents travel beside the envelope (MTOM, XOP)",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("sends_documents_inside_the_envelope",),
)
def test_documents_travel_beside_the_envelope(bench: Bench, practice: DmpBench) -> None:
    sent = _deposit(practice).sent
    bench.demand(
        bool(sent) and not any(one.content.inline for one in sent),
        "Un document est écrit en base64 dans l'enveloppe.",
        "A document is written as base64 inside the envelope.",
    )


@check(
    "Le lot est signé, et la signature est celle des documents envoyés",
    "The lot is signed, and the signature is that of the documents sent",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("forgets_the_signature_of_the_lot", "signs_other_bytes"),
)
def test_the_lot_is_signed(bench: Bench, practice: DmpBench) -> None:
    deposit = _deposit(practice)
    entries = [one for one in deposit.objects.documents if one.type_code and one.type_code.code == "E1762"]
    bench.demand(len(entries) == 1, "Le lot n'est pas signé.", "The lot is not signed.")
    data = next(one.content.data for one in deposit.sent if one.id == entries[0].id)
    signature = read_lot_signature(data)
    lines = {line.oid: line for line in signature.references}
    line = lines.get(deposit.document.unique_id or "")
    bench.demand(
        signature.problem is None and line is not None,
        f"La signature du lot ne vaut pas : {signature.problem.fr if signature.problem else 'document absent'}.",
        f"The signature of the lot does not hold: {signature.problem.en if signature.problem else 'document absent'}.",
    )
    bench.demand(
        line is not None and line.digest == digest_of(deposit.content, line.algorithm or "sha256"),
        "L'empreinte signée n'est pas celle du document envoyé.",
        "The digest that is signed is not that of the document sent.",
    )


@check(
    "Le VIHF est fait pour la requête : de maintenant, une fois, pour ce patient, signé par la carte",
    "The VIHF is made for the request: of now, once, for this patient, signed by the card",
    requirements=("SC.DMP/ALI/PROG.02",),
    catches=("dates_the_vihf_of_the_login", "uses_one_vihf_for_all", "does_not_sign_the_vihf"),
)
def test_the_vihf_is_made_for_the_request(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.fed(case)
    requests = practice.requests(case)
    seen = {one.vihf.id for one in requests}
    bench.demand(
        len(seen) == len(requests),
        f"{len(requests)} requêtes ; {len(seen)} VIHF différents.",
        f"{len(requests)} requests; {len(seen)} different VIHFs.",
    )
    for one in requests:
        issued, received = one.vihf.issued, one.entry.at
        bench.demand(
            issued is not None and abs(received - issued) < TOLERANCE,
            f"Le VIHF est daté de {one.vihf.issue_instant} et la requête de {received:%Y-%m-%dT%H:%M:%SZ}.",
            f"The VIHF is dated {one.vihf.issue_instant} and the request {received:%Y-%m-%dT%H:%M:%SZ}.",
        )
        signature = verify_vihf(one.envelope.assertions[0])
        bench.demand(
            signature is not None and signature.problem is None,
            "Le VIHF n'est pas signé, ou sa signature ne vaut pas.",
            "The VIHF is not signed, or its signature does not hold.",
        )
