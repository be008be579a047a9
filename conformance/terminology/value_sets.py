"""Value sets (jeux de valeurs): is this code, in this system, with this label, allowed here?

The sets live in ``sets/``, one small file each, written by ``build.py`` from the publication of the ANS
(IHE SVS files of TestContenuCDA 3.0, March 2025), or transcribed from the text of the specification that
defines them. A set is read when it is first looked into.

    >>> answer = PROBLEMS.look_up("55607006", SNOMED_CT, label="Problème")
    >>> answer.status, answer.accepted

``explain`` (``explanations.py``) says an answer in a sentence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

from conformance.core.errors import BenchError
from conformance.core.language import Text
from conformance.terminology.labels import label_key, same_label

_FOLDER = files("conformance.terminology") / "sets"

_ALIASES = {"jdv-specimentype-cisis": "jdv-hl7-specimentype-cisis"}
"""Names that rules and examples use for a set published under another name."""


class Status(StrEnum):
    """What a value set says of a code."""

    LISTED = "listed"
    LABEL_DIFFERS = "label_differs"
    """The code is listed in this system, the label beside it is not its label."""
    UNKNOWN_CODE = "unknown_code"
    OTHER_SYSTEM = "other_system"
    """The code is listed, but in another code system than the one given."""
    WITHDRAWN = "withdrawn"
    """The code was listed once, and is no longer valid at the date asked for."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One line of a value set. ``system`` is empty where the specification does not give it.

    ``valid_from`` is the day when the publication took the code in, no proof that an older document was
    wrong to use it: no look-up judges by it.
    """

    code: str
    system: str
    label: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one look-up, with all that a sentence about it needs."""

    status: Status
    value_set: ValueSet
    code: str
    system: str | None
    label: str | None
    on: date | None
    concept: Concept | None = None
    """The line of the set that the code was found in (none when the code is unknown)."""
    expected_systems: tuple[str, ...] = ()
    """With ``OTHER_SYSTEM``: the systems in which the set lists this code."""

    @property
    def accepted(self) -> bool:
        """True when the set allows the code; its label may still differ (see ``status``)."""
        return self.status in (Status.LISTED, Status.LABEL_DIFFERS)


@dataclass(frozen=True)
class ValueSet:
    """A value set: its OID, its official name, the day of its version, its validity; its concepts on demand.

    ``source`` is ``svs`` (published file) or ``text`` (transcribed from the specification that defines it).
    """

    oid: str
    name: str
    version: date | None = None
    effective: date | None = None
    expires: date | None = None
    source: Literal["svs", "text"] = "svs"

    @cached_property
    def concepts(self) -> Mapping[tuple[str, str], Concept]:
        """All concepts by (code, code system OID), in the order of the publication."""
        lines = (_FOLDER / f"{self.name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
        fields = (line.split("\t") for line in lines)
        return {(f[0], f[1]): Concept(f[0], f[1], f[2], _day(f[3]), _day(f[4])) for f in fields}

    @cached_property
    def by_code(self) -> Mapping[str, tuple[Concept, ...]]:
        """The concepts of each code: more than one where two systems share a code."""
        found: defaultdict[str, list[Concept]] = defaultdict(list)
        for concept in self.concepts.values():
            found[concept.code].append(concept)
        return {code: tuple(concepts) for code, concepts in found.items()}

    @cached_property
    def by_label(self) -> Mapping[str, Concept]:
        """The first concept of each label, by ``label_key``."""
        found: dict[str, Concept] = {}
        for concept in self.concepts.values():
            if concept.label:
                found.setdefault(label_key(concept.label), concept)
        return found

    def __len__(self) -> int:
        return len(self.concepts)

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def look_up(
        self, code: str, system: str | None = None, *, on: date | None = None, label: str | None = None
    ) -> Answer:
        """Look for ``code`` in ``system`` (an OID; ``None`` for a code that stands alone, as an attribute).

        ``on``: the date at which the code must be valid, that of the document; without it a code is
        withdrawn when it had ended at the version of the set. ``label``: compared when given, and never a
        reason to refuse the code.
        """
        candidates = self.by_code.get(code, ())
        here = [c for c in candidates if system is None or c.system in ("", system)]
        if not candidates:
            return Answer(Status.UNKNOWN_CODE, self, code, system, label, on)
        if not here:
            systems = tuple(c.system for c in candidates)
            return Answer(Status.OTHER_SYSTEM, self, code, system, label, on, candidates[0], systems)
        in_force = [c for c in here if not self._ended(c, on)]
        if not in_force:
            return Answer(Status.WITHDRAWN, self, code, system, label, on, here[0])
        if label is not None and not any(not c.label or same_label(label, c.label) for c in in_force):
            return Answer(Status.LABEL_DIFFERS, self, code, system, label, on, in_force[0])
        return Answer(Status.LISTED, self, code, system, label, on, in_force[0])

    def labels(self, code: str, system: str | None = None) -> tuple[str, ...]:
        """The labels of ``code`` in ``system``; none when the set does not list it or gives no label."""
        concepts = (c for c in self.by_code.get(code, ()) if system is None or c.system in ("", system))
        return tuple(c.label for c in concepts if c.label)

    def label_agrees(self, code: str, system: str | None, label: str) -> bool:
        """Is ``label`` the label of ``code``, but for case, accents, spaces, apostrophe or hyphen form?"""
        return any(same_label(label, known) for known in self.labels(code, system))

    def end_of(self, concept: Concept) -> date | None:
        """The last day of validity of ``concept``: its own or that of the whole set, the earlier one."""
        return min((day for day in (concept.valid_to, self.expires) if day), default=None)

    def _ended(self, concept: Concept, on: date | None) -> bool:
        end = self.end_of(concept)
        if end is None:
            return False
        return on > end if on else self.version is None or end <= self.version


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
    for line in (_FOLDER / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        oid, name, version, effective, expires, source = line.split("\t")
        one = ValueSet(oid, name, _day(version), _day(effective), _day(expires), "svs" if source == "svs" else "text")
        found[oid] = found[_folded(name)] = one
    found.update({alias: found[name] for alias, name in _ALIASES.items()})
    return found


def _folded(key: str) -> str:
    return key.lower().replace("_", "-")


def _day(digits: str) -> date | None:
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if digits else None


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
XDS_CLASS_DMP = value_set("1.2.250.1.213.1.1.5.6")
XDS_CONFIDENTIALITY = value_set("1.2.250.1.213.1.1.5.463")
XDS_CONFIDENTIALITY_DMP = value_set("1.2.250.1.213.1.1.5.9")
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
