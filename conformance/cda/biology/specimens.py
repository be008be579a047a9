"""How a specimen was taken, what it is, when the laboratory received it.

Source: IHE PaLM, Specimen Collection and Specimen Received; CI-SIS, entrées FR-Prelevement,
FR-Echantillon-date-reception.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.kinds import said
from conformance.cda.biology.making import french, template
from conformance.cda.coding import NULL_FLAVORS, coded
from conformance.cda.constraints import Rule, at_most_one, exactly_one, required
from conformance.cda.content.kinds import act_class, match, named
from conformance.cda.content.relations import at_most_one_held
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text

_IHE: Final = "ihe:E_specimenCollection_int "
_VOLET: Final = "volet:E_FR-Prelevement "


def _produced(node: etree._Element, context: Context) -> Iterator[Violation]:
    """A participant PRD whose role is the specimen."""
    participants = path("participant").elements(node)
    for participant in participants:
        role = participant.find(h("participantRole"))
        if participant.get("typeCode") == "PRD" and role is not None and role.get("classCode") == "SPEC":
            return
    if not participants:
        return  # the count says it already
    role = participants[0].find(h("participantRole"))
    if participants[0].get("typeCode") != "PRD":
        yield Violation(participants[0], said("typeCode", participants[0].get("typeCode")), "typeCode")
    elif role is None:
        yield Violation(participants[0], Text("il manque participantRole", "participantRole is missing"))
    else:
        yield Violation(role, said("classCode", role.get("classCode")), "classCode")


def _not_produced(node: etree._Element) -> None:
    for participant in path("participant").elements(node):
        participant.set("typeCode", "CSM")


def _received(node: etree._Element, context: Context) -> Iterator[Violation]:
    """If acts with the code SPRECEIVE hang on the collection, one has the code system and a time value."""
    first: Violation | None = None
    for act in path("entryRelationship/act").elements(node):
        code = act.find(h("code"))
        if code is None or code.get("code") != "SPRECEIVE":
            continue
        times = [time for time in act.iterchildren(h("effectiveTime")) if time.get("value") is not None]
        if code.get("codeSystem") != oids.RECEPTION_SYSTEM:
            first = first or Violation(code, said("codeSystem", code.get("codeSystem")), "codeSystem")
        elif not times:
            time = act.find(h("effectiveTime"))
            if time is not None:  # its absence is a rule of the reception itself
                first = first or Violation(
                    time, Text("il manque effectiveTime/@value", "effectiveTime/@value is missing")
                )
            else:
                return
        else:
            return
    if first is not None:
        yield first


def _wrong_system(node: etree._Element) -> None:
    for code in path("entryRelationship/act/code").elements(node):
        code.set("codeSystem", "1.2.3.4.5.6")


SPECIMENS: Final[tuple[Template, ...]] = (
    template(
        "cr-bio-collection", Text("Entrée FR-Prelevement", "Entry FR-Prelevement"), oids.COLLECTION,
        named("procedure", official=_IHE + "1.1"),
        *act_class("PROC", "EVN", official=_IHE + "1.1"),
        required("effectiveTime", official=_IHE + "1.2"),
        at_most_one("targetSiteCode", official=_IHE + "1.3"),
        at_most_one("performer", official=_IHE + "1.4"),
        exactly_one("participant", official=_IHE + "1.5", hint=Text(
            "Un second matériel ou un second échantillon demande un second prélèvement.",
            "A second device or specimen needs a second collection.")),
        exactly_one("participant/participantRole/id", official=_IHE + "1.6",
                    when=lambda node: len(path("participant/participantRole").elements(node)) == 1),
        at_most_one_held("entryRelationship[@typeCode='COMP']/act", oids.RECEPTION,
                         Text("l'acte de réception", "the act of reception"), official=_IHE + "1.7"),
        Rule(
            asks=Text("un participant PRD doit avoir pour rôle l'échantillon prélevé (SPEC)",
                      "a participant PRD must have the specimen taken as its role (SPEC)"),
            test=_produced, break_it=_not_produced, key="specimen", official=_VOLET + "1.1",
        ),
        Rule(
            asks=Text(f"l'acte de réception SPRECEIVE doit avoir le système {oids.RECEPTION_SYSTEM} et une date",
                      f"the act of reception SPRECEIVE must have the system {oids.RECEPTION_SYSTEM} and a date"),
            test=_received, break_it=_wrong_system, key="reception", official=_VOLET + "1.2-1.3",
            hint=Text("La règle publiée écrit 1.3.5 ; l'arc enregistré est 1.3.6, mais il serait refusé.",
                      "The published rule writes 1.3.5; the registered arc is 1.3.6, but it would be rejected."),
        ),
        french(oids.FR_COLLECTION),
        example=ex.collection(),
    ),
    template(
        "cr-bio-specimen-type", Text("Nature de l'échantillon", "Nature of the specimen"), oids.FR_COLLECTION,
        coded("participant/participantRole/playingEntity/code", oids.SPECIMEN_TYPES, null_flavors=NULL_FLAVORS,
              official="content:JDV_specimenType"),
        element="procedure", example=ex.collection(),
    ),
    template(
        "cr-bio-reception", Text("Entrée FR-Echantillon-date-reception", "Entry FR-Echantillon-date-reception"),
        oids.RECEPTION,
        named("act", official="ihe:E_specimenReceived_int 1.1"),
        *act_class("ACT", "EVN", official="ihe:E_specimenReceived_int 1.1"),
        match("code", most=1, code="SPRECEIVE", official="ihe:E_specimenReceived_int 1.2"),
        required("effectiveTime", official="ihe:E_specimenReceived_int 1.3"),
        french(oids.FR_RECEPTION),
        example=ex.reception(),
    ),
)  # fmt: skip
