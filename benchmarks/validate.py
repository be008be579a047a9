"""How fast a document is validated: against the official layers in the same run, from the shell, and as it grows.

    python benchmarks/validate.py [--pack DIR] [--shared DIR] [--rounds N] [--largest MB]

``--pack`` is the publisher's folder (see docs/packs.md): without it the comparison is left out. The plain pipeline is
that of ``benchmarks/official.py``. Growth is measured on a VSM whose problem list is repeated.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from altering import SHARED
from lxml import etree

from conformance.validation.pipeline import validate

COMPARED = {"VSM_1.4_2022.01.xml": 30, "BIO-CR-BIO_2024.01_Electrophorese.xml": 20}
"""Document → how many times faster than the official layers we mean to be."""

OTHER_TIMES = 8
"""How often the quicker of two is run for one run of the slower."""

ENTRY = "{urn:hl7-org:v3}entry"


def timed(work: Callable[[], object], rounds: int) -> float:
    """The median of several rounds, in seconds, after one that warms up."""
    work()
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return median(found)


def turn_by_turn(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """The medians of both in seconds and of their ratio, after one round that warms up.

    A machine that others use runs at one speed now and at another later: each ratio is of neighbours in time.
    """
    one(), other()
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        one()
        between = time.perf_counter()
        for _ in range(OTHER_TIMES):
            other()
        ended = time.perf_counter()
        found.append((between - started, (ended - between) / OTHER_TIMES))
    return (
        median(slow for slow, _ in found),
        median(quick for _, quick in found),
        median(slow / quick for slow, quick in found),
    )


def against_the_official(pack: Path, documents: Path, rounds: int) -> None:
    """Our layers and the official ones, warm, in the same process, turn by turn."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from official import Plain, _layers, mended_copy

    from conformance.validation.packs.pack import open_folder

    opened = open_folder(pack)
    with tempfile.TemporaryDirectory() as folder:
        mended_copy(opened, Path(folder))
        plain = Plain(Path(folder))
        for name, goal in COMPARED.items():
            file = documents / name
            data = file.read_bytes()
            layers = _layers(opened, file)

            def theirs(file: Path = file, layers: list[tuple[str, str]] = layers) -> None:
                plain.validates(file, opened.manifest.schema)
                for layer, schematron in layers:
                    plain.run(layer, schematron, file)

            official, ours, ratio = turn_by_turn(theirs, lambda data=data: validate(data), rounds)
            print(
                f"{name} ({len(data) // 1000} kB), warm: official {official * 1000:.0f} ms, ours {ours * 1000:.1f} ms, "
                f"1/{ratio:.0f} (aim 1/{goal})"
            )


def from_the_shell(document: Path, rounds: int) -> None:
    """The wall time of ``segur validate`` on one document."""
    command = [sys.executable, "-m", "conformance.cli.main", "validate", str(document)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = timed(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True), rounds)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / (rounds + 1)
    print(f"segur validate {document.name}, from the shell: {seconds:.2f} s (aim 1.5 s), {spent:.2f} s of processor")


def grown(data: bytes, size: int) -> bytes:
    """The document with its entries repeated until it has about ``size`` bytes; ids stay unique."""
    root = etree.fromstring(data, etree.XMLParser(huge_tree=True))
    entry = next(root.iter(ENTRY))
    section = entry.getparent()
    assert section is not None
    for node in entry.iter("*"):
        node.attrib.pop("ID", None)
    one = len(etree.tostring(entry))
    for number in range(max(0, (size - len(data)) // one)):
        again = copy.deepcopy(entry)
        for identifier in again.iter("{urn:hl7-org:v3}id"):
            identifier.set("extension", str(number))
        section.append(again)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def high_water() -> float:
    """Peak memory of this program, in MB; the figure of ``getrusage`` would include the parent's before ``exec``."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024  # type: ignore[index]  # always there
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_once(path: str) -> None:
    """In a process of its own: time and peak memory for one document, as JSON."""
    data = Path(path).read_bytes()
    started = time.perf_counter()
    outcome = validate(data)
    seconds = time.perf_counter() - started
    peak = high_water()
    broken = [str(layer.reason) for layer in outcome.layers if layer.status == "failed"]
    print(json.dumps({"seconds": seconds, "peak": peak, "findings": len(outcome.findings), "broken": broken}))


def growth(document: Path, largest: int) -> None:
    """Time and memory up to ``largest`` megabytes."""
    data = document.read_bytes()
    sizes = [size for size in (1, 2, 5, 10, 20, 50) if size <= largest]
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.xml"
            path.write_bytes(grown(data, size * 1_000_000))
            done = subprocess.run(
                [sys.executable, __file__, "--once", str(path)], capture_output=True, text=True, check=True
            )
            found = json.loads(done.stdout)
            megabytes = path.stat().st_size / 1e6
            print(
                f"{megabytes:6.1f} MB: {found['seconds']:6.2f} s ({found['seconds'] / megabytes:.3f} s/MB), peak {found['peak']:5.0f} MB "
                f"({found['peak'] / megabytes:.0f} per MB), {found['findings']} findings{' BROKEN ' + str(found['broken']) if found['broken'] else ''}"
            )


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--largest", type=int, default=50)
    parser.add_argument("--once", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        measure_once(options.once)
        return
    documents = options.shared / "corpus" / "documents"
    if options.pack:
        against_the_official(options.pack, documents, options.rounds)
    from_the_shell(documents / "VSM_1.4_2022.01.xml", options.rounds)
    growth(documents / "VSM_1.4_2022.01.xml", options.largest)


if __name__ == "__main__":
    main()
