"""Checking an evidence bundle: container, manifest, digest of every file, signature, and the validation replayed.

A bundle comes from somebody else: it is read piece by piece and within limits, and nothing that it holds raises.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from conformance import __version__
from conformance.core.language import Text
from conformance.reporting import signature as cms
from conformance.reporting.bundle import MANIFEST, MANIFEST_DIGEST, summary_of
from conformance.reporting.bundle_story import contradictions
from conformance.reporting.readable.inside import documents_inside
from conformance.reporting.shape import MANIFEST as MANIFEST_SCHEMA
from conformance.reporting.shape import complaint, read_json
from conformance.reporting.zip_form import frame_was_changed, header_was_changed
from conformance.validation.pipeline import validate

_LARGEST = 4_000_000_000
"""Octets that a bundle may unpack to."""
_LARGEST_JSON = 200_000_000
_MOST_UNPACKED = 200
"""How many times its packed size a large file may have: evidence packs ten times, a zip bomb a thousand."""
_SMALL = 10_000_000
_PIECE = 1 << 20
_REPORT = "report.json"

_UNREADABLE = (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zlib.error)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold. ``code`` is stable: ``changed``, ``missing``, ``extra``, ``container``,
    ``manifest``, ``report``, ``signature``, ``replay``.
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
    """Empty when it does not have the shape of one."""

    @property
    def sound(self) -> bool:
        """True when everything that was checked holds; rules of another version may judge a document otherwise."""
        return all(one.code == "replay" and self.other_kit is not None for one in self.problems)


def check_bundle(
    data: bytes, signature: bytes | None = None, authorities: Sequence[x509.Certificate] | None = None
) -> BundleCheck:
    """Check everything. Never raises for what the bundle holds: it is said as problems."""
    problems: list[Problem] = []
    signer = _signer(data, signature, authorities, problems) if signature is not None else None
    archive = _open(data, problems)
    if archive is None:
        return BundleCheck(problems, 0, 0, signer, None, {})
    with archive:
        files = _digests(archive, problems)
        manifest = _manifest(archive, files, problems)
        _compare(files, manifest, problems)
        made_with = manifest["versions"]["bundled_with"] if manifest else __version__
        replayed = 0
        if manifest:
            if _REPORT in files:  # else it is said to be missing
                problems += [
                    Problem("report", _REPORT, Text(f"{_REPORT} : {told.fr}.", f"{_REPORT}: {told.en}."))
                    for told in contradictions(manifest, _content(archive, files, _REPORT))
                ]
            replayed = _replay(archive, files, manifest, problems)
    return BundleCheck(
        problems, len(files), replayed, signer, made_with if made_with != __version__ else None, manifest
    )


# ---- The container


@dataclass(frozen=True, slots=True)
class _File:
    sha256: str
    size: int


def _signer(
    data: bytes, signature: bytes, authorities: Sequence[x509.Certificate] | None, problems: list[Problem]
) -> cms.Signer | None:
    def wrong(fr: str, en: str) -> None:
        problems.append(Problem("signature", "", Text(f"La signature : {fr}.", f"The signature: {en}.")))

    try:
        signer = cms.check(data, signature, authorities)
    except ValueError as error:
        wrong(f"elle ne vaut pas pour ce fichier ({error})", f"it does not hold for this file ({error})")
        return None
    if signer.trusted is False:
        wrong("aucune autorité donnée ne répond du signataire", "no given authority vouches for the signer")
    return signer


def _open(data: bytes, problems: list[Problem]) -> zipfile.ZipFile | None:
    """The zip, once its frame is known to be one that a bundle has; ``None`` when it must not be unpacked."""

    def wrong(path: str, fr: str, en: str) -> None:
        problems.append(Problem("container", path, Text(f"L’archive : {fr}.", f"The archive: {en}.")))

    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _UNREADABLE:
        wrong("", "ce n’est pas un zip lisible", "it is not a zip that can be read")
        return None
    entries = archive.infolist()
    for entry in entries:
        if entry.file_size > max(_SMALL, _MOST_UNPACKED * entry.compress_size):
            wrong(
                entry.filename,
                f"{entry.filename} annonce bien plus d’octets qu’il n’en contient",
                f"{entry.filename} announces far more octets than it holds",
            )
            return None
    if sum(entry.file_size for entry in entries) > _LARGEST:
        wrong("", "elle se déploie au-delà de la limite", "it unpacks beyond the limit")
        return None
    names = [entry.filename for entry in entries]
    if names != sorted(set(names)):
        wrong(
            "",
            "ses fichiers ne sont pas rangés, ou l’un y est deux fois",
            "its files are not in order, or one is there twice",
        )
    for entry in entries:
        if header_was_changed(data, entry):
            wrong(
                entry.filename,
                f"l’en-tête de {entry.filename} a été modifié",
                f"the header of {entry.filename} was changed",
            )
    if frame_was_changed(data, entries):
        wrong("", "elle a été réécrite ou complétée", "it was written again or added to")
    return archive


def _digests(archive: zipfile.ZipFile, problems: list[Problem]) -> dict[str, _File]:
    """The digest of every file that can be unpacked; one that cannot was changed."""
    files: dict[str, _File] = {}
    for entry in archive.infolist():
        digest, size = hashlib.sha256(), 0
        try:
            with archive.open(entry) as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
        except _UNREADABLE:
            problems.append(_changed(entry.filename))
            continue
        files[entry.filename] = _File(digest.hexdigest(), size)
    return files


def _content(archive: zipfile.ZipFile, files: dict[str, _File], path: str) -> bytes:
    """What a file holds; nothing when it is not there or too large to be ours."""
    if path not in files or files[path].size > _LARGEST_JSON:
        return b""
    return archive.read(path)


# ---- The manifest


def _manifest(archive: zipfile.ZipFile, files: dict[str, _File], problems: list[Problem]) -> dict[str, Any]:
    def wrong(fr: str, en: str) -> None:
        problems.append(Problem("manifest", MANIFEST, Text(f"Le manifeste : {fr}.", f"The manifest: {en}.")))

    if MANIFEST not in files:
        wrong("il manque", "it is missing")
        return {}
    if _content(archive, files, MANIFEST_DIGEST) != f"{files[MANIFEST].sha256}  {MANIFEST}\n".encode():
        wrong("son empreinte n’est pas la sienne", "its digest is not its own")
    try:
        value = read_json(_content(archive, files, MANIFEST))
        why = complaint(value, MANIFEST_SCHEMA)
    except ValueError as error:
        why = str(error)
    if why:
        wrong(f"il n’a pas la forme attendue ({why})", f"it does not have the expected shape ({why})")
        return {}
    paths = [one["path"] for one in value["files"]]
    twice = [path for path, count in Counter(paths).items() if count > 1]
    if twice:
        wrong(f"il dit deux fois {twice[0]}", f"it says {twice[0]} twice")
    checked: dict[str, Any] = value
    return checked


def _compare(files: dict[str, _File], manifest: dict[str, Any], problems: list[Problem]) -> None:
    listed = {one["path"]: one for one in manifest.get("files", [])}
    known = {one.path for one in problems if one.code == "changed"}
    for path, said in listed.items():
        if path not in files:
            if path not in known:
                problems.append(Problem("missing", path, Text(f"{path} manque.", f"{path} is missing.")))
        elif (files[path].sha256, files[path].size) != (said["sha256"], said["size"]):
            problems.append(_changed(path))
    if not manifest:
        return  # said already: nothing can be compared
    for path in sorted(files.keys() - listed.keys() - {MANIFEST, MANIFEST_DIGEST}):
        problems.append(
            Problem("extra", path, Text(f"{path} n’est pas au manifeste.", f"{path} is not in the manifest."))
        )


def _changed(path: str) -> Problem:
    return Problem("changed", path, Text(f"{path} a été modifié.", f"{path} was changed."))


# ---- The replay


def _replay(
    archive: zipfile.ZipFile, files: dict[str, _File], manifest: dict[str, Any], problems: list[Problem]
) -> int:
    """Validate again each document inside, once, and compare with what was found then."""

    def wrong(path: str, fr: str, en: str) -> None:
        problems.append(Problem("replay", path, Text(f"{path} : {fr}.", f"{path}: {en}.")))

    waiting = dict(manifest["documents"])
    replayed: set[str] = set()
    for path, document in _documents(archive, files, manifest):
        sha256 = hashlib.sha256(document).hexdigest()
        if sha256 in replayed:
            continue
        replayed.add(sha256)
        said = waiting.pop(sha256, None)
        if said is None:
            wrong(
                path,
                "le manifeste ne dit rien de la validation de ce document",
                "the manifest says nothing of the validation of this document",
            )
        elif json.loads(json.dumps(summary_of(validate(document)))) != said:
            wrong(
                path,
                "rejouée, la validation ne donne plus le même résultat",
                "played again, the validation no longer gives the same result",
            )
    for sha256 in sorted(waiting):
        wrong(
            MANIFEST, f"le document {sha256} n’est pas dans l’archive", f"the document {sha256} is not in the archive"
        )
    return len(replayed)


def _documents(
    archive: zipfile.ZipFile, files: dict[str, _File], manifest: dict[str, Any]
) -> Iterator[tuple[str, bytes]]:
    """Each clinical document of the evidence, and the file that it is or lies in; each content once."""
    seen: set[str] = set()
    for said in manifest["files"]:
        path = said["path"]
        # A file that is gone or was changed is said already.
        if said["kind"] != "evidence" or path not in files or files[path].sha256 != said["sha256"]:
            continue
        if said["sha256"] in seen:
            continue
        seen.add(said["sha256"])
        for document in documents_inside(archive.read(path), said.get("media_type", "")):
            yield path, document
