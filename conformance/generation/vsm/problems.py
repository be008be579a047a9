"""Problems and allergies: the list that follows them, status, severity, certainty, reactions, comment.

Source: CI-SIS, Modèles de contenus CDA (FR-Liste-des-problemes, FR-Probleme, FR-Liste-des-allergies…); IHE PCC.
"""

from __future__ import annotations

from conformance.cda.content import oids
from conformance.cda.content.oids import ccd, fr_entry
from conformance.generation.chance import chance
from conformance.generation.nodes import Node, coded, el, null, original_text, status, templates, text_of
from conformance.generation.vsm import facts
from conformance.generation.vsm.pen import Concept, Item, Pen, bound, cell, related, row, shown
from conformance.terminology.code_systems import CIS, HL7_ACT_CODE, LOINC


def concern(pen: Pen, model: str, french: str, state: str, period: tuple[Node, ...], problem: Node) -> Node:
    """The list that follows one problem or allergy."""
    return el(
        "act",
        templates(ccd("27"), oids.CONCERN, model, fr_entry(french)),
        pen.ids.id(),
        null("code", "NA"),
        status(state),
        el("effectiveTime", *period),
        related(problem, "SUBJ"),
        classCode="ACT",
        moodCode="EVN",
    )


def draw_problem(pen: Pen, *, past: bool) -> Item:
    """A problem, going on or over."""
    disease = pen.choose(facts.DISEASES)
    start = pen.day()
    low = pen.perhaps(0.85, lambda: pen.stamp(start))
    high = pen.stamp(pen.day(start)) if past else None
    if low and high and high < low[: len(high)]:
        high = low
    name = pen.ids.name("probleme")
    remark = pen.perhaps(0.3, lambda: pen.choose(facts.REMARKS))
    remark_name = pen.ids.name("commentaire")
    state = pen.choose(facts.ENDED if past else facts.ONGOING)
    state_name = pen.ids.name("statut")
    inside = (
        pen.perhaps(0.3, lambda: related(_severity(pen, name), "SUBJ", "true")),
        pen.perhaps(0.3, lambda: related(_certainty(pen, low), "SUBJ", "true")),
        pen.perhaps(0.7, lambda: related(clinical_status(pen, state, state_name), "REFR")),
        pen.perhaps(0.2, lambda: related(_health(pen, state_name), "REFR")),
        related(_comment(remark_name), "SUBJ", "true") if remark else None,
    )
    observation = el(
        "observation",
        templates(ccd("28"), oids.PROBLEM, fr_entry("37")),
        pen.ids.id(),
        pen.concept("code", pen.choose(facts.KINDS_OF_PROBLEM)),
        text_of(name),
        status(),
        el("effectiveTime", bound("low", low), el("high", value=high) if high else None),
        pen.concept("value", disease, original_text(name), xsi_type="CD"),
        inside,
        classCode="OBS",
        moodCode="EVN",
        negationInd="false",
    )
    whole = (bound("low", low), *((bound("high", high),) if past else ()))
    entry = concern(pen, oids.PROBLEM_LIST, "39", "completed" if past else "active", whole, observation)
    told = cell(remark, remark_name) if remark else ""
    return Item(
        row(shown(low), shown(high), cell(disease[2], name), cell(state[2], state_name), told), el("entry", entry)
    )


def no_problem(pen: Pen, known: bool) -> Item:
    """Nothing to tell, or nothing known."""
    code, label = (
        ("no-known-problems", "Pas de problème connu")
        if known
        else ("no-problem-info", "Pas d'information sur les problèmes")
    )
    name = pen.ids.name("probleme")
    observation = el(
        "observation",
        templates(ccd("28"), oids.PROBLEM, fr_entry("37")),
        pen.ids.id(),
        pen.concept("code", facts.KINDS_OF_PROBLEM[1]),
        text_of(name),
        status(),
        el("effectiveTime", null("low")),
        pen.concept("value", facts.absent(code, label), original_text(name), xsi_type="CD"),
        classCode="OBS",
        moodCode="EVN",
        negationInd="true" if known else None,
    )
    entry = concern(pen, oids.PROBLEM_LIST, "39", "completed", (null("low"), null("high")), observation)
    return Item(row("", "", cell(label, name), "", ""), el("entry", entry))


def draw_allergy(pen: Pen) -> Item:
    """An allergy with its agent, its reactions, its severity."""
    kind = pen.choose(facts.ALLERGIES)
    medicine = kind[0] in ("416098002", "59037007")
    product = pen.choose(facts.PRODUCTS)
    agent = product[2] if medicine else pen.choose(facts.AGENTS)
    over = chance(pen.random, 0.25)
    start = pen.day()
    low = pen.perhaps(0.7, lambda: f"{start:%Y%m%d}")
    high = f"{pen.day(start):%Y%m%d}" if over else None
    name, state_name, reaction_name = pen.ids.name("allergie"), pen.ids.name("statut"), pen.ids.name("reaction")
    state = facts.ALLERGY_RESOLVED if over else facts.ALLERGY_ACTIVE
    reaction = pen.perhaps(0.5, lambda: pen.choose(facts.REACTIONS))
    inside = (
        related(_reaction(pen, reaction, reaction_name), "MFST", "true") if reaction else None,
        pen.perhaps(0.3, lambda: related(_severity(pen, name), "SUBJ", "true")),
        pen.perhaps(0.5, lambda: related(clinical_status(pen, state, state_name), "REFR")),
        pen.perhaps(0.3, lambda: related(_criticality(pen, low), "SUBJ", "true")),
    )
    observation = el(
        "observation",
        templates(ccd("18"), ccd("28"), oids.PROBLEM, oids.ALLERGY, fr_entry("41")),
        pen.ids.id(),
        pen.concept("code", kind),
        text_of(name),
        status(),
        el("effectiveTime", bound("low", low), el("high", value=high) if high else None),
        el("value", original_text(name), xsi_type="CD"),
        _agent(product if medicine else None, agent, name),
        inside,
        classCode="OBS",
        moodCode="EVN",
        negationInd="false",
    )
    whole = (bound("low", low), *((bound("high", high),) if over else ()))
    entry = concern(pen, oids.ALLERGY_LIST, "40", "completed" if over else "active", whole, observation)
    told = cell(reaction[2], reaction_name) if reaction else ""
    return Item(row(shown(low), shown(high), cell(agent, name), cell(state[2], state_name), told), el("entry", entry))


def no_allergy(pen: Pen, known: bool) -> Item:
    """No allergy, or none known of."""
    code, label, flavor = (
        ("no-known-allergies", "Pas d'allergie/hypersensibilité connue", "NA")
        if known
        else ("no-allergy-info", "Pas d’information sur les allergies/hypersensibilités", "UNK")
    )
    name = pen.ids.name("allergie")
    observation = el(
        "observation",
        templates(ccd("18"), ccd("28"), oids.PROBLEM, oids.ALLERGY, fr_entry("41")),
        pen.ids.id(),
        pen.concept("code", facts.ALLERGIES[0]),
        text_of(name),
        status(),
        el("effectiveTime", null("low")),
        pen.concept("value", facts.absent(code, label), original_text(name), xsi_type="CD"),
        classCode="OBS",
        moodCode="EVN",
        negationInd="false",
    )
    entry = concern(pen, oids.ALLERGY_LIST, "40", "completed", (null("low", flavor), null("high", flavor)), observation)
    return Item(row("", "", cell(label, name), "", ""), el("entry", entry))


# What a problem may hold -----------------------------------------------------------------------------------


def _observation(model: tuple[str, ...], code: Node, *inside: Node | None) -> Node:
    return el("observation", templates(*model), code, *inside, classCode="OBS", moodCode="EVN")


def clinical_status(pen: Pen, state: Concept, name: str) -> Node:
    """The clinical status of a problem or an allergy."""
    model = (ccd("50"), ccd("57"), oids.PROBLEM_STATUS, fr_entry("30"))
    value = pen.concept("value", state, xsi_type="CE")
    return _observation(model, coded("code", "33999-4", LOINC, "Statut"), text_of(name), status(), value)


def _health(pen: Pen, name: str) -> Node:
    value = pen.concept("value", pen.choose(facts.HEALTH), xsi_type="CE")
    code = coded("code", "11323-3", LOINC, "Statut clinique du patient")
    return _observation((ccd("51"), oids.HEALTH_STATUS), code, text_of(name), status(), value)


def _severity(pen: Pen, name: str) -> Node:
    value = pen.concept("value", pen.choose(facts.SEVERITIES), xsi_type="CD")
    code = coded("code", "SEV", HL7_ACT_CODE, "Sévérité")
    return _observation((ccd("55"), oids.SEVERITY, fr_entry("29")), code, text_of(name), status(), value)


def _certainty(pen: Pen, low: str | None) -> Node:
    value = pen.concept("value", pen.choose(facts.CERTAINTIES), xsi_type="CD")
    when = el("effectiveTime", value=low) if low else null("effectiveTime")
    return el("observation", templates(oids.CERTAINTY), pen.ids.id(), coded("code", "66455-7", LOINC, "Certitude"), status(), when,
              value, classCode="OBS", moodCode="EVN")  # fmt: skip


def _criticality(pen: Pen, low: str | None) -> Node:
    value = pen.concept("value", pen.choose(facts.CRITICALITIES), xsi_type="CD")
    when = el("effectiveTime", value=low) if low else null("effectiveTime")
    return el("observation", templates(fr_entry("172")), pen.ids.id(), coded("code", "82606-5", LOINC, "Criticité"), status(), when,
              value, classCode="OBS", moodCode="EVN")  # fmt: skip


def _comment(name: str) -> Node:
    return el(
        "act",
        templates(ccd("40"), oids.COMMENT, fr_entry("32")),
        coded("code", "48767-8", LOINC, "Commentaire"),
        text_of(name),
        status(),
        classCode="ACT",
        moodCode="EVN",
    )


def _reaction(pen: Pen, reaction: Concept, name: str) -> Node:
    return el(
        "observation",
        templates(ccd("28"), ccd("54"), oids.PROBLEM, fr_entry("37")),
        pen.ids.id(),
        pen.concept("code", facts.KINDS_OF_PROBLEM[0]),
        text_of(name),
        status(),
        el("effectiveTime", null("low")),
        pen.concept("value", reaction, original_text(name), xsi_type="CD"),
        classCode="OBS",
        moodCode="EVN",
    )


def _agent(product: Concept | None, agent: str, name: str) -> Node:
    code = (
        coded("code", product[0], CIS, product[2], original_text(name))
        if product
        else el("code", original_text(name), nullFlavor="OTH")
    )
    entity = el("playingEntity", code, el("name", agent), classCode="MMAT")
    return el("participant", el("participantRole", entity, classCode="MANU"), typeCode="CSM")
