"""The value sets (jeux de valeurs) that the rules bind, by OID, by name, and as constants named after their use.

The sets live in ``sets/``, one small file each, written by ``build.py`` from the publication of the ANS
(IHE SVS files of TestContenuCDA 3.0, March 2025), or transcribed from the text of the specification that
defines them. A set is read when it is first looked into.

    >>> answer = PROBLEMS.look_up("55607006", SNOMED_CT, label="Problème")
    >>> answer.status, answer.accepted
    >>> str(explain(answer))
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from conformance.core.errors import BenchError
from conformance.core.language import Text
from conformance.terminology.concepts import FOLDER, Answer, Concept, Status, ValueSet, day_of
from conformance.terminology.explanations import explain, suggestions

__all__ = ["Answer", "Concept", "Status", "ValueSet", "all_value_sets", "explain", "suggestions", "value_set"]

_ALIASES = {"jdv-specimentype-cisis": "jdv-hl7-specimentype-cisis"}
"""Names that rules and examples use for a set published under another name."""


def value_set(key: str) -> ValueSet:
    """The value set with this OID or name (case, ``-`` and ``_`` do not count in a name).

    Raises ``BenchError`` for a set that the kit does not hold: a rule that names one is our fault.
    """
    try:
        return _index()[_folded(key)]
    except KeyError:
        raise BenchError(
            "terminology.unknown-value-set",
            Text(
                f"Le kit ne contient pas le jeu de valeurs « {key} ».",
                f"The kit does not hold the value set “{key}”.",
            ),
            Text(
                "L’ajouter à conformance/terminology/build.py puis relancer cet outil.",
                "Add it to conformance/terminology/build.py and run that tool again.",
            ),
        ) from None


def all_value_sets() -> tuple[ValueSet, ...]:
    """Every value set of the kit, by name."""
    return tuple(dict.fromkeys(_index().values()))


@cache
def _index() -> Mapping[str, ValueSet]:
    found: dict[str, ValueSet] = {}
    for line in (FOLDER / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        oid, name, version, effective, expires, source = line.split("\t")
        one = ValueSet(
            oid, name, day_of(version), day_of(effective), day_of(expires), "svs" if source == "svs" else "text"
        )
        found[oid] = found[_folded(name)] = one
    found.update({alias: found[name] for alias, name in _ALIASES.items()})
    return found


def _folded(key: str) -> str:
    return key.lower().replace("_", "-")


# The sets by the element that they are for, as the rules name them.

# Header (structuration minimale)
DOCUMENT_TYPE = value_set("1.2.250.1.213.1.1.5.471")
CONFIDENTIALITY_BASIC = value_set("2.16.840.1.113883.1.11.16926")
"""N, R, V: what the text asks for since 1.16.5; beyond the shipped set, L, M and U are worth a warning."""
CONFIDENTIALITY_HL7 = value_set("2.16.840.1.113883.1.11.10228")
"""L, M, N, R, U, V: what the published rules accept."""
ADMINISTRATIVE_GENDER = value_set("1.2.250.1.213.1.1.5.590")
FUNCTION = value_set("1.2.250.1.213.1.1.5.124")
AUTHOR_SPECIALTY = value_set("1.2.250.1.213.1.1.5.461")
CIVILITY = value_set("1.2.250.1.213.1.1.5.718")
PROFESSIONAL_TITLE = value_set("1.2.250.1.213.1.1.5.719")
INFORMANT_ROLE = value_set("1.2.250.1.213.1.1.5.824")
RELATION_TO_PATIENT = value_set("1.2.250.1.213.3.3.16")
PRACTICE_SETTING = value_set("1.2.250.1.213.1.1.5.467")
HEALTHCARE_FACILITY_TYPE = value_set("1.2.250.1.213.1.1.5.466")
ESTABLISHMENT_CATEGORY = value_set("1.2.250.1.213.3.4.218")
PARTICIPATION_TYPE = value_set("1.2.250.1.213.1.1.5.591")
ROLE_CLASS = value_set("1.2.250.1.213.1.1.5.588")
ENCOUNTER_TYPE = value_set("1.2.250.1.213.1.1.5.589")
ENCOUNTER_PARTICIPATION_TYPE = value_set("1.2.250.1.213.1.1.5.528")
IMAGING_MODALITY = value_set("1.2.250.1.213.1.1.5.618")
ANATOMICAL_REGION = value_set("1.2.250.1.213.1.1.5.695")
CHILD_EXAMINATION = value_set("1.2.250.1.213.1.1.5.730")

# XDS metadata (DMP, MSSanté)
XDS_TYPE_DMP = value_set("1.2.250.1.213.1.1.5.7")
"""The types that the DMP takes: J07 but for six."""
XDS_CLASS_DMP = value_set("1.2.250.1.213.1.1.5.6")
XDS_CONFIDENTIALITY = value_set("1.2.250.1.213.1.1.5.463")
XDS_CONFIDENTIALITY_DMP = value_set("1.2.250.1.213.1.1.5.9")
XDS_CONTENT_TYPE_DMP = value_set("1.2.250.1.213.1.1.5.2")
XDS_HEALTHCARE_FACILITY_TYPE_DMP = value_set("1.2.250.1.213.1.1.5.3")
XDS_FORMAT_DMP = value_set("1.2.250.1.213.1.1.5.8")
XDS_REFERENCE_ID_TYPE_DMP = value_set("1.2.250.1.213.1.1.5.693")

# VSM
PROBLEMS = value_set("1.2.250.1.213.1.1.5.172")
PROBLEM_STATUS = value_set("2.16.840.1.113883.4.642.3.164")
ALLERGY_STATUS = value_set("2.16.840.1.113883.4.642.3.1372")
HEALTH_STATUS = value_set("1.2.250.1.213.1.1.4.2.283.1")
ALLERGY_TYPE = value_set("1.2.250.1.213.1.1.5.794")
SOCIAL_HISTORY = value_set("1.2.250.1.213.1.1.4.2.283.4")
PERSONAL_RELATIONSHIP = value_set("2.16.840.1.113883.1.11.19563")
APPROACH_SITE_IMMUNIZATION = value_set("1.2.250.1.213.1.1.5.621")
VITAL_SIGN = value_set("1.2.250.1.213.1.1.5.171")
ADVERSE_EFFECT_ORIGIN = value_set("1.2.250.1.213.1.1.5.785")
IMPUTABILITY = value_set("1.2.250.1.213.1.1.5.786")
SERIOUSNESS = value_set("1.2.250.1.213.1.1.5.787")
EVOLUTION = value_set("1.2.250.1.213.1.1.5.788")
SEVERITY = value_set("1.2.250.1.213.1.1.5.675")
SEVERITY_CODE = value_set("2.16.840.1.113883.1.11.20386")
CERTAINTY = value_set("2.16.840.1.113883.4.642.3.166")
CRITICALITY = value_set("2.16.840.1.113883.4.642.3.129")
ADMINISTRATION_ROUTE = value_set("1.2.250.1.213.1.1.5.677")
ADMINISTRATION_SITE = value_set("1.2.250.1.213.1.1.5.686")
TREATMENT_CODE = value_set("2.16.840.1.113883.1.11.19708")
SUBSTITUTION = value_set("2.16.840.1.113883.1.11.16621")
ABSENT_PROBLEM = value_set("1.2.250.1.213.1.1.5.662")
ABSENT_ALLERGY = value_set("1.2.250.1.213.1.1.5.661")
ABSENT_PROCEDURE = value_set("1.2.250.1.213.1.1.5.665")
ABSENT_MEDICATION = value_set("1.2.250.1.213.1.1.5.664")
ABSENT_DEVICE = value_set("1.2.250.1.213.1.1.5.663")

# CR-BIO
INTERPRETATION = value_set("2.16.840.1.113883.1.11.78")
SPECIMEN_TYPE = value_set("2.16.840.1.113883.21.327")
IMMUNIZATION = value_set("2.16.840.1.113883.1.11.19709")
ABSENT_IMMUNIZATION = value_set("1.2.250.1.213.1.1.5.666")
LABORATORY_METHOD = value_set("1.2.250.1.213.1.1.5.789")
CERVICAL_SCREENING_CONTEXT = value_set("1.2.250.1.213.1.1.5.722")
CERVICAL_SPECIMEN_SITE = value_set("1.2.250.1.213.1.1.5.717")
CERVICAL_HPV_RESULT = value_set("1.2.250.1.213.1.1.5.720")
CERVICAL_CYTOLOGY_RESULT = value_set("1.2.250.1.213.1.1.5.721")
CERVICAL_KIT = value_set("1.2.250.1.213.1.1.5.729")
CERVICAL_CYTOLOGY_MEDIUM = value_set("1.2.250.1.213.1.1.5.723")
CERVICAL_CONCLUSION = value_set("1.2.250.1.213.1.1.5.726")
