"""Elements, codes, identifiers and times of CDA R2: the small pieces that the builders write with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from lxml import etree

from conformance.cda.namespaces import DICOM, HL7, LAB, SDTC, XSI, XSI_TYPE, h
from conformance.terminology.code_systems import name_of

Node = etree._Element
Child = Node | str | None | Iterable[Any]

PARIS: Final = ZoneInfo("Europe/Paris")
_NAMESPACES: Final = {None: HL7, "xsi": XSI, "sdtc": SDTC, "lab": LAB, "ps3-20": DICOM}

_OWN: Final = {None: HL7}


def el(name: str, *children: Child, **attributes: str | None) -> Node:
    """An element of HL7, or of an extension by its prefix (``lab:statusCode``).

    ``None`` among children and attributes is left out, lists are flattened, words become text. ``xsi_type`` is the
    attribute ``xsi:type``.
    """
    # Declaring namespaces is most of the work: those of the top hold below, once an element is appended.
    plain = name != "ClinicalDocument" and ":" not in name and "xsi_type" not in attributes
    made = etree.Element(h(name), nsmap=_OWN if plain else _NAMESPACES)  # type: ignore[arg-type]  # the stubs forget None
    for key, value in attributes.items():
        if value is not None:
            made.set(XSI_TYPE if key == "xsi_type" else key, value)
    _fill(made, children)
    return made


def _fill(parent: Node, children: Iterable[Child]) -> None:
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            if len(parent):
                parent[-1].tail = (parent[-1].tail or "") + child
            else:
                parent.text = (parent.text or "") + child
        elif isinstance(child, etree._Element):
            parent.append(child)
        else:
            _fill(parent, child)


def templates(*oids: str) -> list[Node]:
    """``templateId`` elements, in this order."""
    return [el("templateId", root=oid) for oid in oids]


def coded(name: str, code: str, system: str, label: str, *children: Child, xsi_type: str | None = None) -> Node:
    """A coded element with its label and the name of its code system."""
    return el(
        name, *children, xsi_type=xsi_type, code=code, displayName=label, codeSystem=system, codeSystemName=name_of(system)
    )  # fmt: skip


def null(name: str, flavor: str = "UNK") -> Node:
    """An element whose content is not given."""
    return el(name, nullFlavor=flavor)


def status(code: str = "completed") -> Node:
    """A ``statusCode``."""
    return el("statusCode", code=code)


def original_text(target: str) -> Node:
    """The link from a code to its words in the narrative."""
    return el("originalText", reference(target))


def text_of(target: str) -> Node:
    """The link from an entry to its words in the narrative."""
    return el("text", reference(target))


def reference(target: str) -> Node:
    """A ``reference`` to the element of the narrative with this ``ID``."""
    return el("reference", value=f"#{target}")


def words(name: str, target: str) -> Node:
    """A piece of narrative that entries refer to: the words ``name`` under the ``ID`` ``target``."""
    return el("content", name, ID=target)


class Ids:
    """Identifiers of entries and ``ID`` attributes, unique in a document and the same for the same seed."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0

    def id(self) -> Node:
        """An ``id`` with a new UUID."""
        return el("id", root=self.uuid())

    def uuid(self) -> str:
        """A new UUID, in capitals as documents write it."""
        return str(UUID(int=self._random.getrandbits(128), version=4)).upper()

    def name(self, stem: str) -> str:
        """A new ``ID`` (``resultat-3``)."""
        self._count += 1
        return f"{stem}-{self._count}"


def to_second(moment: datetime) -> str:
    """A moment to the second with its offset (CI-SIS Structuration minimale §3.5.7.1)."""
    return moment.strftime("%Y%m%d%H%M%S%z")


def to_minute(moment: datetime) -> str:
    """A moment to the minute with its offset."""
    return moment.strftime("%Y%m%d%H%M%z")
