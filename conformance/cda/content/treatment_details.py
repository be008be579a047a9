"""What a treatment may hold: prescription, instructions, plan item, quantity, renewal, substitution, flags.

Source: IHE PCC TF-2 §6.3.4.17, §6.3.4.18; IHE Pharmacy PRE; CI-SIS, Modèles de contenus CDA, entrées
FR-Prescription, FR-Instructions-au-patient, FR-Instructions-au-dispensateur, FR-Traitement-subordonne…
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from weakref import WeakKeyDictionary

from lxml import etree

from conformance.cda.coding import code
from conformance.cda.constraints import (
    Rule,
    at_most_one,
    declares,
    exactly_one,
    fixed,
    holds,
    one_of,
    required,
)
from conformance.cda.content import examples as ex
from conformance.cda.content import more_examples as more
from conformance.cda.content.entries import completed, entry
from conformance.cda.content.kinds import FOREIGN, act_class, complete, each_has, filled, match, named
from conformance.cda.content.oids import (
    HL7_ACT_CODE,
    HL7_SUBSTITUTION,
    IHE_INSTRUCTION,
    IHE_PHARMACY_ITEM,
    PRODUCT,
    SIMPLE_OBSERVATION,
    SOURCE,
    TA_ASIP,
    TREATMENT,
    VSM_REQUIREMENT,
    ccd,
    fr_entry,
    pcc,
    pharm,
)
from conformance.cda.content.relations import carried_by, exactly_one_held, related
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Condition, Constraint, Context, Template, Violation, carries
from conformance.core.language import Text

_PRESCRIPTION, _PATIENT, _DISPENSER = pcc("4.7.3"), pcc("4.3"), pcc("4.3.1")
_PLAN_ITEM, _PLAN_ITEM_PARENT = pharm("10"), fr_entry("96")
_DETAIL = fr_entry("48.35")
_ITEM = pharm("7")


def _related(node: etree._Element) -> bool:
    """The entry stands in a relationship: only these are counted by the official rules."""
    carrier = node.getparent()
    return carrier is not None and carrier.tag == h("entryRelationship")


def _has(where: str) -> Condition:
    """Condition: an element stands at this path."""
    compiled = path(where)
    return lambda node: bool(compiled.elements(node))


def _named_someone(role: str) -> Rule:
    """An author or a performer names a person or an organisation."""
    names = (path(f"{role}/assignedPerson/name"), path(f"{role}/representedOrganization/name"))

    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        if not any(name.elements(node) for name in names):
            yield Violation(node, Text("il n'y a ni l'un ni l'autre", "there is neither"))

    def break_it(node: etree._Element) -> None:
        for name in names:
            for element in name.elements(node):
                parent = element.getparent()
                if parent is not None:
                    parent.remove(element)

    return Rule(
        asks=Text("une personne (assignedPerson/name) ou une structure (representedOrganization/name) doit être nommée",
                  "a person (assignedPerson/name) or an organisation (representedOrganization/name) must be named"),
        test=test, break_it=break_it, key="name",
        official="ihe:E_supplyEntry_int #10" if role == "assignedAuthor" else "ihe:E_supplyEntry_int #13-14",
    )  # fmt: skip


def _of_prescription(node: etree._Element) -> bool:
    return carries(node.getparent(), _PRESCRIPTION)


def _instruction(code_value: str, label: str, file: str) -> tuple[Constraint, ...]:
    """Code, narrative link and status of an instruction, counted by the official rules over the whole document."""
    return (
        code("code", code_value, IHE_INSTRUCTION, label, when=_related, official=f"{file} #2"),
        exactly_one("text/reference", when=_related, official=f"{file} #3"),
        fixed("statusCode/@code", "completed", when=_related, official=f"{file} #4"),
    )


# A reference to an item of a treatment plan ----------------------------------------------------------------


def _plan_items(root: etree._Element) -> list[etree._Element]:
    return [node for node in root.iter(h("substanceAdministration")) if carries(node, _PLAN_ITEM) and _related(node)]


_COUNTED: WeakKeyDictionary[Context, int] = WeakKeyDictionary()
"""The number of references to a plan item in a document, counted once: the rule looks at each of them."""


def _only_item(node: etree._Element, context: Context) -> Iterator[Violation]:
    if context not in _COUNTED:
        _COUNTED[context] = len(_plan_items(context.root))
    count = _COUNTED[context]
    if count != 1:
        said = (
            Text(f"il y en a {count}", f"there are {count}") if count else Text("elle n'y est pas", "it is not in one")
        )
        yield Violation(node, said)


def _second_item(node: etree._Element) -> None:
    carrier = node.getparent()
    if carrier is not None:
        carrier.tag = h("entry")


def _beside_relationships(node: etree._Element) -> bool:
    """Some relationship stands beside the one that carries the entry: else the official rule asks nothing."""
    carrier = node.getparent()
    parent = carrier.getparent() if carrier is not None else None
    return parent is not None and next(parent.iterchildren(h("entryRelationship")), None) is not None


def _holds_detail(node: etree._Element) -> bool:
    return any(carries(detail, _DETAIL) for detail in path("entryRelationship/observation").elements(node))


# The period of a renewal, the place of a subordinate administration ----------------------------------------


def _endless(node: etree._Element, context: Context) -> Iterator[Violation]:
    periods = path("effectiveTime").elements(node)
    if not any(path(end).elements(period) for period in periods for end in ("high", "width")):
        said = (
            Text("il n'y a ni l'un ni l'autre", "there is neither") if periods else Text("il manque", "it is missing")
        )
        yield Violation(periods[0] if periods else node, said)


def _make_endless(node: etree._Element) -> None:
    for period in path("effectiveTime").elements(node):
        for end in list(period):
            period.remove(end)


def _not_in_comp(node: etree._Element, context: Context) -> Iterator[Violation]:
    carrier = node.getparent()
    if carrier is None or carrier.tag != h("entryRelationship"):
        yield Violation(node, Text("elle n'y est pas", "it is not"))
    elif carrier.get("typeCode") != "COMP":
        value = carrier.get("typeCode", "")
        yield Violation(carrier, Text(f"trouvé typeCode « {value} »", f"found typeCode “{value}”"), "typeCode")


def _leave_comp(node: etree._Element) -> None:
    carrier = node.getparent()
    if carrier is not None:
        carrier.set("typeCode", "x-wrong")


def _reached(node: etree._Element) -> bool:
    """Directly in a relationship of an administration that is an entry of a section, and written SBADM/INT."""
    carrier = node.getparent()
    parent = carrier.getparent() if carrier is not None else None
    above = parent.getparent() if parent is not None else None
    return (
        carrier is not None
        and carrier.get("typeCode") == "COMP"
        and above is not None
        and above.tag == h("entry")
        and (node.get("classCode"), node.get("moodCode")) == ("SBADM", "INT")
    )


def _too_many_ids(node: etree._Element, context: Context) -> Iterator[Violation]:
    count = len(path("templateId").elements(node))
    if count > 5:
        yield Violation(node, Text(f"il y en a {count}", f"there are {count}"))


def _add_id(node: etree._Element) -> None:
    node.insert(0, etree.Element(h("templateId"), root=FOREIGN))


DETAILS: tuple[Template, ...] = (
    entry(
        "prescription", Text("Prescription", "Prescription"), _PRESCRIPTION,
        declares(ccd("34"), official="ihe:E_supplyEntry_int #1-2,5"),
        *(replace(rule, when=_beside_relationships) for rule in carried_by("REFR", "", "ihe:E_supplyEntry_int #3")),
        *act_class("SPLY", "INT", "EVN", official="ihe:E_supplyEntry_int #4"),
        exactly_one("id", official="ihe:E_supplyEntry_int #6 · content:E_supplyEntry_fr #1"),
        at_most_one("effectiveTime", official="content:E_supplyEntry_fr #2"),
        at_most_one("quantity", official="content:E_supplyEntry_fr #3"),
        at_most_one("author", official="content:E_supplyEntry_fr #4"),
        at_most_one("performer", official="content:E_supplyEntry_fr #5"),
        each_has("quantity", "value", official="ihe:E_supplyEntry_int #7"),
        related("SUBJ", (_DISPENSER,), Text("une instruction au dispensateur", "one instruction to the dispenser"),
                when=_has("entryRelationship"), official="content:E_supplyEntry_fr #6"),
        example=more.treatment("medicament-1", ex.relation(more.prescription("dispense-1"), "REFR"))
        + more.treatment("medicament-2", ex.relation(more.prescription("dispense-2"), "REFR")
                       + ex.relation(more.prescription("dispense-3"), "REFR")),
    ),
    Template(
        key="prescription-author", name=Text("Auteur de la prescription", "Author of the prescription"),
        element="author", where=_of_prescription, source=SOURCE, requirements=VSM_REQUIREMENT,
        constraints=(
            filled("time", official="ihe:E_supplyEntry_int #8"),
            required("assignedAuthor/id", key="assignedAuthor.required", official="ihe:E_supplyEntry_int #9"),
            _named_someone("assignedAuthor"),
        ),
        example=more.treatment("medicament-1", ex.relation(more.prescription("dispense-1"), "REFR")),
    ),
    Template(
        key="prescription-performer", name=Text("Exécutant de la prescription", "Performer of the prescription"),
        element="performer", where=_of_prescription, source=SOURCE, requirements=VSM_REQUIREMENT,
        constraints=(
            fixed("@typeCode", "PRF", official="ihe:E_supplyEntry_int #11"),
            required("time/@value", official="ihe:E_supplyEntry_int #12"),
            _named_someone("assignedEntity"),
        ),
        example=more.treatment("medicament-1", ex.relation(more.prescription("dispense-1"), "REFR")),
    ),
    entry(
        "patient-instructions", Text("Instructions au patient", "Instructions to the patient"), _PATIENT,
        declares(ccd("49"), official="ihe:E_instructionsPatient_int #1 · content:E_instructionsPatient_fr #1"),
        *_instruction("PINSTRUCT", "Instructions au patient", "ihe:E_instructionsPatient_int"),
        example=ex.relation(more.instruction("consigne-1", "PINSTRUCT", (ccd("49"), _PATIENT, fr_entry("33"))), "SUBJ", "true"),
    ),
    entry(
        "patient-instructions-fr", Text("Instructions au patient (FR-Instructions-au-patient)",
                                        "Instructions to the patient (FR)"), fr_entry("33"),
        declares(_PATIENT, official="content:E_instructionsPatient_fr #1"),
        at_most_one(f"templateId[@root='{fr_entry('33')}']", key="templateId.once",
                    official="content:E_instructionsPatient_fr #1"),
        related("COMP", (_DETAIL,), Text("une instruction détaillée", "one detailed instruction"),
                when=_holds_detail, official="content:E_instructionsPatient_fr #2", key="detail.relationship"),
        example=ex.relation(more.instruction("consigne-1", "PINSTRUCT", (ccd("49"), _PATIENT, fr_entry("33")), ex.relation(
            ex.simple_observation("consigne-2", (_DETAIL,), ex.coded(
                "code", "PINSTRUCT", IHE_INSTRUCTION, "Instructions au patient")), "COMP")), "SUBJ", "true"),
    ),
    entry(
        "patient-instruction-detail", Text("Instruction détaillée au patient", "Detailed instruction to the patient"), _DETAIL,
        declares(SIMPLE_OBSERVATION, official="content:E_instructionAuPatient_fr #1"),
        code("code", "PINSTRUCT", IHE_INSTRUCTION, "Instructions au patient", when=_related,
             official="content:E_instructionAuPatient_fr #2,3-4 · content:E_instructionsPatient_fr #2"),
        example=ex.relation(ex.simple_observation("consigne-2", (_DETAIL,), ex.coded(
            "code", "PINSTRUCT", IHE_INSTRUCTION, "Instructions au patient")), "COMP"),
    ),
    entry(
        "dispenser-instructions", Text("Instructions au dispensateur", "Instructions to the dispenser"), _DISPENSER,
        declares(ccd("43"), official="ihe:E_instructionsDispensateur_int #1 · content:E_instructionsDispensateur_fr #1"),
        *_instruction("FINSTRUCT", "Instructions au dispensateur", "ihe:E_instructionsDispensateur_int"),
        example=ex.relation(more.instruction("consigne-3", "FINSTRUCT", (ccd("43"), _DISPENSER, fr_entry("34"))), "SUBJ", "true"),
    ),
    entry(
        "dispenser-instructions-fr", Text("Instructions au dispensateur (FR-Instructions-au-dispensateur)",
                                          "Instructions to the dispenser (FR)"), fr_entry("34"),
        declares(_DISPENSER, official="content:E_instructionsDispensateur_fr #1"),
        example=ex.relation(more.instruction("consigne-3", "FINSTRUCT", (ccd("43"), _DISPENSER, fr_entry("34"))), "SUBJ", "true"),
    ),
    entry(
        "plan-item-reference", Text("Référence à un élément du plan de traitement", "Reference to an item of a treatment plan"),
        _PLAN_ITEM,
        declares(fr_entry("85"), official="content:E_referenceItemPlanTraitement_fr #1"),
        exactly_one("id", official="ihe:E_referenceItemPlanTraitement_int #1 · content:E_referenceItemPlanTraitement_fr #2"),
        at_most_one("code", official="ihe:E_referenceItemPlanTraitement_int #2 · content:E_referenceItemPlanTraitement_fr #3"),
        code("code", "MTPItem", IHE_PHARMACY_ITEM, "élément du plan de traitement",
             official="ihe:E_referenceItemPlanTraitement_int #2 · content:E_referenceItemPlanTraitement_fr #3"),
        at_most_one("consumable", official="content:E_referenceItemPlanTraitement_fr #4"),
        fixed("consumable/manufacturedProduct/manufacturedMaterial/@nullFlavor", "NA",
              official="ihe:E_referenceItemPlanTraitement_int #3 · content:E_referenceItemPlanTraitement_fr #4"),
        Rule(
            asks=Text("la référence doit être dans un entryRelationship, et seule dans le document",
                      "the reference must be in an entryRelationship, and alone in the document"),
            test=_only_item, break_it=_second_item, key="only-one",
            official="ihe:E_referenceItemPlanTraitement_int #3-4",
        ),
        related("REFR", (_PLAN_ITEM_PARENT,), Text("un élément du plan de traitement", "one item of a treatment plan"),
                official="content:E_referenceItemPlanTraitement_fr #5"),
        exactly_one_held("entryRelationship/substanceAdministration", _ITEM, Text(
            "l'élément du plan de traitement", "the item of the treatment plan"),
            official="ihe:E_referenceItemPlanTraitement_int #4"),
        example=more.treatment_details("medicament-1"),
    ),
    entry(
        "plan-item", Text("Élément du plan de traitement", "Item of a treatment plan"), _ITEM,
        declares(TREATMENT, official="ihe:E_itemPlanTraitement_int #2"),
        declares(_PLAN_ITEM_PARENT, official="content:E_itemPlanTraitement_fr #1"),
        Rule(
            asks=Text("au plus 5 templateId doivent figurer", "at most 5 templateIds must occur"),
            test=_too_many_ids, break_it=_add_id, key="templateId.count", official="content:E_itemPlanTraitement_fr #2",
        ),
        code("code", "DRUG", HL7_ACT_CODE, "Médicament", when=_has("code"), official="ihe:E_itemPlanTraitement_int #5"),
        example=more.planned_item("medicament-1"),
    ),
    entry(
        "quantity", Text("Quantité de produit", "Quantity of product"), pharm("8"),
        *act_class("SPLY", "RQO", official="ihe:E_quantiteProduit_int #1-2"),
        declares(fr_entry("86"), official="content:E_quantiteProduit_fr #1"),
        match("independentInd", most=1, value="false", official="ihe:E_quantiteProduit_int #3"),
        exactly_one("quantity/@value", official="ihe:E_quantiteProduit_int #4"),
        example=more.QUANTITY,
    ),
    entry(
        "renewal", Text("Période de renouvellement", "Renewal period"), pharm("15"),
        *act_class("SPLY", "RQO", official="ihe:E_periodeRenouvellement_int #1"),
        declares(fr_entry("88"), official="content:E_periodeRenouvellement_fr #1"),
        at_most_one("effectiveTime", official="ihe:E_periodeRenouvellement_int #2"),
        Rule(
            asks=Text("la période (effectiveTime) doit avoir une fin (high) ou une durée (width)",
                      "the period (effectiveTime) must have an end (high) or a duration (width)"),
            test=_endless, break_it=_make_endless, key="effectiveTime.end",
            official="ihe:E_periodeRenouvellement_int #2-3",
        ),
        example=more.RENEWAL,
    ),
    entry(
        "substitution", Text("Autorisation de substitution", "Substitution permission"), pharm("9.1"),
        *act_class("ACT", "DEF", official="ihe:E_autorisationSubstitution_int #1-2"),
        declares(fr_entry("87"), official="content:E_autorisationSubstitution_fr #1"),
        match("code", most=1, codeSystem=HL7_SUBSTITUTION, key="code.system",
              official="ihe:E_autorisationSubstitution_int #3 · content:E_autorisationSubstitution_fr #2"),
        one_of("code/@code", "N", "G", when=_has("code"), official="content:E_autorisationSubstitution_fr #2",
               hint=Text("N : pas de substitution ; G : substitution par un générique.",
                         "N: no substitution; G: generic substitution.")),
        completed("ihe:E_autorisationSubstitution_int #4"),
        at_most_one("statusCode", official="ihe:E_autorisationSubstitution_int #4"),
        example=more.SUBSTITUTION,
    ),
    entry(
        "subordinate-treatment", Text("Traitement prescrit subordonné", "Subordinate prescribed treatment"), fr_entry("83.1"),
        Rule(
            asks=Text("l'entrée doit être portée par un entryRelationship (typeCode=COMP)",
                      "the entry must be carried by an entryRelationship (typeCode=COMP)"),
            test=_not_in_comp, break_it=_leave_comp, key="relationship",
            official="content:E_traitementPrescrit_fr #8 · ihe:E_traitementPrescritSubordonnee_int #1",
        ),
        named("substanceAdministration", official="content:E_traitementPrescrit_fr #9"),
        *act_class("SBADM", "INT", official="content:E_traitementPrescrit_fr #9"),
        *(required(name, when=_reached, official=f"content:E_traitementPrescritSubordonnee_fr #{rank}{cited}")
          for rank, name, cited in ((1, "id", " · content:E_traitementPrescrit_fr #10"),
                                   (2, "text", " · content:E_traitementPrescrit_fr #11-12"))),
        fixed("statusCode/@code", "completed",
              official="content:E_traitementPrescrit_fr #13 · content:E_traitementPrescritSubordonnee_fr #3"),
        at_most_one("statusCode", official="content:E_traitementPrescrit_fr #13"),
        at_most_one("doseQuantity", official="content:E_traitementPrescrit_fr #14"),
        complete("doseQuantity", "low", "high", official="content:E_traitementPrescrit_fr #14"),
        at_most_one("rateQuantity", official="content:E_traitementPrescrit_fr #15"),
        complete("rateQuantity", "low", "high", official="content:E_traitementPrescrit_fr #15"),
        holds("consumable[@typeCode='CSM']/manufacturedProduct", (PRODUCT,), Text(
            "un produit, dans un consumable de typeCode CSM,", "one product, in a consumable with the typeCode CSM,"),
            official="content:E_traitementPrescrit_fr #16 · content:E_traitementPrescritSubordonnee_fr #4"),
        example=more.SUBORDINATE,
    ),
)  # fmt: skip


def _flag(number: str, name: Text, code_value: str, label: str, file: str) -> Template:
    """A yes-or-no observation on a treatment or a device (whose own rules look at its code too)."""
    rank = {"13": 8, "14": 9, "15": 11}.get(number)
    on_devices = f" · ans:E_dispositifMedical-2_ANS #{rank}" if rank else ""
    return entry(
        f"flag-{number}", name, fr_entry(f"48.{number}"),
        declares(SIMPLE_OBSERVATION, official=f"ans:{file} #1"),
        declares(fr_entry("48"), official=f"ans:{file} #1"),
        at_most_one("id", official=f"ans:{file} #2"),
        code("code", code_value, TA_ASIP, label, official=f"ans:{file} #3{on_devices}"),
        at_most_one("code", official=f"ans:{file} #3"),
        at_most_one("text/reference", official=f"ans:{file} #4"),
        at_most_one("statusCode", official=f"ans:{file} #5"),
        at_most_one("effectiveTime", official=f"ans:{file} #6"),
        match("value", value=("true", "false"), key="value.boolean", official=f"ans:{file} #7"),
        at_most_one("value", official=f"ans:{file} #7"),
        example=more.flag(number, code_value, label),
    )  # fmt: skip


FLAGS: tuple[Template, ...] = (
    _flag("12", Text("Hors AMM", "Off label"), "GEN-179", "Hors AMM", "E_horsAMM_ANS"),
    _flag("13", Text("En rapport avec une ALD", "Related to a long-term condition (ALD)"), "MED-574",
          "En rapport avec une Affection Longue Durée (ALD)", "E_enRapportALD_ANS"),
    _flag("14", Text("En rapport avec un accident du travail", "Related to a work accident"), "GEN-180",
          "En rapport avec un accident de travail", "E_enRapportAccidentTravail_ANS"),
    _flag("15", Text("Non remboursable", "Not reimbursable"), "GEN-181", "Non remboursable", "E_nonRemboursable_ANS"),
    entry(
        "reason-for-stopping", Text("Motif d'arrêt du traitement", "Reason for stopping the treatment"), fr_entry("48.17"),
        named("observation", official="content:E_motifArretTraitement_fr #1"),
        declares(SIMPLE_OBSERVATION, official="content:E_motifArretTraitement_fr #2"),
        declares(fr_entry("48"), official="content:E_motifArretTraitement_fr #3"),
        at_most_one("id", official="content:E_motifArretTraitement_fr #4"),
        at_most_one("code", official="content:E_motifArretTraitement_fr #5"),
        fixed("code/@code", "MED-052", when=_has("code"), official="content:E_motifArretTraitement_fr #5"),
        required("value", official="content:E_motifArretTraitement_fr #8"),
        example=ex.simple_observation("motif-1", (fr_entry("48"), fr_entry("48.17")), ex.coded(
            "code", "MED-052", TA_ASIP, "Motif d'arrêt du traitement")),
    ),
)  # fmt: skip
