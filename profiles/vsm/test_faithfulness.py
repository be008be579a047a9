"""The VSM says what the record says: everything, nothing else, with its code, dates, status and words."""

from dataclasses import replace
from random import Random

import pytest

from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.records import detailed_record, file_for, rich_record
from conformance.harness.vsm import SECTION_TITLES, Vsm, produce, protect
from conformance.harness.vsm_comparing import (
    CODED,
    KINDS,
    PLAIN_STATUS,
    compared,
    demand_none,
    invented_entries,
    misplaced_comments,
    missing_items,
    wrong_absences,
    wrong_dates,
    wrong_dosages,
    wrong_kinds,
    wrong_narrative,
    wrong_reactions,
    wrong_statuses,
)
from conformance.sut.contract import (
    Address,
    Allergy,
    Category,
    ClinicalRecord,
    FamilyHistory,
    Lifestyle,
    Note,
    PatientFile,
    Problem,
    Procedure,
    Telecom,
    Treatment,
)

EVERY_LIST = pytest.mark.parametrize("category", list(Category), ids=str)
CODED_LISTS = pytest.mark.parametrize("category", CODED, ids=str)


def _detailed(bench: Bench, seed: int) -> Vsm:
    return produce(bench, file_for(Random(seed), detailed_record()))


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
        "denies_allergies_beside_them",
        "invents_problem",
        "writes_in_latin1",
        "wrong_problem_code",
    ),
)
def test_nothing_is_invented(bench: Bench, category: Category) -> None:
    facts = produce(bench, file_for(Random(21))).facts
    demand_none(invented_entries(rich_record(), facts, category))
    demand_none(wrong_absences(rich_record(), facts, category))


@CODED_LISTS
@check(
    "Les dates de début et de fin sont celles du dossier",
    "Starts and ends are those of the record",
    requirements=("DOC/va1.14",),
    catches=(
        "dates_in_wrong_form",
        "drops_end_dates",
        "drops_start_dates",
        "forgets_allergies",
        "missing_treatment_plan",
        "writes_in_latin1",
        "wrong_problem_code",
    ),
)
def test_dates_are_those_of_the_record(bench: Bench, category: Category) -> None:
    facts = produce(bench, file_for(Random(22))).facts
    demand_none(wrong_dates(category, compared(rich_record(), facts, category)))


@pytest.mark.parametrize("category", PLAIN_STATUS, ids=str)
@check(
    "Le statut clinique est celui du dossier",
    "The clinical status is that of the record",
    requirements=("DOC/va1.14",),
    catches=(
        "forgets_allergies",
        "writes_in_latin1",
        "wrong_problem_code",
        "wrong_status",
    ),
)
def test_statuses_are_those_of_the_record(bench: Bench, category: Category) -> None:
    pairs = compared(detailed_record(), _detailed(bench, 23).facts, category)
    demand_none(wrong_statuses(category, pairs))


@pytest.mark.parametrize("category", KINDS, ids=str)
@check(
    "Le type de chaque allergie et le lien de parenté de chaque antécédent familial sont ceux du dossier",
    "The type of each allergy and the relative of each family history are those of the record",
    requirements=("DOC/va1.14",),
    catches=(
        "forgets_allergies",
        "writes_in_latin1",
        "wrong_allergy_type",
        "wrong_relative",
    ),
)
def test_kinds_are_those_of_the_record(bench: Bench, category: Category) -> None:
    pairs = compared(detailed_record(), _detailed(bench, 64).facts, category)
    demand_none(wrong_kinds(category, pairs))


@check(
    "Les réactions de chaque allergie sont celles du dossier",
    "The reactions of each allergy are those of the record",
    requirements=("DOC/va1.14",),
    catches=(
        "drops_reactions",
        "forgets_allergies",
        "writes_in_latin1",
    ),
)
def test_reactions_are_those_of_the_record(bench: Bench) -> None:
    demand_none(wrong_reactions(compared(detailed_record(), _detailed(bench, 65).facts, Category.ALLERGIES)))


@pytest.mark.parametrize("category", [Category.ACTIVE_PROBLEMS, Category.PAST_PROBLEMS], ids=str)
@check(
    "Un commentaire du médecin ne se lit pas à côté d'un autre problème que le sien",
    "A comment of the doctor is not read beside another problem than its own",
    requirements=("DOC/va1.14",),
    catches=(
        "shifts_comments",
        "writes_in_latin1",
        "wrong_problem_code",
    ),
)
def test_comments_stand_beside_their_problems(bench: Bench, category: Category) -> None:
    pairs = compared(detailed_record(), _detailed(bench, 66).facts, category)
    demand_none(misplaced_comments(category, pairs))


@CODED_LISTS
@check(
    "Le texte lu par le médecin dit la même chose que l'entrée codée",
    "The text that the doctor reads tells the same as the coded entry",
    requirements=("DOC/va1.14",),
    catches=(
        "breaks_references",
        "forgets_allergies",
        "missing_treatment_plan",
        "narrative_differs",
        "writes_in_latin1",
        "wrong_problem_code",
    ),
)
def test_narrative_and_entries_tell_the_same(bench: Bench, category: Category) -> None:
    facts = produce(bench, file_for(Random(24))).facts
    demand_none(wrong_narrative(category, compared(rich_record(), facts, category)))


@check(
    "La posologie de chaque traitement se lit à côté de lui dans le VSM",
    "How each treatment is taken can be read beside it in the VSM",
    requirements=("DOC/va1.14",),
    catches=(
        "breaks_references",
        "drops_dosages",
        "missing_treatment_plan",
        "shifts_dosages",
        "writes_in_latin1",
    ),
)
def test_dosages_can_be_read_beside_their_treatments(bench: Bench) -> None:
    demand_none(wrong_dosages(compared(detailed_record(), _detailed(bench, 25).facts, Category.TREATMENTS)))


MARK = "Zzautre"
"""A word of no dictionary, in everything that the file of another patient holds."""


def _other_file() -> PatientFile:
    """The file of another patient: each of its words tells where it comes from."""
    rich = rich_record()
    disease = rich.active_problems[0].code
    record = ClinicalRecord(
        active_problems=(Problem(id="o1", label=f"Maladie {MARK}", code=disease),),
        past_problems=(Problem(id="o2", label=f"Antécédent {MARK}", code=disease),),
        procedures=(Procedure(id="o3", label=f"Acte {MARK}", code=rich.procedures[0].code),),
        allergies=(Allergy(id="o4", label=f"Allergie {MARK}", type=rich.allergies[0].type),),
        lifestyle=(Lifestyle(id="o5", code=rich.lifestyle[0].code, value=f"Habitude {MARK}"),),
        professional_risks=(Note(id="o6", text=f"Risque {MARK}"),),
        family_history=(
            FamilyHistory(
                id="o7", relationship=rich.family_history[0].relationship, label=f"Famille {MARK}", code=disease
            ),
        ),
        points_of_attention=(Note(id="o8", text=f"Vigilance {MARK}"),),
        treatments=(Treatment(id="o9", label=f"Traitement {MARK} 12 mg"),),
    )
    file = file_for(Random(26), record)
    address = Address(lines=(f"1 rue {MARK}",), postal_code="33000", city="BORDEAUX", country="FRANCE")
    mailbox = Telecom(value=f"mailto:{MARK.lower()}@exemple.test")
    identity = replace(file.identity, used_name=MARK, used_given_name=MARK, addresses=(address,), telecoms=(mailbox,))
    return replace(file, identity=identity)


@check(
    "Rien d'un autre patient n'entre dans le VSM",
    "Nothing of another patient enters the VSM",
    requirements=("DOC/va1.14",),
    catches=(
        "breaks_references",
        "generates_for_last_patient_created",
        "notes_of_another_patient",
        "treatment_of_another_patient",
        "writes_in_latin1",
    ),
)
def test_nothing_of_another_patient_enters(bench: Bench) -> None:
    other = _other_file()
    protect(bench, other)
    own = ClinicalRecord(treatments=(Treatment(id="t1", label="Traitement du patient lui-même"),))
    file = file_for(Random(27), own)
    patient = bench.product.create_patient(file)
    # The other file is opened last: a product that mixes up its open files shows here.
    bench.product.create_patient(other)
    vsm = produce(bench, file, patient=patient)
    bench.demand(
        MARK.lower() not in vsm.data.decode("utf-8", "replace").lower(),
        "Le VSM contient ce qui n'est que dans le dossier d'un autre patient.",
        "The VSM holds what is in the file of another patient only.",
    )
    demand_none(invented_entries(own, vsm.facts, Category.TREATMENTS))


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
