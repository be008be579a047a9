"""Codes and labels that generated summaries draw from. Facts of the published terminologies; words of our own."""

from __future__ import annotations

from typing import Final

from conformance.generation.vsm.pen import Concept
from conformance.terminology.code_systems import (
    CCAM,
    CIM_10,
    CIS,
    FHIR_ALLERGY_CLINICAL,
    FHIR_ALLERGY_CRITICALITY,
    FHIR_CONDITION_CLINICAL,
    FHIR_CONDITION_VERIFICATION,
    HL7_ROLE_CODE,
    IPS_ABSENT_OR_UNKNOWN,
    LOINC,
    SNOMED_CT,
)


def _all(system: str, *pairs: tuple[str, str]) -> tuple[Concept, ...]:
    return tuple((code, system, label) for code, label in pairs)


DISEASES: Final = _all(
    CIM_10,
    ("I10", "Hypertension essentielle (primitive)"),
    ("J45.9", "Asthme, sans précision"),
    ("E03.9", "Hypothyroïdie, sans précision"),
    ("E66.9", "Obésité, sans précision"),
    ("K21.9", "Reflux gastro-œsophagien sans œsophagite"),
    ("M54.5", "Lombalgie basse"),
    ("G43.9", "Migraine, sans précision"),
    ("N18.9", "Maladie rénale chronique, sans précision"),
)
KINDS_OF_PROBLEM: Final = _all(
    SNOMED_CT, ("64572001", "maladie"), ("55607006", "problème"), ("404684003", "constatation clinique")
)
ONGOING: Final = _all(FHIR_CONDITION_CLINICAL, ("active", "Actif"), ("recurrence", "Récurrent"), ("relapse", "Rechute"))
ENDED: Final = _all(
    FHIR_CONDITION_CLINICAL, ("inactive", "Inactif"), ("remission", "En rémission"), ("resolved", "Résolu")
)
HEALTH: Final = _all(SNOMED_CT, ("27624003", "maladie chronique"), ("84387000", "asymptomatique"))
SEVERITIES: Final = _all(SNOMED_CT, ("24484000", "grave"), ("6736007", "modéré"), ("255604002", "léger"))
CERTAINTIES: Final = _all(FHIR_CONDITION_VERIFICATION, ("confirmed", "Confirmé"), ("unconfirmed", "Non confirmé"))
ALLERGIES: Final = _all(
    SNOMED_CT,
    ("416098002", "allergie médicamenteuse"),
    ("414285001", "allergie alimentaire"),
    ("419199007", "allergie à une substance"),
    ("59037007", "intolérance aux drogues et/ou médicaments"),
)
ALLERGY_ACTIVE: Final = ("active", FHIR_ALLERGY_CLINICAL, "Actif")
ALLERGY_RESOLVED: Final = ("resolved", FHIR_ALLERGY_CLINICAL, "Résolu")
CRITICALITIES: Final = _all(FHIR_ALLERGY_CRITICALITY, ("low", "Bas"), ("high", "Elevé"))
REACTIONS: Final = _all(
    CIM_10, ("L50.0", "Urticaire allergique"), ("R21", "Éruption et autres éruptions cutanées non spécifiques")
)
AGENTS: Final = ("Arachide", "Latex", "Pollens de graminées", "Venin de guêpe")
ACTS: Final = _all(
    CCAM,
    ("HHFA009", "Appendicectomie, par laparotomie"),
    ("HMFC004", "Cholécystectomie, par cœlioscopie"),
    ("NEKA020", "Remplacement de l'articulation coxofémorale par prothèse totale"),
)
RELATIVES: Final = (
    (("MTH", HL7_ROLE_CODE, "Mère"), "F"),
    (("FTH", HL7_ROLE_CODE, "Père"), "M"),
    (("SIS", HL7_ROLE_CODE, "Sœur"), "F"),
    (("BRO", HL7_ROLE_CODE, "Frère"), "M"),
    (("AUNT", HL7_ROLE_CODE, "Tante"), "F"),
)
PRODUCTS: Final = _all(
    CIS,
    ("63564053", "PLAVIX 75 mg, comprimé pelliculé"),
    ("63245753", "COUMADINE 5 mg, comprimé sécable"),
    ("60234100", "DOLIPRANE 1000 mg, comprimé"),
    ("61266250", "KARDEGIC 75 mg, poudre pour solution buvable en sachet-dose"),
)
SMOKING: Final = ("74011-8", LOINC, "Consommation tabagique")
HABITS: Final = _all(
    LOINC,
    ("74013-4", "Consommation d'alcool"),
    ("73985-4", "Exercice physique"),
    ("81663-7", "Régime"),
    ("67875-5", "Statut d'emploi"),
)
HABIT_WORDS: Final = (
    "Un verre par semaine",
    "Deux heures de marche par semaine",
    "Sans particularité",
    "À temps plein",
)
RISKS: Final = (
    "Exposition à l'amiante de 1985 à 1992",
    "Port répété de charges lourdes",
    "Travail de nuit & horaires décalés",
)
ATTENTION: Final = ("Suivi de la créatinine tous les six mois", "Refus des transfusions", "Bilan hépatique « à jeun » dans un mois",
                    "Vaccination antigrippale à proposer", "Surveillance : INR < 3 visé")  # fmt: skip
DOSAGES: Final = (
    "1 comprimé le matin",
    "1 comprimé matin et soir pendant le repas",
    "1 sachet à midi, si besoin",
    "Selon l'INR",
)
REMARKS: Final = ("Suivi par le spécialiste.", "Équilibré sous traitement.", "À réévaluer dans 3 mois.")

SIGNS: Final = (
    ("8302-2", "Taille", "cm", 140, 200),
    ("29463-7", "Poids", "kg", 40, 120),
    ("8480-6", "Pression artérielle systolique", "mm[Hg]", 95, 170),
    ("8462-4", "Pression artérielle diastolique", "mm[Hg]", 55, 100),
    ("8867-4", "Fréquence cardiaque", "/min", 50, 110),
)
DEVICES: Final = (("J010101", "1.2.250.1.213.2.68", "STIMULATEURS CARDIAQUES IMPLANTABLES SIMPLE CHAMBRE SC"),)


def absent(code: str, label: str) -> Concept:
    """A code of « Absent and Unknown Data - IPS »."""
    return (code, IPS_ABSENT_OR_UNKNOWN, label)
