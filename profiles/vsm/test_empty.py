"""Nothing to say is said properly: an empty list is not an absence, and a stated absence is not silence."""

from dataclasses import replace
from random import Random

import pytest

from conformance.cda.vsm_reading import VsmFacts
from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.records import CAN_BE_NONE, file_for, rich_record
from conformance.harness.vsm import SECTION_TITLES, normal, produce
from conformance.harness.vsm_comparing import demand_none, wrong_absences
from conformance.sut.contract import Category, ClinicalRecord

BODY = ("structure", "content")
"""The layers that tell whether a body with little in it is a valid one; the header is judged elsewhere."""


@check(
    "Un dossier vide donne un VSM valide",
    "An empty record gives a valid VSM",
    requirements=("DOC/va1.14",),
    catches=(
        "forgets_attending_physician",
        "leaves_empty_sections",
        "missing_treatment_plan",
        "writes_in_latin1",
        "wrong_documented_act",
        "wrong_type_code",
    ),
)
def test_an_empty_record_gives_a_valid_vsm(bench: Bench) -> None:
    bench.demand_no_error(produce(bench, file_for(Random(50), ClinicalRecord())).outcome, BODY)


@check(
    "Une liste vide n'est pas changée en « aucun connu »",
    "An empty list is not turned into “none known”",
    requirements=("DOC/va1.14",),
    catches=(
        "takes_silence_for_absence",
        "writes_in_latin1",
    ),
)
def test_silence_is_not_told_as_absence(bench: Bench) -> None:
    facts = produce(bench, file_for(Random(51), ClinicalRecord())).facts
    said = [
        entry
        for entry in facts.entries
        if entry.says_nothing and entry.about and str(entry.about.code).startswith("no-known")
    ]
    bench.demand(
        not said,
        f"Le dossier ne dit rien, et le VSM affirme « {said[0].about.code if said and said[0].about else ''} ».",
        f"The record says nothing, and the VSM states “{said[0].about.code if said and said[0].about else ''}”.",
    )


@pytest.mark.parametrize("category", CAN_BE_NONE, ids=str)
@check(
    "Une absence affirmée par le médecin se lit dans le VSM",
    "An absence stated by the doctor can be read in the VSM",
    requirements=("DOC/va1.14",),
    catches=(
        "forgets_stated_absence",
        "invents_problem",
        "missing_treatment_plan",
        "turns_absence_into_ignorance",
        "writes_in_latin1",
    ),
)
def test_a_stated_absence_is_told(bench: Bench, category: Category) -> None:
    unsaid = replace(rich_record(), **{category.value: ()})
    facts = produce(bench, file_for(Random(52), replace(unsaid, none_known=(category,)))).facts
    title = SECTION_TITLES[category]
    demand_none(wrong_absences(replace(unsaid, none_known=(category,)), facts, category))
    if not facts.absences(category.value):
        # Words will do, in the section or around it; they are not those of a list of which nothing is known.
        silent = produce(bench, file_for(Random(52), unsaid)).facts
        bench.demand(
            bool(_words(facts, category)) and _words(facts, category) != _words(silent, category),
            f"« {title.fr} » : le médecin affirme qu'il n'y en a pas, et le VSM n'en dit rien.",
            f"“{title.en}”: the doctor states that there are none, and the VSM says nothing of it.",
        )


def _words(facts: VsmFacts, category: Category) -> str:
    """What can be read about a list: in its section, and in the text of those around it."""
    return normal(f"{facts.sections.get(category.value, '')} {facts.around.get(category.value, '')}")


@check(
    "Des absences affirmées donnent un VSM valide",
    "Stated absences give a valid VSM",
    requirements=("DOC/va1.14",),
    catches=(
        "code_outside_value_set",
        "forgets_attending_physician",
        "leaves_empty_sections",
        "missing_treatment_plan",
        "writes_in_latin1",
        "wrong_documented_act",
        "wrong_type_code",
    ),
)
def test_stated_absences_give_a_valid_vsm(bench: Bench) -> None:
    record = ClinicalRecord(none_known=CAN_BE_NONE)
    bench.demand_no_error(produce(bench, file_for(Random(53), record)).outcome, BODY)


@check(
    "Une section présente n'est pas vide",
    "A section that is present is not empty",
    requirements=("DOC/va1.14",),
    catches=(
        "leaves_empty_sections",
        "writes_in_latin1",
    ),
)
def test_no_section_is_left_empty(bench: Bench) -> None:
    facts = produce(bench, file_for(Random(54), ClinicalRecord())).facts
    for category, title in SECTION_TITLES.items():
        text = facts.sections.get(category.value)
        bench.demand(
            text is None or bool(text.strip()),
            f"La section « {title.fr} » est là, sans un mot à lire.",
            f"The section “{title.en}” is there, without a word to read.",
        )
