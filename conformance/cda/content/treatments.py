"""Long-term treatments: the administration and its product.

Source: IHE PCC TF-2 §6.3.4.16-6.3.4.19; CI-SIS, Modèles de contenus CDA, entrées FR-Traitement, FR-Produit-de-sante.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from conformance.cda.coding import NULL_FLAVORS, coded
from conformance.cda.constraints import (
    Rule,
    at_most_one,
    declares,
    exactly_one,
    fixed,
    holds,
    type_of,
    unless_carrying,
    when_carrying,
)
from conformance.cda.content import more_examples as more
from conformance.cda.content.entries import completed, entry
from conformance.cda.content.kinds import NEVER_ENFORCED, UNBOUND, act_class, deepest
from conformance.cda.content.oids import (
    CIS,
    COMMENT,
    EDQM,
    HL7_ROUTE,
    INTERNAL_REFERENCE,
    PRODUCT,
    SOURCE,
    TREATMENT,
    VSM_REQUIREMENT,
    ccd,
    fr_entry,
    pcc,
    pharm,
)
from conformance.cda.content.relations import only
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import CannotSpoil, Context, Template, Violation, carries
from conformance.core.findings import Severity
from conformance.core.language import Text

_NORMAL = pcc("4.7.1")
_DOSINGS = (_NORMAL, pcc("4.8"), pcc("4.9"), pcc("4.10"), pcc("4.11"))
_PRESCRIBED = fr_entry("83")
_ADMINISTRATION = h("substanceAdministration")


def _has(node: etree._Element, where: str) -> bool:
    return bool(path(where).elements(node))


def _no_dosing(node: etree._Element, context: Context) -> Iterator[Violation]:
    if not carries(node, *_DOSINGS):
        yield Violation(node, Text("il n'y en a pas", "there is none"))


def _drop_dosing(node: etree._Element) -> None:
    for declared in node.iterchildren(h("templateId")):
        if declared.get("root") in _DOSINGS:
            declared.set("root", "1.2.3.4.5.6")


def _subordinates(node: etree._Element, context: Context) -> Iterator[Violation]:
    below = next((one for one in node.iterdescendants(_ADMINISTRATION)), None)
    if below is not None:
        yield Violation(below, Text("il y en a une", "there is one"))


def _add_subordinate(node: etree._Element) -> None:
    relationship = etree.SubElement(node, h("entryRelationship"), typeCode="COMP")
    etree.SubElement(relationship, _ADMINISTRATION, classCode="SBADM", moodCode="INT")


def _duration(node: etree._Element, context: Context) -> Iterator[Violation]:
    first = next(node.iterchildren(h("effectiveTime")), None)
    if first is None or _has(first, "width"):
        return
    declared = type_of(first)
    if "IVL_TS" not in declared:
        said = (
            Text(f"trouvé xsi:type « {declared} »", f"found xsi:type “{declared}”")
            if declared
            else Text('il manque xsi:type="IVL_TS"', 'xsi:type="IVL_TS" is missing')
        )
        yield Violation(first, said)
        return
    for bound in ("low", "high"):
        if not _has(first, bound):
            yield Violation(first, Text(f"il manque {bound}", f"{bound} is missing"))


def _drop_high(node: etree._Element) -> None:
    first = path("effectiveTime").elements(node)[0]
    first.remove(path("high").elements(first)[0])


def _frequency(node: etree._Element, context: Context) -> Iterator[Violation]:
    times = path("effectiveTime").elements(node)
    if len(times) > 1 and times[1].get("operator") != "A" and times[1].get("nullFlavor") is None:
        value = times[1].get("operator")
        said = (
            Text("il manque operator", "operator is missing")
            if value is None
            else Text(f"trouvé operator « {value} »", f"found operator “{value}”")
        )
        repeated = type_of(times[1]) == "IVL_TS"  # two durations: the second is not the one to blame
        yield Violation(node if repeated else times[1], said, "operator" if value is not None else None)


def _drop_operator(node: etree._Element) -> None:
    path("effectiveTime").elements(node)[1].attrib.pop("operator")


def _route(node: etree._Element, context: Context) -> Iterator[Violation]:
    for route in path("routeCode").elements(node):
        system = route.get("codeSystem")
        if system in (EDQM, HL7_ROUTE) or (system is None and route.get("nullFlavor") is not None):
            continue
        if system is None:
            yield Violation(route, Text("il manque @codeSystem", "@codeSystem is missing"))
        else:
            said = Text(f"trouvé codeSystem « {system} »", f"found codeSystem “{system}”")
            yield Violation(route, said, "codeSystem")


def _route_of_edqm(node: etree._Element) -> bool:
    return any(route.get("codeSystem") == EDQM for route in path("routeCode").elements(node))


def _spoil_route(node: etree._Element) -> None:
    for route in path("routeCode").elements(node):
        route.set("codeSystem", "1.2.3")


def _bounds(name: str, official: str) -> Rule:
    """A dose or a rate has one ``low`` and one ``high``, in all, or a nullFlavor."""

    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        found = path(name).elements(node)
        if not found or any(one.get("nullFlavor") is not None for one in found):
            return
        for bound in ("low", "high"):
            count = len(path(f"{name}/{bound}").elements(node))
            if count != 1:
                said = (
                    Text(f"il manque {bound}", f"{bound} is missing")
                    if not count
                    else Text(f"il y a {count} {bound}", f"there are {count} {bound}")
                )
                yield Violation(found[0], said)

    def break_it(node: etree._Element) -> None:
        for one in path(name).elements(node):
            for high in path("high").elements(one):
                one.remove(high)
                return
        raise CannotSpoil(f"the example gives no {name}")

    return Rule(
        asks=Text(f"l'élément {name}, s'il figure, doit comporter un low et un high (ou un nullFlavor)",
                  f"the element {name}, if present, must have one low and one high (or a nullFlavor)"),
        test=test, break_it=break_it, key=f"{name}.bounds", official=official,
        hint=Text("Valeur unique : répétez-la dans low et dans high.", "Single value: repeat it in low and in high."),
    )  # fmt: skip


def _words_of_product(node: etree._Element, context: Context) -> Iterator[Violation]:
    codes = path("manufacturedMaterial/code").elements(node)
    if any(code.get("nullFlavor") is not None for code in codes):
        return
    count = len(path("manufacturedMaterial/code/originalText/reference").elements(node))
    if count != 1:
        said = Text("il manque", "it is missing") if not count else Text(f"il y en a {count}", f"there are {count}")
        yield Violation(deepest(codes[0], "originalText") if codes else node, said)


def _drop_words(node: etree._Element) -> None:
    for code in path("manufacturedMaterial/code").elements(node):
        for words in path("originalText").elements(code):
            code.remove(words)


def _brand_name(node: etree._Element, context: Context) -> Iterator[Violation]:
    names = path("name").elements(node)
    if len(names) == 1 or any(name.get("nullFlavor") == "NA" for name in names):
        return
    said = Text(f"il y en a {len(names)}", f"there are {len(names)}") if names else Text("il manque", "it is missing")
    yield Violation(node, said)


def _drop_name(node: etree._Element) -> None:
    for name in path("name").elements(node):
        node.remove(name)


def _administered(node: etree._Element) -> bool:
    """The material is the product of an administration."""
    above = [str(parent.tag) for parent in node.iterancestors()][:3]
    return above == [h("manufacturedProduct"), h("consumable"), _ADMINISTRATION]


def _system_given(node: etree._Element) -> bool:
    return any(code.get("codeSystem") is not None for code in path("code").elements(node))


_TARGETS = {
    "reason": only("entryRelationship[@typeCode='RSON']/act", INTERNAL_REFERENCE, fr_entry("36"),
                   "2.16.840.1.113883.10.22.4.31", key="only.reason", official="content:E_medications_fr #8"),
    "supply": only("entryRelationship[@typeCode='REFR']/supply", ccd("34"), pcc("4.7.3"), fr_entry("44"),
                   key="only.prescription", official="content:E_medications_fr #9"),
    "flags": only("entryRelationship[@typeCode='COMP']/observation", pcc("4.13"), fr_entry("48"),
                  prefix=fr_entry("48."), key="only.flag", official="content:E_medications_fr #11"),
    "plan": only("entryRelationship[@typeCode='REFR']/substanceAdministration", pharm("10"), fr_entry("85"),
                 unless=TREATMENT, key="only.plan-item", official="content:E_medications_fr #12"),
    "quantity": only("entryRelationship[@typeCode='COMP']/supply", pharm("8"), fr_entry("86"), pharm("15"),
                     fr_entry("88"), key="only.quantity", official="content:E_medications_fr #13"),
    "substitution": only("entryRelationship[@typeCode='COMP']/act", pharm("9.1"), fr_entry("87"),
                         key="only.substitution", official="content:E_medications_fr #14"),
    "instructions": only("entryRelationship[@typeCode='SUBJ']/act", ccd("49"), pcc("4.3"), fr_entry("33"), ccd("43"),
                         pcc("4.3.1"), fr_entry("34"), unless=COMMENT, key="only.instructions",
                         severity=Severity.WARNING, beyond=NEVER_ENFORCED, official="content:E_medications_fr #10"),
}  # fmt: skip

TREATMENTS: tuple[Template, ...] = (
    entry(
        "treatment", Text("Traitement", "Treatment"), TREATMENT,
        *act_class("SBADM", "INT", "EVN", official="ihe:E_medications_int #1"),
        declares(ccd("24"), official="ihe:E_medications_int #2 · content:E_medications_fr #1"),
        Rule(
            asks=Text("un mode de dosage (" + ", ".join(_DOSINGS) + ") doit être déclaré",
                      "a dosing mode (" + ", ".join(_DOSINGS) + ") must be declared"),
            test=_no_dosing, break_it=_drop_dosing, key="templates.dosing",
            official="ihe:E_medications_int #3 · content:E_medications_fr #1",
            hint=Text(f"Dosage normal : {_NORMAL}.", f"Normal dosing: {_NORMAL}."),
        ),
        Rule(
            asks=Text(f"un dosage normal ({_NORMAL}) ne doit pas avoir d'administration subordonnée",
                      f"a normal dosing ({_NORMAL}) must have no subordinate administration"),
            test=_subordinates, break_it=_add_subordinate, key="normal-dosing.alone", when=when_carrying(_NORMAL),
            official="ihe:E_medications_int #4",
        ),
        exactly_one("id", official="ihe:E_medications_int #5"),
        exactly_one("text/reference", official="ihe:E_medications_int #6"),
        completed("ihe:E_medications_int #7"),
        Rule(
            asks=Text("la durée (premier effectiveTime) doit être un IVL_TS avec low et high, ou porter width",
                      "the duration (first effectiveTime) must be an IVL_TS with low and high, or have width"),
            test=_duration, break_it=_drop_high, key="duration", official="ihe:E_medications_int #9",
            hint=Text("Traitement en cours : high avec nullFlavor « UNK ».", "Ongoing: high with nullFlavor “UNK”."),
        ),
        Rule(
            asks=Text("la fréquence (second effectiveTime) doit porter operator=\"A\" ou un nullFlavor",
                      "the frequency (second effectiveTime) must carry operator=\"A\" or a nullFlavor"),
            test=_frequency, break_it=_drop_operator, key="frequency", official="ihe:E_medications_int #10",
        ),
        Rule(
            asks=Text(f"routeCode, s'il figure, doit venir de l'EDQM ({EDQM}) ou de HL7 ({HL7_ROUTE}), ou porter un nullFlavor",
                      f"routeCode, if present, must come from EDQM ({EDQM}) or HL7 ({HL7_ROUTE}), or have a nullFlavor"),
            test=_route, break_it=_spoil_route, key="route", when=unless_carrying(_PRESCRIBED),
            official="content:E_medications_fr #15",
        ),
        coded("routeCode", "JDV_RouteofAdministration_CISIS", null_flavors=NULL_FLAVORS, when=_route_of_edqm,
              severity=Severity.WARNING, beyond=UNBOUND),
        _bounds("doseQuantity", "content:E_medications_fr #2"),
        _bounds("rateQuantity", "content:E_medications_fr #3"),
        at_most_one("maxDoseQuantity", official="content:E_medications_fr #4"),
        holds("consumable/manufacturedProduct", (PRODUCT,), Text("un produit de santé", "one medicine"), key="product",
                 official="ihe:E_medications_int #8 · content:E_medications_fr #5-6"),
        at_most_one("consumable", official="content:E_medications_fr #7"),
        *_TARGETS.values(),
        example=more.treatment("medicament-1", rate='<rateQuantity><low value="1" unit="mL/h"/><high value="2" unit="mL/h"/></rateQuantity>')
        + more.treatment("medicament-2", more.treatment_details("medicament-2"), pcc("4.8")),
    ),
    entry(
        "product", Text("Produit de santé", "Medicine"), PRODUCT,
        declares(ccd("53"), official="ihe:E_product_int #1 · content:E_medications_fr #6"),
        Rule(
            asks=Text("manufacturedMaterial/code doit renvoyer au texte par un originalText/reference (ou porter un nullFlavor)",
                      "manufacturedMaterial/code must point to the narrative by one originalText/reference (or have a nullFlavor)"),
            test=_words_of_product, break_it=_drop_words, key="code.words",
            official="ihe:E_product_int #2 · content:E_medications_fr #7",
        ),
        example=more.product("medicament-1"),
    ),
    Template(
        key="administered-product", name=Text("Produit de santé administré", "Medicine administered"),
        element="manufacturedMaterial", where=_administered, source=SOURCE,
        requirements=VSM_REQUIREMENT,
        constraints=(
            fixed("code/@codeSystem", CIS, when=_system_given, official="content:E_produitDeSante_fr #1", hint=Text(
                "Le code principal est le code CIS ; mettez les codes CIP, UCD ou ATC dans code/translation.",
                "The main code is the CIS code; put CIP, UCD or ATC codes in code/translation.")),
            Rule(
                asks=Text("le nom de marque (name) doit figurer une fois, ou porter le nullFlavor NA",
                          "the brand name (name) must occur once, or have the nullFlavor NA"),
                test=_brand_name, break_it=_drop_name, key="name", official="content:E_produitDeSante_fr #2",
            ),
        ),
        example=more.treatment("medicament-1"),
    ),
    Template(
        key="administration", name=Text("Administration", "Administration"), element="substanceAdministration",
        source=SOURCE, requirements=VSM_REQUIREMENT,
        constraints=(
            coded("approachSiteCode", "JDV_ImmunizationApproachSiteCode_CISIS", null_flavors=NULL_FLAVORS,
                  official="content:JDV_substanceAdministration_approachSiteCode #1-3"),
        ),
        example=more.treatment("medicament-1"),
    ),
)  # fmt: skip
