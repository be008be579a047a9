"""The sections that a VSM holds, and their IHE PCC parents: containers first, then the leaves.

Source: CI-SIS, Volet de synthèse médicale; Modèles de contenus CDA, sections; IHE PCC TF-2, section templates.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from lxml import etree

from conformance.cda.coding import code
from conformance.cda.constraints import (
    Rule,
    declares,
    exactly_one,
    fixed,
    forbidden,
    holds,
    one_of,
    required,
    unless_carrying,
)
from conformance.cda.content import examples as ex
from conformance.cda.content import more_examples as more
from conformance.cda.content.kinds import NEVER_ENFORCED, named
from conformance.cda.content.oids import (
    ALLERGY_LIST,
    LOINC,
    PROBLEM_LIST,
    PROCEDURE,
    SOURCE,
    TREATMENT,
    VSM_REQUIREMENT,
    ccd,
    fr_section,
    pcc,
)
from conformance.cda.content.relations import below
from conformance.cda.paths import path
from conformance.cda.rules import CannotSpoil, Constraint, Template, Violation
from conformance.core.language import Text

_WORDS_OR_PARTS = Text(
    "Écrivez dans text ce qu'il y a à dire (« aucun antécédent connu », par exemple), ou ajoutez une sous-section.",
    "Write in text what there is to say (“no known history”, for instance), or add a sub-section.",
)


def section(
    key: str, name: Text, oid: str, *constraints: Constraint, example: str, unless: tuple[str, ...] = ()
) -> Template:
    """A template of section: all come from the same source and serve the same requirement."""
    return Template(key=key, name=name, oid=oid, constraints=constraints, source=SOURCE,
                    requirements=VSM_REQUIREMENT, example=example, unless=unless)  # fmt: skip


def section_code(value: str, label: str, official: str) -> Constraint:
    """The LOINC code of a section."""
    return code("code", value, LOINC, label, official=official)


def _parts(node: etree._Element) -> int:
    """How many sub-sections a section has."""
    return len(path("component/section").elements(node))


def _text_or_parts(most: int, official: str) -> tuple[Constraint, ...]:
    """Text when there is no sub-section, none when all the ``most`` are there, and no more than ``most``."""
    return (
        required("text", official=official, when=lambda node: not _parts(node), hint=_WORDS_OR_PARTS, key="text.needed"),
        forbidden("text", official=official, when=lambda node: _parts(node) == most, key="text.superfluous", hint=Text(
            "Déplacez ce texte dans la sous-section qu'il concerne.", "Move this text to the sub-section that it is about.",
        )),
        Rule(
            asks=Text(f"au plus {most} sous-sections doivent figurer", f"at most {most} sub-sections must occur"),
            test=lambda node, _: _too_many(node, most), break_it=_add_part, key="parts.count", official=official,
        ),
    )  # fmt: skip


def _too_many(node: etree._Element, most: int) -> Iterator[Violation]:
    count = _parts(node)
    if count > most:
        yield Violation(node, Text(f"il y en a {count}", f"there are {count}"))


def _add_part(node: etree._Element) -> None:
    parts = path("component").elements(node)
    if not parts:
        raise CannotSpoil("the example has no sub-section")
    parts[0].addnext(copy.deepcopy(parts[0]))


def _component(*sections: str) -> str:
    return "".join(f"<component>{one}</component>" for one in sections)


ACTIVE = ex.section((ccd("11"), pcc("3.6"), fr_section("132")), "11450-4", "Liste des problèmes actifs",
                    ex.entry(ex.problem_list("actif-1")), ex.words("actif-1"), 11)  # fmt: skip
PAST = ex.section((pcc("3.8"), fr_section("134")), "11348-0", "Antécédents médicaux", ex.entry(ex.problem_list(
    "passe-1", "completed", '<low value="20180422"/><high value="20180430"/>')), ex.words("passe-1"), 12)  # fmt: skip
SURGERIES = ex.section((ccd("12"), pcc("3.11"), pcc("3.12"), fr_section("136")), "47519-4", "Historique des actes",
                       ex.entry(ex.procedure("acte-1")), ex.words("acte-1"), 13)  # fmt: skip
SURGERIES_UNCODED = ex.section((ccd("12"), pcc("3.11")), "47519-4", "Historique des actes", number=14)
ALLERGIES = ex.section((ccd("2"), pcc("3.13"), fr_section("137")), "48765-2", "Allergies et hypersensibilités",
                       ex.entry(ex.allergy_list("allergie-1")), ex.words("allergie-1"), 15)  # fmt: skip
SOCIAL = ex.section((ccd("15"), pcc("3.16"), pcc("3.16.1"), fr_section("141")), "29762-2", "Habitus, mode de vie",
                    ex.entry(ex.social_history("tabac")), ex.words("tabac"), 16)  # fmt: skip
PROFESSIONAL = ex.section(
    (pcc("1.5.3.1"), fr_section("74")), "10161-8", "Facteurs de risques professionnels", number=17
)
FAMILY = ex.section((ccd("4"), pcc("3.14"), pcc("3.15"), fr_section("139")), "10157-6", "Antécédents familiaux",
                    ex.entry(ex.family_history("famille-1")), ex.words("famille-1"), 18)  # fmt: skip
RESULTS = ex.section((pcc("3.27"), fr_section("150")), "30954-2", "Résultats d'examens", number=19)
RESULTS_CODED = ex.section((pcc("3.27"), pcc("3.28")), "30954-2", "Résultats d'examens",
                           ex.entry(ex.procedure("resultat-1")), ex.words("resultat-1"), 20)  # fmt: skip
TREATMENTS = ex.section((ccd("8"), pcc("3.19"), fr_section("143")), "10160-0", "Traitements",
                        ex.entry(more.treatment("medicament-1")), ex.words("medicament-1"), 21)  # fmt: skip

_HISTORY = (fr_section("30"),), "34117-2", "Historique et clinique"
_RISKS = (fr_section("31"),), "57207-3", "Facteurs de risque"
_PLAN = (fr_section("32"),), "18776-5", "Plan de traitement"
_ALL = (fr_section("29"),), "46612-8", "Conclusions de synthèse"

CONTAINERS: tuple[Template, ...] = (
    section(
        "section-synthesis",
        Text("Section Pathologies, antécédents, allergies et facteurs de risques",
             "Section Problems, history, allergies and risk factors"),
        fr_section("29"),
        named("section", official="ans:S_pathologieAntecedentsAllergiesFacteursDeRisques_ANS #1"),
        exactly_one("id", official="ans:S_pathologieAntecedentsAllergiesFacteursDeRisques_ANS #2"),
        section_code("46612-8", "Conclusions de synthèse",
                     "ans:S_pathologieAntecedentsAllergiesFacteursDeRisques_ANS #3-4"),
        holds("component/section", (fr_section("30"),), Text(
            "une sous-section Pathologies, antécédents et allergies", "one sub-section Problems, history and allergies"),
            official="ans:S_pathologieAntecedentsAllergiesFacteursDeRisques_ANS #5", hint=_WORDS_OR_PARTS),
        holds("component/section", (fr_section("31"),), Text(
            "une sous-section Facteurs de risques", "one sub-section Risk factors"),
            official="ans:S_pathologieAntecedentsAllergiesFacteursDeRisques_ANS #5", hint=_WORDS_OR_PARTS),
        example=ex.section(*_ALL, _component(ex.section(*_HISTORY, number=2), ex.section(*_RISKS, number=3)), None),
    ),
    section(
        "section-history-allergies",
        Text("Section Pathologies, antécédents et allergies", "Section Problems, history and allergies"),
        fr_section("30"),
        named("section", official="ans:S_pathologieEnCoursAntecedentsAllergies_ANS #1"),
        exactly_one("id", official="ans:S_pathologieEnCoursAntecedentsAllergies_ANS #2"),
        section_code("34117-2", "Historique et clinique", "ans:S_pathologieEnCoursAntecedentsAllergies_ANS #3-4"),
        holds("component/section", (pcc("3.6"), pcc("3.8"), pcc("3.12"), pcc("3.13")), Text(
            "une sous-section de problèmes actifs, d'antécédents, d'actes ou d'allergies",
            "one sub-section of active problems, past illness, acts or allergies"),
            when=lambda node: bool(_parts(node)), official="ans:S_pathologieEnCoursAntecedentsAllergies_ANS #5"),
        *_text_or_parts(4, "ans:S_pathologieEnCoursAntecedentsAllergies_ANS #6"),
        example=ex.section(*_HISTORY) + ex.section(*_HISTORY, _component(ACTIVE, PAST, SURGERIES, ALLERGIES), None),
    ),
    section(
        "section-risk-factors",
        Text("Section Facteurs de risques", "Section Risk factors"),
        fr_section("31"),
        named("section", official="ans:S_facteursDeRisque_ANS #1"),
        exactly_one("id", official="ans:S_facteursDeRisque_ANS #2"),
        section_code("57207-3", "Facteurs de risque", "ans:S_facteursDeRisque_ANS #3-4"),
        holds("component/section", (pcc("3.16.1"), pcc("1.5.3.1"), pcc("3.15")), Text(
            "une sous-section de mode de vie, de risques professionnels ou d'antécédents familiaux",
            "one sub-section of way of life, professional risks or family history"),
            when=lambda node: bool(_parts(node)), official="ans:S_facteursDeRisque_ANS #5"),
        *_text_or_parts(3, "ans:S_facteursDeRisque_ANS #6"),
        example=ex.section(*_RISKS) + ex.section(*_RISKS, _component(SOCIAL, PROFESSIONAL, FAMILY), None),
    ),
    section(
        "section-treatment-plan",
        Text("Section Plan de traitement (traitement au long cours)", "Section Treatment plan (long-term treatment)"),
        fr_section("32"),
        named("section", official="ans:S_planTraitement_ANS #1"),
        exactly_one("id", official="ans:S_planTraitement_ANS #2"),
        section_code("18776-5", "Plan de traitement", "ans:S_planTraitement_ANS #3-4"),
        holds("component/section", (pcc("3.19"),), Text("une sous-section Traitements", "one sub-section Treatments"),
              when=lambda node: bool(_parts(node)), official="ans:S_planTraitement_ANS #5"),
        required("text", official="ans:S_planTraitement_ANS #6", when=lambda node: not _parts(node),
                 hint=_WORDS_OR_PARTS, key="text.needed"),
        forbidden("text", official="ans:S_planTraitement_ANS #6", when=lambda node: bool(_parts(node)),
                  key="text.superfluous", hint=Text("Déplacez ce texte dans la sous-section Traitements.",
                                                    "Move this text to the sub-section Treatments.")),
        example=ex.section(*_PLAN) + ex.section(*_PLAN, _component(TREATMENTS), None),
    ),
)  # fmt: skip

LEAVES: tuple[Template, ...] = (
    section(
        "section-active-problems", Text("Section Problèmes actifs", "Section Active problems"), pcc("3.6"),
        named("section", official="ihe:S_activeProblem #2"),
        declares(ccd("11"), official="ihe:S_activeProblem #1,3"),
        fixed("code/@codeSystem", LOINC, official="ihe:S_activeProblem #5"),
        one_of("code/@code", "11450-4", optional=True, official="ihe:S_activeProblem #4", beyond=NEVER_ENFORCED),
        below(PROBLEM_LIST, Text("une liste de problèmes", "one list of problems"),
              official="ihe:S_activeProblem #6"),
        example=ACTIVE,
    ),
    section(
        "section-past-illness", Text("Section Antécédents médicaux", "Section Past illness"), pcc("3.8"),
        named("section", official="ihe:S_historyOfPastIllness #1"),
        section_code("11348-0", "Antécédents médicaux", "ihe:S_historyOfPastIllness #2-3"),
        below(PROBLEM_LIST, Text("une liste de problèmes", "one list of problems"),
              official="ihe:S_historyOfPastIllness #4"),
        example=PAST,
    ),
    section(
        "section-surgeries", Text("Section Historique des actes", "Section List of acts"), pcc("3.11"),
        named("section", official="ihe:S_listOfSurgeries #2 · ihe:S_codedListOfSurgeries #2"),
        declares(ccd("12"), official="ihe:S_listOfSurgeries #1,3 · ihe:S_codedListOfSurgeries #1,4"),
        section_code("47519-4", "Historique des actes", "ihe:S_listOfSurgeries #4-5 · ihe:S_codedListOfSurgeries #6-7"),
        example=SURGERIES_UNCODED,
    ),
    section(
        "section-surgeries-coded", Text("Section Historique des actes, codée", "Section List of acts, coded"), pcc("3.12"),
        declares(pcc("3.11"), official="ihe:S_codedListOfSurgeries #3"),
        required("id", official="ihe:S_codedListOfSurgeries #5"),
        below(PROCEDURE, Text("un acte", "one act"), official="ihe:S_codedListOfSurgeries #8"),
        example=SURGERIES,
    ),
    section(
        "section-allergies", Text("Section Allergies et hypersensibilités", "Section Allergies and intolerances"),
        pcc("3.13"),
        named("section", official="ihe:S_allergiesAndOtherAdverseReaction #2"),
        declares(ccd("2"), official="ihe:S_allergiesAndOtherAdverseReaction #1,3"),
        section_code("48765-2", "Allergies et hypersensibilités", "ihe:S_allergiesAndOtherAdverseReaction #4-5"),
        below(ALLERGY_LIST, Text("une liste d'allergies", "one list of allergies"),
              official="ihe:S_allergiesAndOtherAdverseReaction #6"),
        example=ALLERGIES,
    ),
    section(
        "section-social-history", Text("Section Habitus, mode de vie", "Section Social history"), pcc("3.16"),
        named("section", official="ihe:S_socialHistory #1 · ihe:S_codedSocialHistory #1"),
        declares(ccd("15"), official="ihe:S_socialHistory #2 · ihe:S_codedSocialHistory #3"),
        section_code("29762-2", "Habitus, mode de vie", "ihe:S_socialHistory #3-4 · ihe:S_codedSocialHistory #4-5"),
        example=ex.section((ccd("15"), pcc("3.16")), "29762-2", "Habitus, mode de vie"),
    ),
    section(
        "section-social-history-coded", Text("Section Habitus, mode de vie, codée", "Section Social history, coded"),
        pcc("3.16.1"),
        declares(pcc("3.16"), official="ihe:S_codedSocialHistory #2"),
        below(pcc("4.13.4"), Text("une observation de mode de vie", "one social history observation"),
              official="ihe:S_codedSocialHistory #6"),
        example=SOCIAL,
    ),
    section(
        "section-professional-risks",
        Text("Section Facteurs de risque professionnels", "Section Hazardous working conditions"), pcc("1.5.3.1"),
        named("section", official="ans:S_facteursDeRisque-non-code_ANS #1"),
        exactly_one("id", official="ans:S_facteursDeRisque-non-code_ANS #2"),
        section_code("10161-8", "Facteurs de risques professionnels", "ans:S_facteursDeRisque-non-code_ANS #3-4"),
        example=PROFESSIONAL,
    ),
    section(
        "section-family-history", Text("Section Antécédents familiaux", "Section Family history"), pcc("3.14"),
        named("section", official="ihe:S_familyMedicalHistory #1 · ihe:S_codedFamilyMedicalHistory #2"),
        section_code("10157-6", "Antécédents familiaux",
                     "ihe:S_familyMedicalHistory #2-3 · ihe:S_codedFamilyMedicalHistory #3-4"),
        example=ex.section((ccd("4"), pcc("3.14")), "10157-6", "Antécédents familiaux"),
    ),
    section(
        "section-family-history-coded", Text("Section Antécédents familiaux, codée", "Section Family history, coded"),
        pcc("3.15"),
        declares(pcc("3.14"), official="ihe:S_codedFamilyMedicalHistory #1,5"),
        below(pcc("4.15"), Text("un antécédent familial", "one family history organizer"),
              official="ihe:S_codedFamilyMedicalHistory #6"),
        example=FAMILY,
    ),
    section(
        "section-results", Text("Section Résultats d'examens", "Section Results"), pcc("3.27"),
        named("section", official="ihe:S_results #1 · ihe:S_codedResults #1"),
        section_code("30954-2", "Résultats d'examens", "ihe:S_results #2-3 · ihe:S_codedResults #4-5"),
        forbidden("entry", when=unless_carrying(pcc("3.28")), official="ihe:S_results #4", hint=Text(
            "La section n'est pas codée : mettez ses entrées dans une section de résultats codée, ou déclarez-la codée.",
            "The section is uncoded: put its entries in a coded section of results, or declare it coded.")),
        example=RESULTS,
    ),
    section(
        "section-results-coded", Text("Section Résultats d'examens, codée", "Section Results, coded"), pcc("3.28"),
        declares(pcc("3.27"), official="ihe:S_codedResults #2-3"),
        below(PROCEDURE, Text("un acte", "one act"), official="ihe:S_codedResults #6"),
        example=RESULTS_CODED,
    ),
    section(
        "section-treatments", Text("Section Traitements", "Section Treatments"), pcc("3.19"),
        named("section", official="ihe:S_medications #1"),
        declares(ccd("8"), official="ihe:S_medications #2-3"),
        section_code("10160-0", "Traitements", "ihe:S_medications #4-5"),
        below(TREATMENT, Text("un traitement", "one treatment"),
              official="ihe:S_medications #6"),
        example=TREATMENTS,
    ),
)  # fmt: skip
