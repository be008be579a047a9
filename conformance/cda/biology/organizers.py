"""Batteries of results and isolates (germs with their count and antibiogram).

Source: IHE PaLM, Laboratory Battery Organizer and Laboratory Isolate Organizer; CI-SIS, entrées
FR-Batterie-examens-de-biologie-medicale, FR-Isolat-microbiologique.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.kinds import narrower
from conformance.cda.biology.making import french, template
from conformance.cda.constraints import Rule, at_most_one, declares, required
from conformance.cda.content.kinds import act_class, match, named
from conformance.cda.content.oids import SNOMED_CT
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text

_BATTERY: Final = "ihe:E_laboratoryBatteryOrganizer_int 1.{} · volet:E_FR-Batterie-examens-de-biologie-medicale 1.1"
_ISOLATE: Final = "ihe:E_laboratoryIsolateOrganizer_int {} · volet:E_FR-Isolat-microbiologique {}"
_GERM: Final = path("specimen/specimenRole/specimenPlayingEntity/code")


def _translations(code: etree._Element) -> list[str | None]:
    return [one.get("codeSystem") for one in code.iterchildren(h("translation"))]


def _identified(code: etree._Element) -> bool:
    """SNOMED CT; or no code and NCBI in a translation; or only the words of the narrative."""
    if code.get("codeSystem") == SNOMED_CT:
        return True
    is_coded = code.get("code") is not None and code.get("codeSystem") is not None
    if not is_coded and oids.NCBI in _translations(code):
        return True
    return not (is_coded and _translations(code)) and code.find(h("originalText")) is not None


def _germ(node: etree._Element, context: Context) -> Iterator[Violation]:
    for code in _GERM.elements(node):
        if not _identified(code):
            system = code.get("codeSystem")
            yield Violation(code, Text(f"trouvé le système « {system} »", f"found the system “{system}”")
                            if system else Text("le germe n'est pas identifié", "the germ is not identified"))  # fmt: skip


def _other_system(node: etree._Element) -> None:
    for code in _GERM.elements(node):
        code.set("codeSystem", "1.2.3.4.5.6")


def _taxonomy(node: etree._Element, context: Context) -> Iterator[Violation]:
    for code in _GERM.elements(node):
        systems = _translations(code)
        if systems and oids.NCBI not in systems:
            yield Violation(code, Text(f"trouvé « {systems[0]} »", f"found “{systems[0]}”"))


def _other_taxonomy(node: etree._Element) -> None:
    for code in _GERM.elements(node):
        for one in code.iterchildren(h("translation")):
            one.set("codeSystem", "1.2.3.4.5.6")


_STATUSES: Final = ("completed", "active", "aborted")
_ROLE: Final = "specimen/specimenRole"
_HAS_SPECIMEN: Final = path("specimen")
_HAS_ROLE: Final = path(_ROLE)
_HAS_ENTITY: Final = path(_ROLE + "/specimenPlayingEntity")

ORGANIZERS: Final[tuple[Template, ...]] = (
    template(
        "cr-bio-battery",
        Text("Entrée FR-Batterie-examens-de-biologie-medicale", "Entry FR-Batterie-examens-de-biologie-medicale"),
        oids.BATTERY,
        named("organizer", official="volet:E_FR-Batterie-examens-de-biologie-medicale 1.1"),
        *act_class("BATTERY", "EVN", official=_BATTERY.format(1)),
        at_most_one("id", official="ihe:E_laboratoryBatteryOrganizer_int 1.2"),
        match("statusCode", code=(*_STATUSES, "obsolete"), official="ihe:E_laboratoryBatteryOrganizer_int 1.3"),
        narrower("statusCode", _STATUSES, ("obsolete",), official="volet:E_FR-Batterie-examens-de-biologie-medicale 1.2"),
        french(oids.FR_BATTERY),
        example=ex.battery(ex.result("r1")),
    ),
    template(
        "cr-bio-isolate", Text("Entrée FR-Isolat-microbiologique", "Entry FR-Isolat-microbiologique"), oids.ISOLATE,
        named("organizer", official=_ISOLATE.format("1.1", "1.1")),
        *act_class("CLUSTER", "EVN", official=_ISOLATE.format("1.1", "1.1")),
        match("statusCode", code=_STATUSES, official=_ISOLATE.format("1.2", "1.2")),
        match("specimen", typeCode="SPC", official=_ISOLATE.format("2.1", "1.3")),
        match(_ROLE, classCode="SPEC", official=_ISOLATE.format("2.2", "1.4"),
              when=lambda node: bool(_HAS_SPECIMEN.elements(node))),
        match(_ROLE + "/specimenPlayingEntity", classCode="MIC", official=_ISOLATE.format("2.3", "1.5"),
              when=lambda node: bool(_HAS_ROLE.elements(node))),
        required(_ROLE + "/specimenPlayingEntity/code", official=_ISOLATE.format("2.4", "1.6"),
                 when=lambda node: bool(_HAS_ENTITY.elements(node))),
        Rule(
            asks=Text("le germe doit être codé en SNOMED CT ; sinon, sans code, en NCBI-Taxonomy dans translation, "
                      "ou désigné par originalText",
                      "the germ must be coded in SNOMED CT; else, without code, in NCBI-Taxonomy in translation, "
                      "or named by originalText"),
            test=_germ, break_it=_other_system, key="germ", official="ihe:E_laboratoryIsolateOrganizer_int 2.4",
        ),
        Rule(
            asks=Text("les traductions du code du germe doivent comporter NCBI-Taxonomy",
                      "the translations of the germ's code must include NCBI-Taxonomy"),
            test=_taxonomy, break_it=_other_taxonomy, key="germ-taxonomy",
            official="ihe:E_laboratoryIsolateOrganizer_int 2.5",
        ),
        match("performer", optional=True, typeCode="PRF", official="volet:E_FR-Isolat-microbiologique 1.7"),
        french(oids.FR_ISOLATE),
        example=ex.isolate(ex.result("r1"), ex.battery(ex.result("r2"))),
    ),
    template(
        "cr-bio-isolate-fr", Text("Entrée FR-Isolat-microbiologique", "Entry FR-Isolat-microbiologique"),
        oids.FR_ISOLATE,
        declares(oids.ISOLATE, official="content:E_isolatMicrobiologique_fr 1.1"),
        example=ex.isolate(ex.result("r1")),
    ),
)  # fmt: skip
