"""Faulty products prove the profiles: each fault is caught by exactly the tests that name it, and by no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.verdicts import ExitCode
from conformance.harness.profile import all_profiles
from conformance.lgc.faults import FAULTS
from tests.zoo.matrix import PAGE, page
from tests.zoo.zoo import Played, cages, catch_of, claims, judge

CAGES = cages()


@pytest.mark.parametrize(
    ("profile", "faults"), CAGES, ids=[f"{profile}-{'+'.join(faults)}" for profile, faults in CAGES]
)
def test_faults_are_caught_by_exactly_the_tests_that_name_them(
    profile: str, faults: tuple[str, ...], tmp_path: Path
) -> None:
    catch = judge(profile, faults, tmp_path)
    assert catch.exit_code == ExitCode.FAIL, catch.said
    assert not catch.broken, catch.said
    assert set(catch.failed) == {test for fault in faults for test in claims()[profile][fault]}


@pytest.mark.parametrize("profile", [profile.name for profile in all_profiles()])
def test_the_good_product_passes(profile: str, reference_run: Played) -> None:
    catch = catch_of(reference_run, profile)
    assert catch.exit_code == ExitCode.PASS, catch.said
    assert catch.verdicts
    assert set(catch.verdicts.values()) <= {"pass", "not_applicable", "to_review"}


def test_no_fault_escapes_every_profile() -> None:
    caught = {fault for _, faults in CAGES for fault in faults}
    assert sorted(set(FAULTS) - caught) == []


def test_no_test_names_a_fault_that_does_not_exist() -> None:
    assert sorted({fault for _, faults in CAGES for fault in faults} - set(FAULTS)) == []


def test_the_page_of_the_docs_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python tests/zoo/matrix.py"
