"""A canary patient flies through the run: no view may show the name, the INS, the token or the key."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from conformance.reporting.merge import merge_run
from conformance.reporting.reading import read_report
from conformance.reporting.views import VIEWS, write_views
from tests.reporting.sample_run import (
    CANARY_FAMILY,
    CANARY_GIVEN,
    CANARY_INS,
    CANARY_TOKEN,
    write_sample_run,
)

SONGS = (*CANARY_FAMILY.split("-"), CANARY_GIVEN, CANARY_INS, CANARY_TOKEN[:30], "Q0FOQVJZS0VZ", "TUlJQ2FuYXJ5")


def texts_of(path: Path) -> Iterator[str]:
    """Everything that a reader of this view could read, packed or not."""
    for file in [path] if path.is_file() else path.rglob("*"):
        if not file.is_file():
            continue
        if file.suffix == ".pdf":
            reader = PdfReader(file)
            yield "\n".join(page.extract_text() for page in reader.pages)
            yield str(reader.metadata)
            continue
        text = file.read_bytes().decode("utf-8", "replace")
        yield file.name
        yield text
        for packed in re.findall(r'"([A-Za-z0-9+/=]{60,})"', text):
            try:
                yield zlib.decompress(base64.b64decode(packed)).decode()
            except (ValueError, zlib.error):
                continue


def sung_in(path: Path) -> set[str]:
    shown = "\n".join(texts_of(path)).casefold()
    return {song for song in SONGS if song.casefold() in shown}


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_canary_is_not_heard(tmp_path: Path, view: str) -> None:
    report = merge_run(write_sample_run(tmp_path))
    assert not sung_in(write_views(report, tmp_path, [view])[view])


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_canary_is_not_heard_from_a_report_read_back(tmp_path: Path, view: str) -> None:
    merge_run(write_sample_run(tmp_path)).write(tmp_path / "report.json")
    assert not sung_in(write_views(read_report(tmp_path), tmp_path / "again", [view])[view])


def test_clear_shows_the_canary(tmp_path: Path) -> None:
    report = merge_run(write_sample_run(tmp_path), clear=True)
    views = write_views(report, tmp_path)
    assert json.loads(views["json"].read_text(encoding="utf-8"))["header"]["redacted"] is False
    assert {CANARY_GIVEN, CANARY_INS} <= sung_in(views["json"])
    assert set(SONGS) <= sung_in(views["html"])
