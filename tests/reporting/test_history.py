"""The reports over time, from folders and from a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from conformance.core.errors import UsageError
from conformance.reporting.history import History, PastRun, runs_of_folder, trend
from conformance.reporting.merge import merge_run
from conformance.reporting.trend_page import render
from tests.conftest import need
from tests.reporting.postgresql import binaries, running
from tests.reporting.sample_run import write_sample_run


def past(folder: Path, run: str, *, with_fault: bool = True, **changes: object) -> PastRun:
    report = merge_run(write_sample_run(folder / run, with_fault=with_fault, run=run, **changes))
    report.write(folder / run / "report.json")
    return PastRun.of(report)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The URL of a real PostgreSQL, started for these tests."""
    where = binaries()
    need("postgresql", where is not None, "needs PostgreSQL (apt-get install postgresql)")
    assert where is not None
    with running(where) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[History]:
    sqlite = f"sqlite:///{tmp_path / 'history.db'}"
    history = History(sqlite if request.param == "sqlite" else request.getfixturevalue("postgresql"))
    yield history
    history.close()


def test_what_is_kept_comes_back(history: History, tmp_path: Path) -> None:
    runs = [past(tmp_path, f"{tmp_path.name}-1"), past(tmp_path, f"{tmp_path.name}-2", with_fault=False)]
    assert history.add(runs) == 2
    names = {one.run for one in runs}
    assert [one for one in history.runs() if one.run in names] == runs


def test_run_is_kept_once(history: History, tmp_path: Path) -> None:
    one = past(tmp_path, f"{tmp_path.name}-once")
    assert history.add([one]) == 1
    assert history.add([one, one]) == 0


def test_product_is_chosen(history: History, tmp_path: Path) -> None:
    product = {"name": f"Autre {tmp_path.name}", "version": "1", "vendor": "V"}
    history.add([past(tmp_path, f"{tmp_path.name}-a"), past(tmp_path, f"{tmp_path.name}-b", product=product)])
    assert [one.run for one in history.runs(product["name"])] == [f"{tmp_path.name}-b"]


def test_database_survives_its_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'history.db'}"
    first = History(url)
    first.add([past(tmp_path, "kept")])
    first.close()
    second = History(url)
    assert [one.run for one in second.runs()] == ["kept"]
    second.close()


@pytest.mark.parametrize("url", ["nothing://x", "sqlite:////no/such/folder/history.db", "not a url"])
def test_database_that_does_not_answer_is_said(url: str) -> None:
    with pytest.raises(UsageError) as error:
        History(url)
    assert error.value.code == "history.database"


def test_file_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        History(f"sqlite:///{tmp_path / 'none.db'}", create=False)
    assert error.value.code == "history.not-found"
    assert not (tmp_path / "none.db").exists()


def test_folder_is_read_as_it_stands(tmp_path: Path) -> None:
    past(tmp_path, "one")
    past(tmp_path, "two", with_fault=False)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report.json").write_text("{}", encoding="utf-8")
    assert [one.run for one in runs_of_folder(tmp_path)] == ["one", "two"]


def test_folder_without_report_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        runs_of_folder(tmp_path)


def test_trend_names_what_was_fixed_and_broken(tmp_path: Path) -> None:
    runs = [past(tmp_path, "a"), past(tmp_path, "b", with_fault=False), past(tmp_path, "c")]
    rows = trend(runs)
    assert rows[0]["fixed"] == []
    assert "DOC.01" in rows[1]["fixed"]
    assert "DOC.01" in rows[2]["broken"]
    assert not rows[1]["rules_changed"]


def test_trend_says_when_the_rules_changed(tmp_path: Path) -> None:
    rows = trend([past(tmp_path, "a"), past(tmp_path, "b", versions={"rules": "2027.01"})])
    assert [row["rules_changed"] for row in rows] == [False, True]


def test_page_shows_every_run_and_requirement(tmp_path: Path) -> None:
    runs = [past(tmp_path, "a"), past(tmp_path, "b", with_fault=False)]
    page = html.fromstring(render(runs, "fr"))
    assert len(page.xpath("//table[@class='runs']/tbody/tr")) == 2
    names = {row.text_content() for row in page.xpath("//table[@class='matrix']/tbody/tr/th")}
    assert names == set(runs[0].requirements)
