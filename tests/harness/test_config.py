"""segur.toml: what is wrong is said, with the key, the type expected and the closest name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.core.errors import UsageError
from conformance.core.verdicts import ExitCode
from conformance.harness.config import read_config
from conformance.harness.profile import profile

GOOD = '[adapter]\nkind = "http"\nurl = "http://127.0.0.1:1"\n'


def error_of(text: str, folder: Path) -> UsageError:
    path = folder / "segur.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        read_config(path)
    assert raised.value.exit_code is ExitCode.USAGE
    return raised.value


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "segur.toml"
    path.write_text(GOOD + '[run]\nprofiles = ["vsm"]\nseed = 7\nstrict = true\n', encoding="utf-8")
    config = read_config(path)
    assert (config.selected, config.seed, config.strict) == (("vsm",), 7, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("adaptor = 1", ["adaptor", "adapter"]),
        ("[run]\nprofile = []", ["run.profile", "profiles"]),
        ("[run]\nseed = true", ["run.seed"]),
        ('lang = "de"', ["lang", "de"]),
        ("[run]\nprofiles = [1]", ["run.profiles"]),
        ("profile = 3", ["profile"]),
        ("[adapter]\nkynd = 1", ["kynd"]),
        ("= broken", ["TOML"]),
    ],
)
def test_each_mistake_is_said_with_its_key(text: str, words: list[str], tmp_path: Path) -> None:
    error = error_of(text, tmp_path)
    for word in words:
        assert word in error.sentence.fr, error.sentence.fr
        assert word in error.sentence.en, error.sentence.en
    assert error.hint.fr
    assert error.hint.en


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        read_config(tmp_path / "segur.toml")
    assert raised.value.code == "config.missing"


def test_bytes_that_are_not_text_are_said(tmp_path: Path) -> None:
    path = tmp_path / "segur.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError):
        read_config(path)


def test_an_unknown_profile_option_is_said_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as raised:
        profile("vsm").options_from({"versoin": "2022.01"}, Path("segur.toml"))
    assert "version" in raised.value.sentence.en


def test_an_option_of_the_wrong_type_is_said() -> None:
    with pytest.raises(UsageError) as raised:
        profile("vsm").options_from({"examples": "many"}, Path("segur.toml"))
    assert "whole number" in raised.value.sentence.en


def test_an_unknown_profile_is_said() -> None:
    with pytest.raises(UsageError) as raised:
        profile("vms")
    assert "vsm" in raised.value.hint.fr


@pytest.mark.parametrize(
    ("name", "options"),
    [("vsm", {"version": "2024.01"}), ("vsm", {"examples": 0}), ("messagerie", {"patience": -1.0})],
)
def test_a_value_that_an_option_cannot_take_is_refused(name: str, options: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        profile(name).options_from(options, tmp_path / "segur.toml")
    assert str(next(iter(options.values()))) in raised.value.sentence.en


def test_an_adapter_that_is_badly_described_stops_the_run(tmp_path: Path) -> None:
    config = tmp_path / "segur.toml"
    config.write_text('[adapter]\nkind = "python"\ntarget = "no_such_module:product"\n', encoding="utf-8")
    command = [sys.executable, "-m", "conformance.cli.main", "run", "--config", str(config), "--profile", "vsm"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "no_such_module" in done.stderr
