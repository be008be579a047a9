"""The official rules as we run them, against the plain pipeline: same verdicts, and at which speed.

The plain pipeline is what the publisher's tool does: the ISO Schematron stylesheets of the pack's own folder
turn each schematron into XSLT (includes, abstract patterns, SVRL), which SaxonC compiles and runs, one
schematron after the other, and the XML schema. It is run on a copy of the pack in which wrong letter case is
mended and missing value sets are filled from the pack itself, as we do in memory.

    python benchmarks/official.py --pack DIR [--shared DIR] [--live N] [--verdicts N] [--speed]

``--live N``: N altered documents (evenly spread, 0: all) and every example are judged by both, and each
failing assertion is compared: layer, role, node, message. ``--verdicts N``: as many are compared with the
recorded verdicts. ``--speed`` measures both in the same run. Without any of them: a small share of each.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from lxml import etree

from conformance.cda.reading import read_document
from conformance.validation.packs.cache import program_of
from conformance.validation.packs.pack import Pack, open_folder
from conformance.validation.packs.registry import rule_files
from conformance.validation.packs.results import OfficialResult
from conformance.validation.packs.runner import OfficialRules
from conformance.validation.packs.schemas import check_schema_files
from conformance.validation.packs.source import relative
from conformance.validation.packs.substitutes import Substitutes

SHARED = Path(os.environ.get("SEGUR_SHARED_DIR") or Path(__file__).resolve().parent.parent.parent / "shared")
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
STEPS = ("iso_dsdl_include.xsl", "iso_abstract_expand.xsl", "iso_svrl_for_xslt2.xsl")
VOLETS = {"VSM": "schematrons/CI-SIS_VSM_1.4_2022.01.sch", "BIO": "schematrons/CI-SIS_BIO-CR-BIO_2024.01.sch"}

MOST_RECORDED = 3
"""The recorded verdicts count no more errors of the XML schema than this."""

Found = tuple[str, str, str, str]
"""Layer, role, node, message."""


def mended_copy(pack: Pack, target: Path) -> list[str]:
    """A copy of the pack that the plain pipeline can run, with the ISO stylesheets; what was mended."""
    for path in {*rule_files(pack.source), *(p for p in pack.source.files() if p.endswith(".xsl") and "/iso_" in p)}:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pack.source.root / path, target / path)
    said = []
    substitutes = Substitutes(pack.source)
    for info in pack.manifest.schematrons:
        program = program_of(pack.source, info.path)
        for problem in program.problems:
            if not problem.mended:
                continue
            said.append(f"{problem.file}:{problem.line} {problem.details['href']} <- {problem.details['found']}")
            # A value set is asked for from the folder of the schematron, an include from its own file.
            base = problem.file if str(problem.kind) == "include-letter-case" else program.base
            copy = target / relative(problem.details["href"], base)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if str(problem.kind) == "value-set-missing":
                copy.write_bytes(substitutes.as_asked(problem.details["found"], problem.details["href"]))
            else:
                shutil.copy(pack.source.root / problem.details["found"], copy)
    return sorted(set(said))


class Plain:
    """The plain pipeline in one process; ``fresh`` makes every stylesheet anew."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        import saxonche

        self._folder = folder
        self._fresh = fresh
        self._processor = saxonche.PySaxonProcessor(license=False)
        self._xslt = self._processor.new_xslt30_processor()
        self._compiled: dict[str, Any] = {}
        self._schemas: dict[str, etree.XMLSchema] = {}

    def validates(self, file: Path, schema: str) -> int:
        """How many errors the XML schema finds."""
        if schema not in self._schemas:
            self._schemas[schema] = etree.XMLSchema(file=str(self._folder / schema))
        self._schemas[schema].validate(etree.parse(str(file), etree.XMLParser(huge_tree=True)))
        return len(self._schemas[schema].error_log)

    def run(self, layer: str, schematron: str, file: Path) -> list[Found]:
        """What one schematron finds. Raises the engine's error when an expression fails on the document."""
        svrl = self._stylesheet(schematron).transform_to_string(source_file=str(file))
        root = etree.fromstring(svrl.encode(), etree.XMLParser(huge_tree=True))
        return [
            (
                layer,
                element.get("role") or element.get("flag") or "error",
                node(element.get("location") or "/"),
                " ".join("".join(element.find(f"{SVRL}text").itertext()).split()),
            )
            for element in root.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report")
        ]

    def _stylesheet(self, schematron: str) -> Any:
        if schematron not in self._compiled:
            made = self._generated(self._folder / schematron)
            self._compiled[schematron] = self._xslt.compile_stylesheet(stylesheet_file=str(made))
        return self._compiled[schematron]

    def _generated(self, source: Path) -> Path:
        result = source.with_suffix(".plain.xsl")
        if result.exists() and not self._fresh:
            return result
        engine = next(self._folder.rglob(STEPS[0])).parent
        before = source
        for number, step in enumerate(STEPS):
            after = result if step == STEPS[-1] else source.with_suffix(f".plain{number}.xml")
            compiled = self._xslt.compile_stylesheet(stylesheet_file=str(engine / step))
            compiled.transform_to_file(source_file=str(before), output_file=str(after))
            before = after
        return result


def node(path: str) -> str:
    """A path that both sides write alike: local names, positions above the first."""
    path = re.sub(r"\[namespace-uri\(\)=(?:'[^']*'|\"[^\"]*\")\]|(?<=/)(?:\*|[\w.-]+):", "", path)
    return path.replace("[1]", "") or "/"


def ours(result: OfficialResult) -> list[Found]:
    """What we found, in the same words. What could not be evaluated says so."""
    return [
        (f.finding.layer.partition(".")[2], f.role or "error", node(f.finding.place.xpath), str(f.finding.message))
        for f in result.findings
    ]


def altered(shared: Path, share: int, mutate: Callable[..., Any]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The altered documents of the recorded verdicts (``share`` of them, evenly; 0: all), each with its line."""
    lines = [json.loads(line) for file in sorted((shared / "corpus/verdicts").glob("*.jsonl")) for line in file.open()]
    step = max(1, len(lines) // share) if share else 1
    for line in lines[::step]:
        tree = etree.parse(str(shared / "corpus/documents" / line["doc"]), etree.XMLParser(huge_tree=True))
        mutate(tree.getroot(), line["seed"])
        yield line, etree.tostring(tree, encoding="UTF-8", xml_declaration=True)


def load_mutate(shared: Path) -> Callable[..., Any]:
    """The deterministic alteration that the recorded verdicts speak of."""
    spec = importlib.util.spec_from_file_location("mutate", shared / "corpus/mutate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = module.mutate
    return function


def compare_live(pack: Pack, plain: Plain, documents: Iterator[tuple[str, Path, str | None]]) -> None:
    """Judge each document by both; print every difference and the count."""
    same = differing = failing = unevaluated = unloaded = 0
    with OfficialRules(pack) as rules:
        for name, file, volet in documents:
            result = rules.check(read_document(file.read_bytes(), name), volet)
            mine = Counter(found for found in ours(result) if found[0] != "xsd")
            theirs: Counter[Found] = Counter()
            broken: dict[str, str] = {}
            for layer in result.layers:
                if not layer.schematron or layer.name == "xsd":
                    continue
                try:
                    theirs.update(plain.run(layer.name, layer.schematron, file))
                except (
                    Exception
                ) as error:  # SaxonC raises its own types; a failure of the plain side is what we look for
                    broken[layer.name] = " ".join(str(error).split())
            # Where an expression fails, the plain pipeline gives nothing at all for that schematron.
            for layer_name, why in broken.items():
                refused = any(found.name == layer_name and str(found.state) == "not_checked" for found in result.layers)
                told = [f for f in result.findings if f.finding.layer == f"official.{layer_name}" and not f.evaluated]
                unloaded += refused
                unevaluated += bool(told)
                word = "does not load on either side" if refused else "cannot be evaluated"
                print(f"  {word}: {name}, {layer_name}: {why[:160]}")
                if not refused and not told:
                    differing += 1
                    print(f"! only the plain pipeline fails: {name}, {layer_name}")
                mine = Counter({found: n for found, n in mine.items() if found[0] != layer_name})
            failing += sum(theirs.values())
            if mine == theirs:
                same += 1
                continue
            differing += 1
            print(
                f"! differs: {name}: only ours {list((mine - theirs).elements())[:3]}, only plain {list((theirs - mine).elements())[:3]}"
            )
    print(
        f"live: {same + differing} documents, {same} identical ({failing} failing assertions at the same nodes with the same "
        f"messages), {differing} different; layers that fail to evaluate {unevaluated}, that do not load {unloaded}"
    )


def compare_recorded(pack: Pack, shared: Path, share: int) -> None:
    """Compare with the recorded verdicts: the document's verdict, the errors per layer, layer + severity + node."""
    mutate = load_mutate(shared)
    count = differing = evaluated = 0
    with OfficialRules(pack) as rules:
        for line, data in altered(shared, share, mutate):
            result = rules.check(read_document(data, line["doc"]), VOLETS[line["doc"][:3]])
            count += 1
            layers = {layer.name: layer.errors for layer in result.layers if layer.errors}
            if "xsd" in layers:
                layers["xsd"] = min(layers["xsd"], MOST_RECORDED)
            found = [
                (f.finding.layer.partition(".")[2], f.role or "error", node(f.finding.place.xpath))
                for f in result.findings
            ]
            mine = sorted(f for f in found if f[0] != "xsd" and f[1] != "info")
            theirs = sorted((layer, role, node(where)) for layer, role, _tag, where in line["where"])
            verdict = "invalid" if str(result.verdict) == "fail" else "valid"
            failed = {layer for layer, role, _ in theirs if role == "engine_error"}
            if failed:
                # The recorded run stopped at the first failure of that layer; we go on.
                evaluated += 1
                told = [f for f in result.findings if not f.evaluated]
                print(
                    f"  cannot be evaluated: {line['doc']} seed {line['seed']}: {told[0].finding.message if told else 'NOT TOLD'}"
                )
                mine, theirs = ([f for f in side if f[0] not in failed] for side in (mine, theirs))
                layers, line["layers"] = (
                    {k: v for k, v in d.items() if k not in failed} for d in (layers, line["layers"])
                )
            if verdict != line["official"] or layers != line["layers"] or mine != theirs:
                differing += 1
                print(f"! differs: {line['doc']} seed {line['seed']}: {layers} / {line['layers']}; {mine} / {theirs}")
    print(
        f"recorded: {count} documents, {count - differing} identical, {differing} different; {evaluated} with a rule that cannot be evaluated"
    )


# Speed -------------------------------------------------------------------------------------------------------


def speed(pack: Pack, folder: Path, documents: list[Path], rounds: int) -> None:
    """Both sides in the same run, turn by turn: from the shell to the first verdict, then per further document.

    Ours runs on the registered pack, in a cache folder that is empty (cold) or was filled by the run before
    (warm); the plain side makes every stylesheet anew, as it does for each document on the shell.
    """
    with tempfile.TemporaryDirectory() as data:
        environment = {"SEGUR_DATA_DIR": data}
        command = [sys.executable, "-m", "conformance.cli.main", "pack"]
        _timed([*command, "add", str(pack.source.root), "--name", "official"], environment)
        for file in documents:
            layers = _layers(pack, file)
            plainly = [
                sys.executable,
                __file__,
                "--plain",
                str(folder),
                str(file),
                json.dumps(layers),
                pack.manifest.schema,
            ]
            ours = [*command, "run", "--pack", "official", "--format", "json", str(file)]
            plain: list[Spent] = []
            cold: list[Spent] = []
            warm: list[Spent] = []
            for _ in range(rounds):
                plain.append(_timed(plainly, {}))
                with tempfile.TemporaryDirectory() as cache:
                    cold.append(_timed(ours, {**environment, "SEGUR_CACHE_DIR": cache}))
                    warm.append(_timed(ours, {**environment, "SEGUR_CACHE_DIR": cache}))
            print(f"{file.name} ({file.stat().st_size // 1000} kB), from the shell to the verdict, median of {rounds}:")
            print(f"  plain {_shown(plain)}")
            print(f"  ours, nothing cached {_shown(cold)}: {_ratio(plain, cold)}")
            print(f"  ours, warm cache {_shown(warm)}: {_ratio(plain, warm)}")
            _further(pack, folder, file, layers, rounds * 3)


Spent = tuple[float, float]
"""Seconds of wall time and of processor time."""


def _shown(times: list[Spent]) -> str:
    return f"{median(t[0] for t in times):.2f} s ({median(t[1] for t in times):.2f} s of processor)"


def _ratio(plain: list[Spent], ours: list[Spent]) -> str:
    wall, processor = (median(t[i] for t in plain) / median(t[i] for t in ours) for i in (0, 1))
    return f"1/{wall:.1f} (1/{processor:.1f})"


def _further(pack: Pack, folder: Path, file: Path, layers: list[tuple[str, str]], rounds: int) -> None:
    plain = Plain(folder)
    data = file.read_bytes()

    def plainly() -> None:
        plain.validates(file, pack.manifest.schema)
        for layer, schematron in layers:
            plain.run(layer, schematron, file)

    with OfficialRules(pack) as rules:

        def quickly() -> None:
            rules.check(read_document(data, file.name))

        plainly()
        quickly()
        theirs, mine = [], []
        for _ in range(rounds):
            theirs.append(_measured(plainly))
            mine.append(_measured(quickly))
    print(
        f"  per further document, median of {rounds} (best): plain {median(theirs) * 1000:.0f} ms ({min(theirs) * 1000:.0f}), "
        f"ours {median(mine) * 1000:.0f} ms ({min(mine) * 1000:.0f}): 1/{median(theirs) / median(mine):.1f} "
        f"(1/{min(theirs) / min(mine):.1f})",
        flush=True,
    )


def _layers(pack: Pack, file: Path) -> list[tuple[str, str]]:
    with OfficialRules(pack) as rules:
        result = rules.check(read_document(file.read_bytes(), file.name))
    return [(layer.name, layer.schematron) for layer in result.layers if layer.schematron and layer.name != "xsd"]


def _timed(command: list[str], environment: dict[str, str]) -> Spent:
    before = os.times()
    started = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=False)
    wall = time.perf_counter() - started
    after = os.times()
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, spent


def _measured(function: Callable[[], None]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def _plain_once(folder: str, file: str, layers: str, schema: str) -> None:
    """What ``--speed`` times in a process of its own: everything made anew."""
    plain = Plain(Path(folder), fresh=True)
    found = plain.validates(Path(file), schema)
    for layer, schematron in json.loads(layers):
        found += len(plain.run(layer, schematron, Path(file)))
    print(found)


def main() -> None:
    """Run what the arguments ask for."""
    if sys.argv[1:2] == ["--plain"]:
        return _plain_once(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", type=Path, default=os.environ.get("SEGUR_PACK_DIR"))
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--live", type=int)
    parser.add_argument("--verdicts", type=int)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not options.pack:
        parser.error("--pack, or SEGUR_PACK_DIR, must name the folder of the pack")
    pack = open_folder(Path(options.pack))
    nothing = options.live is None and options.verdicts is None and not options.speed
    fault = check_schema_files(pack.source, pack.manifest.schema)
    print(f"{pack.name}: {len(pack.manifest.schematrons)} schematrons, XML schema {fault or 'loads'}")
    with tempfile.TemporaryDirectory(prefix="segur-plain-") as temporary:
        folder = Path(temporary)
        for mend in mended_copy(pack, folder):
            print("  mended:", mend)
        examples = sorted((pack.source.root / "ExemplesCDA").glob("*.xml"))
        if options.live is not None or nothing:
            share = 60 if options.live is None else options.live
            compare_live(pack, Plain(folder), _documents(examples, options.shared, share, folder))
        if options.verdicts is not None or nothing:
            compare_recorded(pack, options.shared, 120 if options.verdicts is None else options.verdicts)
        if options.speed or nothing:
            wanted = ("VSM_1.4_2022.01.xml", "BIO-CR-BIO_2024.01_Electrophorese.xml")
            speed(pack, folder, [file for name in wanted for file in examples if file.name == name], options.rounds)
    return None


def _documents(examples: list[Path], shared: Path, share: int, folder: Path) -> Iterator[tuple[str, Path, str | None]]:
    for file in examples:
        yield file.name, file, None
    for line, data in altered(shared, share, load_mutate(shared)):
        file = folder / "altered.xml"
        file.write_bytes(data)
        yield f"{line['doc']} seed {line['seed']}", file, VOLETS[line["doc"][:3]]


if __name__ == "__main__":
    main()
