"""The kinds of constraint that the header needs beside the common ones.

``once``, ``some``, ``at_most`` count the children of each parent at a path, so that a missing parent is one finding
and not two; ``known`` and ``valued`` look at the elements that are there; ``each`` at all those of a data type.
Codes have a file of their own (``coded.py``).
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from conformance.cda.constraints import either, slug
from conformance.cda.header.places import header_parts
from conformance.cda.namespaces import h, short
from conformance.cda.paths import Path, path
from conformance.cda.rules import CannotSpoil, Constraint, Context, Violation
from conformance.core.findings import Severity
from conformance.core.language import Text

MISSING: Final = Text("il manque", "it is missing")
_OID: Final = re.compile(r"[0-2](\.(0|[1-9]\d*))*")
WARN: Final = Severity.WARNING


def is_oid(value: str) -> bool:
    """Whether ``value`` has the form of an OID (§3.5.7.4; its length is another rule's matter)."""
    return _OID.fullmatch(value) is not None


def found(value: str | None) -> Text:
    """« trouvé « x » », or that nothing is there."""
    return MISSING if value is None else Text(f"trouvé « {value} »", f"found “{value}”")


def named(element: etree._Element) -> str:
    """How a sentence names an element of the header: its parent's name and its own."""
    parent = element.getparent()
    above = short(str(parent.tag)) + "/" if parent is not None else ""
    return above + short(str(element.tag))


def drop(element: etree._Element, *names: str) -> None:
    """Take attributes away, those that are there (for counterexamples)."""
    for name in names:
        if name in element.attrib:
            del element.attrib[name]


@dataclass(frozen=True)
class Occurs(Constraint):
    """Under each parent at a path, a child occurs between two bounds.

    ``filled``: only those without nullFlavor count, since none is allowed there. ``having``: only those with
    this child count.
    """

    where: Path
    least: int = 0
    most: int | None = None
    filled: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "_parents", path(self.where.text.rpartition("/")[0] or "."))
        object.__setattr__(self, "_child", h(self.where.text.rpartition("/")[2]))

    def default_key(self) -> str:
        return slug(str(self.where)) + (".required" if self.least and self.most is None else ".count")

    def demand(self) -> Text:
        what = self.where
        if self.most == 0:
            return Text(f"l'élément {what} ne doit pas figurer", f"the element {what} must not occur")
        if self.least == self.most == 1:
            said = Text(
                f"l'élément {what} doit figurer une fois et une seule",
                f"the element {what} must occur once and only once",
            )
        elif self.least:
            said = Text(f"l'élément {what} est obligatoire", f"the element {what} is required")
        elif self.most == 1:
            return Text(
                f"l'élément {what} doit figurer une fois au plus", f"the element {what} must occur at most once"
            )
        else:
            return Text(
                f"l'élément {what} doit figurer {self.most} fois au plus",
                f"the element {what} must occur at most {self.most} times",
            )
        if self.filled:
            return Text(said.fr + ", sans nullFlavor", said.en + ", without nullFlavor")
        return said

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        least, most, child = self.least, self.most, self._child  # type: ignore[attr-defined]  # set once, frozen
        for parent in self._parents.elements(node):  # type: ignore[attr-defined]  # set once, frozen
            there = list(parent.iterchildren(child))
            counted = [e for e in there if "nullFlavor" not in e.attrib] if self.filled and there else there
            if len(counted) < least:
                if there:
                    yield Violation(there[0], null_found(there[0]), "nullFlavor")
                else:
                    yield Violation(parent, MISSING)
            elif most is not None and len(counted) > most:
                many = len(counted)
                said = (
                    Text(f"il y en a {many}", f"there are {many}") if most else Text("il est présent", "it is present")
                )
                # Several: none is more to blame than another, and what holds them is named. One too many
                # where there must be none is to blame itself.
                yield Violation(parent if most else counted[0], said)

    def spoil(self, node: etree._Element) -> None:
        for parent in self._parents.elements(node):  # type: ignore[attr-defined]  # set once, frozen
            there = list(parent.iterchildren(self._child))  # type: ignore[attr-defined]  # set once, frozen
            if self.least:
                for extra in there:
                    parent.remove(extra)
                return
            if there:
                assert self.most is not None
                for _ in range(self.most + 1 - len(there)):
                    there[0].addnext(copy.deepcopy(there[0]))
                return
            if self.most == 0:
                etree.SubElement(parent, self._child)  # type: ignore[attr-defined]  # set once, frozen
                return
        raise CannotSpoil(f"the example has no {self.where}")


def null_found(element: etree._Element) -> Text:
    """« il porte nullFlavor « UNK » »."""
    flavor = element.get("nullFlavor")
    return Text(f"il porte nullFlavor « {flavor} »", f"it carries nullFlavor “{flavor}”")


def once(where: str, **options: Any) -> Occurs:
    """``where`` occurs exactly once under each of its parents."""
    return Occurs(path(where), 1, 1, **options)


def once_filled(where: str, **options: Any) -> Occurs:
    """``where`` occurs exactly once under each of its parents, and no nullFlavor will do."""
    return Occurs(path(where), 1, 1, True, **options)


def some(where: str, **options: Any) -> Occurs:
    """``where`` occurs at least once under each of its parents."""
    return Occurs(path(where), 1, None, **options)


def some_filled(where: str, **options: Any) -> Occurs:
    """``where`` occurs at least once under each of its parents without nullFlavor."""
    return Occurs(path(where), 1, None, True, **options)


def at_most(most: int, where: str, **options: Any) -> Occurs:
    """``where`` occurs at most ``most`` times under each of its parents (``0``: forbidden)."""
    return Occurs(path(where), 0, most, **options)


@dataclass(frozen=True)
class Attributes(Constraint):
    """Every element at a path has these attributes; ``null`` excuses one that says it is unknown."""

    where: Path
    names: tuple[str, ...]
    null: bool = True
    beside: str = ""
    """Only the elements with this attribute are looked at."""

    def default_key(self) -> str:
        return slug(str(self.where), *self.names) + ".required"

    def demand(self) -> Text:
        fr, en = " et ".join(self.names), " and ".join(self.names)
        where = "" if self.where.text == "." else f" {self.where}"
        if len(self.names) > 1:
            return Text(
                f"l'élément{where} doit porter les attributs {fr}", f"the element{where} must have the attributes {en}"
            )
        return Text(f"l'élément{where} doit porter l'attribut {fr}", f"the element{where} must have the attribute {en}")

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            if self.beside and self.beside not in element.attrib:
                continue
            if "nullFlavor" in element.attrib:
                if not self.null:
                    yield Violation(element, null_found(element), "nullFlavor")
                continue
            lacking = [name for name in self.names if name not in element.attrib]
            if lacking:
                words = ", ".join(lacking)
                yield Violation(element, Text(f"il manque {words}", f"{words} missing"))

    def spoil(self, node: etree._Element) -> None:
        for element in self.where.elements(node):
            if self.names[-1] in element.attrib:
                del element.attrib[self.names[-1]]
                return
        raise CannotSpoil(f"the example has no {self.where}")


def with_attributes(where: str, *names: str, **options: Any) -> Attributes:
    """Every element ``where`` has the attributes ``names`` (or a nullFlavor, unless ``null=False``)."""
    return Attributes(path(where), names, **options)


@dataclass(frozen=True)
class Known(Constraint):
    """No element at a path carries a nullFlavor."""

    where: Path

    def default_key(self) -> str:
        return slug(str(self.where)) + ".known"

    def demand(self) -> Text:
        return Text(
            f"l'élément {self.where} ne doit pas porter nullFlavor", f"the element {self.where} must have no nullFlavor"
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            if "nullFlavor" in element.attrib:
                yield Violation(element, null_found(element), "nullFlavor")

    def spoil(self, node: etree._Element) -> None:
        elements = self.where.elements(node)
        if not elements:
            raise CannotSpoil(f"the example has no {self.where}")
        drop(elements[-1], "root", "extension")
        elements[-1].set("nullFlavor", "NAV")


def known(where: str, **options: Any) -> Known:
    """No element ``where`` carries a nullFlavor."""
    return Known(path(where), **options)


@dataclass(frozen=True)
class OneOf(Constraint):
    """An attribute has one of these values on every element at a path that has no nullFlavor."""

    where: Path
    values: tuple[str, ...]
    wrong: str

    def default_key(self) -> str:
        return slug(str(self.where)) + ".value"

    def demand(self) -> Text:
        owner, _, attribute = self.where.text.rpartition("/@")
        fr, en = f"l'attribut {attribute} de {owner}", f"the attribute {attribute} of {owner}"
        return Text(fr + " doit valoir {v}", en + " must be {v}").format(v=either(self.values))

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        attribute = self.where.attribute
        assert attribute is not None
        for element in self.where.elements(node):
            value = element.get(attribute)
            if value not in self.values and "nullFlavor" not in element.attrib:
                yield Violation(element, found(value), attribute if value is not None else None)

    def spoil(self, node: etree._Element) -> None:
        elements = self.where.elements(node)
        if not elements or self.where.attribute is None:
            raise CannotSpoil(f"the example has no {self.where}")
        elements[-1].set(self.where.attribute, self.wrong)


def valued(where: str, *values: str, wrong: str = "x-wrong", **options: Any) -> OneOf:
    """The attribute ``where`` has one of ``values`` on each of its elements; without element, nothing is asked."""
    return OneOf(path(where), values, wrong, **options)


Flaw = Callable[[etree._Element], "Violation | Text | None"]


@dataclass(frozen=True)
class Each(Constraint):
    """What is asked of every header element of some data types, wherever it stands.

    ``flaw`` tells what is wrong with one of them; ``wrong`` breaks one, and says whether it could.
    """

    types: tuple[str, ...]
    asks: Text
    flaw: Flaw
    wrong: Callable[[etree._Element], bool]

    def default_key(self) -> str:
        raise ValueError("a rule on a data type needs a key")

    def demand(self) -> Text:
        return self.asks

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in context.remember(header_parts).of(*self.types):
            said = self.flaw(element)
            if said is None:
                continue
            if isinstance(said, Text):
                where = named(element)
                said = Violation(element, Text(f"{where} : {said.fr}", f"{where}: {said.en}"))
            yield said

    def spoil(self, node: etree._Element) -> None:
        for element in header_parts(node).of(*self.types):
            if self.wrong(element):
                return
        raise CannotSpoil("no element of this type can be broken")


def each(key: str, types: str, asks: Text, flaw: Flaw, wrong: Callable[[etree._Element], bool], **options: Any) -> Each:
    """Every header element of the data types ``types`` (separated by spaces) is free of ``flaw``."""
    return Each(tuple(types.split()), asks, flaw, wrong, key=key, **options)


Marks = Callable[[etree._Element], "tuple[Hashable, tuple[Hashable, ...]] | None"]


@dataclass(frozen=True)
class Distinct(Constraint):
    """The occurrences of a repeatable element under one parent differ.

    ``marks`` gives what an occurrence must be alone to have, and all that it has; ``None``: it is not compared.
    ``null_alone``: none with nullFlavor stands beside one that is known. Linear in the number of occurrences.
    """

    types: tuple[str, ...]
    asks: Text
    marks: Marks
    null_alone: bool = False

    def default_key(self) -> str:
        return "distinct"

    def demand(self) -> Text:
        return self.asks

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        repeating = context.remember(header_parts).repeating
        for kind in self.types:
            groups: dict[tuple[etree._Element | None, str], list[etree._Element]] = {}
            for element in repeating.get(kind, ()):
                groups.setdefault((element.getparent(), str(element.tag)), []).append(element)
            for group in groups.values():
                if len(group) > 1:
                    yield from self._within(group)

    def _within(self, group: list[etree._Element]) -> Iterator[Violation]:
        marks = [self.marks(element) for element in group]
        had = Counter(mark for one in marks if one is not None for mark in set(one[1]))
        nulls = sum("nullFlavor" in element.attrib for element in group)
        for element, one in zip(group, marks, strict=True):
            where = named(element)
            if self.null_alone and nulls < len(group) and "nullFlavor" in element.attrib:
                yield Violation(element, Text(f"{where} : nullFlavor à côté d'une valeur connue",
                                              f"{where}: nullFlavor beside a known value"), "nullFlavor")  # fmt: skip
            elif one is not None and had[one[0]] > 1:
                yield Violation(element, Text(f"{where} : répété à l'identique", f"{where}: repeated as it is"))

    def spoil(self, node: etree._Element) -> None:
        for kind in self.types:
            for element in header_parts(node).repeating.get(kind, ()):
                if self.marks(element) is not None:
                    element.addnext(copy.deepcopy(element))
                    return
        raise CannotSpoil("nothing to repeat")


def distinct(key: str, types: str, asks: Text, marks: Marks, **options: Any) -> Distinct:
    """The occurrences of each repeatable element of the data types ``types`` differ under their parent."""
    return Distinct(tuple(types.split()), asks, marks, key=key, **options)
