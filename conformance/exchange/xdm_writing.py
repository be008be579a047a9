"""Writes IHE XDM archives: the same content gives the same bytes.

Layout: ``INDEX.HTM`` and ``README.TXT`` at the root, ``IHE_XDM/SUBSET01/METADATA.XML`` beside the documents
``DOC0001.XML``… (names of eight capitals at most, extension of three).
Sources: IHE ITI TF-2 §3.32; the plan of README.TXT is that of published French archives.
"""

from __future__ import annotations

import hashlib
import html
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.exchange.metadata import RegistryObjects, write_metadata
from conformance.exchange.xdm import FOLDER, INDEX, METADATA, README

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip archive can hold: a fixed one makes archives comparable."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who made the archive, as README.TXT and INDEX.HTM tell it."""

    name: str = "Docteur Anouk BREHIER"
    organisation: str = "Cabinet des Tilleuls"
    finess: str = ""
    address: str = "12 rue des Tilleuls, 35000 RENNES"
    phone: str = "02 99 00 00 12"
    software: str = "segur-conformance"
    software_version: str = "1"
    editor: str = "segur-conformance"


def write_xdm(objects: RegistryObjects, documents: Sequence[tuple[str, bytes]], sender: Sender | None = None) -> bytes:
    """An archive of one subset: the metadata of ``objects`` and the files ``(name, bytes)`` beside it.

    The metadata is written as it is; ``with_files`` sets URI, hash and size of the entries first.
    """
    files = [(INDEX, index_page(sender or Sender())), (README, readme(sender or Sender(), [n for n, _ in documents]))]
    folder = f"{FOLDER}/SUBSET01"
    files.append((f"{folder}/{METADATA}", write_metadata(objects)))
    files.extend((f"{folder}/{name}", data) for name, data in documents)
    return write_zip(files)


def with_files(objects: RegistryObjects, files: Sequence[tuple[str, bytes]]) -> RegistryObjects:
    """``objects`` with URI, hash and size of each document entry taken from its file, in order."""
    entries = tuple(
        replace(entry, uri=name, hash=file_hash(data), size=len(data))
        for entry, (name, data) in zip(objects.documents, files, strict=True)
    )
    return replace(objects, documents=entries)


def file_hash(data: bytes) -> str:
    """The SHA-1 of a file in hexadecimal, as the slot ``hash`` holds it (a checksum of the profile, not a protection)."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def write_zip(files: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files in this order, with fixed dates and rights."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = method
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def document_name(rank: int, extension: str = "XML") -> str:
    """The name of the document of this rank, from 1: ``DOC0001.XML``."""
    return f"DOC{rank:04d}.{extension}"


def readme(sender: Sender, documents: Sequence[str]) -> bytes:
    """The text of README.TXT: who sends, with which software, how to read, what is inside."""
    lines = [
        "Emetteur",
        f"  Nom : {sender.name}",
        f"  Organisme : {sender.organisation}" + (f" (FINESS {sender.finess})" if sender.finess else ""),
        f"  Adresse : {sender.address}",
        f"  Téléphone : {sender.phone}",
        "",
        "Application de l'émetteur",
        f"  Nom : {sender.software}",
        f"  Version : {sender.software_version}",
        f"  Editeur : {sender.editor}",
        "",
        "Instructions",
        "  Ouvrir cette archive avec un logiciel de santé qui intègre les documents reçus par messagerie sécurisée.",
        "",
        "Arborescence",
        f"  {README}",
        f"  {INDEX}",
        f"  {FOLDER}/SUBSET01/{METADATA}",
        *(f"  {FOLDER}/SUBSET01/{name}" for name in documents),
        "",
    ]
    return "\r\n".join(lines).encode()


def index_page(sender: Sender) -> bytes:
    """INDEX.HTM: the organisation that sends, and a link to README.TXT."""
    organisation = html.escape(sender.organisation)
    finess = f" (FINESS {html.escape(sender.finess)})" if sender.finess else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr" lang="fr">
<head><title>{organisation}</title></head>
<body>
<p>Documents de santé envoyés par {organisation}{finess}.</p>
<p><a href="{README}">{README}</a></p>
</body>
</html>
""".encode()
