"""The simple observation and what inherits from it in the history of a patient: way of life, relatives.

Source: IHE PCC TF-2 §6.3.4.20-6.3.4.24; CI-SIS, Modèles de contenus CDA, entrées FR-Simple-Observation,
FR-Habitus-Mode-de-vie, FR-Antecedents-familiaux, FR-Sujet, FR-Antecedent-familial-observe.
"""

from __future__ import annotations

from lxml import etree

from conformance.cda.coding import NULL_FLAVORS, coded
from conformance.cda.constraints import at_most_one, declares, fixed, forbidden, holds, required
from conformance.cda.content import examples as ex
from conformance.cda.content.entries import completed, entry
from conformance.cda.content.kinds import act_class, each_has, filled, match, named
from conformance.cda.content.oids import ROLE_CODE, SIMPLE_OBSERVATION, ccd, fr_entry, pcc
from conformance.cda.paths import path
from conformance.cda.rules import Template, carries
from conformance.core.findings import Severity
from conformance.core.language import Text

_SOCIAL, _FAMILY, _SUBJECT = pcc("4.13.4"), pcc("4.13.3"), pcc("4.15.2")


def _own_subject(node: etree._Element) -> bool:
    """There is a ``subject``, and it does not declare the template of the subject, which asks the same."""
    subjects = path("subject").elements(node)
    return bool(subjects) and not any(carries(subject, _SUBJECT) for subject in subjects)


def _relation_named(node: etree._Element) -> bool:
    codes = path("subject/relatedSubject/code").elements(node)
    return _own_subject(node) and bool(codes) and not any(code.get("nullFlavor") is not None for code in codes)


def _has_participant(node: etree._Element) -> bool:
    return bool(path("participant").elements(node))


OBSERVATIONS: tuple[Template, ...] = (
    entry(
        "simple-observation", Text("Observation", "Observation"), SIMPLE_OBSERVATION,
        *act_class("OBS", "EVN", official="ihe:E_simpleObservation_int #1 · content:E_socialHistoryObservation_fr #1"
                   " · content:E_familyHistoryObservation_fr #1 · ans:E_dispositifMedicalComplement_ANS #1"
                   " · content:E_motifArretTraitement_fr #1"),
        required("id", official="ihe:E_simpleObservation_int #2"),
        required("code", official="ihe:E_simpleObservation_int #3 · ihe:E_familyHistoryObservation_int #3 · content:E_acte_fr #9-10"),
        required("text/reference", official="ihe:E_simpleObservation_int #4 · content:E_vitalSignsObservation_fr #2"
                 " · content:E_motifArretTraitement_fr #7"),
        completed("ihe:E_simpleObservation_int #5 · content:E_familyHistoryObservation_fr #5"
                  " · content:E_vitalSignsObservation_fr #3 · content:E_motifArretTraitement_fr #6"
                  " · ans:E_dispositifMedicalComplement_ANS #8"),
        filled("effectiveTime", "effectiveTime/low",
               official="ihe:E_simpleObservation_int #6 · ihe:E_vitalSignsObservation_int #4"),
        at_most_one("interpretationCode", official="content:E_simpleObservation_fr #1"
                    " · content:E_familyHistoryObservation_fr #7 · content:E_vitalSignsObservation_fr #4"),
        at_most_one("methodCode", official="content:E_simpleObservation_fr #2"
                    " · content:E_familyHistoryObservation_fr #8 · content:E_vitalSignsObservation_fr #5"),
        at_most_one("targetSiteCode", official="content:E_simpleObservation_fr #3"
                    " · content:E_familyHistoryObservation_fr #9 · content:E_vitalSignsObservation_fr #6"),
        at_most_one("author", official="content:E_simpleObservation_fr #4 · content:E_familyHistoryObservation_fr #10"),
        example=ex.simple_observation("observation-1"),
    ),
    entry(
        "social-history", Text("Habitus, mode de vie", "Social history"), _SOCIAL,
        declares(SIMPLE_OBSERVATION, official="ihe:E_socialHistoryObservation_int #1"),
        declares(ccd("33"), official="ihe:E_socialHistoryObservation_int #2-3"),
        at_most_one("id", official="content:E_socialHistoryObservation_fr #2"),
        at_most_one("code", official="content:E_socialHistoryObservation_fr #3"),
        each_has("text/reference", "value", official="content:E_socialHistoryObservation_fr #4"),
        at_most_one("text", official="content:E_socialHistoryObservation_fr #4"),
        at_most_one("statusCode", official="content:E_socialHistoryObservation_fr #5"),
        at_most_one("effectiveTime", official="content:E_socialHistoryObservation_fr #6"),
        required("value", official="content:E_socialHistoryObservation_fr #7"),
        forbidden("repeatNumber", official="ihe:E_socialHistoryObservation_int #4"),
        forbidden("interpretationCode", official="ihe:E_socialHistoryObservation_int #5"),
        forbidden("methodCode", official="ihe:E_socialHistoryObservation_int #6"),
        forbidden("targetSiteCode", official="ihe:E_socialHistoryObservation_int #7"),
        example=ex.social_history("tabac"),
    ),
    entry(
        "social-history-code", Text("Habitus, mode de vie", "Social history"), fr_entry("52"),
        coded("code", "JDV_SocialHistoryCodes_CISIS", official="content:JDV_SocialHistoryCodes #1-3"),
        element="observation",
        example=ex.social_history("tabac"),
    ),
    entry(
        "family-observation", Text("Antécédent familial observé", "Family history observation"), _FAMILY,
        declares(SIMPLE_OBSERVATION, official="ihe:E_familyHistoryObservation_int #1-2"),
        declares(ccd("22"), official="ihe:E_familyHistoryObservation_int #1-2"),
        named("observation", official="content:E_familyHistoryObservation_fr #1"),
        at_most_one("id", official="content:E_familyHistoryObservation_fr #2"),
        at_most_one("code", official="content:E_familyHistoryObservation_fr #3"),
        each_has("text/reference", "value", official="content:E_familyHistoryObservation_fr #4"),
        at_most_one("text", official="content:E_familyHistoryObservation_fr #4"),
        at_most_one("effectiveTime", official="content:E_familyHistoryObservation_fr #6"),
        required("value", severity=Severity.WARNING, beyond=Text(
            "Sans value, le lecteur ne sait pas quel antécédent le parent a eu ; aucune règle officielle ne le demande.",
            "Without value, the reader does not know what the relative had; no official rule asks for it.")),
        example=ex.family_observation("famille-1"),
    ),
)  # fmt: skip

RELATIVES: tuple[Template, ...] = (
    entry(
        "family-history", Text("Antécédents familiaux", "Family history"), pcc("4.15"),
        named("organizer", official="ihe:E_familyHistoryOrganizer_int #1"),
        *act_class("CLUSTER", "EVN", official="ihe:E_familyHistoryOrganizer_int #1"),
        declares(ccd("23"), official="ihe:E_familyHistoryOrganizer_int #2-3"),
        required("subject", official="ihe:E_familyHistoryOrganizer_int #4-6"),
        fixed("subject/@typeCode", "SBJ", when=_own_subject, official="ihe:E_familyHistoryOrganizer_int #4"),
        match("subject/relatedSubject", classCode="PRS", when=_own_subject, key="relative.class",
              official="ihe:E_familyHistoryOrganizer_int #5"),
        required("subject/relatedSubject/code", when=_own_subject, key="relative.relation",
                 official="ihe:E_familyHistoryOrganizer_int #6"),
        fixed("subject/relatedSubject/code/@codeSystem", ROLE_CODE, when=_relation_named,
              official="ihe:E_familyHistoryOrganizer_int #6"),
        each_has("subject/relatedSubject/code", "code", when=_relation_named,
                 official="ihe:E_familyHistoryOrganizer_int #6"),
        match("participant/participantRole", classCode="PRS", key="other-relative.class", when=_has_participant,
              official="ihe:E_familyHistoryOrganizer_int #7"),
        match("participant/participantRole/code", codeSystem=ROLE_CODE, key="other-relative.relation",
              when=_has_participant, official="ihe:E_familyHistoryOrganizer_int #8"),
        match("participant/participantRole/playingEntity", classCode="PSN", key="other-relative.person",
              when=_has_participant, official="ihe:E_familyHistoryOrganizer_int #9"),
        holds(".//component[@typeCode='COMP']/observation", (_FAMILY,), Text(
            "un antécédent observé, dans un component de typeCode COMP,",
            "one observation, in a component with the typeCode COMP,"),
            official="ihe:E_familyHistoryOrganizer_int #10"),
        example=ex.family_history("famille-1")
        + ex.family_history("famille-2", ex.subject(oids=()), ex.OTHER_RELATIVE),
    ),
    entry(
        "family-subject", Text("Sujet de l'antécédent familial", "Subject of the family history"), _SUBJECT,
        named("subject", official="ihe:E_subjectParticipation_int #1"),
        fixed("@typeCode", "SBJ", official="ihe:E_subjectParticipation_int #1 · ihe:E_familyHistoryOrganizer_int #4"),
        match("relatedSubject", classCode="PRS",
              official="ihe:E_subjectParticipation_int #2 · ihe:E_familyHistoryOrganizer_int #5"),
        required("relatedSubject/code",
                 official="ihe:E_subjectParticipation_int #3 · ihe:E_familyHistoryOrganizer_int #6"),
        coded("relatedSubject/code", "JDV_HL7_PersonalRelationshipRoleType_CISIS", null_flavors=NULL_FLAVORS,
              official="content:JDV_HL7_PersonalRelationshipRoleType #1-3"),
        example=ex.subject(),
    ),
)  # fmt: skip
