"""Constraints on codes: a fixed code, or a code of a value set.

The official rules compare ``@code`` and ``@codeSystem`` only, on elements whose ``xsi:type`` is absent,
``CD`` or ``CE``. A label that differs is a warning of its own, brought by the rule on the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from conformance.cda.constraints import slug, type_of
from conformance.cda.paths import Path, path
from conformance.cda.rules import CannotSpoil, Constraint, Context, Violation
from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.terminology import value_sets
from conformance.terminology.code_systems import named

NULL_FLAVORS: Final = ("UNK", "NA", "NASK", "ASKU", "NI", "NAV", "MSK", "OTH", "NINF", "PINF", "TRC")
"""The eleven values that the value-set rules accept where a nullFlavor is allowed."""


def _element(where: Path) -> Text:
    """How a sentence names the coded element (``.`` is the element that the rule is about)."""
    if where.text == ".":
        return Text("cet élément", "this element")
    return Text(f"l'élément {where}", f"the element {where}")


def _as_a_clause(sentence: Text) -> Text:
    """A sentence that follows another after a semicolon: no capital, no full stop."""
    return Text(*(words[:1].lower() + words[1:].rstrip(" .") for words in (sentence.fr, sentence.en)))


@dataclass(frozen=True)
class Code(Constraint):
    """Every coded element at a path has this code of this code system."""

    where: Path
    code: str
    code_system: str
    label: str = ""
    null_flavors: tuple[str, ...] = ()

    def default_key(self) -> str:
        return slug(str(self.where)) + ".code"

    def demand(self) -> Text:
        return Text(
            f"{{w}} doit porter le code {self.code}{{l}} du système {{s}}",
            f"{{w}} must have the code {self.code}{{l}} of the system {{s}}",
        ).format(w=_element(self.where), l=f" ({self.label})" if self.label else "", s=named(self.code_system))

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        elements = self.where.elements(node)
        if not elements:
            yield Violation(node, Text("il manque", "it is missing"))
        for element in elements:
            if self.null_flavors and element.get("nullFlavor") in self.null_flavors:
                continue
            for attribute, expected in (("code", self.code), ("codeSystem", self.code_system)):
                found = element.get(attribute)
                if found is None:
                    yield Violation(element, Text(f"il manque @{attribute}", f"@{attribute} is missing"))
                    break
                if found != expected:
                    said = Text(f"trouvé @{attribute} « {found} »", f"found @{attribute} “{found}”")
                    yield Violation(element, said, attribute)
                    break

    def spoil(self, node: etree._Element) -> None:
        elements = self.where.elements(node)
        if not elements:
            raise CannotSpoil(f"the example has no {self.where}")
        elements[0].set("code", "x-wrong")


@dataclass(frozen=True)
class Coded(Constraint):
    """Every coded element at a path takes its code from a value set, or a nullFlavor where it is allowed."""

    where: Path
    value_set: str
    null_flavors: tuple[str, ...] = ()

    def default_key(self) -> str:
        return slug(str(self.where)) + ".value-set"

    def demand(self) -> Text:
        name = value_sets.value_set(self.value_set).name
        return Text(
            f"{{w}} doit prendre son code dans le jeu de valeurs {name}",
            f"{{w}} must take its code from the value set {name}",
        ).format(w=_element(self.where))

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            null_flavor = element.get("nullFlavor")
            if null_flavor is not None:
                if null_flavor not in self.null_flavors:
                    said = Text(f"trouvé nullFlavor « {null_flavor} »", f"found nullFlavor “{null_flavor}”")
                    yield Violation(element, said, "nullFlavor")
                continue
            if type_of(element) not in ("", "CD", "CE"):
                continue
            code, code_system = element.get("code"), element.get("codeSystem")
            if code is None or code_system is None:
                lacking = "code" if code is None else "codeSystem"
                yield Violation(element, Text(f"il manque @{lacking}", f"@{lacking} is missing"))
                continue
            answer = value_sets.value_set(self.value_set).look_up(code, code_system)
            if not answer.accepted:
                wrong = "codeSystem" if answer.status is value_sets.Status.OTHER_SYSTEM else "code"
                yield Violation(element, _as_a_clause(value_sets.explain(answer)), wrong)

    def brings(self) -> tuple[Constraint, ...]:
        return same_label(self, self.where, self.value_set, self.name)

    def spoil(self, node: etree._Element) -> None:
        for element in self.where.elements(node):
            if element.get("code") is not None and type_of(element) in ("", "CD", "CE"):
                element.set("code", "x-wrong")
                return
        raise CannotSpoil(f"the example has no coded {self.where}")


_UNREAD_LABEL: Final = Text(
    "Aucune règle officielle ne compare les libellés : un code faux sous un bon libellé passerait.",
    "No official rule compares labels: a wrong code under a right label would pass.",
)


@dataclass(frozen=True)
class SameLabel(Constraint):
    """The label beside a listed code is its label in the value set, but for case, accents, spaces and marks."""

    where: Path
    value_set: str

    def default_key(self) -> str:
        return slug(str(self.where)) + ".same-label"

    def demand(self) -> Text:
        name = value_sets.value_set(self.value_set).name
        return Text(
            f"{{w}} doit porter le libellé que le jeu de valeurs {name} donne à son code",
            f"{{w}} must carry the label that the value set {name} gives to its code",
        ).format(w=_element(self.where))

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            code, label = element.get("code"), element.get("displayName")
            if code is None or not label or "nullFlavor" in element.attrib:
                continue
            answer = value_sets.value_set(self.value_set).look_up(code, element.get("codeSystem"), label=label)
            if answer.status is value_sets.Status.LABEL_DIFFERS:
                yield Violation(element, _as_a_clause(value_sets.explain(answer)), "displayName")

    def spoil(self, node: etree._Element) -> None:
        for element in self.where.elements(node):
            if element.get("code") is not None and element.get("displayName"):
                element.set("displayName", "Tout autre chose")
                return
        raise CannotSpoil(f"the example has no label at {self.where}")


def same_label(constraint: Constraint, where: Path, value_set: str, codes_key: str) -> tuple[Constraint, ...]:
    """The warning on labels that goes with a constraint on codes; none where the set gives no labels."""
    if not any(concept.label for concept in value_sets.value_set(value_set).concepts.values()):
        return ()
    key = f"{codes_key.removesuffix('value-set').rstrip('.-')}.same-label".removeprefix(".")
    return (
        SameLabel(
            where, value_set, key=key, severity=Severity.WARNING, when=constraint.when, beyond=_UNREAD_LABEL,
            trust=constraint.trust, requirements=constraint.requirements,
            source="CI-SIS Structuration minimale v1.16.8 §3.5.7.3",
        ),
    )  # fmt: skip


def code(where: str, value: str, code_system: str, label: str = "", **options: Any) -> Code:
    """Every element ``where`` has this code and code system; ``label`` only names it to the reader."""
    return Code(path(where), value, code_system, label, **options)


def coded(where: str, value_set: str, **options: Any) -> Coded:
    """Every element ``where`` has a code of this value set (name or OID)."""
    return Coded(path(where), value_set, **options)
