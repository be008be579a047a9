"""The kinds of constraint: how many, which value, which type, which code, which templates.

Each kind checks, says what it asks and can break a valid node. The functions in lower case are how rules
are written: ``exactly_one("id")``, ``fixed("@classCode", "OBS")``, ``coded("value", "JDV_…")``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance.cda.namespaces import XSI_TYPE, h, short
from conformance.cda.paths import Path, path
from conformance.cda.rules import CannotSpoil, Condition, Constraint, Context, Violation, carries
from conformance.cda.template_families import with_family
from conformance.core.language import Text

_TEMPLATE_ID = h("templateId")
MISSING = Text("il manque", "it is missing")


def slug(*parts: str) -> str:
    """A readable identifier made from paths and words: ``text/reference/@value`` → ``text-reference-value``."""
    joined = "-".join(re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-") for part in parts if part)
    return re.sub(r"-+", "-", joined).strip("-")


def either(values: Iterable[str]) -> Text:
    """The values as an enumeration: « a, b ou c »."""
    *first, last = values
    if not first:
        return Text(last, last)
    return Text(f"{', '.join(first)} ou {last}", f"{', '.join(first)} or {last}")


def _what(where: Path) -> Text:
    """How a sentence names the end of a path."""
    if where.attribute:
        element = where.text.rpartition("@")[0].rstrip("/")
        name = short(where.attribute)
        return (
            Text(f"l'attribut {name} de l'élément {element}", f"the attribute {name} of the element {element}")
            if element
            else Text(f"l'attribut {name}", f"the attribute {name}")
        )
    return Text(f"l'élément {where}", f"the element {where}")


@dataclass(frozen=True)
class Count(Constraint):
    """The number of elements (or of owners of the attribute) at a path lies between two bounds."""

    where: Path
    least: int = 0
    most: int | None = None

    def default_key(self) -> str:
        return slug(str(self.where)) + (".required" if self.least and self.most is None else ".count")

    def demand(self) -> Text:
        what = _what(self.where)
        if self.most == 0:
            return Text("{w} ne doit pas figurer", "{w} must not occur").format(w=what)
        if self.least == self.most == 1:
            return Text("{w} doit figurer exactement une fois", "{w} must occur exactly once").format(w=what)
        if self.least == 0 and self.most == 1:
            return Text("{w} doit figurer une fois au plus", "{w} must occur at most once").format(w=what)
        if self.most is None:
            if self.least == 1:
                return Text("{w} est obligatoire", "{w} is required").format(w=what)
            return Text("{w} doit figurer {n} fois au moins", "{w} must occur at least {n} times").format(
                w=what, n=self.least
            )
        return Text("{w} doit figurer de {a} à {b} fois", "{w} must occur {a} to {b} times").format(
            w=what, a=self.least, b=self.most
        )

    def _found(self, node: etree._Element) -> list[etree._Element]:
        attribute = self.where.attribute
        nodes = self.where.elements(node)
        return nodes if attribute is None else [owner for owner in nodes if owner.get(attribute) is not None]

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        found = self._found(node)
        count = len(found)
        if count < self.least:
            owners = self.where.elements(node) if self.where.attribute else []
            missing = MISSING if count == 0 else Text(f"il y en a {count}", f"there are {count}")
            yield Violation(owners[0] if owners else node, missing)
        elif self.most is not None and count > self.most:
            times = (
                Text("il est présent", "it is present")
                if self.most == 0
                else Text(f"il y en a {count}", f"there are {count}")
            )
            yield Violation(self._owner_of_excess(node, found), times, self.where.attribute)

    def _owner_of_excess(self, node: etree._Element, found: list[etree._Element]) -> etree._Element:
        """What holds the elements too many: none of them is more to blame than another."""
        if self.where.attribute or (self.most == 0 and self.when is None):
            return found[self.most or 0]
        parent = found[0].getparent()
        together = parent is not None and all(element.getparent() is parent for element in found)
        return parent if together and parent is not None else node

    def spoil(self, node: etree._Element) -> None:
        found = self._found(node)
        if self.least:
            if len(found) < self.least:
                raise CannotSpoil(f"{self.where} is missing already")
            for extra in found[self.least - 1 :]:
                _drop(extra, self.where.attribute)
            return
        assert self.most is not None
        if self.where.attribute:
            owners = self.where.elements(node)
            if not owners:
                raise CannotSpoil(f"no owner for {self.where}")
            owners[0].set(self.where.attribute, "x")
            return
        if found:
            for _ in range(self.most + 1 - len(found)):
                found[0].addnext(copy.deepcopy(found[0]))
            return
        if not self.where.steps:
            raise CannotSpoil(f"the example has no {self.where}")
        parents = path(self.where.text.rpartition("/")[0] or ".").elements(node)
        if not parents:
            raise CannotSpoil(f"no parent for {self.where}")
        for _ in range(self.most + 1):
            etree.SubElement(parents[0], self.where.steps[-1])


@dataclass(frozen=True)
class Value(Constraint):
    """Every attribute at a path has one of the values listed; absent counts as wrong unless ``optional``."""

    where: Path
    values: tuple[str, ...]
    optional: bool = False
    null_flavors: tuple[str, ...] = ()
    """Values of ``@nullFlavor`` on the owner that excuse it."""

    def default_key(self) -> str:
        return slug(str(self.where)) + ".value"

    def demand(self) -> Text:
        listed = either(self.values)
        what = _what(self.where)
        if self.optional:
            return Text("{w}, s'il figure, doit valoir {v}", "{w}, if present, must be {v}").format(w=what, v=listed)
        return Text("{w} doit valoir {v}", "{w} must be {v}").format(w=what, v=listed)

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        attribute = self.where.attribute
        assert attribute is not None
        owners = self.where.elements(node)
        if not owners and not self.optional:
            yield Violation(node, MISSING)
        for owner in owners:
            value = owner.get(attribute)
            if value in self.values or (self.null_flavors and owner.get("nullFlavor") in self.null_flavors):
                continue
            if value is None:
                if not self.optional:
                    yield Violation(owner, MISSING)
            else:
                yield Violation(owner, Text(f"trouvé « {value} »", f"found “{value}”"), attribute)

    def spoil(self, node: etree._Element) -> None:
        attribute = self.where.attribute
        owners = self.where.elements(node)
        if not owners or attribute is None:
            raise CannotSpoil(f"no owner for {self.where}")
        owners[0].set(attribute, "x-wrong")


@dataclass(frozen=True)
class Form(Constraint):
    """Every attribute at a path (or the text of every element) has a form, told by a predicate."""

    where: Path
    accepts: Callable[[str], bool]
    form: Text
    wrong: str
    """A value of the wrong form, for the counterexample."""

    def default_key(self) -> str:
        return slug(str(self.where)) + ".form"

    def demand(self) -> Text:
        return Text("{w} doit être {f}", "{w} must be {f}").format(w=_what(self.where), f=self.form)

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        attribute = self.where.attribute
        for owner in self.where.elements(node):
            value = owner.get(attribute) if attribute else (owner.text or "")
            if value is not None and not self.accepts(value):
                yield Violation(owner, Text(f"trouvé « {value} »", f"found “{value}”"), attribute)

    def spoil(self, node: etree._Element) -> None:
        owners = self.where.elements(node)
        if not owners:
            raise CannotSpoil(f"the example has no {self.where}")
        if self.where.attribute:
            owners[0].set(self.where.attribute, self.wrong)
        else:
            owners[0].text = self.wrong


@dataclass(frozen=True)
class Typed(Constraint):
    """Every element at a path declares one of these types in ``xsi:type``."""

    where: Path
    types: tuple[str, ...]
    null_flavors: tuple[str, ...] = ()

    def default_key(self) -> str:
        return slug(str(self.where)) + ".type"

    def demand(self) -> Text:
        listed = either(self.types)
        return Text("{w} doit avoir pour type (xsi:type) {t}", "{w} must have the type (xsi:type) {t}").format(
            w=_what(self.where), t=listed
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            declared = type_of(element)
            if declared in self.types or (self.null_flavors and element.get("nullFlavor") in self.null_flavors):
                continue
            found = Text(f"trouvé « {declared} »", f"found “{declared}”") if declared else MISSING
            yield Violation(element, found, XSI_TYPE if declared else None)

    def spoil(self, node: etree._Element) -> None:
        elements = self.where.elements(node)
        if not elements:
            raise CannotSpoil(f"the example has no {self.where}")
        elements[0].set(XSI_TYPE, "ZZ")


@dataclass(frozen=True)
class Templates(Constraint):
    """The node declares these other template ids too (all of them)."""

    oids: tuple[str, ...]

    def default_key(self) -> str:
        return "templates." + "+".join(self.oids)

    def demand(self) -> Text:
        listed = ", ".join(map(with_family, self.oids))
        return Text(f"le templateId {listed} doit être déclaré aussi", f"the templateId {listed} must be declared too")

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for oid in self.oids:
            if not carries(node, oid):
                one = len(self.oids) == 1
                yield Violation(node, MISSING if one else Text(f"il manque {oid}", f"{oid} is missing"))

    def spoil(self, node: etree._Element) -> None:
        for child in list(node.iterchildren(_TEMPLATE_ID)):
            if child.get("root") == self.oids[0]:
                node.remove(child)
                return
        raise CannotSpoil(f"the example does not declare {self.oids[0]}")


@dataclass(frozen=True)
class Holds(Constraint):
    """At least one node at a path declares one of these template ids."""

    where: Path
    oids: tuple[str, ...]
    holding: Text

    def default_key(self) -> str:
        return "holds." + self.oids[0]

    def demand(self) -> Text:
        return Text("au moins {x} ({o}) doit figurer", "at least {x} ({o}) must occur").format(
            x=self.holding, o=either(self.oids)
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        if not any(carries(element, *self.oids) for element in self.where.elements(node)):
            yield Violation(node, Text("il n'y en a pas", "there is none"))

    def spoil(self, node: etree._Element) -> None:
        held = [element for element in self.where.elements(node) if carries(element, *self.oids)]
        if not held:
            raise CannotSpoil(f"the example holds no {self.oids}")
        for element in held:
            for child in element.iterchildren(_TEMPLATE_ID):
                if child.get("root") in self.oids:
                    child.set("root", "1.2.3.4.5.6")


@dataclass(frozen=True)
class Rule(Constraint):
    """What data cannot say: a function with the same interface.

    ``test`` yields the violations of a node; ``break_it`` alters a valid node for the counterexample.
    """

    asks: Text
    test: Callable[[etree._Element, Context], Iterable[Violation]]
    break_it: Callable[[etree._Element], None]

    def default_key(self) -> str:
        raise ValueError("a Rule needs a key")

    def demand(self) -> Text:
        return self.asks

    def violations(self, node: etree._Element, context: Context) -> Iterable[Violation]:
        return self.test(node, context)

    def spoil(self, node: etree._Element) -> None:
        self.break_it(node)


def type_of(element: etree._Element) -> str:
    """The local name in ``xsi:type``, or an empty string."""
    return element.get(XSI_TYPE, "").rpartition(":")[2]


def _drop(element: etree._Element, attribute: str | None) -> None:
    if attribute is not None:
        del element.attrib[attribute]
        return
    parent = element.getparent()
    if parent is None:
        raise CannotSpoil("the node itself cannot be removed")
    parent.remove(element)


# How rules are written ------------------------------------------------------------------------------------


def exactly_one(where: str, **options: Any) -> Count:
    """``where`` occurs once, no more, no less."""
    return Count(path(where), 1, 1, **options)


def at_least(count: int, where: str, **options: Any) -> Count:
    """``where`` occurs ``count`` times or more."""
    return Count(path(where), count, None, **options)


def required(where: str, **options: Any) -> Count:
    """``where`` (an element or an attribute) occurs at least once."""
    return Count(path(where), 1, None, **options)


def at_most_one(where: str, **options: Any) -> Count:
    """``where`` occurs once or not at all."""
    return Count(path(where), 0, 1, **options)


def between(least: int, most: int, where: str, **options: Any) -> Count:
    """``where`` occurs from ``least`` to ``most`` times."""
    return Count(path(where), least, most, **options)


def forbidden(where: str, **options: Any) -> Count:
    """``where`` does not occur."""
    return Count(path(where), 0, 0, **options)


def fixed(where: str, value: str, **options: Any) -> Value:
    """Every attribute ``where`` (``…/@name``) has this value; its absence is wrong."""
    return Value(path(where), (value,), **options)


def one_of(where: str, *values: str, **options: Any) -> Value:
    """Every attribute ``where`` has one of these values; its absence is wrong unless ``optional=True``."""
    return Value(path(where), values, **options)


def formed(where: str, accepts: Callable[[str], bool], form: Text, wrong: str, **options: Any) -> Form:
    """Every attribute (or text) at ``where`` has a form; absent is not looked at."""
    return Form(path(where), accepts, form, wrong, **options)


def typed(where: str, *types: str, **options: Any) -> Typed:
    """Every element ``where`` declares one of these types in ``xsi:type``."""
    return Typed(path(where), types, **options)


def declares(*oids: str, **options: Any) -> Templates:
    """The node declares these template ids too."""
    return Templates(oids, **options)


def holds(where: str, oids: tuple[str, ...], holding: Text, **options: Any) -> Holds:
    """At least one node at ``where`` declares one of ``oids``; ``holding`` names it (« une liste de problèmes »)."""
    return Holds(path(where), oids, holding, **options)


def when_carrying(*oids: str) -> Condition:
    """Condition: the node declares one of these template ids."""
    return lambda node: carries(node, *oids)


def unless_carrying(*oids: str) -> Condition:
    """Condition: the node declares none of these template ids."""
    return lambda node: not carries(node, *oids)
