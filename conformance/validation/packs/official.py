"""The door of this room for the pipeline: one call per document, everything kept warm in between."""

from __future__ import annotations

import atexit
import os
from typing import Final

from conformance.cda.reading import Document
from conformance.validation.packs.engine import Limits
from conformance.validation.packs.pack import Pack
from conformance.validation.packs.results import OfficialResult
from conformance.validation.packs.runner import OfficialRules

_KEPT: Final[dict[tuple[int, str, Limits, bool], OfficialRules]] = {}


def official_findings(
    document: Document,
    pack: Pack,
    *,
    volet: str | None = None,
    limits: Limits | None = None,
    terminology: bool = False,
) -> OfficialResult:
    """What the rules of ``pack`` say of ``document``; the engine stays warm for the next one.

    ``registry.open_pack`` gives the pack. ``volet`` forces the volet (``VSM_1.4_2022.01``). Raises
    ``MissingExtra`` when SaxonC is not installed, ``UsageError`` for an unknown volet, ``HostilePack`` when
    the pack tries what it may not. A limit that is reached raises nothing: the layers say ``failed``.
    """
    limits = limits or Limits()
    # By process: a child made by fork must not speak to its parent's engine.
    key = (os.getpid(), str(pack.source.root), limits, terminology)
    if key not in _KEPT:
        _KEPT[key] = OfficialRules(pack, limits, terminology=terminology)
    return _KEPT[key].check(document, volet)


def close_engines() -> None:
    """Stop the engines that this process keeps warm."""
    for key in [key for key in _KEPT if key[0] == os.getpid()]:
        _KEPT.pop(key).close()


atexit.register(close_engines)
