"""What the archives of MSSanté ask of each metadata value: the tables of demands.

Sources: IHE ITI TF-3 §4.2, CI-SIS (cardinalities of the logical models), published French archives (coding schemes).
"""

from __future__ import annotations

from typing import Final

from conformance.core.findings import Severity, Trust
from conformance.exchange.checks import forms
from conformance.exchange.checks.demands import Demand, ValueRules
from conformance.exchange.checks.rules import RuleBook
from conformance.exchange.metadata.fields import DOCUMENT_ENTRY_FIELDS, SUBMISSION_SET_FIELDS
from conformance.terminology import value_sets

BOOK: Final = RuleBook("metadata")

_SOFT: Final = Severity.WARNING

_PATIENT_REQUIREMENTS: Final = ("MSS/va1.01", "SC.MSS/CONF.24")
_ARCHIVE: Final = ("MSS/va1.01",)

DOCUMENT_ENTRY: Final = (
    Demand(name="objectType", form=forms.DOCUMENT_OBJECT, trust=Trust.PUBLISHED),
    Demand(name="mimeType", form=forms.MIME_TYPE, trust=Trust.PUBLISHED),
    Demand(name="uniqueId", form=forms.UNIQUE_ID, trust=Trust.PUBLISHED),
    Demand(name="patientId", form=forms.PATIENT, trust=Trust.PUBLISHED, requirements=_PATIENT_REQUIREMENTS),
    Demand(name="URI", form=forms.CONTENT, trust=Trust.PUBLISHED),
    Demand(name="hash", form=forms.SHA1, trust=Trust.PUBLISHED),
    Demand(name="size", form=forms.NUMBER, trust=Trust.PUBLISHED),
    Demand(name="creationTime", form=forms.TIME),
    Demand(name="languageCode", form=forms.LANGUAGE),
    Demand(name="title", form=forms.CONTENT, severity=_SOFT),
    Demand(name="serviceStartTime", form=forms.TIME, severity=_SOFT),
    Demand(name="serviceStopTime", least=0, form=forms.TIME, severity=_SOFT),
    Demand(name="sourcePatientId", form=forms.LOCAL_PATIENT, severity=_SOFT),
    Demand(name="sourcePatientInfo", most=0, form=forms.PID, severity=_SOFT),
    Demand(name="legalAuthenticator", form=forms.PERSON, severity=_SOFT),
    Demand(name="action", least=0, form=forms.ACTION, severity=_SOFT),
    Demand(name="author", most=0),
    Demand(name="classCode", systems=("1.2.250.1.213.1.1.4.1",), value_set=value_sets.XDS_CLASS_DMP),
    Demand(
        name="typeCode",
        systems=("2.16.840.1.113883.6.1", "1.2.250.1.213.1.1.4.12"),
        value_set=value_sets.DOCUMENT_TYPE,
        code_severity=Severity.ERROR,
    ),
    Demand(
        name="formatCode",
        systems=(
            "1.3.6.1.4.1.19376.1.2.3",
            "1.2.250.1.213.1.1.4.2.282",
            "1.2.250.1.213.1.1.4.12",
            "1.2.840.10008.2.6.1",
        ),
        value_set=value_sets.XDS_FORMAT_DMP,
    ),
    Demand(
        name="confidentialityCode",
        most=0,
        systems=("2.16.840.1.113883.5.25", "1.2.250.1.213.1.1.4.13"),
        value_set=value_sets.XDS_CONFIDENTIALITY,
        code_severity=Severity.ERROR,
    ),
    Demand(
        name="healthcareFacilityTypeCode",
        systems=("1.2.250.1.71.4.2.4", "1.2.250.1.213.1.1.4.6"),
        value_set=value_sets.HEALTHCARE_FACILITY_TYPE,
    ),
    Demand(
        name="practiceSettingCode",
        systems=("1.2.250.1.213.1.1.4.9", "1.2.250.1.213.1.1.4.6"),
        value_set=value_sets.PRACTICE_SETTING,
    ),
)
"""The demands on a document entry of an archive."""

SUBMISSION_SET: Final = (
    Demand(name="uniqueId", form=forms.OID, trust=Trust.PUBLISHED),
    Demand(name="sourceId", form=forms.OID, trust=Trust.PUBLISHED),
    Demand(name="patientId", form=forms.PATIENT, trust=Trust.PUBLISHED, requirements=_PATIENT_REQUIREMENTS),
    Demand(name="submissionTime", form=forms.TIME, trust=Trust.PUBLISHED),
    Demand(name="author", trust=Trust.PUBLISHED),
    Demand(
        name="contentTypeCode",
        systems=("1.2.250.1.213.2.2",),
        value_set=value_sets.XDS_CONTENT_TYPE_DMP,
        trust=Trust.PUBLISHED,
    ),
)
"""The demands on the submission set of an archive (IG PDSm: each once)."""

DOCUMENT_RULES: Final = ValueRules(
    BOOK,
    "document",
    DOCUMENT_ENTRY,
    DOCUMENT_ENTRY_FIELDS,
    "IHE ITI TF-3 §4.2.3.2; CI-SIS, modèle logique DocumentEntry",
    _ARCHIVE,
)
SET_RULES: Final = ValueRules(
    BOOK,
    "submission-set",
    SUBMISSION_SET,
    SUBMISSION_SET_FIELDS,
    "IHE ITI TF-3 §4.2.3.3; CI-SIS, modèle logique SubmissionSet",
    _ARCHIVE,
)
