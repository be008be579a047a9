"""The views of a run report, by name. Each is derived from the report and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.reporting import allure, badge, csv_table, gitlab, html_page, junit, markdown, pdf, sarif
from conformance.reporting.model import RunReport

Writer = Callable[[RunReport, Path], None]
"""Writes a view at a path (a file, or a folder for Allure)."""


def _text(render: Callable[[RunReport], str]) -> Writer:
    return lambda report, path: _write(path, render(report).encode())


def _octets(render: Callable[[RunReport], bytes]) -> Writer:
    return lambda report, path: _write(path, render(report))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


VIEWS: dict[str, tuple[str, Writer]] = {
    "json": ("report.json", lambda report, path: report.write(path)),
    "html": ("report.html", _text(html_page.render)),
    "junit": ("junit.xml", _octets(junit.render)),
    "allure": ("allure-results", allure.write),
    "pdf": ("report.pdf", _octets(pdf.render)),
    "sarif": ("report.sarif", _text(sarif.render)),
    "gitlab": ("gl-code-quality-report.json", _text(gitlab.render)),
    "markdown": ("summary.md", _text(markdown.render)),
    "csv": ("requirements.csv", _octets(csv_table.render)),
    "badge": ("badge.svg", _text(badge.render)),
}
"""Name of the view → name of its file in the folder of the run, and what writes it."""

DEFAULT_FORMATS = ("json", "html", "junit", "allure")


def write_views(report: RunReport, folder: Path, formats: Iterable[str] = DEFAULT_FORMATS) -> dict[str, Path]:
    """Write the views of ``formats`` into ``folder`` and say where each is.

    Raises ``UsageError`` for a format that does not exist.
    """
    chosen = list(dict.fromkeys(formats))
    for name in chosen:
        if name not in VIEWS:
            raise UsageError(
                "report.unknown-format",
                Text(f"Le format de rapport « {name} » n’existe pas.", f"There is no report format “{name}”."),
                Text(f"Formats possibles : {', '.join(VIEWS)}.", f"Possible formats: {', '.join(VIEWS)}."),
            )
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, Path] = {}
    for name in chosen:
        file, writer = VIEWS[name]
        writer(report, folder / file)
        written[name] = folder / file
    return written
