"""The catalogue and the tests of the profiles agree: no unknown id, no unexplained gap, no stale one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from conformance.core.events import FactsOfTest
from conformance.harness.catalogue import State, coverage
from conformance.harness.collecting import by_requirement, collect
from conformance.harness.marks import CheckFacts
from conformance.harness.profile import all_profiles


@pytest.fixture(scope="module")
def collected() -> tuple[list[FactsOfTest], dict[str, CheckFacts]]:
    return collect(all_profiles())


def test_every_requirement_is_covered_or_explained(collected: tuple[list[FactsOfTest], dict[str, CheckFacts]]) -> None:
    found = coverage(by_requirement(collected[0]))
    assert not found.unknown
    assert [line.requirement.id for line in found.of(State.UNEXPLAINED)] == []
    assert [line.requirement.id for line in found.stale] == []


def test_every_test_says_what_it_checks_in_both_languages(
    collected: tuple[list[FactsOfTest], dict[str, CheckFacts]],
) -> None:
    for test_id, facts in collected[1].items():
        assert facts.requirements, test_id
        assert facts.title.fr, test_id
        assert facts.title.en, test_id
        assert facts.title.fr != facts.title.en, test_id


def test_the_attested_requirements_exist_and_no_test_covers_them(
    collected: tuple[list[FactsOfTest], dict[str, CheckFacts]],
) -> None:
    covered = set(by_requirement(collected[0]))
    for profile in all_profiles():
        assert not covered & set(profile.attested), profile.name


def test_list_says_the_same_in_json() -> None:
    command = [sys.executable, "-m", "conformance.cli.main", "list", "--format", "json", "--lang", "en"]
    lines = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)
    assert len(lines) > 200
    assert all(line["tests"] or line["gap"] for line in lines)
