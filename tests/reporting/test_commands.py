"""``segur report``, ``segur compare``, ``segur history``: what they print, write and return."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli.main import main
from conformance.reporting.merge import merge_run
from conformance.reporting.views import VIEWS
from tests.reporting.sample_run import CANARY_INS, write_sample_run
from tests.reporting.test_bundle import key_pair


def segur(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main([*map(str, arguments), "--lang", "en"])
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = write_sample_run(tmp_path / "run")
    merge_run(folder).write(folder / "report.json")
    return folder


def test_render_writes_all_views(run: Path, tmp_path: Path) -> None:
    assert segur("report", "render", run, "-f", "all", "-o", tmp_path / "views") == 0
    assert {path.name for path in (tmp_path / "views").iterdir()} == {file for file, _ in VIEWS.values()}


def test_render_masks_unless_told_otherwise(run: Path, tmp_path: Path) -> None:
    segur("report", "render", run, "-f", "json", "-o", tmp_path / "masked")
    segur("report", "render", run, "-f", "json", "-o", tmp_path / "clear", "--clear")
    assert CANARY_INS not in (tmp_path / "masked" / "report.json").read_text("utf-8")
    assert CANARY_INS in (tmp_path / "clear" / "report.json").read_text("utf-8")


def test_render_shows_the_opinion_of_an_auditor(run: Path, tmp_path: Path) -> None:
    opinions = tmp_path / "opinions.toml"
    opinions.write_text(
        '[[opinion]]\nrequirement = "DOC.01"\nopinion = "disagrees"\nby = "A. Audit"\non = 2026-10-01\n', "utf-8"
    )
    assert segur("report", "render", run, "-f", "json", "--opinions", opinions, "-o", tmp_path / "views") == 0
    value = json.loads((tmp_path / "views" / "report.json").read_text("utf-8"))
    (requirement,) = [one for one in value["requirements"] if one["id"] == "DOC.01"]
    assert (requirement["verdict"], requirement["opinions"][0]["opinion"]) == ("fail", "disagrees")


def test_opinion_on_a_requirement_that_is_not_there_is_said(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opinions = tmp_path / "opinions.toml"
    opinions.write_text('[[opinion]]\nrequirement = "NO.1"\nopinion = "agrees"\nby = "A"\non = 2026-10-01\n', "utf-8")
    assert segur("report", "render", run, "--opinions", opinions) == 2
    assert "NO.1" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("report", "render", "nowhere"), ("report", "bundle", "nowhere"),
                                       ("report", "verify", "nowhere.zip"), ("compare", "a", "b"),
                                       ("history", "add", "nowhere")])  # fmt: skip
def test_what_is_not_there_is_said(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert segur(*arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert "Traceback" not in error


def test_unknown_format_is_said(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert segur("report", "render", run, "-f", "docx") == 2
    assert "docx" in capsys.readouterr().err


def test_bundle_verifies(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert segur("report", "bundle", run) == 0
    assert segur("report", "verify", run / "bundle.zip") == 0
    assert "All holds." in capsys.readouterr().out


def test_signed_bundle_names_its_signer(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, certificate = key_pair(tmp_path, "ec")
    assert segur("report", "bundle", run, "--key", key, "--certificate", certificate) == 0
    assert segur("report", "verify", run / "bundle.zip", "--trust", certificate, "--format", "json") == 0
    out = capsys.readouterr().out
    assert json.loads(out[out.index("{") :])["signer"] == {"subject": "CN=vendor (test)", "trusted": True}


def test_key_without_certificate_is_said(run: Path, tmp_path: Path) -> None:
    key, _ = key_pair(tmp_path, "ec")
    assert segur("report", "bundle", run, "--key", key) == 2


def test_changed_bundle_does_not_verify(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    segur("report", "bundle", run)
    path = run / "bundle.zip"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(bytes(data))
    assert segur("report", "verify", path) == 1
    assert "✗" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_compare_returns_one_when_something_broke(
    run: Path, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    better = write_sample_run(tmp_path / "better", with_fault=False)
    merge_run(better).write(better / "report.json")
    assert segur("compare", better, run, "--format", form) == 1
    assert "DOC.01" in capsys.readouterr().out
    assert segur("compare", run, better, "--format", form) == 0


def test_history_keeps_and_shows(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = f"sqlite:///{tmp_path / 'h.db'}"
    assert segur("history", "add", run, "--database", database) == 0
    assert segur("history", "show", database) == 0
    assert "Cabinet Témoin 4.2.1" in capsys.readouterr().out
    assert segur("history", "show", tmp_path, "--html", tmp_path / "trend.html") == 0
    assert "Cabinet Témoin" in (tmp_path / "trend.html").read_text("utf-8")
