"""Versions of what the verdicts of a run rest on: two runs that say the same here can be compared.

The version of the kit alone does not tell two states of a checkout apart: each is followed by a digest of what it names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from conformance import __version__
from conformance.core.errors import SegurError
from conformance.resources import data_folder
from conformance.terminology.value_sets import all_value_sets
from conformance.validation.packs.registry import open_pack

_LIBRARIES = ("lxml", "xmlschema", "hypothesis", "pytest")
_PACKAGE = Path(__file__).resolve().parent.parent
_ROOMS_OF_RULES = ("cda", "identity", "validation")
_DIGITS = 8


def versions(pack: str = "") -> dict[str, str]:
    """Name → version: ``rules``, ``value_sets``, ``catalogue``, ``pack`` when one is named, and the libraries that judge."""
    rules = (file for room in _ROOMS_OF_RULES for file in (_PACKAGE / room).rglob("*.py"))
    sets = all_value_sets()
    latest = max((each.version for each in sets if each.version), default=None)
    found = {
        "rules": f"{__version__}+{_digest(rules)}",
        "value_sets": f"{latest or '?'} ({len(sets)})+{_digest((_PACKAGE / 'terminology' / 'sets').glob('*.tsv'))}",
        "catalogue": f"{__version__}+{_digest((data_folder('profiles') / 'catalogue').glob('*.toml'))}",
    }
    if pack:
        found["pack"] = _pack(pack)
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _pack(name: str) -> str:
    """The pack and a digest of its rules; one that cannot be opened is told by the test that needs it."""
    short = Path(name).name
    try:
        pack = open_pack(name)
    except SegurError:
        return f"{short} (?)"
    # A folder that was never registered has no digest yet.
    return f"{short}+{pack.hash[:_DIGITS] or _digest(Path(name).rglob('*.sch'))}"


def _digest(files: Iterable[Path]) -> str:
    """A digest of these files, by name and content; line ends do not count."""
    whole = hashlib.sha256()
    for file in sorted(files):
        whole.update(f"{file.name}\n".encode())
        whole.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return whole.hexdigest()[:_DIGITS]
