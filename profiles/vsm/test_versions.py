"""A VSM lives: each version has its own id, all share one setId, and a new one replaces the one before."""

from dataclasses import replace
from random import Random

from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.records import file_for
from conformance.harness.vsm import Vsm, produce
from conformance.harness.vsm_comparing import CODED, demand_none, invented_entries, missing_items
from conformance.sut.contract import Category, DocumentStatus, ProblemStatus


def _two_versions(bench: Bench, seed: int) -> tuple[Vsm, Vsm]:
    file = file_for(Random(seed))
    first = produce(bench, file)
    second = produce(bench, file, patient=first.patient, replaces=first.view.document_id)
    return first, second


@check("Une première version porte le numéro 1 et ne remplace rien", "A first version has the number 1 and replaces nothing",
       requirements=("DOC/va1.14",), catches=("writes_in_latin1",),
)  # fmt: skip
def test_a_first_version_replaces_nothing(bench: Bench) -> None:
    facts = produce(bench, file_for(Random(40))).facts
    bench.demand(
        facts.version == "1" and not facts.replaces,
        f"La première version porte le numéro {facts.version} et déclare remplacer {list(facts.replaces) or 'rien'}.",
        f"The first version has the number {facts.version} and declares to replace {list(facts.replaces) or 'nothing'}.",
    )


@check(
    "Chaque version a son propre identifiant",
    "Each version has an identifier of its own",
    requirements=("DOC/va1.14",),
    catches=(
        "duplicate_document_id",
        "writes_in_latin1",
    ),
)
def test_each_version_has_its_own_id(bench: Bench) -> None:
    first, second = _two_versions(bench, 41)
    bench.demand(
        first.facts.identifier != second.facts.identifier,
        f"Les deux versions ont le même id {first.facts.identifier[0]}.",
        f"Both versions have the same id {first.facts.identifier[0]}.",
    )


@check("Deux documents différents n'ont jamais le même identifiant", "Two documents never have the same identifier",
       requirements=("DOC/va1.14",), catches=("duplicate_document_id", "writes_in_latin1",),
)  # fmt: skip
def test_documents_of_two_patients_have_different_ids(bench: Bench) -> None:
    first, second = produce(bench, file_for(Random(42))), produce(bench, file_for(Random(43)))
    for name, one, other in (
        ("id", first.facts.identifier, second.facts.identifier),
        ("setId", first.facts.set_id, second.facts.set_id),
    ):
        bench.demand(
            one != other,
            f"Les VSM de deux patients ont le même {name} : {one[0] if one else '?'}.",
            f"The VSMs of two patients have the same {name}: {one[0] if one else '?'}.",
        )


@check(
    "Toutes les versions partagent le même setId",
    "All versions share one setId",
    requirements=("DOC/va1.14",),
    catches=(
        "changes_set_id",
        "writes_in_latin1",
    ),
)
def test_versions_share_their_set_id(bench: Bench) -> None:
    first, second = _two_versions(bench, 44)
    bench.demand(
        first.facts.set_id is not None and first.facts.set_id == second.facts.set_id,
        f"Le setId passe de {first.facts.set_id} à {second.facts.set_id}.",
        f"The setId goes from {first.facts.set_id} to {second.facts.set_id}.",
    )


@check(
    "La nouvelle version porte le numéro suivant",
    "The new version has the next number",
    requirements=("DOC/va1.14",),
    catches=(
        "stale_version_number",
        "stops_counting_versions",
        "writes_in_latin1",
    ),
)
def test_the_version_number_goes_up_by_one(bench: Bench) -> None:
    first, second = _two_versions(bench, 45)
    third = produce(bench, first.patient.file, patient=first.patient, replaces=second.view.document_id)
    numbers = (first.facts.version, second.facts.version, third.facts.version)
    bench.demand(
        numbers == ("1", "2", "3"),
        f"Les trois versions portent les numéros {', '.join(str(number) for number in numbers)}.",
        f"The three versions have the numbers {', '.join(str(number) for number in numbers)}.",
    )


@check(
    "La nouvelle version déclare celle qu'elle remplace (RPLC)",
    "The new version declares the one that it replaces (RPLC)",
    requirements=("DOC/va1.14",),
    catches=(
        "forgets_related_document",
        "replaces_another_document",
        "writes_in_latin1",
    ),
)
def test_the_new_version_names_the_one_before(bench: Bench) -> None:
    first, second = _two_versions(bench, 46)
    bench.demand(
        second.facts.replaces == (first.facts.identifier,),
        f"La deuxième version remplace {list(second.facts.replaces) or 'rien'} ; attendu {first.facts.identifier[0]}.",
        f"The second version replaces {list(second.facts.replaces) or 'nothing'}; expected {first.facts.identifier[0]}.",
    )


@check(
    "Dans la liste du patient, l'ancienne version est marquée remplacée",
    "In the patient's list the former version is marked as replaced",
    requirements=("DOC/va1.14",),
    catches=(
        "keeps_replaced_document_current",
        "writes_in_latin1",
    ),
)
def test_the_former_version_is_shown_as_replaced(bench: Bench) -> None:
    first, second = _two_versions(bench, 47)
    status = {view.document_id: view.status for view in bench.product.list_documents(first.patient.patient_id)}
    found = (status.get(first.view.document_id), status.get(second.view.document_id))
    bench.demand(
        found == (DocumentStatus.REPLACED, DocumentStatus.CURRENT),
        f"L'utilisateur voit l'ancienne version « {found[0]} » et la nouvelle « {found[1]} ».",
        f"The user sees the former version as “{found[0]}” and the new one as “{found[1]}”.",
    )


@check(
    "La nouvelle version dit le dossier tel qu'il est maintenant",
    "The new version tells the record as it is now",
    requirements=("DOC/va1.14", "DOC.03"),
    catches=(
        "forgets_allergies",
        "forgets_last_treatment",
        "invents_problem",
        "missing_treatment_plan",
        "remembers_the_first_record",
        "writes_in_latin1",
        "wrong_problem_code",
    ),
)
def test_a_new_version_tells_the_record_as_it_is_now(bench: Bench) -> None:
    before = file_for(Random(48))
    first = produce(bench, before)
    record = before.record
    added = replace(record.past_problems[0], id="p9", status=ProblemStatus.ACTIVE, end=None)
    now = replace(record, active_problems=(record.active_problems[0], added), past_problems=())
    bench.product.update_patient(first.patient.patient_id, replace(before, record=now))
    facts = produce(bench, before, patient=first.patient, replaces=first.view.document_id).facts
    for category in Category:
        demand_none(missing_items(now, facts, category))
        if category in CODED:
            demand_none(invented_entries(now, facts, category))
