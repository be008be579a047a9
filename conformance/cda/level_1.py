"""CDA level 1: a document whose body is one file (PDF, text, image) in base64.

Source: CI-SIS Structuration minimale v1.16.8 §3.1, §3.5.5.3, §3.7.2. No official rule looks at the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from conformance.cda.biology.examples import PDF
from conformance.cda.constraints import Rule, exactly_one, fixed, forbidden, one_of
from conformance.cda.embedded import embedded_file_rule
from conformance.cda.kinds import XDS_SD
from conformance.cda.namespaces import h
from conformance.cda.rules import Constraint, Context, RuleSet, Template, Violation
from conformance.core.language import Text

MEDIA_TYPES: Final = ("application/pdf", "text/plain", "text/rtf", "image/jpeg", "image/tiff")
"""The five kinds of file that a level 1 body may be."""

_MODELS: Final = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", XDS_SD)
_TEXT_ONLY: Final = Text(
    "Le texte l'exige (§3.7.2) ; aucune règle officielle ne le teste.",
    "The text asks for it (§3.7.2); no official rule tests it.",
)
_SOURCE: Final = "CI-SIS Structuration minimale v1.16.8 §3.7.2"


def _template(key: str, name: Text, *constraints: Constraint, **more: Any) -> Template:
    return Template(key=key, name=name, constraints=constraints, source=_SOURCE, requirements=("DOC/va1.14",), **more)


def _three_models(node: etree._Element, context: Context) -> Iterator[Violation]:
    found = [child.get("root", "") for child in node.iterchildren(h("templateId"))]
    if sorted(found) != sorted(_MODELS):
        listed = ", ".join(found) or "—"
        yield Violation(node, Text(f"trouvé {listed}", f"found {listed}"))


def _fourth_model(node: etree._Element) -> None:
    node.insert(0, etree.Element(h("templateId"), root="1.2.3.4.5.6"))


def _has_text(node: etree._Element) -> bool:
    return node.find(h("text")) is not None


_EXAMPLE: Final = '<nonXMLBody><text mediaType="application/pdf" representation="B64">' + PDF + "</text></nonXMLBody>"

LEVEL_1: Final = RuleSet(
    (
        _template(
            "level-1", Text("Document de niveau 1", "Level 1 document"),
            Rule(
                asks=Text(f"un document de niveau 1 doit avoir exactement trois templateId : {', '.join(_MODELS)}",
                          f"a level 1 document must have exactly three templateIds: {', '.join(_MODELS)}"),
                test=_three_models, break_it=_fourth_model, key="three-models", official="struct §3.5.5.3",
            ),
            element="ClinicalDocument", layer="header",
            example='<ClinicalDocument xmlns="urn:hl7-org:v3">'
                    + "".join(f'<templateId root="{oid}"/>' for oid in _MODELS) + "</ClinicalDocument>",
        ),
        _template(
            "level-1-body", Text("Corps non structuré (niveau 1)", "Unstructured body (level 1)"),
            exactly_one("text", beyond=_TEXT_ONLY),
            forbidden("text/@nullFlavor", beyond=_TEXT_ONLY),
            one_of("text/@mediaType", *MEDIA_TYPES, when=_has_text, beyond=_TEXT_ONLY),
            fixed("text/@representation", "B64", when=_has_text, beyond=_TEXT_ONLY),
            element="nonXMLBody", example=_EXAMPLE,
        ),
        _template(
            "level-1-file", Text("Fichier du corps (niveau 1)", "File of the body (level 1)"),
            *embedded_file_rule("text"),
            element="nonXMLBody", layer="coherence", example=_EXAMPLE,
        ),
    )
)  # fmt: skip
