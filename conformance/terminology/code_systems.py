"""Code systems (OID and name) that French clinical documents use.

OIDs and names are facts of the CI-SIS and of the published value sets; the names are those that documents
put in ``codeSystemName``.
"""

from __future__ import annotations

from typing import Final

# International terminologies
LOINC: Final = "2.16.840.1.113883.6.1"
SNOMED_CT: Final = "2.16.840.1.113883.6.96"
CIM_10: Final = "2.16.840.1.113883.6.3"
CIM_11: Final = "2.16.840.1.113883.6.347"
CISP_2: Final = "2.16.840.1.113883.6.139"
ATC: Final = "2.16.840.1.113883.6.73"
UCUM: Final = "2.16.840.1.113883.6.8"
EDQM: Final = "0.4.0.127.0.16.1.1.2.1"
ICF: Final = "2.16.840.1.113883.6.254"
NCIT: Final = "2.16.840.1.113883.3.26.1.1"
NCBI_TAXONOMY: Final = "2.16.840.1.113883.3.9471"
DICOM: Final = "1.2.840.10008.2.16.4"
DICOM_UID: Final = "1.2.840.10008.2.6.1"
IHE_ACT_CODE: Final = "1.3.6.1.4.1.19376.1.5.3.2"
IHE_FORMAT_CODE: Final = "1.3.6.1.4.1.19376.1.2.3"
IPS_ABSENT_OR_UNKNOWN: Final = "2.16.840.1.113883.5.1150.1"
ISO_3166: Final = "1.0.3166.2.2.2"

# HL7
HL7_ADMINISTRATIVE_GENDER: Final = "2.16.840.1.113883.5.1"
HL7_ACT_CODE: Final = "2.16.840.1.113883.5.4"
HL7_ACT_PRIORITY: Final = "2.16.840.1.113883.5.7"
HL7_ACT_STATUS: Final = "2.16.840.1.113883.5.14"
HL7_CONFIDENTIALITY: Final = "2.16.840.1.113883.5.25"
HL7_MEDIA_TYPE: Final = "2.16.840.1.113883.5.79"
HL7_OBSERVATION_INTERPRETATION: Final = "2.16.840.1.113883.5.83"
HL7_OBSERVATION_METHOD: Final = "2.16.840.1.113883.5.84"
HL7_PARTICIPATION_FUNCTION: Final = "2.16.840.1.113883.5.88"
HL7_PARTICIPATION_TYPE: Final = "2.16.840.1.113883.5.90"
HL7_ROLE_CLASS: Final = "2.16.840.1.113883.5.110"
HL7_ROLE_CODE: Final = "2.16.840.1.113883.5.111"
HL7_ROUTE_OF_ADMINISTRATION: Final = "2.16.840.1.113883.5.112"
HL7_OBSERVATION_VALUE: Final = "2.16.840.1.113883.5.1063"
HL7_SUBSTANCE_SUBSTITUTION: Final = "2.16.840.1.113883.5.1070"
HL7_SPECIMEN_TYPE: Final = "2.16.840.1.113883.18.311"
FHIR_CONDITION_CLINICAL: Final = "2.16.840.1.113883.4.642.1.1074"
FHIR_CONDITION_VERIFICATION: Final = "2.16.840.1.113883.4.642.1.1075"
FHIR_ALLERGY_CLINICAL: Final = "2.16.840.1.113883.4.642.4.1373"
FHIR_ALLERGY_CRITICALITY: Final = "2.16.840.1.113883.4.642.4.130"

# France: acts, products, laboratory
CCAM: Final = "1.2.250.1.215.300.1"
CCAM_FORMER: Final = "1.2.250.1.213.2.5"
NABM: Final = "1.2.250.1.213.2.7"
DRC: Final = "1.2.250.1.213.2.9"
ADICAP: Final = "1.2.250.1.213.2.11"
SNOMED_3_5: Final = "1.2.250.1.213.2.12"
PCS_INSEE: Final = "1.2.250.1.213.2.13"
CIS: Final = "1.2.250.1.213.2.3.1"
CIP: Final = "1.2.250.1.213.2.3.2"
UCD: Final = "1.2.250.1.213.2.3.3"
ANSM_REAGENTS: Final = "1.2.250.1.213.2.3.5"
LPP: Final = "1.2.250.1.215.200.2.1"
NGAP: Final = "1.2.250.1.215.200.3.3"
ORPHACODES: Final = "1.2.250.1.213.2.49"
MEDICABASE: Final = "1.2.250.1.213.2.59"
CLADIMED: Final = "1.2.250.1.213.2.65"
EMDN: Final = "1.2.250.1.213.2.68"

# Terminologies de référence (TRE) and associations of the ANS
TRE_A03_CLASS: Final = "1.2.250.1.213.1.1.4.1"
TRE_PROFESSIONS_AND_KNOW_HOW: Final = "1.2.250.1.213.1.1.4.5"
TRE_A00_PRODUCER: Final = "1.2.250.1.213.1.1.4.6"
TRE_PRACTICE_SETTING: Final = "1.2.250.1.213.1.1.4.9"
TRE_A05_DOCUMENT_TYPE: Final = "1.2.250.1.213.1.1.4.12"
TRE_A07_VISIBILITY: Final = "1.2.250.1.213.1.1.4.13"
TRE_FUNCTION: Final = "1.2.250.1.213.1.1.4.2.280"
TRE_FORMAT: Final = "1.2.250.1.213.1.1.4.2.282"
TRE_ENCOUNTER_TYPE: Final = "1.2.250.1.213.1.1.4.2.291"
TA_ASIP: Final = "1.2.250.1.213.1.1.4.322"
TRE_RELATION_TO_PATIENT: Final = "1.2.250.1.213.1.1.4.327"
TRE_REFERENCE_ID_TYPE: Final = "1.2.250.1.213.1.1.4.347"
TRE_PROFESSIONAL_TITLE: Final = "1.2.250.1.213.1.6.1.11"
TRE_CIVILITY: Final = "1.2.250.1.213.1.6.1.69"
TRE_ROLE: Final = "1.2.250.1.213.1.6.1.107"
TRE_HEALTHCARE_FACILITY_TYPE: Final = "1.2.250.1.71.4.2.4"
PAM_DISCHARGE_DISPOSITION: Final = "1.2.250.1.213.2.14"
DMP_CONTENT_TYPE: Final = "1.2.250.1.213.2.2"

_NAMES: Final = {
    LOINC: "LOINC",
    SNOMED_CT: "SNOMED CT",
    CIM_10: "CIM-10",
    CIM_11: "CIM-11",
    CISP_2: "CISP-2",
    ATC: "ATC",
    UCUM: "UCUM",
    EDQM: "EDQM",
    ICF: "ICF",
    NCIT: "NCIT",
    NCBI_TAXONOMY: "NCBI-Taxonomy",
    DICOM: "DCM",
    DICOM_UID: "DCMUID",
    IHE_ACT_CODE: "IHEActCode",
    IHE_FORMAT_CODE: "IHE formatCode",
    IPS_ABSENT_OR_UNKNOWN: "Absent and Unknown Data - IPS",
    ISO_3166: "ISO 3166",
    HL7_ADMINISTRATIVE_GENDER: "HL7:AdministrativeGender",
    HL7_ACT_CODE: "HL7:ActCode",
    HL7_ACT_PRIORITY: "HL7:ActPriority",
    HL7_ACT_STATUS: "HL7:ActStatus",
    HL7_CONFIDENTIALITY: "HL7:Confidentiality",
    HL7_MEDIA_TYPE: "HL7:MediaType",
    HL7_OBSERVATION_INTERPRETATION: "HL7:ObservationInterpretation",
    HL7_OBSERVATION_METHOD: "HL7:ObservationMethod",
    HL7_PARTICIPATION_FUNCTION: "HL7:ParticipationFunction",
    HL7_PARTICIPATION_TYPE: "HL7:ParticipationType",
    HL7_ROLE_CLASS: "HL7:RoleClass",
    HL7_ROLE_CODE: "HL7:RoleCode",
    HL7_ROUTE_OF_ADMINISTRATION: "HL7:RouteOfAdministration",
    HL7_OBSERVATION_VALUE: "HL7:ObservationValue",
    HL7_SUBSTANCE_SUBSTITUTION: "HL7:substanceAdminSubstitution",
    HL7_SPECIMEN_TYPE: "HL7:SpecimenType",
    FHIR_CONDITION_CLINICAL: "HL7:condition-clinical",
    FHIR_CONDITION_VERIFICATION: "HL7:condition-ver-status",
    FHIR_ALLERGY_CLINICAL: "HL7:allergyintolerance-clinical",
    FHIR_ALLERGY_CRITICALITY: "HL7:allergy-intolerance-criticality",
    CCAM: "CCAM",
    CCAM_FORMER: "CCAM",
    NABM: "NABM",
    DRC: "DRC",
    ADICAP: "ADICAP",
    SNOMED_3_5: "SNOMED 3.5",
    PCS_INSEE: "PCS-INSEE",
    CIS: "CIS",
    CIP: "CIP",
    UCD: "UCD",
    ANSM_REAGENTS: "ANSM – Table de codage commune des réactifs",
    LPP: "LPP",
    NGAP: "NGAP",
    ORPHACODES: "OrphaCodes",
    MEDICABASE: "MV",
    CLADIMED: "CLADIMED",
    EMDN: "EMDN",
    TRE_A03_CLASS: "TRE_A03 (classCode)",
    TRE_PROFESSIONS_AND_KNOW_HOW: "professions et savoir-faire (RPPS)",
    TRE_A00_PRODUCER: "TRE_A00 (producteur non PS)",
    TRE_PRACTICE_SETTING: "practiceSettingCode",
    TRE_A05_DOCUMENT_TYPE: "TRE_A05 (type de document)",
    TRE_A07_VISIBILITY: "TRE_A07 (visibilité)",
    TRE_FUNCTION: "rôle fonctionnel",
    TRE_FORMAT: "formatCode",
    TRE_ENCOUNTER_TYPE: "type de rencontre",
    TA_ASIP: "TA_ASIP",
    TRE_RELATION_TO_PATIENT: "relation avec le patient",
    TRE_REFERENCE_ID_TYPE: "type d'identifiant de référence",
    TRE_PROFESSIONAL_TITLE: "titre",
    TRE_CIVILITY: "civilité",
    TRE_ROLE: "rôle",
    TRE_HEALTHCARE_FACILITY_TYPE: "healthCareFacilityTypeCode",
    PAM_DISCHARGE_DISPOSITION: "type de sortie (IHE PAM France)",
    DMP_CONTENT_TYPE: "contentTypeCode",
}


def name_of(oid: str) -> str | None:
    """The name of the code system with this OID; ``None`` when the kit does not know it."""
    return _NAMES.get(oid)


def named(oid: str) -> str:
    """``LOINC (2.16.840.1.113883.6.1)``, as sentences say it; the OID alone when the kit has no name for it."""
    name = _NAMES.get(oid)
    return f"{name} ({oid})" if name else oid
