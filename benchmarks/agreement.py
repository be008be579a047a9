"""How far our verdicts agree with the official ones on altered documents.

Replays ``corpus/verdicts/*.jsonl`` of the shared reference material: each line alters a published document
in one way and says what the official validators found. Prints, per file, the official-invalid documents
that we find non-conforming, how many of these we locate rightly, and the official-valid ones that we reject.

    python benchmarks/agreement.py [--shared DIR] [--every N] [--file NAME] [--differences] [--summary]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from lxml import etree

from conformance.cda.namespaces import short
from conformance.core.findings import Severity
from conformance.core.verdicts import Verdict
from conformance.validation.outcome import DocumentOutcome
from conformance.validation.pipeline import validate

SHARED = Path(os.environ.get("SEGUR_SHARED_DIR") or Path(__file__).resolve().parent.parent.parent / "shared")


@dataclass
class Score:
    """The figures of one file of verdicts, and the lines that differ."""

    invalid: int = 0
    found: int = 0
    located: int = 0
    valid: int = 0
    rejected: int = 0
    rejected_beyond: int = 0
    broken: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)

    def line(self, name: str) -> str:
        """One line of the table."""

        def share(part: int, whole: int) -> str:
            return f"{part}/{whole} ({100 * part / whole:.2f} %)" if whole else "–"

        return (
            f"{name:<28} found {share(self.found, self.invalid):<22} located {share(self.located, self.found):<22} "
            f"valid rejected {self.rejected}/{self.valid}, of which beyond the official rules {self.rejected_beyond}"
            + (f", layers broken {self.broken}" if self.broken else "")
        )


@cache
def _mutate(shared: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate", Path(shared) / "corpus" / "mutate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _source(path: str) -> bytes:
    return Path(path).read_bytes()


def altered(shared: Path, document: str, seed: int) -> bytes:
    """The altered document that a verdict speaks of."""
    parser = etree.XMLParser(huge_tree=True)
    root = etree.fromstring(_source(str(shared / "corpus" / "documents" / document)), parser)
    _mutate(str(shared)).mutate(root, seed)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def official_path(path: str) -> str:
    """A path of the verdicts (either form) as ours: names, positions other than the first."""
    path = re.sub(r"\{([^}]*)\}([\w.-]+)", lambda m: short(f"{{{m.group(1)}}}{m.group(2)}"), path)
    path = re.sub(r"\[1\]", "", path)
    if not path.startswith("/"):
        path = "/ClinicalDocument" + ("" if path in ("", ".") else "/" + path)
    return path


def our_path(xpath: str) -> str:
    """The XPath of a finding, without its attribute and without first positions."""
    return re.sub(r"\[1\]", "", re.sub(r"/@[^/]*\Z", "", xpath))


def parent_of(path: str) -> str:
    """The path one step up."""
    return path.rpartition("/")[0]


def well_placed(verdict: dict[str, Any], outcome: DocumentOutcome) -> bool:
    """Whether one error of ours sits on an official location, or on the altered node, its parent or a child."""
    official = {official_path(place[3]) for place in verdict["where"] if place[1] == "error"}
    node = official_path(verdict["path"])
    # A renamed element stands where it stood, under its new name (mutate.py adds an X).
    renamed = re.sub(r"(\[\d+\])?\Z", "X", node, count=1) if verdict["op"] == "rename" else node
    for finding in outcome.findings:
        if finding.severity is not Severity.ERROR:
            continue
        ours = our_path(finding.place.xpath)
        if ours in official or ours in (node, renamed, parent_of(node)) or parent_of(ours) in (node, renamed):
            return True
    return False


def judge(shared: Path, verdict: dict[str, Any]) -> dict[str, Any]:
    """What we say of one altered document, beside what the official validators say."""
    outcome = validate(altered(shared, verdict["doc"], verdict["seed"]), verdict["doc"])
    errors = [finding for finding in outcome.findings if finding.severity is Severity.ERROR]
    return {
        "verdict": verdict,
        "failed": outcome.verdict is Verdict.FAIL,
        "located": well_placed(verdict, outcome),
        "broken": [str(layer.reason) for layer in outcome.layers if layer.status == "failed"],
        "beyond": bool(errors) and all(finding.beyond_official for finding in errors),
        "errors": [(finding.rule, finding.place.xpath) for finding in errors][:5],
    }


def _judge_line(job: tuple[str, str]) -> dict[str, Any]:
    return judge(Path(job[0]), json.loads(job[1]))


def score(results: Iterator[dict[str, Any]]) -> Score:
    """Add up the results of one file."""
    total = Score()
    for result in results:
        total.broken += bool(result["broken"])
        if result["verdict"]["official"] == "invalid":
            total.invalid += 1
            total.found += result["failed"]
            total.located += result["failed"] and result["located"]
            if not (result["failed"] and result["located"]):
                total.differences.append(result)
        else:
            total.valid += 1
            total.rejected += result["failed"]
            total.rejected_beyond += result["failed"] and result["beyond"]
            if result["failed"]:
                total.differences.append(result)
    return total


def replay(shared: Path, name: str, every: int = 1, jobs: int = 1) -> Score:
    """Replay one file of verdicts, or one line in ``every``."""
    lines = (shared / "corpus" / "verdicts" / name).read_text("utf-8").splitlines()[::every]
    work = [(str(shared), line) for line in lines]
    if jobs == 1:
        return score(map(_judge_line, work))
    with ProcessPoolExecutor(jobs) as pool:
        return score(pool.map(_judge_line, work, chunksize=20))


def _say(result: dict[str, Any]) -> None:
    verdict = result["verdict"]
    kind = "not found" if not result["failed"] else "elsewhere"
    if verdict["official"] == "valid":
        kind = "rejected, beyond" if result["beyond"] else "REJECTED"
    altered_by = f"{verdict['op']} {verdict.get('attr') or ''} {verdict.get('val') or ''}".strip()
    where = sorted({f"{layer}:{tag}" for layer, severity, tag, _ in verdict["where"] if severity == "error"})
    layers = [name for name, count in verdict["layers"].items() if count]
    print(f"  {kind}: seed {verdict['seed']} {altered_by} at {official_path(verdict['path'])}")
    print(f"      official {layers} {where}; ours {result['errors']} {result['broken']}")


def main() -> None:
    """Print the table; with ``--differences`` what differs, line by line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--every", type=int, default=1, help="one line in so many")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--file", action="append", help="only these files of verdicts")
    parser.add_argument("--differences", action="store_true")
    parser.add_argument("--summary", action="store_true", help="count the rules that reject official-valid documents")
    options = parser.parse_args()
    names = options.file or sorted(path.name for path in (options.shared / "corpus" / "verdicts").glob("*.jsonl"))
    if not names:
        sys.exit(f"No verdicts to replay in {options.shared}: give the shared reference material with --shared DIR.")
    for name in names:
        total = replay(options.shared, name, options.every, options.jobs)
        print(total.line(name), flush=True)
        if options.differences:
            for result in total.differences:
                _say(result)
        if options.summary:
            beyond = Counter(
                r["errors"][0][0] for r in total.differences if r["verdict"]["official"] == "valid" and r["errors"]
            )
            for rule, count in beyond.most_common():
                print(f"  {count:>4} {rule}")


if __name__ == "__main__":
    main()
