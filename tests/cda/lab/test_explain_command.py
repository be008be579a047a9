"""``segur lab explain``: text and JSON, both languages, errors in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from tests.cda.lab.reports import between, component, document, interpretation, observation, quantity

PROMISED: dict[str, Any] = {
    "type": "object",
    "required": ["report", "signals", "critical", "results", "comments", "attachments", "to_review"],
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "value", "unit", "signals", "critical"],
                "properties": {
                    "code": {"type": ["string", "null"]},
                    "value": {"type": ["string", "null"]},
                    "unit": {"type": ["string", "null"]},
                    "signals": {
                        "type": "array",
                        "uniqueItems": True,
                        "items": {"enum": ["interpretation", "interval", "comment"]},
                    },
                    "critical": {"type": "boolean"},
                },
            },
        }
    },
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance.cli.main", "lab", "explain", *arguments],
        capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def potassium(tmp_path: Path) -> Path:
    file = tmp_path / "potassium.xml"
    parts = (interpretation("HH"), between("3.5", "5.1"))
    file.write_bytes(document(component(observation(quantity("6.8"), *parts))))
    return file


def test_json_holds_what_is_promised(potassium: Path) -> None:
    done = run(str(potassium), "--format", "json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    validate(said, PROMISED)
    (result,) = said["results"]
    wanted = {
        "code": "2823-3",
        "value": "6.8",
        "unit": "mmol/L",
        "signals": ["interpretation", "interval"],
        "critical": True,
    }
    assert {key: result[key] for key in wanted} == wanted


def test_text_is_said_in_both_languages(potassium: Path) -> None:
    french, english = run(str(potassium), "--lang", "fr"), run(str(potassium), "--lang", "en")
    assert "intervalle : 6,8 mmol/L au-dessus de 5,1 (borne incluse)" in french.stdout
    assert "à lire tout de suite" in french.stdout
    assert "interval: 6.8 mmol/L above 5.1 (bound included)" in english.stdout
    assert "to be read at once" in english.stdout


def test_an_option_changes_the_verdict(tmp_path: Path) -> None:
    file = tmp_path / "antibiogram.xml"
    file.write_bytes(document(component(observation(quantity("1"), interpretation("R")))))
    assert json.loads(run(str(file), "--format", "json").stdout)["flagged"] == 0
    said = json.loads(run(str(file), "--format", "json", "-o", "codes=resistant").stdout)
    assert said["flagged"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nowhere.xml",), 2, "nowhere.xml"),
        (("-o", "codes=all", "x.xml"), 2, "codes=all"),
    ],
)
def test_a_wrong_call_gets_a_sentence(arguments: tuple[str, ...], code: int, words: str) -> None:
    done = run(*arguments, "--lang", "en")
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_document_gets_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "note.xml"
    file.write_text("<note/>", encoding="utf-8")
    done = run(str(file), "--lang", "en")
    assert done.returncode == 2
    assert "holds no CDA document" in done.stderr


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"<ClinicalDocument", b"\x00\x01", b"<!DOCTYPE x><x/>"])
def test_what_cannot_be_read_gets_a_sentence(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "broken.xml"
    file.write_bytes(data)
    done = run(str(file), "--format", "json", "--lang", "fr")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Erreur : ")
    assert "Traceback" not in done.stderr


def test_an_archive_is_to_be_opened_first(tmp_path: Path) -> None:
    file = tmp_path / "IHE_XDM.zip"
    file.write_bytes(b"PK\x03\x04rest")
    done = run(str(file), "--lang", "en")
    assert done.returncode == 2
    assert "Take the report (XML) out of the archive" in done.stderr


def test_what_is_no_laboratory_report_gets_a_sentence(shared: Path) -> None:
    done = run(str(shared / "corpus" / "documents" / "VSM_1.4_2022.01.xml"), "--lang", "fr")
    assert done.returncode == 2
    assert "n'est pas un compte rendu de biologie" in done.stderr


def test_results_in_a_document_of_another_kind_do_not_make_it_a_report(tmp_path: Path) -> None:
    file = tmp_path / "rapid-test.xml"
    coded = b'<code code="XX_TROD" displayName="Test rapide"/><recordTarget>'
    file.write_bytes(document(component(observation(quantity("4.2")))).replace(b"<recordTarget>", coded))
    done = run(str(file), "--lang", "en")
    assert done.returncode == 2
    assert "not a laboratory report (type: Test rapide)" in done.stderr


def test_published_reports_are_explained(shared: Path) -> None:
    file = shared / "corpus" / "documents" / "BIO-CR-BIO_2024.01_Electrophorese.xml"
    said = json.loads(run(str(file), "--format", "json").stdout)
    validate(said, PROMISED)
    flagged = {result["code"]: result["signals"] for result in said["results"] if result["signals"]}
    both = ["interpretation", "interval"]
    assert flagged == {
        "2865-4": both,
        "22664-7": both,
        "40193-5": both,
        "30428-7": both,
        "30385-9": both,
        "26511-6": both,
        "30180-4": ["interval"],
    }
    basophils = next(result for result in said["results"] if result["code"] == "30180-4")
    assert basophils["disagreement"] is not None
