"""Makes official verdicts on altered documents, in the form of the shared ones, for ``agreement.py`` to replay.

    python benchmarks/verdicts.py --pack DIR --documents DIR [--only TEXT]… --seeds 5000:6000 [--by own] > new.jsonl
    python benchmarks/agreement.py --documents DIR --verdicts new.jsonl

``--by corpus`` alters with ``corpus/mutate.py``, ``--by own`` with ``alterations.py``, ``--by none`` not at all.
The seeds go round: each alters the next document. Each line says what was altered, and what the rules of the pack say: errors by layer, and where.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from altering import SHARED, altered

from conformance.cda.reading import Limits, read_document
from conformance.core.errors import DocumentError
from conformance.validation.packs.pack import open_folder
from conformance.validation.packs.results import LayerState
from conformance.validation.packs.runner import OfficialRules


class Stopped(Exception):
    """The official rules were stopped by a limit: there is no verdict."""


def verdict(rules: OfficialRules, data: bytes, what: dict[str, Any], volet: str | None) -> dict[str, Any]:
    """The line of one altered document."""
    result = rules.check(read_document(data, what["doc"], Limits()), volet)
    stopped = [layer.name for layer in result.layers if layer.state is LayerState.FAILED]
    if stopped:
        raise Stopped(", ".join(stopped))
    where = [
        (f.finding.layer.partition(".")[2], f.role or "error", f.finding.rule, f.finding.place.xpath)
        for f in result.findings
    ]
    layers = {layer.name: layer.errors for layer in result.layers if layer.errors}
    unchecked = [layer.name for layer in result.layers if layer.state is LayerState.NOT_CHECKED]
    return {
        **what,
        "official": "invalid" if layers else "valid",
        "layers": layers,
        "unchecked": unchecked,
        "volet": result.volet,
        "where": where[:60],
    }


def main() -> None:
    """Write the lines to standard output, for ``--minutes`` at most."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--documents", type=Path, required=True)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--only", action="append", default=[], help="documents whose name holds this text")
    parser.add_argument("--seeds", default="0:1", help="from:to")
    parser.add_argument("--by", choices=("corpus", "own", "none"), default="own")
    parser.add_argument("--volet", help="the volet to apply, instead of the document's own")
    parser.add_argument("--minutes", type=float, default=1e9)
    options = parser.parse_args()
    start, end = map(int, options.seeds.split(":"))
    files = [
        f for f in sorted(options.documents.glob("*.xml")) if not options.only or any(t in f.name for t in options.only)
    ]
    began = time.monotonic()
    with OfficialRules(open_folder(options.pack)) as rules:
        for seed in range(start, end):
            file = files[seed % len(files)]
            if time.monotonic() - began > options.minutes * 60:
                sys.exit(f"time is up at seed {seed}")
            what, data = altered(options.documents, options.shared, file.name, seed, options.by)
            try:
                line = verdict(rules, data, what, options.volet)
            except (DocumentError, Stopped) as error:
                print(f"{file.name} seed {seed}: {error}", file=sys.stderr)
                continue
            print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
