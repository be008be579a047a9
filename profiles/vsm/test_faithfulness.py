"""The VSM says what the record says: everything, nothing else, with its code, dates, status and words."""

from random import Random

import pytest

from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.records import file_for, rich_record
from conformance.harness.vsm import (
    CODED,
    SECTION_TITLES,
    demand_none,
    invented_entries,
    missing_items,
    normal,
    produce,
    wrong_dates,
    wrong_narrative,
    wrong_statuses,
)
from conformance.sut.contract import Category, ClinicalRecord, Treatment

EVERY_LIST = pytest.mark.parametrize("category", list(Category), ids=str)
CODED_LISTS = pytest.mark.parametrize("category", CODED, ids=str)


@EVERY_LIST
@check(
    "Chaque élément du dossier est dans le VSM, avec son code",
    "Each item of the record is in the VSM, with its code",
    requirements=("DOC/va1.14", "DOC.03"),
    catches=(
        "forgets_allergies",
        "forgets_last_treatment",
        "missing_treatment_plan",
        "writes_in_latin1",
        "wrong_problem_code",
    ),
)
def test_each_item_of_the_record_is_told(bench: Bench, category: Category) -> None:
    demand_none(missing_items(rich_record(), produce(bench, file_for(Random(20))).facts, category))


@CODED_LISTS
@check(
    "Le VSM n'invente rien",
    "The VSM invents nothing",
    requirements=("DOC/va1.14",),
    catches=(
        "invents_problem",
        "writes_in_latin1",
        "wrong_problem_code",
    ),
)
def test_nothing_is_invented(bench: Bench, category: Category) -> None:
    demand_none(invented_entries(rich_record(), produce(bench, file_for(Random(21))).facts, category))


@CODED_LISTS
@check(
    "Les dates de début et de fin sont celles du dossier",
    "Starts and ends are those of the record",
    requirements=("DOC/va1.14",),
    catches=(
        "dates_in_wrong_form",
        "drops_end_dates",
        "drops_start_dates",
        "writes_in_latin1",
    ),
)
def test_dates_are_those_of_the_record(bench: Bench, category: Category) -> None:
    demand_none(wrong_dates(rich_record(), produce(bench, file_for(Random(22))).facts, category))


@pytest.mark.parametrize("category", [Category.ACTIVE_PROBLEMS, Category.PAST_PROBLEMS, Category.ALLERGIES], ids=str)
@check(
    "Le statut clinique est celui du dossier",
    "The clinical status is that of the record",
    requirements=("DOC/va1.14",),
    catches=(
        "writes_in_latin1",
        "wrong_status",
    ),
)
def test_statuses_are_those_of_the_record(bench: Bench, category: Category) -> None:
    demand_none(wrong_statuses(rich_record(), produce(bench, file_for(Random(23))).facts, category))


@CODED_LISTS
@check(
    "Le texte lu par le médecin dit la même chose que l'entrée codée",
    "The text that the doctor reads tells the same as the coded entry",
    requirements=("DOC/va1.14",),
    catches=(
        "breaks_references",
        "narrative_differs",
        "writes_in_latin1",
    ),
)
def test_narrative_and_entries_tell_the_same(bench: Bench, category: Category) -> None:
    demand_none(wrong_narrative(rich_record(), produce(bench, file_for(Random(24))).facts, category))


@check(
    "La posologie des traitements se lit dans le VSM",
    "How treatments are taken can be read in the VSM",
    requirements=("DOC/va1.14",),
    catches=(
        "drops_dosages",
        "forgets_last_treatment",
        "missing_treatment_plan",
        "writes_in_latin1",
    ),
)
def test_dosages_can_be_read(bench: Bench) -> None:
    facts = produce(bench, file_for(Random(25))).facts
    text = normal(facts.sections.get("treatments", ""))
    for treatment in rich_record().treatments:
        bench.demand(
            normal(treatment.dosage or "") in text,
            f"La posologie « {treatment.dosage} » de « {treatment.label} » n'est pas dans le texte des traitements.",
            f"The dosage “{treatment.dosage}” of “{treatment.label}” is not in the text of the treatments.",
        )


@check(
    "Rien d'un autre patient n'entre dans le VSM",
    "Nothing of another patient enters the VSM",
    requirements=("DOC/va1.14",),
    catches=(
        "breaks_references",
        "generates_for_last_patient_created",
        "treatment_of_another_patient",
        "writes_in_latin1",
    ),
)
def test_nothing_of_another_patient_enters(bench: Bench) -> None:
    other = ClinicalRecord(treatments=(Treatment(id="o1", label="Zzotherap 12 mg de l'autre patient"),))
    own = ClinicalRecord(treatments=(Treatment(id="t1", label="Traitement du patient lui-même"),))
    file = file_for(Random(27), own)
    patient = bench.product.create_patient(file)
    # The other file is opened last: a product that mixes up its open files shows here.
    bench.product.create_patient(file_for(Random(26), other))
    facts = produce(bench, file, patient=patient).facts
    bench.demand(
        "Zzotherap" not in facts.narrative,
        "Le VSM contient un traitement d'un autre patient.",
        "The VSM holds a treatment of another patient.",
    )
    demand_none(invented_entries(own, facts, Category.TREATMENTS))


@check(
    "Chaque liste du dossier a sa section, sous son titre",
    "Each list of the record has its section",
    requirements=("DOC/va1.14",),
    catches=(
        "forgets_allergies",
        "missing_treatment_plan",
        "writes_in_latin1",
    ),
)
def test_each_list_has_its_section(bench: Bench) -> None:
    facts = produce(bench, file_for(Random(28))).facts
    for category, title in SECTION_TITLES.items():
        bench.demand(
            category.value in facts.sections,
            f"La section « {title.fr} » manque.",
            f"The section “{title.en}” is missing.",
        )
