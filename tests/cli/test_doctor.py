"""``segur doctor``: each thing that a run rests on is checked, and what is wrong is said with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.doctor import command
from conformance.core.language import choose_language
from conformance.core.verdicts import ExitCode
from conformance.lgc.process import ReferenceProduct

SMALL = Path(__file__).resolve().parent.parent / "packs" / "small"


@pytest.fixture(scope="module")
def product() -> Iterator[ReferenceProduct]:
    with ReferenceProduct() as running:
        yield running


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    choose_language("en")
    yield
    choose_language(None)


def consulted(folder: Path, settings: str, *options: str) -> tuple[int, str]:
    """Exit code and words of the doctor on these settings."""
    file = folder / "segur.toml"
    file.write_text(settings, "utf-8")
    done = CliRunner().invoke(command, ["--config", str(file), *options], standalone_mode=False)
    return int(done.return_value), done.output


def adapter(product: ReferenceProduct) -> str:
    return f'[adapter]\nkind = "http"\nurl = "{product.url}"\n'


def test_a_sound_configuration_is_fine(product: ReferenceProduct, tmp_path: Path) -> None:
    code, said = consulted(tmp_path, adapter(product))
    assert code == ExitCode.PASS
    assert "✗" not in said
    assert "operations offered" in said


def test_the_adapter_is_proven_when_asked(product: ReferenceProduct, tmp_path: Path) -> None:
    code, said = consulted(tmp_path, adapter(product), "--adapter")
    assert code == ExitCode.PASS
    assert "create_patient" in said


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ("colour = 1", ExitCode.USAGE, "colour"),
        ("[profile.vsm]\ncolour = 1\n", ExitCode.USAGE, "colour"),
        ("", ExitCode.USAGE, "no table [adapter]"),
        ('[adapter]\nkind = "http"\nurl = "http://127.0.0.1:9"\n', ExitCode.BENCH_ERROR, "127.0.0.1:9"),
    ],
    ids=["unknown key", "unknown option of a profile", "no adapter", "nobody answers"],
)
def test_what_is_wrong_is_said(settings: str, code: ExitCode, words: str, tmp_path: Path) -> None:
    found, said = consulted(tmp_path, settings)
    assert found == code
    assert words in next(line for line in said.splitlines() if line.startswith("✗"))


def test_a_configuration_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["--config", str(tmp_path / "nowhere.toml")], standalone_mode=False)
    assert done.return_value == ExitCode.USAGE
    assert "nowhere.toml" in done.output


def test_the_pack_that_is_named_is_opened(product: ReferenceProduct, tmp_path: Path) -> None:
    pytest.importorskip("saxonche", reason="the official rules need the extra packs")
    code, said = consulted(tmp_path, f'{adapter(product)}[pack]\nname = "{SMALL}"\n')
    assert code == ExitCode.PASS
    assert "schematrons, SaxonC" in said


def test_a_pack_that_is_not_there_is_said(
    product: ReferenceProduct, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGUR_DATA_DIR", str(tmp_path / "data"))
    code, said = consulted(tmp_path, f'{adapter(product)}[pack]\nname = "nowhere"\n')
    assert code == ExitCode.USAGE
    assert "nowhere" in next(line for line in said.splitlines() if line.startswith("✗"))
