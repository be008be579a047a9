"""The entity of a professional: what identifies it, what it holds.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.6.3, §3.5.5.13.3, §3.5.5.18.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.header.coded import CodedIn
from conformance.cda.header.kinds import WARN, at_most, with_attributes
from conformance.cda.header.persons import PS_ROOT, UNTESTED, system_is_oid
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Constraint, Context, Violation
from conformance.core.language import Text
from conformance.terminology import value_sets

_SOURCE: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.6.3"


def _professional_ids(node: etree._Element, context: Context) -> Iterator[Violation]:
    for entity in node.iterchildren(h("assignedEntity")):
        number = sum(1 for child in entity.iterchildren(h("id")) if child.get("root") == PS_ROOT)
        if number != 1:
            yield Violation(entity, Text(f"il y en a {number}", f"there are {number}"))


def _other_root(node: etree._Element) -> None:
    identifier = path("assignedEntity/id").elements(node)[0]
    identifier.set("root", "1.2.3.4.567.8.9.10")


def one_professional(source: str) -> Constraint:
    """The entity has exactly one identifier of professional."""
    return Rule(
        Text(
            f"assignedEntity doit avoir un identifiant de professionnel (id, root {PS_ROOT}), et un seul",
            f"assignedEntity must have an identifier of professional (id, root {PS_ROOT}), and only one",
        ),
        _professional_ids,
        _other_root,
        key="professional",
        source=source,
        official="StrucMin",
    )


def professional_entity() -> tuple[Constraint, ...]:
    """What else such an entity holds: extension, at most one profession, one person, one structure."""
    return (
        with_attributes("assignedEntity/id", "extension", source=f"{_SOURCE}.1", official="StrucMin"),
        at_most(1, "assignedEntity/code", official="StrucMin"),
        system_is_oid("assignedEntity/code"),
        CodedIn(path("assignedEntity/code"), value_sets.AUTHOR_SPECIALTY.name, key="profession", label=False,
                oid=False, optional=True, severity=WARN, source=f"{_SOURCE}.2", beyond=UNTESTED),
        at_most(1, "assignedEntity/assignedPerson", official="StrucMin"),
        at_most(1, "assignedEntity/representedOrganization", official="StrucMin"),
    )  # fmt: skip


_PROFESSIONAL: Final = ("code", "assignedPerson", "representedOrganization")


def is_professional(entity: etree._Element) -> bool:
    """Whether an entity is identified as a person who practises: PS_IdNat, without the internal part of a system."""
    for identifier in entity.iterchildren(h("id")):
        if identifier.get("root") == PS_ROOT and "/" not in identifier.get("extension", "/"):
            return entity.find(h("assignedAuthoringDevice")) is None
    return False


def _lacking(
    child: str, who: Callable[[etree._Element], bool], names: tuple[str, ...]
) -> Callable[..., Iterator[Violation]]:
    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        for entity in node.iterchildren(h(child)):
            if who(entity):
                for name in names:
                    if entity.find(h(name)) is None:
                        yield Violation(entity, Text(f"il manque {name}", f"{name} is missing"))

    return test


def of_a_professional(child: str, source: str) -> Constraint:
    """A professional has a profession, a name and a structure."""

    def spoil(node: etree._Element) -> None:
        for entity in node.iterchildren(h(child)):
            part = entity.find(h("code"))
            if part is not None:
                entity.remove(part)

    return Rule(
        Text(
            "un professionnel doit avoir une profession (code), un nom (assignedPerson) et une structure "
            "(representedOrganization)",
            "a professional must have a profession (code), a name (assignedPerson) and an organization "
            "(representedOrganization)",
        ),
        _lacking(child, is_professional, _PROFESSIONAL),
        spoil,
        key="of-a-professional",
        when=lambda node: any(is_professional(entity) for entity in node.iterchildren(h(child))),
        severity=WARN,  # a third of the published examples lack one of the three
        source=source,
        beyond=UNTESTED,
    )
