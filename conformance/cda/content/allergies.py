"""Allergies and intolerances: their list and the allergy, beside what the problem already asks.

Source: IHE PCC TF-2 §6.3.4.14-6.3.4.15; CI-SIS, Modèles de contenus CDA,
entrées FR-Liste-des-allergies-et-hypersensibilites et FR-Allergie-ou-hypersensibilite.
"""

from __future__ import annotations

from conformance.cda.coding import coded
from conformance.cda.constraints import at_most_one, declares, exactly_one, forbidden, typed
from conformance.cda.content import examples as ex
from conformance.cda.content.entries import attribute_of, entry
from conformance.cda.content.kinds import complete, filled
from conformance.cda.content.oids import ALLERGY, ALLERGY_LIST, CERTAINTY, CONCERN, PROBLEM, ccd
from conformance.cda.content.relations import at_most_one_held, related
from conformance.cda.rules import Template
from conformance.core.language import Text

ALLERGIES: tuple[Template, ...] = (
    entry(
        "allergy-list", Text("Liste des allergies et hypersensibilités", "List of allergies and intolerances"),
        ALLERGY_LIST,
        declares(CONCERN, official="ihe:E_allergiesAndIntoleranceConcern_int #1"),
        related("SUBJ", (ALLERGY,), Text("une allergie", "one allergy"), "false", deep=True,
                official="ihe:E_allergiesAndIntoleranceConcern_int #3"),
        at_most_one("id", official="content:E_allergiesAndIntoleranceConcern_fr #2"),
        at_most_one("code", official="content:E_allergiesAndIntoleranceConcern_fr #4"),
        forbidden("effectiveTime/width", official="content:E_allergiesAndIntoleranceConcern_fr #6"),
        forbidden("effectiveTime/center", official="content:E_allergiesAndIntoleranceConcern_fr #6"),
        filled("effectiveTime/low", official="content:E_allergiesAndIntoleranceConcern_fr #7", hint=Text(
            "Date inconnue : <low nullFlavor=\"UNK\"/> ; un nullFlavor sur effectiveTime ne suffit pas.",
            "Unknown date: <low nullFlavor=\"UNK\"/>; a nullFlavor on effectiveTime is not enough.")),
        example=ex.allergy_list("allergie-1"),
    ),
    entry(
        "allergy", Text("Allergie ou hypersensibilité", "Allergy or intolerance"), ALLERGY,
        declares(PROBLEM, official="ihe:E_allergiesAndIntolerances_int #2-3"),
        declares(ccd("18"), official="content:E_allergiesAndIntolerances_fr #2"),
        coded("code", "JDV_TypeEvenementIndesirablePrevisible_CISIS",
              official="content:JDV_TypeEvenementIndesirablePrevisible #1-3 · content:E_allergiesAndIntolerances_fr #3"
              " · ihe:E_allergiesAndIntolerances_int #4"),
        exactly_one("value/originalText", official="content:E_allergiesAndIntolerances_fr #7"),
        typed("value", "CD", official="ihe:E_allergiesAndIntolerances_int #5",
              when=lambda node: attribute_of(node, "value", "nullFlavor") == "UNK"),
        complete("participant", "participantRole/playingEntity/code/originalText/reference",
                 official="content:E_allergiesAndIntolerances_fr #8"),
        at_most_one_held("entryRelationship/*", CERTAINTY, Text("la certitude", "the certainty"),
                         official="content:E_allergiesAndIntolerances_fr #11"),
        example=ex.allergy("allergie-1", ex.relation(ex.certainty(), "SUBJ", "true"))
        + ex.allergy("allergie-2", value=f'<value xsi:type="CD" nullFlavor="UNK">{ex.original("allergie-2")}</value>'),
    ),
)  # fmt: skip
