"""Acts, habits, family history, vital signs, devices.

Source: CI-SIS, Modèles de contenus CDA (FR-Acte, FR-Habitus-Mode-de-vie, FR-Antecedents-familiaux…); IHE PCC.
"""

from __future__ import annotations

from conformance.cda.content import oids
from conformance.cda.content.oids import ccd, fr_entry, pcc
from conformance.generation.chance import chance
from conformance.generation.nodes import Node, coded, el, null, original_text, status, templates, text_of
from conformance.generation.vsm import facts
from conformance.generation.vsm.pen import Item, Pen, bound, cell, related, row, shown
from conformance.terminology.code_systems import HL7_ADMINISTRATIVE_GENDER, LOINC, TA_ASIP


def draw_act(pen: Pen) -> Item:
    """An act that was done, for a reason perhaps."""
    act = pen.choose(facts.ACTS)
    when = pen.perhaps(0.9, lambda: pen.stamp(pen.day()))
    name = pen.ids.name("acte")
    entry = el(
        "procedure",
        templates(oids.PROCEDURE, ccd("29"), fr_entry("62")),
        pen.ids.id(),
        pen.concept("code", act, original_text(name)),
        text_of(name),
        status(),
        el("effectiveTime", value=when) if when else null("effectiveTime"),
        classCode="PROC",
        moodCode="EVN",
    )
    return Item(row(shown(when), cell(act[2], name)), el("entry", entry))


def no_act(pen: Pen, known: bool) -> Item:
    """No act, or none known of."""
    code, label = (
        ("no-known-procedures", "Pas d'acte ou intervention connu")
        if known
        else ("no-procedure-info", "Pas d'information sur les actes et interventions")
    )
    name = pen.ids.name("acte")
    entry = el(
        "procedure",
        templates(oids.PROCEDURE, ccd("29"), fr_entry("62")),
        null("id", "NA"),
        pen.concept("code", facts.absent(code, label), original_text(name)),
        text_of(name),
        status(),
        null("effectiveTime", "NA"),
        classCode="PROC",
        moodCode="EVN",
        negationInd="true" if known else None,
    )
    return Item(row("", cell(label, name)), el("entry", entry))


def _simple(pen: Pen, model: tuple[str, ...], name: str, code: Node, when: Node, value: Node) -> Node:
    return el(
        "observation",
        templates(oids.SIMPLE_OBSERVATION, *model),
        pen.ids.id(),
        code,
        text_of(name),
        status(),
        when,
        value,
        classCode="OBS",
        moodCode="EVN",
    )


def draw_habit(pen: Pen) -> Item:
    """A habit: counted, or told in words."""
    counted = chance(pen.random, 0.4)
    habit = facts.SMOKING if counted else pen.choose(facts.HABITS)
    name = pen.ids.name("habitude")
    if counted:
        packs = str(pen.random.randint(1, 40))
        told, value = f"{packs} paquets-année", el("value", xsi_type="PQ", value=packs, unit="{pack}/a")
    else:
        told = pen.choose(facts.HABIT_WORDS)
        value = el("value", told, xsi_type="ST")
    start = pen.day()
    when = el(
        "effectiveTime",
        bound("low", f"{start:%Y%m%d}"),
        pen.perhaps(0.3, lambda: bound("high", f"{pen.day(start):%Y%m%d}")),
    )
    unknown = pen.perhaps(0.2, lambda: null("effectiveTime"))
    model = (ccd("33"), pcc("4.13.4"), fr_entry("52"))
    entry = _simple(pen, model, name, pen.concept("code", habit), when if unknown is None else unknown, value)
    return Item(row(habit[2], cell(told, name)), el("entry", entry))


def draw_family(pen: Pen) -> Item:
    """A disease of a relative."""
    relation, sex = pen.choose(facts.RELATIVES)
    disease = pen.choose(facts.DISEASES)
    return _family(pen, disease, pen.concept("code", relation), relation[2], sex)


def no_family(pen: Pen, known: bool) -> Item:
    """No family history, or none known of."""
    code, label = (
        ("no-known-problems", "Pas de problème connu")
        if known
        else ("no-problem-info", "Pas d'information sur les problèmes")
    )
    return _family(pen, facts.absent(code, label), null("code"), "", None)


def _family(pen: Pen, disease: tuple[str, str, str], relation: Node, shown_relation: str, sex: str | None) -> Item:
    name = pen.ids.name("famille")
    who = None
    if sex and chance(pen.random, 0.6):
        label = {"F": "Féminin", "M": "Masculin"}[sex]
        who = el("subject", coded("administrativeGenderCode", sex, HL7_ADMINISTRATIVE_GENDER, label))
    told = _simple(
        pen,
        (ccd("22"), pcc("4.13.3"), fr_entry("51")),
        name,
        pen.concept("code", facts.KINDS_OF_PROBLEM[1]),
        null("effectiveTime", "UNK" if sex else "NA"),
        pen.concept("value", disease, original_text(name), xsi_type="CD"),
    )
    subject = el(
        "subject",
        templates(pcc("4.15.2"), fr_entry("60")),
        el("relatedSubject", relation, who, classCode="PRS"),
        typeCode="SBJ",
    )
    entry = el(
        "organizer",
        templates(ccd("23"), pcc("4.15"), fr_entry("59")),
        pen.ids.id(),
        status(),
        subject,
        el("component", told, typeCode="COMP"),
        classCode="CLUSTER",
        moodCode="EVN",
    )
    return Item(row(shown_relation, cell(disease[2], name)), el("entry", entry))


def draw_signs(pen: Pen) -> Item:
    """A group of vital signs of one day."""
    day = f"{pen.day():%Y%m%d}"
    lines: list[str] = []
    parts: list[Node] = []
    name = pen.ids.name("signes")
    for code, label, unit, low, high in pen.several(lambda: pen.choose(facts.SIGNS), 1, 4):
        value = str(pen.random.randint(low, high))
        lines.append(f"{label} : {value} {unit}")
        sign = _simple(pen, (ccd("31"), pcc("4.13.2")), name, coded("code", code, LOINC, label), el("effectiveTime", value=day),
                       el("value", xsi_type="PQ", value=value, unit=unit))  # fmt: skip
        parts.append(el("component", sign, typeCode="COMP"))
    entry = el(
        "organizer",
        templates(ccd("32"), ccd("35"), pcc("4.13.1"), fr_entry("49")),
        pen.ids.id(),
        coded("code", "85353-1", LOINC, "Signes vitaux"),
        status(),
        el("effectiveTime", value=day),
        parts,
        classCode="CLUSTER",
        moodCode="EVN",
    )
    return Item(row(shown(day), cell(" ; ".join(lines), name)), el("entry", entry))


def draw_device(pen: Pen) -> Item:
    """A medical device."""
    device = pen.choose(facts.DEVICES)
    day = f"{pen.day():%Y%m%d}"
    name = pen.ids.name("dispositif")
    playing = el(
        "playingDevice", pen.concept("code", device, original_text(name)), classCode="DEV", determinerCode="INSTANCE"
    )
    entry = el(
        "supply",
        templates(ccd("34"), fr_entry("20")),
        pen.ids.id(),
        text_of(name),
        el("effectiveTime", value=day),
        el("participant", el("participantRole", playing, classCode="MANU"), typeCode="DEV"),
        pen.perhaps(
            0.5,
            lambda: related(
                flag(pen, "13", "MED-574", "En rapport avec une Affection Longue Durée (ALD)", name, day), "COMP"
            ),
        ),
        classCode="SPLY",
        moodCode="EVN",
    )
    return Item(row(shown(day), cell(device[2], name)), el("entry", entry))


def flag(pen: Pen, number: str, code: str, label: str, name: str, day: str) -> Node:
    """A yes or a no beside a treatment or a device."""
    value = el("value", xsi_type="BL", value=pen.choose(("true", "false")))
    model = (fr_entry("48"), fr_entry(f"48.{number}"))
    return _simple(pen, model, name, coded("code", code, TA_ASIP, label), el("effectiveTime", value=day), value)
