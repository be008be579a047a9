"""Codes of the header (CE, CD, CS): what goes with what.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.7.3; HL7 data types (DTr1_CD, DTr1_CE, DTr1_CS).
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from conformance.cda.header.coded import code_flaw
from conformance.cda.header.kinds import WARN, drop, each
from conformance.cda.namespaces import h, short
from conformance.cda.rules import Constraint, Violation
from conformance.core.language import Text


def _code(element: etree._Element) -> Text | None:
    flaw = code_flaw(element)
    if flaw is not None:
        return flaw
    seen: set[tuple[str | None, str | None]] = set()
    for translation in element.iter(h("translation")):
        if translation is element:
            continue
        if "nullFlavor" in translation.attrib:
            return Text("une traduction porte nullFlavor", "a translation carries nullFlavor")
        if (inner := code_flaw(translation, whole=False)) is not None:
            return Text(f"traduction : {inner.fr}", f"translation: {inner.en}")
        pair = (translation.get("code"), translation.get("codeSystem"))
        if pair in seen and None not in pair:
            return Text(f"traduction répétée : {pair[0]}", f"repeated translation: {pair[0]}")
        seen.add(pair)
    return None


def _half_translation(element: etree._Element) -> Text | Violation | None:
    for translation in element.iterchildren(h("translation")):
        if "nullFlavor" in translation.attrib or code_flaw(translation, whole=False) is not None:
            continue  # another rule speaks
        if translation.get("code") is None or translation.get("codeSystem") is None:
            return Violation(translation, Text("il manque code ou codeSystem", "code or codeSystem is missing"))
    return None


def _break_translation(element: etree._Element) -> bool:
    if element.get("code") is None or element.find(h("translation")) is not None:
        return False
    etree.SubElement(element, h("translation"), code="X1")
    return True


def _break_code(element: etree._Element) -> bool:
    if element.get("code") is None:
        return False
    drop(element, "codeSystem", "codeSystemName")
    return True


def _qualifier(element: etree._Element) -> Text | None:
    return Text("trouvé qualifier", "found qualifier") if element.find(h("qualifier")) is not None else None


def _break_qualifier(element: etree._Element) -> bool:
    if element.get("code") is None:
        return False
    etree.SubElement(element, h("qualifier"))
    return True


def _plain_code(element: etree._Element) -> Text | None:
    if "nullFlavor" in element.attrib:
        return None
    if "code" not in element.attrib:
        return Text("il manque code", "code is missing")
    for name in ("codeSystem", "codeSystemName", "codeSystemVersion", "displayName"):
        if name in element.attrib:
            return Text(f"trouvé {name}", f"found {name}")
    for child in element:
        if child.tag in (h("originalText"), h("qualifier"), h("translation")):
            return Text(f"trouvé {short(str(child.tag))}", f"found {short(str(child.tag))}")
    return None


def _break_plain_code(element: etree._Element) -> bool:
    element.set("displayName", "x")
    return True


def _label(element: etree._Element) -> Text | None:
    label = element.get("displayName", "")
    if any(mark in label for mark in "\r\n\t"):
        return Text("saut de ligne ou tabulation", "line break or tab")
    return None


def _break_label(element: etree._Element) -> bool:
    label = element.get("displayName")
    if not label:
        return False
    element.set("displayName", label.replace(" ", "\t", 1) if " " in label else label + "\t")
    return True


CODES: Final[tuple[Constraint, ...]] = (
    each(
        "code",
        "CE CD CV",
        Text(
            "code et codeSystem doivent aller ensemble, displayName avec eux ; sans code : originalText ou nullFlavor",
            "code and codeSystem must go together, displayName with them; without code: originalText or nullFlavor",
        ),
        _code,
        _break_code,
        official="DTr1_CD; §3.5.7.3",
        hint=Text(
            "Donnez code, codeSystem (OID) et displayName ; les traductions portent chacune un code différent.",
            "Give code, codeSystem (OID) and displayName; each translation has a different code.",
        ),
    ),
    each(
        "translation",
        "CE CD CV",
        Text("une traduction doit porter code et codeSystem", "a translation must carry code and codeSystem"),
        _half_translation,
        _break_translation,
        beyond=Text(
            "Sans l'un des deux elle ne traduit rien ; les règles officielles ne le regardent pas.",
            "Without one of them it translates nothing; the official rules do not look at it.",
        ),
        source="CI-SIS Structuration minimale v1.16.8 §3.5.7.3",
    ),
    each(
        "qualifier",
        "CE CV",
        Text("qualifier ne doit pas être employé", "qualifier must not be used"),
        _qualifier,
        _break_qualifier,
        official="DTr1_CE; §3.5.7.3",
    ),
    each(
        "plain-code",
        "CS",
        Text(
            "un code simple (CS) doit porter code, sans codeSystem ni libellé",
            "a plain code (CS) must have code, without codeSystem or label",
        ),
        _plain_code,
        _break_plain_code,
        official="DTr1_CS; §3.5.7.3",
    ),
    each(
        "label",
        "CE CD CV",
        Text("displayName doit tenir sur une ligne, sans tabulation", "displayName must be on one line, without tab"),
        _label,
        _break_label,
        severity=WARN,
        official="DTr1_CD (warning)",
    ),
)
