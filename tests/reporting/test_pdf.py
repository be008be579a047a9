"""The PDF report: PDF/A-2b, bookmarks, fonts inside, every requirement in its text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from conformance.reporting import pdf
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from tests.reporting.pdf_a import complaints
from tests.reporting.sample_run import write_sample_run


@pytest.fixture
def path(report: RunReport, tmp_path: Path) -> Path:
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf.render(report))
    return file


def text_of(path: Path) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(path).pages)


def test_keeps_to_pdf_a(path: Path) -> None:
    assert complaints(path) == []


@pytest.mark.parametrize("missing", ["/OutputIntents", "/Metadata"])
def test_the_check_sees_what_is_missing(path: Path, tmp_path: Path, missing: str) -> None:
    writer = PdfWriter(clone_from=path)
    del writer.root_object[NameObject(missing)]
    writer.write(tmp_path / "broken.pdf")
    assert complaints(tmp_path / "broken.pdf")


def test_has_bookmarks(path: Path) -> None:
    titles = [one.title for one in PdfReader(path).outline if not isinstance(one, list)]
    assert any("Exigences" in title for title in titles)
    assert any("Constats" in title for title in titles)


def test_text_holds_every_requirement(path: Path, report: RunReport) -> None:
    text = text_of(path)
    assert report.requirements
    for one in [*report.requirements, *report.attested]:
        assert one["id"] in text


def test_text_holds_every_digest(path: Path, report: RunReport) -> None:
    text = text_of(path).replace(" ", "")
    for test in report.tests:
        for proof in test["evidence"]:
            assert proof["sha256"] in text


def test_interrupted_run_says_so(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf.render(merge_run(write_sample_run(tmp_path, finished=False))))
    assert "Exécution interrompue" in text_of(tmp_path / "report.pdf")


def test_speaks_english(tmp_path: Path) -> None:
    report = merge_run(write_sample_run(tmp_path, language="en"))
    (tmp_path / "report.pdf").write_bytes(pdf.render(report))
    text = text_of(tmp_path / "report.pdf")
    assert "Conformance report" in text
    assert "Rapport de conformité" not in text


def test_same_report_gives_the_same_file(finished: RunReport) -> None:
    assert pdf.render(finished) == pdf.render(finished)


def test_words_that_look_like_markup_stay_words(tmp_path: Path) -> None:
    product = {"name": '#panic("x") *a* $b$ <c> @d', "version": "1 // 2", "vendor": "= \\ `e`"}
    (tmp_path / "report.pdf").write_bytes(pdf.render(merge_run(write_sample_run(tmp_path, product=product))))
    assert '#panic("x") *a* $b$ <c> @d' in text_of(tmp_path / "report.pdf")
