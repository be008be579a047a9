"""The README is true: its two languages hold the same commands, its links lead somewhere, its commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cli.main import COMMANDS

BOTH = ("README.md", "README.fr.md")


def marked(path: Path) -> dict[str, str]:
    text = path.read_text("utf-8")
    return dict(re.findall(r"<!-- command: (\w+) -->\n```sh\n(.+)\n```", text))


def test_the_two_commands_are_the_same_in_both_languages(root: Path) -> None:
    english, french = (marked(root / name) for name in BOTH)
    assert set(english) == {"demo", "tests"}
    assert english == french
    assert english["demo"].endswith("&& .venv/bin/segur demo")
    assert english["tests"].endswith("&& .venv/bin/pytest")


@pytest.mark.parametrize("name", BOTH)
def test_every_command_named_exists(name: str, root: Path) -> None:
    named = set(re.findall(r"segur (?!demo-)([a-z]+)\b", (root / name).read_text("utf-8"))) - {"conformance"}
    assert {word for word in named if word in COMMANDS}, "no command found: the pattern is wrong"
    for command in re.findall(r"(?:\.venv/bin/|`)segur ([a-z]+)", (root / name).read_text("utf-8")):
        assert command in COMMANDS, command


def test_every_command_of_the_list_can_be_asked_for_help() -> None:
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "conformance.cli.main", command, "--help", "--lang", "en"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stderr)
        assert "Usage" in done.stdout


def test_links_lead_to_files(root: Path) -> None:
    for page in [*root.glob("*.md"), *root.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_each_page_has_its_mirror_in_the_other_language(root: Path) -> None:
    english = {page.name for page in root.glob("docs/*.md") if ".fr." not in page.name} - {"zoo.md"}
    french = {page.name.replace(".fr.", ".") for page in root.glob("docs/*.fr.md")}
    assert english == french, "zoo.md alone is written by a program, for both"


def test_the_two_readmes_have_the_same_sections(root: Path) -> None:
    english, french = ((root / name).read_text("utf-8") for name in BOTH)
    assert len(re.findall(r"^## ", english, re.M)) == len(re.findall(r"^## ", french, re.M))
    fences = [re.findall(r"```(\w+)", text) for text in (english, french)]
    assert fences[0] == fences[1]
