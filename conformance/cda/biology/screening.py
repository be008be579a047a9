"""What cervical screening adds to the report: the reason for the examination and the vaccinations.

Source: IHE PCC (Coded Reason for Referral, Immunizations sections and entry); CI-SIS, sections
FR-Raison-de-la-recommandation and FR-Vaccinations, entrée FR-Vaccination.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.kinds import said
from conformance.cda.biology.making import template
from conformance.cda.coding import code
from conformance.cda.constraints import (
    Rule,
    at_least,
    declares,
    exactly_one,
    fixed,
    one_of,
    required,
    type_of,
)
from conformance.cda.content.examples import (
    AUTHOR,
    ident,
    problem,
    simple_observation,
    templates,
    text,
    words,
)
from conformance.cda.content.kinds import act_class, filled, match, named
from conformance.cda.content.more_examples import prescription, product
from conformance.cda.content.oids import COMMENT, LOINC, PROBLEM, PRODUCT, SIMPLE_OBSERVATION, ccd, pcc
from conformance.cda.content.relations import at_most_one_held, below
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation, carries
from conformance.core.language import Text
from conformance.terminology import value_sets
from conformance.terminology.value_sets import Status

_REASON_CODED: Final = pcc("3.2")
_REASON: Final = pcc("3.1")
_IMMUNIZATIONS: Final = pcc("3.23")
_IMMUNIZATION: Final = pcc("4.12")
_RANK: Final = ccd("46")
_PRESCRIPTION: Final = pcc("4.7.3")
_KINDS: Final = ("2.16.840.1.113883.1.11.19709", "1.2.250.1.213.1.1.5.666")
"""The two value sets that the code of a vaccination may come from."""

_INT: Final = "ihe:E_immunizations_int "
_FR: Final = "content:E_immunizations_fr "


def _kind(node: etree._Element, context: Context) -> Iterator[Violation]:
    """The code, label included, of one of the two value sets; no nullFlavor."""
    for element in path("code").elements(node):
        if element.get("nullFlavor") is not None:
            yield Violation(element, said("nullFlavor", element.get("nullFlavor")), "nullFlavor")
        elif type_of(element) not in ("", "CD", "CE"):
            continue
        elif lacking := [name for name in ("code", "codeSystem", "displayName") if element.get(name) is None]:
            if lacking == ["displayName"]:  # code and codeSystem are another rule
                yield Violation(element, said("displayName", None))
        else:
            value, system = element.get("code", ""), element.get("codeSystem", "")
            answers = [value_sets.value_set(oid).look_up(value, system) for oid in _KINDS]
            if not any(answer.accepted for answer in answers):
                nearest = next((answer for answer in answers if answer.status is not Status.UNKNOWN_CODE), answers[0])
                fr, en = value_sets.explain(nearest).fr, value_sets.explain(nearest).en
                yield Violation(element, Text(fr[:1].lower() + fr[1:], en[:1].lower() + en[1:]), "code")


def _other_kind(node: etree._Element) -> None:
    for element in path("code").elements(node):
        element.set("code", "x-wrong")


def _relations(node: etree._Element, context: Context) -> Iterator[Violation]:
    """Relationships, if there are any: at least one of the five kinds that the model knows."""
    relations = list(node.iterchildren(h("entryRelationship")))
    allowed = (("SUBJ", "act", COMMENT), ("SUBJ", "observation", _RANK), ("CAUS", "act", ccd("28")),
               ("COMP", "act", pcc("4.12.1")), ("REFR", "supply", _PRESCRIPTION))  # fmt: skip
    for relation in relations:
        for type_code, tag, oid in allowed:
            if relation.get("typeCode") == type_code and any(
                carries(one, oid) for one in relation.iterchildren(h(tag))
            ):
                return
    if relations:
        yield Violation(relations[0], Text("aucun lien d'un genre prévu", "no relationship of a known kind"))


def _foreign_relations(node: etree._Element) -> None:
    for relation in node.iterchildren(h("entryRelationship")):
        relation.set("typeCode", "XCRPT")


def _rank(node: etree._Element, context: Context) -> Iterator[Violation]:
    ranks = [
        one for one in path("entryRelationship[@typeCode='SUBJ']/observation").elements(node) if carries(one, _RANK)
    ]
    if ranks and not any(one.get("code") == "30973-2" for rank in ranks for one in rank.iterchildren(h("code"))):
        found = ranks[0].find(h("code"))
        yield Violation(
            found if found is not None else ranks[0], said("code", found.get("code") if found is not None else None)
        )


def _other_rank(node: etree._Element) -> None:
    for found in path("entryRelationship/observation/code").elements(node):
        found.set("code", "x-wrong")


def _product_held(node: etree._Element) -> bool:
    return any(declared.get("root") == PRODUCT for declared in path(".//consumable//templateId").elements(node))


def _no_product(node: etree._Element, context: Context) -> Iterator[Violation]:
    if not _product_held(node):
        consumable = node.find(h("consumable"))
        yield Violation(consumable if consumable is not None else node, Text("il n'y en a pas", "there is none"))


def _rename_product(node: etree._Element) -> None:
    for declared in path(".//consumable//templateId").elements(node):
        if declared.get("root") == PRODUCT:
            declared.set("root", "1.2.3.4.5.6")


_REFERENCE: Final = path("text/reference")


def _one_reference(node: etree._Element, context: Context) -> Iterator[Violation]:
    count = sum(1 for one in _REFERENCE.elements(node) if one.get("value") is not None)
    if count != 1:
        yield Violation(node, Text(f"il y en a {count}", f"there are {count}"))


def _second_reference(node: etree._Element) -> None:
    for one in _REFERENCE.elements(node):
        one.addnext(copy.deepcopy(one))


_AUTHOR: Final = '<author typeCode="AUT" contextControlCode="OP">'


def _vaccination(ref: str, prescribed: bool = False) -> str:
    more = ex.related(prescription(ref), "REFR") if prescribed else ""
    rank = (
        f'<observation classCode="OBS" moodCode="EVN">{templates(_RANK)}'
        f'<code code="30973-2" codeSystem="{LOINC}" displayName="Rang de la dose"/>{ex.DONE}<value xsi:type="INT" value="2"/></observation>'
    )
    return (
        f'<substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="false">{templates(ccd("24"), _IMMUNIZATION)}{ident(51)}'
        f'<code code="IMMUNIZ" codeSystem="2.16.840.1.113883.5.4" displayName="Vaccination"/>{text(ref)}{ex.DONE}'
        f'<effectiveTime value="20190403"/><consumable typeCode="CSM">{product(ref)}</consumable>'
        f"{ex.performer()}{AUTHOR.replace('<author>', _AUTHOR)}"
        f"{ex.related(rank, 'SUBJ')}{more}{ex.remark(ref)}</substanceAdministration>"
    )


_REASON_EXAMPLE: Final = ex.section(
    (_REASON_CODED, _REASON, oids.REASON), "42349-1", "Raison de la recommandation",
    f"<entry>{problem('raison-1')}</entry><entry>{simple_observation('raison-2')}</entry>",
    words("raison-1", "raison-2"), 52,
)  # fmt: skip

SCREENING: Final[tuple[Template, ...]] = (
    template(
        "cr-bio-reason-coded", Text("Section FR-Raison-de-la-recommandation", "Section FR-Raison-de-la-recommandation"),
        _REASON_CODED,
        at_least(2, "templateId", official="ihe:S_codedReasonForReferral 1.1"),
        named("section", official="ihe:S_codedReasonForReferral 1.2 · ihe:S_reasonForReferral 1.1"),
        code("code", "42349-1", LOINC, "Raison de la recommandation",
             official="ihe:S_codedReasonForReferral 1.3-1.4 · ihe:S_reasonForReferral 1.2-1.3"),
        below(PROBLEM, Text("un problème", "one problem"), official="ihe:S_codedReasonForReferral 1.5"),
        below(SIMPLE_OBSERVATION, Text("une observation simple", "one simple observation"),
              official="ihe:S_codedReasonForReferral 1.6"),
        example=_REASON_EXAMPLE,
    ),
    template(
        "cr-bio-reason", Text("Section Raison de la recommandation", "Section Reason for referral"), _REASON,
        named("section", official="ihe:S_reasonForReferral 1.1"),
        code("code", "42349-1", LOINC, "Raison de la recommandation", official="ihe:S_reasonForReferral 1.2-1.3"),
        unless=(_REASON_CODED,),
        example=ex.section((_REASON,), "42349-1", "Raison de la recommandation", number=53),
    ),
    template(
        "cr-bio-vaccinations", Text("Section FR-Vaccinations", "Section FR-Vaccinations"), _IMMUNIZATIONS,
        named("section", official="ihe:S_immunizations 1.1"),
        declares(ccd("6"), official="ihe:S_immunizations 1.2-1.3"),
        code("code", "11369-6", LOINC, "Historique des vaccinations", official="ihe:S_immunizations 1.4-1.5"),
        below(_IMMUNIZATION, Text("une vaccination", "one vaccination"), official="ihe:S_immunizations 1.6"),
        example=ex.section((oids.VACCINATIONS, _IMMUNIZATIONS, ccd("6")), "11369-6", "Vaccinations",
                           f"<entry>{_vaccination('vaccin-1')}</entry>", words("vaccin-1"), 54),
    ),
    template(
        "cr-bio-vaccination", Text("Entrée FR-Vaccination", "Entry FR-Vaccination"), _IMMUNIZATION,
        named("substanceAdministration", official=_INT + "1.1"),
        one_of("@negationInd", "true", "false", official=_INT + "1.1"),
        *act_class("SBADM", "EVN", "INT", official=_INT + "1.1"),
        declares(ccd("24"), official=_INT + "1.2-1.3"),
        exactly_one("id", official=f"{_INT}1.4 · {_FR}1.1"),
        required("code/@code", official=_INT + "1.5"),
        required("code/@codeSystem", official=_INT + "1.5", when=lambda node: bool(path("code").elements(node))),
        exactly_one("statusCode", official=_FR + "1.2"),
        match("statusCode", code="completed", official=_INT + "1.6", when=lambda node: bool(path("statusCode").elements(node))),
        Rule(
            asks=Text("text/reference/@value doit figurer exactement une fois", "text/reference/@value must occur exactly once"),
            test=_one_reference, break_it=_second_reference,
            key="text-reference", official=_FR + "1.3",
        ),
        exactly_one("effectiveTime", official=_FR + "1.4"),
        filled("effectiveTime", official=_INT + "1.7", when=lambda node: bool(path("effectiveTime").elements(node))),
        fixed("consumable/@typeCode", "CSM", official=_FR + "1.5"),
        Rule(
            asks=Text(f"le produit (consumable//templateId {PRODUCT}) doit figurer", f"the product (consumable//templateId {PRODUCT}) must occur"),
            test=_no_product, break_it=_rename_product, key="product", official=f"{_INT}1.8 · {_FR}1.6 (by the product itself)",
        ),
        match("performer", optional=True, typeCode="PRF", official=_FR + "1.7"),
        match("author", optional=True, typeCode="AUT", contextControlCode="OP", official=_FR + "1.8"),
        Rule(
            asks=Text("s'il y a des liens, l'un doit être un commentaire, un rang, une réaction, une dose ou une prescription",
                      "if there are relationships, one must be a comment, a rank, a reaction, a dose or a prescription"),
            test=_relations, break_it=_foreign_relations, key="relationships", official=_FR + "1.9",
        ),
        at_most_one_held("entryRelationship[@typeCode='REFR']/supply", _PRESCRIPTION,
                         Text("la prescription", "the prescription"), official=_FR + "1.10"),
        at_most_one_held("entryRelationship[@typeCode='SUBJ']/observation", _RANK, Text("le rang", "the rank"),
                         official=_FR + "1.11"),
        at_most_one_held("entryRelationship[@typeCode='SUBJ']/act", COMMENT, Text("le commentaire", "the comment"),
                         official=_FR + "1.12"),
        Rule(
            asks=Text("le rang doit avoir le code 30973-2", "the rank must have the code 30973-2"),
            test=_rank, break_it=_other_rank, key="rank-code", official=_FR + "1.13",
        ),
        Rule(
            asks=Text("le code doit venir du jeu de valeurs des vaccinations (ou de leur absence), avec son libellé",
                      "the code must come from the value set of vaccinations (or of their absence), with its label"),
            test=_kind, break_it=_other_kind, key="code.value-set", official="content:immunizationCode 1.1-1.3",
        ),
        example=_vaccination("vaccin-1") + _vaccination("vaccin-2", prescribed=True),
    ),
)  # fmt: skip
