"""What the schema allows at one place of a document: which elements in which order, which attributes, which values.

Read with the ``xmlschema`` library from the same files that lxml validates with, and only once a
document has an error to explain: the library is imported and its schema built on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, TypeGuard

from lxml import etree

from conformance.cda.namespaces import HL7, XSI_TYPE
from conformance.core.language import Text, verbatim

if TYPE_CHECKING:
    from xmlschema import XMLSchema10
    from xmlschema.validators import XsdComplexType, XsdElement, XsdGroup, XsdSimpleType, XsdType

ENTRY_POINT: Final = str(files("conformance.cda") / "schema" / "cda.xsd")
"""The file that includes all others."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the order of an element's children: which names it takes, how many of them.

    ``names`` are Clark names, alternatives of each other; ``foreign`` tells a place that takes any
    element of another namespace; ``most`` is ``None`` without limit.
    """

    names: tuple[str, ...]
    least: int
    most: int | None
    foreign: bool = False

    def takes(self, name: str) -> bool:
        """Whether an element of this Clark name may stand here."""
        return name in self.names or (self.foreign and not name.startswith(f"{{{HL7}}}"))


@dataclass(frozen=True, slots=True)
class Disorder:
    """What is wrong with the children of one element, by their ranks.

    ``unknown`` stand nowhere in the model, ``misplaced`` elsewhere (with the slot that they belong to),
    ``surplus`` are too many for their slot, ``missing`` are slots that lack an element.
    """

    unknown: tuple[int, ...] = ()
    misplaced: tuple[tuple[int, int], ...] = ()
    surplus: tuple[tuple[int, int], ...] = ()
    missing: tuple[int, ...] = ()
    placed: tuple[tuple[int, int], ...] = ()
    """The children that stand right: (rank, slot)."""

    def __bool__(self) -> bool:
        return bool(self.unknown or self.misplaced or self.surplus or self.missing)


def compare(names: Sequence[str], slots: Sequence[Slot]) -> Disorder:
    """Compare the names of an element's children with the slots of its model.

    The fewest children are called misplaced; between equals, the later one in the document.
    """
    ranks = {rank: slot for rank, name in enumerate(names) if (slot := _slot_of(name, slots)) is not None}
    unknown = tuple(rank for rank in range(len(names)) if rank not in ranks)
    kept = _longest_in_order(ranks, len(slots))
    misplaced = tuple((rank, slot) for rank, slot in ranks.items() if rank not in kept)
    counts = [0] * len(slots)
    surplus: list[tuple[int, int]] = []
    placed: list[tuple[int, int]] = []
    for rank in sorted(kept):
        slot = ranks[rank]
        counts[slot] += 1
        most = slots[slot].most
        (surplus if most is not None and counts[slot] > most else placed).append((rank, slot))
    for _, slot in misplaced:
        counts[slot] += 1
    missing = tuple(slot for slot, count in enumerate(counts) if count < slots[slot].least)
    return Disorder(unknown, misplaced, tuple(surplus), missing, tuple(placed))


def _slot_of(name: str, slots: Sequence[Slot]) -> int | None:
    return next((index for index, slot in enumerate(slots) if slot.takes(name)), None)


def _longest_in_order(ranks: dict[int, int], slots: int) -> set[int]:
    """The ranks of the longest run of children whose slots never go back, the earliest such run."""
    best = [0] * (slots + 1)  # best[s]: the longest run, among the children seen, whose slots are all s or later
    length: dict[int, int] = {}
    for rank in sorted(ranks, reverse=True):
        slot = ranks[rank]
        length[rank] = best[slot] + 1
        for earlier in range(slot, -1, -1):
            if best[earlier] >= length[rank]:
                break
            best[earlier] = length[rank]
    wanted, current, kept = max(length.values(), default=0), 0, set()
    for rank in sorted(ranks):
        if length[rank] == wanted and ranks[rank] >= current:
            kept.add(rank)
            wanted, current = wanted - 1, ranks[rank]
    return kept


@dataclass(frozen=True, slots=True)
class AttributeFact:
    """What an attribute may hold: ``values`` when they are a closed list, else ``form`` says which form."""

    name: str
    required: bool
    values: tuple[str, ...]
    form: Text


@cache
def _schema() -> XMLSchema10:
    from xmlschema import XMLSchema10  # 0.1 s: paid only when there is an error to explain

    # The files were already compiled by lxml, which found no fault in them: no need to check them again.
    return XMLSchema10(ENTRY_POINT, validation="skip")


def type_of(element: etree._Element, top: etree._Element) -> XsdComplexType | None:
    """The type that governs ``element``, found by walking down from ``top`` (the ClinicalDocument)."""
    lineage = [element]
    while lineage[-1] is not top:
        parent = lineage[-1].getparent()
        if parent is None:
            return None
        lineage.append(parent)
    found: XsdComplexType | None = _complex(_schema().elements["ClinicalDocument"])
    for node in reversed(lineage[:-1]):
        declared = _declarations(found).get(str(node.tag)) if found is not None else None
        found = _named_type(node) or (_complex(declared) if declared is not None else None)
    return found


def declared_type_name(element: etree._Element, top: etree._Element) -> str | None:
    """The name of the type that ``element`` has when ``xsi:type`` says nothing else."""
    parent = element.getparent()
    governing = type_of(parent, top) if parent is not None else None
    declared = _declarations(governing).get(str(element.tag)) if governing is not None else None
    return declared.type.local_name if declared is not None and declared.type is not None else None


def _complex(declaration: XsdElement) -> XsdComplexType | None:
    found = declaration.type
    return found if found is not None and found.is_complex() else None  # type: ignore[return-value]  # is_complex tells


def _named_type(node: etree._Element) -> XsdComplexType | None:
    """The type that ``xsi:type`` names, if it exists."""
    written = node.get(XSI_TYPE)
    if not written:
        return None
    prefix, _, local = written.strip().rpartition(":")
    found = _schema().maps.types.get(f"{{{node.nsmap.get(prefix or None, '')}}}{local}")
    return found if found is not None and found.is_complex() else None  # type: ignore[return-value]  # is_complex tells


@cache
def _declarations(governing: XsdComplexType) -> dict[str, XsdElement]:
    content = governing.content
    if not _is_group(content):
        return {}
    return {item.name: item for item in content.iter_elements() if item.name is not None}  # type: ignore[misc]  # elements only, no wildcard, has a name


def children_allowed(governing: XsdComplexType) -> tuple[str, ...]:
    """The Clark names of the children that a type may have, in the order of the model."""
    return tuple(_declarations(governing))


@cache
def slots_of(governing: XsdComplexType) -> tuple[Slot, ...] | None:
    """The children of a type as a line of slots; ``None`` for a model that is no line (an interval: low, or width…)."""
    content = governing.content
    return _line(content) if _is_group(content) else ()


def _is_group(particle: object) -> TypeGuard[XsdGroup]:
    return hasattr(particle, "model")


def _line(group: XsdGroup) -> tuple[Slot, ...] | None:
    if group.model == "choice":
        slot = _alternatives(group)
        return None if slot is None else (slot,)
    if (group.min_occurs, group.max_occurs) != (1, 1):
        return () if not len(group) else None
    slots: list[Slot] = []
    for particle in group:
        if particle.max_occurs == 0:
            continue
        if _is_group(particle):
            line = _line(particle)
            if line is None:
                return None
            slots += line
        elif particle.name is None:
            slots.append(Slot((), particle.min_occurs, particle.max_occurs, foreign=True))
        else:
            slots.append(Slot((particle.name,), particle.min_occurs, particle.max_occurs))
    return tuple(slots)


def _alternatives(choice: XsdGroup) -> Slot | None:
    """One slot for a choice between single elements."""
    names: list[str] = []
    least: list[int] = []
    most: list[int | None] = []
    for particle in choice:
        if _is_group(particle):
            inner = _alternatives(particle) if particle.model == "choice" else None
            if inner is None:
                return None
            names += inner.names
            least.append(inner.least)
            most.append(inner.most)
        elif particle.name is not None:
            names.append(particle.name)
            least.append(particle.min_occurs)
            most.append(particle.max_occurs)
        else:
            return None
    unlimited = choice.max_occurs is None or None in most
    top = None if unlimited else (choice.max_occurs or 1) * max((limit or 0 for limit in most), default=1)
    return Slot(tuple(names), choice.min_occurs * min(least, default=0), top)


def attributes_allowed(governing: XsdComplexType) -> tuple[str, ...]:
    """The Clark or plain names of the attributes that a type may carry."""
    return tuple(
        name for name, declared in governing.attributes.items() if name is not None and declared.use != "prohibited"
    )


def attribute_of(governing: XsdComplexType, name: str) -> AttributeFact | None:
    """What the schema says of one attribute of a type; ``None`` when the type has no such attribute."""
    declared = governing.attributes.get(name)
    if declared is None or not hasattr(declared, "type"):
        return None
    if declared.fixed is not None:
        return AttributeFact(name, declared.use == "required", (declared.fixed,), verbatim(declared.fixed))
    simple = declared.type
    if simple is None:
        return None
    return AttributeFact(name, declared.use == "required", _values(simple), _form(simple))


def _values(simple: XsdSimpleType) -> tuple[str, ...]:
    if simple.enumeration:
        return tuple(str(value) for value in simple.enumeration)
    item = getattr(simple, "item_type", None)
    return _values(item) if item is not None else ()


_FORMS: Final[dict[str, Text]] = {
    "uid": Text("un OID (1.2.250.1…), un UUID ou un identifiant qui commence par une lettre",
                "an OID (1.2.250.1…), a UUID or an identifier that begins with a letter"),
    "oid": Text("un OID (1.2.250.1…)", "an OID (1.2.250.1…)"),
    "ts": Text("une date AAAAMMJJ, ou AAAAMMJJhhmmss suivie du décalage (+0100)",
               "a date YYYYMMDD, or YYYYMMDDhhmmss followed by the offset (+0100)"),
    "bl": Text("true ou false", "true or false"),
    "boolean": Text("true ou false", "true or false"),
    "st": Text("un texte non vide", "a text that is not empty"),
    "cs": Text("un code sans espace", "a code without spaces"),
    "real": Text("un nombre, avec un point décimal", "a number, with a decimal point"),
    "integer": Text("un nombre entier", "an integer"),
    "positiveInteger": Text("un nombre entier à partir de 1", "an integer from 1"),
    "probability": Text("un nombre entre 0 et 1", "a number between 0 and 1"),
    "anyURI": Text("une adresse (URI)", "an address (URI)"),
    "base64Binary": Text("des octets en base64", "bytes in base64"),
    "ID": Text("un identifiant sans espace qui commence par une lettre ou « _ »",
               "an identifier without spaces that begins with a letter or “_”"),
    "IDREF": Text("l'ID d'un élément du document", "the ID of an element of the document"),
    "IDREFS": Text("les ID d'éléments du document, séparés par des espaces",
                   "the IDs of elements of the document, separated by spaces"),
    "NMTOKEN": Text("un mot sans espace", "a word without spaces"),
    "NMTOKENS": Text("des mots séparés par des espaces", "words separated by spaces"),
}  # fmt: skip
"""Lexical form → how to say it, by the name of the schema's type."""


def _form(simple: XsdSimpleType) -> Text:
    current: XsdType | None = simple
    while current is not None:
        known = _FORMS.get(current.local_name or "")
        if known is not None:
            return known
        current = current.base_type
    return Text("une valeur permise par le schéma CDA", "a value that the CDA schema allows")
