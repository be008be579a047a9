"""Cases as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.errors import UsageError
from conformance.core.verdicts import ExitCode
from conformance.generation.messages import case
from conformance.generation.messages.write import main, write_cases


def test_each_message_of_a_case_is_a_file(tmp_path: Path) -> None:
    written = write_cases(tmp_path / "new", ("level_3", "higher_version"))
    assert [file.name for file in written] == ["level_3.eml", "higher_version-1.eml", "higher_version-2.eml"]
    assert [file.read_bytes() for file in written] == [*case("level_3").messages(), *case("higher_version").messages()]


def test_an_unknown_case_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="nothing_like_it"):
        write_cases(tmp_path, ("nothing_like_it",))
    assert main([str(tmp_path), "nothing_like_it"]) == ExitCode.USAGE
    assert "nothing_like_it" in capsys.readouterr().err
    assert main([]) == ExitCode.USAGE
