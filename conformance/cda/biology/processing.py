"""The entry of a chapter (Laboratory Report Data Processing) with its act, and the codes of its results by depth.

Source: IHE PaLM, Laboratory Report Data Processing Entry; CI-SIS, entrée FR-Resultats-examens-de-biologie-medicale.
"""

from __future__ import annotations

from typing import Final, Literal

from lxml import etree

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.kinds import LocalCodes, complete_or_bare, loinc_if_coded
from conformance.cda.biology.making import french, template
from conformance.cda.constraints import declares, exactly_one, fixed, required
from conformance.cda.content.kinds import complete, match, named
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Constraint, Template, carries
from conformance.core.language import Text

Version = Literal["2021.01", "2023.01", "2024.01"]

_VOLET: Final = "volet:E_FR-Resultats-examens-de-biologie-medicale "
_IHE: Final = "ihe:E_laboratoryReportDataProcessing_int "
_BATTERY: Final = "ihe:E_laboratoryBatteryOrganizer_int "

_DIRECT: Final = "act/entryRelationship/observation/code"
_IN_ORGANIZER: Final = "act/entryRelationship/organizer/component/observation/code"
_DEEPER: Final = "act/entryRelationship/organizer/component/organizer/component/observation/code"

_LOCAL_CODE: Final = Text(
    "Sans code LOINC, laissez code nu et mettez le code local dans translation.",
    "Without a LOINC code leave code bare and put the local code in translation.",
)


def _codes(version: Version) -> tuple[Constraint, ...]:
    """The codes of results at the three depths, as each version asks for them."""
    attributes = ("code", "displayName") + (("codeSystemName",) if version == "2023.01" else ())
    strict = version == "2021.01"
    return (
        complete_or_bare(_DIRECT, not strict, key="result-code", official=_VOLET + "2.1", hint=_LOCAL_CODE),
        LocalCodes(path(_DIRECT), attributes, not strict, key="result-translation", official=_VOLET + "3.1"),
        complete_or_bare(_IN_ORGANIZER, key="battery-result-code", official=_VOLET + "4.1", hint=_LOCAL_CODE),
        LocalCodes(path(_IN_ORGANIZER), attributes, key="battery-result-translation", official=_VOLET + "5.1"),
        complete_or_bare(_DEEPER, key="antibiogram-result-code", official=_VOLET + "6.1", hint=_LOCAL_CODE),
        LocalCodes(path(_DEEPER), attributes, key="antibiogram-result-translation", official=_VOLET + "7.1"),
    )


def _has_act(node: etree._Element) -> bool:
    return node.find(h("act")) is not None


_EXAMPLE: Final = ex.processing(
    ex.related(ex.result("r1")),
    ex.related(ex.result("r2", ex.local_code("r2"))),
    ex.related(ex.battery(ex.result("r3"), ex.result("r4", ex.local_code("r4")))),
    ex.related(ex.isolate(ex.battery(ex.result("r5"), ex.result("r6", ex.local_code("r6"))))),
)


def processing(version: Version) -> Template:
    """The entry, with the rules of one version of the volet."""
    return template(
        "cr-bio-entry",
        Text("Entrée FR-Resultats-examens-de-biologie-medicale", "Entry FR-Resultats-examens-de-biologie-medicale"),
        oids.PROCESSING,
        named("entry", official=_IHE + "1.2"),
        fixed("@typeCode", "DRIV", official=f"{_VOLET}1.1 · {_IHE}1.1"),
        match("act", classCode="ACT", moodCode="EVN", official=f"{_VOLET}1.2 · {_IHE}1.2"),
        loinc_if_coded("act/code", official=_VOLET + "1.2"),
        match("act/statusCode", code=("completed", "active", "aborted"), when=_has_act,
              official=f"{_VOLET}1.3 · {_IHE}1.3"),
        match("act/entryRelationship", typeCode="COMP", when=_has_act, official=_VOLET + "1.4"),
        complete("act/effectiveTime", "low", "high", official=_IHE + "1.4"),
        *_codes(version),
        french(oids.FR_PROCESSING),
        example=_EXAMPLE,
    )  # fmt: skip


# The subject, when it is not the patient -------------------------------------------------------------------


def _of_an_act(node: etree._Element) -> bool:
    """A subject of the act of a data-processing entry."""
    act = node.getparent()
    return act is not None and act.tag == h("act") and carries(act.getparent(), oids.PROCESSING)


def _elsewhere(node: etree._Element) -> bool:
    return not _of_an_act(node)


def _has_related(node: etree._Element) -> bool:
    return node.find(h("relatedSubject")) is not None


def _subject(official: str) -> tuple[Constraint, ...]:
    return (
        fixed("@typeCode", "SBJ", official=official),
        required("relatedSubject", official=official),
        required("relatedSubject/code", when=_has_related, official=official),
        exactly_one("relatedSubject/addr", when=_has_related, official=official),
    )


SUBJECTS: Final[tuple[Template, ...]] = (
    template(
        "cr-bio-subject", Text("Sujet d'un examen", "Subject of an examination"), "",
        *_subject(f"{_IHE}2.1, 2.4-2.6 · {_BATTERY}2.1, 2.3-2.5"),
        declares(oids.NON_HUMAN, official=f"{_IHE}2.2-2.3 · {_BATTERY}2.2", hint=Text(
            "Pour un patient humain avec un sujet non humain, déclarez les deux modèles.",
            "For a human patient with a non-human subject declare both templates.")),
        element="subject", where=_of_an_act,
        example=ex.processing(ex.subject(oids.NON_HUMAN), ex.related(ex.result("r1"))),
    ),
    template(
        "cr-bio-non-human", Text("Entrée FR-Sujet-non-humain", "Entry FR-Sujet-non-humain"), oids.NON_HUMAN,
        *_subject("ihe:E_nonHumanSubject_int 1.1-1.3 · content:E_nonHumanSubject_fr 1.2-1.4"),
        where=_elsewhere, example=ex.subject(oids.NON_HUMAN),
    ),
    template(
        "cr-bio-non-human-fr", Text("Entrée FR-Sujet-non-humain", "Entry FR-Sujet-non-humain"), oids.FR_NON_HUMAN,
        declares(oids.NON_HUMAN, official="content:E_nonHumanSubject_fr 1.1"),
        example=ex.subject(oids.NON_HUMAN, oids.FR_NON_HUMAN),
    ),
    template(
        "cr-bio-human-with-non-human",
        Text("Entrée FR-Patient-avec-sujet-non-humain", "Entry FR-Patient-avec-sujet-non-humain"),
        oids.HUMAN_WITH_NON_HUMAN,
        *_subject("ihe:E_humanPatientWithNonHumanSubject_int 1.1-1.3"),
        where=_elsewhere, example=ex.subject(oids.HUMAN_WITH_NON_HUMAN),
    ),
    template(
        "cr-bio-human-with-non-human-fr",
        Text("Entrée FR-Patient-avec-sujet-non-humain", "Entry FR-Patient-avec-sujet-non-humain"),
        oids.FR_HUMAN_WITH_NON_HUMAN,
        declares(oids.HUMAN_WITH_NON_HUMAN, official="content:E_humanPatientWithNonHumanSubject_fr 1.1"),
        example=ex.subject(oids.HUMAN_WITH_NON_HUMAN, oids.FR_HUMAN_WITH_NON_HUMAN),
    ),
)  # fmt: skip
