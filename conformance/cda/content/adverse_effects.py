"""Adverse effects of medicines: the section and its entries, beside what the problem already asks.

Source: CI-SIS, Modèles de contenus CDA, FR-Effets-indesirables, FR-Effet-indesirable and its three parts.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from conformance.cda.coding import code, coded
from conformance.cda.constraints import Rule, at_most_one, declares, exactly_one, fixed, required
from conformance.cda.content import examples as ex
from conformance.cda.content import more_examples as more
from conformance.cda.content.entries import completed, entry
from conformance.cda.content.kinds import named
from conformance.cda.content.oids import (
    ADVERSE_EFFECT,
    LOINC,
    PROBLEM,
    REACTION,
    TA_ASIP,
    ccd,
    fr_entry,
    fr_section,
)
from conformance.cda.content.relations import below
from conformance.cda.content.sections import section, section_code
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation, carries
from conformance.core.language import Text

_TREATMENT, _PROBLEM = fr_entry("42"), fr_entry("37")
_IMPUTABILITY, _SERIOUSNESS, _EVOLUTION = fr_entry("211"), fr_entry("212"), fr_entry("213")
_FOREIGN = "1.2.3.4.5.6"


def _at(node: etree._Element, where: str, *oids: str) -> list[etree._Element]:
    """The elements at ``where`` that declare all these templates."""
    return [one for one in path(where).elements(node) if all(carries(one, oid) for oid in oids)]


_MEDICINE = "entryRelationship[@typeCode='COMP']/substanceAdministration"
_MANIFESTATION = "entryRelationship[@typeCode='MFST']/observation"
_PART = "entryRelationship[@typeCode='SUBJ' and @inversionInd='true']/observation"


def _one_route(node: etree._Element, context: Context) -> Iterator[Violation]:
    medicines = _at(node, _MEDICINE, _TREATMENT)
    count = sum(len(path("routeCode").elements(one)) for one in medicines)
    if count != 1:
        said = Text(f"il y en a {count}", f"there are {count}") if count else Text("il n'y en a pas", "there is none")
        yield Violation(medicines[0] if medicines else node, said)


def _drop_route(node: etree._Element) -> None:
    for one in _at(node, _MEDICINE, _TREATMENT):
        for route in path("routeCode").elements(one):
            one.remove(route)


def _manifestation(node: etree._Element, context: Context) -> Iterator[Violation]:
    problems = _at(node, _MANIFESTATION, _PROBLEM)
    if problems and not _at(node, _MANIFESTATION, _PROBLEM, REACTION):
        yield Violation(problems[0], Text(f"il manque {REACTION}", f"{REACTION} is missing"))


def _drop_reaction(node: etree._Element) -> None:
    for one in _at(node, _MANIFESTATION, _PROBLEM):
        for declared in one.iterchildren(h("templateId")):
            if declared.get("root") == REACTION:
                declared.set("root", _FOREIGN)


def _one_seriousness(node: etree._Element, context: Context) -> Iterator[Violation]:
    found = _at(node, _PART, _SERIOUSNESS)
    if len(found) != 1:
        said = (
            Text(f"il y en a {len(found)}", f"there are {len(found)}")
            if found
            else Text("il n'y en a pas", "there is none")
        )
        yield Violation(node, said)


def _drop_seriousness(node: etree._Element) -> None:
    for one in _at(node, _PART, _SERIOUSNESS):
        for declared in one.iterchildren(h("templateId")):
            if declared.get("root") == _SERIOUSNESS:
                declared.set("root", _FOREIGN)


def _in_the_right_mood(node: etree._Element, context: Context) -> Iterator[Violation]:
    for oid in (_IMPUTABILITY, _EVOLUTION):
        found = _at(node, _PART, oid)
        if found and not any((one.get("classCode"), one.get("moodCode")) == ("OBS", "EVN") for one in found):
            mood = found[0].get("moodCode")
            yield Violation(found[0], Text(f"trouvé moodCode « {mood} »", f"found moodCode “{mood}”"), "moodCode")


def _wrong_mood(node: etree._Element) -> None:
    for one in _at(node, _PART, _IMPUTABILITY):
        one.set("moodCode", "INT")


def _part(
    key: str, name: Text, oid: str, code_value: str, system: str, label: str, value_set: str, files: tuple[str, str]
) -> Template:
    """The imputability, the seriousness and the evolution are written alike."""
    ans, content = files
    return entry(
        key, name, oid,
        named("observation", official=f"ans:{ans} #1"),
        fixed("@classCode", "OBS", official=f"ans:{ans} #1"),
        required("@moodCode", official=f"ans:{ans} #1"),
        code("code", code_value, system, label, official=f"ans:{ans} #2"),
        at_most_one("code", official=f"ans:{ans} #2"),
        required("text", official=f"ans:{ans} #3"),
        completed(f"ans:{ans} #4"),
        required("value", official=f"ans:{ans} #5"),
        coded("value", value_set, official=f"content:{content} #1-3"),
        example={"211": more.IMPUTABILITY, "212": more.SERIOUSNESS, "213": more.EVOLUTION}[oid.rpartition(".")[2]],
    )  # fmt: skip


ADVERSE_EFFECTS: tuple[Template, ...] = (
    section(
        "section-adverse-effects", Text("Section Effets indésirables", "Section Adverse effects"), fr_section("247"),
        named("section", official="ans:S_effetsIndesirables_ANS #1"),
        exactly_one("id", official="ans:S_effetsIndesirables_ANS #2"),
        required("text", official="ans:S_effetsIndesirables_ANS #3"),
        at_most_one("code", official="ans:S_effetsIndesirables_ANS #4"),
        section_code("44939-7", "Effets indésirables", "ans:S_effetsIndesirables_ANS #4"),
        below(ADVERSE_EFFECT, Text("un effet indésirable", "one adverse effect"),
              official="ans:S_effetsIndesirables_ANS #5"),
        example=ex.section((fr_section("247"),), "44939-7", "Effets indésirables",
                           ex.entry(more.adverse_effect("effet-1")), ex.words("effet-1")),
    ),
    entry(
        "adverse-effect", Text("Effet indésirable", "Adverse effect"), ADVERSE_EFFECT,
        declares(PROBLEM, official="ans:E_effetIndesirable_ANS #2"),
        declares(ccd("18"), official="ans:E_effetIndesirable_ANS #2"),
        coded("code", "JDV_OrigineEffetIndesirable_CISIS", official="content:JDV_OrigineEffetIndesirable #1-3"),
        at_most_one("text/reference", official="ans:E_effetIndesirable_ANS #6"),
        Rule(
            asks=Text(f"le médicament en cause ({_TREATMENT}, typeCode=COMP) doit indiquer la voie (routeCode), une seule en tout",
                      f"the medicine at issue ({_TREATMENT}, typeCode=COMP) must give the route (routeCode), only one in all"),
            test=_one_route, break_it=_drop_route, key="medicine.route", official="ans:E_effetIndesirable_ANS #11",
        ),
        Rule(
            asks=Text(f"la manifestation (typeCode=MFST) doit déclarer aussi le templateId {REACTION}",
                      f"the manifestation (typeCode=MFST) must declare the templateId {REACTION} too"),
            test=_manifestation, break_it=_drop_reaction, key="manifestation", official="ans:E_effetIndesirable_ANS #12",
        ),
        Rule(
            asks=Text("l'imputabilité et l'évolution doivent avoir classCode=OBS et moodCode=EVN",
                      "the imputability and the evolution must have classCode=OBS and moodCode=EVN"),
            test=_in_the_right_mood, break_it=_wrong_mood, key="parts.mood", official="ans:E_effetIndesirable_ANS #13,15",
        ),
        Rule(
            asks=Text(f"la gravité ({_SERIOUSNESS}, typeCode=SUBJ, inversionInd=true) doit figurer exactement une fois",
                      f"the seriousness ({_SERIOUSNESS}, typeCode=SUBJ, inversionInd=true) must occur exactly once"),
            test=_one_seriousness, break_it=_drop_seriousness, key="seriousness", official="ans:E_effetIndesirable_ANS #14",
        ),
        example=more.adverse_effect("effet-1"),
    ),
    _part("imputability", Text("Imputabilité", "Imputability"), _IMPUTABILITY, "GEN-318", TA_ASIP, "Imputabilité",
          "JDV_Imputabilite_CISIS", ("E_imputabiliteEffetIndesirable_ANS", "JDV_Imputabilite")),
    _part("seriousness", Text("Gravité", "Seriousness"), _SERIOUSNESS, "94030-4", LOINC, "Gravité",
          "JDV_Gravite_CISIS", ("E_graviteEffetIndesirable_ANS", "JDV_Gravite")),
    _part("evolution", Text("Évolution", "Evolution"), _EVOLUTION, "GEN-319", TA_ASIP, "Évolution",
          "JDV_Evolution_CISIS", ("E_evolutionEffetIndesirable_ANS", "JDV_Evolution")),
)  # fmt: skip
