"""Rebuild the value sets of the kit from a folder of IHE SVS files: ``python -m conformance.terminology.build FOLDER``.

The ANS publishes its value sets (jeux de valeurs) as IHE SVS ``RetrieveValueSetResponse`` files. Only the
sets that our rules bind are taken, and of each only the facts: OID, name, version, validity dates, and per
concept the code, its system, its label and its validity dates. One TSV file per set, and an index.

Sets that no SVS file holds (``TRANSCRIBED``: in the text of a specification, or in the terminology guide of the
ANS) are kept by hand in the same form; this
tool leaves their files alone and lists them in the index. ``withdrawn.tsv`` is kept by hand too: the codes
that an earlier publication of TestContenuCDA 3.0 listed for two months or more (September 2023 to February
2025) and that the sets no longer hold, with the eve of the publication that dropped them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

FOLDER = Path(__file__).parent / "sets"
INDEX = "index.tsv"
INDEX_COLUMNS = ("oid", "name", "version", "effective", "expires", "source")
COLUMNS = ("code", "system", "label", "valid_from", "valid_to")

_SVS = "{urn:ihe:iti:svs:2008}"

SETS = (
    # Header (structuration minimale) and XDS metadata
    "JDV_J01_XdsAuthorSpecialty_CISIS",
    "JDV_J02_XdsHealthcareFacilityTypeCode_CISIS",
    "JDV_J04_XdsPracticeSettingCode_CISIS",
    "JDV_J07_XdsTypeCode_CISIS",
    "JDV_J08_XdsConfidentialityCode_CISIS",
    "JDV_J11_RelationPatient_CISIS",
    "JDV_J140_EncounterParticipationType_CISIS",
    "JDV_J141_RoleClass_CISIS",
    "JDV_J142_TypeRencontre_CISIS",
    "JDV_J143_AdministrativeGender_CISIS",
    "JDV_J144_ParticipationType_CISIS",
    "JDV_J231_XdsTypesIdentifiantsReferenceId_DMP",
    "JDV_J245_Civilite_CISIS",
    "JDV_J246_Titre_CISIS",
    "JDV_J254_CategorieEtablissementESSMSPH",
    "JDV_J47_FunctionCode_CISIS",
    "JDV_HL7_Confidentiality_CISIS",
    "JDV_ExamenEnfantObligatoire_CISIS",
    "JDV_ModaliteAcquisition_CISIS",
    "JDV_RegionAnatomique_CISIS",
    # VSM: bound by a rule
    "JDV_ProblemCodes_CISIS",
    "JDV_HL7_ConditionClinical_CISIS",
    "JDV_HL7_allergyintolerance_clinical_CISIS",
    "JDV_HealthStatusCodes_CISIS",
    "JDV_TypeEvenementIndesirablePrevisible_CISIS",
    "JDV_SocialHistoryCodes_CISIS",
    "JDV_HL7_PersonalRelationshipRoleType_CISIS",
    "JDV_ImmunizationApproachSiteCode_CISIS",
    "JDV_SignesVitaux_CISIS",
    "JDV_OrigineEffetIndesirable_CISIS",
    "JDV_Imputabilite_CISIS",
    "JDV_Gravite_CISIS",
    "JDV_Evolution_CISIS",
    # VSM: fit an element, bound by no official rule
    "JDV_SeveriteObservation_CISIS",
    "JDV_HL7_SeverityObservationCode_CISIS",
    "JDV_HL7_condition_ver_status_CISIS",
    "JDV_HL7_allergy_intolerance_criticality_CISIS",
    "JDV_RouteofAdministration_CISIS",
    "JDV_HumanSubstanceAdministrationSite_CISIS",
    "JDV_HL7_ActSubstanceAdministrationCode_CISIS",
    "JDV_HL7_ActSubstanceAdminSubstitutionCode_CISIS",
    "JDV_AbsentOrUnknownProblem_CISIS",
    "JDV_AbsentOrUnknownAllergy_CISIS",
    "JDV_AbsentOrUnknownProcedure_CISIS",
    "JDV_AbsentOrUnknownMedication_CISIS",
    "JDV_AbsentOrUnknownDevices_CISIS",
    # CR-BIO: bound by a rule
    "JDV_HL7_ObservationInterpretation_CISIS",
    "JDV_HL7_SpecimenType_CISIS",
    "JDV_HL7_ActSubstanceAdministrationImmunizationCode_CISIS",
    "JDV_AbsentOrUnknownImmunization_CISIS",
    # CR-BIO: named by the published examples
    "JDV_TechniqueBiologie_CISIS",
    "JDV_ContexteExamenCCU_CISIS",
    "JDV_LocalisationPrelevementCCU_CISIS",
    "JDV_ResultatRechercheHPVCCU_CISIS",
    "JDV_ResultatExamenCytologiqueCCU_CISIS",
    "JDV_TrousseCCU_CISIS",
    "JDV_MilieuCytologieCCU_CISIS",
    "JDV_ConclusionSimplifieeCCU_CISIS",
)

TRANSCRIBED = (
    # oid, name, version, effective, expires: lists that no SVS file holds, copied from the text that defines them.
    ("1.2.250.1.213.1.1.5.824", "jdv-role-informateur-cisis", "", "", ""),
    ("2.16.840.1.113883.1.11.16926", "jdv-hl7-v3-xBasicConfidentialityKind-cisis", "", "", ""),
    ("1.2.250.1.213.1.1.5.6", "JDV_J57-ClassCode-DMP", "20230922", "", ""),
    ("1.2.250.1.213.1.1.5.9", "JDV_J58-ConfidentialityCode-DMP", "20200424", "", ""),
    ("1.2.250.1.213.1.1.5.2", "JDV_J59-ContentTypeCode-DMP", "20230526", "20190118", ""),
    ("1.2.250.1.213.1.1.5.8", "JDV_J60-FormatCode-DMP", "20240927", "", ""),
    ("1.2.250.1.213.1.1.5.3", "JDV_J61-HealthcareFacilityTypeCode-DMP", "20240126", "20190118", ""),
    ("1.2.250.1.213.1.1.5.7", "JDV_J66-TypeCode-DMP", "20240927", "20190118", ""),
)

PLACEHOLDER = "code à fournir"
"""What the publication writes where a code was still to come: no code at all."""


@dataclass(frozen=True, slots=True)
class Extract:
    """The facts of one SVS file: the index line (without its source) and the concept lines."""

    heading: tuple[str, ...]
    concepts: tuple[tuple[str, ...], ...]


def extract(path: Path) -> Extract:
    """Read one SVS file.

    Blanks around codes and labels (the publication has some, no-break ones included) are dropped, and
    so are repeated lines and placeholders. Raises ``ValueError`` when the file is not an SVS value set.
    """
    value_set = etree.parse(path).getroot().find(f"{_SVS}ValueSet")
    if value_set is None:
        raise ValueError(f"{path}: no ValueSet of IHE SVS in it")
    heading = (
        _clean(value_set.get("id")),
        _clean(value_set.get("displayName")).removesuffix(".tabs"),
        _day(value_set.get("revisionDate")),
        _day(value_set.get("effectiveDate")),
        _day(value_set.get("dateFin")),
    )
    concepts: dict[tuple[str, str], tuple[str, ...]] = {}
    for concept in value_set.iter(f"{_SVS}Concept"):
        code, system = _clean(concept.get("code")), _clean(concept.get("codeSystem"))
        if code and code != PLACEHOLDER:
            line = (code, system, _clean(concept.get("displayName")))
            dates = (_day(concept.get("dateValid")), _day(concept.get("dateFin")))
            concepts.setdefault((code, system), line + dates)
    return Extract(heading, tuple(concepts.values()))


def build(source: Path, destination: Path = FOLDER) -> int:
    """Write the TSV file of every set of ``SETS`` and the index; returns the number of concepts written."""
    headings: list[tuple[str, ...]] = [(*line, "text") for line in TRANSCRIBED]
    written = 0
    for name in SETS:
        found = extract(source / f"{name}.xml")
        if found.heading[1] != name:
            raise ValueError(f"{name}.xml calls itself {found.heading[1]}")
        headings.append((*found.heading, "svs"))
        _write(destination / f"{name}.tsv", COLUMNS, found.concepts)
        written += len(found.concepts)
    _write(destination / INDEX, INDEX_COLUMNS, sorted(headings, key=lambda line: line[1].lower()))
    return written


def _write(path: Path, columns: tuple[str, ...], lines: list[tuple[str, ...]] | tuple[tuple[str, ...], ...]) -> None:
    text = "".join("\t".join(line) + "\n" for line in (columns, *lines))
    path.write_text(text, encoding="utf-8", newline="\n")


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())


def _day(stamp: str | None) -> str:
    """``20240927120000`` or ``2024-09-27T12:00:00+01:00`` as ``20240927``; nothing as nothing."""
    return (stamp or "").replace("-", "")[:8]


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m conformance.terminology.build FOLDER_OF_SVS_FILES")
    print(f"{build(Path(sys.argv[1]))} concepts in {len(SETS)} value sets")
