"""Alterations of a clinical document that look like the mistakes of real software.

The shared reference material breaks documents blindly (an element removed, an attribute emptied). These break
them knowingly: a code of another value set, a date of the wrong precision, a unit, a data type, an identity
domain, a nested entry that is missing. ``alter(root, seed)`` makes one and says which, the same for one seed.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any, Final

from lxml import etree

V3: Final = "urn:hl7-org:v3"
XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
NULLS: Final = ("UNK", "NASK", "ASKU", "NAV", "MSK", "NI", "NA", "OTH", "NP", "NINF")
TYPES: Final = (
    "CD",
    "CE",
    "CS",
    "PQ",
    "IVL_PQ",
    "IVL_TS",
    "TS",
    "ST",
    "ED",
    "INT",
    "REAL",
    "BL",
    "PIVL_TS",
    "II",
    "ANY",
)
SYSTEMS: Final = (
    "2.16.840.1.113883.6.1",
    "2.16.840.1.113883.6.3",
    "2.16.840.1.113883.6.96",
    "2.16.840.1.113883.5.6",
    "1.2.250.1.213.2.12",
    "1.2.250.1.213.1.1.4.322",
    "1.2.250.1.71.1.2.7",
)
STATUSES: Final = ("active", "aborted", "completed", "suspended", "cancelled", "new", "held", "normal", "Completed")
MOODS: Final = ("EVN", "INT", "RQO", "PRMS", "PRP", "DEF", "GOL", "EVN.CRT")
CLASSES: Final = (
    "OBS",
    "ACT",
    "ORGANIZER",
    "CLUSTER",
    "BATTERY",
    "SBADM",
    "SPLY",
    "PROC",
    "ENC",
    "ASSIGNED",
    "PSN",
    "ENT",
)
RELATIONS: Final = (
    "COMP",
    "REFR",
    "SUBJ",
    "RSON",
    "CAUS",
    "MFST",
    "SPRT",
    "XCRPT",
    "GEVL",
    "DRIV",
    "SAS",
    "DOC",
    "RPLC",
)
UNITS: Final = (
    "kg",
    "g",
    "mg",
    "mg/L",
    "mmol/L",
    "L",
    "d",
    "wk",
    "mo",
    "an",
    "Cel",
    "mm[Hg]",
    "/min",
    "1",
    "%",
    "µmol/l",
    "u",
)
DATES: Final = (
    "2012",
    "201203",
    "20120311",
    "2012031117",
    "201203111720",
    "201203111720+0100",
    "20120311172000",
    "20120311172000+0100",
    "20120311172000.000+0100",
    "2012-03-11",
    "20121301",
    "20120230",
    "20350101",
    "1712",
)
TELECOMS: Final = (
    "0147150000",
    "tel:0147150000",
    "tel:+33147150000",
    "tel: 01 47 15 00 00",
    "mailto:a@b.fr",
    "a@b.fr",
    "http://exemple.fr",
    "fax:0147150000",
    "TEL:0147150000",
    "tel:",
    "ftp:x",
)
IDENTITY_DOMAINS: Final = (
    "1.2.250.1.213.1.4.8",
    "1.2.250.1.213.1.4.9",
    "1.2.250.1.213.1.4.10",
    "1.2.250.1.213.1.4.11",
    "1.2.250.1.213.1.4.2",
    "1.2.250.1.71.4.2.1",
    "1.2.250.1.71.4.2.2",
)
NUMBERS: Final = ("1,5", "1.5", " 7", "7 ", "1e3", "-3", "0", "12345678901234567890", "NaN", "abc", "+5", "5.")
USES: Final = ("H", "HP", "HV", "WP", "DIR", "PUB", "TMP", "MC", "AS", "EC", "PG", "L", "BAD", "H WP")

Alteration = Callable[[etree._Element, random.Random], "dict[str, Any] | None"]


def alter(root: etree._Element, seed: int) -> dict[str, Any]:
    """Alter the document below ``root`` in one way drawn by ``seed``; what was done, and to which node."""
    draw = random.Random(seed)
    elements = list(root.iter("*"))
    body = [element for element in elements if not _in_narrative(element)]
    acts = list(ALTERATIONS)
    draw.shuffle(acts)
    for act in acts:
        around = elements if draw.random() < 0.05 else body
        for element in draw.sample(around, len(around)):
            path = element.getroottree().getelementpath(element)
            done = act(element, draw)
            if done is not None:
                return {"op": act.__name__.strip("_"), "path": path, **done}
    return {"op": "none", "path": "."}


def _in_narrative(element: etree._Element) -> bool:
    return any(up.tag == f"{{{V3}}}text" and up is not element for up in element.iterancestors())


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _set(element: etree._Element, attribute: str, value: str | None) -> dict[str, Any] | None:
    if element.get(attribute) == value:
        return None
    if value is None:
        del element.attrib[attribute]
    else:
        element.set(attribute, value)
    return {"attr": attribute, "val": value}


def _other(
    element: etree._Element, draw: random.Random, fits: Callable[[etree._Element], bool]
) -> etree._Element | None:
    """Another element of the document that ``fits``."""
    found = [e for e in element.getroottree().getroot().iter("*") if e is not element and fits(e)]
    return draw.choice(found) if found else None


# Codes ---------------------------------------------------------------------------------------------------------


def _code_of_another(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """Wholly the code of another element of the document: right in itself, wrong here."""
    if element.get("code") is None:
        return None
    other = _other(element, draw, lambda e: e.get("code") not in (None, element.get("code")))
    if other is None:
        return None
    for attribute in ("code", "codeSystem", "displayName", "codeSystemName"):
        value = other.get(attribute)
        if value is None:
            element.attrib.pop(attribute, None)
        else:
            element.set(attribute, value)
    return {"val": element.get("code")}


def _code_unknown(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    code = element.get("code")
    if code is None:
        return None
    forms = (code + "1", code[:-1], code.lower(), code.upper(), " " + code, code + " ", code[::-1], "INCONNU")
    return _set(element, "code", draw.choice(forms))


def _code_system(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if element.get("codeSystem") is None:
        return None
    return _set(element, "codeSystem", draw.choice((*SYSTEMS, element.get("codeSystem", "") + ".1")))


def _label(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    label = element.get("displayName")
    if not label:
        return None
    forms = (label.upper(), label.lower(), label + " ", "Autre libellé", label[: len(label) // 2], label + " (autre)")
    return _set(element, "displayName", draw.choice(forms))


def _translation(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """A translation more, or a qualifier."""
    if element.get("code") is None or element.get("codeSystem") is None:
        return None
    name = draw.choice(("translation", "qualifier", "originalText"))
    child = etree.SubElement(element, f"{{{V3}}}{name}")
    if name == "translation":
        child.attrib.update({"code": "X1", "codeSystem": "1.2.3.4"})
    elif name == "qualifier":
        etree.SubElement(child, f"{{{V3}}}name", {"code": "X1", "codeSystem": "1.2.3.4"})
    else:
        child.text = "texte"
    return {"val": name}


# Attributes ----------------------------------------------------------------------------------------------------


def _attribute_lost(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    names = sorted(name for name in element.attrib if name != XSI_TYPE)
    return _set(element, draw.choice(names), None) if names else None


def _attribute_moved(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """An attribute on the parent, or on the next element, instead."""
    names = sorted(name for name in element.attrib if name != XSI_TYPE)
    target = draw.choice((element.getparent(), element.getnext()))
    if not names or target is None or not isinstance(target.tag, str):
        return None
    name = draw.choice(names)
    target.set(name, element.attrib.pop(name))
    return {"attr": name}


def _attribute_added(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    name, value = draw.choice(
        (
            ("nullFlavor", "UNK"),
            ("nullFlavor", "NA"),
            ("code", "X1"),
            ("use", "HP"),
            ("extension", "2024.01"),
            ("root", "1.2.3"),
            ("negationInd", "true"),
            ("contextConductionInd", "true"),
            ("typeCode", "COMP"),
            ("ID", "tout-neuf"),
            ("xyz", "1"),
        )
    )
    return None if element.get(name) is not None else _set(element, name, value)


def _type_changed(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if element.get(XSI_TYPE) is None:
        return None
    return _set(element, XSI_TYPE, draw.choice((*TYPES, None)))


def _type_added(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if element.get(XSI_TYPE) is not None or draw.random() < 0.6:
        return None
    return _set(element, XSI_TYPE, draw.choice(TYPES))


def _structural_code(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    name = draw.choice(("moodCode", "classCode", "typeCode"))
    if element.get(name) is None:
        return None
    return _set(element, name, draw.choice({"moodCode": MOODS, "classCode": CLASSES, "typeCode": RELATIONS}[name]))


def _status(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    return _set(element, "code", draw.choice(STATUSES)) if _name(element) == "statusCode" else None


def _negation(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if element.get("negationInd") is None and _name(element) not in ("observation", "substanceAdministration"):
        return None
    return _set(element, "negationInd", draw.choice(("true", "false", "1", "oui")))


def _use(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if _name(element) not in ("telecom", "addr", "name"):
        return None
    return _set(element, "use", draw.choice(USES))


# Values --------------------------------------------------------------------------------------------------------


def _unit(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if element.get("unit") is None:
        return None
    return _set(element, "unit", draw.choice((*UNITS, None)))


def _number(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    value = element.get("value") or ""
    if not value.replace(".", "", 1).isdigit() or len(value) >= 8:
        return None
    return _set(element, "value", draw.choice(NUMBERS))


def _date(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    named = _name(element) in ("time", "effectiveTime", "low", "high", "birthTime", "center")
    if not named or not (element.get("value") or "")[:8].isdigit():
        return None
    return _set(element, "value", draw.choice(DATES))


def _date_cut(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """The same moment, told less precisely, or without its offset."""
    value = element.get("value") or ""
    if len(value) < 8 or not value[:8].isdigit():
        return None
    return _set(element, "value", draw.choice((value[:4], value[:6], value[:8], value[:12], value[:14])))


def _period(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """The two ends of a period exchanged, or one lost, or a plain value instead."""
    low, high = element.find(f"{{{V3}}}low"), element.find(f"{{{V3}}}high")
    if low is None:
        return None
    how = draw.choice(("exchanged", "end lost", "start lost", "value", "end unknown"))
    if how == "exchanged" and high is not None:
        low_value, high_value = low.get("value"), high.get("value")
        if low_value is None or high_value is None or low_value == high_value:
            return None
        low.set("value", high_value)
        high.set("value", low_value)
    elif how == "end lost" and high is not None:
        element.remove(high)
    elif how == "start lost":
        element.remove(low)
    elif how == "value" and low.get("value"):
        element.set("value", low.get("value", ""))
        for child in list(element):
            element.remove(child)
        element.attrib.pop(XSI_TYPE, None)
    elif how == "end unknown" and high is not None:
        high.attrib.clear()
        high.set("nullFlavor", "UNK")
    else:
        return None
    return {"val": how}


def _telecom(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if _name(element) != "telecom":
        return None
    if draw.random() < 0.3:
        element.attrib.clear()
        null = draw.choice((*NULLS, None))
        if null:
            element.set("nullFlavor", null)
        return {"val": f"nullFlavor {null}"}
    return _set(element, "value", draw.choice(TELECOMS))


def _address(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """An address told otherwise: parts lost, empty, doubled, or lines beside parts."""
    if _name(element) != "addr":
        return None
    how = draw.choice(
        ("line more", "line only", "text", "empty", "part lost", "part doubled", "part emptied", "null part")
    )
    parts = [child for child in element if isinstance(child.tag, str)]
    if how == "line more":
        etree.SubElement(element, f"{{{V3}}}streetAddressLine").text = "1 rue d'ailleurs"
    elif how in ("line only", "text", "empty"):
        for child in list(element):
            element.remove(child)
        element.text = "1 rue d'ailleurs 75000 Paris" if how == "text" else None
        if how == "line only":
            etree.SubElement(element, f"{{{V3}}}streetAddressLine").text = "1 rue d'ailleurs"
    elif not parts:
        return None
    else:
        part = draw.choice(parts)
        if how == "part lost":
            element.remove(part)
        elif how == "part doubled":
            element.append(copy.deepcopy(part))
        elif how == "part emptied":
            part.text = None
        else:
            part.text = None
            part.set("nullFlavor", draw.choice(NULLS))
    return {"val": how}


def _identifier(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if _name(element) not in ("id", "setId") or element.get("root") is None:
        return None
    attribute = draw.choice(("root", "extension"))
    value = element.get(attribute) or ""
    if attribute == "root":
        forms: tuple[str | None, ...] = (*IDENTITY_DOMAINS, value + ".1", value.upper(), "1.2.250", "urn:oid:" + value)
    else:
        forms = (value + "1", value[:-1], "0" + value, value.replace("/", ""), value[:2] + "9" + value[3:], "")
    return _set(element, attribute, draw.choice(forms))


def _identity(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """The identity domain, the matricule or its absence, at the patient."""
    if _name(element) != "id" or _name(element.getparent()) != "patientRole":
        return None
    how = draw.choice(("domain", "digit", "lost", "doubled", "no extension"))
    if how == "domain":
        return _set(element, "root", draw.choice(IDENTITY_DOMAINS))
    if how == "digit":
        value = element.get("extension") or ""
        place = draw.randrange(len(value)) if value else 0
        return _set(element, "extension", value[:place] + draw.choice("0123456789AB") + value[place + 1 :])
    if how == "lost":
        element.getparent().remove(element)
    elif how == "doubled":
        element.addnext(copy.deepcopy(element))
    else:
        return _set(element, "extension", None) if element.get("extension") else None
    return {"val": how}


def _template_id(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if _name(element) != "templateId":
        return None
    how = draw.choice(("extension", "extension lost", "root", "lost", "doubled", "last"))
    parent = element.getparent()
    if how == "extension":
        return _set(element, "extension", draw.choice(("2021.01", "2023.01", "2024.01", "2025.01", "x", "")))
    if how == "extension lost":
        return _set(element, "extension", None) if element.get("extension") else None
    if how == "root":
        other = _other(element, draw, lambda e: _name(e) == "templateId" and e.get("root") != element.get("root"))
        return None if other is None else _set(element, "root", other.get("root"))
    if how == "lost":
        parent.remove(element)
    elif how == "doubled":
        element.addnext(copy.deepcopy(element))
    else:
        same = parent.findall(element.tag)
        if same[-1] is element:
            return None
        same[-1].addnext(element)
    return {"val": how}


def _null_instead(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """No value, and why there is none."""
    if not element.attrib and not len(element) and not (element.text or "").strip():
        return None
    kind = element.get(XSI_TYPE)
    tail = element.tail
    null = draw.choice(NULLS)
    keeps = draw.random() < 0.4
    if keeps and element.get("nullFlavor") is None:
        element.set("nullFlavor", null)
        return {"val": f"{null} beside the value"}
    element.clear()
    element.tail = tail
    element.set("nullFlavor", null)
    if kind:
        element.set(XSI_TYPE, kind)
    return {"val": null}


# Elements ------------------------------------------------------------------------------------------------------


def _nested_lost(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """An entry, or one of the acts and participations within, is missing."""
    nested = ("entry", "entryRelationship", "component", "participant", "author", "performer", "specimen", "consumable")
    nested = (*nested, "reference", "section", "informant", "documentationOf", "componentOf", "legalAuthenticator")
    if _name(element) not in (*nested, "precondition", "subject", "custodian", "referenceRange", "interpretationCode"):
        return None
    element.getparent().remove(element)
    return {}


def _lost(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if element.getparent() is None:
        return None
    element.getparent().remove(element)
    return {}


def _doubled(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if element.getparent() is None:
        return None
    element.addnext(copy.deepcopy(element))
    return {}


def _exchanged(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """Two neighbours in the other order."""
    after = element.getnext()
    if element.getparent() is None or after is None or after.tag == element.tag or not isinstance(after.tag, str):
        return None
    after.addnext(element)
    return {}


def _moved(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """Among its brothers, first or last."""
    parent = element.getparent()
    if parent is None or len(parent) < 3:
        return None
    if draw.random() < 0.5:
        parent.append(element)
    else:
        parent.insert(0, element)
    return {}


def _from_elsewhere(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """The element of the same name from another place of the document."""
    if element.getparent() is None or len(list(element.iter())) > 60:
        return None
    other = _other(element, draw, lambda e: e.tag == element.tag and e not in element.iterancestors())
    if other is None or len(list(other.iter())) > 60:
        return None
    new = copy.deepcopy(other)
    new.tail = element.tail
    element.getparent().replace(element, new)
    return {}


def _added(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """An element that the standard knows, or not, where nobody looks for it."""
    name = draw.choice(
        ("id", "code", "text", "statusCode", "effectiveTime", "value", "languageCode", "inconnu", "author")
    )
    child = etree.Element(f"{{{V3}}}{name}", {"nullFlavor": "UNK"} if name != "text" else {})
    element.insert(draw.randint(0, len(element)), child)
    return {"val": name}


def _renamed(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """An element under a neighbour's name, or in no namespace."""
    if element.getparent() is None:
        return None
    name = draw.choice(("id", "code", "observation", "act", "section", "value", "{}" + _name(element)))
    if name.startswith("{}"):
        element.tag = name[2:]
    elif _name(element) == name:
        return None
    else:
        element.tag = f"{{{V3}}}{name}"
    return {"val": name}


def _reference(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    value = element.get("value") or ""
    if _name(element) != "reference" or not value.startswith("#"):
        return None
    return _set(element, "value", draw.choice((value[1:], "#inconnu", "#", "")))


def _text_changed(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    if len(element) or not (element.text or "").strip():
        return None
    new = draw.choice(("", " ", "X", f" {element.text} ", (element.text or "").lower(), "Tout autre chose"))
    if new == element.text:
        return None
    element.text = new
    return {"val": new}


def _spaced(element: etree._Element, draw: random.Random) -> dict[str, Any] | None:
    """What changes nothing: a comment, an instruction, white space."""
    if draw.random() < 0.7:
        return None
    element.insert(draw.randint(0, len(element)), draw.choice((etree.Comment(" note "), etree.PI("note", "x"))))
    return {}


ALTERATIONS: Final[tuple[Alteration, ...]] = (
    _code_of_another,
    _code_of_another,
    _code_unknown,
    _code_system,
    _label,
    _translation,
    _attribute_lost,
    _attribute_moved,
    _attribute_added,
    _type_changed,
    _type_changed,
    _type_added,
    _structural_code,
    _structural_code,
    _status,
    _negation,
    _use,
    _unit,
    _unit,
    _number,
    _date,
    _date_cut,
    _period,
    _period,
    _telecom,
    _address,
    _identifier,
    _identity,
    _identity,
    _template_id,
    _null_instead,
    _nested_lost,
    _nested_lost,
    _lost,
    _doubled,
    _exchanged,
    _moved,
    _from_elsewhere,
    _added,
    _renamed,
    _reference,
    _text_changed,
    _spaced,
)
