"""The people of a laboratory report: executing laboratory, biologists, prescriber, sampler; the collection."""

from __future__ import annotations

from datetime import datetime

from conformance.cda.biology import oids
from conformance.cda.content.oids import fr_entry
from conformance.generation.header import address, entity, person_name, professional, telecom
from conformance.generation.lab.setting import LabSetting
from conformance.generation.nodes import Ids, Node, coded, el, templates, to_minute, to_second
from conformance.generation.people import Professional
from conformance.identity.professional import PS_ROOT
from conformance.terminology.code_systems import HL7_SPECIMEN_TYPE, NABM, TRE_FUNCTION

_PRESCRIBER = "1.3.6.1.4.1.19376.1.3.3.1.6"


def executing_laboratory(biologist: Professional, moment: datetime, *, body: bool = False) -> Node:
    """The laboratory that did the work, by the biologist who answers for it."""
    time = el("time", value=to_minute(moment)) if body else el("time", el("high", value=to_second(moment)))
    return el("performer", templates(oids.LABORATORY, oids.FR_LABORATORY), time, entity(biologist), typeCode="PRF")


def validator(biologist: Professional, moment: datetime) -> Node:
    """The biologist who validated the report."""
    return el(
        "authenticator",
        templates(oids.VALIDATOR),
        el("time", value=to_second(moment)),
        el("signatureCode", code="S"),
        entity(biologist),
    )


def authentication(biologist: Professional, moment: datetime) -> Node:
    """The biologist who validated one chapter."""
    structure = biologist.structure
    role = el(
        "participantRole",
        el("id", root=PS_ROOT, extension=biologist.national_id),
        address(structure.address),
        telecom(structure.telephone, "WP"),
        el("playingEntity", person_name(biologist)),
    )
    time = el("time", el("high", value=to_minute(moment)))
    return el("participant", templates(oids.VALIDATOR, fr_entry("109")), time, role, typeCode="AUTHEN")


def prescriber(setting: LabSetting) -> Node:
    """Who ordered the report, and when."""
    inside = professional(setting.prescriber, "associatedPerson", "scopingOrganization")
    time = el("time", el("high", value=f"{setting.ordered:%Y%m%d}"), xsi_type="IVL_TS")
    return el(
        "participant", templates(_PRESCRIBER), time, el("associatedEntity", inside, classCode="PROV"), typeCode="REF"
    )


def sampler(setting: LabSetting) -> Node:
    """Who took the specimen."""
    inside = professional(setting.sampler, "associatedPerson", "scopingOrganization")
    return el(
        "participant",
        coded("functionCode", "PRELV", TRE_FUNCTION, "Préleveur"),
        el("time", el("high", value=to_minute(setting.collected)), xsi_type="IVL_TS"),
        el("associatedEntity", inside, classCode="PROV"),
        typeCode="PRF",
    )


def collection(setting: LabSetting, ids: Ids, chapter: str) -> Node:
    """The collection of the specimen and its reception."""
    urine = chapter == "Microbiologie"
    code, label = ("9105", "Recueil d'urines") if urine else ("9050", "Ponction veineuse")
    kind, kind_label = ("UR", "Urine") if urine else ("BLD", "Sang")
    specimen = el("playingEntity", coded("code", kind, HL7_SPECIMEN_TYPE, kind_label))
    received = el(
        "act",
        templates(oids.RECEPTION, oids.FR_RECEPTION),
        coded("code", "SPRECEIVE", oids.RECEPTION_SYSTEM, "Date et heure de réception"),
        el("effectiveTime", value=to_minute(setting.collected)),
        classCode="ACT",
        moodCode="EVN",
    )
    return el(
        "procedure",
        templates(oids.COLLECTION, oids.FR_COLLECTION),
        coded("code", code, NABM, label),
        el("effectiveTime", el("high", value=to_minute(setting.collected))),
        el("performer", entity(setting.sampler)),
        el("participant", el("participantRole", ids.id(), specimen, classCode="SPEC"), typeCode="PRD"),
        el("entryRelationship", received, typeCode="COMP"),
        classCode="PROC",
        moodCode="EVN",
    )
