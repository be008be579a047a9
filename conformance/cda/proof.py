"""Every rule proves itself: it is silent on the valid example of its template, and fires on a counterexample.

The counterexample is the example with just that constraint broken. Behind ``segur rules --proof``.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from conformance.cda.namespaces import DICOM, HL7, LAB, PHARM, SDTC, XSI, h
from conformance.cda.rules import CannotSpoil, Constraint, RuleSet, Template, carries

_ENVELOPE = (
    f'<example xmlns="{HL7}" xmlns:xsi="{XSI}" xmlns:sdtc="{SDTC}" xmlns:lab="{LAB}" '
    f'xmlns:pharm="{PHARM}" xmlns:ps3-20="{DICOM}">%s</example>'
)


class Proof(StrEnum):
    """How far a rule is proven."""

    PROVEN = "proven"
    """Silent on the good example; on the bad one it fires, and nothing else does."""
    NOT_ALONE = "not_alone"
    """It fires on its counterexample, with others."""
    SILENT = "silent"
    """Its counterexample does not make it fire: the rule or the counterexample is wrong."""
    NO_EXAMPLE = "no_example"
    """The template has no example, or one in which the constraint has no hold."""
    BAD_EXAMPLE = "bad_example"
    """The good example breaks rules."""


@dataclass(frozen=True)
class Demonstration:
    """The proof of one rule: the verdict, the good and the bad example, the rules that fired."""

    rule: str
    proof: Proof
    good: etree._Element | None = None
    bad: etree._Element | None = None
    fired: tuple[str, ...] = ()


def example_of(template: Template) -> etree._Element | None:
    """The template's example inside an envelope that declares the namespaces; ``None`` when it has none."""
    if not template.example.strip():
        return None
    text = template.example.strip()
    if text.startswith("<?xml") or text.startswith("<ClinicalDocument"):
        return etree.fromstring(text.encode())
    return etree.fromstring((_ENVELOPE % text).encode())


def demonstrate(template: Template, constraint: Constraint, rules: RuleSet) -> Demonstration:
    """Prove one rule within the whole set (so that what else fires is seen)."""
    rule = template.rule_id(constraint)
    good = example_of(template)
    if good is None:
        return Demonstration(rule, Proof.NO_EXAMPLE)
    before = tuple(sorted({breach.rule for breach in rules.breaches(good)}))
    if before:
        return Demonstration(rule, Proof.BAD_EXAMPLE, good, fired=before)
    best = Demonstration(rule, Proof.NO_EXAMPLE, good)
    for rank in range(len(_nodes(template, good))):
        bad = copy.deepcopy(good)
        node = _nodes(template, bad)[rank]
        if constraint.when is not None and not constraint.when(node):
            continue
        try:
            constraint.spoil(node)
        except CannotSpoil:
            continue
        fired = tuple(sorted({breach.rule for breach in rules.breaches(bad)}))
        if fired == (rule,):
            return Demonstration(rule, Proof.PROVEN, good, bad, fired)
        proof = Proof.NOT_ALONE if rule in fired else Proof.SILENT
        if best.proof in (Proof.NO_EXAMPLE, Proof.SILENT):
            best = Demonstration(rule, proof, good, bad, fired)
    return best


def demonstrate_all(rules: RuleSet) -> list[Demonstration]:
    """The proof of every rule of a set."""
    return [demonstrate(template, constraint, rules) for template, constraint in rules.rules()]


def _nodes(template: Template, root: etree._Element) -> list[etree._Element]:
    wanted = h(template.element) if template.element else "*"
    nodes = [node for node in root.iter(wanted) if not template.oid or carries(node, template.oid)]
    return [node for node in nodes if template.where is None or template.where(node)]
