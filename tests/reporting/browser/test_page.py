"""The HTML page in a real browser: filters, permalinks, languages, quiet console, no network, accessible."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pypdf import PdfReader

from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import Text
from conformance.core.recorder import Recorder
from conformance.core.verdicts import Verdict
from conformance.reporting.history import PastRun
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from conformance.reporting.trend_page import render as render_trend
from conformance.reporting.views import write_views
from tests.reporting.browser.conftest import Opener
from tests.reporting.sample_run import VSM, facts, header, write_sample_run


def shown_tests(page: Any) -> list[str]:
    return [row.get_attribute("id") for row in page.query_selector_all("#test-list > details.item")]


def open_everything(page: Any) -> None:
    for selector in ("#test-list > details.item", "details.proof"):
        for item in page.query_selector_all(selector):
            if item.is_visible() and not item.get_attribute("open"):
                item.query_selector("summary").click()
    page.wait_for_timeout(300)


def test_reading_everything_is_quiet_and_asks_for_nothing(opened: Opener, page_file: Path) -> None:
    watched = opened(page_file)
    open_everything(watched.page)
    watched.page.check("#language-en", force=True)
    open_everything(watched.page)
    assert watched.said == []
    assert watched.network == []
    assert len([url for url in watched.asked if url.startswith("file:")]) == 1


def test_all_tests_are_listed_what_failed_first(opened: Opener, page_file: Path, sample: RunReport) -> None:
    page = opened(page_file).page
    assert len(shown_tests(page)) == len(sample.tests)
    assert page.locator("#test-list > details").first.locator(".mark.fail").count() == 1


def test_chip_filters_by_verdict_and_the_address_keeps_it(opened: Opener, page_file: Path) -> None:
    page = opened(page_file).page
    page.click("#test-filters [data-choice=fail]")
    assert len(shown_tests(page)) == 1
    again = opened(page_file, page.evaluate("location.hash")).page
    assert len(shown_tests(again)) == 1
    assert again.get_attribute("#test-filters [data-choice=fail]", "aria-pressed") == "true"


def test_search_finds_without_accents_nor_case(opened: Opener, page_file: Path) -> None:
    page = opened(page_file).page
    page.fill("#test-filters input", "VALIDE DANS TOUTES")
    assert [one.rpartition("::")[2] for one in shown_tests(page)] == ["test_is_valid"] or len(shown_tests(page)) == 1
    page.fill("#test-filters input", "nothing like this")
    assert shown_tests(page) == []


def test_requirement_leads_to_its_tests(opened: Opener, page_file: Path, sample: RunReport) -> None:
    page = opened(page_file).page
    page.click('[id="requirement/DOC.01"] .ran a')
    page.wait_for_timeout(100)
    assert len(shown_tests(page)) == sum("DOC.01" in test["requirements"] for test in sample.tests)


def test_requirements_filter(opened: Opener, page_file: Path) -> None:
    page = opened(page_file).page
    page.click("#requirement-filters [data-choice=pass]")
    assert page.locator("#requirements tbody tr:visible").count() == 1
    assert page.locator("#requirements section.domain:visible").count() == 1


def test_findings_filter_by_severity(opened: Opener, page_file: Path) -> None:
    page = opened(page_file).page
    assert page.locator("#finding-list .finding").count() == 2
    page.click("#finding-filters [data-choice=error]")
    assert page.locator("#finding-list .finding").count() == 1
    assert page.locator("#finding-list .finding mark").first.inner_text() == "</text>"


def test_evidence_is_found_by_name_and_by_origin(opened: Opener, page_file: Path, sample: RunReport) -> None:
    kept = {one["sha256"]: one for test in sample.tests for one in test["evidence"]}.values()
    page = opened(page_file).page
    assert page.locator("#evidence-list > details").count() == len(kept)
    page.fill("#evidence-filters input", "VSM.XML")
    assert page.locator("#evidence-list > details").count() == sum("vsm.xml" in one["name"] for one in kept)
    page.fill("#evidence-filters input", "")
    page.click("#evidence-filters [data-choice=produced]")
    assert page.locator("#evidence-list > details").count() == sum(one["role"] == "produced" for one in kept)


def test_permalink_of_a_test_opens_it(opened: Opener, page_file: Path, sample: RunReport) -> None:
    identifier = sample.tests[1]["id"]
    page = opened(page_file, f"#test/{quote(identifier)}").page
    assert page.get_attribute(f'[id="test/{quote(identifier)}"]', "open") is not None
    assert page.locator(f'[id="test/{quote(identifier)}"]').is_visible()


def test_permalink_beats_the_filters(opened: Opener, page_file: Path, sample: RunReport) -> None:
    page = opened(page_file, "#tests?v=fail").page
    assert len(shown_tests(page)) == 1
    identifier = quote(sample.tests[1]["id"])
    page.evaluate("hash => { location.hash = hash }", f"test/{identifier}")
    page.wait_for_timeout(100)
    assert page.get_attribute(f'[id="test/{identifier}"]', "open") is not None


@pytest.mark.parametrize("requirement", ["INS/va1.53", "INS/va1.60"])
def test_permalink_of_a_requirement_marks_it(opened: Opener, page_file: Path, requirement: str) -> None:
    page = opened(page_file, f"#requirement/{requirement}").page
    assert "target" in (page.get_attribute(f'[id="requirement/{requirement}"]', "class") or "")


def test_permalink_of_a_finding_marks_it(opened: Opener, page_file: Path, sample: RunReport) -> None:
    fingerprint = sample.tests[0]["findings"][0]["fingerprint"]
    page = opened(page_file, f"#finding/{fingerprint}").page
    assert "target" in page.get_attribute(f'[id="finding/{fingerprint}"]', "class")


def test_documents_and_messages_are_readable(opened: Opener, page_file: Path) -> None:
    page = opened(page_file).page
    open_everything(page)
    texts = " ".join(frame.evaluate("document.body.innerText") for frame in page.frames[1:])
    assert "Pénicilline" in texts
    assert "XDM/1.0/DDM Synthèse" in texts
    assert "ProvideAndRegisterDocumentSet" in texts


def test_switch_changes_the_language_of_everything(opened: Opener, page_file: Path) -> None:
    page = opened(page_file).page
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert "Non conforme" in page.inner_text("main")
    page.check("#language-en", force=True)
    text = page.inner_text("main")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "Not conforming" in text
    for french in ("Non conforme", "Exigences", "Réussi", "Chercher", "Le VSM dit"):
        assert french not in text


def test_language_switches_without_script(opened: Opener, page_file: Path) -> None:
    page = opened(page_file, script=False).page
    page.check("#language-en", force=True)
    text = page.inner_text("main")
    assert "Not conforming" in text
    assert "Non conforme" not in text
    assert "The VSM says what the record says" in text


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_runs_out_of_the_page(opened: Opener, page_file: Path, width: int) -> None:
    page = opened(page_file, width=width).page
    open_everything(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("language", "width"), [("fr", 1280), ("en", 390)])
def test_axe_finds_nothing_serious(opened: Opener, page_file: Path, axe: str, language: str, width: int) -> None:
    page = opened(page_file, width=width).page
    page.check(f"#language-{language}", force=True)
    open_everything(page)
    assert serious(page, axe) == []


def serious(page: Any, axe: str) -> list[str]:
    # Evaluated, not added as an element: the policy of the page forbids scripts that are not its own.
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 10
    return [
        f"{one['id']}: {node['html'][:150]} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_keyboard_reaches_and_opens(opened: Opener, page_file: Path) -> None:
    page = opened(page_file).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#test-list details.item summary")
    page.keyboard.press("Enter")
    assert page.get_attribute("#test-list details.item", "open") is not None


def test_paper_tells_what_failed(opened: Opener, page_file: Path, sample: RunReport, tmp_path: Path) -> None:
    page = opened(page_file).page
    page.pdf(path=tmp_path / "print.pdf", prefer_css_page_size=True)
    text = " ".join(" ".join(one.extract_text().split()) for one in PdfReader(tmp_path / "print.pdf").pages)
    for one in [*sample.requirements, *sample.attested]:
        assert one["id"] in text
    assert "Comparer les allergies au dossier" in text
    page.emulate_media(media="print")
    for selector in ("nav", ".filters", ".language", ".bottom"):
        assert not page.locator(selector).first.is_visible(), selector


def test_interrupted_run_says_so(opened: Opener, tmp_path: Path) -> None:
    write_views(merge_run(write_sample_run(tmp_path, finished=False)), tmp_path, ["html"])
    assert "Exécution interrompue" in opened(tmp_path / "report.html").page.inner_text("#summary")


HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script></script><!--'


def test_hostile_words_do_nothing(opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    narrative = (
        '<content onclick="alert(1)"><script>top.pwned=1</script>'
        '<linkHtml href="javascript:top.pwned=1">lien</linkHtml><img src="x" onerror="top.pwned=1"/></content>'
    )
    hostile = VSM.replace("<list>", f"{narrative}<list>").replace("Pathologies en cours", "&lt;script&gt;top.pwned=1")
    monkeypatch.setattr("tests.reporting.sample_run.VSM", hostile)
    product = {"name": HOSTILE, "version": HOSTILE, "vendor": HOSTILE}
    write_views(merge_run(write_sample_run(tmp_path, product=product)), tmp_path, ["html"])
    watched = opened(tmp_path / "report.html")
    open_everything(watched.page)
    for frame in watched.page.frames[1:]:
        for link in frame.query_selector_all("a, [onclick]"):
            link.click()
    assert watched.page.evaluate("window.pwned") is None
    assert watched.said == []
    assert watched.page.inner_text("h1").startswith("<img")
    assert not any(frame.query_selector("script, img, a, [onclick]") for frame in watched.page.frames[1:])


def test_trend_page_fits_a_phone(opened: Opener, sample: RunReport, tmp_path: Path) -> None:
    (tmp_path / "trend.html").write_text(render_trend([PastRun.of(sample)] * 3, "fr"), encoding="utf-8")
    page = opened(tmp_path / "trend.html", width=390).page
    page.click("details summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_permalink_of_evidence_opens_it_and_leads_to_its_tests(
    opened: Opener, page_file: Path, sample: RunReport
) -> None:
    (test, proof) = next((test, proof) for test in sample.tests for proof in test["evidence"])
    page = opened(page_file, f"#evidence/{proof['sha256']}").page
    entry = page.locator(f'[id="evidence/{proof["sha256"]}"]')
    assert entry.get_attribute("open") is not None
    assert test["title"]["fr"] in entry.inner_text().replace("\u00a0", " ")
    page.fill("#evidence-filters input", test["title"]["fr"])
    assert page.locator("#evidence-list > details").count() >= len(test["evidence"])


@pytest.mark.parametrize("fragment", ["#tests?q=%", "#test/%E0%A4%A", "#evidence/x", "#requirement/%", "#nothing?v=%"])
def test_address_written_wrong_breaks_nothing(opened: Opener, page_file: Path, fragment: str) -> None:
    watched = opened(page_file, fragment)
    assert watched.page.locator("#test-filters input").count() == 1
    assert watched.said == []


def test_words_stay_whole_in_the_table_of_a_document(opened: Opener, page_file: Path) -> None:
    page = opened(page_file, width=390).page
    open_everything(page)
    heights = [
        frame.evaluate("[...document.querySelectorAll('section th')].map(th => th.getClientRects()[0].height)")
        for frame in page.frames[1:]
    ]
    found = [height for each in heights for height in each]
    assert found
    assert max(found) < 45  # one line, with its padding


def test_trend_page_is_accessible_and_quiet(opened: Opener, sample: RunReport, axe: str, tmp_path: Path) -> None:
    (tmp_path / "trend.html").write_text(render_trend([PastRun.of(sample)], "fr"), encoding="utf-8")
    watched = opened(tmp_path / "trend.html")
    watched.page.click("details summary")
    assert serious(watched.page, axe) == []
    assert watched.said == []
    assert watched.network == []


def test_same_finding_of_many_tests_is_shown_once(opened: Opener, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.start_run(header())
    for number in range(7):
        recorder.start_test(facts(f"test_{number}", f"Test {number}", f"Test {number}", "DOC.01"))
        for xpath in ("/a", f"/b[{number}]"):
            recorder.finding(Finding("r", Severity.ERROR, "content", Text("mots", "words"), Place(1, 1, xpath)))
        recorder.finish_test(Verdict.FAIL)
    recorder.finish_run()
    recorder.close()
    write_views(merge_run(tmp_path), tmp_path, ["html"])
    page = opened(tmp_path / "report.html").page
    assert page.locator("#finding-list .finding").count() == 8
    first = page.locator("#finding-list .finding").first
    assert "× 7" in first.inner_text()
    first.locator("summary").click()
    first.locator("li a").first.wait_for()
    assert first.locator("li a").count() == 7


def test_first_screen_names_what_failed_and_leads_there(opened: Opener, page_file: Path, sample: RunReport) -> None:
    failed = next(test for test in sample.tests if test["verdict"] == Verdict.FAIL)
    page = opened(page_file).page
    link = page.locator(".first a").first
    assert failed["title"]["fr"] in link.inner_text()
    link.click()
    page.wait_for_timeout(100)
    assert page.get_attribute(f'[id="test/{quote(failed["id"])}"]', "open") is not None


def test_evidence_changed_since_the_run_is_said_and_not_shown(opened: Opener, tmp_path: Path) -> None:
    report = merge_run(write_sample_run(tmp_path))
    proof = next(proof for test in report.tests for proof in test["evidence"] if proof["name"] == "vsm.xml")
    (tmp_path / proof["path"]).write_text("<forged/>", "utf-8")
    write_views(report, tmp_path, ["html"])
    page = opened(tmp_path / "report.html", f"#evidence/{proof['sha256']}").page
    said = page.locator(f'[id="evidence/{proof["sha256"]}"]').inner_text()
    assert "modifié depuis l’exécution" in said
    assert "forged" not in page.content()
