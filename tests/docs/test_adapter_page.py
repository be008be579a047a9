"""The page on adapters is true: its code passes the check, its table is what the profiles ask."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.core.verdicts import ExitCode
from conformance.harness.profile import all_profiles
from conformance.sut.operations import OPERATIONS

PAGES = ("docs/adapter.md", "docs/adapter.fr.md")


def files_of(page: Path) -> dict[str, str]:
    """The files that the page shows, by name."""
    return dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", page.read_text("utf-8"), re.S))


@pytest.fixture
def practice(root: Path, tmp_path: Path) -> Path:
    """A folder with the files of the page, as a reader would have written them."""
    for name, text in files_of(root / PAGES[0]).items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def segur(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conformance.cli.main", *arguments, "--lang", "en"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_both_languages_show_the_same_files(root: Path) -> None:
    english, french = (files_of(root / page) for page in PAGES)
    assert set(english) == {"adapter.py", "segur.toml"}
    assert english == french


def test_the_adapter_shown_is_proven(practice: Path) -> None:
    done = segur(practice, "sut", "check", "--config", "segur.toml")
    assert done.returncode == ExitCode.PASS, done.stdout + done.stderr


def test_an_object_beside_the_reader_is_found_without_a_configuration(practice: Path) -> None:
    done = segur(practice, "sut", "check", "--target", "adapter:Practice")
    assert done.returncode == ExitCode.PASS, done.stdout + done.stderr


def test_the_adapter_beside_segur_toml_is_found_from_elsewhere(
    practice: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    done = segur(
        tmp_path_factory.mktemp("elsewhere"), "run", "--config", str(practice / "segur.toml"),
        "--profile", "vsm", "--test", "test_the_bytes_are_readable", "--format", "json",
    )  # fmt: skip
    assert done.returncode == ExitCode.INCOMPLETE, done.stdout + done.stderr
    assert "does not offer the operation “generate_document”" in done.stdout


def test_an_adapter_that_does_not_load_stops_the_run_before_any_test(practice: Path) -> None:
    (practice / "segur.toml").write_text('[adapter]\nkind = "python"\ntarget = "adapter:Nowhere"\n', "utf-8")
    done = segur(practice, "run", "--profile", "vsm")
    assert done.returncode == ExitCode.USAGE
    assert "“adapter:Nowhere” cannot be loaded" in done.stderr
    assert not (practice / "segur-report" / "report.json").exists()


@pytest.mark.parametrize("page", PAGES)
def test_the_table_holds_every_operation_with_its_route(page: str, root: Path) -> None:
    shown = re.findall(r"^\| `(\w+)` \| `(\w+) (\S+)` \|", (root / page).read_text("utf-8"), re.M)
    assert shown == [(one.name, one.method, one.path) for one in OPERATIONS]


@pytest.mark.parametrize("page", PAGES)
def test_the_table_says_what_each_profile_asks(page: str, root: Path) -> None:
    """What tests and what they share call by name; a profile that calls a new operation must be marked."""
    text = (root / page).read_text("utf-8")
    head = re.search(r"^\| op\S+ \| route \| (.*) \|$", text, re.M)
    assert head is not None
    profiles = head.group(1).split(" | ")
    assert profiles == [each.name for each in all_profiles()]
    marked: dict[str, set[str]] = {name: set() for name in profiles}
    for name, cells in re.findall(r"^\| `(\w+)` \| `[^`]+` \| (.*) \|$", text, re.M):
        for profile, cell in zip(profiles, cells.split(" | "), strict=True):
            if cell.strip():
                marked[profile].add(name)
    for each in all_profiles():
        source = "".join(path.read_text("utf-8") for path in each.folder.glob("test_*.py"))
        called = set(re.findall(r"\bproduct\.(\w+)\(", source)) & {one.name for one in OPERATIONS}
        assert called <= marked[each.name], each.name
