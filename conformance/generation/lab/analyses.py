"""The analyses that generated reports draw from: code, names, unit, usual limits, second unit, method.

LOINC codes and the French labels of the published examples; the limits are usual ones for an adult, for tests only,
and no medical reference. Molar masses are those of the substances.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from conformance.cda.lab.model import LOINC, Code
from conformance.terminology.code_systems import ANSM_REAGENTS, NCBI_TAXONOMY, SNOMED_CT


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis whose result is a number.

    ``low`` and ``high`` are usual limits in ``unit``, ``decimals`` the digits after the point; ``other_unit`` and
    ``factor``: the same result in another unit (``value * factor``), to ``other_decimals`` digits.
    """

    code: str
    label: str
    name: str
    chapter: str
    group: str
    unit: str
    low: str
    high: str
    decimals: int
    other_unit: str = ""
    factor: str = "1"
    other_decimals: int = 2
    habit: str = ""
    """The unit as it is often written, and is not UCUM."""
    method: tuple[str, str] | None = None

    @property
    def limits(self) -> tuple[Decimal, Decimal]:
        """The usual limits, to the decimals of the analysis."""
        step = Decimal(1).scaleb(-self.decimals)
        return Decimal(self.low).quantize(step), Decimal(self.high).quantize(step)

    def coded(self, words: str | None = None) -> Code:
        """The code of the result; ``words``: its name in the narrative."""
        return Code(self.code, LOINC, self.label, words or self.name)


BLOOD_COUNT: Final = "Hémogramme complet Sang"
IONS: Final = "Ionogramme sanguin"
LIVER: Final = "Bilan hépatique Sérum/Plasma"

_COUNTER: Final = ("DCO", "Cytométrie en flux-optique")
_IMPEDANCE: Final = ("9JX", "Electrochimie-impédance")

NUMERIC: Final = (
    Analysis("2823-3", "Potassium [Moles/Volume] Sérum/Plasma ; Numérique", "Potassium", "Biochimie", IONS, "mmol/L", "3.5", "5.1", 1, "mg/L", "39.0983", 0),
    Analysis("2951-2", "Sodium [Moles/Volume] Sérum/Plasma ; Numérique", "Sodium", "Biochimie", IONS, "mmol/L", "136", "145", 0),
    Analysis("2075-0", "Chlorures [Moles/Volume] Sérum/Plasma ; Numérique", "Chlorures", "Biochimie", IONS, "mmol/L", "98", "107", 0),
    Analysis("22664-7", "Urée [Moles/Volume] Sérum/Plasma ; Numérique", "Urée", "Biochimie", "", "mmol/L", "2.76", "8.07", 2, "g/L", "0.06006", 2, method=("DEI", "Spectrophotométrie-dosage de substrat-enzymatique-GDH")),
    Analysis("14682-9", "Créatinine [Moles/Volume] Sérum/Plasma ; Numérique", "Créatinine", "Biochimie", "", "umol/L", "59", "104", 0, "mg/L", "0.11312", 1, habit="µmol/L"),
    Analysis("40193-5", "Glucose à jeun [Moles/Volume] Sérum/Plasma ; Numérique", "Glycémie à jeun", "Biochimie", "", "mmol/L", "3.90", "6.10", 2, "g/L", "0.180156", 2),
    Analysis("1988-5", "Protéine C réactive [Masse/Volume] Sérum/Plasma ; Numérique", "CRP", "Biochimie", "", "mg/L", "0.0", "5.0", 1),
    Analysis("2885-2", "Protéines [Masse/Volume] Sérum/Plasma ; Numérique", "Protéines totales", "Biochimie", "", "g/L", "63.0", "83.0", 1),
    Analysis("1742-6", "Alanine aminotransférase [Activité enzymatique/Volume] Sérum/Plasma ; Numérique", "ALAT", "Biochimie", LIVER, "[IU]/L", "10", "50", 0, habit="UI/L"),
    Analysis("30239-8", "Aspartate aminotransférase [Activité enzymatique/Volume] Sérum/Plasma ; Numérique", "ASAT", "Biochimie", LIVER, "[IU]/L", "10", "50", 0, habit="UI/L"),
    Analysis("2324-2", "Gamma glutamyl transférase [Activité enzymatique/Volume] Sérum/Plasma ; Numérique", "Gamma GT", "Biochimie", LIVER, "[IU]/L", "4", "60", 0, habit="UI/L"),
    Analysis("3016-3", "Thyréostimuline [Arbitraire/Volume] Sérum/Plasma ; Numérique", "TSH", "Biochimie", "", "m[IU]/L", "0.270", "4.200", 3, habit="mUI/L"),
    Analysis("3024-7", "Thyroxine libre [Masse/Volume] Sérum/Plasma ; Numérique", "T4 libre (thyroxine)", "Biochimie", "", "pg/mL", "9.30", "17.00", 2),
    Analysis("2276-4", "Ferritine [Masse/Volume] Sérum/Plasma ; Numérique", "Ferritine", "Biochimie", "", "ug/L", "15", "150", 0, "ng/mL", "1", 0, habit="µg/L"),
    Analysis("6690-2", "Leucocytes [Nombre/Volume] Sang ; Numérique ; Comptage automate", "Leucocytes", "Hématologie", BLOOD_COUNT, "10*9/L", "4.0", "10.0", 1, habit="G/L", method=_COUNTER),
    Analysis("789-8", "Érythrocytes [Nombre/Volume] Sang ; Numérique ; Comptage automate", "Hématies (érythrocytes)", "Hématologie", BLOOD_COUNT, "10*12/L", "4.00", "6.00", 2, habit="T/L", method=_IMPEDANCE),
    Analysis("718-7", "Hémoglobine", "Hémoglobine", "Hématologie", BLOOD_COUNT, "g/dL", "11.5", "17.0", 1, "g/L", "10", 0),
    Analysis("20570-8", "Hématocrite", "Hématocrite", "Hématologie", BLOOD_COUNT, "%", "37", "52", 0, method=_IMPEDANCE),
    Analysis("30428-7", "Volume globulaire moyen [Volume d'entité] Erythrocytes ; Numérique ; Comptage automate", "VGM", "Hématologie", BLOOD_COUNT, "fL", "80", "98", 0),
    Analysis("777-3", "Plaquettes [Nombre/Volume] Sang ; Numérique ; Comptage automate", "Plaquettes", "Hématologie", BLOOD_COUNT, "10*9/L", "150", "400", 0, habit="G/L"),
    Analysis("26511-6", "Polynucléaires neutrophiles/100 leucocytes [Fraction de nombres] Sang ; Numérique", "Neutrophiles", "Hématologie", BLOOD_COUNT, "%", "45", "70", 0, method=_COUNTER),
)  # fmt: skip

INR: Final = Analysis("6301-6", "Temps de quick INR [Temps relatif] Plasma pauvre en plaquettes ; Numérique ; Coagulation", "INR", "Hématologie", "", "", "2.0", "3.0", 1)  # fmt: skip

URINE_CELLS: Final = (
    Analysis("30405-5", "Leucocytes [Nombre/Volume] Urine ; Numérique", "Leucocytes urinaires", "Microbiologie", "Cytologie", "/uL", "0", "10", 0, method=_COUNTER),
    Analysis("798-9", "Érythrocytes [Nombre/Volume] Urine ; Numérique ; Comptage automate", "Hématies urinaires (érythrocytes)", "Microbiologie", "Cytologie", "/uL", "0", "10", 0, method=_COUNTER),
)  # fmt: skip
BACTERIA: Final = Analysis("51480-2", "Bactérie [Nombre/Volume] Urine ; Numérique ; Comptage automate", "Bactéries", "Microbiologie", "", "/uL", "0", "1", 0)  # fmt: skip

QUALITATIVE: Final = (
    (Code("5778-6", LOINC, "Couleur [Type] Urine ; Résultat nominal", "Couleur"), ("Jaune clair", "Jaune foncé", "Rosée")),
    (Code("5767-9", LOINC, "Aspect [Aspect] Urine ; Résultat nominal", "Aspect"), ("Limpide", "Légèrement trouble", "Trouble")),
    (Code("653-6", LOINC, "Observation microscopique [Identification] Urine ; Résultat nominal ; Coloration Gram", "Examen microscopique direct (Gram)"),
     ("Absence de germe", "Bacilles à Gram négatif", "Cocci à Gram positif en amas")),
)  # fmt: skip
"""Results told by words of the narrative."""

DETECTED: Final = (
    Code("94500-6", LOINC, "Coronavirus SARS-CoV-2 ARN [Présence/Seuil] Système respiratoire ; Qualitatif ; PCR", "SARS-CoV-2 (PCR)"),
    Code("5196-1", LOINC, "Virus de l'hépatite B Ag HBs [Présence/Seuil] Sérum/Plasma ; Qualitatif", "Antigène HBs"),
)  # fmt: skip
DETECTION: Final = (
    (Code("260373001", SNOMED_CT, "détecté"), "DET"),
    (Code("260415000", SNOMED_CT, "non détecté"), "ND"),
)
TITRE: Final = Code(
    "5048-4", LOINC, "Noyau anticorps [Titre] Sérum ; Semi-quantitatif ; IF", "Anticorps antinucléaires"
)
LOCAL: Final = (("HBX_017", "Indice interne de l'essai"), ("HBX_018", "Ratio maison"))
"""Analyses that have a code of the laboratory only."""
LOCAL_SYSTEM: Final = "1.2.250.1.999.3"
"""The code system of the laboratory: an invented arc."""

GERMS: Final = (
    ("112283007", "Escherichia coli", "562"),
    ("3092008", "Staphylococcus aureus", "1280"),
    ("56415008", "Klebsiella pneumoniae", "573"),
    ("52499004", "Pseudomonas aeruginosa", "287"),
)
ANTIBIOTICS: Final = (
    ("20-8", "Amoxicilline+clavulanate [Sensibilité] Isolat ; Alphanumérique ; CMI", "Amoxicilline + acide clavulanique"),
    ("28-1", "Ampicilline [Sensibilité] Isolat ; Alphanumérique ; CMI", "Ampicilline"),
    ("267-5", "Gentamicine [Sensibilité] Isolat ; Alphanumérique ; CMI", "Gentamicine"),
    ("185-9", "Ciprofloxacine [Sensibilité] Isolat ; Alphanumérique ; CMI", "Ciprofloxacine"),
    ("516-5", "Triméthoprime+sulfaméthoxazole [Sensibilité] Isolat ; Alphanumérique ; CMI", "Cotrimoxazole (triméthoprime)"),
)  # fmt: skip

CHAPTERS: Final = {
    "Biochimie": "18719-5",
    "Hématologie": "18723-7",
    "Microbiologie": "18725-2",
    "Immunologie": "18727-8",
    "Examens transmis": "18719-5",
}
"""Chapter → its LOINC code."""
OTHER_CHAPTER: Final = "26436-6"

BATTERIES: Final = {IONS: "24326-1", BLOOD_COUNT: "58410-2", LIVER: "24325-3", "Antibiogramme": "18769-0"}
"""The label of a battery → its LOINC code; another one has the code of the laboratory only."""


def germ(code: str, name: str, taxon: str) -> Code:
    """The code of a germ: SNOMED CT, and the NCBI taxonomy as a translation."""
    return Code(code, SNOMED_CT, name, name, translations=(Code(taxon, NCBI_TAXONOMY, name),))


def method_of(analysis: Analysis) -> tuple[Code, ...]:
    """The method of an analysis, when it has one."""
    return (Code(analysis.method[0], ANSM_REAGENTS, analysis.method[1]),) if analysis.method else ()
