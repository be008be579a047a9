"""An entry and the text that it points to tell the same: the number of a result, the name of what is coded.

The text is what the professional signs: a number that it does not show, or another name, is worth a look. Both are
judged with tolerance (a label and the words of a practice differ): a warning for a number, a remark for a name.
Source: CI-SIS Structuration minimale §3.5.7.3 (originalText points to the words of the narrative).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule, type_of
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation
from conformance.core.findings import Severity, Trust
from conformance.core.language import Text

_ROW: Final = h("tr")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_SPACED: Final = re.compile(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}(?!\d))")
_WORD: Final = re.compile(r"[a-z]{3,}")
_INITIALS: Final = re.compile(r"[A-Z0-9 .-]{2,8}")
"""CRP, VGM, INR: initials have no word in common with what they stand for."""
_LONGEST: Final = 2000
"""Characters of a line of a table; longer ones are not compared."""


def _target(element: etree._Element | None, context: Context) -> etree._Element | None:
    """The element of the narrative that a coded element points to."""
    if element is None:
        return None
    reference = element.find(f"{h('originalText')}/{h('reference')}")
    if reference is None:
        return None
    return context.ids.get((reference.get("value") or "").removeprefix("#"))


class _Lines:
    """The lines of the tables of the narrative, each read once: its words, its numbers, its words cut short."""

    def __init__(self, root: etree._Element) -> None:
        self._words: dict[etree._Element, str] = {}
        self._numbers: dict[etree._Element, frozenset[Decimal]] = {}
        self._folded: dict[etree._Element, frozenset[str]] = {}

    @staticmethod
    def row(target: etree._Element | None) -> etree._Element | None:
        """The line of the table that holds ``target``."""
        while target is not None and target.tag != _ROW:
            target = target.getparent()
        return target

    def words(self, element: etree._Element) -> str:
        """The text of a line; empty for one that is too long to be compared."""
        if element not in self._words:
            words = _text(element)
            self._words[element] = words if len(words) <= _LONGEST else ""
        return self._words[element]

    def numbers(self, element: etree._Element) -> frozenset[Decimal]:
        """The numbers that a line shows."""
        if element not in self._numbers:
            self._numbers[element] = frozenset(numbers_of(self.words(element)))
        return self._numbers[element]

    def folded(self, element: etree._Element) -> frozenset[str]:
        """The words of a line, for a comparison with tolerance."""
        if element not in self._folded:
            self._folded[element] = frozenset(folded(self.words(element)))
        return self._folded[element]


def _text(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def numbers_of(words: str) -> set[Decimal]:
    """The numbers that a text shows, comma or point, spaces between thousands or not."""
    found = set()
    for one in (words, _SPACED.sub("", words)):
        for number in _NUMBER.findall(one):
            found.add(Decimal(number.replace(",", ".")))
    return found


def _written(value: etree._Element) -> Iterator[tuple[etree._Element, Decimal]]:
    """The numbers of a value: its own, or those of its bounds."""
    if type_of(value) not in ("PQ", "REAL", "INT", "IVL_PQ"):
        return
    for element in (value, *value.iterchildren(h("low"), h("high"))):
        try:
            number = Decimal(element.get("value", ""))
        except InvalidOperation:
            continue
        if number.is_finite():
            yield element, abs(number)


def _number_shown(node: etree._Element, context: Context) -> Iterator[Violation]:
    lines = context.remember(_Lines)
    row = lines.row(_target(node.find(h("code")), context))
    if row is None:
        return
    shown = lines.numbers(row)
    if not shown:
        return
    for value in node.iterchildren(h("value")):
        for element, number in _written(value):
            if number not in shown:
                written = element.get("value")
                said = Text(
                    f"l'entrée donne {written}, que cette ligne du texte ne montre pas",
                    f"the entry gives {written}, which this line of the text does not show",
                )
                yield Violation(element, said, "value")


def folded(words: str) -> set[str]:
    """The words of a text, without accents and case, cut to four letters: endings do not count."""
    plain = unicodedata.normalize("NFD", words.lower().replace("œ", "oe")).encode("ascii", "ignore").decode()
    return {word[:4] for word in _WORD.findall(plain)}


def _named_alike(node: etree._Element, context: Context) -> Iterator[Violation]:
    label = node.get("displayName")
    target = _target(node, context)
    if not label or target is None:
        return
    if _INITIALS.fullmatch(_text(target)):
        return
    lines = context.remember(_Lines)
    row = lines.row(target)
    told = lines.folded(target if row is None else row)
    labels = " ".join([label, *(one.get("displayName", "") for one in node.iterchildren(h("translation")))])
    coded = folded(labels)
    if coded and told and not coded & told:
        words = _text(target)[:60]
        yield Violation(
            node,
            Text(f"le code dit « {label} », le texte « {words} »", f"the code says “{label}”, the text “{words}”"),
            "displayName",
        )


def _other_number(node: etree._Element) -> None:
    path("value").elements(node)[0].set("value", "68")


def _other_name(node: etree._Element) -> None:
    node.set("displayName", "Hémoglobine")


_EXAMPLE: Final = (
    '<section><text><table><tbody><tr><td><content ID="r1">Potassium</content></td><td>6,8 mmol/L</td><td>3,5 - 5,1</td></tr></tbody></table></text>'
    '<entry><observation classCode="OBS" moodCode="EVN"><code code="2823-3" codeSystem="2.16.840.1.113883.6.1" displayName="Potassium">'
    '<originalText><reference value="#r1"/></originalText></code><value xsi:type="PQ" value="6.8" unit="mmol/L"/></observation></entry></section>'
)
_UNSEEN: Final = Text(
    "Aucune règle officielle ne compare une entrée au texte qu'elle désigne.",
    "No official rule compares an entry with the text that it points to.",
)

NUMBERS: Final = Template(
    key="coherence.numbers",
    name=Text("Valeur d'une entrée et texte", "Value of an entry and text"),
    element="observation",
    layer="coherence",
    trust=Trust.OWN,
    source="CI-SIS Structuration minimale v1.16.8 §3.5.7.3",
    example=_EXAMPLE,
    constraints=(
        Rule(
            Text("la ligne du texte doit montrer le nombre de l'entrée", "the line of the text must show the number of the entry"),
            _number_shown, _other_number, key="shown", severity=Severity.WARNING, beyond=_UNSEEN,
            hint=Text("Le lecteur voit le texte, le logiciel lit l'entrée : corrigez celui des deux qui est faux.",
                      "The reader sees the text, the product reads the entry: correct the one that is wrong."),
        ),
    ),
)  # fmt: skip


def _names(element: str) -> Template:
    return Template(
        key=f"coherence.names-{element}",
        name=Text("Libellé d'un code et texte", "Label of a code and text"),
        element=element,
        layer="coherence",
        trust=Trust.OWN,
        source="CI-SIS Structuration minimale v1.16.8 §3.5.7.3",
        example=_EXAMPLE if element == "code" else _EXAMPLE.replace("<code ", '<value xsi:type="CD" ').replace("</code>", "</value>"),
        constraints=(
            Rule(
                Text("le libellé du code et le texte désigné devraient avoir un mot en commun", "the label of the code and the text pointed to should have a word in common"),
                _named_alike, _other_name, key="alike", severity=Severity.INFO, beyond=_UNSEEN,
                hint=Text("Vérifiez que le renvoi et le code parlent de la même chose.", "Check that the link and the code speak of the same thing."),
            ),
        ),
    )  # fmt: skip


NAMES: Final = (_names("code"), _names("value"))
