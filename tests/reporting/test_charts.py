"""The pictures of the figures: what is drawn, and the same numbers as a table."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import html

from conformance.core.language import Text
from conformance.core.recorder import Recorder
from conformance.core.verdicts import Verdict
from conformance.reporting import charts
from conformance.reporting.merge import merge_run
from tests.reporting.sample_run import TESTS, header

TITLE = Text("Titre", "Title")


def drawn(folder: Path, *figures: dict[str, object]) -> html.HtmlElement:
    recorder = Recorder(folder)
    recorder.start_run(header())
    recorder.start_test(TESTS[0])
    for figure in figures:
        recorder.figure(**figure)  # type: ignore[arg-type]  # the figures of the cases below
    recorder.finish_test(Verdict.PASS)
    recorder.finish_run()
    recorder.close()
    return html.fromstring(f"<div>{charts.render(merge_run(folder))}</div>")


def test_rate_is_drawn_in_proportion(tmp_path: Path) -> None:
    page = drawn(tmp_path, {"name": "r", "value": 3, "total": 4, "title": TITLE})
    track, part = page.xpath("//rect/@width")
    assert float(part) / float(track) == pytest.approx(0.75, abs=0.01)
    assert "3 / 4" in page.text_content()


@pytest.mark.parametrize(
    ("value", "mark"), [(2, "pass"), (5, "to_review"), (0.5, "to_review"), (1, "pass"), (3, "pass")]
)
def test_value_outside_its_range_is_marked(tmp_path: Path, value: float, mark: str) -> None:
    page = drawn(tmp_path, {"name": "v", "value": value, "unit": "g", "low": 1, "high": 3, "title": TITLE})
    assert page.xpath("//use/@class") == [mark]


@pytest.mark.parametrize("bounds", [{"low": 1.0}, {"high": 3.0}, {"low": 2.0, "high": 2.0}, {"low": 0.0, "high": 0.0}])
def test_range_may_be_open_or_empty(tmp_path: Path, bounds: dict[str, float]) -> None:
    page = drawn(tmp_path, {"name": "v", "value": 2, "title": TITLE, **bounds})
    assert len(page.xpath("//rect[@class='band']")) == 1
    assert all(float(width) >= 0 for width in page.xpath("//rect/@width"))


def test_outage_covers_its_time(tmp_path: Path) -> None:
    page = drawn(
        tmp_path,
        {"name": "t", "value": 1, "at": "2026-01-01T00:00:00+00:00", "state": "accepted", "title": TITLE},
        {"name": "t", "value": 1, "at": "2026-01-01T01:00:00+00:00", "until": "2026-01-01T02:00:00+00:00",
         "state": "outage", "label": "DMP", "title": TITLE},
        {"name": "t", "value": 1, "at": "2026-01-01T04:00:00+00:00", "state": "refused", "title": TITLE},
    )  # fmt: skip
    (outage,) = page.xpath("//rect[@class='outage']")
    first, last = sorted(float(x) for x in page.xpath("//use/@x")[:2])
    assert float(outage.get("width")) / (last - first) == pytest.approx(0.25, abs=0.01)
    assert page.xpath("//use/@class")[:2] == ["pass", "fail"]


def test_single_moment_is_drawn(tmp_path: Path) -> None:
    page = drawn(
        tmp_path, {"name": "t", "value": 1, "at": "2026-01-01T00:00:00+00:00", "state": "sent", "title": TITLE}
    )
    assert len(page.xpath("//svg[@viewBox]//use")) == 1 or len(page.xpath("//use")) == 2


def test_every_number_stands_in_the_table(tmp_path: Path) -> None:
    figures = [
        {"name": "v", "value": n, "unit": "g", "low": 0, "high": 50, "label": f"L{n}", "title": TITLE}
        for n in range(80)
    ]
    page = drawn(tmp_path, *figures)
    assert len(page.xpath("//table//tr")) == 80
    assert len(page.xpath("//rect[@class='band']")) == 24
    assert "56" in page.xpath("string(//p)")


def test_what_the_product_got_wrong_is_drawn_first_and_the_same_measure_once(tmp_path: Path) -> None:
    one = {"name": "v", "value": 7, "unit": "g", "low": 1, "high": 3, "title": TITLE}
    page = drawn(tmp_path, *[{**one, "state": "flagged"}] * 3, {**one, "value": 8, "state": "missed"})
    assert page.xpath("//div[@class='scroll']//use/@class") == ["fail", "to_review"]
    assert "oublié" in page.text_content()


def test_each_test_has_its_own_time_line(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.start_run(header())
    for test in TESTS[:2]:
        recorder.start_test(test)
        recorder.figure("t", 1, at="2026-01-01T00:00:00+00:00", state="accepted", title=TITLE)
        recorder.finish_test(Verdict.PASS)
    recorder.finish_run()
    recorder.close()
    page = html.fromstring(f"<div>{charts.render(merge_run(tmp_path))}</div>")
    captions = [" ".join(one.text_content().split()) for one in page.xpath("//figcaption")]
    assert [TESTS[n]["title"]["fr"] in captions[n] for n in (0, 1)] == [True, True]


def test_plain_figure_is_not_drawn(tmp_path: Path) -> None:
    assert drawn(tmp_path, {"name": "n", "value": 3, "title": TITLE}).xpath("//svg") == []
