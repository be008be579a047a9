"""The kinds of constraint that sections and entries need beside the general ones.

The name of the element (``Named``), how many elements *with these attributes* (``Match``), an attribute that an
element must carry when the element is there (``EachHas``), a value or a nullFlavor (``Filled``), an element with all
its parts (``Complete``).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance.cda.constraints import MISSING, either, fixed, one_of, slug
from conformance.cda.namespaces import h, short
from conformance.cda.paths import Path, path
from conformance.cda.rules import CannotSpoil, Constraint, Context, Violation
from conformance.core.findings import Severity
from conformance.core.language import Text

_TEMPLATE_ID = h("templateId")
FOREIGN = "1.2.3.4.5.6"
"""A template id that means nothing, for the counterexamples."""


@dataclass(frozen=True)
class Named(Constraint):
    """The element that carries the template has this name."""

    tag: str

    def default_key(self) -> str:
        return "element"

    def demand(self) -> Text:
        return Text(
            f"ce modèle doit être porté par un élément {self.tag}",
            f"this template must be carried by an element {self.tag}",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        if node.tag != h(self.tag):
            name = short(str(node.tag))
            yield Violation(node, Text(f"trouvé l'élément {name}", f"found the element {name}"))

    def spoil(self, node: etree._Element) -> None:
        node.tag = h(self.tag + "X")


@dataclass(frozen=True)
class Match(Constraint):
    """So many elements at a path have these attributes; each attribute is one of the values given."""

    where: Path
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    least: int = 1
    most: int | None = None
    optional: bool = False
    """Nothing is asked when no element at all is at the path."""

    def default_key(self) -> str:
        return slug(str(self.where), *(name for name, _ in self.attributes)) + ".match"

    def _wanted(self) -> Text:
        options = [(name, either(values)) for name, values in self.attributes]
        fr = ", ".join(f"{name}={value.fr}" for name, value in options)
        en = ", ".join(f"{name}={value.en}" for name, value in options)
        return Text(f"l'élément {self.where} ({fr})", f"the element {self.where} ({en})")

    def demand(self) -> Text:
        wanted = self._wanted()
        if self.least == self.most == 1:
            return Text("{w} doit figurer exactement une fois", "{w} must occur exactly once").format(w=wanted)
        if self.optional:
            return Text(
                f"s'il y a un élément {self.where}, {{w}} doit figurer",
                f"if there is an element {self.where}, {{w}} must occur",
            ).format(w=wanted)
        return Text("{w} est obligatoire", "{w} is required").format(w=wanted)

    def _fits(self, element: etree._Element) -> bool:
        return all(element.get(name) in values for name, values in self.attributes)

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        found = self.where.elements(node)
        if self.optional and not found:
            return
        good = [element for element in found if self._fits(element)]
        if len(good) < self.least:
            if not found:
                yield Violation(node, MISSING)
                return
            nearest = next(element for element in found if element not in good)
            for name, values in self.attributes:
                value = nearest.get(name)
                if value is None:
                    yield Violation(nearest, Text(f"il manque @{name}", f"@{name} is missing"))
                    return
                if value not in values:
                    yield Violation(nearest, Text(f"trouvé {name} « {value} »", f"found {name} “{value}”"), name)
                    return
        elif self.most is not None and len(good) > self.most:
            said = Text(f"il y en a {len(good)}", f"there are {len(good)}")
            yield Violation(node, said)

    def spoil(self, node: etree._Element) -> None:
        good = [element for element in self.where.elements(node) if self._fits(element)]
        if not self.least:
            if not good or self.most is None:
                raise CannotSpoil(f"the example has no {self.where}")
            for _ in range(self.most):
                good[0].addnext(copy.deepcopy(good[0]))
            return
        if not good:
            raise CannotSpoil(f"the example has no {self.where}")
        for element in good:
            element.set(self.attributes[0][0], "x-wrong")


@dataclass(frozen=True)
class EachHas(Constraint):
    """Every element at a path carries this attribute; nothing is asked when the element is not there."""

    where: Path
    attribute: str

    def default_key(self) -> str:
        return slug(str(self.where), self.attribute) + ".given"

    def demand(self) -> Text:
        return Text(
            f"l'élément {self.where} doit porter l'attribut {self.attribute}",
            f"the element {self.where} must carry the attribute {self.attribute}",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            if element.get(self.attribute) is None:
                yield Violation(element, MISSING)

    def spoil(self, node: etree._Element) -> None:
        elements = [e for e in self.where.elements(node) if e.get(self.attribute) is not None]
        if not elements:
            raise CannotSpoil(f"the example has no {self.where}/@{self.attribute}")
        for element in elements:
            del element.attrib[self.attribute]


@dataclass(frozen=True)
class Filled(Constraint):
    """One of these elements is there with a value, or with a nullFlavor (any, or one of those given)."""

    places: tuple[Path, ...]
    attribute: str = "value"
    null_flavors: tuple[str, ...] = ()
    """Empty: any nullFlavor."""

    def default_key(self) -> str:
        return slug(*(str(place) for place in self.places)) + ".filled"

    def demand(self) -> Text:
        fr = " ou ".join(f"{place}/@{self.attribute}" for place in self.places)
        en = " or ".join(f"{place}/@{self.attribute}" for place in self.places)
        nulls = either(self.null_flavors) if self.null_flavors else Text("", "")
        return Text(
            f"{fr} doit être renseigné, ou porter un nullFlavor {nulls.fr}".rstrip(),
            f"{en} must be given, or have a nullFlavor {nulls.en}".rstrip(),
        )

    def _full(self, element: etree._Element) -> bool:
        if element.get(self.attribute) is not None:
            return True
        null = element.get("nullFlavor")
        return null is not None and (not self.null_flavors or null in self.null_flavors)

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        found = [element for place in self.places for element in place.elements(node)]
        if any(map(self._full, found)):
            return
        null = found[-1].get("nullFlavor") if found else None
        said = Text(f"trouvé nullFlavor « {null} »", f"found nullFlavor “{null}”") if null else MISSING
        yield Violation(found[-1] if found else node, said)

    def spoil(self, node: etree._Element) -> None:
        for place in self.places:
            for element in place.elements(node):
                element.attrib.pop(self.attribute, "")
                element.attrib.pop("nullFlavor", "")


@dataclass(frozen=True)
class Complete(Constraint):
    """When an element is there, all these parts of it are there too (a nullFlavor is a presence)."""

    where: Path
    parts: tuple[str, ...]

    def default_key(self) -> str:
        return slug(str(self.where)) + ".complete"

    def demand(self) -> Text:
        listed = ", ".join(self.parts)
        return Text(
            f"l'élément {self.where}, s'il figure, doit comporter {listed}",
            f"the element {self.where}, if present, must have {listed}",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        owners = self.where.elements(node)
        for part in self.parts if owners else ():
            if not any(path(part).elements(owner) for owner in owners):
                yield Violation(deepest(owners[0], part), Text(f"il manque {part}", f"{part} is missing"))

    def spoil(self, node: etree._Element) -> None:
        for owner in self.where.elements(node):
            for element in path(self.parts[-1]).elements(owner):
                parent = element.getparent()
                if parent is not None:
                    parent.remove(element)


def deepest(owner: etree._Element, part: str) -> etree._Element:
    """How far one can follow the steps of ``part`` below ``owner``."""
    for step in path(part).steps or ():
        below = next(owner.iterchildren(step), None)
        if below is None:
            break
        owner = below
    return owner


# How rules are written ------------------------------------------------------------------------------------


def named(tag: str, **options: Any) -> Named:
    """The template is carried by an element of this name."""
    return Named(tag, **options)


def act_class(class_code: str, *moods: str, official: str = "") -> tuple[Constraint, ...]:
    """``@classCode`` and ``@moodCode``, both written out: the schema's defaults do not count."""
    return (
        fixed("@classCode", class_code, official=official),
        one_of("@moodCode", *moods, official=official),
    )


def match(where: str, *, least: int = 1, most: int | None = None, optional: bool = False, key: str = "",
          official: str = "", when: Callable[[etree._Element], bool] | None = None, severity: Severity = Severity.ERROR,
          beyond: Text | None = None, hint: Text | None = None, **attributes: str | tuple[str, ...]) -> Match:  # fmt: skip
    """``match("subject", typeCode="SBJ")``: at least one ``subject`` has that attribute."""
    listed = tuple((name, (v,) if isinstance(v, str) else v) for name, v in attributes.items())
    return Match(path(where), listed, least, most, optional, key=key, official=official, when=when,
                 severity=severity, beyond=beyond, hint=hint)  # fmt: skip


def each_has(where: str, attribute: str, **options: Any) -> EachHas:
    """Every element ``where`` carries ``attribute``; its absence altogether is another rule's matter."""
    return EachHas(path(where), attribute, **options)


def filled(*where: str, **options: Any) -> Filled:
    """One element at one of these paths has a ``@value`` or a nullFlavor."""
    return Filled(tuple(path(one) for one in where), **options)


def complete(where: str, *parts: str, **options: Any) -> Complete:
    """``where``, if present, has all these parts."""
    return Complete(path(where), parts, **options)


NEVER_ENFORCED = Text(
    "Prévu par les modèles de contenus, mais la règle officielle est écrite de telle sorte qu'elle n'échoue jamais.",
    "Meant by the content models, but the official rule is written so that it never fails.",
)
"""Why some rules ask more than the official ones do."""

UNBOUND = Text(
    "Les modèles de contenus prévoient ce jeu de valeurs, mais aucune règle officielle ne le vérifie.",
    "The content models foresee this value set, but no official rule checks it.",
)
"""Why a value set is checked that no official rule binds."""

WEAKER_THAN_MEANT = Text(
    "Les modèles de contenus le demandent, mais la règle officielle vérifie moins que ce qu'elle annonce.",
    "The content models ask for it, but the official rule checks less than it announces.",
)
"""Why some rules ask more than the official ones check."""
