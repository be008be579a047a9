"""The evidence of a run: every message and document, kept once, under the SHA-256 of its octets."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

EVIDENCE_FOLDER = "raw/evidence"
EVENTS_FOLDER = "raw/events"

# What the kit exchanges most, under the extension that a reader expects; the rest is asked of the system.
_EXTENSIONS = {
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/json": ".json",
    "application/soap+xml": ".soap.xml",
    "application/zip": ".zip",
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
    "message/http": ".http",
    "multipart/related": ".mime",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/octet-stream": ".bin",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the store: ``path`` is relative to the folder of the run, ``size`` in octets."""

    sha256: str
    size: int
    path: str


class ChangedEvidence(FileNotFoundError):
    """A file whose octets are no longer those that the run kept: what the run kept is gone."""


class EvidenceStore:
    """The files that a run keeps, in clear: they must be provable octet by octet.

    The same octets are written once, and several processes may write at the same time.
    """

    def __init__(self, run_folder: Path) -> None:
        self._run_folder = run_folder
        self._root = os.path.realpath(run_folder / EVIDENCE_FOLDER) + os.sep

    def put(self, data: bytes, media_type: str) -> Stored:
        """Keep ``data`` and say where it lies."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = f"{EVIDENCE_FOLDER}/{sha256[:2]}/{sha256}{extension_for(media_type)}"
        target = self._run_folder / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # Renaming is atomic: no reader and no other worker ever sees half a file.
            Path(temporary).replace(target)
        return Stored(sha256, len(data), path)

    def get(self, path: str, sha256: str = "") -> bytes:
        """The octets kept at ``path`` (of ``Stored``).

        Raises ``FileNotFoundError`` when it is gone, and for a path that leads out of the store: the folder of a run
        may come from somebody else. With ``sha256``, ``ChangedEvidence`` when that is not its digest.
        """
        target = os.path.realpath(self._run_folder / path)
        if not target.startswith(self._root) or not os.path.isfile(target):
            raise FileNotFoundError(path)
        data = Path(target).read_bytes()
        if sha256 and hashlib.sha256(data).hexdigest() != sha256:
            raise ChangedEvidence(path)
        return data


def extension_for(media_type: str) -> str:
    """The file extension for ``media_type`` (parameters ignored), ``.bin`` when unknown."""
    bare = media_type.split(";")[0].strip().lower()
    return _EXTENSIONS.get(bare) or mimetypes.guess_extension(bare) or ".bin"
