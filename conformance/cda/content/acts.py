"""Acts done or planned (FR-Acte).

Source: IHE PCC TF-2 §6.3.4.33; CI-SIS, Modèles de contenus CDA, entrée FR-Acte.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from conformance.cda.constraints import Rule, at_most_one, declares, exactly_one, fixed, one_of, required
from conformance.cda.content import examples as ex
from conformance.cda.content.entries import entry, narrative_link
from conformance.cda.content.kinds import FOREIGN, NEVER_ENFORCED, named
from conformance.cda.content.oids import PROCEDURE, ccd, fr_entry
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation, carries
from conformance.core.findings import Severity
from conformance.core.language import Text

_DONE, _PLANNED = ccd("29"), ccd("25")
_PARENTS = {"EVN": _DONE, "INT": _PLANNED}


def _mood_and_parent(node: etree._Element, context: Context) -> Iterator[Violation]:
    parent = _PARENTS.get(node.get("moodCode", ""))
    if parent is not None and not carries(node, parent):
        yield Violation(node, Text(f"il manque {parent}", f"{parent} is missing"))


def _drop_parent(node: etree._Element) -> None:
    parent = _PARENTS[node.get("moodCode", "")]
    for declared in node.iterchildren(h("templateId")):
        if declared.get("root") == parent:
            declared.set("root", FOREIGN)


def _no_date(node: etree._Element, context: Context) -> Iterator[Violation]:
    if not any(path(name).elements(node) for name in ("effectiveTime", "priorityCode")):
        yield Violation(node, Text("il n'y a ni l'un ni l'autre", "there is neither"))


def _drop_date(node: etree._Element) -> None:
    for name in ("effectiveTime", "priorityCode"):
        for element in path(name).elements(node):
            node.remove(element)


ACTS: tuple[Template, ...] = (
    entry(
        "act", Text("Acte", "Act"), PROCEDURE,
        named("procedure", official="ihe:E_procedureEntry_int #1"),
        fixed("@classCode", "PROC", official="ihe:E_procedureEntry_int #1"),
        one_of("@moodCode", "EVN", "INT", official="ihe:E_procedureEntry_int #2",
               hint=Text("EVN pour un acte fait, INT pour un acte prévu.", "EVN for an act done, INT for a planned one.")),
        Rule(
            asks=Text(f"le templateId {_DONE} (EVN) ou {_PLANNED} (INT) doit être déclaré aussi",
                      f"the templateId {_DONE} (EVN) or {_PLANNED} (INT) must be declared too"),
            test=_mood_and_parent, break_it=_drop_parent, key="templates.mood",
            official="ihe:E_procedureEntry_int #2-3 · content:E_acte_fr #1",
        ),
        declares(fr_entry("62"), official="content:E_acte_fr #1"),
        required("id", official="ihe:E_procedureEntry_int #4"),
        exactly_one("code", official="ihe:E_procedureEntry_int #5 · content:E_acte_fr #2"),
        at_most_one("text", official="content:E_acte_fr #3"),
        narrative_link("ihe:E_procedureEntry_int #6"),
        at_most_one("statusCode", official="content:E_acte_fr #4"),
        one_of("statusCode/@code", "completed", "active", "aborted", "cancelled", official="ihe:E_procedureEntry_int #7"),
        Rule(
            asks=Text("un acte prévu (moodCode=INT) doit porter effectiveTime ou priorityCode",
                      "a planned act (moodCode=INT) must have effectiveTime or priorityCode"),
            test=_no_date, break_it=_drop_date, key="planned.date",
            when=lambda node: node.get("moodCode") == "INT", official="ihe:E_procedureEntry_int #8",
        ),
        at_most_one("targetSiteCode", official="content:E_acte_fr #5", severity=Severity.WARNING, beyond=NEVER_ENFORCED),
        example=ex.procedure("acte-1") + ex.procedure("acte-2", mood="INT"),
    ),
)  # fmt: skip
