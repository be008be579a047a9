"""The examples for continuous integration: valid for their server, and their commands do what they say."""

from __future__ import annotations

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.lgc.process import ReferenceProduct

REPLACED = re.compile(r"pip install|venv|start-my-product")
"""Lines that a machine without registry or product of its own cannot run: installing, starting the product."""


def read(root: Path, name: str) -> Any:
    return yaml.safe_load((root / "docs/ci" / name).read_text("utf-8"))


def commands_of(root: Path, name: str) -> list[str]:
    """The shell lines of an example, in the order in which its server runs them."""
    if name == "github-actions.yml":
        return [
            line for step in read(root, name)["jobs"]["segur"]["steps"] for line in step.get("run", "").splitlines()
        ]
    if name == "gitlab-ci.yml":
        job = read(root, name)["segur"]
        return [*job["script"], *job["after_script"]]
    return re.findall(r"sh '([^']+)'", (root / "docs/ci" / name).read_text("utf-8"))


def kept_by(root: Path, name: str) -> list[str]:
    """The files that an example keeps, as patterns."""
    text = (root / "docs/ci" / name).read_text("utf-8")
    return sorted(set(re.findall(r"segur-report/[\w.*-]+", text)))


@pytest.mark.parametrize(
    ("name", "schema"), [("github-actions.yml", "vendor.github-workflows"), ("gitlab-ci.yml", "vendor.gitlab-ci")]
)
def test_example_is_valid_for_its_server(root: Path, name: str, schema: str) -> None:
    pytest.importorskip("check_jsonschema", reason="needs check-jsonschema (the extra dev)")
    options = ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *options]
    done = subprocess.run([*command, str(root / "docs/ci" / name)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[dict[str, str]]:
    """A vendor's checkout: a product that runs, its segur.toml, the command ``segur`` on the path."""
    folder = tmp_path_factory.mktemp("vendor")
    binaries = folder / "bin"
    binaries.mkdir()
    (binaries / "segur").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance.cli.main "$@"\n', "utf-8")
    (binaries / "segur").chmod(0o755)
    with ReferenceProduct(()) as product:
        (folder / "segur.toml").write_text(f'[adapter]\nkind = "http"\nurl = "{product.url}"\n', "utf-8")
        yield {
            **os.environ,
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "PYTHONPATH": str(root),
            "GITHUB_STEP_SUMMARY": str(folder / "step-summary.md"),
            "VENDOR": str(folder),
        }


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml", "Jenkinsfile"])
def test_commands_run_and_leave_what_is_kept(root: Path, vendor: dict[str, str], name: str) -> None:
    folder = Path(vendor["VENDOR"])
    shutil.rmtree(folder / "segur-report", ignore_errors=True)
    commands = [line for line in commands_of(root, name) if not REPLACED.search(line)]
    assert sum(line.startswith("segur ") for line in commands) >= 3
    for line in commands:
        # One short test is enough here: the whole profiles are played elsewhere.
        line = line.replace("segur run ", "segur run --test test_empty ")
        done = subprocess.run(line, shell=True, cwd=folder, env=vendor, capture_output=True, text=True, timeout=280)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    for pattern in kept_by(root, name):
        assert glob.glob(str(folder / pattern)), pattern


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml", "Jenkinsfile"])
def test_nothing_in_clear_is_kept(root: Path, name: str) -> None:
    assert not [one for one in kept_by(root, name) if "raw" in one or "bundle" in one or one.endswith("/*")]


@pytest.mark.parametrize("name", ["docs/ci/pre-commit-config.yaml", ".pre-commit-hooks.yaml"])
def test_hook_refuses_a_wrong_document_and_lets_a_right_one_pass(
    root: Path, vendor: dict[str, str], shared: Path, tmp_path: Path, name: str
) -> None:
    value = yaml.safe_load((root / name).read_text("utf-8"))
    hook = value["repos"][0]["hooks"][0] if isinstance(value, dict) else value[0]
    right = tmp_path / "right.xml"
    shutil.copy(shared / "corpus/documents/VSM_1.4_2022.01.xml", right)
    wrong = tmp_path / "wrong.xml"
    wrong.write_text(right.read_text("utf-8").replace("<recordTarget", "<recordTargets", 1), "utf-8")
    # As pre-commit calls it: the entry, then the files of the commit.
    codes = [
        subprocess.run([*hook["entry"].split(), str(file)], env=vendor, capture_output=True, timeout=120).returncode
        for file in (right, wrong)
    ]
    assert codes == [0, 1]


def test_hook_looks_at_cda_documents_alone(root: Path) -> None:
    hook = read(root, "pre-commit-config.yaml")["repos"][0]["hooks"][0]
    assert re.search(hook["files"], "documents/a/vsm.xml")
    assert not re.search(hook["files"], "pom.xml")


def test_container_starts_the_command_as_nobody_special(root: Path) -> None:
    lines = (root / "docs/ci/Containerfile").read_text("utf-8").splitlines()
    (entry,) = [line for line in lines if line.startswith("ENTRYPOINT")]
    assert json.loads(entry.removeprefix("ENTRYPOINT ")) == ["segur"]
    users = [number for number, line in enumerate(lines) if line.startswith("USER ")]
    assert users
    assert lines[users[-1]] != "USER root"
    assert max(number for number, line in enumerate(lines) if line.startswith("RUN ")) < users[-1]


def test_extras_that_the_examples_install_exist(root: Path) -> None:
    known = set(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
    named = {
        extra
        for file in (root / "docs/ci").iterdir()
        for extras in re.findall(r"pip install[^\n]*\[([\w,-]+)\]", file.read_text("utf-8"))
        for extra in extras.split(",")
    }
    assert named
    assert named <= known
