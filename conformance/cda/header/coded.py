"""Constraints on the codes of the header: complete, of a value set, in its code system.

The official rules compare the codes alone; ``coded_in`` makes two rules, so that a code of the set under
another system is refused by one that says that it goes further.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lxml import etree

from conformance.cda.coding import same_label
from conformance.cda.constraints import slug
from conformance.cda.header.dates import instant
from conformance.cda.header.kinds import is_oid, null_found
from conformance.cda.namespaces import h
from conformance.cda.paths import Path, path
from conformance.cda.rules import CannotSpoil, Condition, Constraint, Context, Violation
from conformance.core.language import Text
from conformance.terminology import value_sets
from conformance.terminology.explanations import suggestions


def code_flaw(element: etree._Element, whole: bool = True) -> Text | None:
    """What is wrong with a coded element (CD, CE) by its data type alone; ``None`` when nothing is.

    A code goes with its system, a label with its code; without a code, an original text or a nullFlavor. Not
    ``whole``: the code or its system may be missing.
    """
    get = element.get
    if "nullFlavor" in element.attrib:
        return None  # the rule on nullFlavor speaks
    code, system = get("code"), get("codeSystem")
    if get("displayName") == "":
        return Text("displayName vide", "empty displayName")
    if code is None:
        if "displayName" in element.attrib:
            return Text("displayName sans code", "displayName without code")
        if whole and element.find(h("originalText")) is None:
            return Text("ni code, ni nullFlavor", "neither code nor nullFlavor")
    if system is None:
        if whole and code is not None:
            return Text(f"code « {code} » sans codeSystem", f"code “{code}” without codeSystem")
        for name in ("codeSystemName", "codeSystemVersion"):
            if name in element.attrib:
                return Text(f"{name} sans codeSystem", f"{name} without codeSystem")
    return None


@dataclass(frozen=True)
class CodedIn(Constraint):
    """Every coded element at a path has a code of a value set (whatever its system), complete.

    ``label``: displayName is required. ``oid``: codeSystem has the form of an OID. ``optional``: the code may be
    absent. Silent where the data type's own
    rule speaks (``code_flaw``).
    """

    where: Path
    value_set: str
    label: bool = True
    optional: bool = False
    oid: bool = True

    def default_key(self) -> str:
        return slug(str(self.where)) + ".value-set"

    def demand(self) -> Text:
        name = value_sets.value_set(self.value_set).name
        fr, en = (", avec son libellé (displayName)", ", with its label (displayName)") if self.label else ("", "")
        return Text(
            f"l'élément {self.where} doit porter un code du jeu de valeurs {name}{fr}",
            f"the element {self.where} must have a code of the value set {name}{en}",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            flaw = self._flaw(element)
            if flaw is not None:
                yield flaw

    def _flaw(self, element: etree._Element) -> Violation | None:
        if "nullFlavor" in element.attrib:
            return None if self.optional else Violation(element, null_found(element), "nullFlavor")
        if code_flaw(element) is not None:
            return None
        code = element.get("code")
        if code is None:
            return None if self.optional else Violation(element, Text("il manque code", "code is missing"))
        # The type of the attribute (xs:token) leaves out the spaces around a code.
        answer = value_sets.value_set(self.value_set).look_up(code.strip())
        if answer.status is value_sets.Status.UNKNOWN_CODE:
            return Violation(element, _unknown(answer), "code")
        if self.oid and not is_oid(element.get("codeSystem", "")):
            return Violation(element, _not_an_oid(element), "codeSystem")
        if self.label and not element.get("displayName"):
            return Violation(element, Text("il manque displayName", "displayName is missing"))
        return None

    def brings(self) -> tuple[Constraint, ...]:
        return same_label(self, self.where, self.value_set, self.name)

    def spoil(self, node: etree._Element) -> None:
        for element in self.where.elements(node):
            if element.get("code") is not None:
                element.set("code", "x-wrong")
                return
        raise CannotSpoil(f"the example has no {self.where}")


def _day_of(root: etree._Element) -> date | None:
    """The day of the document, at which its codes must be valid; ``None`` when it tells none."""
    time = next(root.iter(h("effectiveTime")), None)
    moment = instant(time.get("value", "")) if time is not None else None
    return moment.date() if moment is not None else None


@dataclass(frozen=True)
class InSystem(Constraint):
    """The code of every element at a path is in the system of the value set, and still valid."""

    where: Path
    value_set: str
    oid: bool = True
    """What is not even an OID is left to the rule on the code."""

    def default_key(self) -> str:
        return slug(str(self.where)) + ".system"

    def demand(self) -> Text:
        name = value_sets.value_set(self.value_set).name
        return Text(
            f"le codeSystem de l'élément {self.where} doit être celui que le jeu de valeurs {name} donne à ce code",
            f"the codeSystem of the element {self.where} must be the one that the value set {name} gives to this code",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            code, system = element.get("code"), element.get("codeSystem")
            if code is None or system is None or (self.oid and not is_oid(system)):
                continue
            answer = value_sets.value_set(self.value_set).look_up(code, system, on=context.remember(_day_of))
            if not answer.accepted and answer.status is not value_sets.Status.UNKNOWN_CODE:
                yield Violation(element, _elsewhere(answer), "codeSystem")

    def spoil(self, node: etree._Element) -> None:
        for element in self.where.elements(node):
            if element.get("codeSystem") is not None:
                element.set("codeSystem", "1.2.3.4.5.6")
                return
        raise CannotSpoil(f"the example has no {self.where}")


_WRONG_SYSTEM: Final = Text(
    "Un code n'a de sens que dans son système ; les règles officielles ne comparent que le code.",
    "A code has a meaning in its system only; the official rules compare the code alone.",
)


def coded_in(
    where: str,
    value_set: str,
    *,
    key: str = "",
    oid: bool = True,
    when: Condition | None = None,
    source: str = "",
    **options: Any,
) -> tuple[CodedIn, InSystem]:
    """The two rules on a coded element: a complete code of the set; in the system of the set (beyond)."""
    key = key or slug(where)
    return (
        CodedIn(path(where), value_set, key=f"{key}.value-set", oid=oid, when=when, source=source, **options),
        InSystem(path(where), value_set, oid, key=f"{key}.system", when=when, source=source, beyond=_WRONG_SYSTEM),
    )


def _not_an_oid(element: etree._Element) -> Text:
    system = element.get("codeSystem")
    return Text(f"codeSystem « {system} » n'est pas un OID", f"codeSystem “{system}” is not an OID")


def _unknown(answer: value_sets.Answer) -> Text:
    near = suggestions(answer.value_set, answer.code, answer.label)
    said = Text(f"le code « {answer.code} » n'y figure pas", f"the code “{answer.code}” is not in it")
    if not near:
        return said
    fr, en = (", ".join(f"{c.code} ({c.label})" for c in near),) * 2
    return Text(f"{said.fr} (proches : {fr})", f"{said.en} (near: {en})")


def _elsewhere(answer: value_sets.Answer) -> Text:
    if answer.status is value_sets.Status.WITHDRAWN:
        return Text(f"le code « {answer.code} » en a été retiré", f"the code “{answer.code}” was withdrawn from it")
    expected = " / ".join(answer.expected_systems)
    return Text(f"trouvé « {answer.system} », attendu {expected}", f"found “{answer.system}”, expected {expected}")
