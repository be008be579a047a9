"""The data types of the header: identifiers, codes, dates, intervals, names, texts, nullFlavor.

Each rule looks at all the elements of its types (``places.py`` says where they stand).
Source: CI-SIS Structuration minimale v1.16.8 §3.5.3 and §3.5.7; HL7 data types (schematron of March 2025, DTr1).
"""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule, type_of
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import WARN, code_flaw, drop, each, found, is_oid, named
from conformance.cda.header.places import HeaderParts, clinical_document, header_parts
from conformance.cda.namespaces import XSI_TYPE, h, short
from conformance.cda.rules import Constraint, Context, Template, Violation
from conformance.core.language import Text

_SOURCE: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.7"

# nullFlavor ------------------------------------------------------------------------------------------------

_HARMLESS: Final = {
    "classCode": None, "typeCode": None, "determinerCode": None, "moodCode": None, "partType": None,
    "nullFlavor": None, XSI_TYPE: None, "integrityCheckAlgorithm": "SHA-1", "inverted": "false",
    "mediaType": "text/plain", "operator": "I", "representation": "TXT", "inclusive": "true", "unit": "1",
}  # fmt: skip
"""Attributes that may stand beside a nullFlavor: the structural ones, and the defaults of the schema."""

_PARTLY_KNOWN: Final = ("OTH", "NA", "UNC")
_KEPT: Final = frozenset({"codeSystem", "codeSystemName", "codeSystemVersion", "extension"})
"""What an element partly known may keep: the system in which there is no code, an original text, translations."""

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
    ]


def _spoil_value(node: etree._Element) -> None:
    for element in header_parts(node).null_here:
        if element.tag not in (h("telecom"), h("time")):
            element.set("nullFlavor", "NI")
            return


_NULL_ALONE: Final = Rule(
    Text(
        "un élément qui porte nullFlavor ne porte rien d'autre, ni attribut, ni contenu",
        "an element that carries nullFlavor carries nothing else, neither attribute nor content",
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

_NULL: Final[tuple[Constraint, ...]] = (
    _NULL_ALONE,
    Rule(
        Text(
            f"nullFlavor vaut l'une des cinq valeurs de l'en-tête : {', '.join(HEADER_NULL_FLAVORS)}",
            f"nullFlavor is one of the five values of the header: {', '.join(HEADER_NULL_FLAVORS)}",
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

# xsi:type --------------------------------------------------------------------------------------------------

_DECLARED: Final = {"II-": "II", "TS!": "TS", "CE?": "CE"}
_BOUND: Final = {h("low"), h("high")}


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


_XSI: Final = Rule(
    Text("xsi:type, s'il figure, nomme le type de l'élément", "xsi:type, if present, names the type of the element"),
    _xsi_types,
    _spoil_xsi_type,
    key="xsi-type",
    official="DTr1; §3.5.7",
)

# Identifiers -----------------------------------------------------------------------------------------------

_UUID: Final = re.compile(r"[A-Fa-f\d]{8}-[A-Fa-f\d]{4}-[A-Fa-f\d]{4}-[A-Fa-f\d]{4}-[A-Fa-f\d]{12}")


def _root(element: etree._Element) -> Text | Violation | None:
    root = element.get("root")
    if root is None:
        return None if "nullFlavor" in element.attrib else Text("il manque root", "root is missing")
    if is_oid(root) or _UUID.fullmatch(root):
        return None
    where, said = named(element), found(root)
    return Violation(element, Text(f"{where} : {said.fr}", f"{where}: {said.en}"), "root")


def _ordinary(element: etree._Element) -> bool:
    """An identifier whose root no rule of its own looks at."""
    return element.get("root", "").startswith("1.2.3.4.567.8.9.1")


def _break_root(element: etree._Element) -> bool:
    if not _ordinary(element):
        return False
    element.set("root", "abc")
    return True


def _extension(element: etree._Element) -> Text | None:
    return Text("extension vide", "empty extension") if element.get("extension") == "" else None


def _break_extension(element: etree._Element) -> bool:
    if element.getparent().tag == h("ClinicalDocument") and element.tag == h("typeId"):  # type: ignore[union-attr]
        return False  # it has a rule of its own; every header element has a parent
    element.set("extension", "")
    return True


def _distinct_ids(element: etree._Element) -> Text | None:
    root, extension = element.get("root"), element.get("extension")
    parent = element.getparent()
    if root is None or parent is None:
        return None
    for other in parent.iterchildren(element.tag):
        if other is element or other.get("root") != root:
            continue
        if extension is None or other.get("extension") == extension:
            written = root if extension is None else f"{root} {extension}"
            return Text(f"« {written} » est répété", f"“{written}” is repeated")
    return None


def _repeat(element: etree._Element) -> bool:
    element.addnext(copy.deepcopy(element))
    return True


def _short_oid(element: etree._Element) -> Text | None:
    root = element.get("root", "")
    if element.tag == h("id") and clinical_document(element):
        return None  # a stricter rule speaks of the document's own identifier
    if len(root) > 64:
        return Text(f"root a {len(root)} caractères", f"root has {len(root)} characters")
    if _UUID.fullmatch(root):
        return Text("root est un UUID", "root is a UUID")
    return None


def _break_short_oid(element: etree._Element) -> bool:
    if not _ordinary(element):
        return False
    element.set("root", "1.2.3." + "4" * 60)
    return True


def _short_extension(element: etree._Element) -> Text | None:
    length = len(element.get("extension", ""))
    return Text(f"extension de {length} caractères", f"extension of {length} characters") if length > 64 else None


def _break_short_extension(element: etree._Element) -> bool:
    if element.get("extension") is None or element.get("root", "").startswith(("1.2.250.1", "2.16")):
        return False
    element.set("extension", "1" * 65)
    return True


_ALL_IDS: Final = "II II-"
_IDENTIFIERS: Final[tuple[Constraint, ...]] = (
    each(
        "root",
        _ALL_IDS,
        Text("root est un OID (ou un UUID)", "root is an OID (or a UUID)"),
        _root,
        _break_root,
        official="DTr1_II; §3.5.7.2",
        hint=Text(
            "Donnez l'OID de l'autorité qui attribue l'identifiant : chiffres et points, sans zéro en tête d'un nombre.",
            "Give the OID of the authority that assigns the identifier: digits and dots, no leading zero in a number.",
        ),
    ),
    each(
        "extension",
        "II",
        Text("extension, si elle figure, n'est pas vide", "extension, if present, is not empty"),
        _extension,
        _break_extension,
        official="StrucMin; §3.5.7.2",
    ),
    each(
        "extension-elsewhere",
        "II-",
        Text("extension, si elle figure, n'est pas vide", "extension, if present, is not empty"),
        _extension,
        _break_extension,
        beyond=Text(
            "Les règles officielles ne le demandent pas à cet identifiant ; vide, il n'identifie rien.",
            "The official rules do not ask it of this identifier; empty, it identifies nothing.",
        ),
    ),
    each(
        "distinct",
        _ALL_IDS,
        Text("les identifiants d'un même élément diffèrent", "the identifiers of one element differ"),
        _distinct_ids,
        _repeat,
        repeating=True,
        official="DTr1_II",
    ),
    each(
        "length",
        _ALL_IDS,
        Text("root est un OID de 64 caractères au plus", "root is an OID of at most 64 characters"),
        _short_oid,
        _break_short_oid,
        severity=WARN,
        source="CI-SIS Structuration minimale v1.16.8 §3.5.7.4",
        beyond=Text(
            "Le texte veut un OID de 64 caractères au plus ; les règles officielles admettent 128 caractères et l'UUID.",
            "The text wants an OID of at most 64 characters; the official rules accept 128 and UUIDs.",
        ),
    ),
    each(
        "extension-length",
        _ALL_IDS,
        Text("extension a 64 caractères au plus", "extension has at most 64 characters"),
        _short_extension,
        _break_short_extension,
        severity=WARN,
        official="DTr1_II (warning)",
    ),
)

# Codes -----------------------------------------------------------------------------------------------------


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
        if (inner := code_flaw(translation)) is not None:
            return Text(f"traduction : {inner.fr}", f"translation: {inner.en}")
        pair = (translation.get("code"), translation.get("codeSystem"))
        if pair in seen:
            return Text(f"traduction répétée : {pair[0]}", f"repeated translation: {pair[0]}")
        seen.add(pair)
    return None


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


_CODES: Final[tuple[Constraint, ...]] = (
    each(
        "code",
        "CE CD CV",
        Text(
            "code et codeSystem vont ensemble, displayName avec eux ; sans code : originalText ou nullFlavor",
            "code and codeSystem go together, displayName with them; without code: originalText or nullFlavor",
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
        "qualifier",
        "CE CV",
        Text("qualifier n'est pas employé", "qualifier is not used"),
        _qualifier,
        _break_qualifier,
        official="DTr1_CE; §3.5.7.3",
    ),
    each(
        "plain-code",
        "CS",
        Text(
            "un code simple (CS) porte code, sans codeSystem ni libellé",
            "a plain code (CS) has code, without codeSystem or label",
        ),
        _plain_code,
        _break_plain_code,
        official="DTr1_CS; §3.5.7.3",
    ),
    each(
        "label",
        "CE CD CV",
        Text("displayName tient sur une ligne, sans tabulation", "displayName is on one line, without tab"),
        _label,
        _break_label,
        severity=WARN,
        official="DTr1_CD (warning)",
    ),
)

# Dates -----------------------------------------------------------------------------------------------------

_STAMP: Final = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d+)?)?)?)?)?)?(?:([+-])(\d{1,4}))?"
)


def instant(value: str) -> datetime | None:
    """The moment that a time stamp (``ts``) names, missing parts at their lowest, UTC when it has no offset.

    ``None`` when it is not a real date: month 13, 30 February, hour 25, offset beyond 14 hours.
    """
    match = _STAMP.fullmatch(value)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups()[:6])
    sign, offset = match.group(8), (match.group(9) or "").ljust(4, "0")
    shift = timedelta(hours=int(offset[:2]), minutes=int(offset[2:]))
    if shift > timedelta(hours=14) or int(offset[2:]) > 59:
        return None
    zone = UTC if not sign else timezone(-shift if sign == "-" else shift)
    try:
        if hour == 24 and not (minute or second):
            return datetime(year, month or 1, day or 1, tzinfo=zone) + timedelta(days=1)
        return datetime(year, month or 1 if match.group(2) is None else month,
                        day or 1 if match.group(3) is None else day, hour, minute, second, tzinfo=zone)  # fmt: skip
    except (ValueError, OverflowError):
        return None


def _date(element: etree._Element) -> Text | Violation | None:
    value = element.get("value")
    if value is None or instant(value) is not None:
        return None
    where, said = named(element), found(value)
    return Violation(element, Text(f"{where} : {said.fr}", f"{where}: {said.en}"), "value")


def _break_date(element: etree._Element) -> bool:
    if element.get("value") is None:
        return False
    element.set("value", "20251345120000+0100")
    return True


def _dated(element: etree._Element) -> Text | None:
    if "value" in element.attrib:
        return None
    return Text("il manque value", "value is missing")


def _dated_or_null(element: etree._Element) -> Text | None:
    return None if "nullFlavor" in element.attrib else _dated(element)


def _break_dated(element: etree._Element) -> bool:
    if element.get("value") is None:
        return False
    del element.attrib["value"]
    return True


def _bounds(element: etree._Element) -> tuple[str | None, str | None]:
    low, high = element.find(h("low")), element.find(h("high"))
    return (None if low is None else low.get("value"), None if high is None else high.get("value"))


def _interval(element: etree._Element) -> Text | None:
    children = len(list(element.iterchildren("*")))
    if "value" in element.attrib:
        return Text("value à côté de low ou high", "value beside low or high") if children else None
    if children or "nullFlavor" in element.attrib:
        return None
    return Text("ni value, ni low, ni high, ni nullFlavor", "neither value, low, high nor nullFlavor")


def _break_interval(element: etree._Element) -> bool:
    if element.find(h("low")) is None:
        return False
    element.set("value", "2024")
    return True


def _ordered(element: etree._Element) -> Text | None:
    low, high = _bounds(element)
    if low is None or high is None:
        return None
    if low == high:
        return Text(f"low et high valent tous deux {low}", f"low and high are both {low}")
    first, last = instant(low), instant(high)
    if first is not None and last is not None and first > last:
        return Text(f"low {low}, high {high}", f"low {low}, high {high}")
    return None


def _break_order(element: etree._Element) -> bool:
    low, high = element.find(h("low")), element.find(h("high"))
    if low is None or high is None:
        return False
    low.set("value", str(high.get("value")))
    return True


_ANY_DATE: Final = "TS TS! IVL_TS DATE"
_DATES: Final[tuple[Constraint, ...]] = (
    each(
        "date",
        _ANY_DATE,
        Text(
            "la date existe et s'écrit AAAAMMJJhhmmss±ZZzz (ou moins)",
            "the date exists and is written YYYYMMDDhhmmss±ZZzz (or less)",
        ),
        _date,
        _break_date,
        official="DTr1_TS; §3.5.7.1",
    ),
    each(
        "date-value",
        "TS!",
        Text("la date est donnée (attribut value)", "the date is given (attribute value)"),
        _dated,
        _break_dated,
        official="StrucMin; DTr1_TS",
    ),
    each(
        "date-value-or-null",
        "TS INT",
        Text(
            "la valeur est donnée (attribut value), ou un nullFlavor",
            "the value is given (attribute value), or a nullFlavor",
        ),
        _dated_or_null,
        _break_dated,
        official="DTr1_TS; DTr1_INT",
    ),
    each(
        "interval",
        "IVL_TS",
        Text(
            "un intervalle a une value seule, ou des bornes low et high, ou un nullFlavor",
            "an interval has a value alone, or bounds low and high, or a nullFlavor",
        ),
        _interval,
        _break_interval,
        official="DTr1_IVL_TS",
    ),
    each(
        "interval-order",
        "IVL_TS",
        Text("la borne low précède la borne high", "the bound low comes before the bound high"),
        _ordered,
        _break_order,
        official="DTr1_IVL_TS",
    ),
)

# Texts and names -------------------------------------------------------------------------------------------


def _words(element: etree._Element) -> str:
    return "".join(text for text in (element.text, *(child.tail for child in element)) if text).strip()


def _text(element: etree._Element) -> Text | None:
    if "nullFlavor" in element.attrib or len(element) or _words(element):
        return None
    return Text("il est vide", "it is empty")


def _break_text(element: etree._Element) -> bool:
    if not (element.text or "").strip() or element.getparent().tag == h("addr"):  # type: ignore[union-attr]
        return False  # every text of the header has a parent
    element.text = None
    return True


def _either(element: etree._Element) -> Text | None:
    """A name or an address has parts, or text, not both and not neither."""
    if "nullFlavor" in element.attrib:
        return None
    parts, words = len(list(element.iterchildren("*"))), _words(element)
    if parts and words:
        return Text(f"du texte (« {words[:40]} ») à côté des éléments", f"text (“{words[:40]}”) beside the elements")
    return None if parts or words else Text("il est vide", "it is empty")


def _break_either(element: etree._Element) -> bool:
    if not len(element):
        return False
    element[-1].tail = "x"
    return True


def _plain_name(element: etree._Element) -> Text | None:
    for child in element.iterchildren("*"):
        return Text(f"trouvé {short(str(child.tag))}", f"found {short(str(child.tag))}")
    return None


def _break_plain_name(element: etree._Element) -> bool:
    text, element.text = element.text, None
    etree.SubElement(element, h("delimiter")).text = text
    return True


def _no_legal_status(element: etree._Element) -> Text | None:
    for part in element.iterchildren("*"):
        marks = part.get("qualifier", "").split()
        if "LS" in marks:
            return Text("trouvé qualifier LS", "found qualifier LS")
        if len(marks) != len(set(marks)):
            return Text(f"qualifier répété : {' '.join(marks)}", f"repeated qualifier: {' '.join(marks)}")
    return None


def _break_legal_status(element: etree._Element) -> bool:
    part = element.find(h("prefix"))
    if part is None:
        return False
    part.set("qualifier", "LS")
    return True


def _content(element: etree._Element) -> str:
    """The text and the uses inside, as the official rule compares siblings."""
    uses = "".join(inner.get("use", "") for inner in element.iter("*"))
    return uses + "".join(map(str, element.itertext("*")))


def _distinct(element: etree._Element) -> Text | None:
    parent = element.getparent()
    if parent is None:
        return None
    others = [other for other in parent.iterchildren(element.tag) if other is not element]
    if not others:
        return None
    if "nullFlavor" in element.attrib and any("nullFlavor" not in other.attrib for other in others):
        return Text("nullFlavor à côté d'une valeur connue", "nullFlavor beside a known value")
    content = _content(element)
    if any(_content(other) == content for other in others):
        return Text("il est répété à l'identique", "it is repeated as it is")
    return None


def _empty_part(element: etree._Element) -> Text | None:
    for part in element.iterchildren("*"):
        if (
            "nullFlavor" not in part.attrib
            and not "".join(map(str, part.itertext())).strip()
            and part.tag != h("validTime")
        ):
            return Text(f"{short(str(part.tag))} est vide", f"{short(str(part.tag))} is empty")
    return None


def _break_part(element: etree._Element) -> bool:
    part = element.find(h("given"))
    if part is None or part.get("qualifier"):
        return False
    part.text = None
    return True


_TEXTS: Final[tuple[Constraint, ...]] = (
    each(
        "text",
        "ST ED SC",
        Text("le texte n'est pas vide", "the text is not empty"),
        _text,
        _break_text,
        official="DTr1_BIN; §3.5.7",
    ),
    each(
        "parts",
        "AD PN ON EN",
        Text("un nom ou une adresse a des éléments, ou du texte seul", "a name or an address has elements, or text alone"),
        _either,
        _break_either,
        official="DTr1_EN, DTr1_AD; §3.5.6.1",
    ),
    each(
        "organization-name",
        "ON",
        Text("le nom d'une structure est un texte simple", "the name of an organization is plain text"),
        _plain_name,
        _break_plain_name,
        official="DTr1_ON",
    ),
    each(
        "name-qualifier",
        "PN",
        Text("un qualifier de nom ne vaut pas LS et ne se répète pas", "a name qualifier is not LS and is not repeated"),
        _no_legal_status,
        _break_legal_status,
        official="DTr1_PN, DTr1_EN",
    ),
    each(
        "distinct-parts",
        "AD PN ON",
        Text("deux occurrences voisines diffèrent, et aucune n'est nulle à côté d'une autre connue",
             "two neighbouring occurrences differ, and none is null beside a known one"),
        _distinct,
        _repeat,
        repeating=True,
        official="DTr1_AD, DTr1_EN",
    ),
    each(
        "empty-part",
        "PN AD",
        Text("aucune partie d'un nom ou d'une adresse n'est vide", "no part of a name or address is empty"),
        _empty_part,
        _break_part,
        severity=WARN,
        official="DTr1_EN, DTr1_AD (warnings)",
    ),
)  # fmt: skip


def _template(key: str, fr: str, en: str, constraints: tuple[Constraint, ...]) -> Template:
    return Template(
        key=f"header.type.{key}",
        name=Text(fr, en),
        element="ClinicalDocument",
        layer="header",
        source=_SOURCE,
        constraints=constraints,
        example=EXAMPLE,
    )


DATA_TYPES: Final = (
    _template("null", "nullFlavor dans l'en-tête", "nullFlavor in the header", _NULL),
    _template("xsi", "Type déclaré dans l'en-tête", "Declared type in the header", (_XSI,)),
    _template("identifier", "Identifiant (II) de l'en-tête", "Identifier (II) of the header", _IDENTIFIERS),
    _template("code", "Code de l'en-tête", "Code of the header", _CODES),
    _template("time", "Date ou valeur de l'en-tête", "Date or value of the header", _DATES),
    _template("text", "Texte, nom ou adresse de l'en-tête", "Text, name or address of the header", _TEXTS),
)
