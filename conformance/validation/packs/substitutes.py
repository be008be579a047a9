"""Finds, elsewhere in the pack, the value set that a rule asks for and that is not where it says.

Value sets carry their OID: a missing ``voc-<OID>-DYNAMIC.xml`` may lie in the pack as the file of another
name, and in another form (ART-DECOR or IHE SVS), with the same OID or the same name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from lxml import etree

from conformance.core.language import Text
from conformance.validation.packs.source import PackSource

SVS: Final = "urn:ihe:iti:svs:2008"
_OID: Final = re.compile(r"(?<![\d.])(\d+(?:\.\d+){4,})(?![\d])")
_SVS_ID: Final = re.compile(rb"<(?:\w+:)?ValueSet\b[^>]*?\bid=[\"']([^\"']+)[\"']", re.DOTALL)
_DECOR_ID: Final = re.compile(rb"<valueSet\b[^>]*?\bid=[\"']([^\"']+)[\"']", re.DOTALL)


class Substitutes:
    """The value sets of a pack by OID and by name, read once when something is missing."""

    def __init__(self, source: PackSource) -> None:
        self._source = source

    @cached_property
    def _by_oid(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in self._source.files():
            if path.lower().endswith(".xml") and not path.startswith(("ExemplesCDA/", "FeuilleDeStyle/")):
                for oid in self._oids(path):
                    found.setdefault(oid, path)
        return found

    def _oids(self, path: str) -> Iterator[str]:
        head = self._source.head(path, 4096)
        for pattern in (_SVS_ID, _DECOR_ID):
            for oid in pattern.findall(head):
                yield oid.decode("ascii", "replace")

    def find(self, href: str) -> str | None:
        """The file of the pack that holds the value set which ``href`` was to hold, by its OID or its name."""
        name = posixpath.basename(href)
        for oid in _OID.findall(name):
            if oid in self._by_oid:
                return self._by_oid[oid]
        wanted = _bare(name)
        near = [path for path in self._by_oid.values() if _bare(posixpath.basename(path)) == wanted]
        return near[0] if len(near) == 1 else None

    def as_asked(self, path: str, href: str) -> bytes:
        """The content of ``path`` in the form that ``href`` is read in: ART-DECOR for a ``voc-`` file, else IHE SVS."""
        root = self._source.parse(path)
        wants_decor = posixpath.basename(href).startswith("voc-")
        if wants_decor == (etree.QName(root).localname == "valueSets"):
            return etree.tostring(root, encoding="utf-8")
        if not wants_decor:
            return _as_svs(root)
        sets = etree.Element("{urn:hl7-org:v3}valueSets")
        value_set = etree.SubElement(sets, "valueSet")
        concepts = etree.SubElement(value_set, "conceptList")
        for source in root.iter(f"{{{SVS}}}ValueSet"):
            value_set.set("id", source.get("id", ""))
            value_set.set("displayName", source.get("displayName", ""))
        for concept in root.iter(f"{{{SVS}}}Concept"):
            etree.SubElement(
                concepts,
                "concept",
                {key: concept.get(key, "") for key in ("code", "codeSystem", "displayName")},
            )
        return etree.tostring(sets, encoding="utf-8")


def _as_svs(root: etree._Element) -> bytes:
    """An ART-DECOR value set in the form of IHE SVS."""
    answer = etree.Element(f"{{{SVS}}}RetrieveValueSetResponse", nsmap={None: SVS})  # type: ignore[dict-item]  # the stubs know no default namespace
    for source in root.iter("{*}valueSet"):
        value_set = etree.SubElement(answer, f"{{{SVS}}}ValueSet", id=source.get("id", ""))
        value_set.set("displayName", source.get("displayName", ""))
        concepts = etree.SubElement(value_set, f"{{{SVS}}}ConceptList")
        for concept in source.iter("{*}concept"):
            values = {key: concept.get(key, "") for key in ("code", "codeSystem", "displayName")}
            etree.SubElement(concepts, f"{{{SVS}}}Concept", values)
    return etree.tostring(answer, encoding="utf-8")


def substituted(path: str) -> Text:
    """The end of the sentence on a missing value set: what is taken in its place."""
    return Text(
        f" Le kit prend {path}, qui porte le même jeu de valeurs.",
        f" The kit takes {path}, which holds the same value set.",
    )


def _bare(name: str) -> str:
    """A name of value set without what varies between the names of one set: case, separators, HL7 and CISIS marks."""
    stem = re.sub(r"\.xml$", "", name.lower())
    return re.sub(r"[^a-z0-9]|cisis|hl7", "", stem)
