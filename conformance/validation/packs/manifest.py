"""What a pack holds: its schematrons by layer and volet, its XML schema, its value sets.

Told by the files themselves: a schematron is a ``.sch`` whose root is ``schema`` (one of another standard is named
as not loading); those of a volet are named
``CI-SIS_<volet>_<version>``, the others apply to every document.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Any, Final

from conformance.validation.packs.source import PackSource

LAYERS: Final = ("xsd", "minimal", "ihe", "content", "ans", "volet", "terminology")
"""The layers of the published packs, in the order in which they are reported."""

_LAYER_NAMES: Final = (
    (re.compile(r"struct(ure|uration)?[-_]?min", re.I), "minimal"),
    (re.compile(r"^ihe\b|^ihe[._]", re.I), "ihe"),
    (re.compile(r"mod[eè]les?[-_]?de[-_]?contenus?", re.I), "content"),
    (re.compile(r"mod[eè]les?[-_]?ans", re.I), "ans"),
    (re.compile(r"terminolog", re.I), "terminology"),
)
_VOLET: Final = re.compile(r"^CI-SIS_(?P<name>.+?)_(?P<version>\d[\d._]*)$")
_HEAD: Final = 262_144
_SCHEMA_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?schema[\s>]")
_ENGINE_FILE: Final = re.compile(r"^iso_.*\.xsl$", re.I)
_MAIN_SCHEMAS: Final = ("cda_extended.xsd", "cda.xsd")


@dataclass(frozen=True, slots=True)
class SchematronInfo:
    """One schematron of a pack. ``volet`` and ``version`` are empty when it applies to every document."""

    path: str
    layer: str
    volet: str = ""
    version: str = ""

    @property
    def name(self) -> str:
        """What ``--volet`` takes: ``VSM_1.4_2022.01``."""
        return f"{self.volet}_{self.version}" if self.volet else posixpath.basename(self.path)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a pack."""

    schematrons: tuple[SchematronInfo, ...]
    schema: str
    """The XML schema of CDA documents; empty when the pack has none."""
    value_sets: int
    files: int

    @property
    def volets(self) -> tuple[SchematronInfo, ...]:
        """The schematrons of one kind of document each."""
        return tuple(info for info in self.schematrons if info.volet)

    @property
    def profiles(self) -> tuple[SchematronInfo, ...]:
        """The schematrons that apply to every document."""
        return tuple(info for info in self.schematrons if not info.volet)

    def to_json(self) -> dict[str, Any]:
        """The manifest as it is kept and as ``--format json`` gives it."""
        return {
            "schematrons": [
                {"path": s.path, "layer": s.layer, "volet": s.volet, "version": s.version} for s in self.schematrons
            ],
            "schema": self.schema,
            "value_sets": self.value_sets,
            "files": self.files,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Manifest:
        """A manifest that was kept."""
        schematrons = tuple(SchematronInfo(**info) for info in data["schematrons"])
        return cls(schematrons, data["schema"], data["value_sets"], data["files"])


def read_manifest(source: PackSource) -> Manifest:
    """Look through the files of a pack."""
    files = source.files()
    rules = [path for path in without_engines(files) if path.lower().endswith(".sch")]
    whole = [path for path in rules if _is_schema(source, path)]
    homes = {posixpath.dirname(path) for path in whole}
    # An empty file beside schematrons was one.
    whole += [path for path in rules if posixpath.dirname(path) in homes and source.is_empty(path)]
    schematrons = [_info(path) for path in whole]
    schemas = {posixpath.basename(path).lower(): path for path in reversed(files) if path.lower().endswith(".xsd")}
    main = next((schemas[name] for name in _MAIN_SCHEMAS if name in schemas), "")
    value_sets = sum(
        1
        for path in files
        if path.lower().endswith(".xml") and re.search(r"(^|/)(jdv_|voc-)|jeuxdevaleurs/", path.lower())
    )
    order = {layer: rank for rank, layer in enumerate(LAYERS)}
    schematrons.sort(key=lambda info: (order.get(info.layer, len(LAYERS)), info.path))
    return Manifest(tuple(schematrons), main, value_sets, len(files))


def without_engines(files: list[str]) -> list[str]:
    """The files that do not lie in a folder of the publisher's own engine: its left-overs are no rules."""
    engines = tuple({f"{posixpath.dirname(path)}/" for path in files if _ENGINE_FILE.match(posixpath.basename(path))})
    kept = [path for path in files if not path.startswith(engines)] if engines else files
    # An engine that lies among the rules themselves: nothing tells its left-overs from them.
    return kept if any(path.lower().endswith(".sch") for path in kept) else files


def empty_files(source: PackSource, files: list[str]) -> list[str]:
    """The files of no content in the top folders that hold schematrons."""
    tops = {path.partition("/")[0] for path in files if path.lower().endswith(".sch")}
    return [path for path in files if path.partition("/")[0] in tops and source.is_empty(path)]


def _is_schema(source: PackSource, path: str) -> bool:
    bare = re.sub(r"<!--.*?-->", "", _decoded(source.head(path, _HEAD)), flags=re.DOTALL)
    found = re.search(r"<[A-Za-z_]", bare)
    return bool(found and _SCHEMA_ROOT.match(bare, found.start()))


def _decoded(head: bytes) -> str:
    """The beginning of an XML file, in whichever Unicode form: markup is all that is looked for in it."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace")
    if b"\0" in head[:4]:
        return head.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", "replace")
    return head.decode("utf-8", "replace")


def _info(path: str) -> SchematronInfo:
    stem = posixpath.basename(path)[: -len(".sch")]
    for pattern, layer in _LAYER_NAMES:
        if pattern.search(stem):
            return SchematronInfo(path, layer)
    volet = _VOLET.match(stem)
    if volet:
        return SchematronInfo(path, "volet", volet["name"], volet["version"])
    return SchematronInfo(path, stem.lower())
