"""nullFlavor and ``xsi:type`` in the header.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.3; HL7 data types (DTr1_ANY).
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule, type_of
from conformance.cda.header.kinds import WARN, found, named
from conformance.cda.header.places import HeaderParts, header_parts
from conformance.cda.namespaces import XSI_TYPE, h, short
from conformance.cda.rules import Constraint, Context, Violation
from conformance.core.language import Text

_HARMLESS: Final = {
    "classCode": None, "typeCode": None, "determinerCode": None, "moodCode": None, "partType": None,
    "nullFlavor": None, XSI_TYPE: None, "integrityCheckAlgorithm": "SHA-1", "inverted": "false",
    "mediaType": "text/plain", "operator": "I", "representation": "TXT", "inclusive": "true", "unit": "1",
}  # fmt: skip
"""Attributes that may stand beside a nullFlavor: the structural ones, and the defaults of the schema."""

_PARTLY_KNOWN: Final = ("OTH", "NA", "UNC")
_KEPT: Final = frozenset({"codeSystem", "codeSystemName", "codeSystemVersion", "extension"})
"""What an element partly known may keep: the system in which there is no code, an original text, translations."""

_BOUND: Final = {h("low"), h("high")}

HEADER_NULL_FLAVORS: Final = ("UNK", "NASK", "ASKU", "NAV", "MSK")
"""The five values that the text allows in a header (§3.5.3.1)."""


def _beside_null(element: etree._Element) -> Text | None:
    """What an element with nullFlavor holds beside it, if it may not."""
    attributes = [
        name for name, value in element.attrib.items()
        if name not in _HARMLESS or (_HARMLESS[name] is not None and _HARMLESS[name] != value)
    ]  # fmt: skip
    if element.get("nullFlavor") in _PARTLY_KNOWN:
        partly = any(name in ("codeSystem", "extension") for name in attributes) or any(
            child.tag in (h("originalText"), h("translation")) for child in element
        )
        if partly and _KEPT.issuperset(attributes):
            return None
    held = [f"@{short(str(name))}" for name in attributes] + [short(str(c.tag)) for c in element.iterchildren("*")]
    if "".join(text for text in (element.text, *(c.tail for c in element)) if text).strip():
        held.append("texte")
    if not held:
        return None
    words = ", ".join(held)
    where = named(element)
    return Text(
        f"{where} porte nullFlavor « {element.get('nullFlavor')} » avec {words}",
        f"{where} carries nullFlavor “{element.get('nullFlavor')}” with {words}".replace("texte", "text"),
    )


def _null_alone(node: etree._Element, context: Context) -> list[Violation]:
    elements = context.remember(header_parts).null_here
    return [Violation(element, said, "nullFlavor") for element in elements if (said := _beside_null(element))]


def _use_beside_null(node: etree._Element) -> None:
    next(element for element in header_parts(node).null_here if element.tag == h("addr")).set("use", "H")


def _five_values(node: etree._Element, context: Context) -> list[Violation]:
    parts: HeaderParts = context.remember(header_parts)
    return [
        Violation(element, found(element.get("nullFlavor")), "nullFlavor")
        for element in (*parts.null_here, *parts.null_elsewhere)
        if element.get("nullFlavor") not in HEADER_NULL_FLAVORS
        and element.tag != h("telecom")
        and not (element.get("nullFlavor") == "NA" and element.tag == h("time"))
        and not (element.get("nullFlavor") in ("NINF", "PINF") and element.tag in _BOUND)
    ]


def _spoil_value(node: etree._Element) -> None:
    for element in header_parts(node).null_here:
        if element.tag not in (h("telecom"), h("time")):
            element.set("nullFlavor", "NI")
            return


_NULL_ALONE: Final = Rule(
    Text(
        "un élément qui porte nullFlavor ne doit rien porter d'autre, ni attribut, ni contenu",
        "an element that carries nullFlavor must carry nothing else, neither attribute nor content",
    ),
    _null_alone,
    _use_beside_null,
    key="alone",
    official="DTr1_ANY; §3.5.3",
    hint=Text(
        "Retirez nullFlavor si la donnée est connue ; sinon, retirez le reste.",
        "Remove nullFlavor if the datum is known; otherwise remove the rest.",
    ),
)

NULL_FLAVORS: Final[tuple[Constraint, ...]] = (
    _NULL_ALONE,
    Rule(
        Text(
            f"nullFlavor doit valoir l'une des cinq valeurs de l'en-tête : {', '.join(HEADER_NULL_FLAVORS)}",
            f"nullFlavor must be one of the five values of the header: {', '.join(HEADER_NULL_FLAVORS)}",
        ),
        _five_values,
        _spoil_value,
        key="values",
        severity=WARN,
        source="CI-SIS Structuration minimale v1.16.8 §3.5.3.1",
        beyond=Text(
            "Le texte n'admet que cinq valeurs ; les règles officielles ne les vérifient que sur telecom.",
            "The text allows five values; the official rules check them on telecom only.",
        ),
    ),
)


_DECLARED: Final = {"II-": "II", "TS!": "TS", "CE?": "CE"}


def _xsi_types(node: etree._Element, context: Context) -> list[Violation]:
    flaws = []
    for kind, elements in context.remember(header_parts).by_type.items():
        if kind in ("ANY", "DATE"):
            continue
        for element in elements:
            if XSI_TYPE not in element.attrib:
                continue
            wanted = "IVXB_TS" if element.tag in _BOUND else _DECLARED.get(kind, kind)
            if type_of(element) != wanted:
                said = found(element.get(XSI_TYPE))
                where = named(element)
                flaws.append(
                    Violation(
                        element,
                        Text(f"{where} : {said.fr}, attendu {wanted}", f"{where}: {said.en}, expected {wanted}"),
                        XSI_TYPE,
                    )
                )
    return flaws


def _spoil_xsi_type(node: etree._Element) -> None:
    header_parts(node).of("II")[0].set(XSI_TYPE, "ST")


XSI_TYPES: Final = Rule(
    Text(
        "xsi:type, s'il figure, doit nommer le type de l'élément",
        "xsi:type, if present, must name the type of the element",
    ),
    _xsi_types,
    _spoil_xsi_type,
    key="xsi-type",
    official="DTr1; §3.5.7",
)
