"""``segur rules``, ``segur explain``, ``segur generate``: what they say and their exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from conformance.core.verdicts import ExitCode
from conformance.generation import generate
from conformance.validation.envelope_rules import envelope_rules
from conformance.validation.rulebook import rulebook

RULE = "coherence.body-dates.order"


def segur(*arguments: str, binary: bool = False) -> Any:
    command = [sys.executable, "-m", "conformance.cli.main", *arguments]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command,
        capture_output=True,
        timeout=120,
        check=False,
        env=environment,
        text=not binary,
        encoding=None if binary else "utf-8",
    )


def test_every_rule_is_listed_with_where_it_comes_from() -> None:
    done = segur("rules", "--format", "json", "--lang", "en")
    assert done.returncode == ExitCode.PASS
    listed = json.loads(done.stdout)
    assert {one["id"] for one in listed} == {*rulebook(), *envelope_rules()}
    assert all(one["source"] and one["demand"] and one["trust"] for one in listed)
    assert all(one["official"] or one["beyond_official"] for one in listed if one["id"] in rulebook())


def test_a_layer_and_a_kind_narrow_the_list() -> None:
    listed = json.loads(segur("rules", "--layer", "coherence", "--kind", "cda-n1", "--format", "json").stdout)
    assert {one["layer"] for one in listed} == {"coherence"}
    assert {"level-1-file.base64", RULE} <= {one["id"] for one in listed}
    assert all("cda-n1" in one["kinds"] for one in listed)


def test_the_list_is_read_by_people_in_both_languages() -> None:
    assert "alerte" in segur("rules", "--layer", "coherence", "--lang", "fr").stdout
    english = segur("rules", "--layer", "coherence", "--lang", "en").stdout
    assert "beyond the official rules" in english
    assert "alerte" not in english


def test_the_proof_prints_the_share_and_passes() -> None:
    done = segur("rules", "--proof", "--layer", "coherence", "--lang", "en")
    assert done.returncode == ExitCode.PASS, done.stdout
    assert "(100.0%)" in done.stdout


def test_the_proof_of_rules_that_are_code_is_told_to_be_elsewhere() -> None:
    done = segur("rules", "--proof", "--layer", "mail", "--lang", "en")
    assert done.returncode == ExitCode.USAGE
    assert "counterexample" in done.stderr


def test_the_proof_of_one_kind_is_given_to_machines() -> None:
    done = segur("rules", "--proof", "--layer", "identity", "--format", "json")
    told = json.loads(done.stdout)
    assert told["proven"] == told["total"] > 0
    assert sum(part["total"] for part in told["templates"]) == told["total"]


def test_a_rule_is_explained_with_both_examples() -> None:
    said = segur("explain", RULE, "--lang", "fr").stdout
    for part in (
        "Source",
        "Confiance",
        "Au-delà des règles officielles",
        "Que faire",
        "Bon exemple",
        "Mauvais exemple",
        "→",
    ):
        assert part in said
    pointed = [line for line in said.splitlines() if line.startswith("  →")]
    assert any("<high" in line for line in pointed)


@pytest.mark.parametrize("rule", ["header.document.id.count", "problem.value.coded", "cr-bio-result.moodCode.value"])
def test_the_bad_example_differs_and_is_marked(rule: str) -> None:
    if rule not in rulebook():
        rule = next(one for one in rulebook() if one.startswith(rule.partition(".")[0]))
    told = json.loads(segur("explain", rule, "--format", "json").stdout)
    assert told["proof"] == "proven"
    assert told["good"] != told["bad"]
    assert "→" in segur("explain", rule).stdout


def test_brackets_around_a_rule_are_read_over() -> None:
    assert segur("explain", f"[{RULE}]").returncode == ExitCode.PASS


def test_a_rule_that_does_not_exist_gets_neighbours() -> None:
    done = segur("explain", "body-dates.order", "--lang", "en")
    assert done.returncode == ExitCode.USAGE
    assert RULE in done.stderr
    assert "Traceback" not in done.stderr


def test_a_document_goes_to_the_standard_output() -> None:
    done = segur("generate", "vsm", "--seed", "7", binary=True)
    assert done.returncode == ExitCode.PASS
    assert done.stdout == generate("vsm", 7)


def test_documents_go_to_a_folder(tmp_path: Path) -> None:
    done = segur("generate", "letter", "--seed", "5", "--count", "3", "--out", str(tmp_path / "new" / "folder"))
    assert done.returncode == ExitCode.PASS
    files = sorted((tmp_path / "new" / "folder").iterdir())
    assert [file.name for file in files] == ["letter-5.xml", "letter-6.xml", "letter-7.xml"]
    assert all(etree.parse(str(file)).getroot().tag.endswith("ClinicalDocument") for file in files)


def test_several_documents_need_a_folder() -> None:
    done = segur("generate", "vsm", "--count", "2")
    assert done.returncode == ExitCode.USAGE
    assert "--out" in done.stderr
    assert done.stdout == ""


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("x")
    done = segur("generate", "vsm", "--out", str(taken / "below"))
    assert done.returncode == ExitCode.USAGE
    assert "Traceback" not in done.stderr
