"""CDA level 1: a document whose body is one file (PDF, text, image) in base64.

Source: CI-SIS Structuration minimale v1.16.8 §3.1, §3.5.5.3, §3.7.2. No official rule looks at the body.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from conformance.cda.biology.examples import PDF
from conformance.cda.constraints import Rule, exactly_one, fixed, forbidden, one_of
from conformance.cda.embedded import embedded_file_rule
from conformance.cda.kinds import XDS_SD
from conformance.cda.namespaces import h
from conformance.cda.pdf_traits import files_of_the_body, trait_rules
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


def one_page(words: str) -> bytes:
    """A PDF of one page that holds these words."""
    stream = f"BT /F1 12 Tf 50 700 Td ({words}) Tj ET".encode()
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    content, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(content))
        content += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(content))
    return content + head + table + tail


_NAMED: Final = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3">'
    + "".join(f'<templateId root="{oid}"/>' for oid in _MODELS)
    + '<recordTarget><patientRole><patient><name><given>MAELLE</given><family qualifier="BR">PRIGENT</family></name>'
    + '<birthTime value="19850714"/></patient></patientRole></recordTarget><component><nonXMLBody><text mediaType="application/pdf" representation="B64">'
    + base64.b64encode(
        one_page("Lettre au sujet de Madame Maelle PRIGENT, nee le 14/07/1985, suivie pour une grippe")
    ).decode()
    + "</text></nonXMLBody></component></ClinicalDocument>"
)

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
        _template(
            "level-1-patient", Text("Patient du fichier (niveau 1)", "Patient of the file (level 1)"),
            *trait_rules(files_of_the_body),
            element="ClinicalDocument", layer="coherence", example=_NAMED,
        ),
    )
)  # fmt: skip
