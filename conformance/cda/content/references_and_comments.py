"""References to another entry, references to another document, comments.

Source: IHE PCC TF-2 §6.3.4.6-6.3.4.10; CI-SIS, Modèles de contenus CDA, entrées FR-Reference-interne,
FR-References-externes, FR-Commentaire-ER.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from conformance.cda.coding import code
from conformance.cda.constraints import Rule, at_most_one, declares, exactly_one, fixed, required
from conformance.cda.content import examples as ex
from conformance.cda.content.entries import completed, entry
from conformance.cda.content.kinds import act_class, complete, match, named
from conformance.cda.content.oids import (
    COMMENT,
    FR_INTERNAL_REFERENCE,
    INTERNAL_REFERENCE,
    LOINC,
    PROBLEM,
    PROCEDURE,
    ccd,
    fr_entry,
    pcc,
)
from conformance.cda.content.relations import Enclosed
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation, carries
from conformance.core.language import Text

_EXTERNAL = pcc("4.4")
_IN_AN_ACT = {("COMP", "true"), ("RSON", "false"), ("REFR", "false")}


def _code_or_not_applicable(node: etree._Element, context: Context) -> Iterator[Violation]:
    codes = path("code").elements(node)
    whole = [one for one in codes if one.get("code") is not None and one.get("codeSystem") is not None]
    null = [one for one in codes if one.get("nullFlavor") == "NA"]
    if len(whole) == 1 or len(null) == 1:
        return
    if not codes:
        yield Violation(node, Text("il manque", "it is missing"))
    elif len(whole) > 1 or len(null) > 1:
        yield Violation(node, Text(f"il y en a {len(codes)}", f"there are {len(codes)}"))
    elif codes[0].get("nullFlavor") is not None:
        said = codes[0].get("nullFlavor")
        yield Violation(codes[0], Text(f"trouvé nullFlavor « {said} »", f"found nullFlavor “{said}”"), "nullFlavor")
    else:
        lacking = "code" if codes[0].get("code") is None else "codeSystem"
        yield Violation(codes[0], Text(f"il manque @{lacking}", f"@{lacking} is missing"))


def _drop_system(node: etree._Element) -> None:
    for one in path("code").elements(node):
        one.attrib.pop("codeSystem", "")
        one.attrib.pop("nullFlavor", "")


def _of_an_act(node: etree._Element) -> bool:
    """The reference is one of those that an act (FR-Acte) may hold."""
    carrier = node.getparent()
    if carrier is None or (carrier.get("typeCode"), carrier.get("inversionInd")) not in _IN_AN_ACT:
        return False
    return node.tag == h("act") and carries(carrier.getparent(), PROCEDURE)


REFERENCES: tuple[Template, ...] = (
    entry(
        "internal-reference", Text("Référence interne", "Internal reference"), INTERNAL_REFERENCE,
        exactly_one("id", official="ihe:E_referenceInterne_int #1", hint=Text(
            "C'est l'id de l'entrée à laquelle on renvoie.", "It is the id of the entry referred to.")),
        Rule(
            asks=Text("l'élément code doit figurer une fois, avec code et codeSystem, ou avec le nullFlavor NA",
                      "the element code must occur once, with code and codeSystem, or with the nullFlavor NA"),
            test=_code_or_not_applicable, break_it=_drop_system, key="code.given",
            official="ihe:E_referenceInterne_int #2 · ihe:E_procedureEntry_int #9-10 · content:E_acte_fr #6-8",
        ),
        example=ex.internal_reference(),
    ),
    entry(
        "internal-reference-fr", Text("Référence interne (FR-Reference-interne)", "Internal reference (FR)"),
        FR_INTERNAL_REFERENCE,
        required("code", official="content:E_acte_fr #6-8", when=_of_an_act),
        unless=(INTERNAL_REFERENCE,),
        example=ex.procedure("acte-1", ex.relation(ex.internal_reference().replace(
            f'<templateId root="{INTERNAL_REFERENCE}"/>', ""), "RSON")),
    ),
    entry(
        "external-references", Text("Références externes", "External references"), _EXTERNAL,
        named("act", official="ihe:E_referencesExternes_int #1 · content:E_referencesExternes_fr #1"),
        *act_class("ACT", "EVN", official="ihe:E_referencesExternes_int #1 · content:E_referencesExternes_fr #1"),
        exactly_one("id", official="ihe:E_referencesExternes_int #2 · content:E_referencesExternes_fr #3"),
        at_most_one("code", official="ihe:E_referencesExternes_int #3 · content:E_referencesExternes_fr #4"),
        fixed("code/@nullFlavor", "NA", official="ihe:E_referencesExternes_int #3 · content:E_referencesExternes_fr #4"),
        exactly_one("text", official="ihe:E_referencesExternes_int #4 · content:E_referencesExternes_fr #5"),
        match("reference", typeCode=("SPRT", "REFR"),
              official="ihe:E_referencesExternes_int #5 · content:E_referencesExternes_fr #6"),
        match("reference/externalDocument", classCode="DOC", moodCode="EVN",
              official="ihe:E_referencesExternes_int #6 · content:E_referencesExternes_fr #7"),
        required("reference/externalDocument/id",
                 official="ihe:E_referencesExternes_int #7 · content:E_referencesExternes_fr #8"),
        example=ex.external_references("document-1"),
    ),
    entry(
        "external-references-fr", Text("Références externes (FR-References-externes)", "External references (FR)"),
        fr_entry("35"),
        declares(_EXTERNAL, official="content:E_referencesExternes_fr #2"),
        example=ex.external_references("document-1"),
    ),
    entry(
        "comment", Text("Commentaire", "Comment"), COMMENT,
        declares(ccd("40"), official="ihe:E_comments_int #1"),
        declares(fr_entry("32"), official="content:E_comments_fr #1"),
        code("code", "48767-8", LOINC, "Commentaire", official="ihe:E_comments_int #2"),
        completed("ihe:E_comments_int #3"),
        complete("author", "time", "assignedAuthor/id", "assignedAuthor/addr", "assignedAuthor/telecom",
                 "assignedAuthor/assignedPerson/name", "assignedAuthor/representedOrganization/name",
                 official="ihe:E_comments_int #4"),
        required("text/reference", official="ihe:E_comments_int #5"),
        Enclosed("SUBJ", "true", (PROBLEM,), key="relationship-in-problem", official="ihe:E_problemEntry_int #20"),
        example=ex.problem("probleme-1", ex.relation(ex.comment("commentaire-1"), "SUBJ", "true")),
    ),
    entry(
        "comment-fr", Text("Commentaire (FR-Commentaire-ER)", "Comment (FR)"), fr_entry("32"),
        declares(COMMENT, official="content:E_comments_fr #2"),
        example=ex.problem("probleme-1", ex.relation(ex.comment("commentaire-1"), "SUBJ", "true")),
    ),
)  # fmt: skip
