"""The tests of the profiles without playing them: for ``segur list`` and the coverage of the catalogue."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from io import StringIO

import pytest

from conformance.core.errors import BenchError
from conformance.core.events import FactsOfTest
from conformance.core.language import Text
from conformance.harness.marks import CheckFacts, facts_of
from conformance.harness.plugin import facts_for, test_id
from conformance.harness.profile import Profile
from conformance.resources import data_folder


class _Ear:
    def __init__(self) -> None:
        self.tests: list[FactsOfTest] = []
        self.checks: dict[str, CheckFacts] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            facts = facts_of(item)
            if facts is not None:
                self.tests.append(facts_for(item, facts))
                self.checks[test_id(item)] = facts


def collect(profiles: Iterable[Profile]) -> tuple[list[FactsOfTest], dict[str, CheckFacts]]:
    """Every test of the profiles, as the event stream describes it, and what each states of itself.

    Raises ``BenchError`` when the collection itself fails.
    """
    root = data_folder("profiles")
    folders = [str(profile.folder) for profile in profiles]
    if not folders:
        return [], {}
    ear, said = _Ear(), StringIO()
    arguments = [
        *folders,
        "-c",
        str(root / "pytest.ini"),
        "--rootdir",
        str(root),
        "--collect-only",
        "-qq",
        "-p",
        "no:cacheprovider",
    ]
    os.environ.pop("PYTEST_ADDOPTS", None)  # options of other tests are none of ours
    with redirect_stdout(said):
        status = pytest.main(arguments, plugins=[ear])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise BenchError(
            "profile.collection",
            Text(
                f"Les profils ne se chargent pas : {said.getvalue()[-400:]}",
                f"The profiles cannot be loaded: {said.getvalue()[-400:]}",
            ),
            Text("Réinstallez le kit.", "Reinstall the kit."),
        )
    return ear.tests, ear.checks


def by_requirement(tests: Sequence[FactsOfTest]) -> dict[str, list[str]]:
    """Requirement id → ids of the tests that check it."""
    found: dict[str, list[str]] = {}
    for test in tests:
        for requirement in test["requirements"]:
            found.setdefault(requirement, []).append(test["id"])
    return found
