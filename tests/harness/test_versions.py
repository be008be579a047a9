"""What a run says that its verdicts rest on: enough to know whether two runs can be compared."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from conformance import __version__
from conformance.harness import versions as module
from conformance.harness.versions import versions

EMPTY = hashlib.sha256().hexdigest()[:8]


def test_names_the_rules_the_value_sets_and_the_catalogue() -> None:
    found = versions()
    assert {"rules", "value_sets", "catalogue"} <= set(found)
    assert found["rules"].startswith(f"{__version__}+")
    assert not [name for name, said in found.items() if EMPTY in said]
    assert "pack" not in found


def test_names_the_pack_and_its_content(tmp_path: Path) -> None:
    rules = "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><pattern><rule context='/'><assert test='{}'>x</assert></rule></pattern></schema>"
    said = []
    for test in ("true()", "false()"):
        (tmp_path / "one.sch").write_text(rules.format(test), "utf-8")
        said.append(versions(str(tmp_path))["pack"])
    assert said[0].startswith(f"{tmp_path.name}+")
    assert said[0] != said[1]


def test_pack_that_cannot_be_opened_is_named_without_digest(tmp_path: Path) -> None:
    assert versions(str(tmp_path / "nowhere"))["pack"].endswith("(?)")


def test_rules_that_change_change_their_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACKAGE", tmp_path)
    (tmp_path / "cda").mkdir()
    said = []
    for content in ("a = 1\n", "a = 1\r\n", "a = 2\n"):
        (tmp_path / "cda" / "rules.py").write_bytes(content.encode())
        said.append(versions()["rules"])
    assert said[0] == said[1]
    assert said[1] != said[2]
