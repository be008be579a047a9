"""A whole summary: which sections there are, which say nothing and in which of the three ways, the header.

Source: CI-SIS, Volet de synthèse médicale 1.4 / 2022.01 and 2023.01; reference « VSM », §1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from conformance.cda.content.oids import ccd, fr_section, pcc
from conformance.generation.chance import chance
from conformance.generation.header import Header, Numbering, document, entity, treating_doctor
from conformance.generation.nodes import PARIS, Child, Node, coded, el, templates, to_minute, to_second
from conformance.generation.people import PRACTICE, Patient, Professional, make_doctor, make_patient
from conformance.generation.vsm import facts, history, problems, treatments
from conformance.generation.vsm.pen import Item, Pen, cell, row
from conformance.identity.generate import make_oid
from conformance.terminology.code_systems import HL7_ROLE_CODE, LOINC, TRE_A05_DOCUMENT_TYPE

VERSIONS: Final = ("2022.01", "2023.01")
"""The versions of the volet; the template id carries the year."""
_DOCUMENTS: Final = "1.2.250.1.999.2"


@dataclass(frozen=True, slots=True)
class VsmSetting:
    """What surrounds the body of a summary."""

    patient: Patient
    doctor: Professional
    numbering: Numbering
    created: datetime
    version: str = "2022.01"
    device: tuple[str, str] | None = None
    trusted_person: bool = False


def make_vsm_setting(random: Random, patient: Patient | None = None, version: str | None = None) -> VsmSetting:
    """An invented doctor and their summary of ``patient`` (or of an invented one), on a day of 2024 or 2025."""
    root = make_oid(random, _DOCUMENTS)
    number = random.choice((1, 1, 1, 2, 5))
    start = datetime(2024, 1, 2, 8, tzinfo=PARIS) + timedelta(days=random.randint(0, 700))
    return VsmSetting(
        patient=patient or make_patient(random),
        doctor=make_doctor(random),
        numbering=Numbering(f"{root}.{number}", f"{root}.0", number, f"{root}.{number - 1}" if number > 1 else None),
        created=start + timedelta(seconds=random.randint(0, 36000)),
        version=version or random.choice(VERSIONS),
        device=("Éditions de l'Essai", "Cabinet Témoin 3") if random.random() < 0.3 else None,
        trusted_person=random.random() < 0.3,
    )


def draw_vsm(random: Random, setting: VsmSetting) -> bytes:
    """A summary: any section may hold items, a coded absence, words, or be left out where the volet lets it."""
    pen = Pen(random, setting.patient.born, setting.created.date(), setting.numbering.document_id)
    return document(_header(setting), el("component", _body(pen)))


# The body --------------------------------------------------------------------------------------------------

Absence = Callable[[Pen, bool], Item]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A section of entries: its models, code and label, headings, how an item and an absence are drawn."""

    models: tuple[str, ...]
    code: str
    label: str
    headings: tuple[str, ...]
    draw: Callable[[Pen], Item]
    absent: Absence | None = None


_PERIOD = ("Début", "Fin")
_HISTORY: Final = (
    _Kind((ccd("11"), pcc("3.6"), fr_section("132")), "11450-4", "Liste des problèmes actifs", (*_PERIOD, "Pathologie", "Statut", "Remarque"),
          lambda pen: problems.draw_problem(pen, past=False), problems.no_problem),
    _Kind((pcc("3.8"), fr_section("134")), "11348-0", "Antécédents médicaux", (*_PERIOD, "Antécédent", "Statut", "Remarque"),
          lambda pen: problems.draw_problem(pen, past=True), problems.no_problem),
    _Kind((ccd("12"), pcc("3.11"), pcc("3.12"), fr_section("136")), "47519-4", "Historique des actes", ("Date", "Acte"),
          history.draw_act, history.no_act),
    _Kind((ccd("2"), pcc("3.13"), fr_section("137")), "48765-2", "Allergies et hypersensibilités",
          (*_PERIOD, "Allergie", "Statut", "Réaction"), problems.draw_allergy, problems.no_allergy),
)  # fmt: skip
_RISKS: Final = (
    _Kind((ccd("15"), pcc("3.16"), pcc("3.16.1"), fr_section("141")), "29762-2", "Habitus, Mode de vie", ("Habitude", "Observation"),
          history.draw_habit),
    _Kind((ccd("4"), pcc("3.14"), pcc("3.15"), fr_section("139")), "10157-6", "Historique des pathologies familiales",
          ("Lien", "Antécédent"), history.draw_family, history.no_family),
)  # fmt: skip
_TREATMENTS: Final = _Kind((ccd("8"), pcc("3.19"), fr_section("143")), "10160-0", "Traitements", (*_PERIOD, "Médicament", "Posologie"),
                           treatments.draw_treatment, treatments.no_treatment)  # fmt: skip
_SIGNS: Final = _Kind(
    (ccd("16"), pcc("3.25"), pcc("1.5.3.2")), "8716-3", "Signes vitaux", ("Date", "Mesures"), history.draw_signs
)
_DEVICES: Final = _Kind(
    (pcc("1.5.3.5"), fr_section("1")), "46264-8", "Dispositifs médicaux", ("Date", "Dispositif"), history.draw_device
)


def _body(pen: Pen) -> Node:
    synthesis = _section(
        pen, (fr_section("29"),), "46612-8", "Conclusions de synthèse",
        _component(_container(pen, "30", "34117-2", "Historique et clinique", _HISTORY, None)),
        _component(_container(pen, "31", "57207-3", "Facteurs de risque", _RISKS, _work_risks)),
    )  # fmt: skip
    sections = [synthesis, _attention(pen), _plan(pen)]
    for kind in (_SIGNS, _DEVICES):
        if chance(pen.random, 0.25):
            sections.append(_filled(pen, kind))
    return el("structuredBody", [_component(section) for section in sections])


def _section(pen: Pen, models: tuple[str, ...], code: str, label: str, *inside: Child) -> Node:
    return el(
        "section", templates(*models), pen.ids.id(), coded("code", code, LOINC, label), el("title", label), *inside
    )


def _component(section: Node) -> Node:
    return el("component", section)


def _filled(pen: Pen, kind: _Kind) -> Node:
    return _told(pen, kind, pen.several(lambda: kind.draw(pen)))


def _told(pen: Pen, kind: _Kind, items: list[Item]) -> Node:
    return _section(
        pen, kind.models, kind.code, kind.label, _table(kind.headings, items), [item.entry for item in items]
    )


def _table(headings: tuple[str, ...], items: list[Item]) -> Node:
    head = el("thead", el("tr", [el("th", heading) for heading in headings]))
    return el("text", el("table", head, el("tbody", [item.row for item in items]), border="1"))


def _maybe(pen: Pen, kind: _Kind) -> Node | None:
    """Items, a coded absence, or nothing at all."""
    draw = pen.random.random()
    if draw < 0.25:
        return None
    if draw < 0.4 and kind.absent is not None:
        return _told(pen, kind, [kind.absent(pen, pen.choose((True, False)))])
    return _filled(pen, kind)


def _container(
    pen: Pen, number: str, code: str, label: str, kinds: tuple[_Kind, ...], other: Callable[[Pen], Node] | None
) -> Node:
    """A section of sections; its own text must be there when it holds none, and must not when it holds all."""
    held = [made for kind in kinds if (made := _maybe(pen, kind)) is not None]
    if other is not None and chance(pen.random, 0.5):
        held.append(other(pen))
    full = len(held) == len(kinds) + (other is not None)
    words = None if full else el("text", "Rien à signaler." if not held else "Les autres rubriques sont sans objet.")
    return _section(pen, (fr_section(number),), code, label, words, [_component(section) for section in held])


def _in_words(pen: Pen, models: tuple[str, ...], code: str, label: str, choices: tuple[str, ...]) -> Node:
    items = [Item(row(cell(pen.choose(choices), pen.ids.name("note"))), None) for _ in range(pen.random.randint(1, 3))]
    return _section(pen, models, code, label, _table((label,), items))


def _work_risks(pen: Pen) -> Node:
    return _in_words(
        pen, (pcc("1.5.3.1"), fr_section("74")), "10161-8", "Facteurs de risques professionnels", facts.RISKS
    )


def _attention(pen: Pen) -> Node:
    return _in_words(pen, (pcc("3.27"), fr_section("150")), "30954-2", "Résultats d'examens", facts.ATTENTION)


def _plan(pen: Pen) -> Node:
    held = _maybe(pen, _TREATMENTS)
    inside: Child = el("text", "Pas de traitement au long cours.") if held is None else _component(held)
    return _section(pen, (fr_section("32"),), "18776-5", "Plan de traitement", inside)


# The header ------------------------------------------------------------------------------------------------


def _header(setting: VsmSetting) -> Header:
    doctor, created = setting.doctor, setting.created
    event = el(
        "serviceEvent",
        coded("code", "34117-2", LOINC, "Historique et clinique"),
        el("effectiveTime", el("low", value=to_minute(created))),
        el("performer", entity(doctor), typeCode="PRF"),
    )
    return Header(
        models=(("1.2.250.1.213.1.1.1.13", setting.version),),
        type=("SYNTH", TRE_A05_DOCUMENT_TYPE, "Synthèse"),
        title="Synthèse médicale",
        numbering=setting.numbering,
        created=created,
        patient=setting.patient,
        author=doctor,
        author_function=("PCP", "Médecin traitant"),
        custodian=doctor.structure,
        signer=doctor,
        facility=PRACTICE,
        device=setting.device,
        informants=(_trusted_person(setting),) if setting.trusted_person else (),
        participants=(treating_doctor(doctor),),
        events=(el("documentationOf", event),),
        encounter=(el("effectiveTime", el("low", value=to_second(created))),),
    )


def _trusted_person(setting: VsmSetting) -> Node:
    """The person whom the patient trusts: of the same family name."""
    name = el("name", el("given", "Camille"), el("family", setting.patient.identity.traits.birth_name))
    person = el(
        "relatedEntity",
        coded("code", "SIS", HL7_ROLE_CODE, "Sœur"),
        el("telecom", value="tel:0639980001", use="MC"),
        el("relatedPerson", name),
        classCode="NOK",
    )
    return el("informant", person)
