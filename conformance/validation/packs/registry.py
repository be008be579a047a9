"""The packs that the user registered: where they lie, their identity, what they hold.

A registered pack is a copy of the rule files in the user's data folder, so that a change in the original
changes no verdict unseen; its hash tells it from any other.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import platformdirs

from conformance import __version__
from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.validation.packs.archive import downloaded, unpacked
from conformance.validation.packs.cache import program_of
from conformance.validation.packs.engine import Engine, LimitReached, engine_version
from conformance.validation.packs.manifest import Manifest, SchematronInfo, empty_files, without_engines
from conformance.validation.packs.pack import RULE_FILES, Pack, content_hash, open_folder
from conformance.validation.packs.source import PackSource
from conformance.validation.packs.verifier import LoadFault, load_fault

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_RECORD: Final = "pack.json"
_FILES: Final = "files"

Progress = Callable[[SchematronInfo], None]


@dataclass(frozen=True, slots=True)
class Registered:
    """What is known of a registered pack. ``broken``: schematrons that do not load → why, in this ``engine``.

    ``stamps``: its files with their size and time of change, which show whether the copy is still what it was.
    """

    name: str
    hash: str
    added: datetime
    origin: str
    manifest: Manifest
    broken: dict[str, Text]
    engine: str = ""
    stamps: dict[str, list[int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The record as ``segur pack list --format json`` gives it."""
        return {
            "name": self.name,
            "hash": self.hash,
            "added": self.added.isoformat(),
            "origin": self.origin,
            "kit": __version__,
            "engine": self.engine,
            "manifest": self.manifest.to_json(),
            "broken": {path: {"fr": why.fr, "en": why.en} for path, why in self.broken.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Registered:
        """A record that was kept."""
        return cls(
            data["name"],
            data["hash"],
            datetime.fromisoformat(data["added"]),
            data["origin"],
            Manifest.from_json(data["manifest"]),
            {path: Text(why["fr"], why["en"]) for path, why in data["broken"].items()},
            data["engine"],
            data["stamps"],
        )


def packs_folder() -> Path:
    """Where registered packs lie: the user's data folder (``SEGUR_DATA_DIR`` overrides it)."""
    return Path(os.environ.get("SEGUR_DATA_DIR") or platformdirs.user_data_dir("segur-conformance")) / "packs"


def registered() -> list[Registered]:
    """The registered packs, by name. A record that cannot be read is left out."""
    found = []
    for record in sorted(packs_folder().glob(f"*/{_RECORD}")):
        try:
            found.append(Registered.from_json(json.loads(record.read_bytes())))
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ):  # torn or of another version: not a pack to run
            continue
    return found


def add_pack(origin: str, name: str = "", progress: Progress | None = None) -> Registered:
    """Register the folder, zip archive or https address ``origin`` under ``name`` (else its own).

    Every schematron is compiled once, to know which load. Raises ``UsageError`` (no schematron in it, name
    taken), ``HostilePack``, ``MissingExtra``.
    """
    name = _chosen_name(origin, name)
    if origin.lower().startswith("file://"):
        path = unquote(urlsplit(origin).path)
        origin = path.lstrip("/") if os.name == "nt" else path
    if re.match(r"[A-Za-z][\w+.-]+://", origin):
        with downloaded(origin) as archive, unpacked(archive) as folder:
            return _register(folder, origin, name, progress)
    place = Path(origin)
    if place.is_file():
        with unpacked(place) as folder:
            return _register(folder, str(place.resolve()), name, progress)
    return _register(place, str(place.resolve()), name, progress)


def remove_pack(name: str) -> None:
    """Forget a registered pack and delete its copy. Raises ``UsageError`` when there is none of that name."""
    _find(name)
    with _writing():
        shutil.rmtree(packs_folder() / name)


def open_pack(name: str = "") -> Pack:
    """The pack to run: the registered pack ``name``, or the folder of that path.

    Without a name: the folder in ``SEGUR_PACK_DIR``, else the only registered pack. Raises ``UsageError``
    when there is none, or several.
    """
    wanted = name or os.environ.get("SEGUR_PACK_DIR", "")
    known = registered()
    if not wanted:
        if len(known) != 1:
            raise _none_or_several(known)
        return _opened(known[0])
    for record in known:
        if record.name == wanted:
            return _opened(record)
    if os.sep in wanted or "/" in wanted or Path(wanted).is_dir():
        return open_folder(Path(wanted))
    return _opened(_find(wanted))


def _opened(record: Registered) -> Pack:
    source = PackSource(packs_folder() / record.name / _FILES, record.hash)
    if _changed(record, source):
        raise UsageError(
            "pack.changed",
            Text(f"La copie du paquet « {record.name} » n'est plus celle qui a été enregistrée.",
                 f"The copy of the pack “{record.name}” is no longer what was registered."),
            Text(f"Retirez-le (segur pack remove {record.name}), puis enregistrez-le de nouveau.",
                 f"Remove it (segur pack remove {record.name}), then register it again."),
        )  # fmt: skip
    if record.engine != engine_version():  # what loads in one engine may not in another: it is looked at again
        return Pack(record.name, source, record.manifest, record.hash)
    return Pack(record.name, source, record.manifest, record.hash, record.broken, verified=True)


def _changed(record: Registered, source: PackSource) -> bool:
    if source.files() != sorted(record.stamps):
        return True
    if all(source.stamp(path) == stamp for path, stamp in record.stamps.items()):
        return False
    return content_hash(source, list(record.stamps)) != record.hash


def _find(name: str) -> Registered:
    known = registered()
    for record in known:
        if record.name == name:
            return record
    names = ", ".join(record.name for record in known) or "—"
    raise UsageError(
        "pack.unknown",
        Text(f"Aucun paquet enregistré ne s'appelle « {name} ».", f"No registered pack is called “{name}”."),
        Text(f"Paquets enregistrés : {names}.", f"Registered packs: {names}."),
    )


def _none_or_several(known: list[Registered]) -> UsageError:
    if known:
        names = ", ".join(record.name for record in known)
        return UsageError(
            "pack.several",
            Text("Plusieurs paquets de règles sont enregistrés.", "Several rule packs are registered."),
            Text(f"Choisissez avec --pack : {names}.", f"Choose with --pack: {names}."),
        )
    return UsageError(
        "pack.none",
        Text("Aucun paquet de règles officielles n'est enregistré.", "No official rule pack is registered."),
        Text(
            "Enregistrez le vôtre : segur pack add DOSSIER (ou --pack DOSSIER).",
            "Register yours: segur pack add FOLDER (or --pack FOLDER).",
        ),
    )


def _chosen_name(origin: str, name: str) -> str:
    if not name:
        stem = re.sub(r"\.(zip|git)$", "", re.split(r"[/\\]", origin.rstrip("/\\"))[-1], flags=re.I)
        name = re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._") or "pack"
        name = name[:64]
    if not _NAME.fullmatch(name):
        raise UsageError(
            "pack.name",
            Text(f"« {name} » n'est pas un nom de paquet.", f"“{name}” is not a name for a pack."),
            Text("Lettres minuscules, chiffres, point, tiret.", "Lower-case letters, digits, dot, hyphen."),
        )
    if any(record.name == name for record in registered()):
        raise _taken(name)
    return name


def _taken(name: str) -> UsageError:
    return UsageError(
        "pack.name-taken",
        Text(f"Un paquet « {name} » est déjà enregistré.", f"A pack “{name}” is registered already."),
        Text(
            f"Retirez-le (segur pack remove {name}) ou choisissez un autre nom (--name).",
            f"Remove it (segur pack remove {name}) or choose another name (--name).",
        ),
    )


def _register(folder: Path, origin: str, name: str, progress: Progress | None) -> Registered:
    pack = open_folder(folder, name, origin)
    files = rule_files(pack.source)
    contents = content_hash(pack.source, files)
    with _writing():
        packs_folder().mkdir(parents=True, exist_ok=True)
        # Made aside, then put in its place in one step: an interrupted registration, or two at once, leave no half of one.
        with tempfile.TemporaryDirectory(prefix=".adding-", dir=packs_folder()) as aside:
            draft = Path(aside) / name
            for path in files:
                copy = draft / _FILES / path
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(pack.source.read(path))
            copied = open_folder(draft / _FILES, name, origin)
            copied.source = PackSource(draft / _FILES, contents)
            broken = what_does_not_load(copied, progress)
            stamps = {path: copied.source.stamp(path) for path in files}
            record = Registered(
                name, contents, datetime.now(UTC), origin, copied.manifest, broken, engine_version(), stamps
            )
            kept = json.dumps({**record.to_json(), "stamps": stamps}, ensure_ascii=False)
            (draft / _RECORD).write_text(kept, "utf-8")
            target = packs_folder() / name
            if name not in {known.name for known in registered()}:
                shutil.rmtree(target, ignore_errors=True)  # what an interrupted registration left
            try:
                draft.rename(target)
            except OSError:
                raise _taken(name) from None
    return record


@contextmanager
def _writing() -> Iterator[None]:
    """Says in a sentence that the data folder cannot be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            "pack.data-folder",
            Text(f"Le dossier des paquets ({packs_folder()}) ne peut pas être écrit ({error.strerror}).",
                 f"The folder of the packs ({packs_folder()}) cannot be written ({error.strerror})."),
            Text("Vérifiez ses droits et la place libre, ou choisissez-en un autre : SEGUR_DATA_DIR=DOSSIER.",
                 "Check its rights and the free space, or choose another: SEGUR_DATA_DIR=FOLDER."),
        ) from None  # fmt: skip


def rule_files(source: PackSource) -> list[str]:
    """The files that rules are made of or read: schematrons, schemas, value sets, terminologies.

    Empty files among them are kept, since the pre-flight tells of them.
    """
    everything = without_engines(source.files())
    files = [path for path in everything if path.lower().endswith(RULE_FILES)]
    homes = {posixpath.dirname(path) for path in files if not path.lower().endswith((".xml", ".xsd"))}
    wanted = {path for path in files if not path.lower().endswith(".xml") or _is_read_by_rules(source, path, homes)}
    return sorted(wanted | set(empty_files(source, everything)))


def _is_read_by_rules(source: PackSource, path: str, homes: set[str]) -> bool:
    if posixpath.dirname(path) in homes or re.search(r"jeux-?de-?valeurs|(^|/)(jdv|voc)[_-]", path, re.I):
        return True
    return b"alueSet" in source.head(path, 4096)


def what_does_not_load(pack: Pack, progress: Progress | None = None) -> dict[str, Text]:
    """Compile every rule of every schematron: those that do not load, and why."""
    broken: dict[str, Text] = {}
    with Engine() as engine:
        for info in pack.manifest.schematrons:
            if progress is not None:
                progress(info)
            try:
                fault = load_fault(program_of(pack.source, info.path), engine)
            except LimitReached as limit:
                fault = LoadFault(limit.reason, info.path, 1)
            if fault is not None:
                place = "" if fault.file == info.path and fault.line == 1 else f" ({fault.file}:{fault.line})"
                broken[info.path] = Text(fault.reason.fr + place, fault.reason.en + place)
    return broken
