"""Sections that a VSM may hold beside its own: results (French form), points of vigilance, care plan, comment…

Source: CI-SIS, Modèles de contenus CDA; IHE PCC TF-2 (care plan, history of present illness).
"""

from __future__ import annotations

from conformance.cda.constraints import at_most_one, declares, exactly_one, fixed, holds, one_of, required
from conformance.cda.content import examples as ex
from conformance.cda.content import more_examples as more
from conformance.cda.content.entries import completed, entry, narrative_link
from conformance.cda.content.kinds import WEAKER_THAN_MEANT, act_class, match, named
from conformance.cda.content.oids import LOINC, SIMPLE_OBSERVATION, ccd, fr_entry, fr_section, pcc
from conformance.cda.content.relations import below
from conformance.cda.content.sections import section, section_code
from conformance.cda.paths import path
from conformance.cda.rules import Template
from conformance.core.findings import Severity
from conformance.core.language import Text

_RESULT_CODES = ("26436-6", "18748-4", "26438-2", "27898-6", "26435-8")
_RESULTS = "30954-2", "Résultats d'examens"
_PLAN = "18776-5", "Plan de soins"

RESULTS: tuple[Template, ...] = (
    section(
        "section-results-fr", Text("Section Résultats (FR-Resultats)", "Section Results (FR-Resultats)"), fr_section("244"),
        named("section", official="ans:S_resultats_ANS #1"),
        exactly_one("id", official="ans:S_resultats_ANS #2"),
        required("text", official="ans:S_resultats_ANS #3"),
        fixed("code/@code", "30954-2", official="ans:S_resultats_ANS #4"),
        one_of("code/@codeSystem", LOINC, optional=True, severity=Severity.WARNING, beyond=Text(
            "La règle officielle ne regarde pas le système de codage.", "The official rule does not look at the code system.")),
        holds("entry/organizer", (fr_entry("208"),), Text("un groupe de résultats", "one group of results"),
              when=lambda node: bool(path("entry").elements(node)), official="ans:S_resultats_ANS #5"),
        example=ex.section((fr_section("244"),), *_RESULTS, ex.entry(more.results())),
    ),
    entry(
        "results-fr", Text("Groupe de résultats (FR-Resultats)", "Group of results (FR-Resultats)"), fr_entry("208"),
        named("organizer", official="ans:E_resultats_ANS #1"),
        *act_class("CLUSTER", "EVN", official="ans:E_resultats_ANS #1"),
        at_most_one("templateId", official="ans:E_resultats_ANS #2"),
        required("id", official="ans:E_resultats_ANS #3"),
        match("code", code=_RESULT_CODES, official="ans:E_resultats_ANS #4"),
        completed("ans:E_resultats_ANS #5"),
        holds("component/observation[@classCode='OBS' and @moodCode='EVN']", (fr_entry("209"),), Text(
            "un résultat (OBS, EVN)", "one result (OBS, EVN)"), official="ans:E_resultats_ANS #6"),
        example=more.results(),
    ),
)  # fmt: skip

PLANS: tuple[Template, ...] = (
    section(
        "section-care-plan", Text("Section Plan de soins", "Section Care plan"), pcc("3.31"),
        named("section", official="ihe:S_carePlan #1"),
        declares(ccd("10"), official="ihe:S_carePlan #2-3"),
        section_code(*_PLAN, "ihe:S_carePlan #4-5"),
        unless=(pcc("3.36"),),
        example=ex.section((ccd("10"), pcc("3.31")), *_PLAN),
    ),
    section(
        "section-care-plan-coded", Text("Section Plan de soins, codée", "Section Care plan, coded"), pcc("3.36"),
        named("section", official="ihe:S_codedCarePlan #2 · ihe:S_carePlan #1"),
        declares(ccd("10"), official="ihe:S_codedCarePlan #1,3 · ihe:S_carePlan #2-3"),
        section_code(*_PLAN, "ihe:S_codedCarePlan #4-5 · ihe:S_carePlan #4-5"),
        example=ex.section((ccd("10"), pcc("3.36")), *_PLAN),
    ),
    entry(
        "observation-request", Text("Examen demandé", "Observation requested"), pcc("1.20.3.1"),
        *act_class("OBS", "INT", "PRP", "GOL", official="ihe:E_observationRequest_int #1-2"),
        declares(ccd("25"), official="ihe:E_observationRequest_int #3-4"),
        required("id", official="ihe:E_observationRequest_int #5"),
        required("code", official="ihe:E_observationRequest_int #6"),
        narrative_link("ihe:E_observationRequest_int #7"),
        required("statusCode", official="ihe:E_observationRequest_int #8"),
        required("effectiveTime", official="ihe:E_observationRequest_int #9"),
        example=more.observation_request("examen-1"),
    ),
)  # fmt: skip

UNCODED: tuple[Template, ...] = (
    section(
        "section-vigilance", Text("Section Points de vigilance", "Section Points of vigilance"), fr_section("245"),
        named("section", official="ans:S_pointsDeVigilances-non-code_ANS #1"),
        exactly_one("id", official="ans:S_pointsDeVigilances-non-code_ANS #2"),
        section_code("44944-7", "Points de vigilance", "ans:S_pointsDeVigilances-non-code_ANS #3-4"),
        example=ex.section((fr_section("245"),), "44944-7", "Points de vigilance"),
    ),
    section(
        "section-comment", Text("Section Commentaire", "Section Comment"), fr_section("47"),
        named("section", official="ans:S_comment_ANS #1"),
        section_code("48767-8", "Commentaire", "ans:S_comment_ANS #2-3"),
        below(SIMPLE_OBSERVATION, Text("une observation", "one observation"), official="ans:S_comment_ANS #4"),
        example=ex.section((fr_section("47"),), "48767-8", "Commentaire", ex.entry(ex.simple_observation("commentaire-1")),
                           ex.words("commentaire-1")),
    ),
    section(
        "section-present-illness", Text("Section Histoire de la maladie", "Section History of present illness"), pcc("3.4"),
        named("section", official="ihe:S_historyOfPresentIllness #1"),
        section_code("10164-2", "Histoire de la maladie", "ihe:S_historyOfPresentIllness #2-3"),
        exactly_one("text", official="ihe:S_historyOfPresentIllness #4"),
        example=ex.section((pcc("3.4"),), "10164-2", "Histoire de la maladie"),
    ),
    section(
        "section-allergies-uncoded", Text("Section Allergies, non codée", "Section Allergies, uncoded"), fr_section("8"),
        named("section", official="ans:S_allergiesIntolerances_ANS #1"),
        section_code("48765-2", "Allergies et hypersensibilités", "ans:S_allergiesIntolerances_ANS #2-3"),
        example=ex.section((fr_section("8"),), "48765-2", "Allergies et hypersensibilités"),
    ),
    section(
        "section-past-illness-uncoded", Text("Section Antécédents médicaux, non codée", "Section Past illness, uncoded"),
        fr_section("2"),
        named("section", official="ans:S_antecedentsMedicaux_ANS #1"),
        required("id", official="ans:S_antecedentsMedicaux_ANS #2"),
        at_most_one("id", official="ans:S_antecedentsMedicaux_ANS #2", severity=Severity.WARNING, beyond=WEAKER_THAN_MEANT),
        required("text", official="ans:S_antecedentsMedicaux_ANS #3"),
        section_code("11348-0", "Antécédents médicaux", "ans:S_antecedentsMedicaux_ANS #4-5"),
        example=ex.section((fr_section("2"),), "11348-0", "Antécédents médicaux"),
    ),
)  # fmt: skip
