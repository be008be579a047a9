"""The header of a laboratory report: main and secondary acts, biologists, prescriber, sampler, order, encounter."""

from __future__ import annotations

from conformance.cda.biology import oids
from conformance.cda.lab.model import LabReport
from conformance.generation.header import Header, entity, recipient, treating_doctor
from conformance.generation.lab.analyses import CHAPTERS, OTHER_CHAPTER
from conformance.generation.lab.people import executing_laboratory, prescriber, sampler, validator
from conformance.generation.lab.setting import DOCUMENTS, LabSetting
from conformance.generation.nodes import Node, coded, el, to_minute, to_second
from conformance.generation.people import LABORATORY
from conformance.terminology.code_systems import HL7_ACT_CODE, LOINC

_RECIPIENT = "1.3.6.1.4.1.19376.1.3.3.1.4"


def lab_header(report: LabReport, setting: LabSetting) -> Header:
    """What the header says."""
    return Header(
        models=((oids.ROOT_REPORT, None), (oids.FR_REPORT, "2024.01")),
        type=("11502-2", LOINC, "CR d'examens biologiques"),
        title="Compte rendu d'examens biologiques",
        numbering=setting.numbering,
        created=setting.created,
        patient=setting.patient,
        author=setting.biologist,
        custodian=setting.laboratory,
        signer=setting.biologist,
        facility=LABORATORY,
        device=setting.device,
        events=tuple(_events(report, setting)),
        encounter=(_encounter(setting),),
        recipients=(recipient(setting.prescriber, _RECIPIENT),) if setting.recipient else (),
        authenticators=(validator(setting.biologist, setting.created),),
        participants=(
            prescriber(setting),
            sampler(setting),
            *((treating_doctor(setting.prescriber),) if setting.treating_doctor else ()),
        ),
        orders=(el("inFulfillmentOf", el("order", el("id", root=DOCUMENTS, extension=setting.order_number))),),
    )


def _events(report: LabReport, setting: LabSetting) -> list[Node]:
    """The main act, with its status, then one act per other chapter."""
    chapters = list(dict.fromkeys(one.chapter for one in report.results)) or ["Biochimie"]
    codes = [(CHAPTERS.get(chapter, OTHER_CHAPTER), chapter) for chapter in chapters]
    time = el(
        "effectiveTime", el("low", value=to_second(setting.collected)), el("high", value=to_second(setting.created))
    )
    main = el(
        "serviceEvent",
        el("id", root=DOCUMENTS, extension=f"{setting.order_number}.1"),
        coded("code", codes[0][0], LOINC, codes[0][1]),
        el("lab:statusCode", code="active" if report.final is False else "completed"),
        time,
        executing_laboratory(setting.biologist, setting.created),
    )
    others = [el("serviceEvent", coded("code", code, LOINC, label)) for code, label in codes[1:]]
    return [el("documentationOf", event) for event in (main, *others)]


def _encounter(setting: LabSetting) -> list[Node]:
    return [
        coded("code", "AMB", HL7_ACT_CODE, "Ambulatoire (hors établissement)"),
        el("effectiveTime", el("low", value=to_minute(setting.collected))),
        el("responsibleParty", entity(setting.biologist)),
    ]
