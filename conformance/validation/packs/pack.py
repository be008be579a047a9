"""A pack that is ready to be used: its files, what it holds, its identity."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.validation.packs.manifest import Manifest, read_manifest
from conformance.validation.packs.source import PackSource

RULE_FILES: Final = (".sch", ".xsd", ".xml", ".rdf")
"""The endings of the files that rules are made of or read."""


@dataclass(slots=True, eq=False)
class Pack:
    """A folder of official rules.

    ``verified``: it was registered, and every schematron that does not load is in ``broken`` → why.
    """

    name: str
    source: PackSource
    manifest: Manifest
    hash: str
    broken: dict[str, Text] = field(default_factory=dict)
    verified: bool = False


def open_folder(folder: Path, name: str = "", shown: str = "") -> Pack:
    """The pack that lies in ``folder``, registered or not; ``shown`` is what it is called in a sentence.

    Raises ``UsageError`` when it holds no schematron.
    """
    shown = shown or str(folder)
    if folder.is_file():
        raise UsageError(
            "pack.is-a-file",
            Text(f"« {shown} » est un fichier, pas un dossier.", f"“{shown}” is a file, not a folder."),
            Text("Une archive s'enregistre d'abord : segur pack add ARCHIVE.", "An archive is registered first: segur pack add ARCHIVE."),
        )  # fmt: skip
    if not folder.is_dir():
        raise UsageError(
            "pack.no-such-folder",
            Text(f"Le dossier « {shown} » n'existe pas.", f"The folder “{shown}” does not exist."),
            Text("Donnez le dossier du paquet de règles.", "Give the folder of the rule pack."),
        )
    source = PackSource(folder)
    manifest = read_manifest(source)
    if not manifest.schematrons:
        raise UsageError(
            "pack.no-schematron",
            Text(f"« {shown} » ne contient aucun schématron.", f"“{shown}” holds no schematron."),
            Text(
                "Donnez le dossier qui contient « schematrons » et « jeuxDeValeurs ».",
                "Give the folder that holds “schematrons” and “jeuxDeValeurs”.",
            ),
        )
    return Pack(name or folder.resolve().name, source, manifest, "")


def content_hash(source: PackSource, files: list[str] | None = None) -> str:
    """64 hexadecimal digits that tell one pack from another: the names and contents of its rule files."""
    digest = hashlib.sha256()
    for path in sorted(files if files is not None else source.files()):
        if path.lower().endswith(RULE_FILES):
            digest.update(f"{path}\n".encode())
            digest.update(hashlib.sha256(source.read(path)).digest())
    return digest.hexdigest()
