"""How long the page of a large run takes: 20,000 findings and 2,000 messages, and whether it stays usable.

    python benchmarks/report.py [--findings 20000] [--messages 2000] [--browser]

Prints the seconds of each part and the size of the page; with ``--browser`` also what a reader waits for in a
headless Chromium. Ends with 1 when the page takes more than 10 s to make or a reader waits more than 3 s.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from conformance.core.findings import Finding, Place, Severity  # noqa: E402  # after the path of the checkout
from conformance.core.language import Text  # noqa: E402
from conformance.core.recorder import Recorder  # noqa: E402
from conformance.core.verdicts import Verdict  # noqa: E402
from conformance.reporting import html_page  # noqa: E402
from conformance.reporting.merge import merge_run  # noqa: E402
from tests.reporting.sample_run import MAIL, SOAP, VSM, facts, header  # noqa: E402

LIMIT = 10.0
READER_LIMIT = 3.0
TESTS = 400


def write_run(folder: Path, findings: int, messages: int) -> None:
    """Tell a run of ``TESTS`` tests with so many findings and different messages."""
    recorder = Recorder(folder)
    recorder.start_run(header())
    of_each, shown = max(1, messages // TESTS), max(1, findings // TESTS)
    kinds = ((VSM, "application/xml"), (MAIL, "message/rfc822"), (SOAP, "application/soap+xml"))
    said = 0
    for number in range(TESTS):
        recorder.start_test(facts(f"test_{number}", f"Test {number}", f"Test {number}", "DOC.01", "INS/va1.53"))
        with recorder.step(Text("Échanger", "Exchange")):
            for one in range(of_each):
                body, media_type = kinds[(number + one) % 3]
                # Bodies of a real size, each different: about 10 kB.
                text = body.replace("sample-1", f"sample-{number}-{one}") + "\n" + f"<!-- {number} {one} -->\n" * 500
                document = recorder.attach(f"message-{one}", text, media_type, role="received")
            for one in range(shown):
                place = Place(1 + one % 40, 3, f"/ClinicalDocument/component[{one}]/section[{number}]")
                words = Text(
                    f"Constat n° {said} : attendu une valeur, trouvé une autre. Corrigez le document.",
                    f"Finding no. {said}: one value expected, another found. Correct the document.",
                )
                recorder.finding(Finding(f"rule.{one % 50}", Severity.ERROR, "content", words, place), document)
                said += 1
        recorder.finish_test(Verdict.FAIL if number % 7 == 0 else Verdict.PASS, duration=0.1)
    recorder.finish_run()
    recorder.close()


def read_in_browser(page_file: Path) -> dict[str, float]:
    """Seconds that a reader waits: for the page, for a search, for a story."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("needs Chromium")
    waited: dict[str, float] = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()

        def timed(name: str, start: float) -> None:
            page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
            waited[name] = time.perf_counter() - start

        start = time.perf_counter()
        page.goto(page_file.as_uri())
        timed("page opened", start)
        start = time.perf_counter()
        page.fill("#finding-filters input", "19999")
        timed("search in findings", start)
        start = time.perf_counter()
        page.click("#test-list details.item summary")
        timed("story opened", start)
        browser.close()
    return waited


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--browser", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_run(folder, given.findings, given.messages)
        start, worked = time.perf_counter(), time.process_time()
        report = merge_run(folder)
        merged = time.perf_counter()
        page = html_page.render(report)
        rendered = time.perf_counter()
        cpu = time.process_time() - worked
        (folder / "report.html").write_text(page, encoding="utf-8")
        counts = report.counts()
        print(f"{sum(counts['findings'].values())} findings, {counts['evidence']} messages, {len(report.tests)} tests")
        print(f"merge   {merged - start:6.2f} s")
        print(f"render  {rendered - merged:6.2f} s")
        print(f"of which processor {cpu:6.2f} s (the rest is waiting for other programs)")
        print(f"page    {len(page.encode()) / 1e6:6.1f} MB")
        waited = read_in_browser(folder / "report.html") if given.browser else {}
        for what, seconds in waited.items():
            print(f"{what:20} {seconds:6.2f} s")
    return int(rendered - start > LIMIT or max(waited.values(), default=0) > READER_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
