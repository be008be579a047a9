"""``segur validate``: what goes in, what comes out, and the exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from conformance.core.verdicts import ExitCode

VSM = "VSM_1.4_2022.01.xml"


def segur(*arguments: str, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conformance.cli.main", *arguments]
    done = subprocess.run(
        command, input=given, capture_output=True, timeout=120, check=False, env={**os.environ, **environment}
    )
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def vsm(shared: Path) -> Path:
    return shared / "corpus" / "documents" / VSM


@pytest.fixture
def without_treatment_plan(vsm: Path, tmp_path: Path) -> Path:
    tree = etree.parse(str(vsm))
    names = {"h": "urn:hl7-org:v3"}
    (section,) = tree.xpath("//h:section[h:templateId/@root='1.2.250.1.213.1.1.2.32']", namespaces=names)
    component = section.getparent()
    component.getparent().remove(component)
    path = tmp_path / "without.xml"
    tree.write(str(path), xml_declaration=True, encoding="UTF-8")
    return path


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_published_vsm_passes(vsm: Path) -> None:
    done = segur("validate", str(vsm), "--format", "ndjson")
    (document,) = lines(done)
    assert done.returncode == ExitCode.PASS
    assert document["verdict"] == "pass"
    assert document["document_type"] == "vsm-2022.01"
    assert {layer["name"]: layer["status"] for layer in document["layers"]} == dict.fromkeys(
        ["decoding", "structure", "header", "content", "identity", "coherence"], "ran"
    )


def test_a_missing_section_fails_with_its_place(without_treatment_plan: Path) -> None:
    done = segur("validate", str(without_treatment_plan), "--format", "ndjson")
    (document,) = lines(done)
    errors = [finding for finding in document["findings"] if finding["severity"] == "error"]
    assert done.returncode == ExitCode.FAIL
    assert document["verdict"] == "fail"
    assert any("1.2.250.1.213.1.1.2.32" in error["message"] for error in errors)
    assert all(error["line"] and error["column"] and error["xpath"] and error["rule"] for error in errors)


def test_a_document_of_one_line_has_columns(without_treatment_plan: Path, tmp_path: Path) -> None:
    root = etree.parse(
        str(without_treatment_plan), etree.XMLParser(remove_blank_text=True, remove_comments=True)
    ).getroot()
    for element in root.iter():
        element.tail = None
    path = tmp_path / "one-line.xml"
    path.write_bytes(etree.tostring(root))
    (document,) = lines(segur("validate", str(path), "--format", "ndjson"))
    places = [(f["line"], f["column"]) for f in document["findings"] if f["severity"] == "error"]
    assert places
    assert all(line == 1 and column for line, column in places)


def test_standard_input_is_read(vsm: Path) -> None:
    done = segur("validate", "-", "--format", "json", given=vsm.read_bytes())
    assert json.loads(done.stdout)["documents"][0]["path"] == "-"
    assert done.returncode == ExitCode.PASS


def test_a_folder_is_searched_and_counted(vsm: Path, without_treatment_plan: Path) -> None:
    folder = without_treatment_plan.parent
    (folder / "below").mkdir()
    (folder / "below" / "good.XML").write_bytes(vsm.read_bytes())
    (folder / "notes.txt").write_text("not a document", encoding="utf-8")
    for jobs in ("1", "2"):
        done = segur("validate", str(folder), "--format", "ndjson", "--jobs", jobs)
        assert [(Path(d["path"]).name, d["verdict"]) for d in lines(done)] == [
            ("good.XML", "pass"),
            ("without.xml", "fail"),
        ]
        assert done.returncode == ExitCode.FAIL


def test_sarif_holds_every_finding(without_treatment_plan: Path) -> None:
    log = json.loads(segur("validate", str(without_treatment_plan), "--format", "sarif").stdout)
    (document,) = lines(segur("validate", str(without_treatment_plan), "--format", "ndjson"))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert len(run["results"]) == len(document["findings"])
    assert {result["ruleId"] for result in run["results"]} == {rule["id"] for rule in run["tool"]["driver"]["rules"]}


def test_the_language_follows_the_option_then_the_locale_then_french(without_treatment_plan: Path) -> None:
    path = str(without_treatment_plan)
    assert "non conforme" in segur("validate", path, LC_ALL="C").stdout
    assert "non conforme" in segur("validate", path, LC_ALL="fr_FR.UTF-8").stdout
    assert "fail" in segur("validate", path, LC_ALL="en_GB.UTF-8").stdout
    assert "non conforme" in segur("validate", path, "--lang", "fr", LC_ALL="en_GB.UTF-8").stdout
    assert "fail" in segur("--lang=en", "validate", path, LC_ALL="fr_FR.UTF-8").stdout


def test_an_empty_folder_checks_nothing(tmp_path: Path) -> None:
    done = segur("validate", str(tmp_path))
    assert done.returncode == ExitCode.INCOMPLETE
    assert done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "no-such-file.xml"],
        ["validate"],
        ["validate", "x", "--format", "yaml"],
        ["validate", "x", "--lang", "de"],
        ["no-such-command"],
        ["run", "--config", "no-such.toml"],
        ["explain", "no.such.rule"],
    ],
)
def test_a_wrong_command_is_said_with_exit_2(arguments: list[str]) -> None:
    for language in ("fr", "en"):
        done = segur(*arguments, LC_ALL=f"{language}_XX")
        assert done.returncode == ExitCode.USAGE, done.stderr
        assert done.stderr.strip()
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"%PDF-1.7", "decoding.pdf"),
        (b"", "decoding.empty"),
        (b"<a>", "decoding.truncated"),
        (b"<a/>", "decoding.not-a-clinical-document"),
    ],
)
def test_what_is_not_a_document_fails_and_says_why(data: bytes, rule: str) -> None:
    done = segur("validate", "-", "--format", "ndjson", given=data)
    (document,) = lines(done)
    assert done.returncode == ExitCode.FAIL
    assert [finding["rule"] for finding in document["findings"]] == [rule]
    assert all(layer["status"] == "skipped" for layer in document["layers"] if layer["name"] != "decoding")


def test_a_document_whose_content_is_not_covered_is_incomplete_never_a_pass(shared: Path) -> None:
    done = segur("validate", str(shared / "corpus" / "documents" / "VAC_2023.01.xml"), "--format", "ndjson")
    (document,) = lines(done)
    assert document["verdict"] != "pass"
    content = next(layer for layer in document["layers"] if layer["name"] == "content")
    assert content["status"] == "skipped"
    assert content["reason"]


def test_help_is_in_both_languages() -> None:
    assert "Codes de retour" in segur("--help", LC_ALL="fr_FR.UTF-8").stdout
    assert "Exit codes" in segur("--help", LC_ALL="en_GB.UTF-8").stdout


def test_official_rules_without_a_pack_are_said_to_be_missing(vsm: Path, tmp_path: Path) -> None:
    done = segur(
        "validate", str(vsm), "--rules", "official", SEGUR_DATA_DIR=str(tmp_path), SEGUR_PACK_DIR="", LC_ALL="C"
    )
    assert done.returncode == ExitCode.USAGE
    assert "pack" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_name_that_the_output_cannot_write_is_no_fault(vsm: Path, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/synth\xe8se.xml"
    Path(os.fsdecode(path)).write_bytes(vsm.read_bytes())
    done = segur("validate", os.fsdecode(path), "--format", "ndjson", PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == ExitCode.PASS, done.stderr
    assert "synth" in lines(done)[0]["path"]


def test_what_never_ends_is_too_long() -> None:
    done = segur("validate", "/dev/zero", "--max-size", "1", "--format", "ndjson")
    assert done.returncode == ExitCode.FAIL
    assert lines(done)[0]["findings"][0]["rule"] == "decoding.too-large"


def test_without_a_file_the_json_is_json(tmp_path: Path) -> None:
    done = segur("validate", str(tmp_path), "--format", "json")
    assert done.returncode == ExitCode.INCOMPLETE
    assert json.loads(done.stdout)["verdict"] == "not_checked"


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_names_that_findings_quote_are_masked_unless_clear(vsm: Path, tmp_path: Path, form: str) -> None:
    written = re.sub(r'(<family qualifier="BR">)[^<]*', r"\1oisellerie", vsm.read_text("utf-8"), count=1)
    path = tmp_path / "named.xml"
    path.write_text(written, "utf-8")
    masked, shown = (
        segur("validate", str(path), "--format", form),
        segur("validate", str(path), "--format", form, "--clear"),
    )
    assert "oisellerie" not in masked.stdout.casefold()
    assert "oisellerie" in shown.stdout.casefold()
    assert masked.returncode == shown.returncode
    assert masked.stdout.count("coherence.ins.characters") == shown.stdout.count("coherence.ins.characters") > 0


def test_a_file_that_cannot_be_read_stops_no_other(vsm: Path, tmp_path: Path) -> None:
    unreadable = Path("/proc/self/mem")  # reading from its start is an error, also for root
    if not unreadable.exists():
        pytest.skip("needs /proc")
    (tmp_path / "a.xml").symlink_to(unreadable)
    (tmp_path / "b.xml").write_bytes(vsm.read_bytes())
    done = segur("validate", str(tmp_path), "--format", "ndjson", "--lang", "en")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(one["path"]).name for one in said] == ["a.xml", "b.xml"]
    assert [one["verdict"] for one in said] == ["not_checked", "pass"]
    assert "cannot be read" in said[0]["layers"][0]["reason"]
    assert done.returncode == ExitCode.INCOMPLETE
    assert "cannot be read" in segur("validate", str(tmp_path), "--lang", "en").stdout
    assert segur("validate", str(tmp_path / "a.xml")).returncode == ExitCode.USAGE
