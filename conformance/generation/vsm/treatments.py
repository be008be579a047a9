"""Long-term treatments: product, duration, frequency, dose, instructions, prescription, flags.

Source: CI-SIS, Modèles de contenus CDA (FR-Traitement, FR-Produit-de-sante, FR-Prescription…); IHE PCC.
"""

from __future__ import annotations

from conformance.cda.content import oids
from conformance.cda.content.oids import ccd, fr_entry, pcc, pharm
from conformance.generation.nodes import Node, coded, el, null, original_text, status, templates, text_of
from conformance.generation.vsm import facts
from conformance.generation.vsm.history import flag
from conformance.generation.vsm.pen import Concept, Item, Pen, bound, cell, related, row, shown
from conformance.terminology.code_systems import EDQM, HL7_ACT_CODE, IHE_ACT_CODE


def draw_treatment(pen: Pen) -> Item:
    """A treatment, coded or told in words."""
    product = pen.perhaps(0.8, lambda: pen.choose(facts.PRODUCTS))
    label = product[2] if product else "Préparation magistrale, gélule"
    name, dosage_name = pen.ids.name("traitement"), pen.ids.name("posologie")
    dosage = pen.perhaps(0.7, lambda: pen.choose(facts.DOSAGES))
    start = pen.day()
    day = f"{start:%Y%m%d}"
    high = pen.perhaps(0.3, lambda: f"{pen.day(start):%Y%m%d}")
    duration = el("effectiveTime", bound("low", day), bound("high", high), xsi_type="IVL_TS")
    frequency = pen.perhaps(
        0.4, lambda: el("effectiveTime", el("period", value="1", unit="d"), xsi_type="PIVL_TS", operator="A")
    )
    inside = (
        related(_instruction(dosage_name), "SUBJ", "true") if dosage else None,
        pen.perhaps(0.3, lambda: related(_prescription(pen), "REFR")),
        pen.perhaps(0.2, lambda: related(flag(pen, "12", "GEN-179", "Hors AMM", name, day), "COMP")),
        pen.perhaps(0.2, lambda: related(flag(pen, "15", "GEN-181", "Non remboursable", name, day), "COMP")),
        pen.perhaps(0.2, lambda: related(_renewal(), "COMP")),
    )
    entry = _administration(
        pen,
        coded("code", "DRUG", HL7_ACT_CODE, "Médicament"),
        name,
        (duration, frequency),
        (
            pen.perhaps(0.4, lambda: coded("routeCode", "20053000", EDQM, "Voie orale")),
            pen.perhaps(0.4, lambda: el("doseQuantity", el("low", value="1"), el("high", value="2"))),
        ),
        _material(product, label, name),
        inside,
    )
    told = cell(dosage, dosage_name) if dosage else ""
    return Item(row(shown(day), shown(high), cell(label, name), told), el("entry", entry, typeCode="DRIV"))


def no_treatment(pen: Pen, known: bool) -> Item:
    """No treatment, or none known of."""
    code, label = (
        ("no-known-medications", "Pas de traitement médicamenteux connu")
        if known
        else ("no-medication-info", "Pas d'information sur les traitements médicamenteux")
    )
    name = pen.ids.name("traitement")
    entry = _administration(
        pen,
        pen.concept("code", facts.absent(code, label), original_text(name)),
        name,
        (el("effectiveTime", null("low", "NA"), null("high", "NA"), xsi_type="IVL_TS"),),
        (),
        (null("code", "NA"), null("name", "NA")),
        (),
    )
    return Item(row("", "", cell(label, name), ""), el("entry", entry, typeCode="DRIV"))


def _administration(
    pen: Pen,
    code: Node,
    name: str,
    times: tuple[Node | None, ...],
    doses: tuple[Node | None, ...],
    material: tuple[Node, Node],
    inside: tuple[Node | None, ...],
) -> Node:
    product = el(
        "manufacturedProduct", templates(ccd("53"), oids.PRODUCT, fr_entry("43")), el("manufacturedMaterial", *material)
    )
    return el(
        "substanceAdministration",
        templates(ccd("24"), oids.TREATMENT, fr_entry("42"), pcc("4.7.1")),
        pen.ids.id(),
        code,
        text_of(name),
        status(),
        *times,
        *doses,
        el("consumable", product),
        *inside,
        classCode="SBADM",
        moodCode="EVN",
    )


def _material(product: Concept | None, label: str, name: str) -> tuple[Node, Node]:
    if product is None:
        return el("code", original_text(name), nullFlavor="OTH"), el("name", label)
    code, system, said = product
    return coded("code", code, system, said, original_text(name)), el("name", label)


def _instruction(name: str) -> Node:
    return el(
        "act",
        templates(ccd("49"), pcc("4.3"), fr_entry("33")),
        coded("code", "PINSTRUCT", IHE_ACT_CODE, "Instruction au patient"),
        text_of(name),
        status(),
        classCode="ACT",
        moodCode="INT",
    )


def _prescription(pen: Pen) -> Node:
    return el(
        "supply",
        templates(ccd("34"), pcc("4.7.3"), fr_entry("44")),
        pen.ids.id(),
        el("quantity", value=str(pen.random.randint(1, 3)), unit="{boite}"),
        classCode="SPLY",
        moodCode="INT",
    )


def _renewal() -> Node:
    period = el("effectiveTime", el("width", value="3", unit="mo"), xsi_type="IVL_TS")
    return el("supply", templates(pharm("15"), fr_entry("88")), period, classCode="SPLY", moodCode="RQO")
