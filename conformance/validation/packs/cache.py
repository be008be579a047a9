"""Compiled programs on disk, by what they were made from: a second run reads them instead of the pack.

An entry is used only when every file that it was made from still has its size and its time of change, by the same
version of the kit and of the engine.
Stylesheets cannot be kept: this edition of the engine does not write them out.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path

import platformdirs

from conformance import __version__
from conformance.validation.packs.compiler import compile_schematron
from conformance.validation.packs.engine import engine_version
from conformance.validation.packs.program import FORMAT, PackDocument, Program
from conformance.validation.packs.source import PackSource


def cache_folder() -> Path:
    """Where compiled programs are kept: the user's cache folder (``SEGUR_CACHE_DIR`` overrides it)."""
    return Path(os.environ.get("SEGUR_CACHE_DIR") or platformdirs.user_cache_dir("segur-conformance")) / "packs"


def program_of(source: PackSource, path: str) -> Program:
    """The program of the schematron ``path``: from the cache when it still stands, else compiled and kept.

    Raises ``HostilePack`` as ``compile_schematron`` does.
    """
    entry = _entry(source, path)
    program = _stored(entry, source)
    if program is None:
        program = compile_schematron(source, path)
        _store(entry, program)
    return program


def confirm(source: PackSource, program: Program) -> None:
    """Note that ``program`` compiles as a whole."""
    program.loads = True
    _store(_entry(source, program.path), program)


def _entry(source: PackSource, path: str) -> Path:
    made_by = f"{FORMAT}\n{__version__}\n{engine_version()}"
    name = hashlib.sha256(f"{made_by}\n{source.identity}\n{path}".encode()).hexdigest()[:32]
    return cache_folder() / f"{name}.json"


def _stored(entry: Path, source: PackSource) -> Program | None:
    try:
        digest, _, written = entry.read_bytes().partition(b"\n")
        if digest != _digest(written):
            return None
        program = Program.from_json(json.loads(written))
    except (OSError, ValueError, KeyError, TypeError):  # absent, or of another version: made anew
        return None
    if program.refusal is not None:
        return None  # what failed to load is looked at again: a file may have been added
    try:
        fresh = all(source.stamp(file) == stamp for file, stamp in zip(program.files, program.stamps, strict=True))
    except (OSError, ValueError):  # a file is gone
        return None
    return program if fresh and not any(_found_since(source, program, d) for d in program.documents) else None


def _found_since(source: PackSource, program: Program, document: PackDocument) -> bool:
    """Whether a document of the pack that was missing is there now, or the other way round."""
    if document.path and not document.substitute:
        return not (source.root / document.path).is_file()
    return source.find(document.href, program.base) is not None


def _store(entry: Path, program: Program) -> None:
    if program.refusal is not None:
        return
    written = json.dumps(program.to_json(), ensure_ascii=False).encode("utf-8", "surrogatepass")
    aside = ""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=entry.parent, delete=False) as file:
            aside = file.name
            file.write(_digest(written) + b"\n" + written)
        os.replace(aside, entry)
    except OSError:  # no room, or not ours to write: the next run compiles again
        if aside:
            Path(aside).unlink(missing_ok=True)


def _digest(written: bytes) -> bytes:
    """Shows a torn or altered entry: what it would make of the rules is no verdict."""
    return hashlib.sha256(written).hexdigest().encode()
