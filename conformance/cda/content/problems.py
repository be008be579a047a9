"""Problems: the concern and its list, the problem, its status, severity, certainty and criticality.

Source: IHE PCC TF-2 §6.3.4.11-6.3.4.16; CI-SIS, Modèles de contenus CDA, entrées FR-Liste-des-problemes,
FR-Probleme, FR-Statut-du-probleme, FR-Severite, FR-Certitude, FR-Criticite.
"""

from __future__ import annotations

from lxml import etree

from conformance.cda.coding import NULL_FLAVORS, code, coded
from conformance.cda.constraints import (
    at_most_one,
    declares,
    exactly_one,
    fixed,
    forbidden,
    one_of,
    required,
    type_of,
    typed,
    unless_carrying,
    when_carrying,
)
from conformance.cda.content import examples as ex
from conformance.cda.content.entries import (
    CONCERN_STATUSES,
    code_with_its_system,
    completed,
    end_follows_status,
    entry,
    narrative_link,
)
from conformance.cda.content.kinds import UNBOUND, WEAKER_THAN_MEANT, act_class, complete, filled, named
from conformance.cda.content.oids import (
    ADVERSE_EFFECT,
    ALLERGY,
    ALLERGY_LIST,
    CERTAINTY,
    CONCERN,
    HEALTH_STATUS,
    LOINC,
    PROBLEM,
    PROBLEM_LIST,
    PROBLEM_STATUS,
    REACTION,
    SEVERITY,
    ccd,
    fr_entry,
)
from conformance.cda.content.relations import Enclosed, at_most_one_held, carried_by, related
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Constraint, Template, carries
from conformance.core.findings import Severity
from conformance.core.language import Text


def _coded_value(node: etree._Element) -> bool:
    return all(
        value.get("code") is not None and value.get("codeSystem") is not None for value in path("value").elements(node)
    )


def _foreseen(where: str, value_set: str) -> Constraint:
    """A value set that the models foresee and no official rule binds: a warning."""
    return coded(
        where, value_set, null_flavors=NULL_FLAVORS, when=_coded_value, severity=Severity.WARNING, beyond=UNBOUND
    )


def _parent_observation(node: etree._Element) -> etree._Element | None:
    carrier = node.getparent()
    parent = carrier.getparent() if carrier is not None and carrier.tag == h("entryRelationship") else None
    return parent if parent is not None and parent.tag == h("observation") else None


def _status_of_problem(node: etree._Element) -> bool:
    parent = _parent_observation(node)
    return parent is not None and not carries(parent, ALLERGY, REACTION)


def _status_of_allergy(node: etree._Element) -> bool:
    return carries(_parent_observation(node), ALLERGY, REACTION)


def _period_asked(node: etree._Element) -> bool:
    """A list of allergies has its own, stricter demand; a period that is null asks nothing."""
    if carries(node, ALLERGY_LIST):
        return False
    return not any(period.get("nullFlavor") is not None for period in path("effectiveTime").elements(node))


def _words_asked(node: etree._Element) -> bool:
    """The value is there with the type CD and no nullFlavor; an allergy has its own demand."""
    values = path("value").elements(node)
    if not values or carries(node, ALLERGY):
        return False
    return values[0].get("nullFlavor") is None and type_of(values[0]) == "CD"


CONCERNS: tuple[Template, ...] = (
    entry(
        "concern", Text("Préoccupation (liste de problèmes ou d'allergies)", "Concern (list of problems or allergies)"),
        CONCERN,
        named("act", official="ihe:E_concernEntry_int #1 · ihe:E_problemConcernEntry_int #4"
              " · content:E_allergiesAndIntoleranceConcern_fr #1"),
        *act_class("ACT", "EVN", official="ihe:E_concernEntry_int #2 · ihe:E_problemConcernEntry_int #4"
                   " · content:E_allergiesAndIntoleranceConcern_fr #1"),
        declares(ccd("27"), official="ihe:E_concernEntry_int #3-4 · ihe:E_problemConcernEntry_int #2-3"
                 " · ihe:E_allergiesAndIntoleranceConcern_int #1-2"),
        required("id", official="ihe:E_concernEntry_int #5 · ihe:E_problemConcernEntry_int #5"),
        fixed("code/@nullFlavor", "NA", official="ihe:E_concernEntry_int #6 · content:E_problemConcernEntry_fr #1"
              " · content:E_allergiesAndIntoleranceConcern_fr #3",
              hint=Text("Écrivez <code nullFlavor=\"NA\"/>.", "Write <code nullFlavor=\"NA\"/>.")),
        one_of("statusCode/@code", *CONCERN_STATUSES, official="ihe:E_concernEntry_int #7"
               " · ihe:E_problemConcernEntry_int #6 · content:E_allergiesAndIntoleranceConcern_fr #5"),
        required("effectiveTime/low", key="effectiveTime-low.required", when=_period_asked,
                 official="ihe:E_concernEntry_int #8 · ihe:E_problemConcernEntry_int #7",
                 hint=Text("Date inconnue : low avec nullFlavor « UNK ».", "Unknown date: low with nullFlavor “UNK”.")),
        end_follows_status("ihe:E_concernEntry_int #9 · content:E_allergiesAndIntoleranceConcern_fr #8"),
        related("SUBJ", (PROBLEM, ALLERGY), Text("un problème ou une allergie",
                   "one problem or allergy"), official="ihe:E_concernEntry_int #10", apart=True,
                   when=unless_carrying(PROBLEM_LIST, ALLERGY_LIST)),
        complete("author", "assignedAuthor/id", "assignedAuthor/addr", "assignedAuthor/telecom",
                 "assignedAuthor/assignedPerson/name", "assignedAuthor/representedOrganization/name",
                 official="content:E_concernEntry_fr #1"),
        unless=(fr_entry("39.1"),),
        example=ex.concern("probleme-1"),
    ),
    entry(
        "problem-list", Text("Liste des problèmes", "List of problems"), PROBLEM_LIST,
        declares(CONCERN, official="ihe:E_problemConcernEntry_int #1"),
        related("SUBJ", (PROBLEM,), Text("un problème", "one problem"),
                   official="ihe:E_problemConcernEntry_int #8"),
        example=ex.problem_list("probleme-1"),
    ),
)  # fmt: skip

PROBLEMS: tuple[Template, ...] = (
    entry(
        "problem", Text("Problème", "Problem"), PROBLEM,
        named("observation", official="ihe:E_problemEntry_int #1 · ihe:E_allergiesAndIntolerances_int #1"
              " · ans:E_effetIndesirable_ANS #1"),
        *act_class("OBS", "EVN", official="ihe:E_problemEntry_int #1 · ihe:E_allergiesAndIntolerances_int #1"
                   " · ans:E_effetIndesirable_ANS #1"),
        one_of("@negationInd", "true", "false", optional=True, official="ihe:E_problemEntry_int #2"),
        declares(ccd("28"), official="ihe:E_problemEntry_int #3-4"),
        exactly_one("id", official="ihe:E_problemEntry_int #5 · content:E_allergiesAndIntolerances_fr #1"
                    " · ans:E_effetIndesirable_ANS #3"),
        exactly_one("code", official="ihe:E_problemEntry_int #17 · content:E_problemEntry_fr #1-2"
                    " · ihe:E_allergiesAndIntolerances_int #4 · ans:E_effetIndesirable_ANS #4"),
        coded("code", "JDV_ProblemCodes_CISIS", when=unless_carrying(ALLERGY, ADVERSE_EFFECT),
              official="content:JDV_problemCodes #1-3"),
        narrative_link("ihe:E_problemEntry_int #6 · ans:E_effetIndesirable_ANS #5-6"),
        completed("ihe:E_problemEntry_int #8 · content:E_allergiesAndIntolerances_fr #6 · ans:E_effetIndesirable_ANS #7"),
        filled("effectiveTime/low", null_flavors=("UNK", "NAV"), official="ihe:E_problemEntry_int #10"
               " · content:E_allergiesAndIntolerances_fr #5 · ans:E_effetIndesirable_ANS #8-9"),
        forbidden("effectiveTime/width", official="ihe:E_problemEntry_int #9 · content:E_allergiesAndIntolerances_fr #4"),
        forbidden("effectiveTime/center", official="ihe:E_problemEntry_int #9 · content:E_allergiesAndIntolerances_fr #4"),
        exactly_one("value", official="content:E_problemEntry_fr #3 · ans:E_effetIndesirable_ANS #10"),
        typed("value", "CD", null_flavors=("UNK",), official="ihe:E_problemEntry_int #11"),
        code_with_its_system("ihe:E_problemEntry_int #12 · ihe:E_allergiesAndIntolerances_int #5"),
        exactly_one("value/originalText", when=_words_asked, official="ihe:E_problemEntry_int #7"),
        at_most_one_held("entryRelationship/observation", SEVERITY, Text("la sévérité", "the severity"),
                         official="ihe:E_problemEntry_int #13 · content:E_allergiesAndIntolerances_fr #9"),
        at_most_one_held("entryRelationship/observation", PROBLEM_STATUS, Text("le statut", "the status"),
                         official="ihe:E_problemEntry_int #14-15 · content:E_allergiesAndIntolerances_fr #10"),
        at_most_one_held("entryRelationship/observation", HEALTH_STATUS, Text(
            "le statut clinique du patient", "the health status"), official="ihe:E_problemEntry_int #16"),
        forbidden("uncertaintyCode", official="ihe:E_problemEntry_int #18"),
        forbidden("confidentialityCode", official="ihe:E_problemEntry_int #19"),
        example=ex.problem("probleme-1", "".join((
            ex.relation(ex.severity("severite-1"), "SUBJ", "true"), ex.relation(ex.problem_status("statut-1"), "REFR"),
            ex.relation(ex.health_status("sante-1"), "REFR"),
        ))),
    ),
    entry(
        "problem-status", Text("Statut du problème", "Status of a problem"), PROBLEM_STATUS,
        *carried_by("REFR", "false", "ihe:E_problemStatusObservation_int #1"),
        named("observation", official="ihe:E_problemStatusObservation_int #2"),
        *act_class("OBS", "EVN", official="ihe:E_problemStatusObservation_int #2"),
        declares(ccd("57"), official="ihe:E_problemStatusObservation_int #3-4"),
        declares(ccd("50"), official="ihe:E_problemStatusObservation_int #3-4"),
        code("code", "33999-4", LOINC, "Statut", official="ihe:E_problemStatusObservation_int #5"),
        narrative_link("ihe:E_problemStatusObservation_int #6,9"),
        completed("ihe:E_problemStatusObservation_int #7"),
        required("value", official="ihe:E_problemStatusObservation_int #8"),
        typed("value", "CE", official="ihe:E_problemStatusObservation_int #8"),
        coded("value", "JDV_HL7_ConditionClinical_CISIS", key="value.problem-value-set", when=_status_of_problem,
              official="content:JDV_HL7_conditionClinical #1-3"),
        coded("value", "JDV_HL7_allergyintolerance_clinical_CISIS", key="value.allergy-value-set",
              when=_status_of_allergy, official="content:JDV_HL7_allergyintolerance_clinical #1-3"),
        example=ex.problem("probleme-1", ex.relation(ex.problem_status("statut-1"), "REFR"))
        + ex.problem("probleme-1", ex.relation(ex.problem_status("statut-1"), "REFR")
                     + ex.relation(ex.health_status("sante-1"), "REFR"))
        + ex.allergy("allergie-1", ex.relation(ex.problem_status(
            "statut-1", "active", "2.16.840.1.113883.4.642.4.1373"), "REFR")),
    ),
    entry(
        "health-status", Text("Statut clinique du patient", "Health status"), HEALTH_STATUS,
        *carried_by("REFR", "", "ihe:E_healthStatusObservation_int #1"),
        named("observation", official="ihe:E_healthStatusObservation_int #2"),
        *act_class("OBS", "EVN", official="ihe:E_healthStatusObservation_int #2"),
        declares(ccd("51"), official="ihe:E_healthStatusObservation_int #3-4"),
        code("code", "11323-3", LOINC, "Statut clinique", official="ihe:E_healthStatusObservation_int #5"),
        narrative_link("ihe:E_healthStatusObservation_int #6"),
        completed("ihe:E_healthStatusObservation_int #7"),
        required("value", official="ihe:E_healthStatusObservation_int #8"),
        typed("value", "CE", official="ihe:E_healthStatusObservation_int #8"),
        coded("value", "JDV_HealthStatusCodes_CISIS", null_flavors=NULL_FLAVORS,
              official="content:JDV_healthStatusCodes #1-3"),
        example=ex.problem("probleme-1", ex.relation(ex.health_status("sante-1"), "REFR"))
        + ex.problem("probleme-1", ex.relation(ex.health_status("sante-1"), "REFR")
                     + ex.relation(ex.problem_status("statut-1"), "REFR")),
    ),
    entry(
        "severity", Text("Sévérité", "Severity"), SEVERITY,
        *carried_by("SUBJ", "true", "ihe:E_severity_int #1"),
        named("observation", official="ihe:E_severity_int #2 · content:E_severity_fr #3"),
        *act_class("OBS", "EVN", official="ihe:E_severity_int #2 · content:E_severity_fr #3"),
        declares(ccd("55"), official="ihe:E_severity_int #3-4 · content:E_severity_fr #2"),
        required("code/@code", official="ihe:E_severity_int #5", when=unless_carrying(fr_entry("29"))),
        fixed("code/@code", "SEV", official="content:E_severity_fr #4", when=when_carrying(fr_entry("29"))),
        required("code/@codeSystem", official="ihe:E_severity_int #5"),
        narrative_link("ihe:E_severity_int #6 · content:E_severity_fr #5"),
        completed("ihe:E_severity_int #7 · content:E_severity_fr #6"),
        required("value", official="ihe:E_severity_int #8 · content:E_severity_fr #7"),
        typed("value", "CD", official="ihe:E_severity_int #8"),
        code_with_its_system("ihe:E_severity_int #8", "displayName", "codeSystemName"),
        _foreseen("value", "JDV_SeveriteObservation_CISIS"),
        example=ex.problem("probleme-1", ex.relation(ex.severity("severite-1"), "SUBJ", "true")
                           + ex.relation(ex.comment("commentaire-1"), "SUBJ", "true"))
        + ex.problem("probleme-2", ex.relation(ex.severity("severite-2", french=False), "SUBJ", "true")),
    ),
    entry(
        "severity-fr", Text("Sévérité (FR-Severite)", "Severity (FR-Severite)"), fr_entry("29"),
        declares(SEVERITY, official="content:E_severity_fr #1"),
        example=ex.problem("probleme-1", ex.relation(ex.severity("severite-1"), "SUBJ", "true")),
    ),
    entry(
        "certainty", Text("Certitude", "Certainty"), CERTAINTY,
        named("observation", official="content:E_certitude_fr #1"),
        *act_class("OBS", "EVN", official="content:E_certitude_fr #1"),
        exactly_one("id", official="content:E_certitude_fr #2"),
        code("code", "66455-7", LOINC, "Certitude", official="content:E_certitude_fr #3"),
        at_most_one("code", official="content:E_certitude_fr #3"),
        completed("content:E_certitude_fr #4"),
        at_most_one("effectiveTime", official="content:E_certitude_fr #5"),
        required("effectiveTime", official="content:E_certitude_fr #5", severity=Severity.WARNING, beyond=WEAKER_THAN_MEANT),
        exactly_one("value", official="content:E_certitude_fr #6"),
        at_most_one("repeatNumber", official="content:E_certitude_fr #7"),
        Enclosed("SUBJ", "true", (PROBLEM,), key="relationship-in-problem", official="content:E_problemEntry_fr #4"),
        _foreseen("value", "JDV_HL7_condition_ver_status_CISIS"),
        example=ex.problem("probleme-1", ex.relation(ex.certainty(), "SUBJ", "true")),
    ),
    entry(
        "criticality", Text("Criticité", "Criticality"), fr_entry("172"),
        named("observation", official="content:E_criticite_fr #1"),
        *act_class("OBS", "EVN", official="content:E_criticite_fr #1"),
        exactly_one("id", official="content:E_criticite_fr #2"),
        code("code", "82606-5", LOINC, "Criticité", official="content:E_criticite_fr #3"),
        at_most_one("code", official="content:E_criticite_fr #3"),
        completed("content:E_criticite_fr #4"),
        required("effectiveTime", official="content:E_criticite_fr #5"),
        required("value", official="content:E_criticite_fr #6"),
        at_most_one("repeatNumber", official="content:E_criticite_fr #7"),
        at_most_one("author", official="content:E_criticite_fr #8"),
        _foreseen("value", "JDV_HL7_allergy_intolerance_criticality_CISIS"),
        example=ex.allergy("allergie-1", ex.relation(ex.criticality(), "SUBJ", "true")),
    ),
)  # fmt: skip
