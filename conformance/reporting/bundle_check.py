"""Checking an evidence bundle: container, manifest, digest of every file, signature, and the validation replayed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from conformance import __version__
from conformance.core.language import Text
from conformance.reporting import signature as cms
from conformance.reporting.bundle import (
    ATTRIBUTES,
    BUNDLE_SCHEMA,
    DATE,
    MANIFEST,
    MANIFEST_DIGEST,
    summary_of,
)
from conformance.validation.pipeline import validate

_LARGEST = 2_000_000_000
"""Octets that a bundle may unpack to: a zip bomb is refused before it is opened."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold. ``code`` is stable: ``changed``, ``missing``, ``extra``, ``container``,
    ``manifest``, ``signature``, ``replay``.
    """

    code: str
    path: str
    sentence: Text


@dataclass(frozen=True, slots=True)
class BundleCheck:
    """What was checked, and what does not hold."""

    problems: list[Problem]
    files: int
    replayed: int
    signer: cms.Signer | None
    other_kit: str | None
    """The version of the kit that made the bundle, when it is not this one: rules may differ."""
    manifest: dict[str, Any]

    @property
    def sound(self) -> bool:
        """True when everything that was checked holds; rules of another version may judge a document otherwise."""
        return all(one.code == "replay" and self.other_kit is not None for one in self.problems)


def check_bundle(
    data: bytes, signature: bytes | None = None, authorities: Sequence[x509.Certificate] | None = None
) -> BundleCheck:
    """Check everything. Never raises for what the bundle holds: it is said as problems."""
    problems: list[Problem] = []
    signer: cms.Signer | None = None
    if signature is not None:
        try:
            signer = cms.check(data, signature, authorities)
            if signer.trusted is False:
                problems.append(
                    _signature(
                        Text(
                            "aucune autorité donnée ne répond du signataire",
                            "no given authority vouches for the signer",
                        )
                    )
                )
        except ValueError as error:
            problems.append(
                _signature(
                    Text(f"elle ne vaut pas pour ce fichier ({error})", f"it does not hold for this file ({error})")
                )
            )
    files = _open(data, problems)
    manifest = _manifest(files, problems)
    _compare(files, manifest, problems)
    made_with = str(manifest.get("versions", {}).get("bundled_with", __version__))
    other = made_with if made_with != __version__ else None
    replayed = _replay(files, manifest, problems)
    return BundleCheck(problems, len(files), replayed, signer, other, manifest)


def _signature(why: Text) -> Problem:
    return Problem("signature", "", Text(f"La signature : {why.fr}.", f"The signature: {why.en}."))


def _container(path: str, fr: str, en: str) -> Problem:
    return Problem("container", path, Text(f"L’archive : {fr}.", f"The archive: {en}."))


def _open(data: bytes, problems: list[Problem]) -> dict[str, bytes]:
    """The files of the zip; what our own writing would not have written is a problem."""
    files: dict[str, bytes] = {}
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        problems.append(_container("", "ce n’est pas un zip lisible", "it is not a zip that can be read"))
        return files
    with archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > _LARGEST:
            problems.append(_container("", "elle se déploie au-delà de la limite", "it unpacks beyond the limit"))
            return files
        if archive.comment or [entry.filename for entry in entries] != sorted({entry.filename for entry in entries}):
            problems.append(_container("", "elle a été réécrite", "it was written again"))
        at = 0
        for entry in entries:
            canonical = (
                entry.date_time == DATE
                and entry.external_attr == ATTRIBUTES
                and entry.internal_attr == 0
                and entry.create_system == 3
                and not entry.extra
                and not entry.comment
                and entry.header_offset == at
            )
            at = entry.header_offset + 30 + len(entry.filename.encode()) + entry.compress_size
            if not canonical or not _local_header_agrees(data, entry):
                problems.append(_container(entry.filename, "un en-tête a été modifié", "a header was changed"))
            try:
                files[entry.filename] = archive.read(entry)
            except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zlib.error):
                problems.append(_changed(entry.filename))
    return files


def _local_header_agrees(data: bytes, entry: zipfile.ZipInfo) -> bool:
    """The header before the file says what the directory at the end says."""
    local = data[entry.header_offset : entry.header_offset + 30]
    name = entry.filename.encode()
    expected = (
        b"PK\x03\x04"
        + entry.extract_version.to_bytes(2, "little")
        + entry.flag_bits.to_bytes(2, "little")
        + entry.compress_type.to_bytes(2, "little")
        + (0).to_bytes(2, "little")
        + (33).to_bytes(2, "little")  # 1980-01-01, as a zip says it
        + entry.CRC.to_bytes(4, "little")
        + entry.compress_size.to_bytes(4, "little")
        + entry.file_size.to_bytes(4, "little")
        + len(name).to_bytes(2, "little")
        + (0).to_bytes(2, "little")
    )
    return local == expected and data[entry.header_offset + 30 :].startswith(name)


def _manifest(files: dict[str, bytes], problems: list[Problem]) -> dict[str, Any]:
    def wrong(fr: str, en: str) -> None:
        problems.append(Problem("manifest", MANIFEST, Text(f"Le manifeste : {fr}.", f"The manifest: {en}.")))

    written = files.get(MANIFEST)
    if written is None:
        wrong("il manque", "it is missing")
        return {}
    digest = f"{hashlib.sha256(written).hexdigest()}  {MANIFEST}\n".encode()
    if files.get(MANIFEST_DIGEST) != digest:
        wrong("son empreinte n’est pas la sienne", "its digest is not its own")
    try:
        value = json.loads(written)
    except ValueError:
        value = None
    if not isinstance(value, dict) or value.get("schema") != BUNDLE_SCHEMA or not isinstance(value.get("files"), list):
        wrong("il n’a pas la forme attendue", "it does not have the expected shape")
        return {}
    return value


def _compare(files: dict[str, bytes], manifest: dict[str, Any], problems: list[Problem]) -> None:
    listed = {str(one.get("path")): one for one in manifest.get("files", []) if isinstance(one, dict)}
    for path, said in listed.items():
        if path not in files:
            if not any(one.path == path for one in problems):
                problems.append(Problem("missing", path, Text(f"{path} manque.", f"{path} is missing.")))
        elif hashlib.sha256(files[path]).hexdigest() != said.get("sha256") or len(files[path]) != said.get("size"):
            problems.append(_changed(path))
    for path in files.keys() - listed.keys() - {MANIFEST, MANIFEST_DIGEST}:
        problems.append(
            Problem("extra", path, Text(f"{path} n’est pas au manifeste.", f"{path} is not in the manifest."))
        )


def _changed(path: str) -> Problem:
    return Problem("changed", path, Text(f"{path} a été modifié.", f"{path} was changed."))


def _replay(files: dict[str, bytes], manifest: dict[str, Any], problems: list[Problem]) -> int:
    """Validate again each document inside, once, and compare with what was found then."""
    expected = manifest.get("documents", {})
    by_digest = {str(one.get("sha256")): str(one.get("path")) for one in manifest.get("files", [])}
    replayed = 0
    for sha256, said in expected.items():
        path = by_digest.get(sha256, "")
        data = files.get(path)
        if data is None or hashlib.sha256(data).hexdigest() != sha256:
            continue  # said already
        replayed += 1
        if json.loads(json.dumps(summary_of(validate(data)))) != said:
            problems.append(
                Problem(
                    "replay",
                    path,
                    Text(
                        f"{path} : rejouée, la validation ne donne plus le même résultat.",
                        f"{path}: played again, the validation no longer gives the same result.",
                    ),
                )
            )
    return replayed
