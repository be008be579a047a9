"""The zoo: the reference product with seeded faults, judged by a profile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.lgc.faults import FAULTS
from conformance.lgc.process import ReferenceProduct
from tests.zoo.forking import PROGRAM, segur

OPTIONS = {
    "vsm": "examples = 15\nshrink = false\n",
    "biologie": "examples = 1\nshrink = false\n",
    "messagerie": "applicative = true\nexamples = 3\nshrink = false\npatience = 2.0\n",
    "alimentation": "examples = 1\nshrink = false\npatience = 5.0\nquiet = 0.05\nrestart = {restart}\n",
    "consultation": "patience = 4.0\nquiet = 0.05\n",
}
"""Profile → options that make a run short: a fault must show, it need not be shrunk. ``{restart}`` is the command that restarts the product."""

TOGETHER = {"vsm": 6, "biologie": 9, "messagerie": 16, "alimentation": 8, "consultation": 8}
"""Profile → how many faults share a run. A run takes five to ten seconds, and the faults are many: those that no test
names twice go together, and the run must fail by the sum of their tests. ``SEGUR_ZOO_ALONE=1`` runs each alone.
"""
BROAD = 12
"""A test that names more faults than this tells one story over everything (any record, a day of practice): its faults
may share a run, since their other tests tell them apart.
"""
HIDING = frozenset(
    {"drops_end_dates", "ignores_new_versions", "prefills_nothing", "treatment_of_another_patient", "wrong_status"}
)
"""Faults that others hide, or that hide others, though no test names both: each has a run of its own."""
SWEEPING = frozenset(
    {
        "compares_text",
        "flags_code_n",
        "flags_everything",
        "ignores_lower_bound",
        "ignores_units",
        "ignores_upper_bound",
        "rounds_before_comparing",
        "trusts_code_only",
        "trusts_interval_only",
    }
)
"""Faults that change how most results are judged: they hide other faults of ``SWEPT``, though no test names both."""
SWEPT = frozenset({"lab_judging", "lab_reading", "laboratory"})
"""The parts that such a fault hides others of."""

PARTED = frozenset(
    frozenset(pair)
    for pair in (
        ("breaks_references", "forgets_last_treatment"),
        ("code_outside_value_set", "takes_silence_for_absence"),
        ("ignores_the_block", "keeps_the_hash_of_the_former_version"),
        ("ignores_the_opposition", "deletes_nothing_under_an_opposition"),
        ("ignores_the_opposition", "forgets_what_waits"),
        ("ignores_the_opposition", "gives_up_at_the_first_failure"),
        ("ignores_the_opposition", "keeps_one_waiting_document"),
        ("ignores_an_opposition_that_comes_later", "keeps_one_waiting_document"),
        ("ignores_an_opposition_that_comes_later", "forgets_what_waits"),
        ("ignores_an_opposition_that_comes_later", "gives_up_at_the_first_failure"),
    )
)
"""Pairs that spoil each other's story: what one lets go, the other loses, or has refused."""


@dataclass(frozen=True)
class Catch:
    """What a profile says of one faulty product: exit code, tests that fail, tests that the bench broke."""

    exit_code: int
    failed: frozenset[str]
    broken: frozenset[str]
    verdicts: dict[str, str]
    said: str


def function_of(test_id: str) -> str:
    """The test without its parameters: ``test_identity.py::test_birth_names``."""
    return test_id.rpartition("/")[2].partition("[")[0]


@dataclass(frozen=True)
class Played:
    """A run of the reference product: its exit code, the folder of its report, what it said."""

    exit_code: int
    folder: Path
    said: str


@contextmanager
def staged(faults: Iterable[str], folder: Path) -> Iterator[list[str]]:
    """The reference product with these faults, as a process of its own; gives the command that judges it.

    The options of all profiles are those of ``OPTIONS``; the report goes to ``folder / "report"``.
    """
    with ReferenceProduct(tuple(faults), store=folder / "store") as product:
        config = folder / "segur.toml"
        tables = "".join(f"[profile.{name}]\n{options}" for name, options in OPTIONS.items())
        restart = json.dumps(product.restart_command)
        config.write_text(
            f'[adapter]\nkind = "http"\nurl = "{product.url}"\n{tables.replace("{restart}", restart)}', encoding="utf-8"
        )
        command = [*PROGRAM, "run", "--config", str(config), "--report", str(folder / "report")]
        yield [*command, "--format", "json", "--lang", "fr"]


def play(faults: Iterable[str], folder: Path, *options: str, timeout: float = 300) -> Played:
    """Play all profiles, or those that ``options`` choose, against the reference product with these faults."""
    with staged(faults, folder) as command:
        code, said = segur([*command[len(PROGRAM) :], *options], folder, timeout)
    return Played(code, folder / "report", said)


def judge(profile_name: str, faults: Iterable[str], folder: Path) -> Catch:
    """Play a profile against the reference product with these faults, both as processes of their own."""
    # Nothing is masked: the report goes to nobody.
    return catch_of(play(faults, folder, "--profile", profile_name, "--clear"))


def catch_of(played: Played, profile_name: str = "") -> Catch:
    """What a run says of the product; of the tests of one profile when it is named."""
    path = played.folder / "report.json"
    if not path.exists():
        return Catch(played.exit_code, frozenset(), frozenset(), {}, played.said)
    report = json.loads(path.read_text("utf-8"))
    tests = [test for test in report["tests"] if profile_name in ("", test["profile"])]
    verdicts = {test["id"]: test["verdict"] for test in tests}
    failed = frozenset(function_of(name) for name, verdict in verdicts.items() if verdict == "fail")
    broken = frozenset(
        function_of(name) for name, verdict in verdicts.items() if verdict in ("bench_error", "not_checked")
    )
    return Catch(played.exit_code, failed, broken, verdicts, played.said)


def cages() -> list[tuple[str, tuple[str, ...]]]:
    """The runs to make: profile and faults."""
    made = []
    for profile, by_fault in claims().items():
        most = 1 if os.environ.get("SEGUR_ZOO_ALONE") else TOGETHER.get(profile, 1)
        made += [(profile, tuple(cage)) for cage in _packed(by_fault, most)]
    return made


def _packed(by_fault: dict[str, set[str]], most: int) -> list[list[str]]:
    """The faults in cages of ``most`` at most: no two of a cage are caught by one test (but broad ones), spoil one
    method or hide one another; a fault that only a broad test catches is alone.
    """
    named = Counter(test for tests in by_fault.values() for test in tests)
    broad = {test for test, count in named.items() if count > BROAD}
    packed: list[tuple[list[str], set[str]]] = []
    alone: list[list[str]] = []
    for fault in sorted(by_fault, key=lambda name: (-len(by_fault[name]), name)):
        marks = by_fault[fault] - broad | _spoiled(fault)
        if not by_fault[fault] - broad or fault in HIDING:
            alone.append([fault])
            continue
        for cage, taken in packed:
            if len(cage) < most and not taken & marks and not any(_hides(fault, other) for other in cage):
                cage.append(fault)
                taken |= marks
                break
        else:
            packed.append(([fault], set(marks)))
    return [*alone, *(cage for cage, _ in packed)]


def _hides(one: str, other: str) -> bool:
    """Whether one of two faults hides the other."""
    swept = all(name in FAULTS and FAULTS[name].part in SWEPT for name in (one, other))
    return (swept and not SWEEPING.isdisjoint((one, other))) or frozenset((one, other)) in PARTED


def _spoiled(name: str) -> set[str]:
    """The methods that a fault replaces."""
    fault = FAULTS.get(name)
    return {f"{fault.part}.{method}" for method in vars(fault.replacement) if method[:2] != "__"} if fault else set()


@cache
def claims() -> dict[str, dict[str, set[str]]]:
    """Profile → fault → the tests that name it among what they catch."""
    command = [sys.executable, "-m", "conformance.cli.main", "list", "--dry-run", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, dict[str, set[str]]] = {}
    for test in json.loads(done.stdout):
        of_profile = found.setdefault(test["profile"], {})
        for fault in test["catches"]:
            of_profile.setdefault(fault, set()).add(function_of(test["id"]))
    return found
