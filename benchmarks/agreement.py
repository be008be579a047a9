"""How far our verdicts agree with the official ones on altered documents.

Replays ``corpus/verdicts/*.jsonl`` of the shared reference material: each line alters a published document
in one way and says what the official validators found. Prints, per file, the official-invalid documents
that we find non-conforming, how many of these we locate rightly, and the official-valid ones that we reject.

    python benchmarks/agreement.py [--shared DIR] [--every N] [--differences] [--summary]
    python benchmarks/agreement.py --documents DIR --verdicts FILE… [--by-kind] …

The second form replays verdicts made by ``verdicts.py`` on other documents and alterations. Of a document whose
content the kit does not claim to check, only the official layers ``xsd`` and ``minimal`` count.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from altering import SHARED, altered

from conformance.cda.namespaces import short
from conformance.core.findings import Severity
from conformance.core.verdicts import Verdict
from conformance.validation.outcome import DocumentOutcome
from conformance.validation.pipeline import validate

HEADER_LAYERS = frozenset({"xsd", "minimal"})
"""The official layers that count where the kit does not claim to check the content."""

Job = tuple[Path, Path, str]
"""The folder of the documents, the shared material, the line of the verdict."""


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


def official_path(path: str, root: str = "ClinicalDocument") -> str:
    """A path of the verdicts (either form) as ours: names, positions other than the first."""
    path = re.sub(r"\{([^}]*)\}([\w.-]+)", lambda m: short(f"{{{m.group(1)}}}{m.group(2)}"), path)
    path = re.sub(r"\[1\]", "", path)
    if not path.startswith("/"):
        path = f"/{root}" + ("" if path in ("", ".") else "/" + path)
    return path


def our_path(xpath: str) -> str:
    """The XPath of a finding, without its attribute and without first positions."""
    return re.sub(r"\[1\]", "", re.sub(r"/@[^/]*\Z", "", xpath))


def parent_of(path: str) -> str:
    """The path one step up; the name of a namespace may hold slashes."""
    return re.sub(r"/(\{[^}]*\})?[^/{}]*\Z", "", path)


def well_placed(verdict: dict[str, Any], outcome: DocumentOutcome, layers: set[str]) -> bool:
    """Whether one error of ours sits on an official location, or on the altered node, its parent or a child."""
    official = {official_path(place[3]) for place in verdict["where"] if place[1] == "error" and place[0] in layers}
    node = official_path(verdict["path"], verdict.get("root", "ClinicalDocument"))
    # A renamed element stands where it stood, under its new name (mutate.py adds an X).
    renamed = re.sub(r"(\[\d+\])?\Z", "X", node, count=1) if verdict["op"] == "rename" else node
    for finding in outcome.findings:
        if finding.severity is not Severity.ERROR:
            continue
        ours = our_path(finding.place.xpath)
        if ours in official or ours in (node, renamed, parent_of(node)) or parent_of(ours) in (node, renamed):
            return True
    return False


def judge(job: Job) -> dict[str, Any]:
    """What we say of one altered document, beside what the official validators say."""
    folder, shared, line = job
    verdict = json.loads(line)
    what, data = altered(folder, shared, verdict["doc"], verdict["seed"], verdict.get("by", "corpus"))
    if (what["op"], what["path"]) != (verdict["op"], verdict["path"]):
        raise SystemExit(
            f"{verdict['doc']} seed {verdict['seed']}: the verdict speaks of another alteration. Make it anew."
        )
    outcome = validate(data, verdict["doc"])
    kind = outcome.document_type
    counted = {
        layer for layer in verdict["layers"] if layer in HEADER_LAYERS or (kind is not None and kind.content_checked)
    }
    errors = [finding for finding in outcome.findings if finding.severity is Severity.ERROR]
    return {
        "verdict": verdict,
        "kind": kind.key if kind else "unreadable",
        "invalid": bool(counted),
        "failed": outcome.verdict is Verdict.FAIL,
        "located": well_placed(verdict, outcome, counted),
        "broken": [str(layer.reason) for layer in outcome.layers if layer.status == "failed"],
        "beyond": bool(errors) and all(finding.beyond_official for finding in errors),
        "errors": sorted({(finding.beyond_official, finding.rule, finding.place.xpath) for finding in errors})[:5],
    }


def score(results: Iterable[dict[str, Any]]) -> Score:
    """Add up results."""
    total = Score()
    for result in results:
        total.broken += bool(result["broken"])
        if result["invalid"]:
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


def replay(folder: Path, shared: Path, file: Path, every: int = 1, jobs: int = 1) -> list[dict[str, Any]]:
    """Replay one file of verdicts, or one line in ``every``."""
    work = [(folder, shared, line) for line in file.read_text("utf-8").splitlines()[::every]]
    if jobs == 1:
        return [judge(job) for job in work]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(judge, work, chunksize=20))


def _say(result: dict[str, Any]) -> None:
    verdict = result["verdict"]
    kind = "not found" if not result["failed"] else "elsewhere"
    if not result["invalid"]:
        kind = "rejected, beyond" if result["beyond"] else "REJECTED"
    altered_by = f"{verdict['op']} {verdict.get('attr') or ''} {verdict.get('val') or ''}".strip()
    where = sorted({f"{layer}:{tag}" for layer, severity, tag, _ in verdict["where"] if severity == "error"})
    layers = [name for name, count in verdict["layers"].items() if count]
    print(f"  {kind}: {verdict['doc']} seed {verdict['seed']} {altered_by} at {verdict['path']}")
    print(f"      official {layers} {where}; ours {result['errors']} {result['broken']}")


def main() -> None:
    """Print the table; with ``--differences`` what differs, line by line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--every", type=int, default=1, help="one line in so many")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--documents", type=Path, help="the folder of the documents that were altered")
    parser.add_argument("--verdicts", type=Path, nargs="+", help="other files of verdicts than the shared ones")
    parser.add_argument("--by-kind", action="store_true", help="one line for each kind of document, not for each file")
    parser.add_argument("--differences", action="store_true")
    parser.add_argument("--summary", action="store_true", help="count the rules that reject official-valid documents")
    options = parser.parse_args()
    folder = options.documents or options.shared / "corpus" / "documents"
    files = options.verdicts or sorted((options.shared / "corpus" / "verdicts").glob("*.jsonl"))
    if not files:
        sys.exit(f"No verdicts to replay in {options.shared}: give the shared reference material with --shared DIR.")
    results = {file.name: replay(folder, options.shared, file, options.every, options.jobs) for file in files}
    for name, group in _by_kind(results).items() if options.by_kind else results.items():
        total = score(group)
        print(total.line(name), flush=True)
        if options.differences:
            for result in total.differences:
                _say(result)
        if options.summary:
            beyond = Counter(r["errors"][0][1] for r in total.differences if not r["invalid"] and r["errors"])
            for rule, count in beyond.most_common():
                print(f"  {count:>4} {rule}")


def _by_kind(results: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The results of all files, by kind of document."""
    kinds: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for group in results.values():
        for result in group:
            kinds[result["kind"]].append(result)
    return dict(sorted(kinds.items()))


if __name__ == "__main__":
    main()
