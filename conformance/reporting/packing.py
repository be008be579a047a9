"""The messages and documents of a run as the page holds them: masked, unfolded for a person, compressed.

This is most of the work on a page: where there are many, a second process takes every other batch.
"""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from conformance.core.child import ROOT
from conformance.core.evidence import ChangedEvidence, EvidenceStore
from conformance.core.redaction import Redactor
from conformance.reporting.model import EvidenceReport, RunReport
from conformance.reporting.readable import readable
from conformance.reporting.source import decode, is_text

_LONGEST_TEXT = 512_000
"""Octets of a message above which the page links it instead of holding it."""
_LARGEST_PAGE = 12_000_000
"""Characters of packed messages above which the page links the rest: what needs someone first comes first."""
_BATCH = 50
"""Proofs that a process takes at a time."""
_WORTH_A_PROCESS = 600
"""Proofs from which on a second process is started, which takes half a second to come."""


class Packed(NamedTuple):
    """One proof: its source if it is text, what a person reads of it, or where it is when it is not what was kept."""

    sha256: str
    text: str = ""
    fragment: str = ""
    changed: str = ""


def pack_proofs(report: RunReport, proofs: Iterable[EvidenceReport]) -> dict[str, dict[str, str]]:
    """``texts``: the source of each proof that is text; ``readable``: the same unfolded for a person.

    Both by SHA-256, masked, compressed (zlib) and in base 64. ``changed``: what is no longer what the run kept. What is
    too long or gone from the folder is left out: the page then links the file.
    """
    texts: dict[str, str] = {}
    fragments: dict[str, str] = {}
    changed: dict[str, str] = {}
    room = _LARGEST_PAGE
    for packed in _all(report, [proof for proof in proofs if proof["size"] <= _LONGEST_TEXT]):
        if packed.changed:
            changed[packed.sha256] = packed.changed
        if packed.text:
            texts[packed.sha256] = report.packed[packed.sha256] = packed.text
        if packed.fragment:
            fragments[packed.sha256] = packed.fragment
        room -= len(packed.text) + len(packed.fragment)
        if room < 0:
            break
    return {"texts": texts, "readable": fragments, "changed": changed}


def _all(report: RunReport, proofs: Sequence[EvidenceReport]) -> Iterator[Packed]:
    """Each proof packed, in order, as long as somebody asks."""
    if report.folder is None:
        return
    packer = _Packer(report.folder, report.redactor)
    batches = [proofs[start : start + _BATCH] for start in range(0, len(proofs), _BATCH)]
    if len(proofs) < _WORTH_A_PROCESS or (os.cpu_count() or 1) < 2:
        for batch in batches:
            yield from packer.pack(batch)
        return
    with _Helper(packer) as helper:
        for mine, its in zip(batches[::2], [*batches[1::2], []], strict=False):
            helper.give(its)
            yield from packer.pack(mine)
            yield from helper.take()


class _Packer:
    """Packs the proofs of one run."""

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self.folder = folder
        self.redactor = redactor
        self._store = EvidenceStore(folder)

    def pack(self, proofs: Iterable[EvidenceReport]) -> list[Packed]:
        """These proofs, without those that are gone."""
        return [packed for proof in proofs if (packed := self._packed(proof)) is not None]

    def _packed(self, proof: EvidenceReport) -> Packed | None:
        try:
            data = self._store.get(proof["path"], proof["sha256"])
        except ChangedEvidence:
            return Packed(proof["sha256"], changed=proof["path"])
        except FileNotFoundError:
            return None
        text = pack(self.redactor.text(decode(data))) if is_text(proof["media_type"]) else ""
        fragment = readable(data, proof["media_type"], self.redactor)
        return Packed(proof["sha256"], text, pack(fragment) if fragment else "")


def pack(text: str) -> str:
    """``text`` compressed (zlib) and in base 64, as the page's script unfolds it."""
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def unpack(packed: str) -> str:
    """What ``pack`` packed."""
    return zlib.decompress(base64.b64decode(packed)).decode()


class _Helper:
    """A second process that packs the batches that it is given; without it this one does the work."""

    def __init__(self, packer: _Packer) -> None:
        self._packer = packer
        self._given: Sequence[EvidenceReport] = ()
        self._lost = False

    def __enter__(self) -> Self:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "conformance.reporting.packing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._say((self._packer.folder, self._packer.redactor.words, self._packer.redactor.clear))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def give(self, proofs: Sequence[EvidenceReport]) -> None:
        """A batch to pack from now on."""
        self._given = proofs
        self._say(proofs)

    def take(self) -> list[Packed]:
        """The batch that was given, packed."""
        assert self._process.stdout is not None
        if not self._lost:
            try:
                return [Packed(*packed) for packed in pickle.load(self._process.stdout)]
            except (OSError, EOFError, pickle.UnpicklingError):
                self._lost = True
        return self._packer.pack(self._given)

    def _say(self, value: object) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(value, self._process.stdin)
            self._process.stdin.flush()
        except OSError:
            self._lost = True


def main() -> None:
    """The second process: what it needs to know, then batch after batch, until nobody asks any more."""
    folder, words, clear = pickle.load(sys.stdin.buffer)
    packer = _Packer(folder, Redactor(words, clear=clear))
    while True:
        try:
            proofs = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump([tuple(packed) for packed in packer.pack(proofs)], sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
