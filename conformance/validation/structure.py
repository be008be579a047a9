"""The structure layer: is the document one that the CDA R2 schema allows, and if not, what was allowed there?

lxml judges (a few milliseconds); only when it objects, ``content_model`` explains. lxml stops looking at
the siblings of an element that it did not expect: so that no error hides another, a copy of the document
is put in order wherever its order was wrong, and judged again.
Source: HL7 CDA Release 2 and its XML schema, with the extensions that the CI-SIS uses.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from itertools import islice
from threading import Lock
from typing import Final

from lxml import etree

from conformance.cda.namespaces import XSI, XSI_TYPE
from conformance.cda.reading import Document
from conformance.core.errors import BenchError
from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import Text
from conformance.validation import structure_sentences as say
from conformance.validation.content_model import (
    ENTRY_POINT,
    Disorder,
    Slot,
    attribute_of,
    attributes_allowed,
    children_allowed,
    compare,
    declared_type_name,
    slots_of,
    type_of,
)
from conformance.validation.crowds import crowds, sound, thin_out
from conformance.validation.style_sheets import faults_of_style_sheet, is_style_sheet

LAYER: Final = "structure"
SOURCE: Final = "HL7 CDA Release 2 (schéma XML)"
XSI_NIL: Final = f"{{{XSI}}}nil"
CAP: Final = 100
"""Errors told of one document; when there are more, a last finding says so."""

_SHOWN: Final = 20
"""Of elements that repeat, how many are told by their line."""

_LOOKED_AT: Final = 200
"""Of what lxml objects to, how much is looked at in one round: each takes a walk down the document."""

_ROUNDS: Final = 40
"""How often the copy is mended and judged again: errors hide those that lie deeper or after them."""


def check_structure(document: Document) -> list[Finding]:
    """The schema errors of a document, in its order, at most ``CAP``; none when it has no ``ClinicalDocument``.

    A style sheet around the ``ClinicalDocument`` is looked at too; a signature is not.
    """
    top = document.clinical
    if top is None:
        return []
    inside, cut_short = _inside(document, top)
    findings = sorted([*_around(document, top), *inside], key=lambda one: (one.place.line or 0, one.place.column or 0))
    if len(findings) > CAP or cut_short:
        return [*findings[:CAP], _finding("too-many", say.too_many(CAP), document.place(top), Severity.INFO)]
    return findings


def _around(document: Document, top: etree._Element) -> list[Finding]:
    """The errors of the style sheet in which the ``ClinicalDocument`` stands, if it does."""
    root = document.root
    if root is top or not is_style_sheet(root):
        return []
    return [
        _finding(fault.rule, fault.message, document.place(fault.element, fault.attribute))
        for fault in islice(faults_of_style_sheet(root, top), CAP + 1)
    ]


def _inside(document: Document, top: etree._Element) -> tuple[list[Finding], bool]:
    """The errors of the ``ClinicalDocument`` itself, one more than ``CAP`` at most; whether some were not looked for."""
    crowded = crowds(top)
    if sound(top, schema()) if crowded else not _objections(top):
        return [], False
    examination = _Examination(document, top)
    faults = examination.faults()
    if not faults and crowded:
        message = say.wrong_in_a_crowd(str(crowded[0].tag), len(crowded[0]))
        faults = [_Fault("invalid", crowded[0], message)]
    if not faults:  # never let an objection that we cannot explain pass for a valid document
        raise BenchError(
            "structure.unexplained",
            Text("Le schéma refuse le document sans que le kit sache dire pourquoi.",
                 "The schema refuses the document and the kit cannot say why."),
            Text("Signalez ce document aux auteurs du kit.", "Report this document to the authors of the kit."),
        )  # fmt: skip
    return [_told(fault, document, top) for fault in faults[: CAP + 1]], examination.cut_short


@cache
def schema() -> etree.XMLSchema:
    """The compiled schema, read once (about 10 ms)."""
    return etree.XMLSchema(etree.parse(ENTRY_POINT))


_one_at_a_time = Lock()


def _objections(element: etree._Element) -> list[etree._LogEntry]:
    """What lxml objects to; nothing when the element is valid. The schema keeps one log: one validation at a time."""
    with _one_at_a_time:
        if schema().validate(element):
            return []
        return list(schema().error_log)  # type: ignore[call-overload,no-any-return]  # the stubs forget __iter__


def _finding(
    rule: str, message: Text, place: Place, severity: Severity = Severity.ERROR, beyond: bool = False
) -> Finding:
    return Finding(f"{LAYER}.{rule}", severity, LAYER, message, place, source=SOURCE, beyond_official=beyond)


_RESTRICTED: Final = {("CE", "qualifier"), ("ST", "reference"), ("ST", "thumbnail")}
"""What a data type takes away from the one that it restricts, and libxml2 lets through in the published schema."""


def _told(fault: _Fault, document: Document, top: etree._Element) -> Finding:
    place = document.place(fault.element, fault.attribute)
    parent = fault.element.getparent()
    if fault.rule == "unexpected-element" and parent is not None:
        governing = type_of(parent, top)
        name = etree.QName(fault.element).localname
        if governing is not None and (governing.local_name, name) in _RESTRICTED:
            return _finding("restricted-element", fault.message, place, beyond=True)
    return _finding(fault.rule, fault.message, place)


@dataclass(frozen=True, slots=True)
class _Fault:
    """One thing wrong: the rule, the element, its attribute if the fault is there, the sentence."""

    rule: str
    element: etree._Element
    message: Text
    attribute: str | None = None


class _Examination:
    """Collects the faults of one invalid document, each once.

    Works on a copy, which it puts in order round after round; faults always name elements of the document.
    """

    def __init__(self, document: Document, top: etree._Element) -> None:
        self._document = document
        self._top = top
        self._copy = deepcopy(top)
        self._twins = dict(zip(self._copy.iter(), top.iter(), strict=True))  # node of the copy → that of the document
        self.cut_short = bool(crowds(top))
        """Whether there was more to look at than was looked at."""
        if self.cut_short:
            thin_out(self._copy)
        self._faults: dict[tuple[object, ...], _Fault] = {}
        self._bearers: dict[str, list[etree._Element]] = {}  # ID → the elements that carry it

    def faults(self) -> list[_Fault]:
        """All faults, from the outside in."""
        for _ in range(_ROUNDS):
            objections = _objections(self._copy)
            if not objections or not self._round(objections) or len(self._faults) > CAP:
                break
        return list(self._faults.values())

    def _round(self, objections: list[etree._LogEntry]) -> bool:
        """Note what lxml objects to; put in order what was not. False when nothing could be."""
        disordered: dict[etree._Element, etree._Element | None] = {}
        self.cut_short |= len(objections) > _LOOKED_AT
        for error in objections[:_LOOKED_AT]:
            if len(self._faults) + len(disordered) > CAP:
                break
            node = _node_at(self._copy, error.path)
            if error.type_name == "SCHEMAV_ELEMENT_CONTENT":
                at_the_end = "Missing child" in error.message
                parent = node if at_the_end else node.getparent()
                if parent is not None and self._original(parent) is not None:
                    disordered.setdefault(parent, None if at_the_end else node)
                continue
            original = self._original(node)
            if original is not None:
                self._note_detail(error, original)
        mended = [self._explain_order(parent, child) for parent, child in disordered.items()]
        return any(mended)

    def _note(self, fault: _Fault) -> None:
        self._faults.setdefault((fault.element, fault.attribute or fault.rule), fault)

    # -- from the copy to the document -------------------------------------------------------------

    def _original(self, node: etree._Element) -> etree._Element | None:
        """The document's node of which ``node`` is the copy; ``None`` for a placeholder and what is inside."""
        holder: etree._Element | None = node
        while holder is not self._copy:
            if holder is None:  # it was taken out of the copy, or stands in what was
                return None
            holder = holder.getparent()
        return self._twins.get(node)

    # -- children -------------------------------------------------------------------------------------

    def _explain_order(self, parent: etree._Element, unexpected: etree._Element | None) -> bool:
        """Say what is wrong with the children of ``parent`` and put them in order; whether that changed anything."""
        original = self._original(parent)
        if original is None:  # it was taken away with an element around it
            return False
        governing = type_of(original, self._top)
        slots = slots_of(governing) if governing is not None else None
        children = [child for child in parent if isinstance(child.tag, str)]
        names = [str(child.tag) for child in children]
        disorder = compare(names, slots) if slots is not None else Disorder()
        allowed = children_allowed(governing) if governing is not None else ()
        if slots is None or not disorder:  # no line of slots (an interval), or a finer objection than slots tell
            if unexpected is None:
                self._note(_Fault("missing-element", original, say.missing(str(original.tag), [allowed], None)))
                return False
            self._note_unexpected(unexpected, original, allowed)
            parent.remove(unexpected)
            return True
        self._note_disorder(disorder, slots, children, original, allowed)
        _put_in_order(parent, children, disorder, slots)
        return True

    def _note_unexpected(self, child: etree._Element, parent: etree._Element, allowed: tuple[str, ...]) -> None:
        name, tag = str(child.tag), str(parent.tag)
        if name not in allowed:
            self._note_child("unexpected-element", child, say.unknown(name, tag, allowed, say.closest(name, allowed)))
            return
        previous = list(child.itersiblings("*", preceding=True))
        same = [other for other in reversed(previous) if other.tag == name]
        if same:
            self._note_repetition([*same, child], tag, 1, (name,))
        else:
            follows = str(previous[0].tag) if previous else None
            self._note_child("misplaced-element", child, say.cannot_follow(name, tag, follows))

    def _note_disorder(
        self,
        disorder: Disorder,
        slots: tuple[Slot, ...],
        children: list[etree._Element],
        parent: etree._Element,
        allowed: tuple[str, ...],
    ) -> None:
        tag = str(parent.tag)
        missing = list(disorder.missing)
        for rank in disorder.unknown[: CAP + 1]:
            name = str(children[rank].tag)
            wanted = [option for slot in missing for option in slots[slot].names]
            meant = say.closest(name, wanted)
            if meant is not None:  # a misspelt mandatory element: one fault, not two
                missing.remove(next(slot for slot in missing if meant in slots[slot].names))
            else:
                meant = say.closest(name, allowed)
            self._note_child("unexpected-element", children[rank], say.unknown(name, tag, allowed, meant))
        placed = {slot: str(children[rank].tag) for rank, slot in disorder.placed}
        for rank, slot in disorder.misplaced[: CAP + 1]:
            after = next((placed[other] for other in range(slot, -1, -1) if other in placed), None)
            before = next((placed[other] for other in range(slot + 1, len(slots)) if other in placed), None)
            name = str(children[rank].tag)
            self._note_child("misplaced-element", children[rank], say.misplaced(name, tag, after, before))
        for slot in dict.fromkeys(slot for _, slot in disorder.surplus):
            bearers = [children[rank] for rank, other in sorted(disorder.placed + disorder.surplus) if other == slot]
            self._note_repetition(bearers, tag, slots[slot].most or 0, slots[slot].names)
        if missing:
            after = next((placed[other] for other in range(missing[0] - 1, -1, -1) if other in placed), None)
            message = say.missing(tag, [slots[slot].names for slot in missing], after)
            self._note(_Fault("missing-element", parent, message))

    def _note_repetition(
        self, bearers: list[etree._Element], parent: str, most: int, alternatives: tuple[str, ...]
    ) -> None:
        """Note at the first of them that there are too many; the sentence gives the lines, of the first ones at least."""
        # Finding one in the document takes a walk along its siblings: of a hostile thousand, the first ones are enough.
        elements = [element for child in bearers[:_SHOWN] if (element := self._original(child)) is not None]
        if elements:
            names = [str(child.tag) for child in bearers]
            message = say.repeated(names, [self._line(element) for element in elements], parent, most, alternatives)
            self._note(_Fault("repeated-element", elements[0], message))

    def _note_child(self, rule: str, child: etree._Element, message: Text) -> None:
        element = self._original(child)
        if element is not None:
            self._note(_Fault(rule, element, message))

    # -- attributes, types, values ------------------------------------------------------------------

    def _note_detail(self, error: etree._LogEntry, element: etree._Element) -> None:
        """Note one objection that is not about which children an element has."""
        kind, message = error.type_name, error.message
        found = re.search(r"attribute '([^']+)'", message)
        attribute = found.group(1) if found else None
        tag = str(element.tag)
        if kind == "SCHEMAV_CVC_TYPE_2" or attribute == XSI_TYPE:
            self._note_type(kind, element)
        elif (element, XSI_TYPE) in self._faults:
            return  # without its type, what lxml says of the rest of the element is an echo
        elif attribute is None and kind.startswith("SCHEMAV_CVC_COMPLEX_TYPE_2_"):
            first = next((child for child in element if isinstance(child.tag, str)), None)
            if message.partition(": ")[2].startswith("Element content") and first is not None:
                self._note(_Fault("unexpected-element", first, say.unknown(str(first.tag), tag, (), None)))
            else:
                self._note(_Fault("unexpected-text", element, say.unexpected_text(tag)))
        elif kind == "SCHEMAV_CVC_ELT_3_1":
            self._note(_Fault("not-nillable", element, say.not_nillable(tag), XSI_NIL))
        elif attribute is not None:
            self._note_attribute(kind, element, attribute)
        elif kind.startswith(("SCHEMAV_CVC_DATATYPE", "SCHEMAV_CVC_ENUM", "SCHEMAV_CVC_PATTERN")):
            self._note(_Fault("bad-content", element, say.bad_content(tag, element.text or "")))
        else:
            self._note(_Fault("invalid", element, say.other(tag, message)))

    def _note_type(self, kind: str, element: etree._Element) -> None:
        tag, value = str(element.tag), element.get(XSI_TYPE)
        if value is None:
            self._note(_Fault("missing-type", element, say.missing_type(tag), XSI_TYPE))
        elif kind in ("SCHEMAV_CVC_ELT_4_3", "SCHEMAV_CVC_TYPE_2"):
            message = say.wrong_type(tag, value, declared_type_name(element, self._top))
            self._note(_Fault("wrong-type", element, message, XSI_TYPE))
        else:
            self._note(_Fault("unknown-type", element, say.unknown_type(tag, value), XSI_TYPE))

    def _note_attribute(self, kind: str, element: etree._Element, attribute: str) -> None:
        tag = str(element.tag)
        governing = type_of(element, self._top)
        fact = attribute_of(governing, attribute) if governing is not None else None
        value = element.get(attribute)
        if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
            expected = say.values(fact.values, fact.form) if fact is not None else None
            message = say.missing_attribute(attribute, tag, expected)
            self._note(_Fault("missing-attribute", element, message, attribute))
        elif kind.startswith("SCHEMAV_CVC_COMPLEX_TYPE_3_2"):
            allowed = attributes_allowed(governing) if governing is not None else ()
            message = say.unexpected_attribute(attribute, tag, allowed)
            self._note(_Fault("unexpected-attribute", element, message, attribute))
        elif attribute == "ID" and value is not None and len(bearers := self._bearers_of(value)) > 1:
            self._note_duplicate(value.strip(), bearers)
        else:
            expected = say.values(fact.values, fact.form) if fact is not None else say.ANY_VALUE
            message = say.bad_value(attribute, tag, value or "", expected)
            self._note(_Fault("bad-value", element, message, attribute))

    def _note_duplicate(self, identifier: str, bearers: list[etree._Element]) -> None:
        """Note an ID carried twice; when a whole part of the document was copied, once for that part."""
        if (bearers[0], "ID") in self._faults:
            return
        first, second = _branches(bearers[0], bearers[1])
        if first is not bearers[0] and _same(first, second):
            identifiers = [str(element.attrib["ID"]) for element in first.iter("*") if "ID" in element.attrib]
            message = say.copied(str(first.tag), [self._line(first), self._line(second)], identifiers)
            self._note(_Fault("duplicate-id", first, message))
        else:
            lines = [self._line(bearer) for bearer in bearers[:_SHOWN]]
            message = say.duplicate_id(identifier, str(bearers[0].tag), len(bearers), lines)
            self._note(_Fault("duplicate-id", bearers[0], message, "ID"))

    def _bearers_of(self, identifier: str) -> list[etree._Element]:
        """The elements that carry an ID."""
        if not self._bearers:
            for element in self._top.iter("*"):
                if "ID" in element.attrib:
                    self._bearers.setdefault(str(element.attrib["ID"]).strip(), []).append(element)
        return self._bearers[identifier.strip()]

    def _line(self, element: etree._Element) -> int | None:
        return self._document.place(element).line


def _branches(one: etree._Element, other: etree._Element) -> tuple[etree._Element, etree._Element]:
    """The two children of the closest common ancestor that hold, or are, ``one`` and ``other``."""
    above = [one, *one.iterancestors()]
    beside = [other, *other.iterancestors()]
    while len(above) > 1 and len(beside) > 1 and above[-2] is beside[-2]:
        above.pop()
        beside.pop()
    return above[max(len(above) - 2, 0)], beside[max(len(beside) - 2, 0)]


def _same(one: etree._Element, other: etree._Element) -> bool:
    return etree.tostring(one, with_tail=False) == etree.tostring(other, with_tail=False)


def _put_in_order(
    parent: etree._Element, children: list[etree._Element], disorder: Disorder, slots: tuple[Slot, ...]
) -> None:
    """Leave in ``parent`` one right line of children: those that fit, in order, and placeholders for the missing."""
    line: list[list[etree._Element]] = [[] for _ in slots]
    for rank, slot in (*disorder.placed, *disorder.misplaced):
        most = slots[slot].most
        if most is None or len(line[slot]) < most:
            line[slot].append(children[rank])
    for slot in disorder.missing:
        lacking = slots[slot].least - len(line[slot])
        line[slot] += [parent.makeelement(slots[slot].names[0], {}, None) for _ in range(lacking)]
    parent[:] = [child for group in line for child in group]


_STEP: Final = re.compile(r"(?:(\*)|(?:([\w.-]+):)?([\w.-]+))(?:\[(\d+)\])?$")


def _node_at(top: etree._Element, path: str) -> etree._Element:
    """The node at a path as libxml2 writes it: ``/*/*[30]/lab:statusCode``, a star for names without prefix."""
    node = top
    for step in path.split("/")[2:]:
        found = _STEP.match(step)
        assert found is not None, path
        star, prefix, local, position = found.groups()
        children = node.iterchildren("*")
        if not star:
            children = (one for one in children if one.prefix == prefix and etree.QName(one).localname == local)
        node = next(islice(children, int(position or 1) - 1, None))
    return node
