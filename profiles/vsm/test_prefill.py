"""Prefill and edit: the VSM is proposed from the record, and the user's corrections and removals are kept (DOC.03)."""

from dataclasses import replace
from random import Random

import pytest

from conformance.core.language import Text
from conformance.harness.bench import Bench
from conformance.harness.judgement import Unmet
from conformance.harness.marks import check
from conformance.harness.records import file_for, rich_record
from conformance.harness.vsm import SECTION_TITLES, normal, produce, protect
from conformance.harness.vsm_comparing import demand_none, label_of, missing_items
from conformance.sut.contract import Category, ClinicalRecord, Patient, Problem


def _prefill(bench: Bench, seed: int) -> tuple[Patient, ClinicalRecord]:
    file = file_for(Random(seed))
    protect(bench, file)
    patient = bench.product.create_patient(file)
    return patient, bench.product.prefill_document(patient.patient_id, "vsm", str(bench.options["version"])).content


def _proposed(content: ClinicalRecord, rank: int) -> Problem:
    """An active problem of the prefill, known by its words: its id there is the product's own.

    Without it there is nothing to edit.
    """
    wanted = normal(rich_record().active_problems[rank].label)
    for item in content.active_problems:
        if normal(item.label) == wanted:
            return item
    raise Unmet(
        Text(
            "Le préremplissage ne propose pas les problèmes du dossier.",
            "The prefill does not propose the record's problems.",
        )
    )


@pytest.mark.parametrize("category", list(Category), ids=str)
@check(
    "Le préremplissage propose ce que le dossier contient",
    "The prefill proposes what the record holds",
    requirements=("DOC.03",),
    catches=("prefills_nothing",),
)
def test_the_prefill_proposes_the_record(bench: Bench, category: Category) -> None:
    _, content = _prefill(bench, 60)
    proposed = {normal(label_of(category, item)) for item in getattr(content, category.value)}
    for item in getattr(rich_record(), category.value):
        bench.demand(
            normal(label_of(category, item)) in proposed,
            f"{SECTION_TITLES[category].fr} : « {label_of(category, item)} » n'est pas proposé.",
            f"{SECTION_TITLES[category].en}: “{label_of(category, item)}” is not proposed.",
        )


@check(
    "Ce que l'utilisateur retire du préremplissage n'est pas dans le VSM",
    "What the user removes from the prefill is not in the VSM",
    requirements=("DOC.03",),
    catches=(
        "ignores_removals",
        "prefills_nothing",
        "writes_in_latin1",
    ),
)
def test_a_removed_item_stays_out(bench: Bench) -> None:
    patient, content = _prefill(bench, 61)
    removed = _proposed(content, 1)
    edited = replace(content, active_problems=tuple(item for item in content.active_problems if item is not removed))
    facts = produce(bench, patient.file, patient=patient, content=edited).facts
    bench.demand(
        normal(removed.label) not in normal(facts.sections.get("active_problems", "")),
        f"« {removed.label} », retiré par l'utilisateur, est dans le VSM.",
        f"“{removed.label}”, removed by the user, is in the VSM.",
    )


@check(
    "Ce que l'utilisateur corrige dans le préremplissage est écrit corrigé",
    "What the user corrects in the prefill is written as corrected",
    requirements=("DOC.03",),
    catches=(
        "edited_item_reappears",
        "narrative_differs",
        "prefills_nothing",
        "writes_in_latin1",
    ),
)
def test_an_edited_item_is_written_as_edited(bench: Bench) -> None:
    patient, content = _prefill(bench, 62)
    proposed = _proposed(content, 0)
    corrected = replace(proposed, label="Hypertension artérielle corrigée par le médecin")
    others = tuple(item for item in content.active_problems if item is not proposed)
    edited = replace(content, active_problems=(corrected, *others))
    facts = produce(bench, patient.file, patient=patient, content=edited).facts
    bench.demand(
        normal(corrected.label) in normal(facts.sections.get("active_problems", "")),
        "La correction de l'utilisateur n'est pas dans le VSM.",
        "The user's correction is not in the VSM.",
    )


@check(
    "Corriger le document ne change rien au reste",
    "Editing the document changes nothing else",
    requirements=("DOC.03",),
    catches=(
        "forgets_allergies",
        "forgets_last_treatment",
        "missing_treatment_plan",
        "prefills_nothing",
        "writes_in_latin1",
        "wrong_problem_code",
    ),
)
def test_the_rest_stays_as_it_was(bench: Bench) -> None:
    patient, content = _prefill(bench, 63)
    edited = replace(content, past_problems=())
    facts = produce(bench, patient.file, patient=patient, content=edited).facts
    for category in Category:
        demand_none(missing_items(replace(rich_record(), past_problems=()), facts, category))
