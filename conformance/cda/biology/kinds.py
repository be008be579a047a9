"""The kinds of constraint that the laboratory report needs beside the general ones.

A code that must be LOINC if it is coded at all (``loinc_if_coded``), a code complete or left out
(``complete_or_bare``), a status shorter than the wider list (``narrower``), a part that the document must
hold and that the counterexample takes away whole (``HasSection``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance.cda.constraints import slug
from conformance.cda.content.oids import LOINC
from conformance.cda.namespaces import h
from conformance.cda.paths import Path, path
from conformance.cda.rules import CannotSpoil, Constraint, Context, Violation, carries
from conformance.core.language import Text
from conformance.terminology.code_systems import named

MISSING = Text("il manque", "it is missing")
_CODE_PARTS = ("code", "displayName", "codeSystem", "codeSystemName")


def said(name: str, value: str | None) -> Text:
    """« trouvé code « x » », or that the attribute is not there."""
    if value is None:
        return Text(f"il manque @{name}", f"@{name} is missing")
    return Text(f"trouvé {name} « {value} »", f"found {name} “{value}”")


@dataclass(frozen=True)
class SystemIfCoded(Constraint):
    """A code at a path, where it has one, is of this code system; a bare element passes."""

    where: Path
    system: str

    def default_key(self) -> str:
        return slug(str(self.where)) + ".system"

    def demand(self) -> Text:
        return Text(
            f"l'élément {self.where}, s'il est codé, doit l'être dans le système {named(self.system)}",
            f"the element {self.where}, if coded, must be coded in the system {named(self.system)}",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            if element.get("code") is not None and element.get("codeSystem") != self.system:
                yield Violation(element, said("codeSystem", element.get("codeSystem")), "codeSystem")

    def spoil(self, node: etree._Element) -> None:
        for element in self.where.elements(node):
            if element.get("code") is not None:
                element.set("codeSystem", "1.2.3.4.5.6")
                return
        raise CannotSpoil(f"the example has no coded {self.where}")


def loinc_if_coded(where: str, **options: Any) -> SystemIfCoded:
    """The code at ``where``, where there is one, is a LOINC code."""
    return SystemIfCoded(path(where), LOINC, **options)


@dataclass(frozen=True)
class CompleteOrBare(Constraint):
    """Each result code at a path is a LOINC code with its label, or bare; ``others`` lets other systems pass."""

    where: Path
    others: bool = False

    def default_key(self) -> str:
        return slug(str(self.where)) + ".loinc-or-bare"

    def demand(self) -> Text:
        if self.others:
            return Text(
                f"un code LOINC de résultat ({self.where}) doit être complet : code, displayName, codeSystem",
                f"a LOINC code of a result ({self.where}) must be complete: code, displayName, codeSystem",
            )
        return Text(
            f"le code d'un résultat ({self.where}) doit être un code LOINC complet (code, displayName, codeSystem), ou ne porter ni code, "
            "ni displayName, ni codeSystem, ni codeSystemName (le code local est alors dans translation)",
            f"the code of a result ({self.where}) must be a complete LOINC code (code, displayName, codeSystem), or carry no code, "
            "displayName, codeSystem or codeSystemName (the local code is then in translation)",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for element in self.where.elements(node):
            attributes = element.attrib
            given = [name for name in _CODE_PARTS if name in attributes]
            if not given or (self.others and attributes.get("codeSystem") != LOINC):
                continue
            for name in ("codeSystem", "code", "displayName"):
                value = attributes.get(name)
                if value is None or (name == "codeSystem" and value != LOINC):
                    yield Violation(element, said(name, value), name if value is not None else None)
                    break

    def spoil(self, node: etree._Element) -> None:
        for element in self.where.elements(node):
            if element.get("displayName") is not None:
                del element.attrib["displayName"]
                return
        raise CannotSpoil(f"the example has no coded {self.where}")


def complete_or_bare(where: str, others: bool = False, **options: Any) -> CompleteOrBare:
    """Codes of results at ``where`` (``…/code``): complete LOINC, or bare."""
    return CompleteOrBare(path(where), others, **options)


@dataclass(frozen=True)
class LocalCodes(Constraint):
    """The translations of a result code carry these attributes: each of them, or all of them together."""

    where: Path
    """The codes that hold the translations."""
    attributes: tuple[str, ...]
    together: bool = False
    """True: one translation may have the one and another the other, as the official rule counts."""

    def default_key(self) -> str:
        return slug(str(self.where)) + ".translation"

    def demand(self) -> Text:
        listed = ", ".join(self.attributes)
        return Text(
            f"le code local ou d'attente ({self.where}/translation) doit porter {listed}",
            f"the local or waiting code ({self.where}/translation) must carry {listed}",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        for code in self.where.elements(node):
            translations = list(code.iterchildren(h("translation")))
            for name in self.attributes:
                lacking = [one for one in translations if one.get(name) is None]
                if lacking and (not self.together or len(lacking) == len(translations)):
                    yield Violation(lacking[0], said(name, None))
                    break

    def spoil(self, node: etree._Element) -> None:
        for code in self.where.elements(node):
            for one in code.iterchildren(h("translation")):
                if one.get(self.attributes[-1]) is not None:
                    del one.attrib[self.attributes[-1]]
                    return
        raise CannotSpoil(f"the example has no translation in {self.where}")


@dataclass(frozen=True)
class Narrower(Constraint):
    """A status that the IHE list allows and the French volet does not."""

    where: Path
    allowed: tuple[str, ...]
    refused: tuple[str, ...]

    def default_key(self) -> str:
        return slug(str(self.where)) + ".narrower"

    def demand(self) -> Text:
        listed = ", ".join(self.allowed)
        return Text(
            f"l'attribut code de l'élément {self.where} doit valoir {listed} (le volet français n'admet pas le reste)",
            f"the attribute code of the element {self.where} must be {listed} (the French volet allows no other)",
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        elements = self.where.elements(node)
        if any(element.get("code") in self.allowed for element in elements):
            return
        for element in elements:
            if element.get("code") in self.refused:
                yield Violation(element, said("code", element.get("code")), "code")
                return

    def spoil(self, node: etree._Element) -> None:
        for element in self.where.elements(node):
            element.set("code", self.refused[0])
            return
        raise CannotSpoil(f"the example has no {self.where}")


def narrower(where: str, allowed: tuple[str, ...], refused: tuple[str, ...], **options: Any) -> Narrower:
    """``where/@code`` is one of ``allowed``; speaks of ``refused`` only, the wider list is another constraint."""
    return Narrower(path(where), allowed, refused, **options)


@dataclass(frozen=True)
class HasSection(Constraint):
    """The body holds a section that declares this template; the counterexample takes it out whole."""

    oid: str
    holding: Text

    def default_key(self) -> str:
        return "holds." + self.oid

    def demand(self) -> Text:
        return Text("au moins {x} ({o}) doit figurer", "at least {x} ({o}) must occur").format(
            x=self.holding, o=self.oid
        )

    def _held(self, node: etree._Element) -> list[etree._Element]:
        return [section for section in path("component/section").elements(node) if carries(section, self.oid)]

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        if not self._held(node):
            yield Violation(node, Text("il n'y en a pas", "there is none"))

    def spoil(self, node: etree._Element) -> None:
        for section in self._held(node):
            component = section.getparent()
            assert component is not None
            node.remove(component)


@dataclass(frozen=True)
class FixedText(Constraint):
    """The text of an element is exactly this."""

    where: Path
    text: str

    def default_key(self) -> str:
        return slug(str(self.where)) + ".text"

    def demand(self) -> Text:
        return Text(
            f"l'élément {self.where} doit valoir « {self.text} »", f"the element {self.where} must be “{self.text}”"
        )

    def violations(self, node: etree._Element, context: Context) -> Iterator[Violation]:
        elements = self.where.elements(node)
        found = ["".join(map(str, element.itertext())) for element in elements]
        if self.text in found:
            return
        if not elements:
            yield Violation(node, MISSING)
        else:
            yield Violation(elements[0], Text(f"trouvé « {found[0]} »", f"found “{found[0]}”"))

    def spoil(self, node: etree._Element) -> None:
        for element in self.where.elements(node):
            element.text = self.text + " (x)"


def fixed_text(where: str, text: str, **options: Any) -> FixedText:
    """The element ``where`` holds exactly ``text``."""
    return FixedText(path(where), text, **options)


def has_section(oid: str, holding: Text, **options: Any) -> HasSection:
    """A section of the first level declares ``oid``; ``holding`` names it."""
    return HasSection(oid, holding, **options)
