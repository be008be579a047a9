"""Addresses and telecommunications of the header, in their exact forms.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.6.1 (AFNOR NF Z10-011), §3.5.6.2.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import WARN, at_most, distinct, found
from conformance.cda.header.nulls import HEADER_NULL_FLAVORS
from conformance.cda.header.places import ADDRESS_PARTS, officially_tested
from conformance.cda.namespaces import h, short
from conformance.cda.rules import CannotSpoil, Context, Template, Violation
from conformance.core.findings import Severity
from conformance.core.language import Text

ADDRESS_USES: Final = ("H", "HP", "HV", "WP", "TMP")
TELECOM_USES: Final = ("H", "HP", "HV", "WP", "DIR", "PUB", "EC", "MC", "PG")
SCHEMES: Final = ("tel", "fax", "mailto", "http", "ftp", "mllp")

_PARTS: Final = {h(part) for part in ADDRESS_PARTS}
_LINE: Final = h("streetAddressLine")
_SEVERAL: Final = Text(
    "Le texte admet plusieurs usages séparés par des espaces ; les règles officielles un seul.",
    "The text allows several uses separated by spaces; the official rules one only.",
)


def _use(allowed: tuple[str, ...], node: etree._Element) -> Iterator[Violation]:
    use = node.get("use")
    if use is not None and use not in allowed:
        yield Violation(node, found(use), "use")


def _address_use(node: etree._Element, context: Context) -> Iterator[Violation]:
    return _use(ADDRESS_USES, node)


def _telecom_use(node: etree._Element, context: Context) -> Iterator[Violation]:
    return _use(TELECOM_USES, node)


def _wrong_use(node: etree._Element) -> None:
    node.set("use", "BAD")


def _repeated_part(node: etree._Element, context: Context) -> Iterator[Violation]:
    seen = set()
    for part in node.iterchildren(*_PARTS):
        if part.tag in seen and node.find(_LINE) is None:
            name = short(str(part.tag))
            yield Violation(node, Text(f"{name} est répété", f"{name} is repeated"))
        seen.add(part.tag)


def _repeat_city(node: etree._Element) -> None:
    city = node.find(h("city"))
    if city is None:
        raise CannotSpoil("an address of the second form")
    city.addnext(copy.deepcopy(city))


def _two_forms(node: etree._Element, context: Context) -> Iterator[Violation]:
    if node.find(_LINE) is not None:
        for part in node.iterchildren(*_PARTS):
            yield Violation(part, Text(f"trouvé {short(str(part.tag))}", f"found {short(str(part.tag))}"))
            return


def _mix_forms(node: etree._Element) -> None:
    line = node.find(_LINE)
    if line is None:
        raise CannotSpoil("an address of the first form")
    etree.SubElement(node, h("city")).text = "RENNES"


def _seven_lines(node: etree._Element, context: Context) -> Iterator[Violation]:
    lines = node.findall(_LINE)
    if len(lines) == 7:
        yield Violation(lines[6], Text("il y en a 7", "there are 7"))


def _add_lines(node: etree._Element) -> None:
    lines = node.findall(_LINE)
    if not lines:
        raise CannotSpoil("an address of the first form")
    for _ in range(7 - len(lines)):
        node.append(copy.deepcopy(lines[0]))


ADDRESS: Final = Template(
    key="header.address",
    name=Text("Adresse (addr)", "Address (addr)"),
    element="addr",
    where=officially_tested,
    layer="header",
    source="CI-SIS Structuration minimale v1.16.8 §3.5.6.1",
    example=EXAMPLE,
    constraints=(
        Rule(
            Text(f"use, s'il figure, doit valoir {', '.join(ADDRESS_USES)}", f"use, if present, must be {', '.join(ADDRESS_USES)}"),
            _address_use,
            _wrong_use,
            key="use",
            official="StrucMin",
            hint=Text("Un seul usage : c'est ce que les règles publiées acceptent.",
                      "One use only: this is what the published rules accept."),
        ),
        Rule(
            Text("chaque élément de l'adresse doit figurer une fois au plus", "each part of the address must occur at most once"),
            _repeated_part,
            _repeat_city,
            key="parts",
            official="StrucMin",
        ),
        Rule(
            Text("l'adresse doit être en lignes (streetAddressLine) ou en éléments, pas les deux",
                 "the address must be in lines (streetAddressLine) or in parts, not both"),
            _two_forms,
            _mix_forms,
            key="one-form",
            severity=WARN,
            official="StrucMin (warning)",
        ),
        at_most(7, "streetAddressLine", key="lines.seven", official="StrucMin"),
        Rule(Text("l'adresse doit avoir six lignes (streetAddressLine) au plus", "the address must have at most six lines (streetAddressLine)"),
             _seven_lines, _add_lines, key="lines.six", severity=WARN,
               beyond=Text("La ligne 1 (le nom) ne se transmet pas : il en reste six ; les règles officielles en admettent sept.",
                           "Line 1 (the name) is not sent: six are left; the official rules accept seven.")),
    ),
)  # fmt: skip

_URI: Final = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*")
"""The characters that a URI may hold as they are."""


def _telecom(node: etree._Element, context: Context) -> Iterator[Violation]:
    value, null = node.get("value"), node.get("nullFlavor")
    if value is None and null is None:
        yield Violation(node, Text("ni value, ni nullFlavor", "neither value nor nullFlavor"))
    elif value is not None and null is None:
        scheme, colon, rest = value.partition(":")
        if scheme not in SCHEMES or not colon or not rest:
            yield Violation(node, found(value), "value")
    elif null not in HEADER_NULL_FLAVORS:
        yield Violation(node, Text(f"trouvé nullFlavor « {null} »", f"found nullFlavor “{null}”"), "nullFlavor")


def _wrong_scheme(node: etree._Element) -> None:
    node.set("value", "0299000012")


def _uri(node: etree._Element, context: Context) -> Iterator[Violation]:
    value = node.get("value")
    if value is not None and not _URI.fullmatch(value):
        yield Violation(node, found(value), "value")


def _with_space(node: etree._Element) -> None:
    node.set("value", "tel:02 99 00 00 12")


TELECOM: Final = Template(
    key="header.telecom",
    name=Text("Coordonnée (telecom)", "Telecommunication (telecom)"),
    element="telecom",
    where=officially_tested,
    layer="header",
    source="CI-SIS Structuration minimale v1.16.8 §3.5.6.2",
    example=EXAMPLE,
    constraints=(
        Rule(
            Text(
                f"value doit s'écrire préfixe:adresse, avec le préfixe {', '.join(SCHEMES)} ; sinon, un nullFlavor seul "
                f"({', '.join(HEADER_NULL_FLAVORS)})",
                f"value must be written prefix:address, with the prefix {', '.join(SCHEMES)}; otherwise a nullFlavor alone "
                f"({', '.join(HEADER_NULL_FLAVORS)})",
            ),
            _telecom,
            _wrong_scheme,
            key="value",
            official="StrucMin",
            hint=Text("Par exemple tel:0299000012 ou mailto:nom@domaine.mssante.fr.",
                      "For example tel:0299000012 or mailto:name@domain.mssante.fr."),
        ),
        Rule(
            Text("value doit être une URI, sans espace ni lettre accentuée", "value must be a URI, without space or accent"),
            _uri,
            _with_space,
            key="uri",
            official="DTr1_URL",
            hint=Text("Écrivez le numéro sans espace : tel:0299000012.", "Write the number without spaces: tel:0299000012."),
        ),
        Rule(
            Text(f"use, s'il figure, doit valoir {', '.join(TELECOM_USES)}", f"use, if present, must be {', '.join(TELECOM_USES)}"),
            _telecom_use,
            _wrong_use,
            key="use",
            official="StrucMin",
            hint=Text("Un seul usage : c'est ce que les règles publiées acceptent.",
                      "One use only: this is what the published rules accept."),
        ),
    ),
)  # fmt: skip


def _telecom_marks(element: etree._Element) -> tuple[Hashable, tuple[Hashable, ...]] | None:
    if element.get("use") is None or "nullFlavor" in element.attrib:
        return None
    pair = (element.get("value"), element.get("use"))
    return pair, (pair,)


TELECOMS: Final = Template(
    key="header.telecoms",
    name=Text("Coordonnées (telecom)", "Telecommunications (telecom)"),
    element="ClinicalDocument",
    layer="header",
    source="CI-SIS Structuration minimale v1.16.8 §3.5.6.2",
    example=EXAMPLE,
    constraints=(
        distinct(
            "distinct",
            "TEL",
            Text("deux coordonnées voisines doivent différer, et aucune ne doit être nulle à côté d'une autre connue",
                 "two neighbouring ones must differ, and none may be null beside a known one"),
            _telecom_marks,
            null_alone=True,
            official="DTr1_URL",
        ),
    ),
)  # fmt: skip


_EVERYWHERE: Final = Text(
    "Le texte (§3.6.2) étend ces formes à tout le document ; les règles officielles ne regardent que l'en-tête.",
    "The text (§3.6.2) extends these forms to the whole document; the official rules only look at the header.",
)


def _elsewhere(template: Template, name: Text) -> Template:
    """The same demands where no official rule looks: remarks."""
    return replace(
        template,
        key=template.key + "-elsewhere",
        name=name,
        where=lambda node: not officially_tested(node),
        constraints=tuple(
            replace(constraint, severity=WARN, official="", beyond=_EVERYWHERE, key=constraint.name)
            for constraint in template.constraints
            if constraint.severity is Severity.ERROR
        ),
    )


ELSEWHERE: Final = (
    _elsewhere(
        ADDRESS, Text("Adresse (addr) hors des règles officielles", "Address (addr) outside the official rules")
    ),
    _elsewhere(
        TELECOM,
        Text(
            "Coordonnée (telecom) hors des règles officielles", "Telecommunication (telecom) outside the official rules"
        ),
    ),
)
"""Addresses and telecommunications of the body, of the data enterer, of the parents of an organization."""
