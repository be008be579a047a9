"""What the DMP asks of each metadata value of a lot: the tables of demands.

Sources: logical models of the metadata of the DMP (PDSM4DMP, from guide 2.10), IHE ITI TF-3 §4.2, published value sets.
"""

from __future__ import annotations

import re
from typing import Final

from conformance.core.findings import Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks import forms
from conformance.exchange.checks.demands import Demand, ValueRules
from conformance.exchange.checks.forms import Form
from conformance.exchange.checks.rules import RuleBook
from conformance.exchange.metadata.fields import DOCUMENT_ENTRY_FIELDS, SUBMISSION_SET_FIELDS
from conformance.exchange.metadata.hl7 import Cx
from conformance.identity.ins import INS_ROOTS
from conformance.terminology import value_sets

BOOK: Final = RuleBook("dmp-metadata")

_REQUIREMENTS: Final = ("SC.DMP/CONF.08",)
_SOFT: Final = Severity.WARNING
_SURE: Final = Trust.PUBLISHED


_SECOND: Final = Form(
    Text("une date AAAAMMJJhhmmss en UTC", "a date YYYYMMDDhhmmss in UTC"),
    lambda value: len(value) == 14 and forms.TIME.accepts(value),
)
_INS: Final = Form(
    Text(
        "l’INS en CX : matricule à la clé juste, racine de l’INS, type NH",
        "the INS in CX: matricule with a right key, root of the INS, type NH",
    ),
    lambda value: forms.PATIENT.accepts(value) and Cx.parse(value).authority in INS_ROOTS,
    forms.PATIENT.why,
)
_TITLE: Final = Form(
    Text("un texte de 1 à 128 caractères", "a text of 1 to 128 characters"),
    lambda value: 0 < len(value.strip()) <= 128,
)
_UNIQUE_ID: Final = Form(
    Text("un OID seul, sans extension", "an OID alone, without extension"), lambda value: forms.OID.accepts(value)
)
_LANGUAGE: Final = Form(Text("fr-FR", "fr-FR"), lambda value: re.fullmatch(r"[a-z]{2,3}-[A-Z]{2}", value) is not None)
_ART: Final = Form(Text("art", "art"), lambda value: value == "art")
_DOCUMENT_TYPE: Final = Form(
    Text("text/xml, application/xslt+xml ou application/dicom", "text/xml, application/xslt+xml or application/dicom"),
    lambda value: value in ("text/xml", "application/xslt+xml", "application/dicom"),
)
_SOURCE_TITLE: Final = Form(Text("« Source »", "“Source”"), lambda value: value == "Source")
_REFERENCE_TYPES: Final = (
    "urn:ihe:iti:xds:2013:accession", "urn:ihe:iti:xds:2013:order", "urn:ihe:iti:xds:2016:studyInstanceUID",
)  # fmt: skip
_REFERENCE: Final = Form(
    Text("un identifiant CXi : numéro, autorité s’il y en a une, type de JDV_J231", "a CXi identifier: number, authority if any, type of JDV_J231"),
    lambda value: bool(Cx.parse(value).id) and Cx.parse(value).type in _REFERENCE_TYPES,
)  # fmt: skip
_XML: Final = Form(Text("text/xml", "text/xml"), lambda value: value == "text/xml")

_LOINC: Final = "2.16.840.1.113883.6.1"
_TRE_A05: Final = "1.2.250.1.213.1.1.4.12"
_FORMATS: Final = ("1.3.6.1.4.1.19376.1.2.3", "1.2.250.1.213.1.1.4.2.282", _TRE_A05, "1.2.840.10008.2.6.1")

_FACILITY: Final = Demand(
    name="healthcareFacilityTypeCode",
    systems=("1.2.250.1.71.4.2.4", "1.2.250.1.213.1.1.4.6"),
    value_set=value_sets.XDS_HEALTHCARE_FACILITY_TYPE_DMP,
    code_severity=Severity.ERROR,
    trust=_SURE,
)
_PRACTICE: Final = Demand(
    name="practiceSettingCode",
    systems=("1.2.250.1.213.1.1.4.9", "1.2.250.1.213.1.1.4.6"),
    value_set=value_sets.PRACTICE_SETTING,
    code_severity=Severity.ERROR,
    trust=_SURE,
)

DOCUMENT_ENTRY: Final = (
    Demand(name="objectType", form=forms.DOCUMENT_OBJECT, trust=_SURE),
    Demand(name="mimeType", form=_DOCUMENT_TYPE, trust=_SURE),
    Demand(name="uniqueId", form=_UNIQUE_ID, trust=_SURE),
    Demand(name="patientId", form=_INS, trust=_SURE),
    Demand(name="title", form=_TITLE, trust=_SURE),
    Demand(name="creationTime", form=_SECOND, trust=_SURE),
    Demand(name="serviceStartTime", form=forms.TIME, trust=_SURE),
    Demand(name="serviceStopTime", least=0, form=forms.TIME, trust=_SURE),
    Demand(name="languageCode", form=_LANGUAGE, trust=_SURE),
    Demand(name="legalAuthenticator", form=forms.PERSON, trust=_SURE),
    Demand(name="sourcePatientId", form=forms.LOCAL_PATIENT, trust=_SURE),
    # The logical model says 1..1, the mapping of the ANS « optionnel »: the stricter one is proposed.
    Demand(name="sourcePatientInfo", most=0, form=forms.PID),
    Demand(name="hash", least=0, form=forms.SHA1, trust=_SURE),
    Demand(name="size", least=0, form=forms.NUMBER, trust=_SURE),
    Demand(name="author", most=0, trust=_SURE),
    Demand(
        name="classCode",
        systems=("1.2.250.1.213.1.1.4.1",),
        value_set=value_sets.XDS_CLASS_DMP,
        code_severity=Severity.ERROR,
        trust=_SURE,
    ),
    Demand(
        name="typeCode",
        systems=(_LOINC, _TRE_A05),
        value_set=value_sets.XDS_TYPE_DMP,
        code_severity=Severity.ERROR,
        trust=_SURE,
    ),
    Demand(name="formatCode", systems=_FORMATS, value_set=value_sets.XDS_FORMAT_DMP, code_severity=Severity.ERROR),
    Demand(
        name="confidentialityCode",
        most=0,
        systems=("2.16.840.1.113883.5.25", "1.2.250.1.213.1.1.4.13"),
        value_set=value_sets.XDS_CONFIDENTIALITY_DMP,
        code_severity=Severity.ERROR,
        trust=_SURE,
    ),
    _FACILITY,
    _PRACTICE,
    Demand(name="referenceIdList", least=0, most=0, form=_REFERENCE, severity=_SOFT, trust=_SURE),
)
"""The demands on a medical document."""

SIGNATURE_ENTRY: Final = (
    Demand(name="mimeType", form=_XML, trust=_SURE),
    Demand(name="uniqueId", form=_UNIQUE_ID, trust=_SURE),
    Demand(name="patientId", form=_INS, trust=_SURE),
    Demand(name="title", form=_SOURCE_TITLE, severity=_SOFT),
    Demand(name="languageCode", form=_ART, trust=_SURE, severity=_SOFT),
    Demand(name="creationTime", form=_SECOND, trust=_SURE),
    Demand(name="author", most=0, trust=_SURE),
    Demand(name="confidentialityCode", most=0, trust=_SURE),
    Demand(name="classCode", systems=("URN",), severity=_SOFT),
    Demand(name="formatCode", systems=("URN", "1.3.6.1.4.1.19376.1.2.3"), severity=_SOFT),
    Demand(name="eventCodeList", systems=("1.2.840.10065.1.12",), severity=_SOFT),
    _FACILITY,
    _PRACTICE,
)
"""The demands on the signature of the lot (example messages)."""

SUBMISSION_SET: Final = (
    Demand(name="uniqueId", form=_UNIQUE_ID, trust=_SURE),
    Demand(name="sourceId", form=forms.OID, trust=_SURE),
    Demand(name="patientId", form=_INS, trust=_SURE),
    Demand(name="submissionTime", form=_SECOND, trust=_SURE),
    Demand(name="author", trust=_SURE),
    Demand(
        name="contentTypeCode",
        systems=("1.2.250.1.213.2.2", "1.2.250.1.213.1.1.4.6"),
        value_set=value_sets.XDS_CONTENT_TYPE_DMP,
        code_severity=Severity.ERROR,
        trust=_SURE,
    ),
)
"""The demands on the submission set."""

_SOURCE: Final = "PDSM4DMP, modèle logique ; IHE ITI TF-3 §4.2.3"

DOCUMENT_RULES: Final = ValueRules(BOOK, "document", DOCUMENT_ENTRY, DOCUMENT_ENTRY_FIELDS, _SOURCE, _REQUIREMENTS)
SIGNATURE_RULES: Final = ValueRules(
    BOOK, "signature", SIGNATURE_ENTRY, DOCUMENT_ENTRY_FIELDS, "DMP, exemples de messages", _REQUIREMENTS
)
SET_RULES: Final = ValueRules(BOOK, "submission-set", SUBMISSION_SET, SUBMISSION_SET_FIELDS, _SOURCE, _REQUIREMENTS)
