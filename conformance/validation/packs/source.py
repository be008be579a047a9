"""Reads the files of a pack, and only those: the one door between a rule pack and the disk.

Paths are relative to the pack's folder, with ``/``. A name that resolves only by ignoring letter case is
found all the same (packs are written on Windows) and noted as a mend. A path that leaves the folder, an
address, a symbolic link to the outside, a document type declaration or a huge file is refused.
"""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote
from xml.parsers import expat

from lxml import etree

from conformance.core.language import Text
from conformance.validation.packs.errors import HostilePack

LARGEST_FILE: Final = 128 * 1024 * 1024
"""Bytes; the largest terminology of the published packs has a third of that."""


_LAST_LINE: Final = 65_535
"""lxml counts no further."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the pack: its true path, and whether only ignoring letter case led to it."""

    path: str
    mended: bool


@dataclass(slots=True)
class PackSource:
    """The files under ``root``. Folder listings are kept: make a new one to see changes on disk."""

    root: Path
    identity: str = ""
    """What tells these files from others, for what is kept about them; the folder when there is nothing better."""
    _names: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.root.resolve()
        self.identity = self.identity or str(self.root)

    def find(self, href: str, base: str) -> Found | None:
        """The file that ``href``, written in the file ``base``, means; ``None`` when the pack has none.

        Raises ``HostilePack`` when it points outside the pack.
        """
        wanted = relative(href, base)
        if self._exact(wanted):
            return self._inside(Found(wanted, False))
        other = self._ignoring_case(wanted)
        return self._inside(Found(other, True)) if other else None

    def read(self, path: str) -> bytes:
        """The bytes of a file of the pack. Raises ``HostilePack`` for a huge one, ``OSError`` as ``open`` does."""
        self._inside(Found(path, False))
        full = self.root / path
        if full.stat().st_size > LARGEST_FILE:
            raise HostilePack(
                "huge-file",
                Text(f"{path} dépasse {LARGEST_FILE} octets.", f"{path} is larger than {LARGEST_FILE} bytes."),
            )
        return full.read_bytes()

    def parse(self, path: str, *, may_declare: bool = False, exact_lines: bool = False) -> etree._Element:
        """The root element of an XML file of the pack.

        ``may_declare`` allows a document type (the W3C writes some of its schemas so), but never an entity
        that lies in another file. ``exact_lines`` gives each element the line where its start tag begins (lxml
        gives that where it ends). Raises ``HostilePack`` for what is not allowed, ``etree.XMLSyntaxError``
        when it is not XML.
        """
        data = self.read(path)
        declares = _declares(data)
        if declares and not may_declare:
            raise _declaration(path)
        # Where entities may be declared, the limits of the parser stay: they swell in attributes as it reads.
        huge = declares is False
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge)
        root = etree.fromstring(data, parser)
        if exact_lines:
            _exact_lines(root, data)
        declared = root.getroottree().docinfo.internalDTD
        if declared is not None and (not may_declare or _reaches_out(declared)):
            raise _declaration(path)
        return root

    def stamp(self, path: str) -> list[int]:
        """Size and time of change of a file: what tells that a compiled result still stands."""
        status = (self.root / path).stat()
        return [status.st_size, status.st_mtime_ns]

    def is_empty(self, path: str) -> bool:
        """Whether a file holds nothing at all."""
        return (self.root / path).stat().st_size == 0

    def files(self) -> list[str]:
        """Every file of the pack, sorted. Links to folders are not followed; pipes and dead links are no files."""
        found: list[str] = []
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                entries = list(os.scandir(self.root / folder))
            except OSError:  # not readable: nothing is found in it
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
                elif _is_file(entry):
                    found.append(path)
        return sorted(found)

    def head(self, path: str, size: int) -> bytes:
        """The first ``size`` bytes of a file; none when it cannot be read. Raises ``HostilePack`` as ``read`` does."""
        self._inside(Found(path, False))
        try:
            with (self.root / path).open("rb") as file:
                return file.read(size)
        except OSError:  # who includes it will tell
            return b""

    def _listing(self, folder: str) -> tuple[str, ...]:
        if folder not in self._names:
            try:
                self._names[folder] = tuple(sorted(os.listdir(self.root / folder)))
            except OSError:  # not a folder, or not readable: nothing is found in it
                self._names[folder] = ()
        return self._names[folder]

    def _exact(self, path: str) -> bool:
        # Compared name by name: on Windows and macOS the system itself would ignore the case.
        folder = ""
        for part in path.split("/"):
            if part not in self._listing(folder):
                return False
            folder = f"{folder}/{part}" if folder else part
        return (self.root / path).is_file()

    def _ignoring_case(self, path: str) -> str | None:
        def walk(folder: str, parts: list[str]) -> str | None:
            if not parts:
                return folder if (self.root / folder).is_file() else None
            near = [name for name in self._listing(folder) if _alike(name) == _alike(parts[0])]
            for name in sorted(near, key=lambda name: name != parts[0]):
                hit = walk(f"{folder}/{name}" if folder else name, parts[1:])
                if hit:
                    return hit
            return None

        return walk("", path.split("/"))

    def _inside(self, found: Found) -> Found:
        if not (self.root / found.path).resolve().is_relative_to(self.root):
            raise _outside(found.path)
        return found


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # links that lead in circles
        return False


def _alike(name: str) -> str:
    """What a name has in common with those that Windows and macOS take for the same: letter case, form of accents."""
    return unicodedata.normalize("NFC", name).casefold()


class _AtFirstElement(Exception):
    """Ends a look at what stands before the first element."""


def _declares(data: bytes) -> bool | None:
    """Whether an XML file has a document type declaration; ``None`` when that cannot be told before it is parsed."""
    found = False

    def declaration(*_: object) -> None:
        nonlocal found
        found = True
        raise _AtFirstElement

    def element(*_: object) -> None:
        raise _AtFirstElement

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declaration
    parser.StartElementHandler = element
    try:
        parser.Parse(data, True)
    except _AtFirstElement:
        return found
    except (expat.ExpatError, ValueError, LookupError):
        return None
    return found


def _declaration(path: str) -> HostilePack:
    return HostilePack(
        "declaration",
        Text(
            f"{path} contient une déclaration DOCTYPE, par laquelle un fichier peut en lire d'autres.",
            f"{path} contains a DOCTYPE declaration, through which a file can read others.",
        ),
    )


def _exact_lines(root: etree._Element, data: bytes) -> None:
    lines: list[int] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: lines.append(parser.CurrentLineNumber)
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):  # an encoding that expat does not know: lxml's lines are near
        return
    for element, line in zip(root.iter(etree.Element), lines, strict=False):
        if line < _LAST_LINE:
            element.sourceline = line  # type: ignore[assignment]  # the stubs know the getter only


def _reaches_out(declared: Any) -> bool:
    """Whether a document type declares an entity that lies in another file (the stubs do not know ``iterentities``)."""
    return any(entity.system_url for entity in declared.iterentities())


def relative(href: str, base: str) -> str:
    """The path, from the top of the pack, that ``href`` in the file ``base`` means (it may not exist).

    Raises ``HostilePack`` for an address, an absolute path, or a path that leaves the pack.
    """
    clean = unquote(href.strip()).replace("\\", "/")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", clean) or clean.startswith("/"):
        raise _outside(href)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(base), clean))
    if path == ".." or path.startswith(("../", "/")):
        raise _outside(href)
    return path


def _outside(href: str) -> HostilePack:
    return HostilePack(
        "outside",
        Text(
            f"Le paquet de règles veut lire « {href} », hors de son dossier.",
            f"The rule pack wants to read “{href}”, outside its folder.",
        ),
    )
