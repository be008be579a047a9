"""The layers of the pipeline: each looks at a document from one side and may be run alone.

``decoding`` (the bytes), ``structure`` (the CDA R2 schema), then the rules as data: ``header``,
``content`` (sections and entries), ``identity`` (matricule, RPPS, FINESS) and ``coherence`` (what no
official layer checks).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import Final

from conformance.cda import kinds
from conformance.cda.kinds import DocumentType
from conformance.cda.reading import Document
from conformance.cda.rules import OPEN_FILES, Breach, Context, RuleSet
from conformance.core.findings import Finding, Severity
from conformance.core.language import Text

MOST: Final = 1_000
"""Findings that one layer of rules tells of one document; when there are more, a last one says so."""

RULE_LAYERS: Final = ("header", "content", "identity", "coherence")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its name and what it finds. ``skips`` gives the reason for which a document is not its business."""

    name: str
    run: Callable[[Document, DocumentType], list[Finding]]
    skips: Callable[[DocumentType], Text | None]


def all_layers(open_files: bool = False) -> tuple[Layer, ...]:
    """The layers in the order in which they run; ``open_files``: read the PDF files of structured documents too."""
    return (
        Layer("decoding", lambda document, kind: list(document.remarks), lambda kind: None),
        Layer("structure", _structure, _needs_a_clinical_document),
        *(_rule_layer(name, open_files) for name in RULE_LAYERS),
    )


def rules_for(kind: DocumentType) -> RuleSet:
    """Every rule that applies to a kind of document."""
    return functools.reduce(RuleSet.__add__, rule_sets(kind))


@cache
def rule_sets(kind: DocumentType) -> tuple[RuleSet, ...]:
    """The rules of a kind of document, in the sets within which they are proven.

    An example shows the part that its rules are about, so the rules of another part would find it wanting.
    """
    from conformance.cda import coherence, content, header, level_1
    from conformance.cda.volets import cr_bio, vsm

    own = {
        kinds.VSM_2022.key: (content.CONTENT + vsm.VSM_2022,),
        kinds.VSM_2023.key: (content.CONTENT + vsm.VSM_2023,),
        kinds.CR_BIO_2021.key: (cr_bio.CR_BIO_2021,),
        kinds.CR_BIO_2023.key: (cr_bio.CR_BIO_2023,),
        kinds.CR_BIO_2024.key: (cr_bio.CR_BIO_2024,),
        kinds.LEVEL_1.key: (level_1.LEVEL_1,),
    }
    return (header.HEADER, *own.get(kind.key, ()), coherence.COHERENCE)


@cache
def _rules_of_layer(kind: DocumentType, layer: str) -> RuleSet:
    return RuleSet(tuple(template for template in rules_for(kind).templates if template.layer == layer))


def _structure(document: Document, kind: DocumentType) -> list[Finding]:
    from conformance.validation.structure import check_structure

    return check_structure(document)


def _rule_layer(name: str, open_files: bool) -> Layer:
    def run(document: Document, kind: DocumentType) -> list[Finding]:
        assert document.clinical is not None
        context = Context(document.clinical, {OPEN_FILES: open_files}, document.remembered)
        breaches = _rules_of_layer(kind, name).breaches(document.clinical, context)
        findings = [as_finding(breach, document) for breach in islice(breaches, MOST)]
        first = next(breaches, None)
        if first is not None:
            rest = chain([first], breaches)
            if not any(one.severity is Severity.ERROR for one in findings):  # the one that decides is told
                findings += (as_finding(one, document) for one in islice(filter(_is_error, rest), 1))
            findings.append(_too_many(name, document))
        return findings

    def skips(kind: DocumentType) -> Text | None:
        missing = _needs_a_clinical_document(kind)
        if missing is None and name == "content" and not kind.content_checked:
            return Text(
                "le kit n'a pas de règles pour le contenu de ce type de document ; seuls la structure et l'en-tête sont vérifiés",
                "the kit has no rules for the content of this kind of document; only structure and header are checked",
            )
        return missing

    return Layer(name, run, skips)


def _is_error(breach: Breach) -> bool:
    return breach.constraint.severity is Severity.ERROR


def _too_many(layer: str, document: Document) -> Finding:
    message = Text(
        f"La couche « {layer} » a plus de {MOST} constats sur ce document ; seuls les {MOST} premiers sont dits. "
        "Corrigez-les, puis relancez la validation.",
        f"The layer “{layer}” has more than {MOST} findings on this document; only the first {MOST} are told. "
        "Mend them, then validate again.",
    )
    return Finding(f"{layer}.too-many", Severity.INFO, layer, message, document.place(document.root))


def _needs_a_clinical_document(kind: DocumentType) -> Text | None:
    if kind is kinds.NOT_CDA:
        return Text(
            "le document ne contient pas d'élément ClinicalDocument", "the document holds no ClinicalDocument element"
        )
    return None


def as_finding(breach: Breach, document: Document) -> Finding:
    """The finding that a breach makes, with its place in the document."""
    template, constraint, violation = breach.template, breach.constraint, breach.violation
    message = Text("{name} : {demand} ; {found}.", "{name}: {demand}; {found}.").format(
        name=template.name, demand=constraint.demand(), found=_bare(violation.found)
    )
    if constraint.hint:
        message = Text(f"{message.fr} {constraint.hint.fr}", f"{message.en} {constraint.hint.en}")
    return Finding(
        rule=breach.rule,
        severity=constraint.severity,
        layer=template.layer,
        message=message,
        place=document.place(violation.node, violation.attribute),
        requirements=constraint.requirements or template.requirements,
        trust=constraint.trust or template.trust,
        source=constraint.source or template.source,
        beyond_official=constraint.beyond is not None,
    )


def _bare(text: Text) -> Text:
    return Text(text.fr.rstrip(" ."), text.en.rstrip(" ."))
