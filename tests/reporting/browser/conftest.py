"""A headless Chromium, opened on pages of reports; the tests skip where there is none (`apt-get install chromium`)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from conformance.reporting.views import write_views
from tests.conftest import need
from tests.reporting.sample_run import write_sample_run
from tests.reporting.test_declared import FAILING, OPINION, PASSING, answer, deviation

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install playwright)")

NODE = Path(__file__).parent / "node_modules"
"""Made by ``npm install --no-package-lock`` in this folder."""

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """The browser, one for all tests."""
    need("chromium", CHROMIUM is not None, "needs Chromium (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        # Tests may run as root in a container, where Chromium has no sandbox of its own.
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    path = NODE / "axe-core" / "axe.min.js"
    need("report-tools", path.exists(), "needs axe-core (npm install --no-package-lock in tests/reporting/browser)")
    return path.read_text(encoding="utf-8")


class Watched:
    """A page of the browser, with all that it said and asked for."""

    def __init__(self, page: object) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))  # type: ignore[attr-defined]
        page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))  # type: ignore[attr-defined]
        page.on("request", lambda request: self.asked.append(request.url))  # type: ignore[attr-defined]

    @property
    def network(self) -> list[str]:
        """What was asked for beyond the file itself."""
        return [url for url in self.asked if not url.startswith(("file:", "data:", "blob:", "about:"))]


Opener = Callable[..., Watched]


@pytest.fixture
def opened(chromium: object) -> Iterator[Opener]:
    """Opens a file in a new page: ``opened(path, "#tests", width=390, script=False)``."""
    contexts: list[object] = []

    def open_page(path: Path, fragment: str = "", *, width: int = 1280, script: bool = True) -> Watched:
        context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)  # type: ignore[attr-defined]
        contexts.append(context)
        watched = Watched(context.new_page())
        watched.page.goto(path.as_uri() + fragment)  # type: ignore[attr-defined]
        return watched

    yield open_page
    for context in contexts:
        context.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    """The sample run, its page written in its folder."""
    folder = tmp_path_factory.mktemp("sample")
    declared = {
        "attestations": [answer("INS/va1.60"), answer("SSI/va1.02", "not_applicable", "replaced_by_certificate")],
        "opinions": [OPINION],
        "deviations": [deviation(FAILING), deviation(PASSING), deviation("nothing::here")],
    }
    report = merge_run(write_sample_run(folder, **declared))
    write_views(report, folder, ["html"])
    return report


@pytest.fixture(scope="session")
def page_file(sample: RunReport) -> Path:
    """The page of the sample run."""
    assert sample.folder is not None
    return sample.folder / "report.html"
