"""The sentences: every kind of mistake its own, in both languages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.terminology import value_sets
from conformance.terminology.code_systems import CIM_10, HL7_ADMINISTRATIVE_GENDER, LOINC, SNOMED_CT
from conformance.terminology.explanations import explain, suggestions
from conformance.terminology.value_sets import Concept, Status, ValueSet, all_value_sets

WITHDRAWN = ValueSet("2.999.1", "made-up", date(2025, 1, 31))
WITHDRAWN.__dict__["concepts"] = {("A", LOINC): Concept("A", LOINC, "Ancien", valid_to=date(2024, 12, 13))}

SENTENCES = {
    "an unknown code, with the nearest": (
        value_sets.PROBLEMS.look_up("5560700", SNOMED_CT),
        "Le code « 5560700 » n’existe pas dans le jeu de valeurs JDV_ProblemCodes_CISIS (1.2.250.1.213.1.1.5.172, "
        "version du 04/06/2024). Peut-être : « 55607006 » (problème).",
        "The code “5560700” does not exist in the value set JDV_ProblemCodes_CISIS (1.2.250.1.213.1.1.5.172, "
        "version of 2024-06-04). Perhaps: “55607006” (problème).",
    ),
    "an unknown code of a short set": (
        value_sets.ADMINISTRATIVE_GENDER.look_up("X", HL7_ADMINISTRATIVE_GENDER),
        "Le code « X » n’existe pas dans le jeu de valeurs JDV_J143_AdministrativeGender_CISIS "
        "(1.2.250.1.213.1.1.5.590, version du 26/03/2021). Codes admis : « F » (Féminin), « M » (Masculin), "
        "« UN » (Inconnu).",
        "The code “X” does not exist in the value set JDV_J143_AdministrativeGender_CISIS "
        "(1.2.250.1.213.1.1.5.590, version of 2021-03-26). Allowed codes: “F” (Féminin), “M” (Masculin), "
        "“UN” (Inconnu).",
    ),
    "a code in the wrong system": (
        value_sets.PROBLEMS.look_up("55607006", CIM_10),
        "Le code « 55607006 » existe dans le jeu de valeurs JDV_ProblemCodes_CISIS (1.2.250.1.213.1.1.5.172, version "
        "du 04/06/2024), mais pas dans le système de codage CIM-10 (2.16.840.1.113883.6.3) : le système attendu est "
        "SNOMED CT (2.16.840.1.113883.6.96). Corriger le système (codeSystem), ou le code s’il s’agit d’une autre "
        "notion.",
        "The code “55607006” exists in the value set JDV_ProblemCodes_CISIS (1.2.250.1.213.1.1.5.172, version of "
        "2024-06-04), but not in the code system CIM-10 (2.16.840.1.113883.6.3): the expected system is SNOMED CT "
        "(2.16.840.1.113883.6.96). Correct the system (codeSystem), or the code if another notion was meant.",
    ),
    "a withdrawn code": (
        WITHDRAWN.look_up("A", LOINC, on=date(2025, 2, 1)),
        "Le code « A » (Ancien) a été retiré du jeu de valeurs made-up (2.999.1, version du 31/01/2025) : sa validité "
        "s’est terminée le 13/12/2024. Prendre un code encore valide à la date du document.",
        "The code “A” (Ancien) was withdrawn from the value set made-up (2.999.1, version of 2025-01-31): its validity "
        "ended on 2024-12-13. Take a code that is still valid at the date of the document.",
    ),
    "a label that differs": (
        value_sets.PROBLEMS.look_up("55607006", SNOMED_CT, label="ennui"),
        "Le libellé « ennui » n’est pas celui du code « 55607006 » dans le jeu de valeurs JDV_ProblemCodes_CISIS "
        "(1.2.250.1.213.1.1.5.172, version du 04/06/2024) : le libellé attendu est « problème ». Reprendre le libellé "
        "du jeu.",
        "The label “ennui” is not that of the code “55607006” in the value set JDV_ProblemCodes_CISIS "
        "(1.2.250.1.213.1.1.5.172, version of 2024-06-04): the expected label is “problème”. Use the label of the set.",
    ),
}


@pytest.mark.parametrize("situation", SENTENCES)
def test_the_sentence_of_a_situation(situation: str) -> None:
    answer, french, english = SENTENCES[situation]
    said = explain(answer)
    assert said.fr == french
    assert said.en == english


def test_a_label_that_belongs_to_another_code_names_it() -> None:
    said = explain(value_sets.PROBLEMS.look_up("55607006", SNOMED_CT, label="MALADIE"))
    assert "« 64572001 »" in said.fr
    assert "“64572001”" in said.en


def test_a_withdrawn_code_leads_to_its_successor_of_the_same_label() -> None:
    said = explain(value_sets.PROBLEMS.look_up("409586006", SNOMED_CT))
    assert "terminée le 03/06/2024." in said.fr
    assert said.fr.endswith("Peut-être : « 1269496002 » (plainte).")
    assert said.en.endswith("Perhaps: “1269496002” (plainte).")


def test_the_label_leads_to_the_code_that_was_meant() -> None:
    found = suggestions(value_sets.DOCUMENT_TYPE, "99999-9", "cr d’examens biologiques")
    assert [concept.code for concept in found] == ["11502-2"]


def test_a_code_in_the_wrong_case_leads_to_the_right_one() -> None:
    assert [c.code for c in suggestions(value_sets.ADMINISTRATIVE_GENDER, "f", None)] == ["F"]


def test_a_code_unlike_any_other_leads_nowhere() -> None:
    assert suggestions(value_sets.DOCUMENT_TYPE, "zzzzzzzz", None) == ()


@given(st.sampled_from(all_value_sets()), st.text(max_size=8), st.text(max_size=8) | st.none())
def test_every_answer_has_a_sentence_that_names_code_and_set(one: ValueSet, code: str, label: str | None) -> None:
    answer = one.look_up(code, "2.999", label=label)
    said = explain(answer)
    assert answer.status in Status
    for sentence in (said.fr, said.en):
        assert code in sentence
        assert one.name in sentence
