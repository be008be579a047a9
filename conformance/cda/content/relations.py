"""The kinds of constraint on what an entry or a section is related to, beside the general ones.

Which templates it holds and how many (``Held``, ``Below``, ``Related``), which ones only (``Only``), and the
relationship that carries it (``Enclosed``, ``CarriedBy``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance.cda.constraints import either, slug
from conformance.cda.content.kinds import FOREIGN
from conformance.cda.namespaces import h, short
from conformance.cda.paths import Path, path
from conformance.cda.rules import CannotSpoil, Constraint, Context, Violation, carries
from conformance.core.findings import Severity
from conformance.core.language import Text

_TEMPLATE_ID = h("templateId")
_NONE = Text("il n'y en a pas", "there is none")


@dataclass(frozen=True)
class Held(Constraint):
    """At most one of the elements at a path declares this template."""

    where: Path
    oid: str
    holding: Text
    least: int = 0

    def default_key(self) -> str:
        return "one-only." + self.oid

    def demand(self) -> Text:
        if self.least:
            return Text("{x} ({o}) doit figurer exactement une fois", "{x} ({o}) must occur exactly once").format(
                x=self.holding, o=self.oid
            )
        return Text("{x} ({o}) doit figurer une fois au plus", "{x} ({o}) must occur at most once").format(
            x=self.holding, o=self.oid
        )

    def _held(self, node: etree._Element) -> list[etree._Element]:
        return [element for element in self.where.elements(node) if carries(element, self.oid)]

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        held = self._held(node)
        if len(held) > 1:
            yield Violation(node, Text(f"il y en a {len(held)}", f"there are {len(held)}"))
        elif len(held) < self.least:
            yield Violation(node, _NONE)

    def spoil(self, node: etree._Element) -> None:
        held = self._held(node)
        if not held:
            raise CannotSpoil(f"the example holds no {self.oid}")
        if self.least:
            _rename_template(held[0], self.oid)
            return
        carrier = held[0].getparent()
        if carrier is None:
            raise CannotSpoil("nothing carries the entry")
        carrier.addnext(copy.deepcopy(carrier))


@dataclass(frozen=True)
class Below(Constraint):
    """An element that declares this template stands somewhere below the node."""

    oid: str
    holding: Text

    def default_key(self) -> str:
        return "holds." + self.oid

    def demand(self) -> Text:
        return Text("au moins {x} ({o}) doit figurer", "at least {x} ({o}) must occur").format(
            x=self.holding, o=self.oid
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        if not any(declared.get("root") == self.oid for declared in node.iter(_TEMPLATE_ID)):
            yield Violation(node, _NONE)

    def spoil(self, node: etree._Element) -> None:
        for child in list(node.iterchildren("*")):
            if any(declared.get("root") == self.oid for declared in child.iter(_TEMPLATE_ID)):
                node.remove(child)


@dataclass(frozen=True)
class Only(Constraint):
    """The elements at a path declare no other template than these."""

    where: Path
    oids: tuple[str, ...]
    prefix: str = ""
    """Ids that begin with this are allowed too."""
    unless: str = ""
    """Elements that declare this template are not looked at."""

    def default_key(self) -> str:
        return "only." + slug(str(self.where))

    def demand(self) -> Text:
        listed = ", ".join((*self.oids, *([self.prefix + "*"] if self.prefix else [])))
        return Text(
            f"l'élément {self.where} ne doit déclarer que les templateId {listed}",
            f"the element {self.where} must declare only the templateIds {listed}",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            if self.unless and carries(element, self.unless):
                continue
            for declared in element.iterchildren(_TEMPLATE_ID):
                oid = declared.get("root")
                if oid is None or oid in self.oids or (self.prefix and oid.startswith(self.prefix)):
                    continue
                yield Violation(element, Text(f"trouvé « {oid} »", f"found “{oid}”"))
                break

    def spoil(self, node: etree._Element) -> None:
        elements = self.where.elements(node)
        if not elements:
            raise CannotSpoil(f"the example has no {self.where}")
        elements[0].insert(0, etree.Element(_TEMPLATE_ID, root=FOREIGN))


@dataclass(frozen=True)
class Related(Constraint):
    """A relationship of this type (and inversion) leads to an entry that declares one of these templates."""

    type_code: str
    inversion: str
    oids: tuple[str, ...]
    holding: Text
    deep: bool = False
    """Anywhere below the relationship, not only its own entry."""
    apart: bool = False
    """The type and the template may be those of two different relationships."""

    def default_key(self) -> str:
        return "holds." + self.oids[0]

    def demand(self) -> Text:
        inverted = f", inversionInd={self.inversion}" if self.inversion else ""
        return Text(
            "au moins {x} ({o}) doit figurer dans un entryRelationship (typeCode={t}{i})",
            "at least {x} ({o}) must occur in an entryRelationship (typeCode={t}{i})",
        ).format(x=self.holding, o=either(self.oids), t=self.type_code, i=inverted)

    def _good(self, relationship: etree._Element) -> bool:
        return relationship.get("typeCode") == self.type_code and (
            not self.inversion or relationship.get("inversionInd") == self.inversion
        )

    def _holds(self, relationship: etree._Element) -> bool:
        if self.deep:
            return any(declared.get("root") in self.oids for declared in relationship.iter(_TEMPLATE_ID))
        return any(carries(child, *self.oids) for child in relationship.iterchildren("*"))

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        relationships = list(node.iterchildren(h("entryRelationship")))
        held = [relationship for relationship in relationships if self._holds(relationship)]
        if not held:
            yield Violation(node, _NONE)
        elif not any(map(self._good, relationships if self.apart else held)):
            yield _wrong_relationship(held[0], self.type_code, self.inversion)

    def spoil(self, node: etree._Element) -> None:
        for relationship in node.iterchildren(h("entryRelationship")):
            if self.apart or self._holds(relationship):
                relationship.set("typeCode", "x-wrong")


@dataclass(frozen=True)
class Enclosed(Constraint):
    """Within an ancestor that declares one of these templates, the entry's own relationship has this type code."""

    type_code: str
    inversion: str
    oids: tuple[str, ...]

    def default_key(self) -> str:
        return "enclosing-relationship"

    def demand(self) -> Text:
        listed = f"typeCode={self.type_code}, inversionInd={self.inversion}"
        return Text(f"dans un problème, l'entrée doit être portée par un entryRelationship ({listed})",
                    f"within a problem, the entry must be carried by an entryRelationship ({listed})")  # fmt: skip

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        carrier = node.getparent()
        if carrier is None or not any(carries(above, *self.oids) for above in node.iterancestors()):
            return
        if carrier.tag != h("entryRelationship"):
            name = short(str(carrier.tag))
            yield Violation(node, Text(f"elle est dans un élément {name}", f"it is in an element {name}"))
            return
        if carrier.get("typeCode") != self.type_code or carrier.get("inversionInd") != self.inversion:
            yield _wrong_relationship(carrier, self.type_code, self.inversion)

    def spoil(self, node: etree._Element) -> None:
        carrier = node.getparent()
        if carrier is None:
            raise CannotSpoil("nothing carries the entry")
        carrier.set("typeCode", "x-wrong")


@dataclass(frozen=True)
class CarriedBy(Constraint):
    """The relationship that carries the entry has this type code (and this inversion indicator).

    ``strictly``: this very relationship. Else one relationship of the same parent is enough, as the official
    rules count.
    """

    type_code: str
    inversion: str = ""
    strictly: bool = False

    def default_key(self) -> str:
        return "own-relationship" if self.strictly else "relationship"

    def demand(self) -> Text:
        listed = f"typeCode={self.type_code}" + (f", inversionInd={self.inversion}" if self.inversion else "")
        return Text(f"l'entrée doit être portée par un entryRelationship ({listed})",
                    f"the entry must be carried by an entryRelationship ({listed})")  # fmt: skip

    def _good(self, relationship: etree._Element) -> bool:
        return relationship.get("typeCode") == self.type_code and (
            not self.inversion or relationship.get("inversionInd") == self.inversion
        )

    def _siblings(self, node: etree._Element) -> list[etree._Element]:
        carrier = node.getparent()
        parent = carrier.getparent() if carrier is not None else None
        return list(parent.iterchildren(h("entryRelationship"))) if parent is not None else []

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        carrier = node.getparent()
        if carrier is None or (carrier.tag == h("entryRelationship") and self._good(carrier)):
            return
        lenient = any(map(self._good, self._siblings(node)))
        if lenient != self.strictly:
            return
        if carrier.tag != h("entryRelationship"):
            name = short(str(carrier.tag))
            yield Violation(node, Text(f"elle est dans un élément {name}", f"it is in an element {name}"))
            return
        yield _wrong_relationship(carrier, self.type_code, self.inversion)

    def spoil(self, node: etree._Element) -> None:
        carrier = node.getparent()
        if carrier is None or carrier.tag != h("entryRelationship"):
            raise CannotSpoil("the example is carried by no relationship")
        alone = sum(map(self._good, self._siblings(node))) < 2
        if alone == self.strictly:
            raise CannotSpoil("the example needs a sibling relationship of the same kind" if alone else "not alone")
        if self.inversion:
            carrier.set("inversionInd", "true" if self.inversion == "false" else "false")
        else:
            carrier.set("typeCode", "x-wrong")


def _wrong_relationship(carrier: etree._Element, type_code: str, inversion: str) -> Violation:
    """What is wrong with a relationship that should have this type code and this inversion (empty: any)."""
    name, wanted = ("typeCode", type_code) if carrier.get("typeCode") != type_code else ("inversionInd", inversion)
    value = carrier.get(name)
    if value is None:
        return Violation(carrier, Text(f'il manque {name}="{wanted}"', f'{name}="{wanted}" is missing'))
    return Violation(carrier, Text(f"trouvé {name} « {value} »", f"found {name} “{value}”"), name)


def _rename_template(node: etree._Element, oid: str) -> None:
    for child in node.iterchildren(_TEMPLATE_ID):
        if child.get("root") == oid:
            child.set("root", FOREIGN)


# How rules are written ------------------------------------------------------------------------------------


def at_most_one_held(where: str, oid: str, holding: Text, **options: Any) -> Held:
    """At most one element at ``where`` declares ``oid``; ``holding`` names it."""
    return Held(path(where), oid, holding, **options)


def exactly_one_held(where: str, oid: str, holding: Text, **options: Any) -> Held:
    """Exactly one element at ``where`` declares ``oid``; ``holding`` names it."""
    return Held(path(where), oid, holding, 1, **options)


def only(where: str, *oids: str, **options: Any) -> Only:
    """The elements at ``where`` declare none but these templates."""
    return Only(path(where), oids, **options)


def related(type_code: str, oids: tuple[str, ...], holding: Text, inversion: str = "", **options: Any) -> Related:
    """A relationship of this type leads to one of these templates; ``holding`` names it."""
    return Related(type_code, inversion, oids, holding, **options)


def below(oid: str, holding: Text, **options: Any) -> Below:
    """At least one element below declares ``oid``; ``holding`` names it."""
    return Below(oid, holding, **options)


def carried_by(type_code: str, inversion: str = "", official: str = "") -> tuple[CarriedBy, CarriedBy]:
    """The relationship that carries the entry: as the official rules count (error), and to the letter (warning)."""
    return (
        CarriedBy(type_code, inversion, official=official),
        CarriedBy(type_code, inversion, strictly=True, official=official, severity=Severity.WARNING, beyond=Text(
            "La règle officielle se contente d'un entryRelationship voisin du bon type : "
            "ici on regarde celui qui porte l'entrée.",
            "The official rule is content with a neighbouring entryRelationship of the right type: "
            "here the one that carries the entry is looked at.",
        )),
    )  # fmt: skip
