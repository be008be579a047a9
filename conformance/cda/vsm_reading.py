"""What a VSM says, as plain facts: who it is about, which version it is, and each entry of each section.

Used to compare a document with the record that it was made from, so it reads what is there and judges
nothing; the layers of validation do that.
Source: CI-SIS volet VSM (1.4/2022.01 and 2023.01), IHE PCC entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from conformance.cda.namespaces import h
from conformance.cda.rules import carries

_PCC: Final = "1.3.6.1.4.1.19376.1.5.3.1."

SECTIONS: Final = {
    "active_problems": _PCC + "3.6",
    "past_problems": _PCC + "3.8",
    "procedures": _PCC + "3.11",
    "allergies": _PCC + "3.13",
    "lifestyle": _PCC + "3.16",
    "professional_risks": _PCC + "1.5.3.1",
    "family_history": _PCC + "3.14",
    "points_of_attention": _PCC + "3.27",
    "treatments": _PCC + "3.19",
}
"""Name of a list of the record → template id of its section (CI-SIS sections carry it as parent)."""

_FR: Final = "1.2.250.1.213.1.1.2."
_HISTORY: Final = (_FR + "29", _FR + "30")
_RISKS: Final = (_FR + "29", _FR + "31")

AROUND: Final = {
    "active_problems": _HISTORY,
    "past_problems": _HISTORY,
    "procedures": _HISTORY,
    "allergies": _HISTORY,
    "lifestyle": _RISKS,
    "professional_risks": _RISKS,
    "family_history": _RISKS,
    "treatments": (_FR + "32",),
}
"""Name of a list → template ids of the sections around its own. Their text may speak of a list that has no section."""

ABSENCE: Final = "2.16.840.1.113883.5.1150.1"
"""Code system of « none known » and « no information » (IPS Absent and Unknown Data)."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A code with its system and label; ``None`` where the element has none. ``translations``: the same in other systems."""

    code: str | None
    code_system: str | None
    label: str | None
    translations: tuple[Concept, ...] = ()

    def means(self, code: str, code_system: str) -> bool:
        """Whether it says this code: as its own, or as a translation when its own is of another system."""
        if self.code_system == code_system:
            return self.code == code
        return any(other.means(code, code_system) for other in self.translations)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a section says.

    ``about`` is the coded answer (a disease, an act, a product…), ``kind`` what sort of statement it is (type of
    allergy, habit, relationship), ``text`` the narrative that the entry points to, ``line`` the whole lines (of a table,
    of a list, a paragraph) that it and its parts point to, ``quantity`` a value with its unit, ``extra`` the reactions of
    an allergy. Dates are as written (``AAAAMMJJ``…); a missing or null bound is ``None``.
    """

    section: str
    about: Concept | None
    kind: Concept | None = None
    start: str | None = None
    end: str | None = None
    status: str | None = None
    text: str = ""
    quantity: str = ""
    extra: tuple[Concept, ...] = ()
    line: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether it states an absence (« no known allergy »)."""
        return self.about is not None and self.about.code_system == ABSENCE


@dataclass(frozen=True, slots=True)
class VsmFacts:
    """What a VSM says. ``sections`` holds the narrative text of each section present, ``around`` that of the sections
    that hold it, ``entries`` what is coded, ``physicians`` the identifiers of the médecin traitant.

    Identifiers are ``(root, extension)``.
    """

    identifier: tuple[str, str | None]
    set_id: tuple[str, str | None] | None
    version: str | None
    replaces: tuple[tuple[str, str | None], ...]
    code: str | None
    title: str
    effective_time: str
    patient_ids: tuple[tuple[str, str | None], ...]
    names: dict[str, tuple[str, ...]]
    sex: str | None
    birth_time: str | None
    birth_place: str | None
    sections: dict[str, str]
    entries: tuple[Entry, ...]
    narrative: str = ""
    around: dict[str, str] = field(default_factory=dict)
    physicians: tuple[tuple[str, str | None], ...] = ()

    def of(self, section: str) -> tuple[Entry, ...]:
        """The entries of one section that state something (absences left out)."""
        return tuple(entry for entry in self.entries if entry.section == section and not entry.says_nothing)

    def absences(self, section: str) -> tuple[Entry, ...]:
        """The entries of one section that state an absence."""
        return tuple(entry for entry in self.entries if entry.section == section and entry.says_nothing)


def read_vsm(root: etree._Element) -> VsmFacts:
    """The facts of a ``ClinicalDocument``; what is absent is ``None`` or empty, nothing raises."""
    ids = {element.get("ID", ""): element for element in root.iter("*") if element.get("ID")}
    patient = root.find(_path("recordTarget/patientRole/patient"))
    role = root.find(_path("recordTarget/patientRole"))
    sections: dict[str, str] = {}
    entries: list[Entry] = []
    for name, oid in SECTIONS.items():
        for section in root.iter(h("section")):
            if carries(section, oid):
                text = section.find(h("text"))
                sections[name] = _words(text) if text is not None else ""
                entries.extend(_ENTRIES[name](name, section, ids) if name in _ENTRIES else ())
    return VsmFacts(
        identifier=_identifier(root.find(h("id"))),
        set_id=_identifier(root.find(h("setId"))) if root.find(h("setId")) is not None else None,
        version=_get(root.find(h("versionNumber")), "value"),
        replaces=tuple(
            _identifier(i)
            for related in root.iterchildren(h("relatedDocument"))
            if related.get("typeCode") == "RPLC"
            for i in related.iterfind(_path("parentDocument/id"))
        ),
        code=_get(root.find(h("code")), "code"),
        title=(root.findtext(h("title")) or "").strip(),
        effective_time=_get(root.find(h("effectiveTime")), "value") or "",
        patient_ids=tuple(_identifier(i) for i in role.iterchildren(h("id"))) if role is not None else (),
        names=_names(patient),
        sex=_get(patient.find(h("administrativeGenderCode")), "code") if patient is not None else None,
        birth_time=_get(patient.find(h("birthTime")), "value") if patient is not None else None,
        birth_place=patient.findtext(_path("birthplace/place/addr/county")) if patient is not None else None,
        sections=sections,
        entries=tuple(entries),
        narrative=" ".join(
            _words(text) for text in root.iter(h("text")) if text.getparent() is not None and _is_section(text)
        ),
        around={name: _text_around(root, holders) for name, holders in AROUND.items()},
        physicians=tuple(
            _identifier(i)
            for participant in root.iterchildren(h("participant"))
            if _get(participant.find(h("functionCode")), "code") == "PCP"
            for i in participant.iterfind(_path("associatedEntity/id"))
        ),
    )


def _text_around(root: etree._Element, holders: tuple[str, ...]) -> str:
    """The text of the sections that carry one of these template ids, without that of the sections inside them."""
    texts = (
        section.find(h("text")) for section in root.iter(h("section")) if any(carries(section, i) for i in holders)
    )
    return " ".join(_words(text) for text in texts if text is not None)


def _is_section(text: etree._Element) -> bool:
    parent = text.getparent()
    return parent is not None and parent.tag == h("section")


def _path(text: str) -> str:
    return "/".join(h(step) for step in text.split("/"))


def _get(element: etree._Element | None, attribute: str) -> str | None:
    return element.get(attribute) if element is not None else None


def _identifier(element: etree._Element | None) -> tuple[str, str | None]:
    return (_get(element, "root") or "", _get(element, "extension"))


def _names(patient: etree._Element | None) -> dict[str, tuple[str, ...]]:
    """Names by kind: ``family-BR``, ``given`` (the list), ``given-BR``, ``family-CL``…"""
    found: dict[str, list[str]] = {}
    if patient is not None:
        for part in patient.iterfind(_path("name/*")):
            if isinstance(part.tag, str):
                local = etree.QName(part).localname
                qualifier = part.get("qualifier")
                found.setdefault(local + (f"-{qualifier}" if qualifier else ""), []).append((part.text or "").strip())
    return {kind: tuple(values) for kind, values in found.items()}


def _words(element: etree._Element) -> str:
    """The text of a narrative, its pieces separated by single spaces."""
    return " ".join(" ".join(str(piece) for piece in element.itertext()).split())


def _concept(element: etree._Element | None) -> Concept | None:
    if element is None:
        return None
    translations = tuple(_concept(other) for other in element.iterchildren(h("translation")))
    told = tuple(other for other in translations if other is not None)
    return Concept(element.get("code"), element.get("codeSystem"), element.get("displayName"), told)


def _bounds(node: etree._Element) -> tuple[str | None, str | None]:
    """Start and end of the first ``effectiveTime``: an instant is both a start and no end."""
    time = node.find(h("effectiveTime"))
    if time is None:
        return None, None
    low, high = time.find(h("low")), time.find(h("high"))
    return (_get(low, "value") if low is not None else time.get("value")), _get(high, "value")


def _narrative(node: etree._Element, ids: dict[str, etree._Element]) -> str:
    """The narrative that the entry's ``text`` (or the ``originalText`` of its code or value) points to."""
    for place in ("text/reference", "value/originalText/reference", "code/originalText/reference",
                  "consumable/manufacturedProduct/manufacturedMaterial/code/originalText/reference"):  # fmt: skip
        for reference in node.iterfind(_path(place)):
            target = ids.get((reference.get("value") or "").lstrip("#"))
            if target is not None:
                return _words(target)
    return ""


_LINES: Final = (h("tr"), h("item"), h("paragraph"))


def _line(node: etree._Element, ids: dict[str, etree._Element]) -> str:
    """The lines of the narrative that the entry and its parts point to, each once, in the order of the entry.

    The cell that an entry points to need not hold all its words: in the published example an allergy points to its
    type, and a habit to its name.
    """
    lines: dict[etree._Element, None] = {}
    for reference in node.iter(h("reference")):
        target = ids.get((reference.get("value") or "").lstrip("#"))
        if target is not None:
            holders = (target, *target.iterancestors())
            lines[next((holder for holder in holders if holder.tag in _LINES), target)] = None
    return " ".join(_words(line) for line in lines)


def _status(node: etree._Element) -> str | None:
    for observation in node.iterfind(_path("entryRelationship/observation")):
        if carries(observation, _PCC + "4.1.1"):
            return _get(observation.find(h("value")), "code")
    return None


def _problems(name: str, section: etree._Element, ids: dict[str, etree._Element]) -> Iterator[Entry]:
    for node in section.iter(h("observation")):
        if carries(node, _PCC + "4.5") and not carries(node, _PCC + "4.6"):
            start, end = _bounds(node)
            yield Entry(name, _concept(node.find(h("value"))), _concept(node.find(h("code"))), start, end,
                        _status(node), _narrative(node, ids), line=_line(node, ids))  # fmt: skip


def _allergies(name: str, section: etree._Element, ids: dict[str, etree._Element]) -> Iterator[Entry]:
    for node in section.iter(h("observation")):
        if carries(node, _PCC + "4.6"):
            start, end = _bounds(node)
            value = _concept(node.find(h("value")))
            agent = _concept(node.find(_path("participant/participantRole/playingEntity/code")))
            about = value if value is not None and value.code_system == ABSENCE else agent or value
            reactions = tuple(
                concept
                for manifestation in node.iterfind(_path("entryRelationship/observation"))
                if carries(manifestation, _PCC + "4.5") and (concept := _concept(manifestation.find(h("value"))))
            )
            yield Entry(name, about, _concept(node.find(h("code"))), start, end, _status(node),
                        _narrative(node, ids), extra=reactions, line=_line(node, ids))  # fmt: skip


def _procedures(name: str, section: etree._Element, ids: dict[str, etree._Element]) -> Iterator[Entry]:
    for node in section.iter(h("procedure")):
        if carries(node, _PCC + "4.19"):
            start, end = _bounds(node)
            yield Entry(name, _concept(node.find(h("code"))), None, start, end, None, _narrative(node, ids),
                        line=_line(node, ids))  # fmt: skip


def _lifestyle(name: str, section: etree._Element, ids: dict[str, etree._Element]) -> Iterator[Entry]:
    for node in section.iter(h("observation")):
        if carries(node, _PCC + "4.13.4"):
            start, end = _bounds(node)
            value = node.find(h("value"))
            quantity = ""
            if value is not None:
                quantity = " ".join(filter(None, (value.get("value"), value.get("unit")))) or (value.text or "").strip()
            yield Entry(name, _concept(node.find(h("code"))), None, start, end, None, _narrative(node, ids), quantity,
                        line=_line(node, ids))  # fmt: skip


def _family_history(name: str, section: etree._Element, ids: dict[str, etree._Element]) -> Iterator[Entry]:
    for organizer in section.iter(h("organizer")):
        relation = _concept(organizer.find(_path("subject/relatedSubject/code")))
        for node in organizer.iter(h("observation")):
            if carries(node, _PCC + "4.13.3"):
                start, end = _bounds(node)
                yield Entry(name, _concept(node.find(h("value"))), relation, start, end, None, _narrative(node, ids),
                            line=_line(node, ids))  # fmt: skip


def _treatments(name: str, section: etree._Element, ids: dict[str, etree._Element]) -> Iterator[Entry]:
    for node in section.iter(h("substanceAdministration")):
        if carries(node, _PCC + "4.7"):
            start, end = _bounds(node)
            product = _concept(node.find(_path("consumable/manufacturedProduct/manufacturedMaterial/code")))
            own = _concept(node.find(h("code")))
            about = own if own is not None and own.code_system == ABSENCE else product
            yield Entry(name, about, own, start, end, None, _narrative(node, ids), line=_line(node, ids))


_ENTRIES: Final = {
    "active_problems": _problems,
    "past_problems": _problems,
    "procedures": _procedures,
    "allergies": _allergies,
    "lifestyle": _lifestyle,
    "family_history": _family_history,
    "treatments": _treatments,
}
