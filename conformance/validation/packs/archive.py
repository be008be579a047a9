"""Takes a pack out of a zip archive, or off an address, without trusting either."""

from __future__ import annotations

import lzma
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.validation.packs.errors import HostilePack
from conformance.validation.packs.pack import RULE_FILES

LARGEST_ARCHIVE: Final = 1024 * 1024 * 1024
"""Bytes, of the archive and of what comes out of it."""
MOST_FILES: Final = 50_000
_TIMEOUT: Final = 60
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """A temporary folder with the rule files of a zip archive.

    Raises ``HostilePack`` for an archive that writes outside, holds links or swells, ``UsageError`` when it
    is no zip archive.
    """
    with tempfile.TemporaryDirectory(prefix="segur-pack-") as folder:
        _extract(archive, Path(folder))
        yield _top(Path(folder))


@contextmanager
def downloaded(address: str) -> Iterator[Path]:
    """A temporary file with what lies at ``address`` (https; http on this machine only)."""
    import requests

    _check_address(address)
    with tempfile.TemporaryDirectory(prefix="segur-pack-") as folder:
        file = Path(folder) / "pack.zip"
        try:
            with requests.get(address, stream=True, timeout=_TIMEOUT) as answer, file.open("wb") as out:
                answer.raise_for_status()
                _check_address(answer.url)  # where it was sent on to
                size = 0
                for block in answer.iter_content(1 << 20):
                    size += len(block)
                    if size > LARGEST_ARCHIVE:
                        raise _too_large()
                    out.write(block)
        except requests.RequestException as error:
            raise UsageError(
                "pack.download",
                Text(f"« {address} » n'a pas pu être téléchargé ({error}).", f"“{address}” could not be downloaded ({error})."),
                Text("Téléchargez l'archive vous-même, puis donnez le fichier.", "Download the archive yourself, then give the file."),
            ) from None  # fmt: skip
        yield file


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise UsageError(
            "pack.address",
            Text(f"L'adresse « {address} » n'est pas en https.", f"The address “{address}” is not https."),
            Text("Donnez une adresse https, un dossier ou une archive zip.", "Give an https address, a folder or a zip archive."),
        )  # fmt: skip


def _extract(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES:
                raise _too_large()
            room = LARGEST_ARCHIVE
            for entry in entries:
                path = _safe(entry)
                if path.suffix.lower() not in RULE_FILES:
                    continue
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                # Counted as it comes out: the size that an archive announces may be a lie.
                with opened.open(entry) as source, target.open("wb") as out:
                    while block := source.read(1 << 20):
                        room -= len(block)
                        if room < 0:
                            raise _too_large()
                        out.write(block)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError) as error:
        raise UsageError(
            "pack.not-a-zip",
            Text(f"« {archive} » n'est pas une archive zip lisible ({error}).", f"“{archive}” is not a readable zip archive ({error})."),
            Text("Donnez un dossier ou une archive zip sans mot de passe.", "Give a folder or a zip archive without a password."),
        ) from None  # fmt: skip
    except (OSError, ValueError) as error:  # names that cannot be files here, or no room for them
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            "pack.cannot-unpack",
            Text(f"L'archive « {archive} » ne peut pas être extraite ({why}).", f"The archive “{archive}” cannot be unpacked ({why})."),
            Text("Extrayez-la vous-même, puis donnez le dossier.", "Unpack it yourself, then give the folder."),
        ) from None  # fmt: skip


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; some systems write UTF-8 without saying so."""
    if not entry.flag_bits & 0x800:
        try:
            return entry.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            return entry.filename
    return entry.filename


def _safe(entry: zipfile.ZipInfo) -> PurePosixPath:
    path = PurePosixPath(_name(entry).replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]
    if outside or stat.S_ISLNK(entry.external_attr >> 16):
        raise HostilePack(
            "archive",
            Text(
                f"L'archive veut écrire hors de son dossier, ou contient un lien (« {entry.filename} »).",
                f"The archive wants to write outside its folder, or holds a link (“{entry.filename}”).",
            ),
        )
    return path


def _top(folder: Path) -> Path:
    """The folder in which the pack begins: archives often hold one folder with everything in it."""
    inner = list(folder.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else folder


def _too_large() -> HostilePack:
    return HostilePack(
        "too-large",
        Text("L'archive est démesurée (limite : 1 Gio, 50 000 fichiers).", "The archive is out of all measure (limit: 1 GiB, 50,000 files)."),
    )  # fmt: skip
