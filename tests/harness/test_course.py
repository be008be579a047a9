"""A stateful property of a profile: what fails is shortened to the shortest course that fails, kept, and played again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from conformance.core.language import Text
from conformance.harness.bench import Bench, bench_for
from conformance.harness.judgement import Unmet
from conformance.harness.story import Story
from conformance.harness.watched import Watched
from conformance.sut.codec import model


@model
class Steps:
    """What happened to a drawer, in order."""

    steps: tuple[str, ...]


class Drawer:
    """A drawer that, when faulty, loses a sheet that is put there after one was taken."""

    def __init__(self, faulty: bool) -> None:
        self.faulty, self.sheets, self.due, self.taken = faulty, 0, 0, False

    def step(self, name: str) -> None:
        if name == "put":
            self.sheets += not (self.faulty and self.taken)
            self.due += 1
        elif self.due:
            self.sheets, self.due, self.taken = self.sheets - 1, self.due - 1, True
        if self.sheets != self.due:
            raise Unmet(Text(f"{self.sheets} au lieu de {self.due}", f"{self.sheets} instead of {self.due}"))


class Course(RuleBasedStateMachine):
    def __init__(self, drawer: Callable[[], Drawer], failed: Callable[[Steps, Exception], NoReturn]) -> None:
        super().__init__()
        self.drawer, self.failed, self.steps = drawer(), failed, list[str]()

    def happens(self, name: str) -> None:
        self.steps.append(name)
        try:
            self.drawer.step(name)
        except Exception as error:
            self.failed(Steps(steps=tuple(self.steps)), error)

    @rule()
    def put(self) -> None:
        self.happens("put")

    @precondition(lambda self: self.drawer.due)
    @rule()
    def take(self) -> None:
        self.happens("take")


def shorter(one: Steps) -> Iterator[Steps]:
    for at in range(len(one.steps)):
        yield Steps(steps=one.steps[:at] + one.steps[at + 1 :])


def bench_of(folder: Path, record: Path | None = None, shrink: bool = True) -> Bench:
    options = {"examples": 30, "shrink": shrink}
    return bench_for(Watched(object(), Story(None)), Story(None), folder, options, 0, record, "test::course")


def played(bench: Bench, make: Callable[[], Drawer]) -> None:
    def holds(one: Steps) -> None:
        drawer = make()
        for name in one.steps:
            drawer.step(name)

    bench.for_any_course(partial(Course, make), Steps, holds, smaller=shorter, steps=8)


def test_a_product_without_fault_passes_every_course(tmp_path: Path) -> None:
    played(bench_of(tmp_path), lambda: Drawer(faulty=False))
    assert not (tmp_path / "counterexamples").exists()


def test_a_failure_is_shortened_kept_and_played_again(tmp_path: Path) -> None:
    with pytest.raises(Unmet):
        played(bench_of(tmp_path), lambda: Drawer(faulty=True))
    (kept,) = (tmp_path / "counterexamples").iterdir()
    assert kept.read_text("utf-8").count('"put"') == 2
    assert kept.read_text("utf-8").count('"take"') == 1
    with pytest.raises(Unmet):
        played(bench_of(tmp_path / "again", kept), lambda: Drawer(faulty=True))
    played(bench_of(tmp_path / "mended", kept), lambda: Drawer(faulty=False))


def test_a_failure_that_does_not_happen_again_is_kept_and_told_all_the_same(tmp_path: Path) -> None:
    made: list[Drawer] = []

    def once() -> Drawer:
        made.append(Drawer(faulty=not any(one.taken for one in made)))
        return made[-1]

    with pytest.raises(Unmet):
        played(bench_of(tmp_path), once)
    assert list((tmp_path / "counterexamples").iterdir())


def test_what_breaks_in_the_kit_is_no_counterexample(tmp_path: Path) -> None:
    class Broken(Drawer):
        def step(self, name: str) -> None:
            raise KeyError(name)

    with pytest.raises(KeyError):
        played(bench_of(tmp_path), lambda: Broken(faulty=False))
    assert not (tmp_path / "counterexamples").exists()
